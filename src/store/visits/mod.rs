//! The schedule.

pub(super) mod publishing;
pub(super) mod schedule;
