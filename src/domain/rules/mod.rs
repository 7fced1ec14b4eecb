//! The law as data: what a place's rules say, and what they make of one filing or of a whole plan.
//!
//! Numbers differ by place, so every rule is an entry of a [`Pack`]: how severe it is, where it is
//! written, and its parameters. One function each, named by its number, judges a filing; [`Pack::judge`]
//! runs them all. The optimiser's caps, quiet days and groups come from the same pack ([`feed`]), and
//! [`plan`] holds a whole plan against it once more, by other code.
//!
//! Left out are R25 and R30 to R32, which speak of a visit's own course.

pub mod case;
pub mod count;
pub mod feed;
mod filing;
pub mod finding;
mod id;
pub mod pack;
pub mod plan;
pub mod terms;
pub mod value;
mod words;

#[cfg(test)]
mod tests;

pub use case::Case;
pub use filing::REMEDY_DAYS;
pub use finding::{Finding, Remedy};
pub use id::RuleId;
pub use pack::{Document, Pack};
pub use words::*;
