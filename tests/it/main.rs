//! The one integration-test binary.

mod api;
mod benchmark_set;
mod brute;
mod build;
mod calendar;
mod cli;
mod county;
mod database;
mod demo;
mod fixture;
mod migrations;
mod optimiser;
mod powers;
mod problem_file;
mod real_week;
mod register_files;
mod rules;
mod scenario_files;
mod server;
mod store;
mod supply;
mod tidy;
mod worker;
