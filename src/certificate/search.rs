//! What visits of one enterprise have to do with each other: one a day, gaps, caps. Solved by
//! states over days, bounded by the tables that know nothing of that.
//!
//! Day by day, a state is what the past leaves behind: the units not held yet, the day from which
//! the next counted visit may be, the counted visits left, and how far each cap is used. What
//! targets give depends on the units alone. So of two states with the same units, one that is no
//! worse in the rest and costs no more suffices. A state is dropped when its cost and `least` of its units reach the limit: `least` never exceeds what they
//! really cost.
//!
//! The limit starts just above `least` of all units, and grows: a pass that finds nothing below its
//! limit has proven that v_e is at least the limit, one that finds something has found v_e.

use super::tables::{BEYOND, NEVER, Tables, members};
use crate::domain::problem::{Cap, Span};

/// Work on one enterprise, in pairs of state and visit, before a weaker value is returned.
const WORK_MAX: u64 = 1 << 28;
/// Most visits and most states of one pass.
const KEPT_MAX: usize = 1 << 21;
/// Most states with the same units, the cheapest first, that another is held against.
const RIVALS_MAX: usize = 64;
/// Passes before the limit is taken away.
const PASSES_MAX: u32 = 8;

/// A cap that may bind.
struct Limit {
    /// The open days it speaks of, from the first to before the second.
    from: usize,
    end: usize,
    /// Visits count when they hold one of these units.
    units: u32,
    /// Place of the scenario; `None` for any.
    scenario: Option<usize>,
    at_most: u8,
}

/// A visit on a day.
struct Candidate {
    day: usize,
    set: u32,
    cost: i64,
    /// The caps it uses.
    uses: Vec<u32>,
}

/// What the past leaves behind. In order, the cheapest of those with the same units come first.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct State {
    /// Units not held yet.
    rest: u32,
    cost: i64,
    /// Number of the day from which the next counted visit may be; 0 for any.
    ready: i64,
    /// Counted visits left.
    counted: usize,
    /// Visits under each cap so far.
    used: Vec<u8>,
}

impl State {
    /// Whether whatever follows the other may follow this one, at no higher cost.
    fn beats(&self, other: &State) -> bool {
        self.rest == other.rest
            && self.cost <= other.cost
            && self.ready <= other.ready
            && self.counted >= other.counted
            && self.used.iter().zip(&other.used).all(|(mine, theirs)| mine <= theirs)
    }
}

enum Pass {
    Found(i64),
    Nothing,
    GaveUp,
}

pub(super) struct Search<'a> {
    tables: &'a Tables<'a>,
    limits: Vec<Limit>,
    /// Whether some cap names the scenario, by place.
    is_named: Vec<bool>,
    /// By open day: the units that have no day from there on.
    over: Vec<u32>,
    work: u64,
}

impl<'a> Search<'a> {
    pub fn new(tables: &'a Tables<'a>) -> Self {
        let limits = limits(tables);
        let mut is_named = vec![false; tables.frames.len()];
        for scenario in limits.iter().filter_map(|limit| limit.scenario) {
            is_named[scenario] = true;
        }
        let site = tables.site;
        let mut over = vec![0; site.terrain.days.len()];
        for (i, party) in site.parties.iter().enumerate() {
            let last = party.open.last().expect("a party has a day");
            over[last + 1..].iter_mut().for_each(|over| *over |= 1 << i);
        }
        Self { tables, limits, is_named, over, work: 0 }
    }

    /// The least cost, and whether it is that or only a limit below it; `None` when there is no
    /// lawful set of visits.
    pub fn least(mut self) -> Option<(i64, bool)> {
        let tables = self.tables;
        let root = tables.least(tables.counted_max, tables.all);
        if root >= NEVER {
            return None;
        }
        if tables.all.count_ones() == 1 || root == tables.left[tables.all as usize] {
            // at most one visit: nothing to be in its way
            return Some((root, true));
        }
        let mut proven = root;
        let mut limit = root + 1;
        let site = tables.site;
        let mut more = (site.tariff.scale.saturating_mul(site.enterprise.visit_cost) / 4).max(1);
        for pass in 0..=PASSES_MAX {
            match self.pass(limit, root) {
                Pass::Found(cost) => return Some((cost, true)),
                Pass::Nothing if limit == BEYOND => return None,
                Pass::Nothing => proven = limit,
                Pass::GaveUp => break,
            }
            let is_last = pass + 1 >= PASSES_MAX;
            limit = if is_last { BEYOND } else { root.saturating_add(more).min(BEYOND) };
            more = more.saturating_mul(4);
        }
        Some((proven, false))
    }

    /// The least cost below `limit`. Nothing can cost less than `root`.
    fn pass(&mut self, limit: i64, root: i64) -> Pass {
        let tables = self.tables;
        let Some(candidates) = self.candidates(limit) else { return Pass::GaveUp };
        let mut best = limit.min(tables.left[tables.all as usize]);
        let mut states = vec![State {
            rest: tables.all,
            ready: 0,
            counted: tables.counted_max,
            used: vec![0; self.limits.len()],
            cost: 0,
        }];
        for visits in candidates.chunk_by(|a, b| a.day == b.day) {
            self.settle(&mut states, visits[0].day, best);
            let before = states.len();
            for s in 0..before {
                self.work += visits.len() as u64;
                for visit in visits {
                    let Some(next) = self.after(&states[s], visit) else { continue };
                    if next.cost + tables.least(next.counted, next.rest) >= best {
                        continue;
                    }
                    best = best.min(next.cost + tables.left[next.rest as usize]);
                    if best == root {
                        return Pass::Found(best);
                    }
                    states.push(next);
                }
                if self.work > WORK_MAX || states.len() > KEPT_MAX {
                    return Pass::GaveUp;
                }
            }
        }
        if best < limit { Pass::Found(best) } else { Pass::Nothing }
    }

    /// Every visit that can be part of something below the limit, by day; `None` when they are too
    /// many.
    fn candidates(&mut self, limit: i64) -> Option<Vec<Candidate>> {
        let tables = self.tables;
        let mut scratch = tables.scratch();
        let mut candidates = Vec::new();
        for set in 1..=tables.all {
            let cheapest = tables.cheapest[set as usize];
            if cheapest == NEVER {
                continue;
            }
            let is_counted = set & tables.counting != 0;
            // a counted visit has a day, so the cap is at least 1
            let counted = tables.counted_max - usize::from(is_counted);
            let others = tables.least(counted, tables.all ^ set);
            if others == NEVER || cheapest + others >= limit {
                continue;
            }
            let options = self.options(set);
            self.work += 1;
            tables.each_day(set, &mut scratch, |day, cost| {
                if cost + others < limit {
                    for option in &options {
                        let uses = self.uses(set, day, *option);
                        candidates.push(Candidate { day, set, cost, uses });
                    }
                }
            });
            if candidates.len() > KEPT_MAX {
                return None;
            }
        }
        candidates.sort_by_key(|candidate| candidate.day);
        Some(candidates)
    }

    /// The scenarios worth trying: one that no cap names is never worse than one that some does.
    fn options(&self, set: u32) -> Vec<Option<usize>> {
        if !self.is_named.contains(&true) {
            return vec![None];
        }
        let scenarios = self.tables.scenarios(set);
        if scenarios.iter().all(|s| self.is_named[*s]) && !scenarios.is_empty() {
            scenarios.into_iter().map(Some).collect()
        } else {
            vec![None]
        }
    }

    fn uses(&self, set: u32, day: usize, scenario: Option<usize>) -> Vec<u32> {
        let is_used = |limit: &Limit| {
            (limit.from..limit.end).contains(&day)
                && set & limit.units != 0
                && (limit.scenario.is_none() || limit.scenario == scenario)
        };
        let used = (0..self.limits.len()).filter(|l| is_used(&self.limits[*l]));
        used.map(|l| l as u32).collect()
    }

    /// Brings states to `day`: what the past no longer forbids is forgotten, hopeless states are
    /// dropped, and so are those that another beats.
    fn settle(&self, states: &mut Vec<State>, day: usize, best: i64) {
        let tables = self.tables;
        let (number, over) = (tables.site.terrain.numbers[day], self.over[day]);
        states.retain_mut(|state| {
            let gone = state.rest & over;
            if gone & tables.musts != 0 {
                return false;
            }
            if state.ready <= number {
                state.ready = 0;
            }
            for (used, limit) in state.used.iter_mut().zip(&self.limits) {
                if limit.end <= day {
                    *used = 0;
                }
            }
            let whole = tables.least(state.counted, state.rest);
            let parted = tables.penalty(gone) + tables.least(state.counted, state.rest & !gone);
            state.cost + whole.max(parted) < best
        });
        states.sort_unstable();
        let (mut kept, mut first) = (0, 0);
        for s in 0..states.len() {
            if states[first].rest != states[s].rest {
                first = kept;
            }
            let rivals = &states[first..kept.min(first + RIVALS_MAX)];
            if !rivals.iter().any(|rival| rival.beats(&states[s])) {
                states.swap(kept, s);
                kept += 1;
            }
        }
        states.truncate(kept);
    }

    fn after(&self, state: &State, visit: &Candidate) -> Option<State> {
        let tables = self.tables;
        if visit.set & !state.rest != 0 {
            return None;
        }
        let is_counted = visit.set & tables.counting != 0;
        let number = tables.site.terrain.numbers[visit.day];
        if is_counted && (state.ready > number || state.counted == 0) {
            return None;
        }
        let is_full = |l: &u32| state.used[*l as usize] >= self.limits[*l as usize].at_most;
        if visit.uses.iter().any(is_full) {
            return None;
        }
        let mut used = state.used.clone();
        visit.uses.iter().for_each(|l| used[*l as usize] += 1);
        let (mut ready, mut counted) = (state.ready, state.counted);
        if is_counted {
            ready = number.saturating_add(tables.site.enterprise.min_gap_days);
            if tables.is_count_limited() {
                counted -= 1;
            }
        }
        let (rest, cost) = (state.rest & !visit.set, state.cost + visit.cost);
        Some(State { rest, ready, counted, used, cost })
    }
}

/// The caps that some set of visits might break.
fn limits(tables: &Tables) -> Vec<Limit> {
    let site = tables.site;
    let (e, days) = (site.enterprise, &site.terrain.days);
    let always = Span { first: site.terrain.facts().start, last: site.terrain.facts().end };
    let of_department = e.department_caps.iter().map(|(department, at_most)| Cap {
        span: always,
        department: Some(department.clone()),
        scenario: None,
        at_most: *at_most,
    });
    let limit = |cap: Cap| {
        let from = days.partition_point(|day| *day < cap.span.first);
        let end = days.partition_point(|day| *day <= cap.span.last);
        let scenario = match &cap.scenario {
            None => None,
            Some(id) => {
                let position = site.terrain.problem.scenario(id);
                Some(tables.frames.iter().position(|f| Some(f.position) == position)?)
            }
        };
        let mut units = tables.counting;
        if let Some(named) = &cap.department {
            let department = site.departments.iter().position(|known| known == named)?;
            units = members(units)
                .filter(|i| site.parties[*i].department == department)
                .fold(0, |units, i| units | 1 << i);
        }
        // each visit under the cap holds one of these units on one of these days
        let may = |i: &usize| site.parties[*i].open.iter().any(|day| (from..end).contains(&day));
        let most = members(units).filter(may).count();
        let at_most = u8::try_from(cap.at_most).ok().filter(|cap| usize::from(*cap) < most)?;
        Some(Limit { from, end, units, scenario, at_most })
    };
    of_department.chain(e.caps.iter().cloned()).filter_map(limit).collect()
}
