//! Requests that the law has share a visit.

use super::builder::Builder;
use crate::app::law::reading;
use crate::app::planning::sites::Site;
use crate::domain::problem::Request;
use crate::wire::register::Pool;
use chrono::NaiveDate;
use std::collections::BTreeMap;

impl Builder<'_> {
    /// Puts requests of one department at one enterprise into groups where the law has them share a
    /// visit (R08): those that can, and whose department has not grouped them itself.
    pub(super) fn group(&self, sites: &BTreeMap<&str, Site<'_>>, requests: &mut [Request]) {
        let mut alike: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
        for (i, request) in requests.iter().enumerate() {
            let is_free = request.together.is_none()
                && self.fixed_visit(&request.id).is_none()
                && !self.nobody.contains_key(&request.uses[0].pool);
            if is_free {
                let key = (request.enterprise.as_str(), request.uses[0].pool.as_str());
                alike.entry(key).or_default().push(i);
            }
        }
        let pools: BTreeMap<&str, &Pool> =
            self.facts.pools.iter().map(|row| (row.value.id.as_str(), &row.value)).collect();
        let mut marks = Vec::new();
        for ((enterprise, pool), places) in alike {
            let (Some(site), Some(pool)) = (sites.get(enterprise), pools.get(pool)) else {
                continue;
            };
            let list: Vec<&Request> = places.iter().map(|i| &requests[*i]).collect();
            let minutes_max = self.merged_minutes_max(pool, &list);
            let allowed = |place: usize, day: NaiveDate| {
                let minutes = pool.days.get(&day).copied().unwrap_or(pool.minutes);
                minutes == pool.minutes
                    && !self.facts.closed_days.contains(&day)
                    && !site.closed.iter().any(|span| span.contains(day))
                    && (list[place].quiet_exempt.unwrap_or(list[place].exempt)
                        || !site.quiet.iter().any(|span| span.contains(day)))
            };
            for group in reading::groups(&self.facts.pack, &list, minutes_max, &allowed) {
                let first = &list[group[0]].id;
                let mark = format!("{}/R08/{first}", list[group[0]].department);
                marks.extend(group.into_iter().map(|place| (places[place], mark.clone())));
            }
        }
        for (i, mark) in marks {
            requests[i].together = Some(mark);
        }
    }

    /// Minutes that requests of a pool at one enterprise may last together, wherever they are held.
    fn merged_minutes_max(&self, pool: &Pool, list: &[&Request]) -> i64 {
        let scenarios = list.iter().flat_map(|request| &request.scenarios);
        let limits = scenarios
            .filter_map(|id| Some(self.facts.catalogue.scenario(id)?.limits.max_minutes.value));
        let crew = list.iter().map(|request| request.uses[0].inspectors).max().unwrap_or(1);
        let by_pool = (pool.minutes - pool.attendance_minutes) / crew.max(1);
        let lawful = self.facts.pack.visit_minutes_max().unwrap_or(i64::MAX);
        let most = self.record.policy.limits.max_visit_minutes.min(by_pool).min(lawful);
        limits.min().map_or(most, |limit| limit.min(most))
    }
}
