//! Use cases: where reading, optimising and checking meet.

pub mod generate;
