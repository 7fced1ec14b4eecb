//! The one integration-test binary.

mod access;
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
mod hostile;
mod migrations;
mod optimiser;
mod problem_file;
mod real_week;
mod record;
mod rules;
mod scenario_files;
mod server;
mod store;
mod supply;
mod tidy;
mod tokens;
mod worker;
