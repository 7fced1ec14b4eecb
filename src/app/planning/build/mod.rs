//! The problem, built in one place from register, pools, accepted requests, schedule and policy;
//! and where each of its numbers came from.

mod builder;
mod enterprises;
mod facts;
mod fixed;
mod groups;
pub(in crate::app) mod penalty;
mod pools;
mod requests;
mod targets;

use super::sites::sites;
use crate::app::App;
use crate::app::error::{Error, Result};
use crate::domain::Message;
use crate::domain::problem::{Draft, Span};
use crate::domain::rules::RuleId;
use crate::domain::{Problem, Unfit, Unsound};
use crate::message;
use crate::store::Tx;
use crate::wire::planning::policy::PolicyRecord;
use crate::wire::planning::run::Origin;
use builder::Builder;
use chrono::NaiveDate;
use facts::Facts;
use std::collections::BTreeMap;

/// A problem, and where its numbers came from.
pub struct Built {
    /// The problem.
    pub problem: Problem,
    /// One for each of its numbers.
    pub origins: Vec<Origin>,
    /// The plan that is published.
    pub parent: Option<String>,
}

/// A horizon without a request that could be scheduled, or a visit that could be moved.
pub(super) fn nothing_to_plan((start, end): (NaiveDate, NaiveDate)) -> Error {
    Error::defect("/start", message!("nothing-to-plan", first = start, last = end))
}

/// Builds the problem of the days from `start` to `end`, both included.
pub fn build(
    app: &App,
    tx: &mut Tx<'_>,
    name: String,
    (start, end): (NaiveDate, NaiveDate),
    policy: &PolicyRecord,
) -> Result<Built> {
    let within = Span { first: start, last: end };
    let facts = Facts::gather(app, tx, name, within, &policy.policy)?;
    let parent = tx.published_plan()?;
    let mut released: BTreeMap<String, Message> = BTreeMap::new();
    loop {
        let mut builder = Builder::new(&facts, policy, &released);
        let (draft, visits) = builder.draft();
        let Builder { mut origins, defects, .. } = builder;
        if !defects.is_empty() {
            return Err(Error::Invalid(defects));
        }
        let Unsound { defects, unfit } = match Problem::build(draft) {
            Ok(problem) => {
                origins.sort_by(|a, b| a.pointer.cmp(&b.pointer));
                return Ok(Built { problem, origins, parent });
            }
            Err(unsound) => unsound,
        };
        // pools, limits and calendars change: a visit that is fixed but no longer fits must not
        // keep everybody else from being planned
        let before = released.len();
        for Unfit { fixed, message } in unfit {
            released.insert(visits[fixed].clone(), message);
        }
        if released.len() == before {
            return Err(Error::Invalid(defects));
        }
    }
}

impl Builder<'_> {
    /// The draft, and the ids of its fixed visits.
    fn draft(&mut self) -> (Draft, Vec<String>) {
        let facts = self.facts;
        let around = (&facts.areas, &facts.sparing);
        let sites = sites(&facts.pack, &facts.enterprises, around, facts.within);
        let mut requests = self.requests();
        self.group(&sites, &mut requests);
        let (visits, fixed) = self.fixed().into_iter().unzip();
        let attendance_cost = self.record.policy.attendance_cost;
        let draft = Draft {
            name: facts.name.clone(),
            start: facts.within.first,
            end: facts.within.last,
            closed_days: facts.closed_days.clone(),
            attendance_cost: self.priced("/attendance_cost", attendance_cost, "attendance_cost"),
            max_visit_minutes: self.max_visit_minutes(),
            pools: self.pools(&requests),
            scenarios: self.scenarios(&requests),
            enterprises: self.enterprises(sites, &requests),
            targets: self.targets(),
            fixed,
            requests,
        };
        (draft, visits)
    }

    /// The policy's or, where that is less, the law's.
    fn max_visit_minutes(&mut self) -> i64 {
        let most = self.record.policy.limits.max_visit_minutes;
        let lawful = self.facts.pack.visit_minutes_max().filter(|lawful| *lawful < most);
        match lawful {
            Some(lawful) => {
                let what = message!("law_visit-minutes", minutes = lawful);
                self.lawful("/max_visit_minutes", lawful, RuleId::R27, what)
            }
            None => self.priced("/max_visit_minutes", most, "limits.max_visit_minutes"),
        }
    }
}
