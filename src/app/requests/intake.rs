//! Filing under the law: the facts of a request gathered from register and schedule, what the rule pack
//! in force makes of them, and the state that the request comes into.

use super::read_cache::{ReadCache, Scope};
use crate::app::App;
use crate::app::access::{Action, Caller, Object};
use crate::app::error::{Error, Result};
use crate::app::law::campaigns;
use crate::app::law::campaigns::PlannedUse;
use crate::app::law::draws;
use crate::app::law::reading;
use crate::app::register::catalogue::Catalogue;
use crate::app::register::catalogue::is_own_item;
use crate::app::register::staff;
use crate::domain::Defect;
use crate::domain::problem::Span;
use crate::domain::register::area::AreaTree;
use crate::domain::register::authority::{Entry, Matrix};
use crate::domain::rules::{self, Case, Finding, Pack, REMEDY_DAYS, RuleId, case};
use crate::store::{Sparing, Tx, VisitPart};
use crate::wire::law::campaign::{InspectionPlan, PlanKind};
use crate::wire::register::{self, Authority, Body, BodyRole};
use crate::wire::requests::request::{Kind, NewRequest, Request, RequestState};
use chrono::{Datelike, Days, NaiveDate};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Most requests that wait at one enterprise: each is judged beside all others.
const OPEN_MAX: usize = 1_000;
/// Days within which the papers of an urgent request are completed.
const PAPERS_DAYS: u64 = 3;

/// What the register and the schedule say of a request: what a case is made of. Gathered in a
/// transaction; judged without one.
pub(in crate::app) struct Facts {
    today: NaiveDate,
    filed: NewRequest,
    department: Arc<register::Department>,
    pub item: Arc<register::Item>,
    pub enterprise: Arc<register::Enterprise>,
    sparing: Arc<Sparing>,
    quiet_areas: Arc<Vec<register::QuietPeriod>>,
    bodies: Arc<Vec<Body>>,
    authorities: Arc<Vec<Authority>>,
    /// The request's own part of the schedule, when it stands there already.
    pub own_part: Option<VisitPart>,
    /// What else the schedule holds at the enterprise.
    pub parts: Vec<VisitPart>,
    pub open: Vec<Arc<Request>>,
    levels: BTreeMap<String, Option<register::Level>>,
    leads: BTreeMap<String, String>,
    plan: Option<Arc<InspectionPlan>>,
    /// Inspections under the plan that this one is judged after, beyond those that the plan counts.
    plan_used: i64,
    /// The enterprise's area and those around it.
    tree: Arc<AreaTree>,
    pack: Arc<Pack>,
    /// The pool that serves the department there, and its inspectors.
    pool: Option<(String, Arc<Vec<register::Inspector>>)>,
    recused: Arc<BTreeSet<String>>,
    is_new: bool,
}

/// A request as the law has it.
pub(in crate::app) struct Judged {
    /// With its defaults.
    pub filled: NewRequest,
    /// The state that it comes into.
    pub state: RequestState,
    /// Until when the papers of an urgent one are completed.
    pub approval_due: Option<NaiveDate>,
    /// Who has approved it by filing it.
    pub approved_by: Option<String>,
    /// What the rules say, the gravest first.
    pub findings: Vec<Finding>,
    /// The pack that was applied.
    pub pack: Arc<Pack>,
}

/// The days that are looked at for a request, wherever its item's results are valid for long.
fn scope(today: NaiveDate, item: Option<&register::Item>, new: &NewRequest) -> Scope {
    let looked_at = looked_at(today, new);
    let year_begins = NaiveDate::from_ymd_opt(new.earliest.year(), 1, 1).unwrap_or(today);
    let valid_days = item.map_or(0, |item| item.valid_days);
    let valid_since = today - Days::new(valid_days.max(366) as u64);
    Scope { since: year_begins.min(valid_since), first: looked_at.first, last: looked_at.last }
}

impl Facts {
    /// Reads at once what several requests need of their enterprises.
    pub(super) fn read_places<'r>(
        app: &App,
        tx: &mut Tx<'_>,
        cache: &mut ReadCache,
        requests: impl Iterator<Item = &'r NewRequest>,
    ) -> Result<()> {
        let mut codes: BTreeSet<&String> = BTreeSet::new();
        let mut whole: Option<Scope> = None;
        for new in requests {
            let item = cache.item(tx, &new.item)?;
            let own = scope(app.today(), item.as_deref(), new);
            whole = Some(whole.map_or(own, |whole| whole.with(own)));
            codes.insert(&new.enterprise);
        }
        let codes: Vec<String> = codes.into_iter().cloned().collect();
        match whole {
            Some(scope) => cache.read_places(app, tx, &codes, scope),
            None => Ok(()),
        }
    }

    /// Gathers them; what the register does not know is told.
    pub(in crate::app) fn gather(
        app: &App,
        tx: &mut Tx<'_>,
        cache: &mut ReadCache,
        id: Option<&str>,
        new: &NewRequest,
    ) -> Result<Facts> {
        let mut defects = Vec::new();
        let mut report = |code: &'static str, field: &str, message: String| {
            defects.push(Defect::new(code, format!("/{field}"), message));
        };
        let today = app.today();
        let department = cache.department(tx, &new.department)?;
        if department.is_none() {
            report("unknown-department", "department", unknown("department", &new.department));
        }
        let item = cache.item(tx, &new.item)?;
        let scope = scope(today, item.as_deref(), new);
        let place = cache.place(app, tx, &new.enterprise, scope)?;
        if place.is_none() {
            report("unknown-enterprise", "enterprise", unknown("enterprise", &new.enterprise));
        }
        match &item {
            None => report("unknown-item", "item", unknown("item", &new.item)),
            Some(item)
                if !is_own_item(
                    item,
                    &new.department,
                    &cache.bodies(tx, &new.department)?,
                    &cache.authorities(tx, &item.id)?,
                ) =>
            {
                let message = format!(
                    "The item \"{}\" belongs to {}, not to {}.",
                    item.id, item.department, new.department
                );
                report("foreign-item", "item", message);
            }
            Some(_) => {}
        }
        let plan = match &new.plan {
            Some(id) => cache.plan(app, tx, id)?,
            None => None,
        };
        // the papers of a request that stands were looked at when it was filed
        let papers = if id.is_none() { (&new.plan, &new.draw) } else { (&None, &None) };
        if let (Some(id), Some(place)) = (papers.0, &place) {
            let kind = match new.kind {
                Kind::Special => PlanKind::Campaign,
                _ => PlanKind::Annual,
            };
            let area = &place.enterprise.area;
            let planned_use = PlannedUse {
                department: &new.department,
                item: &new.item,
                window: (new.earliest, new.latest),
                kind,
            };
            let is_within = |around: &str| Ok(cache.within(tx, around)?.contains(area));
            let found = match &plan {
                Some(plan) => campaigns::intake_defects(plan, &planned_use, is_within)?,
                None => {
                    vec![("unknown-plan", "plan", format!("There is no inspection plan \"{id}\"."))]
                }
            };
            for (code, field, message) in found {
                report(code, field, message);
            }
        }
        if let Some(id) = papers.1 {
            let what = (new.department.as_str(), new.enterprise.as_str(), new.item.as_str());
            let (draw, window) = (cache.draw(tx, id)?, (new.earliest, new.latest));
            let found = draws::intake_defects(tx, (id, draw.as_deref()), what, window)?;
            for (code, field, message) in found {
                report(code, field, message);
            }
        }
        let (Some(department), Some(place), Some(item), true) =
            (department, place, item, defects.is_empty())
        else {
            return Err(Error::Invalid(defects));
        };
        let enterprise = Arc::clone(&place.enterprise);
        let mut parts = place.parts.clone();
        parts.retain(|part| part.day >= scope.since);
        // a request that stands already is no obstacle to itself
        let own = id.unwrap_or_default();
        let own_part = parts.iter().find(|part| part.request == own).cloned();
        parts.retain(|part| own_part.as_ref().is_none_or(|own| part.visit != own.visit));
        let scheduled: BTreeSet<&str> = parts.iter().map(|part| part.request.as_str()).collect();
        let mut open = place.open.clone();
        open.retain(|request| request.id != own && !scheduled.contains(request.id.as_str()));
        let mut levels = BTreeMap::from([(department.id.clone(), department.level)]);
        for request in &open {
            let id = &request.filed.department;
            if !levels.contains_key(id) {
                let level = cache.department(tx, id)?.and_then(|found| found.level);
                levels.insert(id.clone(), level);
            }
        }
        let leads = reading::leads(tx, cache, &parts)?;
        let pool = match cache.pool_serving(tx, &department.id, &enterprise.area)? {
            Some(pool) => {
                let staff = cache.inspectors(tx, &pool)?;
                Some((pool, staff))
            }
            None => None,
        };
        Ok(Facts {
            today,
            filed: new.clone(),
            sparing: Arc::clone(&place.sparing),
            quiet_areas: cache.quiet_areas(tx, scope)?,
            bodies: cache.bodies(tx, &department.id)?,
            authorities: cache.authorities(tx, &item.id)?,
            own_part,
            parts,
            open,
            levels,
            leads,
            plan,
            // a request that stands already takes nothing from itself
            plan_used: -i64::from(id.is_some()),
            tree: cache.around(tx, &enterprise.area)?,
            pack: cache.pack(app, tx, today)?,
            pool,
            recused: Arc::clone(&place.recused),
            is_new: id.is_none(),
            department,
            item,
            enterprise,
        })
    }

    /// Has the facts see what is filed just before: open requests at the same enterprise with the levels of
    /// their departments, and how many are under the same plan.
    pub(in crate::app) fn see(
        &mut self,
        open: &[(Arc<Request>, Option<register::Level>)],
        planned: i64,
    ) {
        for (request, level) in open {
            self.levels.insert(request.filed.department.clone(), *level);
            self.open.push(Arc::clone(request));
        }
        self.plan_used += planned;
    }

    /// The level of the department that files.
    pub(in crate::app) fn level(&self) -> Option<register::Level> {
        self.department.level
    }

    /// The plan with what is used of its quota.
    fn plan(&self) -> Option<InspectionPlan> {
        let plan = InspectionPlan::clone(self.plan.as_ref()?);
        Some(InspectionPlan { used: plan.used.map(|n| n + self.plan_used), ..plan })
    }

    /// What is left of the quota of its plan; `None`: nothing limits it.
    pub(super) fn quota_left(&self) -> Option<i64> {
        plan_case(self.plan.as_deref()?, self.plan_used).quota_left
    }

    /// What is filed.
    pub(in crate::app) fn filed(&self) -> &NewRequest {
        &self.filed
    }

    /// Whether the enterprise has said that it is closed on a day.
    pub(super) fn is_closed(&self, day: NaiveDate) -> bool {
        self.sparing.closures.iter().any(|closure| closure.from <= day && day <= closure.to)
    }

    /// The same as it was looked at when it was filed; with the day on which it was held, that day alone.
    pub(in crate::app) fn look_from(&mut self, filed_on: NaiveDate, held_on: Option<NaiveDate>) {
        self.today = filed_on;
        self.open.clear();
        if let Some(day) = held_on {
            (self.filed.earliest, self.filed.latest) = (day, day);
        }
    }

    /// Minutes and inspectors of the request, its item's where it tells none; then as many inspectors
    /// as the law asks for at least.
    fn effort(&self, pack: &Pack) -> (i64, i64) {
        let usual = pack.crew(self.item.inspectors.value);
        (
            self.filed.minutes.unwrap_or(self.item.minutes.value),
            self.filed.inspectors.unwrap_or(usual),
        )
    }

    /// The case that the rules judge.
    pub(in crate::app) fn case<'c>(
        &'c self,
        pack: &Pack,
        is_workday: &'c dyn Fn(NaiveDate) -> bool,
    ) -> Case<'c> {
        let (minutes, inspectors) = self.effort(pack);
        let filed = &self.filed;
        Case {
            today: self.today,
            request: case::Filing {
                department: &filed.department,
                kind: filed.kind.into(),
                reason: filed.reason.map(Into::into),
                contact: filed.contact.into(),
                earliest: filed.earliest,
                latest: filed.latest,
                inspectors,
                minutes,
                is_solo: filed.solo,
                plan: self.plan.as_deref().map(|plan| plan_case(plan, self.plan_used)),
                // one that did not draw it was told before
                draw: filed.draw.as_deref().map(|id| case::DrawRef { id, covers: true }),
                agreement: filed.agreement.as_deref(),
                on_site_reason: filed.on_site_reason.as_deref(),
                // intake keeps that gate itself, by the request's state
                is_approved: true,
            },
            item: reading::item_case(&self.item),
            enterprise: self.enterprise_case(),
            body: self.body(),
            visits: reading::held(&self.parts, &self.leads),
            open: self.open.iter().map(|request| self.open_case(request)).collect(),
            is_workday,
        }
    }

    fn enterprise_case(&self) -> case::Enterprise<'_> {
        let id = &self.enterprise.id;
        let listings = self.sparing.listings.iter().filter(|listing| listing.enterprise == *id);
        let listings: Vec<&register::Listing> = listings.collect();
        reading::enterprise_case(&self.enterprise, self.areas(), &listings, self.quiet())
    }

    /// The enterprise's area and those around it, the smallest first.
    fn areas(&self) -> Vec<&str> {
        self.tree.chain(&self.enterprise.area)
    }

    fn quiet(&self) -> Vec<Span> {
        let (within, areas) = (looked_at(self.today, &self.filed), self.areas());
        let own = |period: &&register::QuietPeriod| {
            period.enterprise.as_ref() == Some(&self.enterprise.id)
                || period.area.as_ref().is_some_and(|area| areas.contains(&area.as_str()))
        };
        let all = self.sparing.quiet.iter().chain(self.quiet_areas.iter());
        all.filter(own).flat_map(|p| reading::quiet_spans(p, within)).collect()
    }

    fn body(&self) -> case::Body<'_> {
        let roles: Vec<BodyRole> = self.bodies.iter().map(|body| body.role).collect();
        let inspecting = self.bodies.iter().filter(|body| body.role == BodyRole::Inspects);
        let mut areas: Vec<&str> = inspecting.clone().map(|body| body.area.as_str()).collect();
        if areas.is_empty() {
            areas.extend(self.department.area.as_deref());
        }
        case::Body {
            department: &self.department.id,
            level: self.department.level.map(Into::into),
            inspects: (!roles.is_empty()).then(|| roles.contains(&BodyRole::Inspects)),
            areas,
            holds: self.holds(),
        }
    }

    /// Days on which a body of the department holds the item here, as far as a remedy is looked for.
    fn holds(&self) -> Option<Vec<Span>> {
        if self.authorities.is_empty() {
            return None;
        }
        let entries: Vec<Entry> = self.authorities.iter().map(Entry::from).collect();
        let matrix = Matrix::new(&self.tree, &entries);
        let own: BTreeSet<&str> = self.bodies.iter().map(|body| body.id.as_str()).collect();
        let within = looked_at(self.today, &self.filed);
        // between the days on which an entry begins or has ended nothing changes
        let changes = entries
            .iter()
            .flat_map(|entry| [Some(entry.from), entry.until.and_then(|day| day.succ_opt())]);
        let mut firsts: BTreeSet<NaiveDate> = changes.flatten().collect();
        firsts.retain(|day| within.contains(*day));
        firsts.insert(within.first);
        let mut spans: Vec<Span> = Vec::new();
        for first in firsts.iter().copied() {
            let next = firsts.range(first + Days::new(1)..).next();
            let last = next.map_or(within.last, |next| *next - Days::new(1));
            let holders = matrix.holders(&self.item.id, &self.enterprise.area, first);
            if holders.iter().any(|holding| own.contains(holding.body)) {
                spans.push(Span { first, last });
            }
        }
        Some(spans)
    }

    fn open_case<'c>(&'c self, request: &'c Request) -> case::Open<'c> {
        let filed = &request.filed;
        case::Open {
            id: &request.id,
            department: &filed.department,
            level: self.levels.get(&filed.department).copied().flatten().map(Into::into),
            item: &filed.item,
            kind: filed.kind.into(),
            reason: filed.reason.map(Into::into),
            earliest: filed.earliest,
            latest: filed.latest,
            minutes: filed.minutes.unwrap_or(0),
        }
    }
}

/// Days that rules are asked about: the window, and those in which a remedy is looked for.
fn looked_at(today: NaiveDate, filed: &NewRequest) -> Span {
    Span { first: filed.earliest.min(today), last: filed.latest + Days::new(REMEDY_DAYS) }
}

/// A plan or campaign as the rules look at it.
fn plan_case(standing: &InspectionPlan, more: i64) -> case::PlanRef<'_> {
    let InspectionPlan { id, plan, approval, filed_on, published_on, used, .. } = standing;
    let steps = [
        (rules::PlanStep::LegalityReview, plan.steps.legality_review_on),
        (rules::PlanStep::CollectiveDiscussion, plan.steps.collective_discussion_on),
        (rules::PlanStep::PublicNotice, plan.steps.public_notice_on),
    ];
    case::PlanRef {
        id,
        kind: match plan.kind {
            PlanKind::Annual => rules::PlanKind::Annual,
            PlanKind::Campaign => rules::PlanKind::Campaign,
        },
        year: i32::try_from(plan.year).unwrap_or_default(),
        filed_on: *filed_on,
        published_on: *published_on,
        approval_number: approval.as_ref().and_then(|given| given.approval_number.as_deref()),
        quota_left: plan.quota.map(|quota| (quota - used.unwrap_or(0) - more).max(0)),
        items: plan.items.iter().map(String::as_str).collect(),
        steps: steps.iter().filter(|(_, day)| day.is_some()).map(|(step, _)| *step).collect(),
    }
}

fn unknown(what: &str, id: &str) -> String {
    format!("There is no {what} \"{id}\" in the register; add it first, or mend the id.")
}

/// What a filing is, and what the law makes of it; every defect and refusal is an error. Whoever calls
/// has asked whether the caller may file for the department at all, before anything was gathered.
pub(in crate::app) fn judge(app: &App, caller: &Caller, facts: &Facts) -> Result<Judged> {
    let new = &facts.filed;
    let object = Object::of(&new.department).in_area(&facts.enterprise.area);
    caller.may(Action::FileRequest, &object)?;
    let findings = admit(app, facts)?;
    let pack = Arc::clone(&facts.pack);
    let kind: rules::Kind = new.kind.into();
    let reason: Option<rules::Reason> = new.reason.map(Into::into);
    let is_exempt = pack.is_spared(new.contact.into(), kind, reason);
    let (minutes, inspectors) = facts.effort(&pack);
    let filled = NewRequest {
        minutes: Some(minutes),
        inspectors: Some(inspectors),
        exempt: Some(new.exempt.unwrap_or(is_exempt)),
        quiet_exempt: Some(new.quiet_exempt.unwrap_or_else(|| pack.is_quiet_exempt(kind, reason))),
        ..new.clone()
    };
    let has = |rule| findings.iter().any(|finding| finding.rule == rule && finding.refuses());
    let is_head = caller.may(Action::Approve, &object).is_ok();
    let is_urgent = pack.terms.r04.urgent_kinds.contains(&kind);
    let approval_due = is_urgent && !is_head && pack.binds(RuleId::R04);
    let state = if has(RuleId::R29) {
        RequestState::Recognised
    } else if has(RuleId::R13) {
        RequestState::OffSite
    } else if is_head || is_urgent || !pack.binds(RuleId::R04) {
        RequestState::Accepted
    } else {
        RequestState::ApprovalPending
    };
    Ok(Judged {
        filled,
        state,
        approval_due: approval_due.then(|| app.today() + Days::new(PAPERS_DAYS)),
        approved_by: (is_head && state == RequestState::Accepted).then(|| caller.name.clone()),
        findings,
        pack,
    })
}

/// What the pack in force finds, unless something refuses the request. A result that is recognised, and
/// papers that may settle it, lead elsewhere and refuse nothing.
fn admit(app: &App, facts: &Facts) -> Result<Vec<Finding>> {
    let (new, pack) = (&facts.filed, &facts.pack);
    let mut defects = Vec::new();
    let mut report = |code: &'static str, field: &str, message: String| {
        defects.push(Defect::new(code, format!("/{field}"), message));
    };
    if let Some(plan) = facts.plan().filter(|_| facts.is_new)
        && let Some((code, field, message)) = campaigns::quota_defect(&plan)
    {
        report(code, field, message);
    }
    let crew = pack.crew(facts.effort(pack).1);
    match &facts.pool {
        Some((pool, staff)) => {
            let window = (new.earliest, new.latest);
            let (recused, item) = (&facts.recused, &facts.item);
            let found = staff::intake_defects(pool, staff, recused, item, (crew, window));
            for (code, field, message) in found {
                report(code, field, message);
            }
        }
        None => {
            let message = format!(
                "{} has no pool of inspectors for the area {}; add one first.",
                facts.department.name.en, facts.enterprise.area
            );
            report("no-pool", "enterprise", message);
        }
    }
    if facts.is_new && facts.open.len() >= OPEN_MAX {
        let message = format!(
            "{OPEN_MAX} requests wait at this enterprise already; withdraw some, or wait until they are held."
        );
        report("too-many-open", "enterprise", message);
    }
    if new.latest < facts.today {
        let message =
            format!("The window ends on {}, which is past; today is {}.", new.latest, facts.today);
        report("past", "latest", message);
    }
    // a calendar that ends before the window does is no reason to refuse
    let workdays = new.earliest.iter_days().take_while(|day| *day <= new.latest);
    if workdays.map(|day| app.calendar.is_workday(day)).all(|work| work == Ok(false)) {
        let message = format!(
            "No working day lies between {} and {}; widen the window.",
            new.earliest, new.latest
        );
        report("no-working-day", "latest", message);
    }
    let (kind, reason) = (new.kind.into(), new.reason.map(Into::into));
    let is_exempt = pack.is_spared(new.contact.into(), kind, reason);
    if new.exempt == Some(true) && !is_exempt {
        let message = "Nothing spares this kind of inspection from caps (R07): name the \"reason\" that \
                       does, or leave \"exempt\" out.";
        report("exempt-without-reason", "exempt", message.into());
    }
    let is_quiet_exempt = pack.is_quiet_exempt(kind, reason);
    if new.quiet_exempt == Some(true) && !is_quiet_exempt {
        let message = "Nothing spares this kind of inspection from quiet days (R22): name the \"reason\" \
                       that does, or leave \"quiet_exempt\" out.";
        report("exempt-without-reason", "quiet_exempt", message.into());
    }
    if !defects.is_empty() {
        return Err(Error::Invalid(defects));
    }
    let is_workday = |day: NaiveDate| app.is_workday(day);
    let mut findings = pack.judge(&facts.case(pack, &is_workday));
    findings.sort_by_key(|finding| (finding.severity, finding.rule));
    let is_elsewhere = |finding: &Finding| matches!(finding.rule, RuleId::R13 | RuleId::R29);
    if findings.iter().any(|finding| finding.refuses() && !is_elsewhere(finding)) {
        return Err(Error::Refused { pack: reading::named(pack), findings });
    }
    Ok(findings)
}

/// Judges a standing request with another window.
pub(super) fn admit_again(app: &App, tx: &mut Tx<'_>, id: &str, moved: &NewRequest) -> Result<()> {
    // what was filled in when it was filed is no claim of the caller's
    let moved = NewRequest { exempt: None, quiet_exempt: None, ..moved.clone() };
    let cache = &mut ReadCache::default();
    let facts = Facts::gather(app, tx, cache, Some(id), &moved)?;
    admit(app, &facts).map(|_| ())
}

/// Why requests at one enterprise cannot share a visit, where they cannot: those of several departments
/// need a scenario in common.
pub(super) fn not_combinable(tx: &mut Tx<'_>, requests: &[Request]) -> Result<Option<String>> {
    let departments: BTreeSet<&String> = requests.iter().map(|r| &r.filed.department).collect();
    let Some(first) = requests.first().filter(|_| departments.len() > 1) else { return Ok(None) };
    let Some(enterprise) = tx.enterprise(&first.filed.enterprise)? else { return Ok(None) };
    if enterprise.value.joint_opt_out {
        return Ok(Some("The enterprise wants no joint visits.".into()));
    }
    let catalogue = Catalogue::read(tx)?;
    let mut common: Option<BTreeSet<String>> = None;
    for request in requests {
        let own = catalogue.scenarios_of(&request.filed.item, &enterprise.value.industry);
        let own: BTreeSet<String> = own.into_iter().collect();
        common = Some(match common {
            None => own,
            Some(common) => common.intersection(&own).cloned().collect(),
        });
    }
    let is_empty = common.is_some_and(|common| common.is_empty());
    Ok(is_empty.then(|| "No inspect-once scenario has all of their items.".into()))
}

/// Whether papers or data may settle an item.
pub(super) fn may_be_off_site(tx: &mut Tx<'_>, item: &str) -> Result<bool> {
    let item = tx.item(item)?;
    Ok(item.is_some_and(|item| item.value.method == register::Method::OffSitePossible))
}
