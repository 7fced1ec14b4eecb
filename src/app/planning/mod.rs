//! Planning: policies, problems that are built, runs and those who work them off, plans and how they read.

pub mod build;
pub mod plans;
pub mod policies;
pub mod runs;
pub(super) mod sites;
pub mod solve;
pub mod summary;
pub mod worker;
