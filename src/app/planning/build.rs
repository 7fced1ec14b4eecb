//! The problem, built in one place from register, pools, accepted requests, schedule and policy;
//! and where each of its numbers came from.

use super::sites::{Site, sites};
use crate::app::App;
use crate::app::error::{Error, Result, year_unknown};
use crate::app::law::reading;
use crate::app::law::reading::Asked;
use crate::app::register::areas::tree;
use crate::app::register::catalogue::Catalogue;
use crate::app::register::staff;
use crate::app::register::staff::{Serving, Staff};
use crate::domain::problem::{
    Already, Cap, Draft, Due, Enterprise, Fixed, Keep, Pool, Request, Scenario, Span, Target, Use,
};
use crate::domain::register::area::AreaTree;
use crate::domain::register::staff::{can_staff, lacking};
use crate::domain::register::{days, grade};
use crate::domain::rules::feed::YearCap;
use crate::domain::rules::{ListAllows, Pack, RuleId};
use crate::domain::{Defect, Problem};
use crate::store::{ScheduledVisit, Sparing, Tx, Versioned, VisitPart};
use crate::wire::planning::policy::PolicyRecord;
use crate::wire::planning::run::Origin;
use crate::wire::register::{self, Listing};
use crate::wire::requests::request::{Kind, Request as Filed};
use chrono::{Datelike, Days, NaiveDate};
use std::collections::{BTreeMap, BTreeSet};

/// A problem, and where its numbers came from.
pub struct Built {
    /// The problem.
    pub problem: Problem,
    /// One for each of its numbers.
    pub origins: Vec<Origin>,
    /// The plan that is published.
    pub parent: Option<String>,
}

/// A horizon without a request that could be scheduled, or a visit that could be moved.
pub(super) fn nothing_to_plan((start, end): (NaiveDate, NaiveDate)) -> Error {
    let message = format!("No accepted request has a day between {start} and {end}.");
    Error::invalid("nothing-to-plan", "/start", message)
}

/// Builds the problem of the days from `start` to `end`, both included.
pub fn build(
    app: &App,
    tx: &mut Tx<'_>,
    name: String,
    (start, end): (NaiveDate, NaiveDate),
    policy: &PolicyRecord,
) -> Result<Built> {
    let closed_days =
        app.calendar.closed_days(start, end).map_err(|error| year_unknown(error, "/end"))?;
    let freeze_until =
        app.today().checked_add_days(Days::new(policy.policy.freeze_days as u64)).unwrap_or(start);
    let is_within = |visit: &ScheduledVisit| (start..=end).contains(&visit.day);
    // what is on the schedule of other days is settled there
    let mut filed = tx.requests_between(start, end)?;
    let ids: Vec<&str> = filed.iter().map(|request| request.id.as_str()).collect();
    let standing = tx.standing(&ids)?;
    filed.retain(|request| standing.get(&request.id).is_none_or(is_within));
    if filed.is_empty() && !tx.has_visits(start, end)? {
        return Err(nothing_to_plan((start, end)));
    }
    let codes: BTreeSet<&String> = filed.iter().map(|r| &r.filed.enterprise).collect();
    let codes: Vec<String> = codes.into_iter().cloned().collect();
    let (gap, parent) = (policy.policy.limits.min_gap_days as u64, tx.published_plan()?);
    let histories = tx.grade_histories(&codes)?;
    // the grades that hold when the horizon begins, also where they were announced for later
    let graded = |mut enterprise: register::Enterprise| {
        let history = histories.get(&enterprise.id).map_or(&[][..], Vec::as_slice);
        if let Some((risk, credit_grade)) = grade::on_day(history, start) {
            (enterprise.risk, enterprise.credit_grade) = (risk, credit_grade);
        }
        (enterprise.id.clone(), enterprise)
    };
    let pack = crate::app::law::rules::in_force(app, tx, start.max(app.today()))?;
    // what was held, or stands outside the horizon, in each calendar year that it touches
    let year_begins = NaiveDate::from_ymd_opt(start.year(), 1, 1).unwrap_or(start);
    let mut parts = tx.visit_parts(&codes, year_begins)?;
    parts.retain(|part| !(start..=end).contains(&part.day));
    let facts = Facts {
        name,
        parts: by_enterprise(parts),
        levels: tx
            .departments("", i64::MAX)?
            .into_iter()
            .map(|row| (row.value.id, row.value.level))
            .collect(),
        closed_days: closed_days.into_iter().collect(),
        enterprises: tx.enterprises_of(&codes)?.into_iter().map(graded).collect(),
        sparing: {
            let mut sparing = tx.sparing(&codes, (start, end))?;
            sparing.quiet.extend(tx.quiet_of_areas((start, end))?);
            sparing
        },
        areas: tree(tx)?,
        staff: staff::of_pools(tx)?,
        catalogue: Catalogue::read(tx)?,
        pools: tx.pools(None, "", i64::MAX)?,
        held_before: tx.counted_visits(&codes, start - Days::new(gap), start)?,
        held_after: tx.counted_visits(&codes, end + Days::new(1), end + Days::new(gap.max(1)))?,
        filed,
    };
    let mut released: BTreeMap<String, String> = BTreeMap::new();
    loop {
        let mut builder = Builder {
            pack: &pack,
            today: app.today(),
            record: policy,
            start,
            end,
            freeze_until,
            standing: standing.iter().filter(|(_, visit)| is_within(visit)).collect(),
            released: &released,
            nobody: BTreeMap::new(),
            origins: Vec::new(),
            defects: Vec::new(),
        };
        let (draft, visits) = builder.draft(&facts);
        let Builder { mut origins, mut defects, .. } = builder;
        if defects.is_empty() {
            match Problem::build(draft) {
                Ok(problem) => {
                    origins.sort_by(|a, b| a.pointer.cmp(&b.pointer));
                    return Ok(Built { problem, origins, parent });
                }
                Err(found) => defects = found,
            }
        }
        // pools, limits and calendars change: a visit that stands fast but no longer fits must not
        // keep everybody else from being planned
        let before = released.len();
        for defect in &defects {
            let place = defect.pointer.strip_prefix("/fixed/").and_then(|rest| {
                rest.split('/').next().and_then(|digits| digits.parse::<usize>().ok())
            });
            if let Some(visit) = place.and_then(|place| visits.get(place)) {
                released.insert(visit.clone(), defect.message.clone());
            }
        }
        if released.len() == before {
            return Err(Error::Invalid(defects));
        }
    }
}

fn by_enterprise(parts: Vec<VisitPart>) -> BTreeMap<String, Vec<VisitPart>> {
    let mut sorted: BTreeMap<String, Vec<VisitPart>> = BTreeMap::new();
    for part in parts {
        sorted.entry(part.enterprise.clone()).or_default().push(part);
    }
    sorted
}

/// What the problem is built from, as the database has it.
struct Facts {
    name: String,
    /// Visits that are not planned anew, by enterprise.
    parts: BTreeMap<String, Vec<VisitPart>>,
    levels: BTreeMap<String, Option<register::Level>>,
    closed_days: BTreeSet<NaiveDate>,
    filed: Vec<Filed>,
    enterprises: BTreeMap<String, register::Enterprise>,
    catalogue: Catalogue,
    pools: Vec<Versioned<register::Pool>>,
    /// Quiet days, closed days and lists of who is spared.
    sparing: Sparing,
    areas: AreaTree,
    staff: Staff,
    /// The last counted visit on the schedule shortly before the horizon, by enterprise.
    held_before: BTreeMap<String, (NaiveDate, NaiveDate)>,
    /// The first counted visit on the schedule shortly after it.
    held_after: BTreeMap<String, (NaiveDate, NaiveDate)>,
}

struct Builder<'b> {
    /// The law of the place.
    pack: &'b Pack,
    today: NaiveDate,
    record: &'b PolicyRecord,
    start: NaiveDate,
    end: NaiveDate,
    /// Visits of the schedule before this day stand fast.
    freeze_until: NaiveDate,
    /// Visits of the schedule within the horizon, by request.
    standing: BTreeMap<&'b String, &'b ScheduledVisit>,
    /// Visits that would stand fast but no longer fit, and why.
    released: &'b BTreeMap<String, String>,
    /// Pools that offer no time, for requests that nobody may hold, with their departments.
    nobody: BTreeMap<String, String>,
    origins: Vec<Origin>,
    defects: Vec<Defect>,
}

impl Builder<'_> {
    /// A number with its origin.
    fn from(&mut self, pointer: impl Into<String>, value: i64, source: impl Into<String>) -> i64 {
        self.origins.push(Origin { pointer: pointer.into(), source: source.into() });
        value
    }

    /// A number of the policy.
    fn priced(&mut self, pointer: impl Into<String>, value: i64, path: &str) -> i64 {
        let source = format!("policy v{}: {path} = {value}", self.record.version);
        self.from(pointer, value, source)
    }

    /// A number of the law.
    fn lawful(&mut self, pointer: impl Into<String>, value: i64, rule: RuleId, what: &str) -> i64 {
        let pack = reading::named(self.pack);
        let cited = self.pack.cited(rule);
        let source = format!("pack {pack}: {} {what} ({})", rule.number(), cited.document);
        self.from(pointer, value, source)
    }

    /// Whether a visit of the schedule stands fast.
    fn is_fast(&self, visit: &ScheduledVisit) -> bool {
        visit.day < self.freeze_until && !self.released.contains_key(&visit.visit)
    }

    /// The draft, and the ids of its fixed visits.
    fn draft(&mut self, facts: &Facts) -> (Draft, Vec<String>) {
        let within = Span { first: self.start, last: self.end };
        let sites = sites(self.pack, &facts.enterprises, (&facts.areas, &facts.sparing), within);
        let mut requests = self.requests(facts);
        self.group(facts, &sites, &mut requests);
        let (visits, fixed) = self.fixed(&facts.filed).into_iter().unzip();
        let (attendance_cost, max_visit_minutes) =
            (self.record.policy.attendance_cost, self.record.policy.limits.max_visit_minutes);
        let path = "limits.max_visit_minutes";
        let lawful_minutes = self.pack.visit_minutes_max().filter(|most| *most < max_visit_minutes);
        let max_visit_minutes = match lawful_minutes {
            Some(most) => self.lawful("/max_visit_minutes", most, RuleId::R27, "max_minutes"),
            None => self.priced("/max_visit_minutes", max_visit_minutes, path),
        };
        let draft = Draft {
            name: facts.name.clone(),
            start: self.start,
            end: self.end,
            closed_days: facts.closed_days.clone(),
            attendance_cost: self.priced("/attendance_cost", attendance_cost, "attendance_cost"),
            max_visit_minutes,
            pools: self.pools(facts, &requests),
            scenarios: self.scenarios(&facts.catalogue, &requests),
            enterprises: self.draft_enterprises(facts, sites, &requests),
            targets: self.targets(),
            fixed,
            requests,
        };
        (draft, visits)
    }

    fn draft_enterprises(
        &mut self,
        facts: &Facts,
        mut sites: BTreeMap<&str, Site<'_>>,
        requests: &[Request],
    ) -> Vec<Enterprise> {
        let gap = self.record.policy.limits.min_gap_days;
        let within = Span { first: self.start, last: self.end };
        let mut asked: BTreeMap<&str, Asked<'_>> = BTreeMap::new();
        for request in requests {
            let asked = asked.entry(&request.enterprise).or_default();
            *asked.counted.entry(&request.department).or_default() += i64::from(!request.exempt);
            asked.scenarios.extend(request.scenarios.iter().map(String::as_str));
        }
        let leads = facts.catalogue.scenarios.iter().map(|s| (s.id.clone(), s.lead.clone()));
        let leads: BTreeMap<String, String> = leads.collect();
        let mut drafts = Vec::with_capacity(facts.enterprises.len());
        for (i, enterprise) in facts.enterprises.values().enumerate() {
            let register::Enterprise {
                id,
                name: _,
                area,
                industry,
                risk,
                credit_grade,
                last_counted,
                subject: _,
                longitude_microdegrees: _,
                latitude_microdegrees: _,
                joint_opt_out: _, // of its requests
                open_weekdays: _,
                safety_level: _, // of its case
                designated: _,
            } = enterprise;
            let Site { case, closed, quiet, listings } =
                sites.remove(id.as_str()).expect("every enterprise has its site");
            let mut asked = asked.remove(id.as_str()).unwrap_or_default();
            asked.scenarios.sort_unstable();
            asked.scenarios.dedup();
            let (grade, level) = (credit_grade.as_str(), risk.as_str());
            let registered = last_counted.filter(|day| *day < self.start);
            let mut caps: Vec<Cap> = Vec::new();
            if let Some(held) = facts.held_after.get(id) {
                caps.push(self.cap_before(i, held.0));
            }
            for listing in listings {
                caps.extend(self.cap_of(listing, i, caps.len(), within));
            }
            let parts = facts.parts.get(id).map_or(&[][..], Vec::as_slice);
            let history = (parts, &leads);
            for (cap, source) in
                reading::caps(self.pack, &case, &asked, &facts.levels, history, within)
            {
                let pointer = format!("/enterprises/{i}/caps/{}/at_most", caps.len());
                let at_most = self.from(pointer, cap.at_most, source);
                let YearCap { span, department, scenario, .. } = cap;
                caps.push(Cap { span, department, scenario, at_most });
            }
            drafts.push(Enterprise {
                id: id.clone(),
                area: area.clone(),
                industry: industry.clone(),
                risk: (*risk).into(),
                visit_cost: self.priced(
                    format!("/enterprises/{i}/visit_cost"),
                    self.record.policy.visit_cost[credit_grade],
                    &format!("visit_cost.{grade} (credit grade {grade})"),
                ),
                visit_cap: self.priced(
                    format!("/enterprises/{i}/visit_cap"),
                    self.record.policy.limits.visit_cap[risk],
                    &format!("limits.visit_cap.{level} (risk {level})"),
                ),
                min_gap_days: self.priced(
                    format!("/enterprises/{i}/min_gap_days"),
                    gap,
                    "limits.min_gap_days",
                ),
                last_counted: registered.max(facts.held_before.get(id).map(|held| held.1)),
                closed,
                quiet,
                department_caps: BTreeMap::new(),
                caps,
            });
        }
        drafts
    }

    /// Puts requests of one department at one enterprise into groups where the law has them share a
    /// visit (R08): those that can, and whose department has not grouped them itself.
    fn group(&mut self, facts: &Facts, sites: &BTreeMap<&str, Site<'_>>, requests: &mut [Request]) {
        let mut alike: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
        for (i, request) in requests.iter().enumerate() {
            let stands = self.standing.get(&request.id).is_some_and(|visit| self.is_fast(visit));
            let is_free = request.together.is_none()
                && !stands
                && !self.nobody.contains_key(&request.uses[0].pool);
            if is_free {
                let key = (request.enterprise.as_str(), request.uses[0].pool.as_str());
                alike.entry(key).or_default().push(i);
            }
        }
        let pools: BTreeMap<&str, &register::Pool> =
            facts.pools.iter().map(|row| (row.value.id.as_str(), &row.value)).collect();
        let mut marks = Vec::new();
        for ((enterprise, pool), places) in alike {
            let (Some(site), Some(pool)) = (sites.get(enterprise), pools.get(pool)) else {
                continue;
            };
            let list: Vec<&Request> = places.iter().map(|i| &requests[*i]).collect();
            let minutes_max = self.merged_minutes_max(facts, pool, &list);
            let allowed = |place: usize, day: NaiveDate| {
                let minutes = pool.days.get(&day).copied().unwrap_or(pool.minutes);
                minutes == pool.minutes
                    && !facts.closed_days.contains(&day)
                    && !site.closed.iter().any(|span| span.contains(day))
                    && (list[place].quiet_exempt.unwrap_or(list[place].exempt)
                        || !site.quiet.iter().any(|span| span.contains(day)))
            };
            for group in reading::groups(self.pack, &list, minutes_max, &allowed) {
                let first = &list[group[0]].id;
                let mark = format!("{}/R08/{first}", list[group[0]].department);
                marks.extend(group.into_iter().map(|place| (places[place], mark.clone())));
            }
        }
        for (i, mark) in marks {
            requests[i].together = Some(mark);
        }
    }

    /// Minutes that requests of a pool at one enterprise may last together, wherever they are held.
    fn merged_minutes_max(&self, facts: &Facts, pool: &register::Pool, list: &[&Request]) -> i64 {
        let scenarios = list.iter().flat_map(|request| &request.scenarios);
        let limits =
            scenarios.filter_map(|id| Some(facts.catalogue.scenario(id)?.limits.max_minutes.value));
        let crew = list.iter().map(|request| request.uses[0].inspectors).max().unwrap_or(1);
        let by_pool = (pool.minutes - pool.attendance_minutes) / crew.max(1);
        let lawful = self.pack.visit_minutes_max().unwrap_or(i64::MAX);
        let most = self.record.policy.limits.max_visit_minutes.min(by_pool).min(lawful);
        limits.min().map_or(most, |limit| limit.min(most))
    }

    /// No counted visit while a list spares the enterprise.
    fn cap_of(&mut self, listing: &Listing, i: usize, k: usize, within: Span) -> Option<Cap> {
        if !self.pack.binds(RuleId::R23)
            || self.pack.list_allows(listing.list.into(), None) == ListAllows::Everything
        {
            return None;
        }
        let last = listing.to.unwrap_or(within.last);
        let span = days::part(Span { first: listing.from, last }, within)?;
        let at_most = self.from(
            format!("/enterprises/{i}/caps/{k}/at_most"),
            0,
            format!("{} of {} from {}", listing.list.as_str(), listing.enterprise, listing.from),
        );
        Some(Cap { span, department: listing.department.clone(), scenario: None, at_most })
    }

    /// No counted visit so shortly before one that is on the schedule after the horizon.
    fn cap_before(&mut self, i: usize, next: NaiveDate) -> Cap {
        let gap = self.record.policy.limits.min_gap_days.max(1) as u64;
        let source = format!(
            "policy v{}: limits.min_gap_days before the visit of {next}, on the schedule after the \
             horizon",
            self.record.version
        );
        let span = Span { first: next - Days::new(gap - 1), last: self.end };
        let at_most = self.from(format!("/enterprises/{i}/caps/0/at_most"), 0, source);
        Cap { span, department: None, scenario: None, at_most }
    }

    fn requests(&mut self, facts: &Facts) -> Vec<Request> {
        let Facts { filed, enterprises, catalogue, pools, .. } = facts;
        let serving = Serving::of(pools.iter().map(|row| &row.value));
        let mut requests = Vec::with_capacity(filed.len());
        for (i, request) in filed.iter().enumerate() {
            let enterprise = &enterprises[&request.filed.enterprise];
            let department = &request.filed.department;
            let Some(pool) = serving.pool(department, &enterprise.area) else {
                let message = format!(
                    "No pool of {department} serves the area {} of request {} any more.",
                    enterprise.area, request.id
                );
                self.defects.push(Defect::new("no-pool", format!("/requests/{i}/uses"), message));
                continue;
            };
            // who wants no joint visits is visited by one department at a time
            let scenarios = if enterprise.joint_opt_out {
                Vec::new()
            } else {
                catalogue.scenarios_of(&request.filed.item, &enterprise.industry)
            };
            let mut made = self.request(i, request, enterprise, pool, scenarios, catalogue);
            let item = (catalogue.items.get(&request.filed.item), request.filed.kind);
            self.publish(i, &mut made, item, facts);
            requests.push(made);
        }
        requests
    }

    /// Keeps a request to the days on which its item is published, and gives it to nobody when none
    /// is left, or when too few inspectors of its pool may hold it on any of them.
    fn publish(
        &mut self,
        i: usize,
        request: &mut Request,
        (item, kind): (Option<&register::Item>, Kind),
        facts: &Facts,
    ) {
        let Some(item) = item else { return };
        let told = self.pack.notice_earliest(self.today, &reading::item_case(item), kind.into());
        let begins = item.published_from.map_or(told, |day| day.max(told));
        // a visit that stands fast was announced when it was published
        let stands = self.standing.get(&request.id).is_some_and(|visit| self.is_fast(visit));
        let earliest = if stands { request.earliest } else { begins.max(request.earliest) };
        let latest = item.published_to.map_or(request.latest, |day| day.min(request.latest));
        let is_published = earliest <= latest;
        if is_published {
            (request.earliest, request.latest) = (earliest, latest);
        }
        let Use { pool, inspectors } = &request.uses[0];
        let is_staffed = facts.staff.get(pool).is_none_or(|staff| {
            let days = earliest.iter_days().take_while(|day| *day <= latest);
            let open = days.filter(|day| !facts.closed_days.contains(day));
            let qualification = item.qualification.as_deref();
            can_staff(staff, &request.enterprise, qualification, *inspectors, open)
        });
        let why = match (is_published, is_staffed) {
            (true, true) => return,
            (false, _) => format!(
                "the item {} is not published on any day of it, or notice of it comes too late",
                item.id
            ),
            (true, false) => format!("too few inspectors of {pool} may hold it on any day of it"),
        };
        let nobody = format!("{pool}:nobody");
        self.origins.push(Origin {
            pointer: format!("/requests/{i}/uses/0/pool"),
            source: format!("{nobody}, for {why}"),
        });
        self.nobody.insert(nobody.clone(), request.department.clone());
        request.uses[0].pool = nobody;
    }

    fn request(
        &mut self,
        i: usize,
        request: &Filed,
        enterprise: &register::Enterprise,
        pool: &str,
        scenarios: Vec<String>,
        catalogue: &Catalogue,
    ) -> Request {
        let filed = &request.filed;
        let at = |field: &str| format!("/requests/{i}/{field}");
        let item = catalogue.items.get(&filed.item);
        let as_filed = |field: &str, number: fn(&register::Item) -> register::Assumable| {
            let usual = item.map_or(String::new(), |item| {
                let register::Assumable { value, assumed } = number(item);
                let assumed = if assumed { ", assumed" } else { "" };
                format!(" (item {}: {value}{assumed})", item.id)
            });
            format!("request {}: {field} as filed{usual}", request.id)
        };
        let minutes = filed.minutes.expect("stored requests have their defaults");
        let inspectors = filed.inspectors.expect("stored requests have their defaults");
        let (penalty, steps) = penalty(self.record, request, enterprise, self.start);
        let standing = self.standing.get(&request.id).copied();
        let is_fixed = standing.is_some_and(|visit| self.is_fast(visit));
        let kind = filed.kind;
        let reason = filed.reason.map(Into::into);
        let crew = self.pack.crew(inspectors);
        let at_crew = at("uses/0/inspectors");
        let crew = if crew == inspectors {
            self.from(at_crew, inspectors, as_filed("inspectors", |item| item.inspectors))
        } else {
            self.lawful(at_crew, crew, RuleId::R03, "officers at least")
        };
        Request {
            id: request.id.clone(),
            enterprise: filed.enterprise.clone(),
            department: filed.department.clone(),
            earliest: filed.earliest.max(self.start),
            latest: filed.latest.min(self.end),
            minutes: self.from(at("minutes"), minutes, as_filed("minutes", |item| item.minutes)),
            uses: vec![Use { pool: pool.into(), inspectors: crew }],
            scenarios,
            penalty: self.from(at("penalty"), penalty, steps),
            // as it was filed, as far as the law of today spares it
            exempt: filed.exempt.unwrap_or(false)
                && self.pack.is_spared(filed.contact.into(), kind.into(), reason),
            quiet_exempt: Some(
                filed.quiet_exempt.unwrap_or(false)
                    && self.pack.is_quiet_exempt(kind.into(), reason),
            ),
            // a group's members that stand fast in a visit bind nobody who was filed since
            together: filed.together.as_ref().map(|group| {
                let fast = standing.filter(|_| is_fixed).map_or("", |visit| visit.visit.as_str());
                format!("{}/{group}/{fast}", filed.department)
            }),
            deferrable: filed.latest > self.end,
            solo: filed.solo,
            // days that passed before the horizon raise the penalty; on every day they are spent alike
            due: filed.due.map(|date| Due {
                date: date.max(self.start - Days::new(1)),
                late_cost: self.priced(
                    at("late_cost"),
                    self.record.policy.late_cost[&kind],
                    &format!("late_cost.{}", kind.as_str()),
                ),
            }),
            keep: standing.filter(|_| !is_fixed).map(|visit| {
                let why = self.released.get(&visit.visit);
                let why = why.map_or(String::new(), |why| {
                    format!("; its visit would stand fast, but no longer fits: {why}")
                });
                let cost = self.record.policy.keep_cost;
                let source = format!("policy v{}: keep_cost = {cost}{why}", self.record.version);
                Keep { date: visit.day, cost: self.from(at("keep/cost"), cost, source) }
            }),
        }
    }

    /// The pools that requests draw on.
    fn pools(&mut self, facts: &Facts, requests: &[Request]) -> Vec<Pool> {
        let Facts { pools, staff, closed_days, .. } = facts;
        let used: BTreeSet<&str> =
            requests.iter().flat_map(|r| &r.uses).map(|u| u.pool.as_str()).collect();
        let used = pools.iter().filter(|pool| used.contains(pool.value.id.as_str()));
        let mut drafts = Vec::new();
        for (i, Versioned { version, value: pool }) in used.enumerate() {
            let register::Pool {
                id,
                department,
                area: _,
                minutes,
                attendance_minutes,
                overtime_minutes,
                days,
            } = pool;
            let at = |field: &str| format!("/pools/{i}/{field}");
            let source = |field: &str| format!("pool {id} v{version}: {field}");
            let told = days.range(self.start..=self.end);
            let told = told.map(|(day, n)| (*day, (*n, source(&format!("days.{day}")))));
            let mut told: BTreeMap<NaiveDate, (i64, String)> = told.collect();
            let inspectors = staff.get(id).map_or(&[][..], Vec::as_slice);
            let horizon = self.start.iter_days().take_while(|day| *day <= self.end);
            for day in horizon.filter(|day| !closed_days.contains(day)) {
                let usual = told.get(&day).map_or(*minutes, |told| told.0);
                let (lacking, away) = lacking(inspectors, usual, day);
                if lacking > 0 {
                    let why = format!(
                        "{usual} less {lacking} of {away} inspectors who are away or without a good \
                         certificate"
                    );
                    told.insert(day, (usual - lacking, source(&why)));
                }
            }
            let mut exceptions = BTreeMap::new();
            for (day, (minutes, source)) in told {
                let pointer = at(&format!("exceptions/{day}"));
                exceptions.insert(day, self.from(pointer, minutes, source));
            }
            drafts.push(Pool {
                id: id.clone(),
                department: department.clone(),
                minutes: self.from(at("minutes"), *minutes, source("minutes")),
                attendance_minutes: self.from(
                    at("attendance_minutes"),
                    *attendance_minutes,
                    source("attendance_minutes"),
                ),
                exceptions,
                overtime_minutes: self.from(
                    at("overtime_minutes"),
                    *overtime_minutes,
                    source("overtime_minutes"),
                ),
                overtime_cost: self.priced(
                    at("overtime_cost"),
                    self.record.policy.overtime_cost,
                    "overtime_cost",
                ),
            });
        }
        for (id, department) in std::mem::take(&mut self.nobody) {
            let place = drafts.len();
            let at = |field: &str| format!("/pools/{place}/{field}");
            let source = "nobody: it stands for requests that nobody may hold";
            drafts.push(Pool {
                minutes: self.from(at("minutes"), 0, source),
                attendance_minutes: self.from(at("attendance_minutes"), 0, source),
                exceptions: BTreeMap::new(),
                overtime_minutes: self.from(at("overtime_minutes"), 0, source),
                overtime_cost: self.from(at("overtime_cost"), 0, source),
                id,
                department,
            });
        }
        drafts
    }

    /// The scenarios that requests or targets name.
    fn scenarios(&mut self, catalogue: &Catalogue, requests: &[Request]) -> Vec<Scenario> {
        let by_requests = requests.iter().flat_map(|r| &r.scenarios);
        let by_targets =
            self.record.policy.targets.iter().filter_map(|target| target.scenario.as_ref());
        let named: BTreeSet<&String> = by_requests.chain(by_targets).collect();
        let named = catalogue.scenarios.iter().filter(|scenario| named.contains(&scenario.id));
        let lawful = self.pack.joint_limits();
        let mut drafts = Vec::new();
        for (i, scenario) in named.enumerate() {
            let mut limit = |field: &str, number: register::Assumable| {
                let assumed = if number.assumed { " (assumed)" } else { "" };
                let source = format!("scenario {}: limits.{field}{assumed}", scenario.id);
                self.from(format!("/scenarios/{i}/{field}"), number.value, source)
            };
            let limits = scenario.limits;
            let least = |number: register::Assumable, most: Option<i64>| register::Assumable {
                value: most.map_or(number.value, |most| most.min(number.value)),
                ..number
            };
            drafts.push(Scenario {
                id: scenario.id.clone(),
                max_departments: limit(
                    "max_departments",
                    least(limits.max_departments, lawful.max_departments),
                ),
                max_inspectors: limit(
                    "max_inspectors",
                    least(limits.max_inspectors, lawful.max_officers),
                ),
                max_minutes: limit("max_minutes", limits.max_minutes),
            });
        }
        drafts
    }

    fn targets(&mut self) -> Vec<Target> {
        let mut drafts = Vec::new();
        for (i, target) in self.record.policy.targets.iter().enumerate() {
            let share = target.share();
            self.from(
                format!("/targets/{i}/at_least"),
                share.0,
                format!("policy v{}: targets.{}.at_least", self.record.version, target.id),
            );
            drafts.push(Target {
                id: target.id.clone(),
                measure: target.measure.into(),
                department: target.department.clone(),
                scenario: target.scenario.clone(),
                area: target.area.clone(),
                risk: target.risk.map(Into::into),
                at_least: share,
                shortfall_cost: self.priced(
                    format!("/targets/{i}/shortfall_cost"),
                    target.shortfall_cost,
                    &format!("targets.{}.shortfall_cost", target.id),
                ),
                already: Already::default(),
            });
        }
        drafts
    }

    /// Visits of the schedule that stand fast, with the requests that are still wanted, by id.
    fn fixed(&self, filed: &[Filed]) -> Vec<(String, Fixed)> {
        let mut fixed: BTreeMap<(NaiveDate, &str), Fixed> = BTreeMap::new();
        for request in filed {
            let visit = self.standing.get(&request.id).filter(|visit| self.is_fast(visit));
            let Some(visit) = visit else { continue };
            let stands = fixed.entry((visit.day, visit.visit.as_str())).or_insert_with(|| Fixed {
                enterprise: request.filed.enterprise.clone(),
                date: visit.day,
                requests: Vec::new(),
            });
            stands.requests.push(request.id.clone());
        }
        fixed.into_iter().map(|((_, visit), fixed)| (visit.to_owned(), fixed)).collect()
    }
}

/// What leaving a request out costs, and how that comes about.
pub(in crate::app) fn penalty(
    policy: &PolicyRecord,
    request: &Filed,
    enterprise: &register::Enterprise,
    start: NaiveDate,
) -> (i64, String) {
    let penalty = &policy.policy.penalty;
    let kind = request.filed.kind;
    let (base, risk) = (penalty.kinds[&kind], penalty.risk_percent[&enterprise.risk]);
    let credit = penalty.credit_percent[&enterprise.credit_grade];
    let due = request.filed.due.unwrap_or(start);
    let overdue_days = (start - due).num_days().max(0);
    let more = (overdue_days.saturating_mul(penalty.overdue_percent_a_day))
        .min(penalty.overdue_percent_max);
    let value = base * risk * credit * (100 + more) / 1_000_000;
    let (kind, risk_level) = (kind.as_str(), enterprise.risk.as_str());
    let grade = enterprise.credit_grade.as_str();
    let steps = format!(
        "policy v{}: penalty.kinds.{kind} {base} × risk_percent.{risk_level} {risk}% × \
         credit_percent.{grade} {credit}% × (100% + {more}% for {overdue_days} overdue days), \
         rounded down = {value}",
        policy.version
    );
    (value, steps)
}
