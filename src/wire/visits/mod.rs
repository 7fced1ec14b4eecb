//! What is looked at over the schedule.

pub mod alarm;
pub mod visit;
