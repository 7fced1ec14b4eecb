//! Users, their rights, and the audit log.

pub mod record;
pub mod user;
