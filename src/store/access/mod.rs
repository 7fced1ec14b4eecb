//! Users, their log-ins, and the audit log.

pub(super) mod audit;
pub(super) mod sessions;
pub(super) mod users;
