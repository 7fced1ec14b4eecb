//! Alarms of repeated visits, over the schedule.

use crate::app::App;
use crate::app::access::{Action, Caller, Object};
use crate::app::error::{Error, Result};
use crate::app::paging::Paging;
use crate::domain::alarms::{Alarm, alarms};
use crate::domain::words::Worded;
use crate::message;
use crate::store::Bounds;
use crate::wire::paging::Page;
use chrono::{Days, NaiveDate};

/// Days before today from which on alarms are computed unless asked otherwise.
const BACK_DAYS: u64 = 366;
/// Longest span of days that is looked at.
const SPAN_DAYS_MAX: i64 = 1_100;

/// Which alarms.
#[derive(Clone, Debug, Default)]
pub struct AlarmFilter {
    /// Over visits from this day on; absent: a year back.
    pub from: Option<NaiveDate>,
    /// Over visits up to this day; absent: a year on.
    pub to: Option<NaiveDate>,
    /// Of this area.
    pub area: Option<String>,
    /// Of this enterprise.
    pub enterprise: Option<String>,
}

fn key(alarm: &Alarm) -> String {
    let enterprise = alarm.enterprise.as_deref().unwrap_or_default();
    format!("{}_{enterprise}_{}_{}", alarm.area, alarm.rule.as_str(), alarm.from)
}

/// Alarms by area, enterprise, rule and day; the cursor is a place in that order.
pub fn list(
    app: &App,
    caller: &Caller,
    filter: &AlarmFilter,
    paging: &Paging,
) -> Result<Page<Alarm>> {
    let Bounds { areas, .. } = caller.reach(Action::ReadAlarms)?;
    caller.may(Action::ReadAlarms, &Object::shared())?;
    let today = app.today();
    let from = filter.from.or(today.checked_sub_days(Days::new(BACK_DAYS))).unwrap_or(today);
    let to = filter.to.or(today.checked_add_days(Days::new(BACK_DAYS))).unwrap_or(today);
    if to < from || (to - from).num_days() > SPAN_DAYS_MAX {
        let message = message!("out-of-range_span", first = from, last = to, most = SPAN_DAYS_MAX);
        return Err(Error::defect("/to", message));
    }
    let (mut contacts, limits) = app.store.read(|tx| {
        let pack = crate::app::law::rules::in_force(app, tx, today)?;
        Ok::<_, Error>((tx.contacts(from, to)?, pack.alarm_limits()))
    })?;
    // a place without the rule has no alarms
    let Some((limits, counts_exempt)) = limits else { return Ok(paging.page(Vec::new(), key)) };
    contacts.retain(|contact| {
        areas.as_ref().is_none_or(|own| own.contains(&contact.area))
            && (counts_exempt || !contact.has_cause)
    });
    let found = alarms(&contacts, &limits).into_iter();
    let is_asked = |alarm: &Alarm| {
        filter.area.as_ref().is_none_or(|area| alarm.area == *area)
            && filter.enterprise.as_ref().is_none_or(|id| alarm.enterprise.as_ref() == Some(id))
    };
    let mut found: Vec<Alarm> = found.filter(is_asked).collect();
    found.sort_by_key(key);
    found.retain(|alarm| key(alarm).as_str() > paging.cursor());
    Ok(paging.page(found, key))
}
