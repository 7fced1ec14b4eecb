//! Visits as things that people keep, and which visit of the schedule a new plan's draft is.
//!
//! A plan's visits are drafts. A draft that is published is *matched* with a visit of the schedule, so
//! that a visit has one identity over all plans, or becomes a new one.

use super::words::Worded;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use strum::{EnumString, IntoStaticStr, VariantArray, VariantNames};
use utoipa::ToSchema;

/// State of a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[derive(EnumString, IntoStaticStr, VariantArray, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum VisitState {
    /// Proposed by a plan.
    Drafted,
    /// On the schedule.
    Scheduled,
    /// Off the schedule: a later plan has no visit that is this one.
    Withdrawn,
}

impl Worded for VisitState {}

/// A draft, or a visit of the schedule, with all that makes a revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WholeVisit {
    /// Id; those of visits ascend by age.
    pub id: String,
    /// Unified social credit code of the enterprise.
    pub enterprise: String,
    /// Id of its area.
    pub area: String,
    /// The day.
    pub day: NaiveDate,
    /// Id of the scenario.
    pub scenario: Option<String>,
    /// Counted from 1; 0 of a draft.
    pub revision: i64,
    /// Inspectors and minutes of each department.
    pub company: BTreeMap<String, (i64, i64)>,
    /// Ids of the requests that it is for.
    pub requests: BTreeSet<String>,
}

impl WholeVisit {
    /// Whether it needs no new revision to be this draft.
    pub fn is_same(&self, draft: &Self) -> bool {
        let Self { id: _, enterprise: _, area: _, day, scenario, revision: _, company, requests } =
            self;
        (day, scenario, company, requests)
            == (&draft.day, &draft.scenario, &draft.company, &draft.requests)
    }
}

/// For each draft the place of the visit that it is, if it is one of `kept`.
///
/// A draft is matched with a visit at the same enterprise that has a request in common: first one that
/// is `fixed` on the draft's day, then one with most requests in common; of those the one on the nearest
/// day, then the oldest. No visit is matched twice.
pub fn matching(
    drafts: &[WholeVisit],
    kept: &[WholeVisit],
    is_fixed: impl Fn(&WholeVisit) -> bool,
) -> Vec<Option<usize>> {
    let mut at: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, visit) in kept.iter().enumerate() {
        at.entry(&visit.enterprise).or_default().push(place);
    }
    let mut pairs = Vec::new();
    for (of, draft) in drafts.iter().enumerate() {
        for place in at.get(draft.enterprise.as_str()).into_iter().flatten() {
            let visit = &kept[*place];
            let common = draft.requests.intersection(&visit.requests).count();
            if common > 0 {
                let is_held_fast = is_fixed(visit) && visit.day == draft.day;
                let days = (draft.day - visit.day).num_days().abs();
                pairs.push((!is_held_fast, Reverse(common), days, &visit.id, of, *place));
            }
        }
    }
    pairs.sort_unstable();
    let mut found = vec![None; drafts.len()];
    let mut is_taken = vec![false; kept.len()];
    for (_, _, _, _, of, place) in pairs {
        if found[of].is_none() && !is_taken[place] {
            found[of] = Some(place);
            is_taken[place] = true;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visit(id: &str, day: u32, requests: &[&str]) -> WholeVisit {
        WholeVisit {
            id: id.into(),
            enterprise: "E".into(),
            area: "a".into(),
            scenario: None,
            revision: 1,
            company: BTreeMap::new(),
            day: NaiveDate::from_ymd_opt(2026, 3, day).expect("a day"),
            requests: requests.iter().map(|id| (*id).to_owned()).collect(),
        }
    }

    #[test]
    fn drafts_are_matched_by_fixed_then_common_then_day_then_age() {
        let free = |_: &WholeVisit| false;
        // most in common
        let kept = [visit("a", 5, &["1"]), visit("b", 9, &["2", "3"])];
        assert_eq!(matching(&[visit("x", 5, &["1", "2", "3"])], &kept, free), [Some(1)]);
        // the nearer day
        let kept = [visit("a", 5, &["1", "9"]), visit("b", 9, &["2", "8"])];
        assert_eq!(matching(&[visit("x", 8, &["1", "2"])], &kept, free), [Some(1)]);
        // the older one
        let kept = [visit("b", 5, &["1"]), visit("a", 9, &["2"])];
        assert_eq!(matching(&[visit("x", 7, &["1", "2"])], &kept, free), [Some(1)]);
        // one that is fixed on the draft's day comes first, elsewhere it has no say
        let fixed = |visit: &WholeVisit| visit.id == "f";
        let kept = [visit("f", 5, &["1"]), visit("a", 9, &["2", "3"])];
        assert_eq!(matching(&[visit("x", 5, &["1", "2", "3"])], &kept, fixed), [Some(0)]);
        assert_eq!(matching(&[visit("x", 6, &["1", "2", "3"])], &kept, fixed), [Some(1)]);
    }

    #[test]
    fn no_visit_is_matched_twice_nor_across_enterprises_nor_without_a_common_request() {
        let free = |_: &WholeVisit| false;
        let kept = [visit("a", 5, &["1", "2", "3"])];
        let split = [visit("x", 5, &["3"]), visit("y", 9, &["1", "2"])];
        assert_eq!(matching(&split, &kept, free), [None, Some(0)]);
        let elsewhere = WholeVisit { enterprise: "F".into(), ..visit("x", 5, &["1"]) };
        assert_eq!(matching(&[elsewhere, visit("y", 5, &["7"])], &kept, free), [None, None]);
    }
}
