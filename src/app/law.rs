//! The law in the problem: what the rule pack in force makes of enterprises and requests, so that the
//! optimiser obeys the very rules that intake judges by.

use super::intake::held;
use crate::domain::problem::Span;
use crate::domain::rules::feed::{Mergeable, YearCap};
use crate::domain::rules::{Pack, RuleId, case};
use crate::store::VisitPart;
use crate::wire::register::{Enterprise, Level, Listing};
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// An enterprise as the rules look at it. `quiet` are quiet days of its own and of its areas.
pub(super) fn enterprise_case<'c>(
    enterprise: &'c Enterprise,
    areas: Vec<&'c str>,
    listings: &[&'c Listing],
    quiet: Vec<Span>,
) -> case::Enterprise<'c> {
    case::Enterprise {
        id: &enterprise.id,
        areas,
        industry: &enterprise.industry,
        risk: enterprise.risk.into(),
        credit: enterprise.credit_grade.into(),
        safety_level: enterprise.safety_level.map(Into::into),
        subject: enterprise.subject.into(),
        joint_opt_out: enterprise.joint_opt_out,
        is_named: enterprise.designated,
        listings: listings
            .iter()
            .map(|listing| case::Listing {
                list: listing.list.into(),
                department: listing.department.as_deref(),
                from: listing.from,
                to: listing.to,
            })
            .collect(),
        quiet,
    }
}

/// What is asked for at one enterprise, as far as caps go.
#[derive(Default)]
pub(super) struct Asked<'a> {
    /// Requests that count towards caps, by department.
    pub counted: BTreeMap<&'a str, i64>,
    /// Scenarios under which any may be combined.
    pub scenarios: Vec<&'a str>,
}

/// The pack's caps of an enterprise for the horizon that can bind at all, and where each comes from.
pub(super) fn caps(
    pack: &Pack,
    enterprise: &case::Enterprise<'_>,
    asked: &Asked<'_>,
    levels: &BTreeMap<String, Option<Level>>,
    (parts, leads): (&[VisitPart], &BTreeMap<String, String>),
    horizon: Span,
) -> Vec<(YearCap, String)> {
    let level = |id: &str| levels.get(id).copied().flatten().map(Into::into);
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
    let told = |cap: YearCap| {
        let YearCap { rule, limit, counted, .. } = &cap;
        let (number, cited) = (rule.number(), &pack.cited(*rule).document);
        let name = super::intake::named(pack);
        let source = format!(
            "pack {name}: {number} at most {limit} a calendar year ({cited}), {counted} held or fixed \
             outside the horizon"
        );
        (cap, source)
    };
    caps.into_iter().filter(can_bind).map(told).collect()
}

/// Groups of requests of one department at one enterprise that have to share a visit (R08), as places
/// in `requests`. `allowed` says whether a request (by its place) may be held on a day.
pub(super) fn groups(
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
