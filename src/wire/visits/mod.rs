//! What is looked at over the schedule.

pub mod visit;
