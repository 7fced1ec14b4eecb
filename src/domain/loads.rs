//! What visits take of the pools.

use super::problem::{Problem, Request};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

/// Person-minutes used of each pool (by position) on each day: for each visit that draws on it
/// `attendance_minutes` once, and `inspectors × minutes` for each use.
pub fn pool_loads<'a>(
    problem: &Problem,
    visits: impl Iterator<Item = (NaiveDate, &'a [&'a Request])>,
) -> BTreeMap<(usize, NaiveDate), i64> {
    let pools = &problem.facts().pools;
    let mut loads: BTreeMap<(usize, NaiveDate), i64> = BTreeMap::new();
    for (day, requests) in visits {
        let mut drawn = BTreeSet::new();
        for r in requests {
            for u in &r.uses {
                let pool = problem.pool(&u.pool).expect("uses name pools of the problem");
                let once = if drawn.insert(pool) { pools[pool].attendance_minutes } else { 0 };
                *loads.entry((pool, day)).or_default() += once + u.inspectors * r.minutes;
            }
        }
    }
    loads
}
