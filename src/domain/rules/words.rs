//! Words that rule packs use, each with its stable text.

use super::value::{Parameter, Shape, Value};
use crate::domain::Message;
use crate::domain::words::Worded;
use crate::message;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray, VariantNames};
use utoipa::ToSchema;

/// What a rule does with what breaks it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[derive(EnumString, IntoStaticStr, VariantArray, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub enum Severity {
    /// Refuses it.
    Refuse,
    /// Lets it pass with a warning.
    Warn,
    /// Notes it.
    Record,
    /// Nothing: the rule does not hold here.
    Off,
}

impl Worded for Severity {}

/// How well a source is confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[derive(EnumString, IntoStaticStr, VariantArray, VariantNames)]
pub enum Confidence {
    /// Official text or government page.
    A,
    /// Press or government news.
    B,
    /// Mirror, abstract or reprint.
    C,
    /// Not confirmed, or derived.
    D,
}

impl Worded for Confidence {}

/// How a joint visit counts towards the caps of its departments (R06).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[derive(EnumString, IntoStaticStr, VariantArray, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub enum JointCounts {
    /// Once for each that takes part.
    Each,
    /// Once in all, for the lead.
    Once,
}

impl Worded for JointCounts {}

/// How far back the same item is a repeat (R12).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[derive(EnumString, IntoStaticStr, VariantArray, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub enum RepeatWithin {
    /// Requests whose windows overlap.
    Window,
    /// Also inspections of the same calendar year.
    Year,
}

impl Worded for RepeatWithin {}

/// What the joint rate is a share of: no source gives a formula.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[derive(EnumString, IntoStaticStr, VariantArray, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub enum JointRateOf {
    /// Joint visits of all visits.
    Visits,
    /// Requests in joint visits of all that are scheduled.
    Requests,
    /// Departments' attendances at joint visits of all attendances.
    Attendances,
}

impl Worded for JointRateOf {}

/// A step of making a cross-department plan (R16).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[derive(EnumString, IntoStaticStr, VariantArray, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub enum InspectionPlanStep {
    /// Legality review (合法性审查).
    LegalityReview,
    /// Collective discussion (集体讨论).
    CollectiveDiscussion,
    /// Public notice (公示).
    PublicNotice,
}

impl Worded for InspectionPlanStep {}

impl InspectionPlanStep {
    /// It within a sentence.
    pub fn in_words(self) -> Message {
        match self {
            Self::LegalityReview => message!("step_legality-review"),
            Self::CollectiveDiscussion => message!("step_collective-discussion"),
            Self::PublicNotice => message!("step_public-notice"),
        }
    }
}

/// What a list leaves of an inspection (R23).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[derive(EnumString, IntoStaticStr, VariantArray, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub enum ListAllows {
    /// Everything.
    Everything,
    /// What is settled off site, and what is exempt.
    OffSite,
    /// Only what is exempt.
    Exempt,
}

impl Worded for ListAllows {}

/// Of whom monthly quiet days speak (R22).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[derive(EnumString, IntoStaticStr, VariantArray, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub enum QuietScope {
    /// Everybody.
    All,
    /// Only enterprises of designated size or named for them.
    Named,
}

impl Worded for QuietScope {}

/// Every enumeration of words may be a parameter: one of its words.
impl<T: Worded> Parameter for T {
    const SHAPE: Shape = Shape::Choice(T::WORDS);
    fn of(value: &Value) -> Option<Self> {
        if let Value::Text(text) = value { Self::parse(text) } else { None }
    }
    fn value(&self) -> Value {
        Value::Text(self.as_str().into())
    }
}
