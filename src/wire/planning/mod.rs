//! Policies, problems, runs, plans, their reports and certificates.

pub mod certificate;
pub mod plan;
pub mod policy;
pub mod problem;
pub(super) mod problem_out;
pub mod report;
pub mod run;
