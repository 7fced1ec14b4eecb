//! The law of the place: rule packs and what they say, trials of drafts, random draws, annual plans and
//! campaigns.

pub mod campaigns;
pub mod draws;
pub(super) mod reading;
mod references;
pub mod rule_files;
pub mod rules;
pub mod trial;
