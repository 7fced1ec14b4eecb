//! Requests.

pub(super) mod answers;
pub(super) mod imports;
pub(super) mod off_site;

use super::connection::{BATCH, insert_all, load_of};
use super::error::{Result, StoreError};
use super::schema::{enterprises, request_team, requests, users, visit_requests, visits};
use super::tx::Tx;
use super::{Bounds, utc};
use crate::domain::words::Worded;
use crate::wire::requests::request::{Contact, Kind, NewRequest, Reason, Request, RequestState};
use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// That a visit is on the schedule, where it is found by its enterprise or request. Nearly every visit
/// is, but SQLite, which knows no numbers of rows, takes `is_scheduled = true` for the rarest of
/// conditions and would read the whole schedule by it; of a `<>` it looks for no index.
macro_rules! is_scheduled_unindexed {
    () => {
        visits::is_scheduled.ne(false)
    };
}

#[derive(Queryable, Insertable, Serialize, Deserialize)]
#[diesel(table_name = requests, treat_none_as_default_value = false)]
pub(super) struct RequestRow {
    id: String,
    pub(super) reference: Option<String>,
    pub(super) department_id: String,
    pub(super) enterprise_id: String,
    pub(super) item_id: String,
    kind: String,
    earliest: NaiveDate,
    latest: NaiveDate,
    due: Option<NaiveDate>,
    minutes: i64,
    inspectors: i64,
    is_exempt: bool,
    is_quiet_exempt: bool,
    together: Option<String>,
    is_solo: bool,
    note: Option<String>,
    state: String,
    filed_at: NaiveDateTime,
    filed_by: String,
    version: i64,
    reason: Option<String>,
    pub(super) plan_id: Option<String>,
    pub(super) draw_id: Option<String>,
    on_site_reason: Option<String>,
    agreement: Option<String>,
    approved_by: Option<String>,
    approved_at: Option<NaiveDateTime>,
    approval_due: Option<NaiveDate>,
    contact: String,
}

impl TryFrom<&Request> for RequestRow {
    type Error = StoreError;
    /// A new row; every default must be filled in.
    fn try_from(request: &Request) -> Result<Self> {
        let Request {
            id,
            filed,
            state,
            filed_at,
            filed_by,
            approved_by,
            approved_at,
            approval_due,
            outcome: _,
            visits: _,
            left_out: _,
        } = request.clone();
        let NewRequest {
            reference,
            department,
            enterprise,
            item,
            kind,
            contact,
            earliest,
            latest,
            due,
            minutes,
            inspectors,
            reason,
            plan,
            draw,
            on_site_reason,
            agreement,
            exempt,
            quiet_exempt,
            together,
            solo,
            note,
        } = filed;
        let unfilled = || StoreError::Other("a request without its defaults".into());
        Ok(Self {
            id,
            reference,
            department_id: department,
            enterprise_id: enterprise,
            item_id: item,
            kind: kind.as_str().into(),
            earliest,
            latest,
            due,
            minutes: minutes.ok_or_else(unfilled)?,
            inspectors: inspectors.ok_or_else(unfilled)?,
            is_exempt: exempt.ok_or_else(unfilled)?,
            is_quiet_exempt: quiet_exempt.ok_or_else(unfilled)?,
            together,
            is_solo: solo,
            note,
            state: state.as_str().into(),
            filed_at: filed_at.naive_utc(),
            filed_by,
            version: 1,
            reason: reason.map(|reason| reason.as_str().into()),
            plan_id: plan,
            draw_id: draw,
            on_site_reason,
            agreement,
            approved_by,
            approved_at: approved_at.map(|at| at.naive_utc()),
            approval_due,
            contact: contact.as_str().into(),
        })
    }
}

impl TryFrom<RequestRow> for Request {
    type Error = StoreError;
    fn try_from(row: RequestRow) -> Result<Self> {
        let RequestRow {
            id,
            reference,
            department_id,
            enterprise_id,
            item_id,
            kind,
            earliest,
            latest,
            due,
            minutes,
            inspectors,
            is_exempt,
            is_quiet_exempt,
            together,
            is_solo,
            note,
            state,
            filed_at,
            filed_by,
            version: _,
            reason,
            plan_id,
            draw_id,
            on_site_reason,
            agreement,
            approved_by,
            approved_at,
            approval_due,
            contact,
        } = row;
        let damaged = |what: &str| StoreError::Damaged(format!("request {id}: {what}"));
        let reason = reason.map(|text| Reason::parse(&text).ok_or_else(|| damaged(&text)));
        let filed = NewRequest {
            reference,
            department: department_id,
            enterprise: enterprise_id,
            item: item_id,
            kind: Kind::parse(&kind).ok_or_else(|| damaged(&kind))?,
            contact: Contact::parse(&contact).ok_or_else(|| damaged(&contact))?,
            earliest,
            latest,
            due,
            minutes: Some(minutes),
            inspectors: Some(inspectors),
            reason: reason.transpose()?,
            plan: plan_id,
            draw: draw_id,
            on_site_reason,
            agreement,
            exempt: Some(is_exempt),
            quiet_exempt: Some(is_quiet_exempt),
            together,
            solo: is_solo,
            note,
        };
        let state = RequestState::parse(&state).ok_or_else(|| damaged(&state))?;
        Ok(Request {
            id,
            filed,
            state,
            filed_at: utc(filed_at),
            filed_by,
            approved_by,
            approved_at: approved_at.map(utc),
            approval_due,
            outcome: None,
            visits: Vec::new(),
            left_out: Vec::new(),
        })
    }
}

/// A visit of the schedule, as far as one of its requests goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduledVisit {
    /// Its id.
    pub visit: String,
    /// Its day.
    pub day: NaiveDate,
}

/// A request's part of a visit of the schedule.
#[derive(Clone, Debug, Queryable)]
pub struct VisitPart {
    /// Id of the visit.
    pub visit: String,
    /// Its day.
    pub day: NaiveDate,
    /// Id of the scenario under which departments share it.
    pub scenario: Option<String>,
    /// Unified social credit code of the enterprise.
    pub enterprise: String,
    /// Id of the request.
    pub request: String,
    /// Id of its department.
    pub department: String,
    /// Id of its item.
    pub item: String,
    /// Kind of inspection.
    pub kind: String,
    /// What spares it.
    pub reason: Option<String>,
    /// What the contact is.
    pub contact: String,
}

/// What a request shares with others, so that a change of one may matter to the law on another.
#[derive(Clone, Debug, Queryable)]
pub struct PlaceOfRequest {
    /// Unified social credit code of the enterprise.
    pub enterprise: String,
    /// Id of its department.
    pub department: String,
    /// The department's own number.
    pub reference: Option<String>,
    /// The annual plan or campaign that it names.
    pub plan: Option<String>,
}

/// Which requests to list; all that is given must match.
#[derive(Clone, Debug, Default)]
pub struct RequestFilter {
    /// Of this department.
    pub department: Option<String>,
    /// At this enterprise.
    pub enterprise: Option<String>,
    /// For this item.
    pub item: Option<String>,
    /// Of this kind.
    pub kind: Option<Kind>,
    /// In this state.
    pub state: Option<RequestState>,
    /// Whose window ends on this day or later.
    pub from: Option<NaiveDate>,
    /// Whose window begins on this day or earlier.
    pub to: Option<NaiveDate>,
}

impl Tx<'_> {
    /// Adds requests as they are filed, their defaults filled in.
    pub fn add_requests(&mut self, requests: &[&Request]) -> Result<()> {
        let rows = requests.iter().map(|request| RequestRow::try_from(*request));
        let rows: Vec<RequestRow> = rows.collect::<Result<_>>()?;
        insert_all!(self.connection, requests::table, rows);
        Ok(())
    }

    /// A request.
    pub fn request(&mut self, id: &str) -> Result<Option<Request>> {
        let row: Option<RequestRow> =
            requests::table.find(id).get_result(self.connection).optional()?;
        row.map(TryInto::try_into).transpose()
    }

    /// A department's requests by its own numbers, those of decided imports among them.
    pub fn requests_by_reference(
        &mut self,
        department: &str,
        references: &[&str],
    ) -> Result<Vec<Request>> {
        let mut found = self.imported_as(department, references)?;
        for batch in references.chunks(BATCH) {
            let query = requests::table.filter(requests::department_id.eq(department));
            let rows: Vec<RequestRow> =
                load_of!(self.connection, query, requests::reference, batch);
            for row in rows {
                found.push(row.try_into()?);
            }
        }
        Ok(found)
    }

    /// What each of these requests shares with others.
    pub fn places_of_requests(&mut self, ids: &[String]) -> Result<Vec<PlaceOfRequest>> {
        let mut found = Vec::with_capacity(ids.len());
        for batch in ids.chunks(BATCH) {
            let query = requests::table.select((
                requests::enterprise_id,
                requests::department_id,
                requests::reference,
                requests::plan_id,
            ));
            let rows: Vec<PlaceOfRequest> = load_of!(self.connection, query, requests::id, batch);
            found.extend(rows);
        }
        Ok(found)
    }

    /// Requests after `cursor`, in the order they were filed.
    pub fn requests(
        &mut self,
        filter: &RequestFilter,
        bounds: &Bounds,
        cursor: &str,
        limit: i64,
    ) -> Result<Vec<Request>> {
        let RequestFilter { department, enterprise, item, kind, state, from, to } = filter;
        let mut query = requests::table.filter(requests::id.gt(cursor)).into_boxed();
        if let Some(department) = department {
            query = query.filter(requests::department_id.eq(department));
        }
        if let Some(enterprise) = enterprise {
            query = query.filter(requests::enterprise_id.eq(enterprise));
        }
        if let Some(item) = item {
            query = query.filter(requests::item_id.eq(item));
        }
        if let Some(kind) = kind {
            query = query.filter(requests::kind.eq(kind.as_str()));
        }
        if let Some(state) = state {
            query = query.filter(requests::state.eq(state.as_str()));
        }
        if let Some(from) = from {
            query = query.filter(requests::latest.ge(from));
        }
        if let Some(to) = to {
            query = query.filter(requests::earliest.le(to));
        }
        let Bounds { departments, areas, person } = bounds;
        if let Some(departments) = departments {
            query = query.filter(requests::department_id.eq_any(departments));
        }
        if let Some(areas) = areas {
            let there = enterprises::table.filter(enterprises::area_id.eq_any(areas));
            query = query.filter(requests::enterprise_id.eq_any(there.select(enterprises::id)));
        }
        if let Some(person) = person {
            let own = request_team::table.filter(request_team::user_id.eq(person));
            query = query.filter(requests::id.eq_any(own.select(request_team::request_id)));
        }
        let rows: Vec<RequestRow> = query.order(requests::id).limit(limit).load(self.connection)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Ids and names of those who go for a request.
    pub fn team(&mut self, request: &str) -> Result<Vec<(String, String)>> {
        let query = request_team::table
            .inner_join(users::table.on(users::id.eq(request_team::user_id)))
            .filter(request_team::request_id.eq(request));
        let query = query.order(users::name).select((users::id, users::name));
        Ok(query.load(self.connection)?)
    }

    /// Sets by ids who goes for a request.
    pub fn set_team(&mut self, request: &str, members: &[String]) -> Result<()> {
        let former = request_team::table.filter(request_team::request_id.eq(request));
        diesel::delete(former).execute(self.connection)?;
        for member in members {
            let row = (
                request_team::request_id.eq(request.to_owned()),
                request_team::user_id.eq(member.clone()),
            );
            diesel::insert_into(request_team::table).values(row).execute(self.connection)?;
        }
        Ok(())
    }

    /// Brings a request from one state into another; `false` when it is in the first no more.
    pub fn move_request(&mut self, id: &str, from: RequestState, to: RequestState) -> Result<bool> {
        let target =
            requests::table.filter(requests::id.eq(id)).filter(requests::state.eq(from.as_str()));
        let set = (requests::state.eq(to.as_str()), requests::version.eq(requests::version + 1));
        Ok(diesel::update(target).set(set).execute(self.connection)? > 0)
    }

    /// Notes who approved a request and when.
    pub fn approve_request(&mut self, id: &str, by: &str, at: NaiveDateTime) -> Result<()> {
        let set = (
            requests::approved_by.eq(by),
            requests::approved_at.eq(at),
            requests::approval_due.eq(None::<NaiveDate>),
            requests::version.eq(requests::version + 1),
        );
        diesel::update(requests::table.find(id)).set(set).execute(self.connection)?;
        Ok(())
    }

    /// Gives a request another window, and puts it into a group of those that go together.
    pub fn reschedule_request(
        &mut self,
        id: &str,
        (earliest, latest): (NaiveDate, NaiveDate),
        together: Option<&str>,
    ) -> Result<()> {
        let set = (
            requests::earliest.eq(earliest),
            requests::latest.eq(latest),
            requests::together.eq(together),
            requests::version.eq(requests::version + 1),
        );
        diesel::update(requests::table.find(id)).set(set).execute(self.connection)?;
        Ok(())
    }

    /// Ids of open requests whose window ended before `today` and that are in no visit of the schedule;
    /// with `among`, those of them.
    pub fn requests_past(
        &mut self,
        today: NaiveDate,
        among: Option<&[String]>,
    ) -> Result<Vec<String>> {
        let scheduled = visit_requests::table
            .inner_join(visits::table)
            .filter(is_scheduled_unindexed!())
            .filter(visit_requests::request_id.eq(requests::id));
        let mut query =
            requests::table
                .filter(requests::state.eq_any([
                    RequestState::Accepted.as_str(),
                    RequestState::ApprovalPending.as_str(),
                ]))
                .filter(requests::latest.lt(today))
                .filter(diesel::dsl::not(diesel::dsl::exists(scheduled)))
                .into_boxed();
        if let Some(among) = among {
            query = query.filter(requests::id.eq_any(among));
        }
        // where SQLite is asked for an order, it takes twice as long to find none
        let mut ids: Vec<String> = query.select(requests::id).load(self.connection)?;
        ids.sort_unstable();
        Ok(ids)
    }

    /// The accepted requests that have a day between `start` and `end`, in the order they were
    /// filed.
    pub fn requests_between(&mut self, start: NaiveDate, end: NaiveDate) -> Result<Vec<Request>> {
        let filter = RequestFilter {
            state: Some(RequestState::Accepted),
            from: Some(start),
            to: Some(end),
            ..RequestFilter::default()
        };
        self.requests(&filter, &Bounds::default(), "", i64::MAX)
    }

    /// Whether an accepted request has a day between two days.
    pub fn has_requests(&mut self, start: NaiveDate, end: NaiveDate) -> Result<bool> {
        let query = requests::table
            .filter(requests::state.eq(RequestState::Accepted.as_str()))
            .filter(requests::latest.ge(start))
            .filter(requests::earliest.le(end))
            .select(requests::id);
        Ok(query.first::<String>(self.connection).optional()?.is_some())
    }

    /// What the schedule holds at enterprises on `since` and later, by enterprise, day and visit.
    pub fn visit_parts(
        &mut self,
        enterprises: &[String],
        since: NaiveDate,
    ) -> Result<Vec<VisitPart>> {
        let mut parts = Vec::new();
        for batch in enterprises.chunks(BATCH) {
            let query = visits::table
                .inner_join(visit_requests::table.inner_join(requests::table))
                .filter(is_scheduled_unindexed!())
                .filter(visits::day.ge(since))
                .order((visits::enterprise_id, visits::day, visits::id, requests::id))
                .select((
                    visits::id,
                    visits::day,
                    visits::scenario_id,
                    visits::enterprise_id,
                    requests::id,
                    requests::department_id,
                    requests::item_id,
                    requests::kind,
                    requests::reason,
                    requests::contact,
                ));
            let rows: Vec<VisitPart> =
                load_of!(self.connection, query, visits::enterprise_id, batch);
            parts.extend(rows);
        }
        Ok(parts)
    }

    /// Open requests at these enterprises whose window has not passed, in the order they were filed; those
    /// of decided imports last.
    pub fn open_requests_at(
        &mut self,
        enterprises: &[String],
        today: NaiveDate,
    ) -> Result<Vec<Request>> {
        let mut found = Vec::new();
        for batch in enterprises.chunks(BATCH) {
            // of the states nothing is asked: SQLite would look through all that is open anywhere
            let query = requests::table.filter(requests::latest.ge(today)).order(requests::id);
            let rows: Vec<RequestRow> =
                load_of!(self.connection, query, requests::enterprise_id, batch);
            for row in rows {
                let request = Request::try_from(row)?;
                if request.state.is_open() {
                    found.push(request);
                }
            }
        }
        let mut imported = self.imported_at(enterprises)?;
        imported.retain(|request| request.state.is_open() && request.filed.latest >= today);
        found.extend(imported);
        Ok(found)
    }

    /// How many requests name a plan or campaign and are not over without a visit, with those of decided
    /// imports.
    pub fn requests_of_plan(&mut self, plan: &str) -> Result<i64> {
        let gone = RequestState::ALL.iter().filter(|state| state.is_gone());
        let gone: Vec<&str> = gone.map(|state| state.as_str()).collect();
        let query = requests::table
            .filter(requests::plan_id.eq(plan))
            .filter(diesel::dsl::not(requests::state.eq_any(gone)));
        let filed: i64 = query.count().get_result(self.connection)?;
        Ok(filed + self.imported_under(plan)?)
    }

    /// The visits of the schedule that requests are in, by request.
    pub fn scheduled_visits(&mut self, ids: &[&str]) -> Result<BTreeMap<String, ScheduledVisit>> {
        let mut found = BTreeMap::new();
        for batch in ids.chunks(BATCH) {
            let query = visit_requests::table
                .inner_join(visits::table)
                .filter(visit_requests::request_id.eq_any(batch))
                .filter(is_scheduled_unindexed!())
                .select((visit_requests::request_id, visits::id, visits::day));
            let rows: Vec<(String, String, NaiveDate)> = query.load(self.connection)?;
            let rows = rows.into_iter();
            found
                .extend(rows.map(|(request, visit, day)| (request, ScheduledVisit { visit, day })));
        }
        Ok(found)
    }

    /// Whether the schedule has a visit from `start` to `end`.
    pub fn has_visits(&mut self, start: NaiveDate, end: NaiveDate) -> Result<bool> {
        let query = visits::table
            .filter(visits::is_scheduled.eq(true))
            .filter(visits::day.between(start, end))
            .select(visits::id);
        Ok(query.first::<String>(self.connection).optional()?.is_some())
    }

    /// The first and the last counted visit of the schedule at each of these enterprises, from `since`
    /// to the day before `until`.
    pub fn counted_visits(
        &mut self,
        enterprises: &[String],
        since: NaiveDate,
        until: NaiveDate,
    ) -> Result<BTreeMap<String, (NaiveDate, NaiveDate)>> {
        let mut found = BTreeMap::new();
        for batch in enterprises.chunks(BATCH) {
            let query = visit_requests::table
                .inner_join(visits::table)
                .inner_join(requests::table)
                .filter(visits::enterprise_id.eq_any(batch))
                .filter(is_scheduled_unindexed!())
                .filter(visits::day.ge(since))
                .filter(visits::day.lt(until))
                .filter(requests::is_exempt.eq(false))
                .order(visits::day)
                .select((visits::enterprise_id, visits::day));
            let rows: Vec<(String, NaiveDate)> = query.load(self.connection)?;
            for (enterprise, day) in rows {
                found.entry(enterprise).or_insert((day, day)).1 = day;
            }
        }
        Ok(found)
    }
}
