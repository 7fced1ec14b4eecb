//! The off-site queue: checks that papers or data may settle.

use crate::domain::words::Worded;
use crate::store::Bounds;
use crate::store::error::{Result, StoreError};
use crate::store::schema::{enterprises, items, off_site_checks, requests, visit_requests, visits};
use crate::store::tx::Tx;
use crate::store::utc;
use crate::wire::register::Method;
use crate::wire::requests::handling::{OffSiteCheck, OffSiteOutcome};
use chrono::{NaiveDate, NaiveDateTime};
use diesel::dsl::{count_star, exists};
use diesel::prelude::*;

/// A row with its request's department, enterprise and item.
type Row = (
    (String, String, String, String),
    (String, NaiveDate, NaiveDateTime),
    (Option<String>, Option<String>, Option<NaiveDateTime>),
);

fn check(row: Row) -> Result<OffSiteCheck> {
    let (
        (request, department, enterprise, item),
        (person, deadline, opened_at),
        (outcome, finding, closed_at),
    ) = row;
    let damaged = |text: &str| StoreError::Damaged(format!("off-site check {request}: {text}"));
    let outcome = outcome
        .map(|text| OffSiteOutcome::parse(&text).ok_or_else(|| damaged(&text)))
        .transpose()?;
    Ok(OffSiteCheck {
        request,
        department,
        enterprise,
        item,
        person,
        deadline,
        opened_at: utc(opened_at),
        outcome,
        finding,
        closed_at: closed_at.map(utc),
    })
}

/// Numbers of off-site checks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OffSiteCounts {
    /// Requests whose item papers or data may settle.
    pub possible: i64,
    /// In the queue.
    pub open: i64,
    /// In the queue past their deadline.
    pub overdue: i64,
    /// Settled.
    pub settled: i64,
    /// Sent to a visit after all.
    pub escalated: i64,
    /// Requests in visits of the schedule until today.
    pub held: i64,
}

impl Tx<'_> {
    /// Puts a request into the queue, or gives it to somebody else.
    pub fn open_off_site(
        &mut self,
        request: &str,
        person: &str,
        deadline: NaiveDate,
        at: NaiveDateTime,
    ) -> Result<()> {
        diesel::delete(off_site_checks::table.find(request)).execute(self.connection)?;
        let row = (
            off_site_checks::request_id.eq(request.to_owned()),
            off_site_checks::person.eq(person.to_owned()),
            off_site_checks::deadline.eq(deadline),
            off_site_checks::opened_at.eq(at),
        );
        diesel::insert_into(off_site_checks::table).values(row).execute(self.connection)?;
        Ok(())
    }

    /// Ends a check; `false` when none is open.
    pub fn close_off_site(
        &mut self,
        request: &str,
        outcome: OffSiteOutcome,
        finding: &str,
        at: NaiveDateTime,
    ) -> Result<bool> {
        let open = off_site_checks::table
            .filter(off_site_checks::request_id.eq(request))
            .filter(off_site_checks::outcome.is_null());
        let set = (
            off_site_checks::outcome.eq(outcome.as_str()),
            off_site_checks::finding.eq(finding),
            off_site_checks::closed_at.eq(at),
        );
        Ok(diesel::update(open).set(set).execute(self.connection)? > 0)
    }

    /// Open checks after a deadline and request, the most urgent first.
    pub fn off_site_queue(
        &mut self,
        bounds: &Bounds,
        after: Option<(NaiveDate, &str)>,
        limit: i64,
    ) -> Result<Vec<OffSiteCheck>> {
        let mut query = off_site_checks::table
            .inner_join(requests::table)
            .filter(off_site_checks::outcome.is_null())
            .into_boxed();
        if let Some((deadline, request)) = after {
            let later = off_site_checks::deadline.gt(deadline);
            let same = off_site_checks::deadline.eq(deadline);
            query = query
                .filter(later.or(same.and(off_site_checks::request_id.gt(request.to_owned()))));
        }
        let Bounds { departments, areas, person: _ } = bounds;
        if let Some(departments) = departments {
            query = query.filter(requests::department_id.eq_any(departments));
        }
        if let Some(areas) = areas {
            let there = enterprises::table.filter(enterprises::area_id.eq_any(areas));
            query = query.filter(requests::enterprise_id.eq_any(there.select(enterprises::id)));
        }
        let rows: Vec<Row> = query
            .order((off_site_checks::deadline, off_site_checks::request_id))
            .limit(limit)
            .select((
                (
                    off_site_checks::request_id,
                    requests::department_id,
                    requests::enterprise_id,
                    requests::item_id,
                ),
                (off_site_checks::person, off_site_checks::deadline, off_site_checks::opened_at),
                (off_site_checks::outcome, off_site_checks::finding, off_site_checks::closed_at),
            ))
            .load(self.connection)?;
        rows.into_iter().map(check).collect()
    }

    /// How many checks there are of each kind.
    pub fn off_site_counts(&mut self, bounds: &Bounds, today: NaiveDate) -> Result<OffSiteCounts> {
        let departments = bounds.departments.clone();
        let mut possible = requests::table
            .inner_join(items::table)
            .filter(items::method.eq(Method::OffSitePossible.as_str()))
            .into_boxed();
        let mut held = requests::table
            .filter(exists(
                visit_requests::table
                    .inner_join(visits::table)
                    .filter(visit_requests::request_id.eq(requests::id))
                    .filter(visits::is_scheduled.eq(true))
                    .filter(visits::day.le(today)),
            ))
            .into_boxed();
        let mut checks = off_site_checks::table.inner_join(requests::table).into_boxed();
        if let Some(departments) = departments {
            possible = possible.filter(requests::department_id.eq_any(departments.clone()));
            held = held.filter(requests::department_id.eq_any(departments.clone()));
            checks = checks.filter(requests::department_id.eq_any(departments));
        }
        let mut counts = OffSiteCounts {
            possible: possible.select(count_star()).first(self.connection)?,
            held: held.select(count_star()).first(self.connection)?,
            ..OffSiteCounts::default()
        };
        let rows: Vec<(Option<String>, NaiveDate)> = checks
            .select((off_site_checks::outcome, off_site_checks::deadline))
            .load(self.connection)?;
        for (outcome, deadline) in rows {
            match outcome.as_deref().and_then(OffSiteOutcome::parse) {
                Some(OffSiteOutcome::Settled) => counts.settled += 1,
                Some(OffSiteOutcome::Escalated) => counts.escalated += 1,
                None => {
                    counts.open += 1;
                    counts.overdue += i64::from(deadline < today);
                }
            }
        }
        Ok(counts)
    }
}
