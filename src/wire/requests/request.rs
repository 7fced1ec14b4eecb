//! Inspection requests as JSON.

pub use crate::domain::requests::{Contact, Kind, Reason, RequestState};

use crate::domain::visits::VisitState;
use crate::message;
use crate::wire::json::{Fields, Read};
use crate::wire::register::{INSPECTORS_MAX, ON_SITE_MINUTES_MAX};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// A request to inspect an enterprise, as a department files it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct NewRequest {
    /// The department's own number. The same request filed again under it is filed once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Id of the department.
    pub department: String,
    /// Unified social credit code of the enterprise.
    pub enterprise: String,
    /// Id of the item.
    pub item: String,
    /// Kind of inspection.
    pub kind: Kind,
    /// What the contact is; absent: an inspection.
    #[schema(default = "inspection")]
    pub contact: Contact,
    /// First allowed day.
    pub earliest: NaiveDate,
    /// Last allowed day.
    pub latest: NaiveDate,
    /// Wanted by this day; each later one costs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<NaiveDate>,
    /// Minutes on site; absent: the item's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minutes: Option<i64>,
    /// Inspectors needed; absent: the item's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inspectors: Option<i64>,
    /// Why it counts towards no cap, where it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// The published annual plan or campaign that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// The draw that chose the enterprise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draw: Option<String>,
    /// Why papers or data cannot settle it, where they could settle its item.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_site_reason: Option<String>,
    /// Number of the agreement under which a body inspects beyond its own area.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agreement: Option<String>,
    /// Counts towards no cap or gap; absent: as its kind and reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exempt: Option<bool>,
    /// May be held on quiet days; absent: as `exempt`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quiet_exempt: Option<bool>,
    /// Requests of one department at one enterprise with the same mark share a visit or stay out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub together: Option<String>,
    /// Never shares a visit: undercover.
    #[serde(default)]
    pub solo: bool,
    /// Whatever there is to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Longest window of a request, in days: three years.
pub const WINDOW_DAYS_MAX: i64 = 1_096;

impl Read for NewRequest {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let reference = f.reference_if("reference");
        let (department, enterprise, item) = (f.id("department"), f.id("enterprise"), f.id("item"));
        let kind = f.choice::<Kind>("kind", true);
        let contact = f.choice::<Contact>("contact", false).unwrap_or(Contact::Inspection);
        let (earliest, latest, due) = (f.date("earliest"), f.date("latest"), f.date_if("due"));
        if latest < earliest && latest != NaiveDate::default() {
            let message = message!("window-reversed", earliest = earliest, latest = latest);
            f.report_at("latest", message);
        } else if (latest - earliest).num_days() >= WINDOW_DAYS_MAX
            && ![earliest, latest].contains(&NaiveDate::default())
        {
            let message = message!(
                "window-too-long",
                earliest = earliest,
                latest = latest,
                most = WINDOW_DAYS_MAX
            );
            f.report_at("latest", message);
        }
        let minutes = f.whole_within_if("minutes", 1, ON_SITE_MINUTES_MAX);
        let inspectors = f.whole_within_if("inspectors", 1, INSPECTORS_MAX);
        let reason = f.choice::<Reason>("reason", false);
        // who does not have the id of a plan or draw writes the number of its document, and hears from the
        // rules that there is none of this id
        let (plan, draw) = (f.reference_if("plan"), f.reference_if("draw"));
        let agreement = f.reference_if("agreement");
        let on_site_reason = f.words_if("on_site_reason");
        let (exempt, quiet_exempt) = (f.truth_if("exempt"), f.truth_if("quiet_exempt"));
        let (together, solo) = (f.reference_if("together"), f.truth_if("solo").unwrap_or(false));
        if solo && together.is_some() {
            f.report_at("together", message!("solo-in-group"));
        }
        let note = f.words_if("note");
        Some(NewRequest {
            reference,
            department,
            enterprise,
            item,
            kind: kind?,
            contact,
            earliest,
            latest,
            due,
            minutes,
            inspectors,
            reason,
            plan,
            draw,
            on_site_reason,
            agreement,
            exempt,
            quiet_exempt,
            together,
            solo,
            note,
        })
    }
}

/// A request as it is now. What was left to defaults when it was filed is filled in.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Request {
    /// Id.
    pub id: String,
    /// What was filed.
    #[serde(flatten)]
    pub filed: NewRequest,
    /// Its state.
    pub state: RequestState,
    /// When it was filed.
    pub filed_at: DateTime<Utc>,
    /// Who filed it.
    pub filed_by: String,
    /// Who approved it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<String>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved_at: Option<DateTime<Utc>>,
    /// An urgent one goes ahead; its head approves it until this day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval_due: Option<NaiveDate>,
    /// What the published plan does with it; absent where no plan speaks of it, and in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<SchedulingOutcome>,
    /// All visits that it is or was in, by day; in lists absent.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub visits: Vec<RequestVisit>,
    /// Why plans left it out that were published, the newest first; in lists absent.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<PlanWithout>,
}

/// A visit that a request is or was in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RequestVisit {
    /// Id of the visit.
    pub visit: String,
    /// Its day.
    pub day: NaiveDate,
    /// Its state.
    pub state: VisitState,
    /// Whether a later plan put the request elsewhere.
    pub has_left: bool,
}

/// A plan that was published and left a request out.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PlanWithout {
    /// Id of the plan.
    pub plan: String,
    /// First day of its horizon.
    pub start: NaiveDate,
    /// Last day.
    pub end: NaiveDate,
    /// Stable code of the reason.
    pub code: String,
    /// The reason in words.
    pub reason: String,
}

/// What the published plan does with a request.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum SchedulingOutcome {
    /// It is in a visit.
    Scheduled {
        /// Id of the visit.
        visit: String,
        /// The day.
        day: NaiveDate,
        /// The departments that take part, its own among them.
        departments: Vec<String>,
    },
    /// It is in none.
    LeftOut {
        /// `impossible`, `no-room`, `too-dear` or `not-found`.
        certainty: String,
        /// Stable code of the reason.
        code: String,
        /// The reason in words.
        reason: String,
        /// The pool that is full on most of its days, where pools are the reason.
        #[serde(skip_serializing_if = "Option::is_none")]
        pool: Option<String>,
        /// Cost of leaving it out.
        penalty: i64,
        /// What taking it would add to the cost, its penalty deducted.
        #[serde(skip_serializing_if = "Option::is_none")]
        extra_cost: Option<i64>,
    },
}
