//! One enterprise in dense form: its units, and the visits that the law allows there.

use super::rules::{Footprint, Rules};
use crate::domain::problem::Cost;
use std::ops::Range;

/// "No scenario": a visit of one department.
pub const ALONE: u32 = u32::MAX;

/// One enterprise and its units.
#[derive(Clone)]
pub struct EnterpriseModel {
    /// Position of the enterprise in the problem.
    pub position: usize,
    /// Cost of each visit.
    pub visit_cost: Cost,
    /// Cost of each department's presence at each visit.
    pub attendance_cost: Cost,
    /// Longest on-site time of a visit by one department that covers two or more requests.
    pub max_visit_minutes: i64,
    pub units: Box<[Unit]>,
    /// Targets of measure `visited` that its visits count for.
    pub visited: Box<[VisitedTarget]>,
    pub fixed: Box<[FixedVisit]>,
    pub rules: Rules,
    /// Empty for enterprises too large to enumerate.
    pub patterns: Patterns,
}

/// A target that counts the enterprise once, however many of the units are held.
#[derive(Clone)]
pub struct VisitedTarget {
    /// Place in the targets.
    pub target: u32,
    /// Units each of which reaches it, ascending.
    pub units: Vec<u16>,
}

/// A visit that every plan must hold.
#[derive(Clone)]
pub struct FixedVisit {
    pub day: u16,
    /// Units it must cover, ascending.
    pub units: Vec<u16>,
}

/// What a unit or a visit draws from a pool on its day.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PoolUse {
    /// Position of the pool in the problem.
    pub pool: u32,
    /// Person-minutes.
    pub minutes: i64,
}

/// A day that is allowed, and what choosing it costs, in one word: there are many. The cost of a whole
/// problem takes [`TOTAL_COST_MAX`](crate::domain::problem::TOTAL_COST_MAX) at most, so 48 bits hold
/// any part of it.
#[derive(Clone, Copy)]
pub struct DayCost(i64);

impl DayCost {
    /// A day and its cost.
    pub fn new(day: u16, cost: Cost) -> Self {
        Self(cost << u16::BITS | i64::from(day))
    }

    /// The day.
    #[inline]
    pub fn day(self) -> u16 {
        self.0 as u16
    }

    /// What choosing it costs.
    #[inline]
    pub fn cost(self) -> Cost {
        self.0 >> u16::BITS
    }
}

/// A target that a unit counts for.
#[derive(Clone, Copy)]
pub struct TargetGain {
    /// Place in the targets.
    pub target: u32,
    /// Requests of the unit that count.
    pub requests: i64,
}

/// What is scheduled or left out as one.
#[derive(Clone)]
pub struct Unit {
    /// Positions of its requests in the problem.
    pub requests: Box<[usize]>,
    /// Department, as a number of its own within the instance.
    pub department: u32,
    /// Bit of the department among those that caps of this enterprise name; 0 for none.
    pub capped_department: u128,
    /// Whether it has a request that is not exempt.
    pub counts: bool,
    /// Whether it must be alone in its visit.
    pub solo: bool,
    /// Minutes on site.
    pub minutes: i64,
    /// People on site: the largest crew of its requests.
    pub crew: i64,
    /// What it draws from each pool, ascending by pool; attendance not included.
    pub uses: Box<[PoolUse]>,
    /// Scenarios (positions) that all its requests list, ascending.
    pub scenarios: Box<[u32]>,
    /// Cost if unscheduled.
    pub penalty: Cost,
    /// Days that allow it, ascending, with the cost of each day (late, moved).
    pub days: Box<[DayCost]>,
    /// `scheduled` targets it counts for.
    pub scheduled: Box<[TargetGain]>,
    /// `joint` targets it counts for when its visit is joint.
    pub joint: Box<[TargetGain]>,
}

impl Unit {
    /// Cost of holding it on a day (late, moved); `None` where the day does not allow it.
    pub fn cost_on(&self, day: u16) -> Option<Cost> {
        let place = self.days.binary_search_by_key(&day, |allowed| allowed.day()).ok()?;
        Some(self.days[place].cost())
    }

    /// Person-minutes it draws from a pool, attendance not included; `None` where it draws none.
    pub fn draw(&self, pool: u32) -> Option<i64> {
        self.uses.iter().find(|used| used.pool == pool).map(|used| used.minutes)
    }
}

/// The enumerated patterns of one enterprise, in flat lists.
#[derive(Clone, Default)]
pub struct Patterns {
    /// Ascending by mask.
    pub list: Vec<Pattern>,
    /// Days of all patterns with what the visit itself costs there (visit, attendance, days).
    pub days: Vec<DayCost>,
    /// Pools drawn on by all patterns, attendance included.
    pub uses: Vec<PoolUse>,
    /// For each unit where those begin in this list in which it is the lowest, and where the last
    /// ends; then the patterns (places in `list`) in that order.
    by_lowest: Box<[u32]>,
}

/// A set of units that may share a visit.
#[derive(Clone)]
pub struct Pattern {
    /// Bit `i`: unit `i`.
    pub mask: u32,
    pub is_joint: bool,
    pub counts: bool,
    pub departments: u128,
    pub scenario: u32,
    /// Places in `Patterns::days`.
    pub days: Range<u32>,
    /// Places in `Patterns::uses`.
    pub uses: Range<u32>,
}

impl Pattern {
    /// Its units, ascending.
    pub fn units(&self) -> impl Iterator<Item = u16> + use<> {
        let mut rest = self.mask;
        std::iter::from_fn(move || {
            let unit = rest.trailing_zeros();
            (unit < u32::BITS).then(|| {
                rest &= rest - 1;
                unit as u16
            })
        })
    }

    /// What the rules between visits need to know of a visit of it on a day.
    pub fn footprint(&self, day: u16) -> Footprint {
        let Pattern { counts, departments, scenario, .. } = *self;
        Footprint { day, counts, departments, scenario }
    }
}

/// Units as a set: bit `i` for unit `i`.
pub fn mask_of(units: &[u16]) -> u32 {
    units.iter().fold(0, |mask, unit| mask | 1 << unit)
}

impl Patterns {
    /// The places of the patterns of a set of units.
    pub fn of(&self, mask: u32) -> Range<usize> {
        let from = self.list.partition_point(|pattern| pattern.mask < mask);
        let same = self.list[from..].iter().take_while(|pattern| pattern.mask == mask);
        from..from + same.count()
    }

    /// Whether none are listed.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The places of those in which a unit is the lowest, ascending.
    pub fn with_lowest(&self, unit: usize) -> &[u32] {
        &self.by_lowest[self.by_lowest[unit] as usize..self.by_lowest[unit + 1] as usize]
    }

    /// Once all of an enterprise of so many units are listed: finds them by their lowest unit, and
    /// gives back memory not needed, for they are kept for long and there are many.
    pub fn close(&mut self, units: usize) {
        let lowest = |place: &u32| self.list[*place as usize].mask.trailing_zeros();
        let mut places: Vec<u32> = (0..self.list.len() as u32).collect();
        places.sort_by_key(lowest);
        let before = |unit| places.partition_point(|place| lowest(place) < unit) as u32;
        let bounds = (0..=units as u32).map(|unit| units as u32 + 1 + before(unit));
        self.by_lowest = bounds.chain(places.iter().copied()).collect();
        self.list.shrink_to_fit();
        self.days.shrink_to_fit();
        self.uses.shrink_to_fit();
    }

    /// Memory they take, about.
    pub fn bytes(&self) -> u64 {
        let lists = size_of_val(&self.list[..]) + size_of_val(&self.days[..]);
        let places = size_of_val(&self.by_lowest[..]);
        (lists + size_of_val(&self.uses[..]) + places) as u64
    }

    pub fn days_of(&self, pattern: &Pattern) -> &[DayCost] {
        &self.days[pattern.days.start as usize..pattern.days.end as usize]
    }

    pub fn uses_of(&self, pattern: &Pattern) -> &[PoolUse] {
        &self.uses[pattern.uses.start as usize..pattern.uses.end as usize]
    }
}
