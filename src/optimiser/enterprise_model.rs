//! One enterprise in dense form: its units, and the visits that the law allows there.

use super::rules::Rules;
use crate::domain::problem::Cost;

/// "No scenario": a visit of one department.
pub const ALONE: u32 = u32::MAX;

/// One enterprise and its units.
#[derive(Clone)]
pub struct EnterpriseModel {
    /// Position of the enterprise in the problem.
    pub position: usize,
    pub visit_cost: Cost,
    pub attendance_cost: Cost,
    pub max_visit_minutes: i64,
    pub units: Vec<Unit>,
    /// `visited` targets: place in the targets, and the units that reach it.
    pub visited: Vec<(u32, Vec<u16>)>,
    /// Fixed visits: day and units.
    pub fixed: Vec<(u16, Vec<u16>)>,
    pub rules: Rules,
    /// Empty for enterprises too large to enumerate.
    pub patterns: Patterns,
}

/// What is scheduled or left out as one.
#[derive(Clone)]
pub struct Unit {
    /// Positions of its requests in the problem.
    pub requests: Vec<usize>,
    /// Department, as a number of its own within the instance.
    pub department: u32,
    /// Bit of the department among those that caps of this enterprise name; 0 for none.
    pub capped_department: u128,
    /// Whether it has a request that is not exempt.
    pub counts: bool,
    pub solo: bool,
    pub minutes: i64,
    /// People on site: the largest crew of its requests.
    pub crew: i64,
    /// Person-minutes drawn from each pool, attendance not included.
    pub uses: Vec<(u32, i64)>,
    /// Scenarios (positions) that all its requests list, ascending.
    pub scenarios: Vec<u32>,
    /// Cost if unscheduled.
    pub penalty: Cost,
    /// Days that allow it, ascending, with the cost of each day (late, moved).
    pub days: Vec<(u16, Cost)>,
    /// `scheduled` targets it counts for: place in the targets, how many requests.
    pub scheduled: Vec<(u32, i64)>,
    /// `joint` targets it counts for when its visit is joint.
    pub joint: Vec<(u32, i64)>,
}

/// The enumerated patterns of one enterprise, in flat lists.
#[derive(Clone, Default)]
pub struct Patterns {
    pub list: Vec<Pattern>,
    /// Days of all patterns with what the visit itself costs there (visit, attendance, days).
    pub days: Vec<(u16, Cost)>,
    /// Pools drawn on by all patterns, attendance included.
    pub uses: Vec<(u32, i64)>,
    /// For each unit the patterns (places in `list`) in which it is the lowest.
    pub by_lowest: Vec<Vec<u32>>,
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
    /// Range in `Patterns::days`.
    pub days: (u32, u32),
    /// Range in `Patterns::uses`.
    pub uses: (u32, u32),
}

impl Patterns {
    /// Memory they take, about.
    pub fn bytes(&self) -> u64 {
        let lists = size_of_val(&self.list[..]) + size_of_val(&self.days[..]);
        let places = size_of_val(&self.by_lowest[..]) + self.list.len() * size_of::<u32>();
        (lists + size_of_val(&self.uses[..]) + places) as u64
    }

    pub fn days_of(&self, pattern: &Pattern) -> &[(u16, Cost)] {
        &self.days[pattern.days.0 as usize..pattern.days.1 as usize]
    }

    pub fn uses_of(&self, pattern: &Pattern) -> &[(u32, i64)] {
        &self.uses[pattern.uses.0 as usize..pattern.uses.1 as usize]
    }
}
