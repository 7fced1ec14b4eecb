//! Plans of inspection that are approved, filed and published as JSON: annual plans (年度检查计划, R14)
//! and special campaigns (专项检查计划, R17).

pub use crate::domain::campaign::{Approver, InspectionPlanKind, InspectionPlanState};

use super::draw::{days, items};
use crate::domain::rules::InspectionPlanStep;
use crate::domain::words::Worded;
use crate::message;
use crate::wire::json::{Fields, Read};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// Most inspections that a plan may foresee.
const QUOTA_MAX: i64 = 10_000_000;

/// The steps that some places ask for before a plan is approved, each with its day (R16).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct InspectionPlanSteps {
    /// Legality review (合法性审查).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub legality_review_on: Option<NaiveDate>,
    /// Collective discussion (集体讨论).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collective_discussion_on: Option<NaiveDate>,
    /// Public notice (公示).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_notice_on: Option<NaiveDate>,
}

impl Read for InspectionPlanSteps {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let steps = InspectionPlanSteps {
            legality_review_on: f.date_if("legality_review_on"),
            collective_discussion_on: f.date_if("collective_discussion_on"),
            public_notice_on: f.date_if("public_notice_on"),
        };
        for pair in steps.taken().windows(2) {
            let ((earlier, before), (later, after)) = (pair[0], pair[1]);
            if after < before {
                let message = message!(
                    "steps-out-of-order_steps",
                    day = after,
                    earlier = earlier.in_words(),
                    before = before,
                );
                f.report_at(&format!("{}_on", later.as_str()), message);
            }
        }
        Some(steps)
    }
}

impl InspectionPlanSteps {
    /// Those that have a day, with it, in the order in which they are taken.
    pub fn taken(&self) -> Vec<(InspectionPlanStep, NaiveDate)> {
        [
            (InspectionPlanStep::LegalityReview, self.legality_review_on),
            (InspectionPlanStep::CollectiveDiscussion, self.collective_discussion_on),
            (InspectionPlanStep::PublicNotice, self.public_notice_on),
        ]
        .into_iter()
        .filter_map(|(step, day)| Some((step, day?)))
        .collect()
    }
}

/// A plan of inspection as its department draws it up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct NewInspectionPlan {
    /// Kind of plan.
    pub kind: InspectionPlanKind,
    /// Id of the department.
    pub department: String,
    /// The calendar year it belongs to.
    pub year: i64,
    /// What it is called.
    pub name: String,
    /// Ids of the department's items that are inspected.
    pub items: Vec<String>,
    /// Only in this area and what lies in it; absent: everywhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub area: Option<String>,
    /// Who is inspected, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub objects: Option<String>,
    /// The law or order it rests on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basis: Option<String>,
    /// First day of inspections.
    pub start: NaiveDate,
    /// Last day.
    pub end: NaiveDate,
    /// Most inspections; required for a campaign.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quota: Option<i64>,
    /// Last day for filing it; absent: for an annual plan 31 March of its year.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filing_deadline: Option<NaiveDate>,
    /// Steps before approval.
    #[serde(default)]
    pub steps: InspectionPlanSteps,
}

impl Read for NewInspectionPlan {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (kind, department) = (f.choice::<InspectionPlanKind>("kind", true), f.id("department"));
        let year = f.whole_within("year", 2000, 2999);
        let (name, items) = (f.words("name"), items(f));
        let (area, objects, basis) = (f.id_if("area"), f.words_if("objects"), f.words_if("basis"));
        let (start, end) = days(f);
        for (field, day) in [("start", start), ("end", end)] {
            let is_reported = day == NaiveDate::default();
            if !is_reported && i64::from(chrono::Datelike::year(&day)) != year {
                f.report_at(field, message!("outside-year", day = day, year = year.to_string()));
            }
        }
        let quota = f.whole_within_if("quota", 1, QUOTA_MAX);
        if kind == Some(InspectionPlanKind::Campaign) && quota.is_none() {
            f.lacks("quota", "kind");
        }
        let filing_deadline = f.date_if("filing_deadline");
        let steps = f.read_if("steps").unwrap_or_default();
        Some(NewInspectionPlan {
            kind: kind?,
            department,
            year,
            name,
            items,
            area,
            objects,
            basis,
            start,
            end,
            quota,
            filing_deadline,
            steps,
        })
    }
}

/// That a plan was approved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct NewApproval {
    /// By whom; a campaign not by the head.
    pub approved_by: Approver,
    /// Number of the approval; required for a campaign.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval_number: Option<String>,
    /// Its day.
    pub approved_on: NaiveDate,
}

impl Read for NewApproval {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let approved_by = f.choice::<Approver>("approved_by", true);
        let approval_number = f.words_if("approval_number");
        let approved_on = f.date("approved_on");
        Some(NewApproval { approved_by: approved_by?, approval_number, approved_on })
    }
}

/// The day on which something was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DoneOn {
    /// The day; absent: today.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day: Option<NaiveDate>,
}

impl Read for DoneOn {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        Some(DoneOn { day: f.date_if("day") })
    }
}

/// Why a plan ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Closing {
    /// The reason.
    pub reason: String,
}

impl Read for Closing {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        Some(Closing { reason: f.words("reason") })
    }
}

/// A plan of inspection as it is now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct InspectionPlan {
    /// Id.
    pub id: String,
    /// What was drawn up.
    #[serde(flatten)]
    pub plan: NewInspectionPlan,
    /// Its state.
    pub state: InspectionPlanState,
    /// When it was drawn up.
    pub drafted_at: DateTime<Utc>,
    /// By whom.
    pub drafted_by: String,
    /// The approval.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval: Option<NewApproval>,
    /// Day of filing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filed_on: Option<NaiveDate>,
    /// Filed after its deadline, or not filed though that is past.
    pub is_late: bool,
    /// Day of publication.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published_on: Option<NaiveDate>,
    /// Why it was closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_because: Option<String>,
    /// Requests that name it and are not withdrawn; absent in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used: Option<i64>,
}
