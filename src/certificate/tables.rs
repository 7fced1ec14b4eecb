//! Tables of what sets of units cost at the least, for one enterprise at the prices of a leaf.
//!
//! Sets of units are bit masks. Three tables over them:
//!
//! - `cheapest[S]`: a visit of exactly the units S on its cheapest day, if rules 4 to 6 allow it;
//! - `left[R]`: what it costs, penalties less what the targets of measure `visited` give, when R is
//!   left out for good and all others are held; it does not ask how they are held;
//! - `least[R] = min(left[R], min over ∅ ≠ S ⊆ R of cheapest[S] + least[R ∖ S])`: the least that the
//!   units R can still cost when no visit is in another's way. With `visit_cap` or the gap
//!   allowing only k counted visits there is one such table for each number of them that is left.
//!
//! `least` of all units is v_e but for what visits have to do with each other: one a day, gaps, and
//! caps that name a department, a scenario or a span. [`search`](super::search) settles those.
//!
//! All sums of one enterprise are proven to fit 64 bits before the tables are filled; an enterprise
//! where they may not gets the value of [`large`](super::large).

use super::site::{Party, Site};
use super::terrain::Days;

/// Most units of an enterprise that is solved exactly.
pub(super) const EXACT_UNITS_MAX: usize = 16;
/// No lawful way. Twice as much still fits 64 bits.
pub(super) const NEVER: i64 = 1 << 61;
/// More than any lawful way costs, and less than a way with a step in it that is none.
pub(super) const BEYOND: i64 = NEVER / 2;

/// A number that was shown to fit.
fn short(wide: i128) -> i64 {
    i64::try_from(wide).expect("sums of the enterprise fit")
}

/// A scenario at the enterprise.
pub(super) struct Frame {
    /// Position in the problem.
    pub position: usize,
    /// The units that list it.
    units: u32,
    max_departments: i64,
    max_inspectors: i64,
    max_minutes: i64,
}

/// What a set of units comes to as one visit.
struct Makeup {
    departments: u32,
    crew: i64,
    minutes: i64,
}

/// Room for the sums of one visit, to be used again.
pub(super) struct Scratch {
    open: Days,
    draws: Vec<i64>,
}

/// The enterprise by bit masks.
pub(super) struct Tables<'a> {
    pub site: &'a Site<'a>,
    /// All units.
    pub all: u32,
    /// Units that make a visit count.
    pub counting: u32,
    /// Units that may not be left out.
    pub musts: u32,
    /// Scenarios that two or more departments list.
    pub frames: Vec<Frame>,
    /// Most counted visits; at least the number of units that count when nothing limits them.
    pub counted_max: usize,
    /// Cheapest visit of each set, [`NEVER`] when there is none.
    pub cheapest: Vec<i64>,
    /// Cost of leaving each set out for good, all others being held.
    pub left: Vec<i64>,
    /// By number of counted visits left, or one for any number.
    least: Vec<Vec<i64>>,
    solo: u32,
    penalties: Vec<i64>,
    /// Positions of the pools drawn on, and the draws of each unit by place in it.
    pools: Vec<usize>,
    draws: Vec<Vec<(usize, i64)>>,
    /// Scaled day costs by open day, for units that have any.
    day_costs: Vec<Option<Vec<i64>>>,
}

impl<'a> Tables<'a> {
    pub fn new(site: &'a Site<'a>) -> Self {
        let parties = &site.parties;
        let n = parties.len();
        let mask = |holds: &dyn Fn(&Party) -> bool| {
            (0..n).filter(|i| holds(&parties[*i])).fold(0u32, |mask, i| mask | 1 << i)
        };
        let mut pools: Vec<usize> =
            parties.iter().flat_map(|party| party.draws.iter().map(|(pool, _)| *pool)).collect();
        pools.sort_unstable();
        pools.dedup();
        let place = |pool: usize| pools.binary_search(&pool).expect("gathered");
        let draws = parties
            .iter()
            .map(|party| party.draws.iter().map(|(pool, draw)| (place(*pool), *draw)).collect())
            .collect();
        let day_costs = |party: &Party| {
            let scaled = |day| short(i128::from(site.day_cost(party, day)) * site.scale());
            site.has_day_costs(party).then(|| {
                let mut costs = vec![0; site.terrain.days.len()];
                party.open.iter().for_each(|day| costs[day] = scaled(day));
                costs
            })
        };
        let counting = mask(&|party| party.counts);
        let cap = site.counted_max().min(i64::from(counting.count_ones()));
        let mut tables = Self {
            site,
            all: (1 << n) - 1,
            counting,
            musts: mask(&|party| party.must),
            frames: frames(site),
            counted_max: cap as usize,
            cheapest: Vec::new(),
            left: Vec::new(),
            least: Vec::new(),
            solo: mask(&|party| party.is_solo),
            penalties: parties.iter().map(|party| short(party.penalty)).collect(),
            day_costs: parties.iter().map(day_costs).collect(),
            pools,
            draws,
        };
        tables.fill_left();
        tables.fill_cheapest();
        tables.fill_least();
        tables
    }

    /// Whether the number of counted visits matters at all.
    pub fn is_count_limited(&self) -> bool {
        self.counted_max < self.counting.count_ones() as usize
    }

    pub fn scratch(&self) -> Scratch {
        let open = Days::span(self.site.terrain.days.len(), 0, 0);
        Scratch { open, draws: vec![0; self.pools.len()] }
    }

    /// The least that the units `rest` can still cost with so many counted visits left.
    pub fn least(&self, counted: usize, rest: u32) -> i64 {
        self.least[counted.min(self.least.len() - 1)][rest as usize]
    }

    /// What leaving the units `set` out costs.
    pub fn penalty(&self, set: u32) -> i64 {
        members(set).map(|i| self.penalties[i]).sum()
    }

    /// Rules 4 to 6 but for the scenario of a joint visit.
    fn makeup(&self, set: u32) -> Option<Makeup> {
        if set.count_ones() > 1 && set & self.solo != 0 {
            return None;
        }
        let (mut minutes, mut crews) = ([0i64; EXACT_UNITS_MAX], [0i64; EXACT_UNITS_MAX]);
        let (mut departments, mut requests) = (0u32, 0);
        for i in members(set) {
            let party = &self.site.parties[i];
            departments |= 1 << party.department;
            minutes[party.department] += party.minutes;
            crews[party.department] = crews[party.department].max(party.crew);
            requests += party.requests.len();
        }
        let longest = minutes.iter().copied().max().unwrap_or(0);
        let is_alone = departments.count_ones() == 1;
        let limit = self.site.terrain.facts().max_visit_minutes;
        if is_alone && requests > 1 && longest > limit {
            return None;
        }
        Some(Makeup { departments, crew: crews.iter().sum(), minutes: longest })
    }

    fn is_within(&self, frame: &Frame, set: u32, makeup: &Makeup) -> bool {
        set & !frame.units == 0
            && i64::from(makeup.departments.count_ones()) <= frame.max_departments
            && makeup.crew <= frame.max_inspectors
            && makeup.minutes <= frame.max_minutes
    }

    /// The scenarios (places in `frames`) under which the units may be held together; empty for a
    /// visit of one department, which needs none.
    pub fn scenarios(&self, set: u32) -> Vec<usize> {
        match self.makeup(set) {
            Some(makeup) if makeup.departments.count_ones() > 1 => (0..self.frames.len())
                .filter(|f| self.is_within(&self.frames[*f], set, &makeup))
                .collect(),
            _ => Vec::new(),
        }
    }

    /// What a visit of exactly these units costs whatever the day; `None` when it is unlawful.
    fn flat_cost(&self, set: u32) -> Option<i64> {
        let makeup = self.makeup(set)?;
        let departments = makeup.departments.count_ones();
        if departments > 1 && !self.frames.iter().any(|f| self.is_within(f, set, &makeup)) {
            return None;
        }
        let site = self.site;
        let attendance = i128::from(site.terrain.facts().attendance_cost) * i128::from(departments);
        let mut cost = (i128::from(site.enterprise.visit_cost) + attendance) * site.scale();
        for i in members(set) {
            let party = &site.parties[i];
            cost -= party.worth + if departments > 1 { party.worth_joint } else { 0 };
        }
        Some(short(cost))
    }

    /// Calls `each` with every day on which exactly these units can be held as one visit, and what it
    /// costs.
    pub fn each_day(&self, set: u32, scratch: &mut Scratch, mut each: impl FnMut(usize, i64)) {
        let Scratch { open, draws } = scratch;
        let parties = &self.site.parties;
        let first = set.trailing_zeros() as usize;
        open.copy(&parties[first].open);
        members(set).skip(1).for_each(|i| open.intersect(&parties[i].open));
        if open.is_empty() {
            return;
        }
        let Some(flat) = self.flat_cost(set) else { return };
        let (terrain, tariff) = (self.site.terrain, self.site.tariff);
        draws.fill(0);
        for (place, draw) in members(set).flat_map(|i| &self.draws[i]) {
            if draws[*place] == 0 {
                draws[*place] = terrain.facts().pools[self.pools[*place]].attendance_minutes;
            }
            draws[*place] += draw;
        }
        'days: for day in open.iter() {
            let mut cost = flat;
            for (pool, draw) in self.pools.iter().zip(&*draws).filter(|(_, draw)| **draw > 0) {
                if *draw > terrain.room(*pool, day) {
                    continue 'days;
                }
                cost += tariff.charge(*pool, day).map_or(0, |charge| charge.of_draw(*draw));
            }
            for costs in members(set).filter_map(|i| self.day_costs[i].as_ref()) {
                cost += costs[day];
            }
            each(day, cost);
        }
    }

    fn fill_left(&mut self) {
        let visited: Vec<(i64, u32)> = self
            .site
            .visited
            .iter()
            .map(|(price, units)| (short(*price), units.iter().fold(0, |mask, i| mask | 1 << i)))
            .collect();
        let mut penalties = vec![0i64; self.all as usize + 1];
        self.left = vec![NEVER; self.all as usize + 1];
        for set in 0..=self.all {
            if set != 0 {
                let first = set.trailing_zeros() as usize;
                let others = set & (set - 1);
                penalties[set as usize] = penalties[others as usize] + self.penalties[first];
            }
            if set & self.musts == 0 {
                let held = self.all & !set;
                let gains = visited.iter().filter(|(_, units)| units & held != 0);
                self.left[set as usize] =
                    penalties[set as usize] - gains.map(|(price, _)| price).sum::<i64>();
            }
        }
    }

    fn fill_cheapest(&mut self) {
        let mut cheapest = vec![NEVER; self.all as usize + 1];
        let mut scratch = self.scratch();
        for set in 1..=self.all {
            let best = &mut cheapest[set as usize];
            self.each_day(set, &mut scratch, |_, cost| *best = (*best).min(cost));
        }
        self.cheapest = cheapest;
    }

    fn fill_least(&mut self) {
        let table = self.table(None, &self.cheapest, &[]);
        if !self.is_count_limited() || self.counted_in(&table) <= self.counted_max {
            self.least = vec![table];
            return;
        }
        // the limit on counted visits binds: one table for each number of them that is left
        let (mut free, mut counted) = (self.cheapest.clone(), self.cheapest.clone());
        for set in 0..free.len() {
            let is_counted = set as u32 & self.counting != 0;
            (if is_counted { &mut free } else { &mut counted })[set] = NEVER;
        }
        let all_count = self.counting == self.all;
        for k in 0..=self.counted_max {
            let fewer = k.checked_sub(1).map(|fewer| self.least[fewer].as_slice());
            let free = if all_count { &[][..] } else { &free[..] };
            let table = self.table(fewer, free, &counted);
            self.least.push(table);
        }
    }

    /// One table of `least`: `free` visits go on in it, `counted` ones in the table `fewer`.
    /// An empty list of visits is one without any.
    fn table(&self, fewer: Option<&[i64]>, free: &[i64], counted: &[i64]) -> Vec<i64> {
        let mut table = self.left.clone();
        for rest in 1..table.len() {
            let mut best = table[rest];
            if !free.is_empty() {
                best = best.min(cheapest_part(free, &table, rest));
            }
            if let Some(fewer) = fewer {
                best = best.min(cheapest_part(counted, fewer, rest));
            }
            // sums with no lawful way stay one no lawful way
            table[rest] = if best >= BEYOND { NEVER } else { best };
        }
        table
    }

    /// Counted visits of a way that the table of any number of visits finds.
    fn counted_in(&self, table: &[i64]) -> usize {
        let (mut rest, mut counted) = (self.all as usize, 0);
        while rest != 0 && table[rest] != self.left[rest] && table[rest] != NEVER {
            let mut set = rest;
            while self.cheapest[set] + table[rest ^ set] != table[rest] {
                set = (set - 1) & rest;
            }
            counted += usize::from(set as u32 & self.counting != 0);
            rest ^= set;
        }
        counted
    }
}

/// The least of `visits[S] + others[R ∖ S]` over the nonempty parts S of R = `rest`.
fn cheapest_part(visits: &[i64], others: &[i64], rest: usize) -> i64 {
    let (mut best, mut set) = (NEVER, rest);
    while set != 0 {
        // cannot overflow: NEVER twice still fits
        best = best.min(visits[set].wrapping_add(others[rest ^ set]));
        set = (set - 1) & rest;
    }
    best
}

/// The places of the units of a set.
pub(super) fn members(set: u32) -> impl Iterator<Item = usize> {
    let mut rest = set;
    std::iter::from_fn(move || {
        let i = (rest != 0).then(|| rest.trailing_zeros() as usize)?;
        rest &= rest - 1;
        Some(i)
    })
}

fn frames(site: &Site) -> Vec<Frame> {
    let frame = |(position, units): &(usize, Vec<usize>)| {
        let scenario = &site.terrain.facts().scenarios[*position];
        Frame {
            position: *position,
            units: units.iter().fold(0, |mask, i| mask | 1 << i),
            max_departments: scenario.max_departments,
            max_inspectors: scenario.max_inspectors,
            max_minutes: scenario.max_minutes,
        }
    };
    site.scenarios.iter().map(frame).collect()
}
