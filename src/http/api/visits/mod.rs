//! What supervisors look at.

pub(super) mod supervision;
