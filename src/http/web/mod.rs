//! Pages.

pub(super) mod help_page;
pub mod plan_page;
pub(super) mod start_page;
