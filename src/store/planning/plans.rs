//! Plans, their visits, and the schedule of published visits.

use crate::domain::words::Worded;
use crate::domain::{Plan, Visit};
use crate::store::connection::insert_all;
use crate::store::error::{Result, StoreError};
use crate::store::schema::{
    attendances, draft_attendances, draft_requests, draft_visits, left_out, plans, problems,
    requests, visit_requests, visits,
};
use crate::store::tx::Tx;
use crate::store::{Versioned, new_id, utc};
use crate::wire::planning::report::{LeftOut, in_words};
use crate::wire::planning::run::{PlanRecord, PlanState};
use crate::wire::requests::request::{PlanWithout, RequestState, SchedulingOutcome};
use crate::wire::visits::visit::Attendance;
use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use std::collections::BTreeSet;

/// A plan to be kept.
pub struct NewPlan<'p> {
    /// Id of the run.
    pub run: &'p str,
    /// Id of the problem.
    pub problem: &'p str,
    /// The plan that was published when the problem was built.
    pub parent: Option<&'p str>,
    /// Its cost.
    pub cost: i64,
    /// No valid plan costs less.
    pub bound: i64,
    /// The report, as JSON.
    pub report: &'p str,
    /// Its visits, in order.
    pub visits: &'p [NewVisit<'p>],
    /// The requests in none of them.
    pub left_out: &'p [LeftOut],
}

/// A visit to be kept.
pub struct NewVisit<'p> {
    /// The visit.
    pub visit: &'p Visit,
    /// Id of its enterprise's area.
    pub area: &'p str,
    /// Who comes.
    pub attendances: Vec<Attendance>,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = plans)]
struct PlanRow {
    id: String,
    run_id: String,
    problem_id: String,
    parent_id: Option<String>,
    state: String,
    cost: i64,
    bound: i64,
    report: String,
    created_at: NaiveDateTime,
    published_at: Option<NaiveDateTime>,
    published_by: Option<String>,
    version: i64,
}

impl PlanRow {
    fn record(self, with_report: bool) -> Result<Versioned<PlanRecord>> {
        let PlanRow {
            id,
            run_id,
            problem_id,
            parent_id,
            state,
            cost,
            bound,
            report,
            created_at,
            published_at,
            published_by,
            version,
        } = self;
        let state = PlanState::parse(&state)
            .ok_or_else(|| StoreError::Damaged(format!("plan {id}: {state}")))?;
        let value = PlanRecord {
            id,
            run: run_id,
            problem: problem_id,
            parent: parent_id,
            state,
            cost,
            bound,
            created_at: utc(created_at),
            published_at: published_at.map(utc),
            published_by,
            report: if with_report { Some(serde_json::from_str(&report)?) } else { None },
        };
        Ok(Versioned { version, value })
    }
}

#[derive(Insertable)]
#[diesel(table_name = draft_visits)]
struct DraftVisitRow {
    id: String,
    plan_id: String,
    enterprise_id: String,
    area_id: String,
    day: NaiveDate,
    scenario_id: Option<String>,
}

#[derive(Insertable)]
#[diesel(table_name = draft_attendances)]
struct DraftAttendanceRow {
    visit_id: String,
    department_id: String,
    inspectors: i64,
    minutes: i64,
}

#[derive(Insertable)]
#[diesel(table_name = draft_requests)]
struct DraftRequestRow {
    visit_id: String,
    request_id: String,
    plan_id: String,
}

#[derive(Clone, Queryable, Insertable)]
#[diesel(table_name = left_out)]
struct LeftOutRow {
    plan_id: String,
    request_id: String,
    certainty: String,
    code: String,
    pool_id: Option<String>,
    penalty: i64,
    extra_cost: Option<i64>,
}

impl Tx<'_> {
    /// Keeps a plan with its visits, as a draft.
    pub fn add_plan(&mut self, plan: &NewPlan<'_>, now: NaiveDateTime) -> Result<String> {
        let id = new_id();
        let row = PlanRow {
            id: id.clone(),
            run_id: plan.run.into(),
            problem_id: plan.problem.into(),
            parent_id: plan.parent.map(Into::into),
            state: PlanState::Draft.as_str().into(),
            cost: plan.cost,
            bound: plan.bound,
            report: plan.report.into(),
            created_at: now,
            published_at: None,
            published_by: None,
            version: 1,
        };
        diesel::insert_into(plans::table).values(row).execute(self.connection)?;
        let (mut rows, mut present, mut covered) = (Vec::new(), Vec::new(), Vec::new());
        for new in plan.visits {
            let visit_id = new_id();
            for attendance in &new.attendances {
                let Attendance { department, inspectors, minutes } = attendance.clone();
                let (visit_id, department_id) = (visit_id.clone(), department);
                present.push(DraftAttendanceRow { visit_id, department_id, inspectors, minutes });
            }
            let Visit { enterprise, date, requests, scenario } = new.visit.clone();
            for request_id in requests {
                let (visit_id, plan_id) = (visit_id.clone(), id.clone());
                covered.push(DraftRequestRow { visit_id, request_id, plan_id });
            }
            rows.push(DraftVisitRow {
                id: visit_id,
                plan_id: id.clone(),
                enterprise_id: enterprise,
                area_id: new.area.into(),
                day: date,
                scenario_id: scenario,
            });
        }
        insert_all!(self.connection, draft_visits::table, rows);
        insert_all!(self.connection, draft_attendances::table, present);
        insert_all!(self.connection, draft_requests::table, covered);
        let left: Vec<LeftOutRow> = plan
            .left_out
            .iter()
            .map(|reason| {
                let LeftOut { request, certainty, code, pool, penalty, extra_cost } =
                    reason.clone();
                LeftOutRow {
                    plan_id: id.clone(),
                    request_id: request,
                    certainty: certainty.into(),
                    code: code.into(),
                    pool_id: pool,
                    penalty,
                    extra_cost,
                }
            })
            .collect();
        insert_all!(self.connection, left_out::table, left);
        Ok(id)
    }

    /// A plan with its report.
    pub fn plan(&mut self, id: &str) -> Result<Option<Versioned<PlanRecord>>> {
        let row: Option<PlanRow> = plans::table.find(id).get_result(self.connection).optional()?;
        row.map(|row| row.record(true)).transpose()
    }

    /// Plans before `cursor`, newest first; an empty cursor begins.
    pub fn plans(
        &mut self,
        state: Option<PlanState>,
        cursor: &str,
        limit: i64,
    ) -> Result<Vec<PlanRecord>> {
        let columns = (
            plans::id,
            plans::run_id,
            plans::problem_id,
            plans::parent_id,
            plans::state,
            plans::cost,
            plans::bound,
            // a report may be long, and a list does without
            "".into_sql::<diesel::sql_types::Text>(),
            plans::created_at,
            plans::published_at,
            plans::published_by,
            plans::version,
        );
        let mut query = plans::table.select(columns).into_boxed();
        if !cursor.is_empty() {
            query = query.filter(plans::id.lt(cursor));
        }
        if let Some(state) = state {
            query = query.filter(plans::state.eq(state.as_str()));
        }
        let rows: Vec<PlanRow> =
            query.order(plans::id.desc()).limit(limit).load(self.connection)?;
        rows.into_iter().map(|row| row.record(false).map(|plan| plan.value)).collect()
    }

    /// Id of the published plan.
    pub fn published_plan(&mut self) -> Result<Option<String>> {
        let query = plans::table.filter(plans::state.eq(PlanState::Published.as_str()));
        Ok(query.select(plans::id).first(self.connection).optional()?)
    }

    /// Publishes a draft in place of `parent`, which must be the published plan; its visits are another
    /// matter. `false`, with nothing changed, when the plan is no draft or the parent is not the
    /// published one.
    pub fn publish_plan(
        &mut self,
        id: &str,
        parent: Option<&str>,
        published_by: &str,
        now: NaiveDateTime,
    ) -> Result<bool> {
        if self.published_plan()?.as_deref() != parent {
            return Ok(false);
        }
        if let Some(parent) = parent {
            let target = plans::table
                .filter(plans::id.eq(parent))
                .filter(plans::state.eq(PlanState::Published.as_str()));
            let set = (
                plans::state.eq(PlanState::Superseded.as_str()),
                plans::version.eq(plans::version + 1),
            );
            if diesel::update(target).set(set).execute(self.connection)? == 0 {
                return Ok(false);
            }
        }
        let target = plans::table
            .filter(plans::id.eq(id))
            .filter(plans::state.eq(PlanState::Draft.as_str()));
        let set = (
            plans::state.eq(PlanState::Published.as_str()),
            plans::published_at.eq(now),
            plans::published_by.eq(published_by),
            plans::version.eq(plans::version + 1),
        );
        if diesel::update(target).set(set).execute(self.connection)? == 0 {
            // the parent was superseded above: the caller rolls back
            return Ok(false);
        }
        Ok(true)
    }

    /// A request of a plan's visits that is no longer to be held.
    pub fn gone_in_plan(&mut self, id: &str) -> Result<Option<String>> {
        let query = draft_requests::table
            .inner_join(requests::table)
            .filter(draft_requests::plan_id.eq(id))
            .filter(requests::state.ne(RequestState::Accepted.as_str()))
            .order(requests::id)
            .select(requests::id);
        Ok(query.first(self.connection).optional()?)
    }

    /// Enterprise and day of a visit of the schedule between two days of which a plan does not hold
    /// every request that is still wanted.
    pub fn moved_by_plan(
        &mut self,
        id: &str,
        (first, last): (NaiveDate, NaiveDate),
    ) -> Result<Option<(String, NaiveDate)>> {
        type Row = (String, String, NaiveDate);
        let scheduled = visit_requests::table
            .inner_join(visits::table)
            .inner_join(requests::table)
            .filter(visits::is_scheduled.eq(true))
            .filter(visits::day.between(first, last))
            .filter(requests::state.eq(RequestState::Accepted.as_str()))
            .order((visits::day, visits::enterprise_id))
            .select((visit_requests::request_id, visits::enterprise_id, visits::day));
        let scheduled: Vec<Row> = scheduled.load(self.connection)?;
        let own = draft_requests::table
            .inner_join(draft_visits::table)
            .filter(draft_visits::plan_id.eq(id))
            .filter(draft_visits::day.between(first, last))
            .select((draft_requests::request_id, draft_visits::enterprise_id, draft_visits::day));
        let own: Vec<Row> = own.load(self.connection)?;
        let own: BTreeSet<Row> = own.into_iter().collect();
        let moved = scheduled.into_iter().find(|row| !own.contains(row));
        Ok(moved.map(|(_, enterprise, day)| (enterprise, day)))
    }

    /// A plan's visits as a plan of the domain.
    pub fn plan_visits(&mut self, id: &str, problem: &str) -> Result<Plan> {
        let query = draft_requests::table
            .inner_join(draft_visits::table)
            .filter(draft_visits::plan_id.eq(id))
            .order((draft_visits::id, draft_requests::request_id))
            .select((
                draft_visits::id,
                draft_visits::enterprise_id,
                draft_visits::day,
                draft_visits::scenario_id,
                draft_requests::request_id,
            ));
        type Row = (String, String, NaiveDate, Option<String>, String);
        let mut plan = Plan { problem: problem.into(), visits: Vec::new() };
        let mut last = String::new();
        for (visit, enterprise, date, scenario, request) in query.load::<Row>(self.connection)? {
            if visit != last {
                last = visit;
                plan.visits.push(Visit { enterprise, date, requests: Vec::new(), scenario });
            }
            plan.visits.last_mut().expect("just pushed").requests.push(request);
        }
        Ok(plan)
    }

    /// The plans that left a request out and were published, the newest first.
    pub fn plans_without(&mut self, request: &str) -> Result<Vec<PlanWithout>> {
        let query = left_out::table
            .inner_join(plans::table.on(plans::id.eq(left_out::plan_id)))
            .inner_join(problems::table.on(problems::id.eq(plans::problem_id)))
            .filter(left_out::request_id.eq(request))
            .filter(plans::state.ne(PlanState::Draft.as_str()))
            .order((plans::published_at.desc(), plans::id.desc()))
            .select((plans::id, problems::start_day, problems::end_day, left_out::code));
        let rows: Vec<(String, NaiveDate, NaiveDate, String)> = query.load(self.connection)?;
        let without = |(plan, start, end, code): (String, NaiveDate, NaiveDate, String)| {
            PlanWithout { plan, start, end, reason: in_words(&code, 1), code }
        };
        Ok(rows.into_iter().map(without).collect())
    }

    /// What the schedule, or the published plan, does with a request.
    pub fn outcome(&mut self, request: &str) -> Result<Option<SchedulingOutcome>> {
        // by the request first: the schedule of all time is long
        let query = visit_requests::table.filter(visit_requests::request_id.eq(request));
        let ids: Vec<String> = query.select(visit_requests::visit_id).load(self.connection)?;
        let query = visits::table.filter(visits::id.eq_any(ids));
        let query = query.filter(visits::is_scheduled.eq(true)).select((visits::id, visits::day));
        let visit: Option<(String, NaiveDate)> = query.first(self.connection).optional()?;
        if let Some((visit, day)) = visit {
            let query = attendances::table.filter(attendances::visit_id.eq(&visit));
            let query = query.order(attendances::department_id).select(attendances::department_id);
            let departments = query.load(self.connection)?;
            return Ok(Some(SchedulingOutcome::Scheduled { visit, day, departments }));
        }
        let Some(plan) = self.published_plan()? else { return Ok(None) };
        let row: Option<LeftOutRow> =
            left_out::table.find((plan, request)).get_result(self.connection).optional()?;
        Ok(row.map(|row| {
            let LeftOutRow {
                plan_id: _,
                request_id: _,
                certainty,
                code,
                pool_id,
                penalty,
                extra_cost,
            } = row;
            let reason = in_words(&code, 1);
            SchedulingOutcome::LeftOut {
                certainty,
                code,
                reason,
                pool: pool_id,
                penalty,
                extra_cost,
            }
        }))
    }
}
