//! Before filing and before planning: when a request could be served at all, and which weeks let it join
//! others who go there anyway.

use super::facts::Facts;
use super::find;
use super::read_cache::ReadCache;
use crate::app::App;
use crate::app::access::{Action, Caller, Object};
use crate::app::error::{Error, Result};
use crate::app::law::reading::named;
use crate::app::register::catalogue::Catalogue;
use crate::app::register::staff;
use crate::domain::problem::Span;
use crate::domain::register::days;
use crate::domain::register::staff::{Inspector, can_staff};
use crate::domain::rules::{Case, Finding, Pack, REMEDY_DAYS};
use crate::domain::{Argument, Message};
use crate::message;
use crate::store::Tx;
use crate::wire::register::{Name, Pool};
use crate::wire::requests::advice::{
    Advice, Against, Best, DaySpan, Eligibility, Partner, Week, in_both,
};
use crate::wire::requests::request::{Contact, Kind, NewRequest};
use chrono::{Datelike, Days, NaiveDate};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Most weeks to look ahead.
const WEEKS_MAX: i64 = 26;
/// Weeks to look ahead.
const WEEKS: i64 = 13;

/// What rules out a day.
enum Obstacle {
    /// A rule.
    Found(Box<Finding>),
    /// Something that no rule says.
    Other(Message),
}

impl Obstacle {
    fn code(&self) -> &str {
        match self {
            Self::Found(finding) => finding.code(),
            Self::Other(message) => message.code(),
        }
    }

    fn message(&self) -> Message {
        match self {
            Self::Found(finding) => finding.message(),
            Self::Other(message) => message.clone(),
        }
    }
}

impl From<&Obstacle> for Against {
    fn from(obstacle: &Obstacle) -> Self {
        match obstacle {
            Obstacle::Found(finding) => finding.as_ref().into(),
            Obstacle::Other(message) => Self::because(message),
        }
    }
}

/// What decides whether a request may be held on a day.
struct Deciding {
    facts: Facts,
    pack: Arc<Pack>,
    pool: Option<Pool>,
    inspectors: Vec<Inspector>,
}

impl Deciding {
    fn gather(app: &App, tx: &mut Tx<'_>, id: Option<&str>, filed: &NewRequest) -> Result<Self> {
        let cache = &mut ReadCache::default();
        let facts = Facts::gather(app, tx, cache, id, filed)?;
        let pack = cache.pack(app, tx, app.today())?;
        let pool = match cache.pool_serving(tx, &filed.department, &facts.enterprise.area)? {
            Some(id) => tx.pool(&id)?.map(|found| found.value),
            None => None,
        };
        let inspectors = match &pool {
            Some(pool) => staff::of_pools(tx)?.remove(&pool.id).unwrap_or_default(),
            None => Vec::new(),
        };
        Ok(Self { facts, pack, pool, inspectors })
    }

    /// What rules out a visit on a working day.
    fn against(&self, case: &Case<'_>, day: NaiveDate) -> Option<Obstacle> {
        let other = |message: Message| Some(Obstacle::Other(message));
        let enterprise = &self.facts.enterprise;
        if !days::is_open_weekday(&enterprise.open_weekdays, day) || self.facts.is_closed(day) {
            return other(message!("enterprise-closed"));
        }
        if let Err(findings) = self.pack.admits_on(case, day) {
            return findings.into_iter().next().map(|finding| Obstacle::Found(Box::new(finding)));
        }
        let Some(pool) = &self.pool else {
            return other(message!("no-pool"));
        };
        let minutes = pool.days.get(&day).copied().unwrap_or(pool.minutes);
        if minutes + pool.overtime_minutes <= pool.attendance_minutes || minutes == 0 {
            return other(message!("no-inspectors_no-time", pool = &pool.id));
        }
        let item = &self.facts.item;
        let crew = self.pack.crew(case.request.inspectors);
        let is_staffed = self.inspectors.is_empty()
            || can_staff(
                &self.inspectors,
                &enterprise.id,
                item.qualification.as_deref(),
                crew,
                std::iter::once(day),
            );
        if is_staffed {
            return None;
        }
        other(message!("no-inspectors_too-few", crew = crew, pool = &pool.id))
    }
}

/// When a request could be served at all, from today on or from its window's first day, into the next
/// year.
pub fn eligibility(app: &App, caller: &Caller, id: &str) -> Result<Eligibility> {
    caller.reach(Action::ReadRequest)?;
    app.store.read(|tx| {
        let (request, object) = find(tx, id)?;
        caller.may(Action::ReadRequest, &object)?;
        let filed = &request.filed;
        let deciding = Deciding::gather(app, tx, Some(id), filed)?;
        let is_workday = |day: NaiveDate| app.is_workday(day);
        let case = deciding.facts.case(&deciding.pack, &is_workday);
        let first = filed.earliest.max(app.today());
        let last = filed.latest.max(app.today()) + Days::new(REMEDY_DAYS);
        let mut spans: Vec<DaySpan> = Vec::new();
        let workdays = first.iter_days().take_while(|day| *day <= last).filter(|d| is_workday(*d));
        for day in workdays {
            let (in_window, obstacle) = (day <= filed.latest, deciding.against(&case, day));
            let code = obstacle.as_ref().map(Obstacle::code);
            let is_alike = |span: &DaySpan| {
                let span_code = span.against.as_ref().map(|against| against.code.as_str());
                span.in_window == in_window && span_code == code
            };
            match spans.last_mut() {
                Some(span) if is_alike(span) => span.to = day,
                _ => {
                    let against = obstacle.as_ref().map(Against::from);
                    spans.push(DaySpan { from: day, to: day, in_window, against });
                }
            }
        }
        let open = |span: &&DaySpan| span.against.is_none();
        Ok(Eligibility {
            request: id.to_owned(),
            pack: named(&deciding.pack),
            in_window: spans.iter().filter(open).any(|span| span.in_window),
            first: spans.iter().find(open).map(|span| span.from),
            days: spans,
        })
    })
}

/// In which of the next weeks filing for an item at an enterprise would join others, and what it would
/// cost.
pub fn advise(
    app: &App,
    caller: &Caller,
    enterprise: &str,
    item: &str,
    weeks: Option<i64>,
) -> Result<Advice> {
    caller.reach(Action::Advise)?;
    let weeks = weeks.unwrap_or(WEEKS);
    if !(1..=WEEKS_MAX).contains(&weeks) {
        let message = message!("out-of-range_weeks", found = weeks, most = WEEKS_MAX);
        return Err(Error::defect("/weeks", message));
    }
    app.store.read(|tx| {
        let missing = || Error::NotFound(message!("not-found_item", item = item));
        let found = tx.item(item)?.ok_or_else(missing)?.value;
        caller.may(Action::Advise, &Object::of(&found.department))?;
        if let Some(there) = tx.enterprise(enterprise)? {
            let object = Object::of(&found.department).in_area(&there.value.area);
            caller.may(Action::Advise, &object)?;
        }
        let today = app.today();
        let last = today + Days::new(weeks as u64 * 7);
        let draft = draft(&found.department, enterprise, item, (today, last));
        let deciding = Deciding::gather(app, tx, None, &draft)?;
        let is_workday = |day: NaiveDate| app.is_workday(day);
        let case = deciding.facts.case(&deciding.pack, &is_workday);
        let policy = crate::app::planning::policies::find(tx, None)?.policy;
        let joint_cost = policy.attendance_cost;
        let visit_cost = policy.visit_cost[&deciding.facts.enterprise.credit_grade];
        let others = Others::gather(tx, &deciding.facts, &found.department)?;
        let (mut list, mut first_obstacle) = (Vec::new(), None);
        let mut from = today;
        while from <= last {
            // Monday to Sunday, the first from today on
            let to = from + Days::new(u64::from(6 - from.weekday().num_days_from_monday()));
            let mut week = Week {
                from,
                to,
                open_days: 0,
                against: None,
                partners: others.between(from, to),
                visits_added: 1,
                cost: None,
            };
            for day in from.iter_days().take_while(|day| *day <= to).filter(|d| is_workday(*d)) {
                match deciding.against(&case, day) {
                    None => week.open_days += 1,
                    Some(obstacle) => {
                        week.against.get_or_insert_with(|| Against::from(&obstacle));
                        first_obstacle.get_or_insert(obstacle);
                    }
                }
            }
            let joins = week.partners.iter().any(|partner| partner.joinable);
            if week.open_days > 0 {
                week.visits_added = i64::from(!joins);
                week.cost = Some(joint_cost + if joins { 0 } else { visit_cost });
            }
            list.push(week);
            from = to + Days::new(1);
        }
        let best = best(&list, visit_cost);
        Ok(Advice {
            enterprise: enterprise.to_owned(),
            item: item.to_owned(),
            pack: named(&deciding.pack),
            alone_cost: visit_cost + joint_cost,
            joint_cost,
            text: in_both(&match (&best, first_obstacle) {
                (Some(best), _) => recommended(&list, best),
                (None, Some(obstacle)) => message!("advice_none", why = obstacle.message()),
                (None, None) => message!("advice_no-workday"),
            }),
            weeks: list,
            best,
        })
    })
}

/// An ordinary request for any day of the weeks looked at.
fn draft(
    department: &str,
    enterprise: &str,
    item: &str,
    (earliest, latest): (NaiveDate, NaiveDate),
) -> NewRequest {
    NewRequest {
        reference: None,
        department: department.into(),
        enterprise: enterprise.into(),
        item: item.into(),
        kind: Kind::Daily,
        contact: Contact::Inspection,
        earliest,
        latest,
        due: None,
        minutes: None,
        inspectors: None,
        reason: None,
        plan: None,
        draw: None,
        on_site_reason: None,
        agreement: None,
        exempt: None,
        quiet_exempt: None,
        together: None,
        solo: false,
        note: None,
    }
}

/// What others plan or want at the enterprise.
struct Others {
    /// Department, its name, the days of its visit or of its window, and whether it may be joined.
    list: Vec<(Partner, Span)>,
}

impl Others {
    fn gather(tx: &mut Tx<'_>, facts: &Facts, department: &str) -> Result<Self> {
        let catalogue = Catalogue::read(tx)?;
        let industry = &facts.enterprise.industry;
        let scenarios = |item: &str| -> BTreeSet<String> {
            catalogue.scenarios_of(item, industry).into_iter().collect()
        };
        let own = scenarios(&facts.item.id);
        let may_join =
            |item: &str| !facts.enterprise.joint_opt_out && !own.is_disjoint(&scenarios(item));
        let mut names: BTreeMap<String, Name> = BTreeMap::new();
        let mut list = Vec::new();
        let visits = facts.parts.iter().map(|part| {
            let day = Span { first: part.day, last: part.day };
            (&part.department, &part.item, Some(part.day), day, false)
        });
        let open = facts.open.iter().map(|request| {
            let filed = &request.filed;
            let span = Span { first: filed.earliest, last: filed.latest };
            (&filed.department, &filed.item, None, span, filed.solo)
        });
        for (other, item, day, span, is_solo) in visits.chain(open) {
            let name = match names.get(other) {
                Some(name) => name.clone(),
                None => {
                    let found = tx.department(other)?.map(|found| found.value.name);
                    let plain = || Name { zh: other.clone(), en: other.clone() };
                    let name = found.unwrap_or_else(plain);
                    names.insert(other.clone(), name.clone());
                    name
                }
            };
            // a body's own checks share a visit without a scenario
            let joinable = !is_solo && (other == department || may_join(item));
            list.push((Partner { department: other.clone(), name, day, joinable }, span));
        }
        Ok(Self { list })
    }

    fn between(&self, from: NaiveDate, to: NaiveDate) -> Vec<Partner> {
        let there = self.list.iter().filter(|(_, span)| span.first <= to && from <= span.last);
        let partners: BTreeSet<Partner> = there.map(|(partner, _)| partner.clone()).collect();
        partners.into_iter().collect()
    }
}

/// The earliest run of weeks that joins the most departments.
fn best(weeks: &[Week], visit_cost: i64) -> Option<Best> {
    let joins = |week: &Week| -> BTreeSet<String> {
        let partners = week.partners.iter().filter(|partner| partner.joinable);
        partners.map(|partner| partner.department.clone()).collect()
    };
    let most = weeks.iter().filter(|week| week.open_days > 0).map(|w| joins(w).len()).max()?;
    let is_it = |week: &&Week| week.open_days > 0 && joins(week).len() == most;
    let start = weeks.iter().position(|week| is_it(&week))?;
    let wanted = joins(&weeks[start]);
    let run = weeks[start..].iter().take_while(|week| is_it(week) && joins(week) == wanted);
    let last = run.last()?;
    Some(Best {
        earliest: weeks[start].from,
        latest: last.to,
        joins: wanted.into_iter().collect(),
        saves: if most > 0 { visit_cost } else { 0 },
    })
}

/// The window to file for, in words.
fn recommended(weeks: &[Week], best: &Best) -> Message {
    let (from, to) = (best.earliest, best.latest);
    if best.joins.is_empty() {
        return message!("advice_alone", from = from, to = to);
    }
    let partners = weeks.iter().flat_map(|week| &week.partners);
    let names: BTreeMap<&str, &Name> =
        partners.map(|partner| (partner.department.as_str(), &partner.name)).collect();
    let list = |of: fn(&Name) -> &str| {
        let all = best.joins.iter().filter_map(|id| names.get(id.as_str()));
        all.map(|name| of(name)).collect::<Argument>()
    };
    message!(
        "advice_join",
        from = from,
        to = to,
        zh = list(|name| &name.zh),
        en = list(|name| &name.en),
        saves = best.saves,
    )
}
