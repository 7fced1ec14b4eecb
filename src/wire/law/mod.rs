//! Rule packs, random draws, annual plans and campaigns, and the calendar.

pub mod calendar;
pub mod campaign;
pub mod draw;
pub mod in_force;
pub mod rule_pack;
