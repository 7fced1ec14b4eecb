//! What is true: the problem, a plan, the rules a plan must keep, and what a plan costs.
//!
//! Nothing here reads a file, a clock or a database, and nothing here searches.

pub mod access;
pub mod alarms;
mod build;
pub mod calendar;
pub mod campaign;
pub mod certificate;
pub mod check;
pub mod codes;
pub mod cost;
pub mod diff;
pub mod draft;
pub mod draw;
mod fixed_visits;
mod ids;
pub mod loads;
mod message;
pub mod plan;
pub mod problem;
pub mod register;
pub mod requests;
pub mod rules;
pub mod visits;
pub mod words;

pub use build::{Unfit, Unsound};
pub use check::{Violation, check};
pub use cost::{CostParts, cost};
pub use message::{Argument, Language, Message};
pub use plan::{Plan, Visit};
pub use problem::{Defect, Draft, Problem};
