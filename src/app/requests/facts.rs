//! The facts of a request, gathered from register and schedule: what a case is made of.

mod case;

use super::read_cache::{Place, ReadCache, Scope};
use crate::app::App;
use crate::app::error::{Error, Result};
use crate::app::law::campaigns;
use crate::app::law::campaigns::PlannedUse;
use crate::app::law::draws;
use crate::app::law::reading;
use crate::app::register::catalogue::is_own_item;
use crate::domain::problem::Span;
use crate::domain::register::area::AreaTree;
use crate::domain::rules::{Pack, REMEDY_DAYS};
use crate::domain::{Defect, Message};
use crate::message;
use crate::store::{Sparing, Tx, VisitPart};
use crate::wire::law::campaign::{InspectionPlan, InspectionPlanKind};
use crate::wire::register::{self, Authority, Body};
use crate::wire::requests::request::{Kind, NewRequest, Request};
use chrono::{Datelike, Days, NaiveDate};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The pool that serves a department in an area, and its inspectors.
type Served = (String, Arc<Vec<register::Inspector>>);

/// What the register and the schedule say of a request: what a case is made of. Gathered in a
/// transaction; judged without one.
pub(in crate::app) struct Facts {
    pub(super) today: NaiveDate,
    pub(super) filed: NewRequest,
    pub(super) department: Arc<register::Department>,
    pub item: Arc<register::Item>,
    pub enterprise: Arc<register::Enterprise>,
    sparing: Arc<Sparing>,
    quiet_areas: Arc<Vec<register::QuietPeriod>>,
    bodies: Arc<Vec<Body>>,
    authorities: Arc<Vec<Authority>>,
    /// The request's own part of the schedule, when it exists already.
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
    pub(super) pack: Arc<Pack>,
    pub(super) pool: Option<Served>,
    pub(super) recused: Arc<BTreeSet<String>>,
    pub(super) is_new: bool,
}

/// Days that rules are asked about: the window, and those in which a remedy is looked for.
fn looked_at(today: NaiveDate, filed: &NewRequest) -> Span {
    Span { first: filed.earliest.min(today), last: filed.latest + Days::new(REMEDY_DAYS) }
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

    /// Gathers them; what the register does not know is an error.
    pub(in crate::app) fn gather(
        app: &App,
        tx: &mut Tx<'_>,
        cache: &mut ReadCache,
        id: Option<&str>,
        new: &NewRequest,
    ) -> Result<Facts> {
        let today = app.today();
        let department = cache.department(tx, &new.department)?;
        let item = cache.item(tx, &new.item)?;
        let scope = scope(today, item.as_deref(), new);
        let place = cache.place(app, tx, &new.enterprise, scope)?;
        let plan = match &new.plan {
            Some(id) => cache.inspection_plan(app, tx, id)?,
            None => None,
        };
        let mut defects = Vec::new();
        if department.is_none() {
            let department = &new.department;
            let message = message!("unknown-department_of-request", department = department);
            defects.push(Defect::at("/department", message));
        }
        if place.is_none() {
            let enterprise = &new.enterprise;
            let message = message!("unknown-enterprise_of-request", enterprise = enterprise);
            defects.push(Defect::at("/enterprise", message));
        }
        defects.extend(item_defect(tx, cache, new, item.as_deref())?);
        // the papers of an existing request were looked at when it was filed
        if id.is_none() {
            defects.extend(inspection_plan_defects(
                tx,
                cache,
                new,
                (plan.as_deref(), place.as_deref()),
            )?);
            defects.extend(draw_defects(tx, cache, new)?);
        }
        let (Some(department), Some(place), Some(item), true) =
            (department, place, item, defects.is_empty())
        else {
            return Err(Error::Invalid(defects));
        };
        let enterprise = Arc::clone(&place.enterprise);
        let Beside { own_part, parts, open } = beside(&place, id, scope.since);
        Ok(Facts {
            today,
            filed: new.clone(),
            sparing: Arc::clone(&place.sparing),
            quiet_areas: cache.quiet_areas(tx, scope)?,
            bodies: cache.bodies(tx, &department.id)?,
            authorities: cache.authorities(tx, &item.id)?,
            levels: levels(tx, cache, &department, &open)?,
            leads: reading::leads(tx, cache, &parts)?,
            own_part,
            parts,
            open,
            plan,
            // a request that exists already takes nothing from itself
            plan_used: -i64::from(id.is_some()),
            tree: cache.around(tx, &enterprise.area)?,
            pack: cache.pack(app, tx, today)?,
            pool: pool(tx, cache, (&department.id, &enterprise.area))?,
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
    pub(super) fn inspection_plan(&self) -> Option<InspectionPlan> {
        let plan = InspectionPlan::clone(self.plan.as_ref()?);
        Some(InspectionPlan { used: plan.used.map(|n| n + self.plan_used), ..plan })
    }

    /// What is left of the quota of its plan; `None`: nothing limits it.
    pub(super) fn quota_left(&self) -> Option<i64> {
        case::inspection_plan_case(self.plan.as_deref()?, self.plan_used).quota_left
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

    /// Minutes and inspectors of the request, its item's where it names none; then as many inspectors
    /// as the law asks for at least.
    pub(super) fn effort(&self, pack: &Pack) -> (i64, i64) {
        let usual = pack.crew(self.item.inspectors.value);
        (
            self.filed.minutes.unwrap_or(self.item.minutes.value),
            self.filed.inspectors.unwrap_or(usual),
        )
    }
}

/// A defect of what another use case found: code, field of the request and message.
pub(super) fn at_field((field, message): (&'static str, Message)) -> Defect {
    Defect::at(format!("/{field}"), message)
}

/// Why a request cannot be for its item, where it cannot.
fn item_defect(
    tx: &mut Tx<'_>,
    cache: &mut ReadCache,
    new: &NewRequest,
    item: Option<&register::Item>,
) -> Result<Option<Defect>> {
    let Some(item) = item else {
        let message = message!("unknown-item_of-request", item = &new.item);
        return Ok(Some(Defect::at("/item", message)));
    };
    let bodies = cache.bodies(tx, &new.department)?;
    if is_own_item(item, &new.department, &bodies, &cache.authorities(tx, &item.id)?) {
        return Ok(None);
    }
    let message = message!(
        "foreign-item_of-request",
        item = &item.id,
        owner = &item.department,
        department = &new.department,
    );
    Ok(Some(Defect::at("/item", message)))
}

/// Why the plan that a request names does not carry it.
fn inspection_plan_defects(
    tx: &mut Tx<'_>,
    cache: &mut ReadCache,
    new: &NewRequest,
    (plan, place): (Option<&InspectionPlan>, Option<&Place>),
) -> Result<Vec<Defect>> {
    let (Some(id), Some(place)) = (&new.plan, place) else { return Ok(Vec::new()) };
    let Some(plan) = plan else {
        return Ok(vec![Defect::at("/plan", message!("unknown-plan", plan = id))]);
    };
    let planned_use = PlannedUse {
        department: &new.department,
        item: &new.item,
        window: (new.earliest, new.latest),
        kind: match new.kind {
            Kind::Special => InspectionPlanKind::Campaign,
            _ => InspectionPlanKind::Annual,
        },
    };
    let area = &place.enterprise.area;
    let is_within = |around: &str| Ok(cache.within(tx, around)?.contains(area));
    let found = campaigns::intake_defects(plan, &planned_use, is_within)?;
    Ok(found.into_iter().map(at_field).collect())
}

/// Why the draw that a request names does not carry it.
fn draw_defects(tx: &mut Tx<'_>, cache: &mut ReadCache, new: &NewRequest) -> Result<Vec<Defect>> {
    let Some(id) = &new.draw else { return Ok(Vec::new()) };
    let what = (new.department.as_str(), new.enterprise.as_str(), new.item.as_str());
    let (draw, window) = (cache.draw(tx, id)?, (new.earliest, new.latest));
    let found = draws::intake_defects(tx, (id, draw.as_deref()), what, window)?;
    Ok(found.into_iter().map(at_field).collect())
}

/// What register and schedule hold at an enterprise beside a request.
struct Beside {
    own_part: Option<VisitPart>,
    parts: Vec<VisitPart>,
    open: Vec<Arc<Request>>,
}

/// A request that exists already is no obstacle to itself: its own visit and itself are left out.
fn beside(place: &Place, id: Option<&str>, since: NaiveDate) -> Beside {
    let mut parts = place.parts.clone();
    parts.retain(|part| part.day >= since);
    let own = id.unwrap_or_default();
    let own_part = parts.iter().find(|part| part.request == own).cloned();
    parts.retain(|part| own_part.as_ref().is_none_or(|own| part.visit != own.visit));
    let scheduled: BTreeSet<&str> = parts.iter().map(|part| part.request.as_str()).collect();
    let mut open = place.open.clone();
    open.retain(|request| request.id != own && !scheduled.contains(request.id.as_str()));
    Beside { own_part, parts, open }
}

/// Levels of the department that files and of those whose requests wait.
fn levels(
    tx: &mut Tx<'_>,
    cache: &mut ReadCache,
    department: &register::Department,
    open: &[Arc<Request>],
) -> Result<BTreeMap<String, Option<register::Level>>> {
    let mut levels = BTreeMap::from([(department.id.clone(), department.level)]);
    for request in open {
        let id = &request.filed.department;
        if !levels.contains_key(id) {
            let level = cache.department(tx, id)?.and_then(|found| found.level);
            levels.insert(id.clone(), level);
        }
    }
    Ok(levels)
}

fn pool(
    tx: &mut Tx<'_>,
    cache: &mut ReadCache,
    (department, area): (&str, &str),
) -> Result<Option<Served>> {
    let Some(pool) = cache.pool_serving(tx, department, area)? else { return Ok(None) };
    let staff = cache.inspectors(tx, &pool)?;
    Ok(Some((pool, staff)))
}
