//! The problem made dense: open days, pool days ("cells"), and for each enterprise its requests
//! ("units") and the visits that the law allows there ("patterns"). Costs are still the problem's.
//!
//! A *unit* is what is scheduled or left out as one: a request, or a `together` group. A *pattern*
//! is a set of units of one enterprise that may share a visit, under one scenario or none, with
//! the days on which rules 1 to 6, the static part of rule 7, rule 9 and each pool day by itself
//! (rule 8) allow it. Patterns are enumerated for enterprises of up to [`EXACT_UNITS_MAX`]
//! units, and [`BOUND_UNITS_MAX`] where days are few.

use super::cells::Cells;
pub use super::enterprise_model::{
    ALONE, DayCost, EnterpriseModel, FixedVisit, Pattern, Patterns, PoolUse, TargetGain, Unit,
    VisitedTarget, mask_of,
};
use super::rules::{Footprint, Rules, SpanCap};
use crate::domain::Problem;
use crate::domain::problem::{Cost, ProblemEnterprise, Request, TargetMeasure};
use chrono::NaiveDate;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Enterprises with at most so many units are solved exactly.
pub const EXACT_UNITS_MAX: usize = 14;
/// Up to so many units, on at most [`BOUND_DAYS_MAX`] days, the bound is exact too; plans of these
/// are built the fast way, because the exact one takes several times as long for each two units.
pub const BOUND_UNITS_MAX: usize = 16;
/// Most open days of a problem whose enterprises of 15 and 16 units have their patterns listed.
const BOUND_DAYS_MAX: usize = 64;
/// Bytes of the patterns of an enterprise with one unit, before any are seen.
const PATTERNS_OF_ONE_BYTES: u64 = 512;

/// The dense form of a problem.
pub struct Instance<'a> {
    pub problem: &'a Problem,
    /// Open days, ascending; a *day* below is a place in this list.
    pub days: Vec<NaiveDate>,
    /// Regular person-minutes of each cell (`pool × days + day`).
    pub regular: Vec<i64>,
    /// Overtime person-minutes of each cell.
    pub overtime: Vec<i64>,
    /// Cost of an overtime person-minute, for each pool.
    pub overtime_cost: Vec<Cost>,
    /// What visits may draw from each cell.
    pub cells: Cells,
    /// Targets that still need something.
    pub targets: Vec<TargetRow>,
    /// Enterprises with at least one possible unit. Where the search numbers enterprises, the number
    /// is a place in this list.
    pub models: Vec<EnterpriseModel>,
    /// Requests that no day can take.
    pub impossible: Vec<Impossible>,
    /// Penalties of the impossible requests: a constant of every plan.
    pub impossible_cost: Cost,
}

/// A target in dense form.
pub struct TargetRow {
    /// Place in the problem.
    pub place: usize,
    /// What is still needed: requests, or enterprises for the measure `visited`.
    pub need: i64,
    /// Cost for each one short.
    pub shortfall_cost: Cost,
}

impl TargetRow {
    /// Cost of what is short when so much is reached.
    pub fn shortfall(&self, reached: i64) -> Cost {
        (self.need - reached).max(0) * self.shortfall_cost
    }
}

/// A request that no day can take even as a visit of its own with nothing else planned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Impossible {
    /// Position of the request in the problem.
    pub request: usize,
    /// Which rule empties its window.
    pub code: &'static str,
}

/// What a visit of given units is and draws, whatever its day.
pub struct Composition {
    /// Departments that take part.
    pub departments_count: i64,
    /// Whether it has a request that is not exempt.
    pub counts: bool,
    /// Bits of the departments that caps of the enterprise name, as in `Unit::capped_department`.
    pub departments: u128,
    /// What it draws from each pool, ascending by pool; attendance included.
    pub uses: Vec<PoolUse>,
}

/// What one department does at a visit.
struct DepartmentPart {
    /// As in `Unit::department`.
    department: u32,
    /// Its minutes on site, one request after the other.
    minutes: i64,
    /// Its people on site: the largest crew of its units.
    crew: i64,
}

/// A target that a request counts for.
#[derive(Clone, Copy)]
struct Counted {
    /// Place in `Instance::targets`.
    target: u32,
    measure: TargetMeasure,
}

/// What is the same for every enterprise that is made dense.
struct Common<'p> {
    /// For each request of the problem the targets that it counts for.
    counts_for: Vec<Vec<Counted>>,
    /// A number for each department that has a request.
    departments: HashMap<&'p str, u32>,
    /// Calendar number of each open day, in days since the first day of the horizon.
    ordinals: std::sync::Arc<[i64]>,
}

/// An enterprise made dense.
struct MadeModel {
    /// `None` where no unit is possible.
    model: Option<EnterpriseModel>,
    impossible: Vec<Impossible>,
}

/// The rules between the visits of an enterprise.
struct OwnRules<'p> {
    rules: Rules,
    /// The bit of each department that caps of the enterprise name and that files something there.
    bits: BTreeMap<&'p str, u128>,
}

impl<'a> Instance<'a> {
    /// Makes a problem dense.
    pub fn new(problem: &'a Problem) -> Self {
        Self::within(problem, u64::MAX)
    }

    /// The same with about so many bytes for patterns at most: enterprises with more units than
    /// there is room for are solved as large ones.
    pub fn within(problem: &'a Problem, patterns_bytes: u64) -> Self {
        let facts = problem.facts();
        let days: Vec<NaiveDate> = facts
            .start
            .iter_days()
            .take_while(|d| *d <= facts.end)
            .filter(|d| problem.is_open(*d))
            .collect();
        let mut regular = Vec::with_capacity(facts.pools.len() * days.len());
        let mut overtime = Vec::with_capacity(facts.pools.len() * days.len());
        for pool in &facts.pools {
            for day in &days {
                let (minutes, extra) = pool.minutes_on(*day);
                regular.push(minutes);
                overtime.push(extra);
            }
        }
        let mut instance = Self {
            problem,
            days,
            regular,
            overtime,
            overtime_cost: facts.pools.iter().map(|p| p.overtime_cost).collect(),
            cells: Cells::default(),
            targets: Vec::new(),
            models: Vec::new(),
            impossible: Vec::new(),
            impossible_cost: 0,
        };
        instance.build();
        instance.list_patterns(patterns_bytes);
        instance.cells = Cells::new(
            facts,
            &instance.models,
            &instance.regular,
            &instance.overtime,
            instance.days.len(),
        );
        instance
    }

    /// The cell of a pool's day.
    pub fn cell(&self, pool: u32, day: u16) -> usize {
        pool as usize * self.days.len() + usize::from(day)
    }

    fn build(&mut self) {
        let problem = self.problem;
        let facts = problem.facts();
        // targets that still need something, and what each request counts for
        let mut counts_for: Vec<Vec<Counted>> = vec![Vec::new(); facts.requests.len()];
        for (t, target) in facts.targets.iter().enumerate() {
            let scope = problem.scope(t);
            let need = problem.needed(t, &scope);
            if need > 0 {
                for r in scope {
                    let row = self.targets.len() as u32;
                    counts_for[r].push(Counted { target: row, measure: target.measure });
                }
                self.targets.push(TargetRow {
                    place: t,
                    need,
                    shortfall_cost: target.shortfall_cost,
                });
            }
        }
        let mut departments: HashMap<&str, u32> = HashMap::new();
        for request in &facts.requests {
            let next = departments.len() as u32;
            departments.entry(&request.department).or_insert(next);
        }
        let mut fixed_at: Vec<Vec<usize>> = vec![Vec::new(); facts.enterprises.len()];
        for (i, fixed) in facts.fixed.iter().enumerate() {
            fixed_at[problem.enterprise(&fixed.enterprise).expect("valid problem")].push(i);
        }
        let ordinals = self.days.iter().map(|d| (*d - facts.start).num_days()).collect();
        let common = Common { counts_for, departments, ordinals };
        let made: Vec<MadeModel> = (0..facts.enterprises.len())
            .into_par_iter()
            .map(|e| self.enterprise_model(e, &common, &fixed_at[e]))
            .collect();
        let models = made.into_iter().filter_map(|MadeModel { model, impossible }| {
            self.impossible.extend(impossible);
            model
        });
        self.models = models.collect();
        self.impossible_cost =
            self.impossible.iter().map(|i| facts.requests[i.request].penalty).sum();
    }

    /// Makes an enterprise dense; `fixed` are the positions of its fixed visits in the problem.
    fn enterprise_model(&self, e: usize, common: &Common, fixed: &[usize]) -> MadeModel {
        let facts = self.problem.facts();
        let enterprise = &facts.enterprises[e];
        let own = self.rules(e, &common.ordinals);
        let mut impossible = Vec::new();
        let mut units = Vec::new();
        // units of fixed visits first: the search decides them before they can be in the way
        let is_fixed = |requests: &Vec<usize>| {
            let ids = fixed.iter().flat_map(|i| &facts.fixed[*i].requests);
            ids.into_iter().any(|id| requests.iter().any(|r| facts.requests[*r].id == *id))
        };
        let mut groups = self.groups(e);
        if !fixed.is_empty() {
            groups.sort_by_cached_key(|requests| !is_fixed(requests));
        }
        for requests in groups {
            match self.unit(enterprise, &own, &requests, common) {
                Ok(unit) => units.push(unit),
                Err(code) => {
                    impossible.extend(requests.iter().map(|r| Impossible { request: *r, code }));
                }
            }
        }
        if units.is_empty() {
            return MadeModel { model: None, impossible };
        }
        let fixed = if fixed.is_empty() { Vec::new() } else { self.fixed(fixed, &units) };
        let mut visited: BTreeMap<u32, Vec<u16>> = BTreeMap::new();
        for (u, unit) in units.iter().enumerate() {
            let counted = unit.requests.iter().flat_map(|r| &common.counts_for[*r]);
            let targets: BTreeSet<u32> = counted
                .filter(|counted| counted.measure == TargetMeasure::Visited)
                .map(|counted| counted.target)
                .collect();
            for t in targets {
                visited.entry(t).or_default().push(u as u16);
            }
        }
        let reached = |(target, units): (u32, Vec<u16>)| VisitedTarget { target, units };
        let model = EnterpriseModel {
            position: e,
            visit_cost: enterprise.visit_cost,
            attendance_cost: facts.attendance_cost,
            max_visit_minutes: facts.max_visit_minutes,
            units: units.into(),
            visited: visited.into_iter().map(reached).collect(),
            fixed: fixed.into(),
            rules: own.rules,
            patterns: Patterns::default(),
        };
        MadeModel { model: Some(model), impossible }
    }

    /// Lists the patterns of enterprises, those of few units first, while there is room for them.
    fn list_patterns(&mut self, bytes_max: u64) {
        let is_short = self.days.len() <= BOUND_DAYS_MAX;
        let most = if is_short { BOUND_UNITS_MAX } else { EXACT_UNITS_MAX };
        let mut by_units: Vec<Vec<usize>> = vec![Vec::new(); most + 1];
        for (place, model) in self.models.iter().enumerate() {
            if let Some(same) = by_units.get_mut(model.units.len()) {
                same.push(place);
            }
        }
        let (mut held, mut of_one) = (0, PATTERNS_OF_ONE_BYTES);
        for same in by_units {
            let count = same.len() as u64;
            if held + of_one * count > bytes_max {
                return;
            }
            let list = |place: &usize| self.enumerate(&self.models[*place]);
            let listed: Vec<Patterns> = same.par_iter().map(list).collect();
            let bytes: u64 = listed.iter().map(Patterns::bytes).sum();
            held += bytes;
            // a unit more makes at most twice as many sets
            of_one = 2 * bytes.checked_div(count).unwrap_or(of_one);
            for (place, patterns) in same.into_iter().zip(listed) {
                self.models[place].patterns = patterns;
            }
        }
    }

    /// The fixed visits of an enterprise, given by their positions in the problem.
    fn fixed(&self, fixed: &[usize], units: &[Unit]) -> Vec<FixedVisit> {
        let unit_of: HashMap<usize, u16> = units
            .iter()
            .enumerate()
            .flat_map(|(u, unit)| unit.requests.iter().map(move |r| (*r, u as u16)))
            .collect();
        let visit = |i: &usize| {
            let fixed = &self.problem.facts().fixed[*i];
            let day = self.days.binary_search(&fixed.date).expect("fixed days are open");
            let request = |id: &String| self.problem.request(id).expect("valid problem");
            let members: BTreeSet<u16> =
                fixed.requests.iter().map(|id| unit_of[&request(id)]).collect();
            FixedVisit { day: day as u16, units: members.into_iter().collect() }
        };
        fixed.iter().map(visit).collect()
    }

    /// The enterprise's requests, `together` groups as one, in order of their first request.
    fn groups(&self, e: usize) -> Vec<Vec<usize>> {
        let facts = self.problem.facts();
        let mut groups: Vec<Vec<usize>> = Vec::new();
        let mut place_of: HashMap<&str, usize> = HashMap::new();
        for r in self.problem.requests_at(e) {
            match facts.requests[*r].together.as_deref() {
                None => groups.push(vec![*r]),
                Some(group) => {
                    let place = *place_of.entry(group).or_insert(groups.len());
                    if place == groups.len() {
                        groups.push(Vec::new());
                    }
                    groups[place].push(*r);
                }
            }
        }
        groups
    }

    fn rules(&self, e: usize, ordinals: &std::sync::Arc<[i64]>) -> OwnRules<'a> {
        let facts = self.problem.facts();
        let enterprise = &facts.enterprises[e];
        let bits: BTreeMap<&str, u128> = self
            .problem
            .capped_departments(e)
            .into_iter()
            .enumerate()
            .map(|(i, name)| (name, 1 << i))
            .collect();
        // caps of departments that file nothing here bind nothing
        let files = |department: &str| bits.contains_key(department);
        let last = (facts.end - facts.start).num_days();
        let own = enterprise.department_caps.iter().filter(|(department, _)| files(department));
        let whole = own.map(|(department, at_most)| SpanCap {
            first: 0,
            last,
            department: Some(bits[department.as_str()]),
            scenario: None,
            at_most: *at_most,
        });
        let own = enterprise.caps.iter().filter(|c| c.department.as_deref().is_none_or(files));
        let spans = own.map(|cap| SpanCap {
            first: (cap.span.first - facts.start).num_days(),
            last: (cap.span.last - facts.start).num_days(),
            department: cap.department.as_deref().map(|d| bits[d]),
            scenario: cap
                .scenario
                .as_deref()
                .map(|s| self.problem.scenario(s).expect("valid problem") as u32),
            at_most: cap.at_most,
        });
        let rules = Rules {
            ordinals: ordinals.clone(),
            visit_cap: enterprise.visit_cap,
            min_gap_days: enterprise.min_gap_days,
            caps: whole.chain(spans).collect(),
        };
        OwnRules { rules, bits }
    }

    /// A unit, or the code of the rule that leaves it no day.
    fn unit(
        &self,
        enterprise: &ProblemEnterprise,
        own: &OwnRules,
        requests: &[usize],
        common: &Common,
    ) -> Result<Unit, &'static str> {
        let facts = self.problem.facts();
        let members: Vec<&Request> = requests.iter().map(|r| &facts.requests[*r]).collect();
        let mut uses: BTreeMap<u32, i64> = BTreeMap::new();
        for r in &members {
            for u in &r.uses {
                let pool = self.problem.pool(&u.pool).expect("valid problem") as u32;
                *uses.entry(pool).or_default() += u.inspectors * r.minutes;
            }
        }
        let uses: Vec<PoolUse> =
            uses.into_iter().map(|(pool, minutes)| PoolUse { pool, minutes }).collect();
        let lists = |s: usize| members.iter().all(|r| r.scenarios.contains(&facts.scenarios[s].id));
        let mut scenarios: Vec<u32> = members[0]
            .scenarios
            .iter()
            .filter_map(|s| self.problem.scenario(s))
            .map(|s| s as u32)
            .collect();
        scenarios.sort_unstable();
        scenarios.dedup();
        if members.len() > 1 {
            scenarios.retain(|s| lists(*s as usize));
        }
        let minutes: i64 = members.iter().map(|r| r.minutes).sum();
        if members.len() > 1 {
            if members.iter().any(|r| r.solo) {
                return Err("solo-in-group");
            }
            let joint =
                scenarios.iter().any(|s| facts.scenarios[*s as usize].max_minutes >= minutes);
            if minutes > facts.max_visit_minutes && !joint {
                return Err("group-too-long");
            }
        }
        let counts = members.iter().any(|r| !r.exempt);
        let capped_department =
            if counts { *own.bits.get(members[0].department.as_str()).unwrap_or(&0) } else { 0 };
        // each filter has a code; that of the filter which empties the window is returned
        let mut days: Vec<u16> = (0..self.days.len() as u16).collect();
        let date = |d: u16| self.days[usize::from(d)];
        days.retain(|d| members.iter().all(|r| (r.earliest..=r.latest).contains(&date(*d))));
        days.retain(|d| !enterprise.is_closed(date(*d)));
        if days.is_empty() {
            return Err("no-open-day");
        }
        days.retain(|d| {
            !enterprise.is_quiet(date(*d)) || members.iter().all(|r| r.is_quiet_exempt())
        });
        if days.is_empty() {
            return Err("only-quiet-days");
        }
        if counts && let Some(last) = enterprise.last_counted {
            days.retain(|d| (date(*d) - last).num_days() >= enterprise.min_gap_days);
            if days.is_empty() {
                return Err("too-soon-after-last-visit");
            }
        }
        // alone it runs under no scenario, so caps on scenarios do not bind
        let alone =
            |d: u16| Footprint { day: d, counts, departments: capped_department, scenario: ALONE };
        days.retain(|d| own.rules.allow(&[], &alone(*d)));
        if days.is_empty() {
            return Err("cap-is-zero");
        }
        days.retain(|d| {
            uses.iter().all(|used| {
                let attendance = facts.pools[used.pool as usize].attendance_minutes;
                self.fits_alone(PoolUse { minutes: used.minutes + attendance, ..*used }, *d)
            })
        });
        if days.is_empty() {
            return Err("pool-too-small");
        }
        let mut scheduled: BTreeMap<u32, i64> = BTreeMap::new();
        let mut joint: BTreeMap<u32, i64> = BTreeMap::new();
        for counted in requests.iter().flat_map(|r| &common.counts_for[*r]) {
            match counted.measure {
                TargetMeasure::Scheduled => *scheduled.entry(counted.target).or_default() += 1,
                TargetMeasure::Joint => *joint.entry(counted.target).or_default() += 1,
                TargetMeasure::Visited => {}
            }
        }
        let cost = |d: u16| members.iter().map(|r| r.day_cost(date(d))).sum();
        let gain = |(target, requests): (u32, i64)| TargetGain { target, requests };
        Ok(Unit {
            requests: requests.into(),
            department: common.departments[members[0].department.as_str()],
            capped_department,
            counts,
            solo: members[0].solo,
            minutes,
            crew: members.iter().map(|r| r.crew()).max().unwrap_or(0),
            uses: uses.into(),
            scenarios: scenarios.into(),
            penalty: members.iter().map(|r| r.penalty).sum(),
            days: days.iter().copied().map(|day| DayCost::new(day, cost(day))).collect(),
            scheduled: scheduled.into_iter().map(gain).collect(),
            joint: joint.into_iter().map(gain).collect(),
        })
    }

    /// The area of an enterprise.
    pub fn area(&self, enterprise: usize) -> &str {
        &self.problem.facts().enterprises[self.models[enterprise].position].area
    }

    /// Whether the pool's day can take so much with nothing else planned.
    pub fn fits_alone(&self, used: PoolUse, day: u16) -> bool {
        let cell = self.cell(used.pool, day);
        used.minutes <= self.regular[cell] + self.overtime[cell]
    }

    /// What a visit of these units under `scenario` (one that all of them list, or [`ALONE`]) is and
    /// draws; `None` where rules 4 to 6 forbid it.
    pub fn compose<'m>(
        &self,
        model: &'m EnterpriseModel,
        units: impl Iterator<Item = &'m Unit> + Clone,
        scenario: u32,
    ) -> Option<Composition> {
        let facts = self.problem.facts();
        // a visit has few departments: a short list beats a map
        let mut departments: Vec<DepartmentPart> = Vec::with_capacity(4);
        let mut uses: Vec<PoolUse> = Vec::with_capacity(4);
        let (mut requests, mut members, mut counts, mut capped) = (0, 0, false, 0);
        let mut has_solo = false;
        for unit in units {
            members += 1;
            requests += unit.requests.len();
            counts |= unit.counts;
            capped |= unit.capped_department;
            has_solo |= unit.solo;
            let Unit { department, minutes, crew, .. } = *unit;
            match departments.iter_mut().find(|part| part.department == department) {
                Some(part) => {
                    part.minutes += minutes;
                    part.crew = part.crew.max(crew);
                }
                None => departments.push(DepartmentPart { department, minutes, crew }),
            }
            for PoolUse { pool, minutes } in &unit.uses {
                match uses.iter_mut().find(|used| used.pool == *pool) {
                    Some(used) => used.minutes += minutes,
                    None => {
                        let once = facts.pools[*pool as usize].attendance_minutes;
                        uses.push(PoolUse { pool: *pool, minutes: minutes + once });
                    }
                }
            }
        }
        if has_solo && members > 1 {
            return None;
        }
        if departments.len() == 1 {
            if scenario != ALONE
                || (requests > 1 && departments[0].minutes > model.max_visit_minutes)
            {
                return None;
            }
        } else {
            let limits = facts.scenarios.get(scenario as usize)?;
            let fits = departments.len() as i64 <= limits.max_departments
                && departments.iter().map(|part| part.crew).sum::<i64>() <= limits.max_inspectors
                && departments.iter().all(|part| part.minutes <= limits.max_minutes);
            if !fits {
                return None;
            }
        }
        uses.sort_unstable();
        Some(Composition {
            departments_count: departments.len() as i64,
            counts,
            departments: capped,
            uses,
        })
    }

    /// All patterns of an enterprise.
    fn enumerate(&self, model: &EnterpriseModel) -> Patterns {
        let n = model.units.len();
        let words = self.days.len().div_ceil(64);
        let mut patterns = Patterns::default();
        // days open to each set of units: the intersection, built up from smaller sets
        let mut open = vec![0u64; (1 << n) * words];
        for (u, unit) in model.units.iter().enumerate() {
            for day in unit.days.iter().map(|on| on.day()) {
                open[(1 << u) * words + usize::from(day) / 64] |= 1 << (day % 64);
            }
        }
        for mask in 1u32..1 << n {
            let (lowest, rest) = (mask & mask.wrapping_neg(), mask & (mask - 1));
            let at = mask as usize * words;
            if rest != 0 {
                for w in 0..words {
                    open[at + w] =
                        open[lowest as usize * words + w] & open[rest as usize * words + w];
                }
            }
            if open[at..at + words].iter().all(|w| *w == 0) {
                continue;
            }
            let Some(fixed_day) = fixed_day(model, mask) else { continue };
            for scenario in self.scenario_choices(model, mask) {
                let members = (0..n).filter(|u| mask & (1 << u) != 0).map(|u| &model.units[u]);
                let Some(made) = self.compose(model, members.clone(), scenario) else { continue };
                let base = model.visit_cost + model.attendance_cost * made.departments_count;
                let (days_from, uses_from) = (patterns.days.len(), patterns.uses.len());
                for day in 0..self.days.len() as u16 {
                    let is_open = open[at + usize::from(day) / 64] & (1 << (day % 64)) != 0;
                    let footprint = Footprint {
                        day,
                        counts: made.counts,
                        departments: made.departments,
                        scenario,
                    };
                    let is_allowed = || {
                        fixed_day.is_none_or(|fixed| fixed == day)
                            && made.uses.iter().all(|used| self.fits_alone(*used, day))
                            && model.rules.allow(&[], &footprint)
                    };
                    if is_open && is_allowed() {
                        let on_day = members.clone().map(|unit| {
                            unit.cost_on(day).expect("open days are days of each unit")
                        });
                        let cost = base + on_day.sum::<Cost>();
                        patterns.days.push(DayCost::new(day, cost));
                    }
                }
                if patterns.days.len() == days_from {
                    continue;
                }
                patterns.uses.extend(&made.uses);
                patterns.list.push(Pattern {
                    mask,
                    is_joint: made.departments_count > 1,
                    counts: made.counts,
                    departments: made.departments,
                    scenario,
                    days: days_from as u32..patterns.days.len() as u32,
                    uses: uses_from as u32..patterns.uses.len() as u32,
                });
            }
        }
        patterns.close(n);
        patterns
    }

    /// The scenarios worth trying for a set of units: every one that all list where caps name
    /// scenarios, else the first that fits; [`ALONE`] for one department.
    fn scenario_choices(&self, model: &EnterpriseModel, mask: u32) -> Vec<u32> {
        let mut members =
            (0..model.units.len()).filter(|u| mask & (1 << u) != 0).map(|u| &model.units[u]);
        let first = members.next().expect("masks are not empty");
        if members.clone().all(|unit| unit.department == first.department) {
            return vec![ALONE];
        }
        let mut common = first.scenarios.to_vec();
        for unit in members.clone() {
            common.retain(|s| unit.scenarios.contains(s));
        }
        if !model.rules.depend_on_scenario() {
            let all = std::iter::once(first).chain(members);
            common.retain(|s| self.compose(model, all.clone(), *s).is_some());
            common.truncate(1);
        }
        common
    }
}

/// The day a set of units is bound to by fixed visits: `Some(None)` for any day, `None` when the
/// set takes part of a fixed visit's units or mixes two fixed visits.
fn fixed_day(model: &EnterpriseModel, mask: u32) -> Option<Option<u16>> {
    let mut bound = None;
    for FixedVisit { day, units } in &model.fixed {
        let fixed = mask_of(units);
        if mask & fixed == 0 {
            continue;
        }
        if mask & fixed != fixed || bound.is_some() {
            return None;
        }
        bound = Some(*day);
    }
    Some(bound)
}

impl EnterpriseModel {
    /// What solving it counts as, in subproblems of a small enterprise.
    pub fn work(&self) -> u64 {
        let units = self.units.len() as u64;
        if self.units.len() <= EXACT_UNITS_MAX { 1 } else { units * units / 16 }
    }

    /// Whether the unit belongs to a fixed visit, so that it may not be left out.
    pub fn is_fixed(&self, unit: u16) -> bool {
        self.fixed.iter().any(|fixed| fixed.units.contains(&unit))
    }
}
