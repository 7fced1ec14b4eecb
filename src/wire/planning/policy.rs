//! Policies as JSON: where the optimiser's prices come from, and what managers want covered.

pub use crate::domain::problem::TargetMeasure;

use crate::domain::problem::Share;
use crate::domain::words::Worded;
use crate::message;
use crate::wire::json::{Fields, Read};
use crate::wire::register::Grade;
use crate::wire::requests::request::Kind;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

/// Largest price a policy may name.
pub const PRICE_MAX: i64 = 100_000;
/// Most targets of a policy.
const TARGETS_MAX: usize = 1_000;
/// Largest percentage.
pub const PERCENT_MAX: i64 = 1_000;

/// Prices, limits and targets, in one unit of burden.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Policy {
    /// Burden of one visit, by the enterprise's credit grade.
    pub visit_cost: BTreeMap<Grade, i64>,
    /// Burden of each department's presence at a visit.
    pub attendance_cost: i64,
    /// Cost of leaving a request out.
    pub penalty: Penalty,
    /// Cost of each day after a request's due day, by kind of inspection.
    pub late_cost: BTreeMap<Kind, i64>,
    /// Cost of moving a request from the day that the published plan promises.
    pub keep_cost: i64,
    /// Cost of a person-minute of overtime.
    pub overtime_cost: i64,
    /// Visits of the published plan on the next so many days, today included, are fixed.
    pub freeze_days: i64,
    /// Limits of the law, where none is more specific.
    pub limits: PolicyLimits,
    /// What should be covered.
    pub targets: Vec<Target>,
}

/// Cost of leaving a request out: the price of its kind, times the percentages.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Penalty {
    /// By kind of inspection.
    pub kinds: BTreeMap<Kind, i64>,
    /// By the enterprise's risk, in percent.
    pub risk_percent: BTreeMap<Grade, i64>,
    /// By the enterprise's credit grade, in percent.
    pub credit_percent: BTreeMap<Grade, i64>,
    /// More for each day that a request is overdue when the horizon begins, in percent.
    pub overdue_percent_a_day: i64,
    /// Most that overdue days add, in percent.
    pub overdue_percent_max: i64,
}

/// Limits of the law that every enterprise enjoys.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PolicyLimits {
    /// Counted visits within a horizon, by the enterprise's risk.
    pub visit_cap: BTreeMap<Grade, i64>,
    /// Least days between counted visits.
    pub min_gap_days: i64,
    /// Longest time on site of a visit by one department with two or more requests.
    pub max_visit_minutes: i64,
}

/// A coverage target; all filters given must match.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Target {
    /// Id, chosen by whoever sets it.
    pub id: String,
    /// What it counts.
    pub measure: TargetMeasure,
    /// Filter: the request's department.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    /// Filter: a scenario under which the request may be combined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    /// Filter: the enterprise's area.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub area: Option<String>,
    /// Filter: the enterprise's risk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk: Option<Grade>,
    /// The share asked for, at most four decimals.
    pub at_least: f64,
    /// Cost of each one short.
    pub shortfall_cost: i64,
}

impl Target {
    /// The share as an exact number.
    pub fn share(&self) -> Share {
        Share((self.at_least * Share::ONE.0 as f64).round() as i64)
    }
}

impl Read for Target {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (id, measure) = (f.id("id"), f.choice::<TargetMeasure>("measure", true));
        let (department, scenario, area) =
            (f.id_if("department"), f.id_if("scenario"), f.id_if("area"));
        let risk = f.choice::<Grade>("risk", false);
        let at_least = f.share("at_least");
        if !(Share(0)..=Share::ONE).contains(&at_least) {
            let found = at_least.0 as f64 / Share::ONE.0 as f64;
            f.report_at("at_least", message!("out-of-range_share", found = found.to_string()));
        }
        let shortfall_cost = f.whole_within("shortfall_cost", 0, PRICE_MAX);
        Some(Target {
            id,
            measure: measure?,
            department,
            scenario,
            area,
            risk,
            at_least: at_least.0 as f64 / Share::ONE.0 as f64,
            shortfall_cost,
        })
    }
}

/// A number for each of a fixed set of values.
fn each<T: Worded + Ord>(f: &mut Fields<'_>, name: &str, most: i64) -> BTreeMap<T, i64> {
    let Some(mut inner) = f.object(name) else { return BTreeMap::new() };
    let read = |value: &T| (*value, inner.whole_within(value.as_str(), 0, most));
    let map = T::ALL.iter().map(read).collect();
    inner.finish();
    map
}

impl Read for Penalty {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        Some(Penalty {
            kinds: each(f, "kinds", PRICE_MAX),
            risk_percent: each(f, "risk_percent", PERCENT_MAX),
            credit_percent: each(f, "credit_percent", PERCENT_MAX),
            overdue_percent_a_day: f.whole_within("overdue_percent_a_day", 0, PERCENT_MAX),
            overdue_percent_max: f.whole_within("overdue_percent_max", 0, PERCENT_MAX),
        })
    }
}

impl Read for PolicyLimits {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        Some(PolicyLimits {
            visit_cap: each(f, "visit_cap", 1_000),
            min_gap_days: f.whole_within("min_gap_days", 0, 366),
            max_visit_minutes: f.whole_within("max_visit_minutes", 1, 960),
        })
    }
}

impl Read for Policy {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let visit_cost = each(f, "visit_cost", PRICE_MAX);
        let attendance_cost = f.whole_within("attendance_cost", 0, PRICE_MAX);
        let penalty = f.read("penalty");
        let late_cost = each(f, "late_cost", PRICE_MAX);
        let keep_cost = f.whole_within("keep_cost", 0, PRICE_MAX);
        let overtime_cost = f.whole_within("overtime_cost", 0, PRICE_MAX);
        let freeze_days = f.whole_within("freeze_days", 0, 366);
        let limits = f.read("limits");
        let targets: Vec<Target> = f.read_list("targets", TARGETS_MAX);
        let mut seen = BTreeSet::new();
        for (i, target) in targets.iter().enumerate() {
            if !seen.insert(target.id.as_str()) {
                let message = message!("duplicate-id_target", id = &target.id);
                f.report_at(&format!("targets/{i}/id"), message);
            }
        }
        Some(Policy {
            visit_cost,
            attendance_cost,
            penalty: penalty?,
            late_cost,
            keep_cost,
            overtime_cost,
            freeze_days,
            limits: limits?,
            targets,
        })
    }
}

/// The policy that holds until managers set another: moderate prices, in which a visit costs 100.
pub fn standard() -> Policy {
    let grades =
        |numbers: [i64; 4]| Grade::ALL.iter().zip(numbers).map(|(grade, n)| (*grade, n)).collect();
    let kinds =
        |numbers: [i64; 7]| Kind::ALL.iter().zip(numbers).map(|(kind, n)| (*kind, n)).collect();
    Policy {
        // the better the credit, the more a disturbance weighs
        visit_cost: grades([120, 100, 80, 60]),
        attendance_cost: 10,
        penalty: Penalty {
            kinds: kinds([400, 600, 500, 1_000, 1_200, 2_000, 900]),
            risk_percent: grades([80, 100, 130, 170]),
            credit_percent: grades([80, 100, 120, 150]),
            overdue_percent_a_day: 1,
            overdue_percent_max: 100,
        },
        late_cost: kinds([1, 2, 2, 6, 8, 20, 5]),
        keep_cost: 30,
        overtime_cost: 2,
        freeze_days: 7,
        limits: PolicyLimits {
            visit_cap: grades([2, 3, 4, 6]),
            min_gap_days: 7,
            max_visit_minutes: 240,
        },
        targets: vec![
            Target {
                id: "joint".into(),
                measure: TargetMeasure::Joint,
                department: None,
                scenario: None,
                area: None,
                risk: None,
                at_least: 0.6,
                shortfall_cost: 30,
            },
            Target {
                id: "high-risk".into(),
                measure: TargetMeasure::Visited,
                department: None,
                scenario: None,
                area: None,
                risk: Some(Grade::D),
                at_least: 1.0,
                shortfall_cost: 300,
            },
        ],
    }
}

/// A policy with its version.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PolicyRecord {
    /// Version, counted from 1.
    pub version: i64,
    /// Why it was changed.
    pub note: String,
    /// When.
    pub created_at: chrono::DateTime<chrono::Utc>,
    /// By whom.
    pub created_by: String,
    /// What it says.
    pub policy: Policy,
}

/// A new version of the policy.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct NewPolicy {
    /// Why it is changed.
    pub note: String,
    /// What it says.
    pub policy: Policy,
}

impl Read for NewPolicy {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (note, policy) = (f.words("note"), f.read("policy"));
        Some(NewPolicy { note, policy: policy? })
    }
}
