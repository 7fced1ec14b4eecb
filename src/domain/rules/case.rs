//! The facts of one filing, as the rules look at them.

use super::InspectionPlanStep;
use crate::domain::campaign::InspectionPlanKind;
use crate::domain::problem::Span;
use crate::domain::register::area::Level;
use crate::domain::register::enterprise::{List, SafetyLevel, Subject};
use crate::domain::register::grade::Grade;
use crate::domain::register::item::Method;
use crate::domain::requests::{Contact, Kind, Reason};
use chrono::NaiveDate;

/// A request with everything that rules ask about it.
pub struct Case<'c> {
    /// Today.
    pub today: NaiveDate,
    /// What is filed.
    pub request: Filing<'c>,
    /// What is to be inspected.
    pub item: ItemCase<'c>,
    /// Who is to be inspected.
    pub enterprise: EnterpriseCase<'c>,
    /// Who is to inspect.
    pub body: BodyCase<'c>,
    /// Visits at this enterprise that were held or are on the schedule, without the one that this
    /// request is in; at least those from the first of January before the window on, and those whose
    /// results may still be valid.
    pub visits: Vec<Held<'c>>,
    /// Other requests there that are not in a visit yet, of every department.
    pub open: Vec<Open<'c>>,
    /// Whether people work on a day.
    pub is_workday: &'c dyn Fn(NaiveDate) -> bool,
}

/// What is filed.
#[derive(Clone, Debug)]
pub struct Filing<'c> {
    /// Id of the department.
    pub department: &'c str,
    /// Kind of inspection.
    pub kind: Kind,
    /// What spares it, if anything does.
    pub reason: Option<Reason>,
    /// What the contact is; almost always an inspection.
    pub contact: Contact,
    /// First allowed day.
    pub earliest: NaiveDate,
    /// Last allowed day.
    pub latest: NaiveDate,
    /// Officers who come.
    pub inspectors: i64,
    /// Minutes on site.
    pub minutes: i64,
    /// Never shares a visit.
    pub is_solo: bool,
    /// The plan or campaign it is filed under.
    pub plan: Option<InspectionPlanRef<'c>>,
    /// The draw it comes of.
    pub draw: Option<DrawRef<'c>>,
    /// Id of the cross-area agreement it rests on.
    pub agreement: Option<&'c str>,
    /// Why it must be on site.
    pub on_site_reason: Option<&'c str>,
    /// Whether the head of the body has approved it. Intake that asks for approval later on says true
    /// and keeps the gate itself.
    pub is_approved: bool,
}

/// A plan or campaign.
#[derive(Clone, Debug)]
pub struct InspectionPlanRef<'c> {
    /// Id.
    pub id: &'c str,
    /// Which of the two it is.
    pub kind: InspectionPlanKind,
    /// The year it is for.
    pub year: i32,
    /// When it was filed.
    pub filed_on: Option<NaiveDate>,
    /// When it was published.
    pub published_on: Option<NaiveDate>,
    /// Number of its approval.
    pub approval_number: Option<&'c str>,
    /// Inspections that its quota still leaves; none: no quota.
    pub quota_left: Option<i64>,
    /// Ids of its items; none: all of its department's.
    pub items: Vec<&'c str>,
    /// Steps that it has passed.
    pub steps: Vec<InspectionPlanStep>,
}

/// A draw by lot.
#[derive(Clone, Debug)]
pub struct DrawRef<'c> {
    /// Id.
    pub id: &'c str,
    /// Whether it drew this enterprise for this item.
    pub covers: bool,
}

/// What is inspected.
#[derive(Clone, Debug)]
pub struct ItemCase<'c> {
    /// Id.
    pub id: &'c str,
    /// Id of the department whose item it is.
    pub department: &'c str,
    /// Its class where lists distinguish classes, like `safety`.
    pub class: Option<&'c str>,
    /// How it is inspected.
    pub method: Method,
    /// First day on which the published list has it.
    pub published_from: Option<NaiveDate>,
    /// Last day.
    pub published_to: Option<NaiveDate>,
    /// Days of notice; 0: the place's.
    pub notice_days: i64,
    /// Days for which its result is recognised.
    pub valid_days: i64,
}

/// Who is inspected, as rules see it on a day. The register's own entry is
/// `wire::register::Enterprise`; what a plan is made for is a
/// [`ProblemEnterprise`](crate::domain::problem::ProblemEnterprise).
#[derive(Clone, Debug)]
pub struct EnterpriseCase<'c> {
    /// Unified social credit code.
    pub id: &'c str,
    /// Its area and those that it lies in, the smallest first.
    pub areas: Vec<&'c str>,
    /// Class of GB/T 4754.
    pub industry: &'c str,
    /// Risk level.
    pub risk: Grade,
    /// Credit grade.
    pub credit: Grade,
    /// Level of work-safety standardisation; none: not known, or none reached.
    pub safety_level: Option<SafetyLevel>,
    /// Kind of subject.
    pub subject: Subject,
    /// It wants no joint visits.
    pub joint_opt_out: bool,
    /// Of designated size, or named for quiet days.
    pub is_named: bool,
    /// Lists that it is on.
    pub listings: Vec<ListingCase<'c>>,
    /// Quiet days of its own and of its areas, beyond the pack's.
    pub quiet: Vec<Span>,
}

/// An entry of a list of who is spared.
#[derive(Clone, Debug)]
pub struct ListingCase<'c> {
    /// The list.
    pub list: List,
    /// The department that spares it; none: all do.
    pub department: Option<&'c str>,
    /// First day.
    pub from: NaiveDate,
    /// Last day; none: no end.
    pub to: Option<NaiveDate>,
}

impl ListingCase<'_> {
    /// Whether it spares the enterprise from a department on a day.
    pub fn holds(&self, department: &str, day: NaiveDate) -> bool {
        self.department.is_none_or(|only| only == department)
            && self.from <= day
            && self.to.is_none_or(|to| day <= to)
    }
}

/// Who inspects.
#[derive(Clone, Debug)]
pub struct BodyCase<'c> {
    /// Id of the department.
    pub department: &'c str,
    /// Its level.
    pub level: Option<Level>,
    /// Whether it has a body that inspects; none: no bodies are registered for it.
    pub inspects: Option<bool>,
    /// Areas that it is of; none known: everywhere.
    pub areas: Vec<&'c str>,
    /// Days on which the authority matrix gives it the item here; none: the matrix does not speak of
    /// the item.
    pub holds: Option<Vec<Span>>,
}

/// A visit that was held or is on the schedule.
#[derive(Clone, Debug)]
pub struct Held<'c> {
    /// Id.
    pub id: &'c str,
    /// When.
    pub day: NaiveDate,
    /// What it is held for.
    pub parts: Vec<Part<'c>>,
    /// Id of the scenario under which departments share it.
    pub scenario: Option<&'c str>,
    /// Id of the lead department; none: the first part's.
    pub lead: Option<&'c str>,
    /// Inspectors who came or are to come, where known.
    pub inspectors: Vec<&'c str>,
    /// Whether anything was found; none: not known, or still to come.
    pub found: Option<bool>,
}

/// A department's item at a visit.
#[derive(Clone, Debug)]
pub struct Part<'c> {
    /// Id of the department.
    pub department: &'c str,
    /// Id of the item.
    pub item: &'c str,
    /// Kind of inspection.
    pub kind: Kind,
    /// What spares it, if anything does.
    pub reason: Option<Reason>,
    /// What the contact is.
    pub contact: Contact,
}

/// A request that waits for a visit.
#[derive(Clone, Debug)]
pub struct Open<'c> {
    /// Id.
    pub id: &'c str,
    /// Id of the department.
    pub department: &'c str,
    /// Its level.
    pub level: Option<Level>,
    /// Id of the item.
    pub item: &'c str,
    /// Kind of inspection.
    pub kind: Kind,
    /// What spares it, if anything does.
    pub reason: Option<Reason>,
    /// First allowed day.
    pub earliest: NaiveDate,
    /// Last allowed day.
    pub latest: NaiveDate,
    /// Minutes on site.
    pub minutes: i64,
}

impl Case<'_> {
    /// The days that may be looked at: those of the window from today on.
    pub fn window(&self) -> Span {
        Span { first: self.request.earliest.max(self.today), last: self.request.latest }
    }
}
