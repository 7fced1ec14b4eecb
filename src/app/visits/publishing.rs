//! What publishing a plan does to the schedule: drafts are matched with the visits that people already know
//! (`domain::visits`), so that these keep their ids, and what matches none goes.

use crate::app::error::{Error, Result};
use crate::domain::visits::matching;
use crate::message;
use crate::store::Tx;
use chrono::{NaiveDate, NaiveDateTime};
use serde::Serialize;

/// How many visits a plan put on the schedule, changed, left as they were, and took off it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(in crate::app) struct Published {
    pub(in crate::app) scheduled: usize,
    pub(in crate::app) revised: usize,
    pub(in crate::app) unchanged: usize,
    pub(in crate::app) withdrawn: usize,
}

/// Brings the drafts of a plan onto the schedule, from its first to its last day. Visits before
/// `fast_until` are fixed, those before `today` are over: a plan that would change one of the past is
/// refused.
pub(in crate::app) fn publish(
    tx: &mut Tx<'_>,
    plan: &str,
    (start, end): (NaiveDate, NaiveDate),
    (today, fast_until): (NaiveDate, NaiveDate),
    now: NaiveDateTime,
) -> Result<Published> {
    let (drafts, kept) = (tx.drafts(plan)?, tx.scheduled_between(start, end)?);
    let matches = matching(&drafts, &kept, |visit| visit.day < fast_until);
    let mut is_matched = vec![false; kept.len()];
    let (mut new, mut revised, mut unchanged) = (Vec::new(), Vec::new(), Vec::new());
    for (draft, of) in drafts.iter().zip(&matches) {
        let visit = of.map(|place| &kept[place]);
        let is_same = visit.is_some_and(|visit| visit.is_same(draft));
        let is_past = draft.day < today || visit.is_some_and(|visit| visit.day < today);
        if is_past && !is_same {
            let (enterprise, day) = (&draft.enterprise, draft.day);
            let message = message!("plan-outdated_past", enterprise = enterprise, day = day);
            return Err(Error::Conflict(message));
        }
        match (visit, of) {
            (Some(visit), Some(place)) => {
                is_matched[*place] = true;
                if is_same { &mut unchanged } else { &mut revised }.push((visit, draft));
            }
            _ => new.push(draft),
        }
    }
    let gone = kept.iter().zip(&is_matched);
    let gone = gone.filter(|(visit, is_matched)| !**is_matched && visit.day >= today);
    let gone: Vec<&String> = gone.map(|(visit, _)| &visit.id).collect();
    tx.withdraw_visits(&gone, now)?;
    tx.keep_visits(plan, &unchanged)?;
    tx.revise_visits(plan, &revised, now)?;
    tx.schedule_visits(plan, &new, now)?;
    Ok(Published {
        scheduled: new.len(),
        revised: revised.len(),
        unchanged: unchanged.len(),
        withdrawn: gone.len(),
    })
}
