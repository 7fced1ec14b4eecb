//! Runs, plans and visits as JSON.

pub use crate::domain::plan::{PlanState, RunState};

use super::report::Report;
use crate::message;
use crate::wire::json::{Fields, Read};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// What to plan, and how hard to search.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct NewRun {
    /// A free name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// First day of the horizon; absent: tomorrow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<NaiveDate>,
    /// Last day of the horizon; absent: 90 days after the first, or the last day whose holidays
    /// are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<NaiveDate>,
    /// Version of the policy; absent: the newest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<i64>,
    /// Seed of the random numbers; absent: 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<i64>,
    /// Stop after so many subproblems. Without `seconds` the same problem gives the same plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub work: Option<i64>,
    /// Stop after so many seconds; absent: 60, or none when `work` is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
    /// Stop when the proven gap is at most this share; absent: 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gap: Option<f64>,
}

/// Longest run, in seconds: a day.
pub const SECONDS_MAX: f64 = 86_400.0;

impl Read for NewRun {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let name = f.words_if("name");
        let (start, end) = (f.date_if("start"), f.date_if("end"));
        let policy = f.whole_within_if("policy", 1, i64::MAX);
        let seed = f.whole_if("seed");
        let work = f.whole_within_if("work", 1, i64::MAX);
        let (seconds, gap) = (f.number_if("seconds"), f.number_if("gap"));
        if let Some(seconds) = seconds.filter(|seconds| !(0.1..=SECONDS_MAX).contains(seconds)) {
            let (found, most) = (seconds.to_string(), SECONDS_MAX.to_string());
            f.report_at("seconds", message!("out-of-range_seconds", found = found, most = most));
        }
        if let Some(gap) = gap.filter(|gap| !(0.0..1.0).contains(gap)) {
            f.report_at("gap", message!("out-of-range_gap", found = gap.to_string()));
        }
        Some(NewRun { name, start, end, policy, seed, work, seconds, gap })
    }
}

/// A run as it is now.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Run {
    /// Id.
    pub id: String,
    /// Id of the problem, the snapshot that it plans.
    pub problem: String,
    /// Its state.
    pub state: RunState,
    /// Seed of the random numbers.
    pub seed: i64,
    /// Limit of subproblems.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub work_max: Option<i64>,
    /// Limit of seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds_max: Option<f64>,
    /// Gap at which it stops.
    pub gap_wanted: f64,
    /// Threads it searches with.
    pub threads: i64,
    /// Somebody asked it to stop; the best plan is kept.
    pub is_cancelled: bool,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// By whom.
    pub created_by: String,
    /// When a planner last began with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<DateTime<Utc>>,
    /// Times a planner began with it.
    pub attempts: i64,
    /// Cost of the best plan so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<i64>,
    /// No valid plan costs less.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bound: Option<i64>,
    /// Subproblems solved so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub work: Option<i64>,
    /// Seconds searched so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
    /// Id of its plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// A plan with its figures; its visits are a list of their own.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PlanRecord {
    /// Id.
    pub id: String,
    /// Id of the run that made it.
    pub run: String,
    /// Id of the problem it answers.
    pub problem: String,
    /// The plan that was published when its problem was built.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Its state.
    pub state: PlanState,
    /// Its cost.
    pub cost: i64,
    /// No valid plan costs less.
    pub bound: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published_at: Option<DateTime<Utc>>,
    /// By whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published_by: Option<String>,
    /// The report of the run; absent in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Report>)]
    pub report: Option<Value>,
}

/// What one plan changes against another.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Comparison {
    /// The plan compared with.
    pub old: PlanFigures,
    /// The plan compared.
    pub new: PlanFigures,
    /// Whether both answer the same problem; if not, their costs cannot be compared.
    pub is_same_problem: bool,
    /// Requests that only the new plan schedules.
    pub added: Vec<Change>,
    /// Requests that only the old plan schedules.
    pub dropped: Vec<Change>,
    /// Requests on another day.
    pub moved: Vec<Change>,
    /// Requests on the same day in other company.
    pub regrouped: Vec<Change>,
    /// Requests with the same day and company in both.
    pub unchanged: usize,
}

/// A plan's figures in a comparison.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PlanFigures {
    /// Id of the plan.
    pub plan: String,
    /// Its cost.
    pub cost: i64,
    /// No valid plan of its problem costs less.
    pub bound: i64,
    /// Its visits.
    pub visits: usize,
}

/// A request whose lot differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Change {
    /// Id of the request.
    pub request: String,
    /// Its enterprise.
    pub enterprise: String,
    /// Its day in the old plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<NaiveDate>,
    /// Its day in the new plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<NaiveDate>,
}

/// Where a number of a problem came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, serde::Deserialize, ToSchema)]
pub struct Origin {
    /// JSON pointer into the problem file.
    pub pointer: String,
    // in the database a message as it is kept, outside a sentence
    /// What it was made of.
    pub source: String,
}
