//! Visits, of the schedule and of plans.

use crate::domain::alarms::AlarmVisit;
use crate::domain::words::Worded;
use crate::store::Bounds;
use crate::store::connection::BATCH;
use crate::store::error::{Result, StoreError};
use crate::store::schema::{
    attendances, enterprises, items, plans, request_team, requests, visit_requests, visits,
};
use crate::store::tx::Tx;
use crate::wire::planning::run::PlanState;
use crate::wire::register::Name;
use crate::wire::requests::request::RequestState;
use crate::wire::visits::visit::{Attendance, VisitRecord, VisitRequest};
use chrono::NaiveDate;
use diesel::dsl::exists;
use diesel::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Queryable, Insertable)]
#[diesel(table_name = visits)]
pub(in crate::store) struct VisitRow {
    pub(in crate::store) id: String,
    pub(in crate::store) plan_id: String,
    pub(in crate::store) enterprise_id: String,
    pub(in crate::store) area_id: String,
    pub(in crate::store) day: NaiveDate,
    pub(in crate::store) scenario_id: Option<String>,
    pub(in crate::store) is_scheduled: bool,
}

#[derive(Clone, Queryable, Insertable)]
#[diesel(table_name = attendances)]
pub(in crate::store) struct AttendanceRow {
    pub(in crate::store) visit_id: String,
    pub(in crate::store) department_id: String,
    pub(in crate::store) inspectors: i64,
    pub(in crate::store) minutes: i64,
}

#[derive(Clone, Queryable, Insertable)]
#[diesel(table_name = visit_requests)]
pub(in crate::store) struct VisitRequestRow {
    pub(in crate::store) visit_id: String,
    pub(in crate::store) request_id: String,
    pub(in crate::store) plan_id: String,
}

/// Which visits to list; all that is given must match.
#[derive(Clone, Debug, Default)]
pub struct VisitFilter {
    /// Of this plan; absent: those on the schedule.
    pub plan: Option<String>,
    /// On this day or later.
    pub from: Option<NaiveDate>,
    /// On this day or earlier.
    pub to: Option<NaiveDate>,
    /// In this area.
    pub area: Option<String>,
    /// In which this department takes part.
    pub department: Option<String>,
    /// At this enterprise.
    pub enterprise: Option<String>,
}

impl Tx<'_> {
    /// Visits after `cursor` (day and id), by day.
    pub fn visits(
        &mut self,
        filter: &VisitFilter,
        bounds: &Bounds,
        cursor: Option<(NaiveDate, &str)>,
        limit: i64,
    ) -> Result<Vec<VisitRecord>> {
        let VisitFilter { plan, from, to, area, department, enterprise } = filter;
        let mut query = visits::table.into_boxed();
        query = match plan {
            Some(plan) => query.filter(visits::plan_id.eq(plan)),
            None => query.filter(visits::is_scheduled.eq(true)),
        };
        if let Some(from) = from {
            query = query.filter(visits::day.ge(from));
        }
        if let Some(to) = to {
            query = query.filter(visits::day.le(to));
        }
        if let Some(area) = area {
            query = query.filter(visits::area_id.eq(area));
        }
        if let Some(enterprise) = enterprise {
            query = query.filter(visits::enterprise_id.eq(enterprise));
        }
        let Bounds { departments, areas, person } = bounds;
        // the visits of some days are few, and those of a department of all time many
        let are_few = from.is_some() && to.is_some();
        let own = department.iter().map(std::slice::from_ref);
        for wanted in own.chain(departments.iter().map(Vec::as_slice)) {
            let present = attendances::table.filter(attendances::department_id.eq_any(wanted));
            query = if are_few {
                query.filter(exists(present.filter(attendances::visit_id.eq(visits::id))))
            } else {
                query.filter(visits::id.eq_any(present.select(attendances::visit_id)))
            };
        }
        if let Some(areas) = areas {
            query = query.filter(visits::area_id.eq_any(areas));
        }
        if let Some(person) = person {
            let own = request_team::table.filter(request_team::user_id.eq(person));
            let own = own.select(request_team::request_id);
            let gone_for = visit_requests::table.filter(visit_requests::request_id.eq_any(own));
            query = query.filter(visits::id.eq_any(gone_for.select(visit_requests::visit_id)));
        }
        if let Some((day, id)) = cursor {
            let later = visits::day.gt(day).or(visits::day.eq(day).and(visits::id.gt(id)));
            query = query.filter(later);
        }
        let rows: Vec<VisitRow> =
            query.order((visits::day, visits::id)).limit(limit).load(self.connection)?;
        self.fill(rows)
    }

    /// A visit.
    pub fn visit(&mut self, id: &str) -> Result<Option<VisitRecord>> {
        let row: Option<VisitRow> =
            visits::table.find(id).get_result(self.connection).optional()?;
        Ok(self.fill(row.into_iter().collect())?.pop())
    }

    /// Whether a visit is, or was once, on the schedule.
    pub fn is_scheduled(&mut self, visit: &str) -> Result<bool> {
        let query =
            visits::table.find(visit).inner_join(plans::table.on(plans::id.eq(visits::plan_id)));
        let query = query.filter(plans::state.ne(PlanState::Draft.as_str()));
        Ok(query.count().get_result::<i64>(self.connection)? > 0)
    }

    /// Ids of the users who go to a visit.
    pub fn visit_team(&mut self, visit: &str) -> Result<Vec<String>> {
        let covered = visit_requests::table.filter(visit_requests::visit_id.eq(visit));
        let covered = covered.select(visit_requests::request_id);
        let query = request_team::table.filter(request_team::request_id.eq_any(covered));
        Ok(query.select(request_team::user_id).distinct().load(self.connection)?)
    }

    /// The visits of the schedule from `from` to `to`, by day: what alarms are computed over.
    pub fn contacts(&mut self, from: NaiveDate, to: NaiveDate) -> Result<Vec<AlarmVisit>> {
        let query = visits::table
            .filter(visits::is_scheduled.eq(true))
            .filter(visits::day.between(from, to))
            .order((visits::day, visits::id))
            .select((visits::id, visits::enterprise_id, visits::area_id, visits::day));
        let rows: Vec<(String, String, String, NaiveDate)> = query.load(self.connection)?;
        let counted = visit_requests::table
            .inner_join(visits::table)
            .inner_join(requests::table)
            .filter(visits::is_scheduled.eq(true))
            .filter(visits::day.between(from, to))
            .filter(requests::is_exempt.eq(false))
            .select(visits::id)
            .distinct();
        let counted: BTreeSet<String> =
            counted.load::<String>(self.connection)?.into_iter().collect();
        let contact = |(visit, enterprise, area, day)| AlarmVisit {
            has_cause: !counted.contains(&visit),
            visit,
            enterprise,
            area,
            day,
        };
        Ok(rows.into_iter().map(contact).collect())
    }

    /// Adds who comes and what for.
    fn fill(&mut self, rows: Vec<VisitRow>) -> Result<Vec<VisitRecord>> {
        let ids: Vec<&String> = rows.iter().map(|row| &row.id).collect();
        let mut present: BTreeMap<String, Vec<Attendance>> = BTreeMap::new();
        let mut covered: BTreeMap<String, Vec<VisitRequest>> = BTreeMap::new();
        let mut names: BTreeMap<String, Name> = BTreeMap::new();
        for ids in ids.chunks(BATCH) {
            let query = attendances::table.filter(attendances::visit_id.eq_any(ids));
            let query = query.order((attendances::visit_id, attendances::department_id));
            for row in query.load::<AttendanceRow>(self.connection)? {
                let AttendanceRow { visit_id, department_id, inspectors, minutes } = row;
                let attendance = Attendance { department: department_id, inspectors, minutes };
                present.entry(visit_id).or_default().push(attendance);
            }
            let query = visit_requests::table
                .inner_join(requests::table.inner_join(items::table))
                .filter(visit_requests::visit_id.eq_any(ids))
                .order((visit_requests::visit_id, requests::department_id, requests::id))
                .select((
                    visit_requests::visit_id,
                    requests::id,
                    requests::reference,
                    requests::department_id,
                    items::id,
                    (items::name_zh, items::name_en),
                    requests::minutes,
                    requests::state,
                ));
            type Row =
                (String, String, Option<String>, String, String, (String, String), i64, String);
            for (visit, id, reference, department, item, (zh, en), minutes, state) in
                query.load::<Row>(self.connection)?
            {
                let item_name = Name { zh, en };
                let is_withdrawn = state != RequestState::Accepted.as_str();
                let request = VisitRequest {
                    id,
                    reference,
                    department,
                    item,
                    item_name,
                    minutes,
                    is_withdrawn,
                };
                covered.entry(visit).or_default().push(request);
            }
        }
        let codes: Vec<&String> = rows.iter().map(|row| &row.enterprise_id).collect();
        for codes in codes.chunks(BATCH) {
            let query = enterprises::table.filter(enterprises::id.eq_any(codes));
            let query = query.select((enterprises::id, enterprises::name_zh, enterprises::name_en));
            for (id, zh, en) in query.load::<(String, String, String)>(self.connection)? {
                names.insert(id, Name { zh, en });
            }
        }
        rows.into_iter()
            .map(|row| {
                let VisitRow {
                    id,
                    plan_id,
                    enterprise_id,
                    area_id,
                    day,
                    scenario_id,
                    is_scheduled: _,
                } = row;
                let name = names.get(&enterprise_id).cloned();
                Ok(VisitRecord {
                    attendances: present.remove(&id).unwrap_or_default(),
                    requests: covered.remove(&id).unwrap_or_default(),
                    plan: plan_id,
                    day,
                    enterprise_name: name
                        .ok_or_else(|| StoreError::Damaged(format!("visit {id}")))?,
                    enterprise: enterprise_id,
                    area: area_id,
                    scenario: scenario_id,
                    id,
                })
            })
            .collect()
    }
}
