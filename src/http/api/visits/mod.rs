//! The schedule, and what supervisors look at.

pub(super) mod schedule;
pub(super) mod supervision;
