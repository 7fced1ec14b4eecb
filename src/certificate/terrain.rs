//! The ground all leaves share: open days, what pools offer, and who may be visited when.

use super::leaves::Orders;
use crate::domain::problem::{Draft, Pool, Problem, Request};
use chrono::NaiveDate;
use std::collections::HashMap;

/// A set of open days, by their places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Days {
    words: Vec<u64>,
}

impl Days {
    /// The days from place `first` to before place `end`, of `n` open days.
    pub fn span(n: usize, first: usize, end: usize) -> Self {
        let mut words = vec![0; n.div_ceil(64)];
        for (w, word) in words.iter_mut().enumerate() {
            let (from, to) = (first.max(w * 64), end.min(w * 64 + 64));
            if from < to {
                *word = (u64::MAX >> (64 - (to - from))) << (from - w * 64);
            }
        }
        Self { words }
    }

    pub fn contains(&self, day: usize) -> bool {
        self.words[day / 64] >> (day % 64) & 1 == 1
    }

    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// Keeps the days for which `keep` holds.
    pub fn retain(&mut self, mut keep: impl FnMut(usize) -> bool) {
        for (w, word) in self.words.iter_mut().enumerate() {
            let mut rest = *word;
            while rest != 0 {
                let bit = rest.trailing_zeros() as usize;
                if !keep(w * 64 + bit) {
                    *word &= !(1 << bit);
                }
                rest &= rest - 1;
            }
        }
    }

    /// Keeps the days that are in `other` too.
    pub fn intersect(&mut self, other: &Days) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= other;
        }
    }

    /// Adds the days of `other`.
    pub fn unite(&mut self, other: &Days) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word |= other;
        }
    }

    /// Makes it equal to `other`, keeping its memory.
    pub fn copy(&mut self, other: &Days) {
        self.words.copy_from_slice(&other.words);
    }

    /// The days, ascending.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().flat_map(|(w, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                let bit = (rest != 0).then(|| rest.trailing_zeros() as usize)?;
                rest &= rest - 1;
                Some(w * 64 + bit)
            })
        })
    }

    /// The last day.
    pub fn last(&self) -> Option<usize> {
        let w = self.words.iter().rposition(|word| *word != 0)?;
        Some(w * 64 + 63 - self.words[w].leading_zeros() as usize)
    }
}

/// A request, or the requests of a `together` group: what is held or left out as one.
pub(super) struct Unit {
    /// Positions of the requests.
    pub requests: Vec<usize>,
    /// Person-minutes drawn from each pool, attendance apart; by position of the pool, ascending.
    pub draws: Vec<(usize, i64)>,
    /// The days open to each of its requests: calendar, closed and quiet days, windows, decisions.
    pub window: Days,
    /// May not be left out.
    pub must: bool,
}

/// Person-minutes a pool offers.
struct Offer {
    usual: (i64, i64),
    /// By open day, where some day is unlike the others.
    by_day: Option<Vec<(i64, i64)>>,
}

/// The problem with its open days numbered.
pub(super) struct Terrain<'a> {
    pub problem: &'a Problem,
    /// Open days, ascending.
    pub days: Vec<NaiveDate>,
    /// Days since the start of the horizon, by open day.
    pub numbers: Vec<i64>,
    /// By request: the open day of the fixed visit it is in.
    pub fixed_on: Vec<Option<usize>>,
    offers: Vec<Offer>,
}

impl<'a> Terrain<'a> {
    pub fn new(problem: &'a Problem) -> Self {
        let facts = problem.facts();
        let horizon = facts.start.iter_days().take_while(|day| *day <= facts.end);
        let days: Vec<NaiveDate> = horizon.filter(|day| problem.is_open(*day)).collect();
        let numbers = days.iter().map(|day| (*day - facts.start).num_days()).collect();
        let mut fixed_on = vec![None; facts.requests.len()];
        for fixed in &facts.fixed {
            let day = days.binary_search(&fixed.date).ok();
            for id in &fixed.requests {
                let request = problem.request(id).expect("fixed visits name requests");
                fixed_on[request] = day;
            }
        }
        let offer = |pool: &Pool| {
            let overtime = if pool.minutes > 0 { pool.overtime_minutes } else { 0 };
            let by_day = || days.iter().map(|day| pool.minutes_on(*day)).collect();
            Offer {
                usual: (pool.minutes, overtime),
                by_day: (!pool.exceptions.is_empty()).then(by_day),
            }
        };
        let offers = facts.pools.iter().map(offer).collect();
        Self { problem, days, numbers, fixed_on, offers }
    }

    pub fn facts(&self) -> &'a Draft {
        self.problem.facts()
    }

    /// Regular and overtime person-minutes of a pool's day.
    pub fn offer(&self, pool: usize, day: usize) -> (i64, i64) {
        let offer = &self.offers[pool];
        offer.by_day.as_ref().map_or(offer.usual, |by_day| by_day[day])
    }

    /// All that a pool's day can give.
    pub fn room(&self, pool: usize, day: usize) -> i64 {
        let (minutes, overtime) = self.offer(pool, day);
        minutes + overtime
    }

    /// The units of an enterprise, in order of their first requests.
    pub fn units(&self, orders: &Orders, enterprise: usize) -> Vec<Unit> {
        let facts = self.facts();
        let mut units: Vec<Unit> = Vec::new();
        let mut groups: HashMap<&str, usize> = HashMap::new();
        for r in self.problem.requests_at(enterprise) {
            let fresh = units.len();
            let group = facts.requests[*r].together.as_deref();
            let place = group.map_or(fresh, |group| *groups.entry(group).or_insert(fresh));
            if place == fresh {
                let (draws, window) = (Vec::new(), Days::span(0, 0, 0));
                units.push(Unit { requests: Vec::new(), draws, window, must: false });
            }
            units[place].requests.push(*r);
        }
        for unit in &mut units {
            unit.draws = self.draws(&unit.requests);
            unit.window = self.window(orders, enterprise, &unit.requests);
            unit.must = unit.requests.iter().any(|r| {
                self.fixed_on[*r].is_some() || orders.get(*r).is_some_and(|order| order.must)
            });
        }
        units
    }

    fn draws(&self, requests: &[usize]) -> Vec<(usize, i64)> {
        let mut draws: Vec<(usize, i64)> = Vec::new();
        for r in requests {
            let request = &self.facts().requests[*r];
            for used in &request.uses {
                let pool = self.problem.pool(&used.pool).expect("uses name pools");
                draws.push((pool, used.inspectors * request.minutes));
            }
        }
        draws.sort_unstable();
        draws.dedup_by(|next, kept| {
            let is_same = next.0 == kept.0;
            if is_same {
                kept.1 += next.1;
            }
            is_same
        });
        draws
    }

    fn window(&self, orders: &Orders, enterprise: usize, requests: &[usize]) -> Days {
        let facts = self.facts();
        let (mut first, mut end) = (0, self.days.len());
        for r in requests {
            let Request { earliest, latest, .. } = &facts.requests[*r];
            let order = orders.get(*r).unwrap_or_default();
            let before = |day: &NaiveDate| {
                *day < *earliest || order.after.is_some_and(|after| *day <= after)
            };
            let until = |day: &NaiveDate| *day <= *latest && order.by.is_none_or(|by| *day <= by);
            first = first.max(self.days.partition_point(before));
            end = end.min(self.days.partition_point(until));
        }
        let mut window = Days::span(self.days.len(), first, end);
        let site = &facts.enterprises[enterprise];
        let spares_quiet = requests.iter().all(|r| facts.requests[*r].is_quiet_exempt());
        if !site.closed.is_empty() || !(site.quiet.is_empty() || spares_quiet) {
            window.retain(|day| {
                let date = self.days[day];
                !site.is_closed(date) && (spares_quiet || !site.is_quiet(date))
            });
        }
        window
    }
}
