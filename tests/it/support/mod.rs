//! What tests share: an application on a database of its own, clients, a made-up county, problems.

pub mod brute;
pub mod client;
pub mod cluster;
pub mod county;
pub mod database;
pub mod fixture;
