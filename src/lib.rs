#![doc = include_str!("ARCHITECTURE.md")]

pub mod app;
pub mod domain;
pub mod optimiser;
pub mod wire;
