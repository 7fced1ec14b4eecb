//! Which rule pack holds from when on, and what another would have done.

use super::rule_pack::RuleFinding;
use crate::domain::rules::Document;
use crate::message;
use crate::wire::json::{Fields, Read};
use crate::wire::register::Name;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// Longest document, in bytes.
const DOCUMENT_BYTES_MAX: usize = 200_000;

/// A pack that is shipped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PackListing {
    /// Id.
    pub id: String,
    /// Version.
    pub version: i64,
    /// Name.
    pub name: Name,
    /// First day on which it holds.
    pub from: NaiveDate,
    /// Last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
    /// Id of the pack that it changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extends: Option<String>,
}

impl From<&Document> for PackListing {
    fn from(document: &Document) -> Self {
        let Document { id, version, name_zh, name_en, from, until, extends, rules: _ } =
            document.clone();
        Self { id, version, name: Name { zh: name_zh, en: name_en }, from, until, extends }
    }
}

/// A pack to put into force: a shipped one by its id, or a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct NewInForce {
    /// Id of a shipped pack.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pack: Option<String>,
    /// A rule pack as TOML.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// It holds from this day on, today or later.
    pub first_day: NaiveDate,
    /// Why.
    pub note: String,
}

/// The text of a rule pack.
fn document(f: &mut Fields<'_>) -> Option<String> {
    let text = f.text_if("document");
    if text.as_ref().is_some_and(|text| text.len() > DOCUMENT_BYTES_MAX) {
        f.report_at("document", message!("too-long_rule-pack", most = DOCUMENT_BYTES_MAX));
    }
    text
}

impl Read for NewInForce {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (pack, document) = (f.id_if("pack"), document(f));
        Some(Self { pack, document, first_day: f.date("first_day"), note: f.words("note") })
    }
}

/// A pack that was put into force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct InForce {
    /// Number, from 1; of two for one day the later holds.
    pub number: i64,
    /// Id of the pack.
    pub pack: String,
    /// Its document, where it is not a shipped one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// It holds from this day on, until the next one does.
    pub first_day: NaiveDate,
    /// Why.
    pub note: String,
    /// When it was put into force.
    pub made_at: DateTime<Utc>,
    /// By whom.
    pub made_by: String,
}

/// A draft to try on what was filed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct NewTrial {
    /// Id of a shipped pack.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pack: Option<String>,
    /// A rule pack as TOML.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// Requests whose window begins on this day or later.
    pub from: NaiveDate,
    /// Requests whose window begins on this day or earlier.
    pub to: NaiveDate,
}

impl Read for NewTrial {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (pack, document) = (f.id_if("pack"), document(f));
        let (from, to) = (f.date("from"), f.date("to"));
        if to < from && to != NaiveDate::default() {
            f.report_at("to", message!("days-reversed_span", first = from, last = to));
        }
        Some(Self { pack, document, from, to })
    }
}

/// What a pack makes of the requests of some months.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct TrialCount {
    /// Requests that it admits.
    pub admitted: i64,
    /// Requests that it refuses.
    pub refused: i64,
    /// Visits that the schedule keeps: those with an admitted request.
    pub visits: i64,
    /// What the refused requests cost at the policy's penalties.
    pub penalty: i64,
}

/// A number of requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TrialShare {
    /// Number of the rule, or id of the department.
    pub of: String,
    /// Requests that only the draft refuses.
    pub requests: i64,
}

/// A request on which the two packs differ.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct TrialChange {
    /// Id of the request.
    pub request: String,
    /// Id of its department.
    pub department: String,
    /// Unified social credit code of the enterprise.
    pub enterprise: String,
    /// The day of its visit, where it was on the schedule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day: Option<NaiveDate>,
    /// Why the draft refuses it; absent: only the pack in force does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finding: Option<RuleFinding>,
}

/// What a draft would have done to the requests of some months, against the pack in force.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Trial {
    /// Id and version of the draft.
    pub pack: String,
    /// Id and version of the pack in force.
    pub against: String,
    /// Requests that were looked at.
    pub requests: i64,
    /// Under the pack in force.
    pub now: TrialCount,
    /// Under the draft.
    pub then: TrialCount,
    /// What only the draft refuses, by rule.
    pub by_rule: Vec<TrialShare>,
    /// What only the draft refuses, by department.
    pub by_department: Vec<TrialShare>,
    /// The requests on which they differ, at most 200.
    pub changes: Vec<TrialChange>,
}
