//! A plan: plain data that people and programs edit, so it may break rules. [`check`](super::check())
//! reports whether it does.

use super::words::Worded;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray, VariantNames};
use utoipa::ToSchema;

/// One appearance at one enterprise on one day, covering one or more requests.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Visit {
    /// Id of the enterprise.
    pub enterprise: String,
    /// The day; a date, never an instant.
    pub date: NaiveDate,
    /// Ids of the requests covered.
    pub requests: Vec<String>,
    /// Id of the scenario: exactly when two or more departments take part.
    pub scenario: Option<String>,
}

/// Which requests share a visit, and on which day each visit is held. A request in no visit is
/// unscheduled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Name of the problem it answers.
    pub problem: String,
    /// The visits, in any order.
    pub visits: Vec<Visit>,
}

/// State of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[derive(EnumString, IntoStaticStr, VariantArray, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum RunState {
    /// Waits for a planner.
    Queued,
    /// A planner works on it.
    Running,
    /// It has a plan.
    Done,
    /// It has none; `error` says why.
    Failed,
}

impl Worded for RunState {}

/// State of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[derive(EnumString, IntoStaticStr, VariantArray, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum PlanState {
    /// Nobody has published it.
    Draft,
    /// Teams work by it.
    Published,
    /// A later one took its place.
    Superseded,
}

impl Worded for PlanState {}
