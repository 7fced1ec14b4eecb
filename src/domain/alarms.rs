//! Alarms of repeated visits (R21): enterprises that inspectors come to too often.
//!
//! Counted are visits of every kind, joint or not, with a cause or without. By default one city's
//! published limits hold, more than one visit a day, two a calendar week (from Monday) or three a calendar
//! month; and a second visit without a cause within 60 days, of which three in one area are an alarm of
//! their own. A visit has a cause when all that it is held for is exempt from caps: complaints, cases,
//! clues, follow-ups.

use super::words::Worded;
use chrono::{Datelike, Days, NaiveDate};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use strum::{EnumString, IntoStaticStr, VariantArray, VariantNames};
use utoipa::ToSchema;

/// A visit, as far as alarms go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlarmVisit {
    /// Id.
    pub visit: String,
    /// Who is visited.
    pub enterprise: String,
    /// Where that is.
    pub area: String,
    /// When.
    pub day: NaiveDate,
    /// Whether all that it is held for is exempt from caps.
    pub has_cause: bool,
}

/// From how many visits on there is an alarm.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Most visits of an enterprise a day.
    pub day: usize,
    /// Most visits of an enterprise in a calendar week.
    pub week: usize,
    /// Most visits of an enterprise in a calendar month.
    pub month: usize,
    /// Days within which a second visit without a cause is a repetition.
    pub repeat_days: i64,
    /// Repetitions in one area from which on the area has an alarm.
    pub repeats_in_area: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { day: 1, week: 2, month: 3, repeat_days: 60, repeats_in_area: 3 }
    }
}

/// Which limit is passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[derive(EnumString, IntoStaticStr, VariantArray, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AlarmRule {
    /// More than one visit of an enterprise on a day.
    Day,
    /// More than two in a calendar week.
    Week,
    /// More than three in a calendar month.
    Month,
    /// A second visit without a cause within 60 days.
    Repeat,
    /// Three such repetitions in one area.
    RepeatsInArea,
}

impl Worded for AlarmRule {}

/// An alarm of repeated visits, with what it rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Alarm {
    /// Which limit is passed.
    pub rule: AlarmRule,
    /// Id of the area.
    pub area: String,
    /// Unified social credit code; absent where the area as a whole is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enterprise: Option<String>,
    /// First day of the evidence.
    pub from: NaiveDate,
    /// Last day of the evidence.
    pub to: NaiveDate,
    /// How many there are: visits, or repetitions in an area.
    pub count: usize,
    /// How many there may be.
    pub limit: usize,
    /// Ids of the visits.
    pub visits: Vec<String>,
}

/// The alarms over these visits, by area, enterprise, rule and day.
pub fn alarms(contacts: &[AlarmVisit], limits: &Limits) -> Vec<Alarm> {
    let mut of_enterprise: BTreeMap<(&str, &str), Vec<&AlarmVisit>> = BTreeMap::new();
    for contact in contacts {
        let key = (contact.area.as_str(), contact.enterprise.as_str());
        of_enterprise.entry(key).or_default().push(contact);
    }
    let mut found = Vec::new();
    let mut repeats: BTreeMap<&str, Vec<Vec<&AlarmVisit>>> = BTreeMap::new();
    for ((area, enterprise), mut visits) in of_enterprise {
        visits.sort_by(|a, b| (a.day, &a.visit).cmp(&(b.day, &b.visit)));
        for (rule, limit) in [
            (AlarmRule::Day, limits.day),
            (AlarmRule::Week, limits.week),
            (AlarmRule::Month, limits.month),
        ] {
            let mut periods: BTreeMap<NaiveDate, Vec<&AlarmVisit>> = BTreeMap::new();
            for visit in &visits {
                periods.entry(begin(rule, visit.day)).or_default().push(visit);
            }
            let over = periods.into_values().filter(|visits| visits.len() > limit);
            found.extend(over.map(|visits| {
                let count = visits.len();
                alarm(rule, area, Some(enterprise), (count, limit), &visits)
            }));
        }
        let without_cause: Vec<&AlarmVisit> =
            visits.iter().filter(|visit| !visit.has_cause).copied().collect();
        for pair in without_cause.windows(2) {
            if (pair[1].day - pair[0].day).num_days() < limits.repeat_days {
                found.push(alarm(AlarmRule::Repeat, area, Some(enterprise), (2, 1), pair));
                repeats.entry(area).or_default().push(pair.to_vec());
            }
        }
    }
    for (area, pairs) in repeats {
        if pairs.len() >= limits.repeats_in_area {
            let (count, limit) = (pairs.len(), limits.repeats_in_area - 1);
            let mut visits: Vec<&AlarmVisit> = pairs.into_iter().flatten().collect();
            visits.sort_by(|a, b| (a.day, &a.visit).cmp(&(b.day, &b.visit)));
            visits.dedup();
            found.push(alarm(AlarmRule::RepeatsInArea, area, None, (count, limit), &visits));
        }
    }
    found.sort_by(|a, b| {
        let key = |alarm: &Alarm| {
            (alarm.area.clone(), alarm.enterprise.clone(), alarm.rule, alarm.from, alarm.to)
        };
        key(a).cmp(&key(b))
    });
    found
}

/// First day of a day's period.
fn begin(rule: AlarmRule, day: NaiveDate) -> NaiveDate {
    let back = match rule {
        AlarmRule::Week => day.weekday().num_days_from_monday(),
        AlarmRule::Month => day.day0(),
        AlarmRule::Day | AlarmRule::Repeat | AlarmRule::RepeatsInArea => 0,
    };
    day.checked_sub_days(Days::new(back.into())).unwrap_or(day)
}

/// `visits` are by day, and at least one.
fn alarm(
    rule: AlarmRule,
    area: &str,
    enterprise: Option<&str>,
    (count, limit): (usize, usize),
    visits: &[&AlarmVisit],
) -> Alarm {
    Alarm {
        rule,
        area: area.into(),
        enterprise: enterprise.map(Into::into),
        from: visits[0].day,
        to: visits[visits.len() - 1].day,
        count,
        limit,
        visits: visits.iter().map(|visit| visit.visit.clone()).collect(),
    }
}
