//! Rule packs, random draws, annual plans and campaigns.

pub(super) mod campaigns;
pub(super) mod draws;
pub(super) mod rule_packs;
