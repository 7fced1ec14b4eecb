//! What shows and tests the product: a made-up district, generated problems, and a real week.

pub mod demo;
pub mod generate;
pub mod real_week;
