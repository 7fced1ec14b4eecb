//! What becomes of a request after it was filed: approvals, the coordinator's four verbs, the off-site
//! queue, and its history.

pub use crate::domain::requests::OffSiteOutcome;

use crate::message;
use crate::wire::json::{Fields, Read, text_element};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// Most requests that are merged at once.
const MERGED_MAX: usize = 50;

/// Why something is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Because {
    /// The reason, for the audit log.
    pub reason: String,
}

impl Read for Because {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        Some(Self { reason: f.words("reason") })
    }
}

/// An approval; what there is to say is optional.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Approval {
    /// Whatever there is to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Read for Approval {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        Some(Self { note: f.words_if("note") })
    }
}

/// Another window for a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Move {
    /// First allowed day.
    pub earliest: NaiveDate,
    /// Last allowed day.
    pub latest: NaiveDate,
    /// The reason, for the audit log.
    pub reason: String,
}

impl Read for Move {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (earliest, latest, reason) = (f.date("earliest"), f.date("latest"), f.words("reason"));
        if latest < earliest && latest != NaiveDate::default() {
            let message = message!("window-reversed", earliest = earliest, latest = latest);
            f.report_at("latest", message);
        }
        Some(Self { earliest, latest, reason })
    }
}

/// Requests to be held together with one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Merge {
    /// Ids of the others, at the same enterprise.
    pub with: Vec<String>,
    /// The reason, for the audit log.
    pub reason: String,
}

impl Read for Merge {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (with, reason) = (f.list_if("with", 1_000, text_element), f.words("reason"));
        if !f.is_reported("with") && !(1..=MERGED_MAX).contains(&with.len()) {
            let message = message!("out-of-range_merged", count = with.len(), most = MERGED_MAX);
            f.report_at("with", message);
        }
        Some(Self { with, reason })
    }
}

/// A request sent to be settled from papers or data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ToOffSite {
    /// Name of the user who settles it.
    pub person: String,
    /// Until when.
    pub deadline: NaiveDate,
    /// The reason, for the audit log.
    pub reason: String,
}

impl Read for ToOffSite {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        Some(Self {
            person: f.words("person"),
            deadline: f.date("deadline"),
            reason: f.words("reason"),
        })
    }
}

/// What a check from papers or data found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct OffSiteFinding {
    /// What was looked at and what was found; for an escalation, why a visit is needed.
    pub finding: String,
}

impl Read for OffSiteFinding {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        Some(Self { finding: f.words("finding") })
    }
}

/// An entry of the off-site queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct OffSiteCheck {
    /// Id of the request.
    pub request: String,
    /// Id of its department.
    pub department: String,
    /// Unified social credit code of the enterprise.
    pub enterprise: String,
    /// Id of the item.
    pub item: String,
    /// Name of the user who settles it.
    pub person: String,
    /// Until when.
    pub deadline: NaiveDate,
    /// Since when it is in the queue.
    pub opened_at: DateTime<Utc>,
    /// How it ended; absent while it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<OffSiteOutcome>,
    /// What was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finding: Option<String>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<DateTime<Utc>>,
}

/// How much is settled without going there (R13).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct OffSiteShare {
    /// Requests whose item papers or data may settle.
    pub possible: i64,
    /// Of them: in the queue.
    pub open: i64,
    /// Of them: in the queue past their deadline.
    pub overdue: i64,
    /// Of them: settled.
    pub settled: i64,
    /// Of them: sent to a visit after all.
    pub escalated: i64,
    /// Requests that were settled or held on site, of every item: what the share is of.
    pub all: i64,
    /// `settled` of `all`, in percent with two decimals; 0 where there are none.
    pub settled_percent: f64,
}

/// Something that was done to a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Step {
    /// Number of the event in the audit log.
    pub event: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// What: `add`, `approve`, `move`, `withdraw` …
    pub act: String,
    /// By whom; absent where the name was struck out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The state that it left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The state that it came into.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}
