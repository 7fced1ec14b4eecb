//! Visits of the schedule that are fixed.

use super::builder::Builder;
use crate::domain::problem::Fixed;
use crate::store::ScheduledVisit;
use chrono::NaiveDate;
use std::collections::BTreeMap;

impl Builder<'_> {
    /// The visit of the schedule within the horizon that a request is in.
    pub(super) fn scheduled(&self, request: &str) -> Option<&ScheduledVisit> {
        self.facts.scheduled.get(request)
    }

    /// Whether a visit of the schedule is fixed.
    fn is_fixed(&self, visit: &ScheduledVisit) -> bool {
        visit.day < self.facts.freeze_until && !self.released.contains_key(&visit.visit)
    }

    /// The visit that a request is in and that is fixed.
    pub(super) fn fixed_visit(&self, request: &str) -> Option<&ScheduledVisit> {
        self.scheduled(request).filter(|visit| self.is_fixed(visit))
    }

    /// Visits of the schedule that are fixed, with the requests that are still wanted, by id.
    pub(super) fn fixed(&self) -> Vec<(String, Fixed)> {
        let mut fixed: BTreeMap<(NaiveDate, &str), Fixed> = BTreeMap::new();
        for request in &self.facts.filed {
            let Some(visit) = self.fixed_visit(&request.id) else { continue };
            let entry = fixed.entry((visit.day, visit.visit.as_str())).or_insert_with(|| Fixed {
                enterprise: request.filed.enterprise.clone(),
                date: visit.day,
                requests: Vec::new(),
            });
            entry.requests.push(request.id.clone());
        }
        fixed.into_iter().map(|((_, visit), fixed)| (visit.to_owned(), fixed)).collect()
    }
}
