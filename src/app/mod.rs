//! Use cases: where reading, optimising, checking and writing meet. Synchronous; knows no HTTP and
//! no command line.

pub mod figures;
pub mod files;
pub mod generate;
pub mod real_week;
pub mod solve;
pub mod summary;
