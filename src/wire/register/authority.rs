//! The authority report and merged check forms as JSON.

pub use crate::domain::register::uptake::Suggestion;

use super::Name;
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

/// An item that several bodies hold at once (多头).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ManyHeaded {
    /// Id of the item.
    pub item: String,
    /// Id of the area.
    pub area: String,
    /// Ids of the bodies.
    pub bodies: Vec<String>,
}

/// An item that nobody holds (空白).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Gap {
    /// Id of the item.
    pub item: String,
    /// Ids of the areas in which nobody holds it.
    pub areas: Vec<String>,
    /// Inspections of it that are asked for there within the year.
    pub demand: usize,
}

/// An item in a town: demand, what the town can take on, risk, and what should be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TownItem {
    /// Id of the town.
    pub area: String,
    /// Id of the item.
    pub item: String,
    /// Id of the town's body that has it by delegation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delegated_to: Option<String>,
    /// Inspections asked for within the year.
    pub demand: i64,
    /// Person-minutes that they take on site.
    pub demand_minutes: i64,
    /// Inspectors that one inspection takes.
    pub crew: i64,
    /// Certified inspectors of the town's bodies.
    pub people: i64,
    /// Those who are qualified for the item.
    pub qualified: i64,
    /// Person-minutes of the qualified within the year that the town's other items leave over.
    pub free_minutes: i64,
    /// Share of the inspections at enterprises of risk C or D, in percent.
    pub risk_percent: i64,
    /// Whether one of the town's inspectors has the law licence.
    pub has_law_licence: bool,
    /// What should be done.
    pub suggestion: Suggestion,
    /// Why: a code for demand, one for capacity, one for risk.
    pub reasons: Vec<String>,
}

/// Who holds what on a day, what is missing, and what towns should have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AuthorityReport {
    /// The day.
    pub day: NaiveDate,
    /// First day of the year over which demand is counted.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
    /// Items that the published list has on the day.
    pub items: usize,
    /// Towns looked at; every area where there are none.
    pub areas: usize,
    /// Items that several bodies hold.
    pub many_headed: Vec<ManyHeaded>,
    /// Items that nobody holds.
    pub gaps: Vec<Gap>,
    /// For each town, its delegated items, and those that it should have.
    pub towns: Vec<TownItem>,
}

/// A question of a merged form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FormQuestion {
    /// The question.
    pub text: Name,
    /// The standards that it checks.
    pub standards: Vec<String>,
    /// Ids of the items that ask it.
    pub items: Vec<String>,
}

/// One form for a visit: the standard checks of its items without doubled questions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CheckForm {
    /// Ids of the items.
    pub items: Vec<String>,
    /// Checks of the items before they were merged.
    pub checks: usize,
    /// The questions.
    pub questions: Vec<FormQuestion>,
}
