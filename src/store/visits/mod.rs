//! The schedule.

pub(super) mod schedule;
