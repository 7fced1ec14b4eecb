//! Drafts that join the schedule: what there is to match, and what publishing writes.

use super::schedule::{AttendanceRow, VisitRequestRow, VisitRow, present};
use crate::domain::visits::{VisitState, WholeVisit};
use crate::domain::words::Worded;
use crate::store::connection::{BATCH, insert_all};
use crate::store::error::Result;
use crate::store::schema::{
    attendances, draft_attendances, draft_requests, draft_visits, left_visits, published_drafts,
    visit_requests, visits,
};
use crate::store::tx::Tx;
use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Insertable)]
#[diesel(table_name = left_visits)]
struct LeftVisitRow {
    visit_id: String,
    request_id: String,
    revision: i64,
    left_at: NaiveDateTime,
}

#[derive(Insertable)]
#[diesel(table_name = published_drafts)]
struct PublishedDraftRow {
    draft_id: String,
    visit_id: String,
}

/// Company and requests of visits, from the tables that hold them.
macro_rules! fill {
    ($tx:expr, $found:expr, $attendances:ident, $covered:ident) => {{
        let mut found: Vec<WholeVisit> = $found;
        let places: BTreeMap<String, usize> =
            found.iter().enumerate().map(|(place, visit)| (visit.id.clone(), place)).collect();
        let ids: Vec<&String> = places.keys().collect();
        for ids in ids.chunks(BATCH) {
            let rows: Vec<(String, String, i64, i64)> = present!($tx, $attendances, ids);
            for (visit, department, inspectors, minutes) in rows {
                found[places[&visit]].company.insert(department, (inspectors, minutes));
            }
            let query = $covered::table.filter($covered::visit_id.eq_any(ids));
            let query = query.select(($covered::visit_id, $covered::request_id));
            let rows: Vec<(String, String)> = query.load($tx.connection)?;
            for (visit, request) in rows {
                found[places[&visit]].requests.insert(request);
            }
        }
        Ok(found)
    }};
}

impl Tx<'_> {
    /// The visits of a plan, by id.
    pub fn drafts(&mut self, plan: &str) -> Result<Vec<WholeVisit>> {
        let query = draft_visits::table.filter(draft_visits::plan_id.eq(plan));
        let query = query.order(draft_visits::id).select((
            draft_visits::id,
            draft_visits::enterprise_id,
            draft_visits::area_id,
            draft_visits::day,
            draft_visits::scenario_id,
        ));
        type Row = (String, String, String, NaiveDate, Option<String>);
        let rows: Vec<Row> = query.load(self.connection)?;
        let found = rows.into_iter().map(|(id, enterprise, area, day, scenario)| WholeVisit {
            id,
            enterprise,
            area,
            day,
            scenario,
            revision: 0,
            company: BTreeMap::new(),
            requests: BTreeSet::new(),
        });
        fill!(self, found.collect(), draft_attendances, draft_requests)
    }

    /// The visits of the schedule from `start` to `end`, by id.
    pub fn scheduled_between(
        &mut self,
        start: NaiveDate,
        end: NaiveDate,
    ) -> Result<Vec<WholeVisit>> {
        let query = visits::table
            .filter(visits::is_scheduled.eq(true))
            .filter(visits::day.between(start, end))
            .order(visits::id);
        let rows: Vec<VisitRow> = query.load(self.connection)?;
        let found = rows.into_iter().map(|row| WholeVisit {
            id: row.id,
            enterprise: row.enterprise_id,
            area: row.area_id,
            day: row.day,
            scenario: row.scenario_id,
            revision: row.revision,
            company: BTreeMap::new(),
            requests: BTreeSet::new(),
        });
        fill!(self, found.collect(), attendances, visit_requests)
    }

    /// Puts drafts of a plan on the schedule, as visits with the same ids.
    pub fn schedule_visits(
        &mut self,
        plan: &str,
        drafts: &[&WholeVisit],
        now: NaiveDateTime,
    ) -> Result<()> {
        let rows: Vec<VisitRow> = drafts.iter().map(|draft| row(plan, draft, now)).collect();
        insert_all!(self.connection, visits::table, rows);
        let same: Vec<_> = drafts.iter().map(|draft| (*draft, *draft)).collect();
        self.link_drafts(&same)?;
        let whole: Vec<(&String, &WholeVisit)> = drafts.iter().map(|d| (&d.id, *d)).collect();
        self.add_parts(&whole)
    }

    /// Gives visits of the schedule the day, company, requests and scenario of drafts that they were matched
    /// with: the visit as it is, and the draft.
    pub fn revise_visits(
        &mut self,
        plan: &str,
        changed: &[(&WholeVisit, &WholeVisit)],
        now: NaiveDateTime,
    ) -> Result<()> {
        let mut left = Vec::new();
        for (visit, draft) in changed {
            let set = (
                visits::plan_id.eq(plan),
                visits::area_id.eq(&draft.area),
                visits::day.eq(draft.day),
                visits::scenario_id.eq(&draft.scenario),
                visits::revision.eq(visit.revision + 1),
                visits::changed_at.eq(now),
            );
            diesel::update(visits::table.find(&visit.id)).set(set).execute(self.connection)?;
            for request in visit.requests.difference(&draft.requests) {
                left.push(LeftVisitRow {
                    visit_id: visit.id.clone(),
                    request_id: request.clone(),
                    revision: visit.revision,
                    left_at: now,
                });
            }
        }
        insert_all!(self.connection, left_visits::table, left);
        let ids: Vec<&String> = changed.iter().map(|(visit, _)| &visit.id).collect();
        for ids in ids.chunks(BATCH) {
            let target = attendances::table.filter(attendances::visit_id.eq_any(ids));
            diesel::delete(target).execute(self.connection)?;
            let target = visit_requests::table.filter(visit_requests::visit_id.eq_any(ids));
            diesel::delete(target).execute(self.connection)?;
        }
        let whole: Vec<(&String, &WholeVisit)> =
            changed.iter().map(|(visit, draft)| (&visit.id, *draft)).collect();
        self.add_parts(&whole)?;
        self.link_drafts(changed)
    }

    /// Has visits that a plan leaves as they are follow it.
    pub fn keep_visits(&mut self, plan: &str, kept: &[(&WholeVisit, &WholeVisit)]) -> Result<()> {
        let ids: Vec<&String> = kept.iter().map(|(visit, _)| &visit.id).collect();
        for ids in ids.chunks(BATCH) {
            let target = visits::table.filter(visits::id.eq_any(ids));
            diesel::update(target).set(visits::plan_id.eq(plan)).execute(self.connection)?;
        }
        self.link_drafts(kept)
    }

    /// Takes visits off the schedule.
    pub fn withdraw_visits(&mut self, ids: &[&String], now: NaiveDateTime) -> Result<()> {
        let set = (
            visits::state.eq(VisitState::Withdrawn.as_str()),
            visits::is_scheduled.eq(false),
            visits::changed_at.eq(now),
        );
        for ids in ids.chunks(BATCH) {
            let target = visits::table.filter(visits::id.eq_any(ids));
            diesel::update(target).set(set).execute(self.connection)?;
        }
        Ok(())
    }

    /// Notes which visits drafts became.
    fn link_drafts(&mut self, pairs: &[(&WholeVisit, &WholeVisit)]) -> Result<()> {
        let link = |(visit, draft): &(&WholeVisit, &WholeVisit)| PublishedDraftRow {
            draft_id: draft.id.clone(),
            visit_id: visit.id.clone(),
        };
        let rows: Vec<PublishedDraftRow> = pairs.iter().map(link).collect();
        insert_all!(self.connection, published_drafts::table, rows);
        Ok(())
    }

    /// Adds company and requests, by the id of the visit.
    fn add_parts(&mut self, whole: &[(&String, &WholeVisit)]) -> Result<()> {
        let (mut present, mut covered) = (Vec::new(), Vec::new());
        for (id, draft) in whole {
            for (department, (inspectors, minutes)) in &draft.company {
                present.push(AttendanceRow {
                    visit_id: (*id).clone(),
                    department_id: department.clone(),
                    inspectors: *inspectors,
                    minutes: *minutes,
                });
            }
            for request in &draft.requests {
                let (visit_id, request_id) = ((*id).clone(), request.clone());
                covered.push(VisitRequestRow { visit_id, request_id });
            }
        }
        insert_all!(self.connection, attendances::table, present);
        insert_all!(self.connection, visit_requests::table, covered);
        Ok(())
    }
}

/// A draft as a new visit.
fn row(plan: &str, draft: &WholeVisit, now: NaiveDateTime) -> VisitRow {
    VisitRow {
        id: draft.id.clone(),
        plan_id: plan.into(),
        enterprise_id: draft.enterprise.clone(),
        area_id: draft.area.clone(),
        day: draft.day,
        scenario_id: draft.scenario.clone(),
        state: VisitState::Scheduled.as_str().into(),
        is_scheduled: true,
        revision: 1,
        changed_at: now,
    }
}
