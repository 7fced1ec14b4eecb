//! The schedule, and what is looked at over it.

pub mod alarms;
pub mod schedule;
