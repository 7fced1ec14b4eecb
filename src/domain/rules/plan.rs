//! Holds a whole plan against a pack, by code of its own: nothing here calls what feeds the optimiser or
//! what judges filings. Shared are only look-ups of the pack: which cap speaks of whom, what is exempt.

use super::case::{EnterpriseCase, Held, ItemCase};
use super::{Finding, JointCounts, ListAllows, Pack, QuietScope, RuleId};
use crate::domain::Message;
use crate::domain::codes::is_in_industry;
use crate::domain::problem::Span;
use crate::domain::register::area::Level;
use crate::domain::register::item::Method;
use crate::domain::requests::{Contact, Kind, Reason};
use crate::message;
use chrono::{Datelike, NaiveDate};
use std::collections::{BTreeMap, BTreeSet};

/// A plan with the facts it rests on.
pub struct PlanFacts<'p> {
    /// The day on which enterprises would be notified of it.
    pub today: NaiveDate,
    /// Longest visit that requests are merged into, in minutes: what [`Pack::merge_groups`] was given.
    pub merged_minutes_max: i64,
    /// Its visits.
    pub visits: Vec<Planned<'p>>,
    /// The enterprises visited, by id.
    pub enterprises: BTreeMap<&'p str, EnterpriseCase<'p>>,
    /// Visits before and after the plan, by enterprise: at least those of the calendar years it
    /// touches.
    pub around: BTreeMap<&'p str, Vec<Held<'p>>>,
}

/// A visit of a plan.
#[derive(Clone, Debug)]
pub struct Planned<'p> {
    /// Id of the enterprise.
    pub enterprise: &'p str,
    /// The day.
    pub day: NaiveDate,
    /// Id of the scenario under which departments share it.
    pub scenario: Option<&'p str>,
    /// Id of the lead department; none: the first request's.
    pub lead: Option<&'p str>,
    /// What it is held for.
    pub requests: Vec<PlannedRequest<'p>>,
    /// Inspectors named for it, where they are.
    pub inspectors: Vec<&'p str>,
}

/// A request of a planned visit.
#[derive(Clone, Debug)]
pub struct PlannedRequest<'p> {
    /// Id.
    pub id: &'p str,
    /// Id of the department.
    pub department: &'p str,
    /// Its level.
    pub level: Option<Level>,
    /// The item.
    pub item: ItemCase<'p>,
    /// Kind of inspection.
    pub kind: Kind,
    /// What spares it, if anything does.
    pub reason: Option<Reason>,
    /// Days on which it may be held, by its window and all that the problem knows of.
    pub allowed: Vec<Span>,
    /// Minutes on site.
    pub minutes: i64,
    /// Officers who come.
    pub inspectors: i64,
    /// Never shares a visit.
    pub is_solo: bool,
    /// Its visit is fixed since an earlier plan: the enterprise was notified then, and it need not be
    /// merged with what was filed since.
    pub is_fixed: bool,
    /// Ids of the scenarios under which it may be combined.
    pub scenarios: Vec<&'p str>,
}

/// A counted visit of an enterprise, planned or not.
struct Count<'p> {
    day: NaiveDate,
    /// Place in the plan; none: it is not of the plan.
    place: Option<usize>,
    scenario: Option<&'p str>,
    lead: Option<&'p str>,
    /// Departments that take part at all.
    present: BTreeSet<&'p str>,
    /// Those with something that counts.
    counted: BTreeSet<&'p str>,
}

impl Pack {
    /// What the pack says of a plan, with the place of each visit as a JSON pointer: caps and budgets by
    /// calendar year (R06, R20), crews (R03), quiet days (R22), lists (R23), notice (R24), published
    /// items (R02), sizes and opt-outs (R26), length (R27), low yield (R21) and the merge duty (R08).
    pub fn check_plan(&self, facts: &PlanFacts) -> Vec<Finding> {
        let mut found = Vec::new();
        for (place, visit) in facts.visits.iter().enumerate() {
            let pointer = format!("/visits/{place}");
            let Some(enterprise) = facts.enterprises.get(visit.enterprise) else { continue };
            self.check_visit(facts, visit, enterprise, &pointer, &mut found);
        }
        for (id, enterprise) in &facts.enterprises {
            self.check_year(facts, id, enterprise, &mut found);
            self.check_merged(facts, id, &mut found);
        }
        found.retain(|finding| self.is_on(finding.rule));
        found
    }

    fn check_visit(
        &self,
        facts: &PlanFacts,
        visit: &Planned,
        enterprise: &EnterpriseCase,
        pointer: &str,
        found: &mut Vec<Finding>,
    ) {
        let day = visit.day;
        let at = visit.enterprise;
        let mut report = |rule, what: Message| found.push(self.finds(rule, pointer, what));
        let (mut crews, mut minutes) = (BTreeMap::new(), BTreeMap::new());
        for request in &visit.requests {
            let crew = crews.entry(request.department).or_insert(0);
            *crew = request.inspectors.max(*crew);
            *minutes.entry(request.department).or_insert(0) += request.minutes;
        }
        let people: i64 = crews.values().sum();
        if people < self.terms.r03.min_per_visit {
            let what = message!(
                "crew-too-small_visit",
                enterprise = at,
                day = day,
                officers = people,
                least = self.terms.r03.min_per_visit,
            );
            report(RuleId::R03, what);
        }
        for (department, n) in crews.iter().filter(|(_, n)| **n < self.terms.r03.min_per_department)
        {
            let what = message!(
                "crew-too-small_department",
                enterprise = at,
                day = day,
                department = *department,
                officers = *n,
                least = self.terms.r03.min_per_department,
            );
            report(RuleId::R03, what);
        }
        let n = crews.len() as i64;
        if let Some(most) = self.terms.r26.max_departments.filter(|most| *most < n) {
            let what = message!(
                "too-many-departments",
                enterprise = at,
                day = day,
                departments = n,
                most = most,
            );
            report(RuleId::R26, what);
        }
        if let Some(most) = self.terms.r26.max_officers.filter(|most| *most < people) {
            let what = message!(
                "too-many-officers",
                enterprise = at,
                day = day,
                officers = people,
                most = most,
            );
            report(RuleId::R26, what);
        }
        if enterprise.joint_opt_out && n > 1 {
            let what = message!("joint-opt-out", enterprise = at, day = day, departments = n);
            report(RuleId::R26, what);
        }
        let longest = minutes.values().copied().max().unwrap_or(0);
        let most = self.terms.r27.max_minutes.0;
        if longest > most {
            let what = message!(
                "visit-too-long_plan",
                enterprise = at,
                day = day,
                minutes = longest,
                most = most,
            );
            report(RuleId::R27, what);
        }
        let is_quiet = self.is_quiet_here(enterprise, day);
        for request in &visit.requests {
            let (id, item) = (request.id, &request.item);
            let spares = |kinds: &[Kind], reasons: &[Reason]| {
                kinds.contains(&request.kind)
                    || request.reason.is_some_and(|reason| reasons.contains(&reason))
            };
            let quiet = &self.terms.r22;
            if is_quiet && !spares(&quiet.exempt_kinds, &quiet.exempt_reasons) {
                let what = message!("quiet-days_plan", enterprise = at, day = day, request = id);
                report(RuleId::R22, what);
            }
            let exempt = &self.terms.r07;
            let is_exempt =
                self.is_on(RuleId::R07) && spares(&exempt.exempt_kinds, &exempt.exempt_reasons);
            for listing in &enterprise.listings {
                let holds = listing.from <= day
                    && listing.to.is_none_or(|to| day <= to)
                    && listing.department.is_none_or(|only| only == request.department);
                let rows = || self.terms.r23.lists.iter().filter(|row| row.list == listing.list);
                let named = rows()
                    .find(|r| r.item_class.is_some() && r.item_class.as_deref() == item.class);
                let row = named.or_else(|| rows().find(|row| row.item_class.is_none()));
                let is_kept = row.is_some_and(|row| row.allows != ListAllows::Everything);
                if holds && is_kept && !is_exempt {
                    let what = message!(
                        "listed_plan",
                        enterprise = at,
                        day = day,
                        list = listing.list.in_words(),
                        request = id,
                    );
                    report(RuleId::R23, what);
                }
            }
            let wanted = if item.notice_days > 0 { item.notice_days } else { self.terms.r24.days };
            let needs_notice = item.method != Method::Unannounced
                && !self.terms.r24.exempt_kinds.contains(&request.kind);
            if needs_notice && !request.is_fixed && (day - facts.today).num_days() < wanted {
                let what = message!(
                    "notice-too-short_plan",
                    enterprise = at,
                    day = day,
                    request = id,
                    days = wanted,
                    today = facts.today,
                );
                report(RuleId::R24, what);
            }
            if item.published_from.is_some_and(|from| day < from)
                || item.published_to.is_some_and(|to| to < day)
            {
                let what = message!(
                    "item-not-published_plan",
                    enterprise = at,
                    day = day,
                    item = item.id,
                    request = id,
                );
                report(RuleId::R02, what);
            }
        }
        let history = facts.around.get(visit.enterprise).map_or(&[][..], Vec::as_slice);
        let away = self.low_yield(history, day);
        for person in visit.inspectors.iter().filter(|person| away.contains(person)) {
            let what = message!("low-yield_plan", enterprise = at, day = day, inspector = *person);
            report(RuleId::R21, what);
        }
    }

    /// Whether a day is quiet, worked out without what feeds the optimiser.
    fn is_quiet_here(&self, enterprise: &EnterpriseCase, day: NaiveDate) -> bool {
        let mut is_quiet = enterprise.quiet.iter().any(|s| s.first <= day && day <= s.last);
        let speaks =
            !self.is_on(RuleId::R33) || self.terms.r33.subjects.contains(&enterprise.subject);
        for row in self.terms.r22.days.iter().filter(|_| speaks) {
            let n = i64::from(day.day());
            let is_whom = match row.scope {
                QuietScope::All => true,
                QuietScope::Named => enterprise.is_named,
            };
            let is_where = row.areas.is_empty()
                || row.areas.iter().any(|area| enterprise.areas.contains(&area.as_str()));
            let is_what = row.industries.is_empty()
                || row.industries.iter().any(|i| is_in_industry(enterprise.industry, &i.0));
            is_quiet |= row.first.0 <= n && n <= row.last.0 && is_whom && is_where && is_what;
        }
        is_quiet
    }

    /// Caps and budgets of each calendar year of the plan at one enterprise.
    fn check_year(
        &self,
        facts: &PlanFacts,
        id: &str,
        enterprise: &EnterpriseCase,
        found: &mut Vec<Finding>,
    ) {
        let mut all: Vec<Count> = Vec::new();
        for held in facts.around.get(id).into_iter().flatten() {
            let inspections = || held.parts.iter().filter(|p| p.contact == Contact::Inspection);
            let counted = inspections().filter(|p| !self.is_exempt(p.kind, p.reason));
            all.push(Count {
                day: held.day,
                place: None,
                scenario: held.scenario,
                lead: held.lead.or(held.parts.first().map(|part| part.department)),
                present: held.parts.iter().map(|part| part.department).collect(),
                counted: counted.map(|part| part.department).collect(),
            });
        }
        let mut levels: BTreeMap<&str, Option<Level>> = BTreeMap::new();
        for (place, visit) in facts.visits.iter().enumerate().filter(|(_, v)| v.enterprise == id) {
            let counted = visit.requests.iter().filter(|r| !self.is_exempt(r.kind, r.reason));
            levels.extend(visit.requests.iter().map(|r| (r.department, r.level)));
            all.push(Count {
                day: visit.day,
                place: Some(place),
                scenario: visit.scenario,
                lead: visit.lead.or(visit.requests.first().map(|r| r.department)),
                present: visit.requests.iter().map(|r| r.department).collect(),
                counted: counted.map(|r| r.department).collect(),
            });
        }
        all.retain(|count| !count.counted.is_empty());
        all.sort_by_key(|count| count.day);
        let is_once = self.terms.r06.joint_counts == JointCounts::Once;
        let mut report =
            |counted: Vec<&Count>, limit: i64, rule, what: &dyn Fn(usize) -> Message| {
                // what is over without the plan is no fault of it
                let place = counted.iter().filter_map(|count| count.place).next_back();
                if let Some(place) = place.filter(|_| counted.len() as i64 > limit) {
                    found.push(self.finds(rule, format!("/visits/{place}"), what(counted.len())));
                }
            };
        for year in all.iter().map(|count| count.day.year()).collect::<BTreeSet<_>>() {
            let of_year = || all.iter().filter(move |count| count.day.year() == year);
            let in_year = year.to_string();
            for (department, level) in &levels {
                let Some(limit) = self.cap(enterprise, department, *level) else { continue };
                let is_own = |count: &&Count| {
                    let is_joint = count.present.len() > 1;
                    count.counted.contains(department)
                        && (!is_once || !is_joint || count.lead == Some(department))
                };
                report(of_year().filter(is_own).collect(), limit, RuleId::R06, &|counted| {
                    message!(
                        "cap-passed",
                        enterprise = id,
                        department = *department,
                        year = &in_year,
                        counted = counted,
                        limit = limit,
                    )
                });
            }
            if let Some(limit) = self.budget(enterprise) {
                report(of_year().collect(), limit, RuleId::R20, &|counted| {
                    message!(
                        "budget-passed",
                        enterprise = id,
                        year = &in_year,
                        counted = counted,
                        limit = limit,
                    )
                });
            }
            let is_limited =
                !self.is_on(RuleId::R33) || self.terms.r33.subjects.contains(&enterprise.subject);
            let Some(limit) = self.terms.r20.joint_per_scenario.filter(|_| is_limited) else {
                continue;
            };
            for scenario in of_year().filter_map(|count| count.scenario).collect::<BTreeSet<_>>() {
                let under = of_year().filter(|count| count.scenario == Some(scenario)).collect();
                report(under, limit, RuleId::R20, &|counted| {
                    message!(
                        "scenario-budget-passed",
                        enterprise = id,
                        scenario = scenario,
                        year = &in_year,
                        counted = counted,
                        limit = limit,
                    )
                });
            }
        }
    }

    /// The merge duty (R08) at one enterprise: no department comes on two days when all that it is there
    /// for on both could be held on one of them: on an allowed day, without passing the longest visit,
    /// none of it solo, all alike, and with a scenario in common or none at all.
    ///
    /// Only visits of one department alone are reported; to merge joint ones others would have to move.
    fn check_merged(&self, facts: &PlanFacts, id: &str, found: &mut Vec<Finding>) {
        let alone = facts.visits.iter().enumerate().filter(|(_, visit)| {
            let departments: BTreeSet<&str> = visit.requests.iter().map(|r| r.department).collect();
            visit.enterprise == id && departments.len() == 1
        });
        let alone: Vec<(usize, &Planned)> = alone.collect();
        for (i, (_, first)) in alone.iter().enumerate() {
            for (place, second) in &alone[i + 1..] {
                let both = || first.requests.iter().chain(&second.requests);
                let is_bound = |r: &PlannedRequest| {
                    !r.is_solo
                        && !r.is_fixed
                        && (self.terms.r08.binds_exempt || !self.is_exempt(r.kind, r.reason))
                };
                let is_allowed = |day: NaiveDate| {
                    both().all(|r| r.allowed.iter().any(|s| s.first <= day && day <= s.last))
                };
                let minutes: i64 = both().map(|r| r.minutes).sum();
                let apart = self.terms.r11.minutes_apart.filter(|_| self.is_on(RuleId::R11));
                let (least, most) =
                    (both().map(|r| r.minutes).min(), both().map(|r| r.minutes).max());
                let is_alike =
                    apart.is_none_or(|limit| most.zip(least).is_none_or(|(a, b)| a - b <= limit));
                let shares = |scenario: &&str| both().all(|r| r.scenarios.contains(scenario));
                let has_common = both().all(|r| r.scenarios.is_empty())
                    || first.requests.iter().flat_map(|r| &r.scenarios).any(shares);
                let is_same = first.requests[0].department == second.requests[0].department;
                if is_same
                    && both().all(is_bound)
                    && minutes <= facts.merged_minutes_max
                    && is_alike
                    && has_common
                    && [first.day, second.day].into_iter().any(is_allowed)
                {
                    let what = message!(
                        "not-merged",
                        enterprise = id,
                        department = first.requests[0].department,
                        first = first.day,
                        second = second.day,
                    );
                    found.push(self.finds(RuleId::R08, format!("/visits/{place}"), what));
                }
            }
        }
    }
}
