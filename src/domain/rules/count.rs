//! How often somebody was visited in a calendar year, and how often that may be.
//!
//! **Which row of the table of caps counts.** A row speaks of a department at an enterprise when each
//! of its conditions holds. Of those that do, the most specific counts: one that names the department
//! before one that does not; then the one whose matching industry is the longest (four digits before
//! three, two, a section, none); then the one with more of the other conditions (level of government,
//! risk, credit, safety level, subject); then the one that allows less, `none` (by need) allowing most.
//! The order of rows in a file does not matter.

use super::case::{EnterpriseCase, Held, Part};
use super::terms::{BudgetRow, CapRow};
use super::{JointCounts, Pack, RuleId};
use crate::domain::codes::is_in_industry;
use crate::domain::register::area::Level;
use crate::domain::register::enterprise::SafetyLevel;
use crate::domain::requests::{Contact, Kind, Reason};
use chrono::{Datelike, NaiveDate};
use std::cmp::Reverse;

/// Visits of a calendar year, both ways.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counter {
    /// Those that count towards caps.
    pub counted: i64,
    /// Those, and the exempt ones.
    pub with_exempt: i64,
}

impl Pack {
    /// Whether caps spare an inspection (R07). Where R07 is off, they spare none.
    pub fn is_exempt(&self, kind: Kind, reason: Option<Reason>) -> bool {
        let exempt = &self.terms.r07;
        self.is_on(RuleId::R07)
            && (exempt.exempt_kinds.contains(&kind)
                || reason.is_some_and(|reason| exempt.exempt_reasons.contains(&reason)))
    }

    /// Whether no cap of inspections counts a contact: it is no inspection (R34), or an exempt one.
    pub fn is_spared(&self, contact: Contact, kind: Kind, reason: Option<Reason>) -> bool {
        contact != Contact::Inspection || self.is_exempt(kind, reason)
    }

    /// Whether an inspection may be held on quiet days (R22).
    pub fn is_quiet_exempt(&self, kind: Kind, reason: Option<Reason>) -> bool {
        let quiet = &self.terms.r22;
        quiet.exempt_kinds.contains(&kind)
            || reason.is_some_and(|reason| quiet.exempt_reasons.contains(&reason))
    }

    /// Whether a part of a visit counts towards caps.
    pub fn counts(&self, part: &Part) -> bool {
        !self.is_spared(part.contact, part.kind, part.reason)
    }

    /// Visits of a department among `visits` in a year. Where a joint visit counts once, it counts for
    /// its lead only.
    pub fn counter(&self, visits: &[Held], department: &str, year: i32) -> Counter {
        let mut counter = Counter::default();
        for visit in visits.iter().filter(|visit| visit.day.year() == year) {
            let own = || {
                let parts = visit.parts.iter().filter(|part| part.department == department);
                parts.filter(|part| part.contact == Contact::Inspection)
            };
            if own().next().is_none() || !self.is_booked_to(visit, department) {
                continue;
            }
            counter.with_exempt += 1;
            counter.counted += i64::from(own().any(|part| self.counts(part)));
        }
        counter
    }

    /// Visits of everybody among `visits` in a year.
    pub fn counter_of_all(&self, visits: &[Held], year: i32) -> Counter {
        let mut counter = Counter::default();
        for visit in visits.iter().filter(|visit| visit.day.year() == year) {
            let inspections = || visit.parts.iter().filter(|p| p.contact == Contact::Inspection);
            counter.with_exempt += i64::from(inspections().next().is_some());
            counter.counted += i64::from(inspections().any(|part| self.counts(part)));
        }
        counter
    }

    /// Counted visits under a scenario among `visits` in a year.
    pub fn counted_under(&self, visits: &[Held], scenario: &str, year: i32) -> i64 {
        let is_under = |visit: &&Held| {
            visit.scenario == Some(scenario)
                && visit.day.year() == year
                && visit.parts.iter().any(|part| self.counts(part))
        };
        visits.iter().filter(is_under).count() as i64
    }

    /// Whether a visit in which a department takes part counts for it.
    fn is_booked_to(&self, visit: &Held, department: &str) -> bool {
        let is_joint = visit.parts.iter().any(|part| part.department != department);
        let lead = visit.lead.or(visit.parts.first().map(|part| part.department));
        self.terms.r06.joint_counts == JointCounts::Each || !is_joint || lead == Some(department)
    }

    /// Whether caps and quiet days speak of an enterprise (R33).
    pub fn is_in_scope(&self, enterprise: &EnterpriseCase) -> bool {
        !self.is_on(RuleId::R33) || self.terms.r33.subjects.contains(&enterprise.subject)
    }

    /// The row of the table of caps that counts for a department at an enterprise (see the head of
    /// this module); `None` where no row speaks of them, or R06 is off.
    pub fn cap_row(
        &self,
        enterprise: &EnterpriseCase,
        department: &str,
        level: Option<Level>,
    ) -> Option<&CapRow> {
        if !self.is_on(RuleId::R06) || !self.is_in_scope(enterprise) {
            return None;
        }
        let rows = self.terms.r06.caps.iter();
        let speaking =
            rows.filter_map(|row| Some((specificity(row, enterprise, department, level)?, row)));
        let allows = |row: &CapRow| Reverse(row.at_most.unwrap_or(i64::MAX));
        speaking.max_by_key(|(specific, row)| (*specific, allows(row))).map(|(_, row)| row)
    }

    /// Most counted visits of a department at an enterprise in a calendar year (R06); `None`: no cap.
    pub fn cap(
        &self,
        enterprise: &EnterpriseCase,
        department: &str,
        level: Option<Level>,
    ) -> Option<i64> {
        self.cap_row(enterprise, department, level)?.at_most
    }

    /// Most counted visits of all departments together at an enterprise in a calendar year (R20).
    pub fn budget(&self, enterprise: &EnterpriseCase) -> Option<i64> {
        if !self.is_on(RuleId::R20) || !self.is_in_scope(enterprise) {
            return None;
        }
        let speaks = |row: &&BudgetRow| {
            row.risk.is_none_or(|risk| risk == enterprise.risk)
                && row.credit.is_none_or(|credit| credit == enterprise.credit)
        };
        let conditions =
            |row: &BudgetRow| u8::from(row.risk.is_some()) + u8::from(row.credit.is_some());
        let rows = self.terms.r20.budgets.iter().filter(speaks);
        rows.max_by_key(|row| (conditions(row), Reverse(row.at_most))).map(|row| row.at_most)
    }

    /// The inspectors who must stay away from an enterprise on a day (R21): their last checks there
    /// within a year before it, as many as the pack says, all found nothing.
    pub fn low_yield<'c>(&self, visits: &[Held<'c>], day: NaiveDate) -> Vec<&'c str> {
        let Some(limit) = self.terms.r21.low_yield_checks.filter(|_| self.is_on(RuleId::R21))
        else {
            return Vec::new();
        };
        let since = day.with_year(day.year() - 1).unwrap_or(day - chrono::Days::new(365));
        let mut known: Vec<&Held<'c>> = visits.iter().collect();
        known.retain(|v| since <= v.day && v.day < day && v.found.is_some());
        known.sort_by_key(|visit| Reverse(visit.day));
        let mut people: Vec<&'c str> =
            known.iter().flat_map(|visit| visit.inspectors.iter().copied()).collect();
        people.sort_unstable();
        people.dedup();
        people.retain(|person| {
            let own = known.iter().filter(|visit| visit.inspectors.contains(person));
            let empty = own.take_while(|visit| visit.found == Some(false)).count();
            limit > 0 && empty as i64 >= limit
        });
        people
    }
}

/// How specific a row is for this department and enterprise; `None` when it does not speak of them.
fn specificity(
    row: &CapRow,
    enterprise: &EnterpriseCase,
    department: &str,
    level: Option<Level>,
) -> Option<(bool, usize, usize)> {
    let industry = if row.industries.is_empty() {
        0
    } else {
        let lengths = row.industries.iter().filter(|i| is_in_industry(enterprise.industry, &i.0));
        lengths.map(|i| if i.0 == "*" { 0 } else { i.0.len() }).max()?
    };
    if row.department.as_ref().is_some_and(|only| only != department) {
        return None;
    }
    let safety_level = enterprise.safety_level.unwrap_or(SafetyLevel::NoLevel);
    let conditions = [
        row.level.map(|only| Some(only) == level),
        row.risk.map(|only| only == enterprise.risk),
        row.credit.map(|only| only == enterprise.credit),
        row.safety_level.map(|only| only == safety_level),
        row.subject.map(|only| only == enterprise.subject),
    ];
    if conditions.contains(&Some(false)) {
        return None;
    }
    let others = conditions.iter().flatten().count();
    Some((row.department.is_some(), industry, others))
}
