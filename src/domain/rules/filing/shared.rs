//! With what else: R08, R09, R11, R12, R26, R27, R35.

use crate::domain::problem::Span;
use crate::domain::register::days::part;
use crate::domain::rules::case::Open;
use crate::domain::rules::{Case, Finding, Pack, Remedy, RepeatWithin, RuleId, Severity};
use crate::message;
use chrono::{Datelike, NaiveDate};

/// Most open requests that a rule names, each in a finding: more of them say nothing new, and where very
/// many wait at one enterprise, the findings of all would be their square.
const FEW: usize = 10;

fn window_of(open: &Open) -> Span {
    Span { first: open.earliest, last: open.latest }
}

/// Days from the end of one window to the beginning of the other; 0 where they share a day.
fn days_apart(a: Span, b: Span) -> i64 {
    let (first, last) = (a.first.max(b.first), a.last.min(b.last));
    (first - last).num_days().max(0)
}

/// R08: other requests of the department here. Where windows share days the plan merges them, which is
/// noted; where they lie apart but within the merge window, it cannot, which is warned of. The duty
/// itself binds the plan, not the filing.
pub(super) fn r08_merge(case: &Case, pack: &Pack) -> Vec<Finding> {
    let is_bound = |is_exempt: bool| pack.terms.r08.binds_exempt || !is_exempt;
    if case.request.is_solo || !is_bound(case.is_exempt(pack)) {
        return Vec::new();
    }
    let own = case.open.iter().filter(|open| {
        open.department == case.request.department
            && is_bound(pack.is_exempt(open.kind, open.reason))
            && pack.is_alike(open.minutes, case.request.minutes)
    });
    let mut found = Vec::new();
    for open in own.take(FEW) {
        let apart = days_apart(window_of(open), case.window());
        if apart == 0 {
            let what = message!("to-be-merged", request = open.id);
            found.push(pack.finds(RuleId::R08, "enterprise", what).at_most(Severity::Record));
        } else if apart <= pack.terms.r10.days {
            let what = message!(
                "apart-from-own-request",
                request = open.id,
                first = open.earliest,
                last = open.latest,
            );
            let remedy = Remedy {
                message: message!("remedy_shared-day", first = open.earliest, last = open.latest),
                window: Some(Span {
                    first: case.request.earliest.min(open.latest),
                    last: case.request.latest.max(open.earliest),
                }),
                from: Some(open.earliest),
            };
            let finding = pack.finds(RuleId::R08, "latest", what);
            found.push(finding.at_most(Severity::Warn).with(remedy));
        }
    }
    found
}

/// R09: whom it could be held with, or why it is held alone. It only notes it.
pub(super) fn r09_join(case: &Case, pack: &Pack) -> Vec<Finding> {
    let others = case.open.iter().filter(|open| {
        open.department != case.request.department
            && part(window_of(open), case.window()).is_some()
            && pack.is_alike(open.minutes, case.request.minutes)
    });
    let mut departments: Vec<&str> = others.map(|open| open.department).collect();
    departments.sort_unstable();
    departments.dedup();
    if departments.is_empty() {
        return Vec::new();
    }
    let what = if case.request.is_solo {
        message!("held-alone", departments = departments)
    } else if case.enterprise.joint_opt_out {
        message!("held-alone_opted-out", departments = departments)
    } else {
        message!("joint-possible", departments = departments)
    };
    vec![pack.finds(RuleId::R09, "enterprise", what).at_most(Severity::Record)]
}

/// R11: other requests on the same days that last too differently to be merged. It only notes them.
pub(super) fn r11_alike(case: &Case, pack: &Pack) -> Vec<Finding> {
    let unlike = case.open.iter().filter(|open| {
        part(window_of(open), case.window()).is_some()
            && !pack.is_alike(open.minutes, case.request.minutes)
    });
    let note = |open: &Open| {
        let what = message!(
            "not-alike",
            request = open.id,
            minutes = open.minutes,
            own_minutes = case.request.minutes,
        );
        pack.finds(RuleId::R11, "minutes", what).at_most(Severity::Record)
    };
    unlike.take(FEW).map(note).collect()
}

/// R12: nobody else asks for the same item on the same days, or (by the pack) inspected it this year.
/// The department's own second request is warned of only.
pub(super) fn r12_repeat(case: &Case, pack: &Pack) -> Vec<Finding> {
    let terms = &pack.terms.r12;
    if terms.spares_exempt && case.is_exempt(pack) {
        return Vec::new();
    }
    let is_spared = |open: &Open| terms.spares_exempt && pack.is_exempt(open.kind, open.reason);
    let (mut known_own, mut known_others) = (0, 0);
    let mut found = Vec::new();
    for open in case.open.iter().filter(|open| open.item == case.item.id && !is_spared(open)) {
        if part(window_of(open), case.window()).is_none() {
            continue;
        }
        let is_own = open.department == case.request.department;
        let count = if is_own { &mut known_own } else { &mut known_others };
        *count += 1;
        if *count > FEW {
            continue;
        }
        let (item, first, last) = (open.item, open.earliest, open.latest);
        if is_own {
            let what = message!(
                "duplicate-own-request",
                item = item,
                first = first,
                last = last,
                request = open.id,
            );
            found.push(pack.finds(RuleId::R12, "item", what).at_most(Severity::Warn));
        } else {
            let (department, request) = (open.department, open.id);
            let what = match open.level {
                Some(level) => message!(
                    "duplicate-request_of-level",
                    department = department,
                    level = level.in_words(),
                    item = item,
                    first = first,
                    last = last,
                    request = request,
                ),
                None => message!(
                    "duplicate-request",
                    department = department,
                    item = item,
                    first = first,
                    last = last,
                    request = request,
                ),
            };
            let remedy = Remedy::words(message!("remedy_one-of-two", request = request));
            found.push(pack.finds(RuleId::R12, "item", what).with(remedy));
        }
    }
    if terms.within == RepeatWithin::Year {
        let (department, window) = (case.request.department, case.window());
        let by_other = case.visits.iter().rev().find_map(|visit| {
            let part = visit.parts.iter().find(|p| {
                p.item == case.item.id
                    && p.department != department
                    && !(terms.spares_exempt && pack.is_exempt(p.kind, p.reason))
            })?;
            (visit.day.year() == window.last.year()).then_some((visit.day, part.department))
        });
        if let Some((day, other)) = by_other {
            let what =
                message!("inspected-by-other", department = other, item = case.item.id, day = day,);
            let next = NaiveDate::from_ymd_opt(day.year() + 1, 1, 1);
            let remedy = Remedy {
                message: message!("remedy_use-that-result", year = (day.year() + 1).to_string()),
                window: None,
                from: next,
            };
            found.push(pack.finds(RuleId::R12, "item", what).with(remedy));
        }
    }
    found
}

/// R26: one request alone does not bring more officers than a visit may have. The rest of the rule
/// binds plans.
pub(super) fn r26_size(case: &Case, pack: &Pack) -> Vec<Finding> {
    let mut found = Vec::new();
    if let Some(most) = pack.terms.r26.max_officers
        && case.request.inspectors > most
    {
        let what = message!("crew-too-large", inspectors = case.request.inspectors, most = most);
        let remedy = Remedy::words(message!("remedy_fewer-inspectors", most = most));
        found.push(pack.finds(RuleId::R26, "inspectors", what).with(remedy));
    }
    found
}

/// R27: it is no longer than a visit may be.
pub(super) fn r27_length(case: &Case, pack: &Pack) -> Vec<Finding> {
    let (minutes, most) = (case.request.minutes, pack.terms.r27.max_minutes.0);
    if minutes <= most {
        return Vec::new();
    }
    let what = message!("visit-too-long_request", minutes = minutes, most = most);
    let remedy = Remedy::words(message!("remedy_fewer-minutes", most = most));
    vec![pack.finds(RuleId::R27, "minutes", what).with(remedy)]
}

/// R35: no other request here, on the same days, has an item whose standards conflict with this one's.
pub(super) fn r35_conflict(case: &Case, pack: &Pack) -> Vec<Finding> {
    let mut found = Vec::new();
    for open in case.open.iter().filter(|o| part(window_of(o), case.window()).is_some()) {
        let is_pair = |a: &str, b: &str| {
            let pairs = [(case.item.id, open.item), (open.item, case.item.id)];
            pairs.contains(&(a, b))
        };
        for pair in pack.terms.r35.pairs.iter().filter(|pair| is_pair(&pair.item, &pair.other)) {
            let what = message!(
                "conflicting-standards",
                item = case.item.id,
                other = open.item,
                request = open.id,
                about = &pair.about,
            );
            let remedy = Remedy::words(message!("remedy_settle-standards"));
            found.push(pack.finds(RuleId::R35, "item", what).with(remedy));
        }
        if found.len() >= FEW {
            break;
        }
    }
    found
}
