//! Grades with a history.

use crate::domain::words::Worded;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use strum::{EnumProperty, EnumString, IntoStaticStr, VariantArray, VariantNames};
use utoipa::ToSchema;

/// A grade from A (best, or lowest risk) to D.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[derive(EnumProperty, EnumString, IntoStaticStr, VariantArray, VariantNames)]
pub enum Grade {
    /// Best credit, or lowest risk.
    #[strum(props(also = "A级|A类|grade A"))]
    A,
    /// Second.
    #[strum(props(also = "B级|B类|grade B"))]
    B,
    /// Third.
    #[strum(props(also = "C级|C类|grade C"))]
    C,
    /// Worst credit, or highest risk.
    #[strum(props(also = "D级|D类|grade D"))]
    D,
}

impl Worded for Grade {}

/// The newest of dated values that has begun on `day`; of one day the last.
pub fn on_day<T: Copy>(history: &[(NaiveDate, T)], day: NaiveDate) -> Option<T> {
    let begun = history.iter().filter(|(from, _)| *from <= day);
    begun.max_by_key(|(from, _)| *from).map(|(_, value)| *value)
}
