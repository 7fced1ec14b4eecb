//! Visits of the schedule that stand fast.

use super::builder::Builder;
use crate::domain::problem::Fixed;
use crate::store::ScheduledVisit;
use chrono::NaiveDate;
use std::collections::BTreeMap;

impl Builder<'_> {
    /// The visit of the schedule within the horizon that a request is in.
    pub(super) fn standing(&self, request: &str) -> Option<&ScheduledVisit> {
        self.facts.standing.get(request)
    }

    /// Whether a visit of the schedule stands fast.
    fn is_fast(&self, visit: &ScheduledVisit) -> bool {
        visit.day < self.facts.freeze_until && !self.released.contains_key(&visit.visit)
    }

    /// The visit that a request is in and that stands fast.
    pub(super) fn fast(&self, request: &str) -> Option<&ScheduledVisit> {
        self.standing(request).filter(|visit| self.is_fast(visit))
    }

    /// Visits of the schedule that stand fast, with the requests that are still wanted, by id.
    pub(super) fn fixed(&self) -> Vec<(String, Fixed)> {
        let mut fixed: BTreeMap<(NaiveDate, &str), Fixed> = BTreeMap::new();
        for request in &self.facts.filed {
            let Some(visit) = self.fast(&request.id) else { continue };
            let stands = fixed.entry((visit.day, visit.visit.as_str())).or_insert_with(|| Fixed {
                enterprise: request.filed.enterprise.clone(),
                date: visit.day,
                requests: Vec::new(),
            });
            stands.requests.push(request.id.clone());
        }
        fixed.into_iter().map(|((_, visit), fixed)| (visit.to_owned(), fixed)).collect()
    }
}
