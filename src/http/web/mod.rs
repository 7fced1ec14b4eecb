//! Pages.

pub mod plan_page;
pub(super) mod start_page;
