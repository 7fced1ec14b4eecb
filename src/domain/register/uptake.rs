//! Whether a town should have an item: demand, what the town can take on, and risk.
//!
//! The three-dimension model of 一镇一清单: an item belongs in a town when it is often wanted there,
//! when the town has the people, the qualified people and the minutes for it, and when what can go
//! wrong stays small. Which figures are enough is a matter of the place: [`Thresholds`].

use crate::domain::words::Worded;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray, VariantNames};
use utoipa::ToSchema;

/// What is known of an item in a town, over a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Inspections asked for.
    pub demand: i64,
    /// Person-minutes that they take on site.
    pub demand_minutes: i64,
    /// Certified inspectors of the town's own bodies.
    pub people: i64,
    /// Those of them who are qualified for the item.
    pub qualified: i64,
    /// Person-minutes of the qualified that other items which the town holds leave over.
    pub free_minutes: i64,
    /// Inspectors that one inspection takes.
    pub crew: i64,
    /// Those of the inspections that are at enterprises of risk C or D.
    pub at_high_risk: i64,
    /// Whether one of the town's inspectors has the law licence.
    pub has_law_licence: bool,
}

impl Facts {
    /// Share of the inspections at enterprises of risk C or D, in percent, rounded up.
    pub fn risk_percent(&self) -> i64 {
        if self.demand == 0 { 0 } else { (self.at_high_risk * 100 + self.demand - 1) / self.demand }
    }
}

/// What is enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thresholds {
    /// Inspections a year from which handing an item down is worth it: one a month.
    pub demand_min: i64,
    /// Largest share at high risk that a town without the law licence should carry, in percent.
    pub risk_percent_max: i64,
    /// Largest share of the free minutes that the item may take, in percent.
    pub load_percent_max: i64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self { demand_min: 12, risk_percent_max: 40, load_percent_max: 80 }
    }
}

/// What should be done with an item in a town.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[derive(EnumString, IntoStaticStr, VariantArray, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Suggestion {
    /// Hand it down to the town.
    Delegate,
    /// Leave it where it is.
    Keep,
    /// Take it back from the town.
    Recall,
}

impl Worded for Suggestion {}

/// Why an item should be handed down, kept or taken back; not to be taken for why a request is filed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[derive(EnumString, IntoStaticStr, VariantArray, VariantNames)]
#[strum(serialize_all = "kebab-case")]
pub enum UptakeReason {
    /// It is seldom or never wanted there.
    LittleDemand,
    /// It is wanted there often enough.
    EnoughDemand,
    /// Fewer certified people than one inspection takes.
    TooFewPeople,
    /// Fewer qualified people than one inspection takes.
    TooFewQualified,
    /// The qualified have not the time.
    TooFewMinutes,
    /// People, qualifications and minutes are enough.
    EnoughCapacity,
    /// Much of it is at enterprises of high risk, and nobody has the law licence.
    HighRisk,
    /// The risk is one that the town can carry.
    RiskBearable,
}

impl Worded for UptakeReason {}

/// What should be done with an item in a town, and a reason for each dimension: demand, capacity,
/// risk. `is_delegated`: the town has it now.
///
/// A town keeps what it can carry even when it is seldom wanted, for taking back costs, too; it gets
/// what is often wanted and can be carried.
pub fn suggest(
    facts: &Facts,
    is_delegated: bool,
    thresholds: &Thresholds,
) -> (Suggestion, [UptakeReason; 3]) {
    let Thresholds { demand_min, risk_percent_max, load_percent_max } = *thresholds;
    let is_wanted = facts.demand >= demand_min;
    let demand = if is_wanted { UptakeReason::EnoughDemand } else { UptakeReason::LittleDemand };
    let capacity = if facts.people < facts.crew {
        UptakeReason::TooFewPeople
    } else if facts.qualified < facts.crew {
        UptakeReason::TooFewQualified
    } else if facts.demand_minutes * 100 > facts.free_minutes * load_percent_max {
        UptakeReason::TooFewMinutes
    } else {
        UptakeReason::EnoughCapacity
    };
    let is_risky = facts.risk_percent() > risk_percent_max && !facts.has_law_licence;
    let risk = if is_risky { UptakeReason::HighRisk } else { UptakeReason::RiskBearable };
    let can_carry = capacity == UptakeReason::EnoughCapacity && !is_risky;
    let suggestion = match (is_delegated, can_carry, is_wanted) {
        (true, false, _) => Suggestion::Recall,
        (false, true, true) => Suggestion::Delegate,
        _ => Suggestion::Keep,
    };
    (suggestion, [demand, capacity, risk])
}
