//! Plans of inspection, of a year or of a campaign: their kinds, their steps, and who approves them.

use super::Message;
use super::words::Worded;
use crate::message;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray, VariantNames};
use utoipa::ToSchema;

/// Kind of plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[derive(EnumString, IntoStaticStr, VariantArray, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum InspectionPlanKind {
    /// A department's plan of a year.
    Annual,
    /// A special campaign, which a government or the superior body must approve.
    Campaign,
}

impl Worded for InspectionPlanKind {}

impl InspectionPlanKind {
    /// It within a sentence.
    pub fn in_words(self) -> Message {
        match self {
            Self::Annual => message!("plan-kind_annual"),
            Self::Campaign => message!("plan-kind_campaign"),
        }
    }
}

/// State of a plan of inspection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[derive(EnumString, IntoStaticStr, VariantArray, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum InspectionPlanState {
    /// Being drawn up.
    Draft,
    /// Approved: it changes no more.
    Approved,
    /// Filed with the justice department and the superior body (备案).
    Filed,
    /// Published: requests may name it.
    Published,
    /// Ended, or given up.
    Closed,
}

impl Worded for InspectionPlanState {}

/// Who approves a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[derive(EnumString, IntoStaticStr, VariantArray, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Approver {
    /// The head of the department; for annual plans.
    Head,
    /// The county government, or a higher one.
    Government,
    /// The superior body of the same line.
    VerticalSuperior,
}

impl Worded for Approver {}
