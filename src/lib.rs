#![doc = include_str!("ARCHITECTURE.md")]
#![warn(missing_docs)]

pub mod app;
pub mod certificate;
pub mod cli;
pub mod config;
pub mod domain;
pub mod http;
pub mod manual;
pub mod optimiser;
pub mod samples;
pub mod store;
pub mod text;
pub mod wire;
