//! Register and schedule as the rules look at them, for intake and planning alike; and what the rule
//! pack in force makes of them in a problem, so that the optimiser obeys the very rules that intake
//! judges by.

use crate::app::error::Result;
use crate::app::requests::read_cache::ReadCache;
use crate::domain::Message;
use crate::domain::problem::Span;
use crate::domain::register::days;
use crate::domain::requests::{Contact, Kind, Reason};
use crate::domain::rules::feed::{Mergeable, YearCap};
use crate::domain::rules::{Pack, RuleId, case};
use crate::domain::words::Worded;
use crate::message;
use crate::store::{Tx, VisitPart};
use crate::wire::register::{self, Enterprise, Level, Listing};
use chrono::{Datelike, NaiveDate};
use std::collections::BTreeMap;

/// An enterprise as the rules look at it. `quiet` are quiet days of its own and of its areas.
pub(in crate::app) fn enterprise_case<'c>(
    enterprise: &'c Enterprise,
    areas: Vec<&'c str>,
    listings: &[&'c Listing],
    quiet: Vec<Span>,
) -> case::EnterpriseCase<'c> {
    case::EnterpriseCase {
        id: &enterprise.id,
        areas,
        industry: &enterprise.industry,
        risk: enterprise.risk,
        credit: enterprise.credit_grade,
        safety_level: enterprise.safety_level,
        subject: enterprise.subject,
        joint_opt_out: enterprise.joint_opt_out,
        is_named: enterprise.designated,
        listings: listings
            .iter()
            .map(|listing| case::ListingCase {
                list: listing.list,
                department: listing.department.as_deref(),
                from: listing.from,
                to: listing.to,
            })
            .collect(),
        quiet,
    }
}

/// An item as the rules look at it.
pub(in crate::app) fn item_case(item: &register::Item) -> case::ItemCase<'_> {
    case::ItemCase {
        id: &item.id,
        department: &item.department,
        class: item.class.as_deref(),
        method: item.method,
        published_from: item.published_from,
        published_to: item.published_to,
        notice_days: item.notice_days,
        valid_days: item.valid_days,
    }
}

/// Visits of the schedule as the rules look at them. `parts` are ordered by visit.
pub(in crate::app) fn held<'c>(
    parts: &'c [VisitPart],
    leads: &'c BTreeMap<String, String>,
) -> Vec<case::Held<'c>> {
    let visits = parts.chunk_by(|a, b| a.visit == b.visit);
    let held = visits.map(|parts| {
        let scenario = parts[0].scenario.as_deref();
        case::Held {
            id: &parts[0].visit,
            day: parts[0].day,
            parts: parts
                .iter()
                .map(|part| case::Part {
                    department: &part.department,
                    item: &part.item,
                    kind: Kind::parse(&part.kind).unwrap_or(Kind::Daily),
                    reason: part.reason.as_deref().and_then(Reason::parse),
                    contact: Contact::parse(&part.contact).unwrap_or(Contact::Inspection),
                })
                .collect(),
            scenario,
            lead: scenario.and_then(|id| leads.get(id)).map(String::as_str),
            inspectors: Vec::new(),
            found: None,
        }
    });
    held.collect()
}

/// The departments that lead the scenarios under which visits are shared, by scenario.
pub(in crate::app) fn leads(
    tx: &mut Tx<'_>,
    cache: &mut ReadCache,
    parts: &[VisitPart],
) -> Result<BTreeMap<String, String>> {
    let mut leads = BTreeMap::new();
    for scenario in parts.iter().filter_map(|part| part.scenario.as_ref()) {
        if !leads.contains_key(scenario)
            && let Some(lead) = cache.lead(tx, scenario)?
        {
            leads.insert(scenario.clone(), lead);
        }
    }
    Ok(leads)
}

/// The quiet days of a period within a span.
pub(in crate::app) fn quiet_spans(period: &register::QuietPeriod, within: Span) -> Vec<Span> {
    let Some(span) = days::part(Span { first: period.from, last: period.to }, within) else {
        return Vec::new();
    };
    match (period.month_first, period.month_last) {
        (Some(first), Some(last)) => {
            days::spans(span, |day| (first..=last).contains(&i64::from(day.day())))
        }
        _ => vec![span],
    }
}

/// Id and version of a pack.
pub(in crate::app) fn named(pack: &Pack) -> String {
    format!("{} v{}", pack.id, pack.version)
}

/// What is asked for at one enterprise, as far as caps go.
#[derive(Default)]
pub(in crate::app) struct Asked<'a> {
    /// Requests that count towards caps, by department.
    pub counted: BTreeMap<&'a str, i64>,
    /// Scenarios under which any may be combined.
    pub scenarios: Vec<&'a str>,
}

/// The pack's caps of an enterprise for the horizon that can bind at all, and where each comes from.
pub(in crate::app) fn caps(
    pack: &Pack,
    enterprise: &case::EnterpriseCase<'_>,
    asked: &Asked<'_>,
    levels: &BTreeMap<String, Option<Level>>,
    (parts, leads): (&[VisitPart], &BTreeMap<String, String>),
    horizon: Span,
) -> Vec<(YearCap, Message)> {
    let level = |id: &str| levels.get(id).copied().flatten();
    let departments: Vec<_> = asked.counted.keys().map(|id| (*id, level(id))).collect();
    let visits = held(parts, leads);
    let caps = pack.year_caps(enterprise, &departments, &asked.scenarios, &visits, horizon);
    let all: i64 = asked.counted.values().sum();
    let can_bind = |cap: &YearCap| match &cap.department {
        Some(department) => {
            asked.counted.get(department.as_str()).is_some_and(|n| cap.at_most < *n)
        }
        None => cap.at_most < all,
    };
    let with_source = |cap: YearCap| {
        let YearCap { rule, limit, counted, .. } = &cap;
        let source = message!(
            "origin_cap",
            pack = named(pack),
            rule = rule.number(),
            limit = *limit,
            document = &pack.cited(*rule).document,
            counted = *counted,
        );
        (cap, source)
    };
    caps.into_iter().filter(can_bind).map(with_source).collect()
}

/// Groups of requests of one department at one enterprise that have to share a visit (R08), as places
/// in `requests`. `allowed` says whether a request (by its place) may be held on a day.
pub(in crate::app) fn groups(
    pack: &Pack,
    requests: &[&crate::domain::problem::Request],
    minutes_max: i64,
    allowed: &dyn Fn(usize, NaiveDate) -> bool,
) -> Vec<Vec<usize>> {
    if requests.len() < 2 || !pack.binds(RuleId::R08) {
        return Vec::new();
    }
    let of_request: Vec<Box<dyn Fn(NaiveDate) -> bool + '_>> = (0..requests.len())
        .map(|place| Box::new(move |day| allowed(place, day)) as Box<dyn Fn(NaiveDate) -> bool>)
        .collect();
    let list: Vec<Mergeable<'_>> = requests
        .iter()
        .zip(&of_request)
        .map(|(request, allowed)| Mergeable {
            id: &request.id,
            window: Span { first: request.earliest, last: request.latest },
            minutes: request.minutes,
            is_solo: request.solo,
            is_exempt: request.exempt,
            scenarios: &request.scenarios,
            allowed,
        })
        .collect();
    pack.merge_groups(&list, minutes_max)
}
