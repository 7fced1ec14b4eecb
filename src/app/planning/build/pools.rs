//! The pools that the requests of a draft draw on.

use super::builder::Builder;
use crate::domain::Message;
use crate::domain::problem::{Pool, Request};
use crate::domain::register::staff::lacking;
use crate::message;
use crate::store::Versioned;
use crate::wire::register;
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

impl Builder<'_> {
    /// The pools that requests draw on, then those that nobody draws on.
    pub(super) fn pools(&mut self, requests: &[Request]) -> Vec<Pool> {
        let used: BTreeSet<&str> =
            requests.iter().flat_map(|r| &r.uses).map(|u| u.pool.as_str()).collect();
        let pools = self.facts.pools.iter();
        let used = pools.filter(|pool| used.contains(pool.value.id.as_str()));
        let mut drafts: Vec<Pool> = used.enumerate().map(|(i, pool)| self.pool(i, pool)).collect();
        for (id, department) in std::mem::take(&mut self.nobody) {
            drafts.push(self.pool_of_nobody(drafts.len(), id, department));
        }
        drafts
    }

    fn pool(&mut self, i: usize, row: &Versioned<register::Pool>) -> Pool {
        let Versioned { version: _, value: pool } = row;
        let register::Pool {
            id,
            department,
            area: _,
            minutes,
            attendance_minutes,
            overtime_minutes,
            days: _, // of its exceptions
        } = pool;
        let at = |field: &str| format!("/pools/{i}/{field}");
        let source = |field: &str| origin(row, field);
        let mut exceptions = BTreeMap::new();
        for (day, (minutes, source)) in self.exceptions(row) {
            let pointer = at(&format!("exceptions/{day}"));
            exceptions.insert(day, self.from(pointer, minutes, &source));
        }
        Pool {
            id: id.clone(),
            department: department.clone(),
            minutes: self.from(at("minutes"), *minutes, &source("minutes")),
            attendance_minutes: self.from(
                at("attendance_minutes"),
                *attendance_minutes,
                &source("attendance_minutes"),
            ),
            exceptions,
            overtime_minutes: self.from(
                at("overtime_minutes"),
                *overtime_minutes,
                &source("overtime_minutes"),
            ),
            overtime_cost: self.priced(
                at("overtime_cost"),
                self.record.policy.overtime_cost,
                "overtime_cost",
            ),
        }
    }

    /// Minutes of days that are not as usual, and why: as the pool has them, less who is away.
    fn exceptions(&self, row: &Versioned<register::Pool>) -> BTreeMap<NaiveDate, (i64, Message)> {
        let Versioned { version, value: pool } = row;
        let within = self.facts.within;
        let own = pool.days.range(within.first..=within.last);
        let own = own.map(|(day, minutes)| (*day, (*minutes, origin(row, &format!("days.{day}")))));
        let mut exceptions: BTreeMap<NaiveDate, (i64, Message)> = own.collect();
        let inspectors = self.facts.staff.get(&pool.id).map_or(&[][..], Vec::as_slice);
        let horizon = within.first.iter_days().take_while(|day| *day <= within.last);
        for day in horizon.filter(|day| !self.facts.closed_days.contains(day)) {
            let usual = exceptions.get(&day).map_or(pool.minutes, |own| own.0);
            let (lacking, away) = lacking(inspectors, usual, day);
            if lacking > 0 {
                let source = message!(
                    "origin_pool-staff-away",
                    pool = &pool.id,
                    version = *version,
                    usual = usual,
                    lacking = lacking,
                    away = away,
                );
                exceptions.insert(day, (usual - lacking, source));
            }
        }
        exceptions
    }

    /// A pool that offers no time.
    fn pool_of_nobody(&mut self, i: usize, id: String, department: String) -> Pool {
        let at = |field: &str| format!("/pools/{i}/{field}");
        let source = &message!("origin_nobody");
        Pool {
            minutes: self.from(at("minutes"), 0, source),
            attendance_minutes: self.from(at("attendance_minutes"), 0, source),
            exceptions: BTreeMap::new(),
            overtime_minutes: self.from(at("overtime_minutes"), 0, source),
            overtime_cost: self.from(at("overtime_cost"), 0, source),
            id,
            department,
        }
    }
}

/// A field of a pool as the register has it.
fn origin(row: &Versioned<register::Pool>, field: &str) -> Message {
    message!("origin_pool", pool = &row.value.id, version = row.version, field = field)
}
