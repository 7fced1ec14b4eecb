//! Pages: one view struct a page, templates beside them.

pub mod plan_page;
