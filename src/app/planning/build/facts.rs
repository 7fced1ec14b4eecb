//! What a problem is built from, as the database has it.

use super::nothing_to_plan;
use crate::app::App;
use crate::app::error::{Result, year_unknown};
use crate::app::law::rules;
use crate::app::register::areas::tree;
use crate::app::register::catalogue::Catalogue;
use crate::app::register::staff;
use crate::app::register::staff::Staff;
use crate::domain::problem::Span;
use crate::domain::register::area::AreaTree;
use crate::domain::register::grade;
use crate::domain::rules::Pack;
use crate::store::{ScheduledVisit, Sparing, Tx, Versioned, VisitPart};
use crate::wire::planning::policy::Policy;
use crate::wire::register;
use crate::wire::requests::request::Request;
use chrono::{Datelike, Days, NaiveDate};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Register, pools, accepted requests and schedule, as far as a horizon is concerned.
pub(super) struct Facts {
    pub name: String,
    /// The horizon.
    pub within: Span,
    pub today: NaiveDate,
    /// Visits of the schedule before this day are fixed.
    pub freeze_until: NaiveDate,
    /// The law of the place.
    pub pack: Arc<Pack>,
    /// Visits of the schedule within the horizon, by request.
    pub scheduled: BTreeMap<String, ScheduledVisit>,
    /// Visits that are not planned anew, by enterprise.
    pub parts: BTreeMap<String, Vec<VisitPart>>,
    pub levels: BTreeMap<String, Option<register::Level>>,
    pub closed_days: BTreeSet<NaiveDate>,
    pub filed: Vec<Request>,
    pub enterprises: BTreeMap<String, register::Enterprise>,
    pub catalogue: Catalogue,
    pub pools: Vec<Versioned<register::Pool>>,
    /// Quiet days, closed days and lists of who is spared.
    pub sparing: Sparing,
    pub areas: AreaTree,
    pub staff: Staff,
    /// The last counted visit on the schedule shortly before the horizon, by enterprise.
    pub held_before: BTreeMap<String, (NaiveDate, NaiveDate)>,
    /// The first counted visit on the schedule shortly after it.
    pub held_after: BTreeMap<String, (NaiveDate, NaiveDate)>,
}

impl Facts {
    /// Gathers them; an error where nothing is there to plan, or the calendar ends too soon.
    pub(super) fn gather(
        app: &App,
        tx: &mut Tx<'_>,
        name: String,
        within: Span,
        policy: &Policy,
    ) -> Result<Self> {
        let Span { first: start, last: end } = within;
        let today = app.today();
        let closed_days =
            app.calendar.closed_days(start, end).map_err(|error| year_unknown(error, "/end"))?;
        let freeze = Days::new(policy.freeze_days as u64);
        let (filed, scheduled) = filed(tx, within)?;
        let codes: BTreeSet<&String> = filed.iter().map(|r| &r.filed.enterprise).collect();
        let codes: Vec<String> = codes.into_iter().cloned().collect();
        let gap = policy.limits.min_gap_days as u64;
        let departments = tx.departments("", i64::MAX)?.into_iter();
        let mut sparing = tx.sparing(&codes, (start, end))?;
        sparing.quiet.extend(tx.quiet_of_areas((start, end))?);
        Ok(Self {
            name,
            within,
            today,
            freeze_until: today.checked_add_days(freeze).unwrap_or(start),
            pack: rules::in_force(app, tx, start.max(today))?,
            scheduled,
            parts: parts(tx, &codes, within)?,
            levels: departments.map(|row| (row.value.id, row.value.level)).collect(),
            closed_days: closed_days.into_iter().collect(),
            enterprises: graded(tx, &codes, start)?,
            sparing,
            areas: tree(tx)?,
            staff: staff::of_pools(tx)?,
            catalogue: Catalogue::read(tx)?,
            pools: tx.pools(None, "", i64::MAX)?,
            held_before: tx.counted_visits(&codes, start - Days::new(gap), start)?,
            held_after: tx.counted_visits(
                &codes,
                end + Days::new(1),
                end + Days::new(gap.max(1)),
            )?,
            filed,
        })
    }
}

/// Requests to plan, and the visits of the schedule that they are in.
fn filed(
    tx: &mut Tx<'_>,
    within: Span,
) -> Result<(Vec<Request>, BTreeMap<String, ScheduledVisit>)> {
    let Span { first, last } = within;
    let mut filed = tx.requests_between(first, last)?;
    let ids: Vec<&str> = filed.iter().map(|request| request.id.as_str()).collect();
    let mut scheduled = tx.scheduled_visits(&ids)?;
    // what is on the schedule of other days is settled there
    let is_within = |visit: &ScheduledVisit| within.contains(visit.day);
    filed.retain(|request| scheduled.get(&request.id).is_none_or(is_within));
    scheduled.retain(|_, visit| is_within(visit));
    if filed.is_empty() && !tx.has_visits(first, last)? {
        return Err(nothing_to_plan((first, last)));
    }
    Ok((filed, scheduled))
}

/// Enterprises with the grades that hold when the horizon begins, also where they were announced for
/// later.
fn graded(
    tx: &mut Tx<'_>,
    codes: &[String],
    start: NaiveDate,
) -> Result<BTreeMap<String, register::Enterprise>> {
    let histories = tx.grade_histories(codes)?;
    let graded = |mut enterprise: register::Enterprise| {
        let history = histories.get(&enterprise.id).map_or(&[][..], Vec::as_slice);
        if let Some((risk, credit_grade)) = grade::on_day(history, start) {
            (enterprise.risk, enterprise.credit_grade) = (risk, credit_grade);
        }
        (enterprise.id.clone(), enterprise)
    };
    Ok(tx.enterprises_of(codes)?.into_iter().map(graded).collect())
}

/// What was held, or is scheduled outside the horizon, in each calendar year that it touches, by
/// enterprise.
fn parts(
    tx: &mut Tx<'_>,
    codes: &[String],
    within: Span,
) -> Result<BTreeMap<String, Vec<VisitPart>>> {
    let start = within.first;
    let year_begins = NaiveDate::from_ymd_opt(start.year(), 1, 1).unwrap_or(start);
    let mut sorted: BTreeMap<String, Vec<VisitPart>> = BTreeMap::new();
    for part in tx.visit_parts(codes, year_begins)? {
        if !within.contains(part.day) {
            sorted.entry(part.enterprise.clone()).or_default().push(part);
        }
    }
    Ok(sorted)
}
