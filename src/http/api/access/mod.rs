//! Log-in, and who may do what.

pub(super) mod session;
pub(super) mod users;
