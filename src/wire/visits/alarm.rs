//! Alarms as JSON.

use crate::wire::json::text_enum;
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

text_enum! {
    /// Which limit is passed.
    pub enum AlarmRule {
        /// More than one visit of an enterprise on a day.
        Day = "day",
        /// More than two in a calendar week.
        Week = "week",
        /// More than three in a calendar month.
        Month = "month",
        /// A second visit without a cause within 60 days.
        Repeat = "repeat",
        /// Three such repetitions in one area.
        RepeatsInArea = "repeats_in_area",
    }
}

/// An alarm of repeated visits, with what it rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Alarm {
    /// Which limit is passed.
    pub rule: AlarmRule,
    /// Id of the area.
    pub area: String,
    /// Unified social credit code; absent where the area as a whole is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enterprise: Option<String>,
    /// First day of the evidence.
    pub from: NaiveDate,
    /// Last day of the evidence.
    pub to: NaiveDate,
    /// How many there are: visits, or repetitions in an area.
    pub count: usize,
    /// How many there may be.
    pub limit: usize,
    /// Ids of the visits.
    pub visits: Vec<String>,
}
