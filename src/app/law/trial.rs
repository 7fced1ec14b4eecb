//! What another rule pack would have done to the requests of some months, before it is decreed.
//!
//! The requests are taken in the order of their visits' days, then those that were in none. Each pack
//! judges each request with the visits that it has admitted so far, on the day it was held, or over its
//! window; so a cap of one visit a year refuses the second of them, and not the first too.

use super::reading::named;
use super::rules;
use crate::app::App;
use crate::app::access::{Action, Caller, Object};
use crate::app::error::{Error, Result};
use crate::app::planning::build::penalty::penalty;
use crate::app::requests::facts::Facts;
use crate::app::requests::read_cache::ReadCache;
use crate::domain::rules::{Finding, Pack};
use crate::message;
use crate::store::{Bounds, RequestFilter, VisitPart};
use crate::wire::law::in_force::{NewTrial, Trial, TrialChange, TrialCount, TrialShare};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

/// Most requests of a trial.
const REQUESTS_MAX: usize = 20_000;
/// Most differences that are reported.
const CHANGES_MAX: usize = 200;

/// A request with what was known when it was filed.
struct Tried {
    facts: Facts,
    id: String,
    /// Its part of the schedule.
    part: Option<VisitPart>,
    penalty: i64,
}

/// What a pack made of them.
#[derive(Default)]
struct Replay {
    count: TrialCount,
    /// Why each request was refused, by its place.
    refused: BTreeMap<usize, Finding>,
}

/// Tries a pack on the requests whose windows begin within some days.
pub fn run(app: &App, caller: &Caller, new: &NewTrial) -> Result<Trial> {
    caller.may(Action::Plan, &Object::everywhere())?;
    app.store.read(|tx| {
        let (draft, _) = rules::named_or_read(tx, new.pack.as_deref(), new.document.as_deref())?;
        let current = rules::in_force(app, tx, app.today())?;
        let policy = crate::app::planning::policies::find(tx, None)?;
        let filter = RequestFilter { from: Some(new.from), to: Some(new.to), ..Default::default() };
        let limit = REQUESTS_MAX as i64 + 1;
        let mut list = tx.requests(&filter, &Bounds::default(), "", limit)?;
        list.retain(|request| request.filed.earliest >= new.from);
        if list.len() > REQUESTS_MAX {
            return Err(Error::defect("/to", message!("too-many_trial", most = REQUESTS_MAX)));
        }
        let mut tried = Vec::with_capacity(list.len());
        let cache = &mut ReadCache::default();
        let mut earlier: BTreeMap<String, Vec<VisitPart>> = BTreeMap::new();
        let ids: BTreeSet<String> = list.iter().map(|request| request.id.clone()).collect();
        for request in list {
            // what was taken back or called off is asked for by nobody
            if request.state.is_given_up() {
                continue;
            }
            // what was filled in is no claim of whoever filed it
            let mut filed = request.filed.clone();
            (filed.exempt, filed.quiet_exempt) = (None, None);
            let mut facts = Facts::gather(app, tx, cache, Some(&request.id), &filed)?;
            let enterprise = facts.enterprise.id.clone();
            let part = facts.own_part.clone();
            earlier.entry(enterprise).or_insert_with(|| {
                let parts = facts.parts.iter().filter(|part| !ids.contains(&part.request));
                parts.cloned().collect()
            });
            facts.look_from(request.filed_at.date_naive(), part.as_ref().map(|part| part.day));
            let (penalty, _) = penalty(&policy, &request, &facts.enterprise, new.from);
            tried.push(Tried { facts, id: request.id, part, penalty });
        }
        tried.sort_by_key(|one| {
            (one.part.is_none(), one.part.as_ref().map(|p| p.day), one.id.clone())
        });
        let now = replay(app, &current, &mut tried, &earlier);
        let then = replay(app, &draft, &mut tried, &earlier);
        Ok(compare((&draft, &current), &tried, now, then))
    })
}

fn replay(
    app: &App,
    pack: &Pack,
    tried: &mut [Tried],
    earlier: &BTreeMap<String, Vec<VisitPart>>,
) -> Replay {
    let is_workday = |day: NaiveDate| app.is_workday(day);
    let mut kept = earlier.clone();
    let mut visits: BTreeSet<String> = BTreeSet::new();
    let mut replay = Replay::default();
    for (place, one) in tried.iter_mut().enumerate() {
        let existing = kept.entry(one.facts.enterprise.id.clone()).or_default();
        let own = one.part.as_ref().map(|part| part.visit.as_str());
        let others = existing.iter().filter(|part| Some(part.visit.as_str()) != own);
        one.facts.parts = others.cloned().collect();
        one.facts.parts.sort_by(|a, b| (a.day, &a.visit).cmp(&(b.day, &b.visit)));
        let findings = pack.judge(&one.facts.case(pack, &is_workday));
        match findings.into_iter().find(Finding::refuses) {
            Some(finding) => {
                replay.count.refused += 1;
                replay.count.penalty += one.penalty;
                replay.refused.insert(place, finding);
            }
            None => {
                replay.count.admitted += 1;
                if let Some(part) = &one.part {
                    visits.insert(part.visit.clone());
                    existing.push(part.clone());
                }
            }
        }
    }
    replay.count.visits = visits.len() as i64;
    replay
}

fn compare(
    (draft, current): (&Pack, &Pack),
    tried: &[Tried],
    now: Replay,
    mut then: Replay,
) -> Trial {
    let mut by_rule: BTreeMap<String, i64> = BTreeMap::new();
    let mut by_department: BTreeMap<String, i64> = BTreeMap::new();
    let mut changes = Vec::new();
    for (place, one) in tried.iter().enumerate() {
        let finding = then.refused.remove(&place);
        if finding.is_some() == now.refused.contains_key(&place) {
            continue;
        }
        let department = one.facts.filed().department.clone();
        if let Some(finding) = &finding {
            *by_rule.entry(finding.rule.number().into()).or_default() += 1;
            *by_department.entry(department.clone()).or_default() += 1;
        }
        if changes.len() < CHANGES_MAX {
            changes.push(TrialChange {
                request: one.id.clone(),
                department,
                enterprise: one.facts.enterprise.id.clone(),
                day: one.part.as_ref().map(|part| part.day),
                finding: finding.map(Into::into),
            });
        }
    }
    let shares = |map: BTreeMap<String, i64>| -> Vec<TrialShare> {
        let mut shares: Vec<TrialShare> =
            map.into_iter().map(|(of, requests)| TrialShare { of, requests }).collect();
        shares.sort_by_key(|share| std::cmp::Reverse(share.requests));
        shares
    };
    Trial {
        pack: named(draft),
        against: named(current),
        requests: tried.len() as i64,
        now: now.count,
        then: then.count,
        by_rule: shares(by_rule),
        by_department: shares(by_department),
        changes,
    }
}
