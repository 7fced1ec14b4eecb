//! The schedule, and what is looked at over it.

pub mod alarms;
pub(super) mod publishing;
pub mod schedule;
