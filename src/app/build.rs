//! The problem, built in one place from register, pools, accepted requests, schedule and policy;
//! and where each of its numbers came from.

use super::App;
use super::error::{Error, Result, year_unknown};
use crate::domain::codes::is_in_industry;
use crate::domain::problem::{
    Already, Draft, Due, Enterprise, Fixed, Keep, Pool, Request, Scenario, Target, Use,
};
use crate::domain::{Defect, Problem};
use crate::store::{Standing, Tx, Versioned};
use crate::wire::policy::{Policy, PolicyRecord};
use crate::wire::register;
use crate::wire::request::Request as Filed;
use crate::wire::run::Origin;
use crate::wire::scenario;
use chrono::{Days, NaiveDate};
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
    let standing = tx.standing(start)?;
    let filed = tx.requests_between(start, end)?;
    // what is on the schedule of other days is settled there
    let is_ours = |request: &Filed| {
        standing.get(&request.id).is_none_or(|visit| (start..=end).contains(&visit.day))
    };
    let filed: Vec<Filed> = filed.into_iter().filter(is_ours).collect();
    if filed.is_empty() {
        let message = format!("No accepted request has a day between {start} and {end}.");
        return Err(Error::invalid("nothing-to-plan", "/start", message));
    }
    let at_stake = |visit: &Standing| visit.day >= start;
    let mut builder = Builder {
        policy: &policy.policy,
        policy_version: policy.version,
        start,
        end,
        freeze_until,
        standing: standing.iter().filter(|(_, v)| at_stake(v)).collect(),
        origins: Vec::new(),
        defects: Vec::new(),
    };
    let enterprises = builder.enterprises(tx, &filed)?;
    let catalogue = Catalogue::read(tx)?;
    let pools = tx.pools(None, "", i64::MAX)?;
    let requests = builder.requests(&filed, &enterprises, &catalogue, &pools);
    let draft = Draft {
        name,
        start,
        end,
        closed_days: closed_days.into_iter().collect(),
        attendance_cost: builder.priced(
            "/attendance_cost",
            policy.policy.attendance_cost,
            "attendance_cost",
        ),
        max_visit_minutes: builder.priced(
            "/max_visit_minutes",
            policy.policy.limits.max_visit_minutes,
            "limits.max_visit_minutes",
        ),
        pools: builder.pools(&pools, &requests),
        scenarios: builder.scenarios(&catalogue, &requests),
        enterprises: builder.draft_enterprises(tx, &enterprises)?,
        targets: builder.targets(),
        fixed: builder.fixed(&filed),
        requests,
    };
    let Builder { mut origins, mut defects, .. } = builder;
    if defects.is_empty() {
        match Problem::build(draft) {
            Ok(problem) => {
                origins.sort_by(|a, b| a.pointer.cmp(&b.pointer));
                return Ok(Built { problem, origins, parent: tx.published_plan()? });
            }
            Err(found) => defects = found,
        }
    }
    Err(Error::Invalid(defects))
}

/// What a department inspects, and under which scenarios.
struct Catalogue {
    scenarios: Vec<scenario::Scenario>,
    /// Scenarios by item, as places in `scenarios`.
    of_item: BTreeMap<String, Vec<usize>>,
    items: BTreeMap<String, register::Item>,
}

impl Catalogue {
    fn read(tx: &mut Tx<'_>) -> Result<Self> {
        let scenarios: Vec<_> =
            tx.scenarios("", i64::MAX)?.into_iter().map(|row| row.value).collect();
        let place: BTreeMap<&str, usize> =
            scenarios.iter().enumerate().map(|(i, s)| (s.id.as_str(), i)).collect();
        let mut of_item: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (scenario, item) in tx.scenario_items()? {
            if let Some(place) = place.get(scenario.as_str()) {
                of_item.entry(item).or_default().push(*place);
            }
        }
        let items = tx.items(None, "", i64::MAX)?;
        let items = items.into_iter().map(|row| (row.value.id.clone(), row.value)).collect();
        Ok(Self { scenarios, of_item, items })
    }

    /// Ids of the scenarios under which an item may be combined at an enterprise of this industry.
    fn scenarios_of(&self, item: &str, industry: &str) -> Vec<String> {
        let places = self.of_item.get(item).into_iter().flatten();
        let scenarios = places.map(|place| &self.scenarios[*place]);
        scenarios
            .filter(|scenario| scenario.gbt4754.iter().any(|p| is_in_industry(industry, p)))
            .map(|scenario| scenario.id.clone())
            .collect()
    }
}

struct Builder<'b> {
    policy: &'b Policy,
    policy_version: i64,
    start: NaiveDate,
    end: NaiveDate,
    /// Visits of the schedule before this day stand fast.
    freeze_until: NaiveDate,
    /// Visits of the schedule within the horizon, by request.
    standing: BTreeMap<&'b String, &'b Standing>,
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
        let source = format!("policy v{}: {path} = {value}", self.policy_version);
        self.from(pointer, value, source)
    }

    /// The enterprises of the requests, by code.
    fn enterprises(
        &mut self,
        tx: &mut Tx<'_>,
        filed: &[Filed],
    ) -> Result<BTreeMap<String, register::Enterprise>> {
        let codes: BTreeSet<&String> = filed.iter().map(|r| &r.filed.enterprise).collect();
        let codes: Vec<String> = codes.into_iter().cloned().collect();
        let found = tx.enterprises_of(&codes)?;
        Ok(found.into_iter().map(|enterprise| (enterprise.id.clone(), enterprise)).collect())
    }

    fn draft_enterprises(
        &mut self,
        tx: &mut Tx<'_>,
        enterprises: &BTreeMap<String, register::Enterprise>,
    ) -> Result<Vec<Enterprise>> {
        let gap = self.policy.limits.min_gap_days;
        let since = self.start - Days::new(gap as u64);
        let held = tx.counted_visits(since, self.start)?;
        let mut drafts = Vec::with_capacity(enterprises.len());
        for (i, enterprise) in enterprises.values().enumerate() {
            let register::Enterprise {
                id,
                name: _,
                area,
                industry,
                risk,
                credit_grade,
                last_counted,
            } = enterprise;
            let (grade, level) = (credit_grade.as_str(), risk.as_str());
            let registered = last_counted.filter(|day| *day < self.start);
            drafts.push(Enterprise {
                id: id.clone(),
                area: area.clone(),
                industry: industry.clone(),
                risk: (*risk).into(),
                visit_cost: self.priced(
                    format!("/enterprises/{i}/visit_cost"),
                    self.policy.visit_cost[credit_grade],
                    &format!("visit_cost.{grade} (credit grade {grade})"),
                ),
                visit_cap: self.priced(
                    format!("/enterprises/{i}/visit_cap"),
                    self.policy.limits.visit_cap[risk],
                    &format!("limits.visit_cap.{level} (risk {level})"),
                ),
                min_gap_days: self.priced(
                    format!("/enterprises/{i}/min_gap_days"),
                    gap,
                    "limits.min_gap_days",
                ),
                last_counted: registered.max(held.get(id).copied()),
                closed: Vec::new(),
                quiet: Vec::new(),
                department_caps: BTreeMap::new(),
                caps: Vec::new(),
            });
        }
        Ok(drafts)
    }

    fn requests(
        &mut self,
        filed: &[Filed],
        enterprises: &BTreeMap<String, register::Enterprise>,
        catalogue: &Catalogue,
        pools: &[Versioned<register::Pool>],
    ) -> Vec<Request> {
        let serving = serving(pools);
        let mut requests = Vec::with_capacity(filed.len());
        for (i, request) in filed.iter().enumerate() {
            let enterprise = &enterprises[&request.filed.enterprise];
            let own = (request.filed.department.as_str(), Some(enterprise.area.as_str()));
            let general = (own.0, None);
            let Some(pool) = serving.get(&own).or_else(|| serving.get(&general)) else {
                let message = format!(
                    "No pool of {} serves the area {} of request {} any more.",
                    own.0, enterprise.area, request.id
                );
                self.defects.push(Defect::new("no-pool", format!("/requests/{i}/uses"), message));
                continue;
            };
            let scenarios = catalogue.scenarios_of(&request.filed.item, &enterprise.industry);
            requests.push(self.request(i, request, enterprise, pool, scenarios, catalogue));
        }
        requests
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
        let (penalty, steps) = self.penalty(request, enterprise);
        let standing = self.standing.get(&request.id).copied();
        let is_fixed = standing.is_some_and(|visit| visit.day < self.freeze_until);
        let kind = filed.kind;
        Request {
            id: request.id.clone(),
            enterprise: filed.enterprise.clone(),
            department: filed.department.clone(),
            earliest: filed.earliest.max(self.start),
            latest: filed.latest.min(self.end),
            minutes: self.from(at("minutes"), minutes, as_filed("minutes", |item| item.minutes)),
            uses: vec![Use {
                pool: pool.into(),
                inspectors: self.from(
                    at("uses/0/inspectors"),
                    inspectors,
                    as_filed("inspectors", |item| item.inspectors),
                ),
            }],
            scenarios,
            penalty: self.from(at("penalty"), penalty, steps),
            exempt: filed.exempt.unwrap_or(false),
            quiet_exempt: filed.quiet_exempt,
            // a group's members that stand fast in a visit bind nobody who was filed since
            together: filed.together.as_ref().map(|group| {
                let fast = standing.filter(|_| is_fixed).map_or("", |visit| visit.visit.as_str());
                format!("{}/{group}/{fast}", filed.department)
            }),
            deferrable: filed.latest > self.end,
            solo: filed.solo,
            due: filed.due.map(|date| Due {
                date,
                late_cost: self.priced(
                    at("late_cost"),
                    self.policy.late_cost[&kind],
                    &format!("late_cost.{}", kind.as_str()),
                ),
            }),
            keep: standing.filter(|_| !is_fixed).map(|visit| Keep {
                date: visit.day,
                cost: self.priced(at("keep/cost"), self.policy.keep_cost, "keep_cost"),
            }),
        }
    }

    /// What leaving a request out costs, and how that comes about.
    fn penalty(&self, request: &Filed, enterprise: &register::Enterprise) -> (i64, String) {
        let penalty = &self.policy.penalty;
        let kind = request.filed.kind;
        let (base, risk) = (penalty.kinds[&kind], penalty.risk_percent[&enterprise.risk]);
        let credit = penalty.credit_percent[&enterprise.credit_grade];
        let due = request.filed.due.unwrap_or(self.start);
        let overdue_days = (self.start - due).num_days().max(0);
        let more = (overdue_days.saturating_mul(penalty.overdue_percent_a_day))
            .min(penalty.overdue_percent_max);
        let value = base * risk * credit * (100 + more) / 1_000_000;
        let (kind, risk_level) = (kind.as_str(), enterprise.risk.as_str());
        let grade = enterprise.credit_grade.as_str();
        let steps = format!(
            "policy v{}: penalty.kinds.{kind} {base} × risk_percent.{risk_level} {risk}% × \
             credit_percent.{grade} {credit}% × (100% + {more}% for {overdue_days} overdue days), \
             rounded down = {value}",
            self.policy_version
        );
        (value, steps)
    }

    /// The pools that requests draw on.
    fn pools(&mut self, pools: &[Versioned<register::Pool>], requests: &[Request]) -> Vec<Pool> {
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
            let mut exceptions = BTreeMap::new();
            for (day, minutes) in days.range(self.start..=self.end) {
                let field = format!("exceptions/{day}");
                exceptions
                    .insert(*day, self.from(at(&field), *minutes, source(&format!("days.{day}"))));
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
                    self.policy.overtime_cost,
                    "overtime_cost",
                ),
            });
        }
        drafts
    }

    /// The scenarios that requests or targets name.
    fn scenarios(&mut self, catalogue: &Catalogue, requests: &[Request]) -> Vec<Scenario> {
        let by_requests = requests.iter().flat_map(|r| &r.scenarios);
        let by_targets = self.policy.targets.iter().filter_map(|target| target.scenario.as_ref());
        let named: BTreeSet<&String> = by_requests.chain(by_targets).collect();
        let named = catalogue.scenarios.iter().filter(|scenario| named.contains(&scenario.id));
        let mut drafts = Vec::new();
        for (i, scenario) in named.enumerate() {
            let mut limit = |field: &str, number: register::Assumable| {
                let assumed = if number.assumed { " (assumed)" } else { "" };
                let source = format!("scenario {}: limits.{field}{assumed}", scenario.id);
                self.from(format!("/scenarios/{i}/{field}"), number.value, source)
            };
            let limits = scenario.limits;
            drafts.push(Scenario {
                id: scenario.id.clone(),
                max_departments: limit("max_departments", limits.max_departments),
                max_inspectors: limit("max_inspectors", limits.max_inspectors),
                max_minutes: limit("max_minutes", limits.max_minutes),
            });
        }
        drafts
    }

    fn targets(&mut self) -> Vec<Target> {
        let mut drafts = Vec::new();
        for (i, target) in self.policy.targets.iter().enumerate() {
            let share = target.share();
            self.from(
                format!("/targets/{i}/at_least"),
                share.0,
                format!("policy v{}: targets.{}.at_least", self.policy_version, target.id),
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

    /// Visits of the schedule that stand fast, with the requests that are still wanted.
    fn fixed(&self, filed: &[Filed]) -> Vec<Fixed> {
        let mut fixed: BTreeMap<(NaiveDate, &str), Fixed> = BTreeMap::new();
        for request in filed {
            let Some(visit) = self.standing.get(&request.id) else { continue };
            if visit.day >= self.freeze_until {
                continue;
            }
            let stands = fixed.entry((visit.day, visit.visit.as_str())).or_insert_with(|| Fixed {
                enterprise: request.filed.enterprise.clone(),
                date: visit.day,
                requests: Vec::new(),
            });
            stands.requests.push(request.id.clone());
        }
        fixed.into_values().collect()
    }
}

/// The pool of a department in an area, or (`None`) its general one.
fn serving(pools: &[Versioned<register::Pool>]) -> BTreeMap<(&str, Option<&str>), &str> {
    pools
        .iter()
        .map(|pool| &pool.value)
        .map(|pool| ((pool.department.as_str(), pool.area.as_deref()), pool.id.as_str()))
        .collect()
}
