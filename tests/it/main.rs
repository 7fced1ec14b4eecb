//! The one integration-test binary.

mod brute;
mod calendar;
mod cli;
mod fixture;
mod optimiser;
mod problem_file;
mod real_week;
mod rules;
mod supply;
mod tidy;
