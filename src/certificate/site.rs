//! One enterprise at the prices of one leaf: the units that may be held, and when.

use super::inspect::Tariff;
use super::leaves::Orders;
use super::terrain::{Days, Terrain, Unit};
use crate::domain::problem::{Cap, Cost, ProblemEnterprise, Request};
use std::collections::BTreeMap;

/// A unit that has at least one day.
pub(super) struct Party {
    /// Positions of the requests.
    pub requests: Vec<usize>,
    /// Person-minutes drawn from each pool, attendance apart.
    pub draws: Vec<(usize, i64)>,
    /// The days on which some visit with it may be held.
    pub open: Days,
    /// May not be left out.
    pub must: bool,
    /// Place of its department at the enterprise.
    pub department: usize,
    /// Minutes on site.
    pub minutes: i64,
    /// The largest crew one of its requests needs.
    pub crew: i64,
    /// Never shares a visit.
    pub is_solo: bool,
    /// A visit with it counts.
    pub counts: bool,
    /// Cost of leaving it out, scaled.
    pub penalty: i128,
    /// What targets give for scheduling it.
    pub worth: i128,
    /// What they give besides when two or more departments come.
    pub worth_joint: i128,
}

/// The enterprise.
pub(super) struct Site<'a> {
    pub terrain: &'a Terrain<'a>,
    pub tariff: &'a Tariff,
    pub enterprise: &'a ProblemEnterprise,
    /// The units that have a day.
    pub parties: Vec<Party>,
    /// Number of departments among them, and their names.
    pub departments: Vec<&'a str>,
    /// What the units without a day cost: they are always left out.
    pub lost: i128,
    /// Scenarios that units of two or more departments list, ascending, with the places of those
    /// units.
    pub scenarios: Vec<(usize, Vec<usize>)>,
    /// Targets that count the enterprise: price, and the places of the units that make it count.
    pub visited: Vec<(i128, Vec<usize>)>,
}

impl<'a> Site<'a> {
    /// `None` when a unit that may not be left out has no day: nothing lawful is left.
    pub fn new(
        terrain: &'a Terrain,
        tariff: &'a Tariff,
        orders: &Orders,
        enterprise: usize,
    ) -> Option<Self> {
        let facts = terrain.facts();
        let mut site = Self {
            terrain,
            tariff,
            enterprise: &facts.enterprises[enterprise],
            parties: Vec::new(),
            departments: Vec::new(),
            lost: 0,
            scenarios: Vec::new(),
            visited: Vec::new(),
        };
        for unit in terrain.units(orders, enterprise) {
            let open = site.open(&unit);
            if !open.is_empty() {
                site.add(unit, open);
            } else if unit.must {
                return None;
            } else {
                site.lost += site.penalty(&unit.requests);
            }
        }
        site.gather();
        Some(site)
    }

    pub fn scale(&self) -> i128 {
        i128::from(self.tariff.scale)
    }

    fn penalty(&self, requests: &[usize]) -> i128 {
        let facts = self.terrain.facts();
        requests.iter().map(|r| i128::from(facts.requests[*r].penalty)).sum::<i128>() * self.scale()
    }

    /// The days on which no rule on single visits forbids every visit with the unit: its window,
    /// its fixed day, pools that are too small, and days on which no visit may count.
    fn open(&self, unit: &Unit) -> Days {
        let (terrain, e) = (self.terrain, self.enterprise);
        let facts = terrain.facts();
        let mut open = unit.window.clone();
        let requests = || unit.requests.iter().map(|r| &facts.requests[*r]);
        let is_torn = unit.requests.len() > 1 && requests().any(|r| r.solo);
        let counts = requests().any(|r| !r.exempt);
        let department = &facts.requests[unit.requests[0]].department;
        let is_capped = counts
            && (e.visit_cap == 0 || e.department_caps.get(department).is_some_and(|cap| *cap == 0));
        if is_torn || is_capped {
            open.retain(|_| false);
            return open;
        }
        for fixed in unit.requests.iter().filter_map(|r| terrain.fixed_on[*r]) {
            open.retain(|day| day == fixed);
        }
        for (pool, draw) in &unit.draws {
            let whole = facts.pools[*pool].attendance_minutes + draw;
            open.retain(|day| whole <= terrain.room(*pool, day));
        }
        if counts && let Some(last) = e.last_counted {
            let days = |day: usize| (terrain.days[day] - last).num_days();
            open.retain(|day| days(day) >= e.min_gap_days);
        }
        if counts {
            let forbids = |cap: &&Cap| {
                cap.at_most == 0
                    && cap.scenario.is_none()
                    && cap.department.as_ref().is_none_or(|named| named == department)
            };
            for cap in e.caps.iter().filter(forbids) {
                open.retain(|day| !cap.span.contains(terrain.days[day]));
            }
        }
        open
    }

    fn add(&mut self, unit: Unit, open: Days) {
        let facts = self.terrain.facts();
        let Unit { requests, draws, must, .. } = unit;
        let name = facts.requests[requests[0]].department.as_str();
        let known = self.departments.iter().position(|known| *known == name);
        let department = known.unwrap_or_else(|| {
            self.departments.push(name);
            self.departments.len() - 1
        });
        let all = || requests.iter().map(|r| &facts.requests[*r]);
        self.parties.push(Party {
            open,
            must,
            department,
            minutes: all().map(|r| r.minutes).sum(),
            crew: all().map(Request::crew).max().unwrap_or(0),
            is_solo: all().any(|r| r.solo),
            counts: all().any(|r| !r.exempt),
            penalty: self.penalty(&requests),
            worth: requests.iter().map(|r| self.tariff.worth_scheduled(*r)).sum(),
            worth_joint: requests.iter().map(|r| self.tariff.worth_joint(*r)).sum(),
            requests,
            draws,
        });
    }

    /// Scenarios and targets, by the units they speak of.
    fn gather(&mut self) {
        let (facts, problem) = (self.terrain.facts(), self.terrain.problem);
        let mut scenarios: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let mut visited: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (i, party) in self.parties.iter().enumerate() {
            let (first, others) = party.requests.split_first().expect("a unit has a request");
            for id in &facts.requests[*first].scenarios {
                let is_shared = others.iter().all(|r| facts.requests[*r].scenarios.contains(id));
                if is_shared {
                    let scenario = problem.scenario(id).expect("requests list scenarios");
                    scenarios.entry(scenario).or_default().push(i);
                }
            }
            for target in party.requests.iter().flat_map(|r| self.tariff.visited(*r)) {
                visited.entry(*target).or_default().push(i);
            }
        }
        for units in scenarios.values_mut().chain(visited.values_mut()) {
            // a request may list a scenario twice, and a unit may hold two requests in scope
            units.dedup();
        }
        let is_joint = |units: &[usize]| {
            let first = self.parties[units[0]].department;
            units.iter().any(|i| self.parties[*i].department != first)
        };
        scenarios.retain(|_, units| is_joint(units));
        self.scenarios = scenarios.into_iter().collect();
        let price = |target: usize| i128::from(self.tariff.worths[target]);
        self.visited = visited.into_iter().map(|(t, units)| (price(t), units)).collect();
    }

    /// What holding a unit on a day costs: late days and moves, not scaled.
    pub fn day_cost(&self, party: &Party, day: usize) -> Cost {
        let facts = self.terrain.facts();
        let date = self.terrain.days[day];
        party.requests.iter().map(|r| facts.requests[*r].day_cost(date)).sum()
    }

    /// Whether holding the unit costs more on some days than on others.
    pub fn has_day_costs(&self, party: &Party) -> bool {
        let facts = self.terrain.facts();
        let has = |r: &Request| r.due.is_some() || r.keep.is_some();
        party.requests.iter().any(|r| has(&facts.requests[*r]))
    }

    /// Most counted visits that the cap, the gap and the days allow.
    pub fn counted_max(&self) -> i64 {
        let mut days = Days::span(self.terrain.days.len(), 0, 0);
        for party in self.parties.iter().filter(|party| party.counts) {
            days.unite(&party.open);
        }
        let (mut n, mut next) = (0, i64::MIN);
        // as early as can be is as many as can be
        for day in days.iter() {
            let number = self.terrain.numbers[day];
            if number >= next {
                n += 1;
                next = number.saturating_add(self.enterprise.min_gap_days);
            }
        }
        n.min(self.enterprise.visit_cap)
    }
}
