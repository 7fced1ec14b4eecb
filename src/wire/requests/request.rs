//! Inspection requests as JSON.

use crate::wire::json::{Fields, Read, text_enum};
use crate::wire::register::{INSPECTORS_MAX, ON_SITE_MINUTES_MAX};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

text_enum! {
    /// Kind of inspection.
    pub enum Kind {
        /// Routine, from the annual plan (日常检查).
        Daily = "daily",
        /// A special campaign (专项检查).
        Special = "special",
        /// Drawn by lot (双随机抽查).
        RandomDraw = "random_draw",
        /// Case-based (个案检查).
        Case = "case",
        /// Verification of a clue (线索核查).
        Clue = "clue",
        /// Immediate (即时检查).
        Immediate = "immediate",
        /// Re-check of a rectification (整改复查).
        FollowUp = "follow_up",
    }
}

impl Kind {
    /// Whether caps and quiet days spare it unless the request says otherwise: complaints, clues,
    /// emergencies and re-checks count towards no cap in the published lists.
    pub fn is_exempt(self) -> bool {
        matches!(self, Kind::Case | Kind::Clue | Kind::Immediate | Kind::FollowUp)
    }
}

text_enum! {
    /// Why a request counts towards no cap, and may be held on quiet days: the ten published reasons,
    /// then those that lists of quiet periods add.
    pub enum Reason {
        /// A complaint or tip (投诉举报).
        Complaint = "complaint",
        /// Assigned or transferred by a higher body (上级交办、移送).
        Assigned = "assigned",
        /// It joins a check by a higher body (配合上级检查).
        JoinsHigherBody = "joins_higher_body",
        /// An audit of enforcement itself (执法稽查).
        EnforcementAudit = "enforcement_audit",
        /// A clue from monitoring or data (监测数据线索).
        MonitoringClue = "monitoring_clue",
        /// Media exposure (媒体曝光).
        MediaExposure = "media_exposure",
        /// The re-check of a rectification (整改复查).
        FollowUp = "follow_up",
        /// The enterprise asked for it (企业申请).
        OwnRequest = "own_request",
        /// The on-site step of a licence (许可现场核查).
        Licence = "licence",
        /// Another emergency named by law (其他法定紧急情形).
        Emergency = "emergency",
        /// GovernmentDeployment by central, provincial or city government (政府部署).
        GovernmentDeployment = "government_deployment",
        /// An event of public safety, health, environment, food or drugs, or a hazard under
        /// rectification (公共安全事件).
        SafetyEvent = "safety_event",
        /// A re-check for which the law sets a day (法定期限复查).
        StatutoryRecheck = "statutory_recheck",
        /// Tax evasion (涉税违法检查).
        TaxEvasion = "tax_evasion",
        /// Undercover (暗访).
        Undercover = "undercover",
    }
}

text_enum! {
    /// What the contact with the enterprise is (R34): visits that are no inspections are filed, held and
    /// counted by alarms like any other, and count towards no cap of inspections.
    pub enum Contact {
        /// An inspection.
        Inspection = "inspection",
        /// A guidance visit (督导检查).
        Guidance = "guidance",
        /// Observation or research (观摩、调研).
        Research = "research",
        /// Publicity (宣传).
        Publicity = "publicity",
        /// A service (服务).
        Service = "service",
    }
}

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
        let reference = f.id_if("reference");
        let (department, enterprise, item) = (f.id("department"), f.id("enterprise"), f.id("item"));
        let kind = f.choice("kind", true, Kind::ALL);
        let contact = f.choice("contact", false, Contact::ALL).unwrap_or(Contact::Inspection);
        let (earliest, latest, due) = (f.date("earliest"), f.date("latest"), f.date_if("due"));
        if latest < earliest && latest != NaiveDate::default() {
            let message = format!("The window ends ({latest}) before it begins ({earliest}).");
            f.tell_at("window-reversed", "latest", message);
        } else if (latest - earliest).num_days() >= WINDOW_DAYS_MAX
            && ![earliest, latest].contains(&NaiveDate::default())
        {
            let message = format!(
                "The window from {earliest} to {latest} has more than {WINDOW_DAYS_MAX} days; shorten it."
            );
            f.tell_at("window-too-long", "latest", message);
        }
        let minutes = f.whole_within_if("minutes", 1, ON_SITE_MINUTES_MAX);
        let inspectors = f.whole_within_if("inspectors", 1, INSPECTORS_MAX);
        let reason = f.choice("reason", false, Reason::ALL);
        let (plan, draw, agreement) = (f.id_if("plan"), f.id_if("draw"), f.id_if("agreement"));
        let on_site_reason = f.words_if("on_site_reason");
        let (exempt, quiet_exempt) = (f.truth_if("exempt"), f.truth_if("quiet_exempt"));
        let (together, solo) = (f.id_if("together"), f.truth_if("solo").unwrap_or(false));
        if solo && together.is_some() {
            let message = "A solo request shares no visit, so it cannot be in a group.";
            f.tell_at("solo-in-group", "together", message);
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

text_enum! {
    /// Where a request stands. What the published plan does with an accepted one (bundled, scheduled,
    /// deferred, and why) is its outcome; drafts are tried with `validate_only`, and what the law refuses is
    /// answered and not kept.
    pub enum RequestState {
        /// Filed; the head of its body has yet to approve it (R04).
        ApprovalPending = "approval_pending",
        /// Approved, and planned with the next run.
        Accepted = "accepted",
        /// The head did not approve it.
        Refused = "refused",
        /// Somebody settles it from papers or data (R13).
        OffSite = "off_site",
        /// Settled so.
        Settled = "settled",
        /// Another body's result is recognised in its place (R29).
        Recognised = "recognised",
        /// Taken back by its department.
        Withdrawn = "withdrawn",
        /// Called off by the coordinator.
        Cancelled = "cancelled",
        /// Its window passed before it was held.
        Expired = "expired",
    }
}

impl RequestState {
    /// Whether somebody took it back, called it off or did not approve it.
    pub fn is_given_up(self) -> bool {
        matches!(self, Self::Refused | Self::Withdrawn | Self::Cancelled)
    }

    /// Whether it is over without having been held, settled or recognised.
    pub fn is_gone(self) -> bool {
        self.is_given_up() || self == Self::Expired
    }

    /// Whether something may still come of it.
    pub fn is_open(self) -> bool {
        matches!(self, Self::ApprovalPending | Self::Accepted | Self::OffSite)
    }
}

/// A request as it stands. What was left to defaults when it was filed is filled in.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Request {
    /// Id.
    pub id: String,
    /// What was filed.
    #[serde(flatten)]
    pub filed: NewRequest,
    /// Where it stands.
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
