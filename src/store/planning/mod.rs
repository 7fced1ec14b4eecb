//! Policies, runs and plans.

pub(super) mod plans;
pub(super) mod policies;
pub(super) mod runs;
