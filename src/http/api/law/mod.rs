//! The law of the place: rule packs, random draws, annual plans and campaigns.

pub(super) mod campaigns;
pub(super) mod draws;
pub(super) mod rules;
