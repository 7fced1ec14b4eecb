//! Users, their rights, and the audit log.

pub mod audit;
pub mod user;
