//! Visits, of the schedule and of plans.

use crate::domain::alarms::AlarmVisit;
use crate::domain::visits::VisitState;
use crate::domain::words::Worded;
use crate::store::Bounds;
use crate::store::connection::BATCH;
use crate::store::error::{Result, StoreError};
use crate::store::schema::{
    attendances, draft_attendances, draft_requests, draft_visits, enterprises, items, left_visits,
    published_drafts, request_team, requests, visit_requests, visits,
};
use crate::store::tx::Tx;
use crate::wire::register::Name;
use crate::wire::requests::request::{RequestState, RequestVisit};
use crate::wire::visits::visit::{Attendance, VisitRecord, VisitRequest};
use chrono::{NaiveDate, NaiveDateTime};
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
    pub(in crate::store) state: String,
    pub(in crate::store) is_scheduled: bool,
    pub(in crate::store) revision: i64,
    pub(in crate::store) changed_at: NaiveDateTime,
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
}

/// A visit of the schedule or a draft, without who comes and what for.
struct Head {
    id: String,
    plan: String,
    enterprise: String,
    area: String,
    day: NaiveDate,
    scenario: Option<String>,
    state: VisitState,
    /// Of a visit that is, or was, on the schedule.
    revision: Option<i64>,
    /// Of a draft that was published.
    visit: Option<String>,
}

fn state(visit: &str, word: &str) -> Result<VisitState> {
    VisitState::parse(word).ok_or_else(|| StoreError::Damaged(format!("visit {visit}: {word}")))
}

impl TryFrom<VisitRow> for Head {
    type Error = StoreError;

    fn try_from(row: VisitRow) -> Result<Self> {
        Ok(Self {
            state: state(&row.id, &row.state)?,
            id: row.id,
            plan: row.plan_id,
            enterprise: row.enterprise_id,
            area: row.area_id,
            day: row.day,
            scenario: row.scenario_id,
            revision: Some(row.revision),
            visit: None,
        })
    }
}

/// Id, plan, enterprise, area, day, scenario, and the visit that it became.
type DraftRow = (String, String, String, String, NaiveDate, Option<String>, Option<String>);

impl From<DraftRow> for Head {
    fn from((id, plan, enterprise, area, day, scenario, visit): DraftRow) -> Self {
        let (state, revision) = (VisitState::Drafted, None);
        Self { id, plan, enterprise, area, day, scenario, state, revision, visit }
    }
}

/// The columns of [`DraftRow`].
macro_rules! draft_columns {
    () => {
        (
            draft_visits::id,
            draft_visits::plan_id,
            draft_visits::enterprise_id,
            draft_visits::area_id,
            draft_visits::day,
            draft_visits::scenario_id,
            published_drafts::visit_id.nullable(),
        )
    };
}

/// The rows of a page of visits, of the schedule or of drafts: tables of the same columns.
macro_rules! page {
    ($tx:expr, $query:expr, $visits:ident, $attendances:ident, $covered:ident, $asked:expr) => {{
        let (filter, bounds, cursor, limit, are_few) = $asked;
        let VisitFilter { plan: _, from, to, area, department, enterprise } = filter;
        let mut query = $query;
        if let Some(from) = from {
            query = query.filter($visits::day.ge(from));
        }
        if let Some(to) = to {
            query = query.filter($visits::day.le(to));
        }
        if let Some(area) = area {
            query = query.filter($visits::area_id.eq(area));
        }
        if let Some(enterprise) = enterprise {
            query = query.filter($visits::enterprise_id.eq(enterprise));
        }
        let Bounds { departments, areas, person } = bounds;
        let own = department.iter().map(std::slice::from_ref);
        for wanted in own.chain(departments.iter().map(Vec::as_slice)) {
            let present = $attendances::table.filter($attendances::department_id.eq_any(wanted));
            query = if are_few {
                query.filter(exists(present.filter($attendances::visit_id.eq($visits::id))))
            } else {
                query.filter($visits::id.eq_any(present.select($attendances::visit_id)))
            };
        }
        if let Some(areas) = areas {
            query = query.filter($visits::area_id.eq_any(areas));
        }
        if let Some(person) = person {
            let own = request_team::table.filter(request_team::user_id.eq(person));
            let own = own.select(request_team::request_id);
            let gone_for = $covered::table.filter($covered::request_id.eq_any(own));
            query = query.filter($visits::id.eq_any(gone_for.select($covered::visit_id)));
        }
        if let Some((day, id)) = cursor {
            let later = $visits::day.gt(day).or($visits::day.eq(day).and($visits::id.gt(id)));
            query = query.filter(later);
        }
        query.order(($visits::day, $visits::id)).limit(limit).load($tx.connection)?
    }};
}

/// Department, inspectors and minutes of those present, by visit.
macro_rules! present {
    ($tx:expr, $attendances:ident, $ids:expr) => {{
        let query = $attendances::table.filter($attendances::visit_id.eq_any($ids));
        query.order(($attendances::visit_id, $attendances::department_id)).load($tx.connection)?
    }};
}
pub(super) use present;

/// What visits are for.
macro_rules! covered {
    ($tx:expr, $covered:ident, $ids:expr) => {{
        $covered::table
            .inner_join(requests::table.inner_join(items::table))
            .filter($covered::visit_id.eq_any($ids))
            .order(($covered::visit_id, requests::department_id, requests::id))
            .select((
                $covered::visit_id,
                requests::id,
                requests::reference,
                requests::department_id,
                items::id,
                (items::name_zh, items::name_en),
                requests::minutes,
                requests::state,
            ))
            .load($tx.connection)?
    }};
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
        // those of a plan or of some days are few, and those of a department of all time many
        let are_few = filter.plan.is_some() || (filter.from.is_some() && filter.to.is_some());
        let asked = (filter, bounds, cursor, limit, are_few);
        let heads = match &filter.plan {
            Some(plan) => {
                let query = draft_visits::table.left_join(published_drafts::table);
                let query = query.filter(draft_visits::plan_id.eq(plan)).select(draft_columns!());
                let query = query.into_boxed();
                let rows: Vec<DraftRow> =
                    page!(self, query, draft_visits, draft_attendances, draft_requests, asked);
                rows.into_iter().map(Head::from).collect()
            }
            None => {
                let query = visits::table.filter(visits::is_scheduled.eq(true)).into_boxed();
                let rows: Vec<VisitRow> =
                    page!(self, query, visits, attendances, visit_requests, asked);
                rows.into_iter().map(Head::try_from).collect::<Result<_>>()?
            }
        };
        self.fill(heads)
    }

    /// A visit that is, or was, on the schedule.
    pub fn visit(&mut self, id: &str) -> Result<Option<VisitRecord>> {
        let row: Option<VisitRow> =
            visits::table.find(id).get_result(self.connection).optional()?;
        let heads = row.map(Head::try_from).transpose()?.into_iter().collect();
        let Some(visit) = self.fill(heads)?.pop() else { return Ok(None) };
        let replaced_by = match visit.state {
            VisitState::Withdrawn => self.successors(id)?,
            _ => Vec::new(),
        };
        Ok(Some(VisitRecord { replaced_by, ..visit }))
    }

    /// A visit of a plan that is not published.
    pub fn draft_visit(&mut self, id: &str) -> Result<Option<VisitRecord>> {
        let query = draft_visits::table.left_join(published_drafts::table);
        let query = query.filter(draft_visits::id.eq(id)).select(draft_columns!());
        let row: Option<DraftRow> = query.get_result(self.connection).optional()?;
        Ok(self.fill(row.into_iter().map(Head::from).collect())?.pop())
    }

    /// Ids of the visits that hold now what a visit was for, by day.
    fn successors(&mut self, visit: &str) -> Result<Vec<String>> {
        let own = visit_requests::table.filter(visit_requests::visit_id.eq(visit));
        let own: Vec<String> = own.select(visit_requests::request_id).load(self.connection)?;
        let query = visit_requests::table
            .inner_join(visits::table)
            .filter(visit_requests::request_id.eq_any(own))
            .filter(visits::is_scheduled.eq(true))
            .select((visits::day, visits::id))
            .distinct()
            .order((visits::day, visits::id));
        let found: Vec<(NaiveDate, String)> = query.load(self.connection)?;
        Ok(found.into_iter().map(|(_, id)| id).collect())
    }

    /// The visits that a request is or was in, by day.
    pub fn visits_of(&mut self, request: &str) -> Result<Vec<RequestVisit>> {
        let columns = (visits::id, visits::day, visits::state);
        let query = visit_requests::table.inner_join(visits::table);
        let query = query.filter(visit_requests::request_id.eq(request)).select(columns);
        type Row = (String, NaiveDate, String);
        let own: Vec<Row> = query.load(self.connection)?;
        let query = left_visits::table.inner_join(visits::table);
        let query = query.filter(left_visits::request_id.eq(request)).select(columns);
        let left: Vec<Row> = query.distinct().load(self.connection)?;
        let mut found = Vec::with_capacity(own.len() + left.len());
        for (has_left, rows) in [(false, own), (true, left)] {
            for (visit, day, word) in rows {
                let state = state(&visit, &word)?;
                found.push(RequestVisit { visit, day, state, has_left });
            }
        }
        found.sort_by(|a, b| (a.day, &a.visit).cmp(&(b.day, &b.visit)));
        // one that it left and came back to
        found.dedup_by(|later, first| later.visit == first.visit);
        Ok(found)
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

    /// Adds who comes and what for; all are visits of the schedule, or all are drafts.
    fn fill(&mut self, heads: Vec<Head>) -> Result<Vec<VisitRecord>> {
        let are_drafts = heads.first().is_some_and(|head| head.state == VisitState::Drafted);
        let ids: Vec<&String> = heads.iter().map(|head| &head.id).collect();
        let mut present: BTreeMap<String, Vec<Attendance>> = BTreeMap::new();
        let mut covered: BTreeMap<String, Vec<VisitRequest>> = BTreeMap::new();
        let mut names: BTreeMap<String, Name> = BTreeMap::new();
        for ids in ids.chunks(BATCH) {
            let rows: Vec<(String, String, i64, i64)> = if are_drafts {
                present!(self, draft_attendances, ids)
            } else {
                present!(self, attendances, ids)
            };
            for (visit, department, inspectors, minutes) in rows {
                let attendance = Attendance { department, inspectors, minutes };
                present.entry(visit).or_default().push(attendance);
            }
            type Row =
                (String, String, Option<String>, String, String, (String, String), i64, String);
            let rows: Vec<Row> = if are_drafts {
                covered!(self, draft_requests, ids)
            } else {
                covered!(self, visit_requests, ids)
            };
            for (visit, id, reference, department, item, (zh, en), minutes, state) in rows {
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
        let codes: Vec<&String> = heads.iter().map(|head| &head.enterprise).collect();
        for codes in codes.chunks(BATCH) {
            let query = enterprises::table.filter(enterprises::id.eq_any(codes));
            let query = query.select((enterprises::id, enterprises::name_zh, enterprises::name_en));
            for (id, zh, en) in query.load::<(String, String, String)>(self.connection)? {
                names.insert(id, Name { zh, en });
            }
        }
        heads
            .into_iter()
            .map(|head| {
                let Head { id, plan, enterprise, area, day, scenario, state, revision, visit } =
                    head;
                let name = names.get(&enterprise).cloned();
                Ok(VisitRecord {
                    attendances: present.remove(&id).unwrap_or_default(),
                    requests: covered.remove(&id).unwrap_or_default(),
                    plan,
                    state,
                    revision,
                    visit,
                    replaced_by: Vec::new(),
                    day,
                    enterprise_name: name
                        .ok_or_else(|| StoreError::Damaged(format!("visit {id}")))?,
                    enterprise,
                    area,
                    scenario,
                    id,
                })
            })
            .collect()
    }
}
