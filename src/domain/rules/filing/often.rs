//! How often: R06, R07, R10, R19, R20, R21, R34.

use crate::domain::requests::{Contact, Kind, Reason};
use crate::domain::rules::case::{Held, Part};
use crate::domain::rules::count::Counter;
use crate::domain::rules::{Case, Finding, Pack, Remedy, RuleId, Severity};
use crate::domain::words::Worded;
use crate::message;
use chrono::{Datelike, NaiveDate};

/// R06: the department's cap at this enterprise has room in the day's year. A visit that is on the
/// schedule of that day anyway is shared, not added.
pub(super) fn r06_cap(case: &Case, pack: &Pack, day: NaiveDate) -> Option<Finding> {
    if case.is_exempt(pack) || case.request.contact != Contact::Inspection {
        return None;
    }
    let department = case.request.department;
    let cap = pack.cap(&case.enterprise, department, case.body.level)?;
    let Counter { counted, with_exempt } = pack.counter(&case.visits, department, day.year());
    if counted < cap || case.joins_own(pack, day) {
        return None;
    }
    let what = message!(
        "cap-reached",
        department = department,
        year = day.year().to_string(),
        counted = counted,
        with_exempt = with_exempt,
        cap = cap,
    );
    Some(pack.finds(RuleId::R06, "enterprise", what))
}

/// R07: notes that caps spare the filing, with both counters.
pub(super) fn r07_exempt(case: &Case, pack: &Pack) -> Vec<Finding> {
    if !case.is_exempt(pack) {
        return Vec::new();
    }
    let (department, year) = (case.request.department, case.request.latest.year());
    let Counter { counted, with_exempt } = pack.counter(&case.visits, department, year);
    let why = case.request.reason.filter(|r| pack.terms.r07.exempt_reasons.contains(r));
    let why = why.map_or_else(|| case.request.kind.in_words(), Reason::in_words);
    let what = message!(
        "exempt-from-caps",
        why = why,
        department = department,
        year = year.to_string(),
        counted = counted,
        with_exempt = with_exempt,
    );
    vec![pack.finds(RuleId::R07, "kind", what).at_most(Severity::Record)]
}

/// Inspections by lot among visits of a year, of one item or of any.
fn drawn(visits: &[Held], year: i32, item: Option<&str>) -> i64 {
    let is_drawn =
        |part: &Part| part.kind == Kind::RandomDraw && item.is_none_or(|only| part.item == only);
    let visits = visits.iter().filter(|visit| visit.day.year() == year);
    visits.filter(|visit| visit.parts.iter().any(is_drawn)).count() as i64
}

/// R10: the same item is drawn at an enterprise so often a year at most.
pub(super) fn r10_drawn_once(case: &Case, pack: &Pack, day: NaiveDate) -> Option<Finding> {
    let limit = pack.terms.r10.drawn_yearly?;
    let n = drawn(&case.visits, day.year(), Some(case.item.id));
    if case.request.kind != Kind::RandomDraw || n < limit {
        return None;
    }
    let what = message!(
        "drawn-already_item",
        item = case.item.id,
        year = day.year().to_string(),
        drawn = n,
        limit = limit,
    );
    Some(pack.finds(RuleId::R10, "item", what))
}

/// R19: an enterprise of its credit grade is drawn so often a year at most.
pub(super) fn r19_credit(case: &Case, pack: &Pack, day: NaiveDate) -> Option<Finding> {
    let grade = case.enterprise.credit;
    let row = pack.terms.r19.grades.iter().find(|row| row.credit == grade)?;
    let (limit, n) = (row.yearly?, drawn(&case.visits, day.year(), None));
    if case.request.kind != Kind::RandomDraw || n < limit {
        return None;
    }
    let what = message!(
        "drawn-too-often",
        grade = grade.as_str(),
        limit = limit,
        year = day.year().to_string(),
        drawn = n,
    );
    Some(pack.finds(RuleId::R19, "enterprise", what))
}

/// R20: the budget of all departments together has room in the day's year. A visit of that day is
/// shared, not added. The cap on joint visits of a scenario binds the plan; a filing has no scenario.
pub(super) fn r20_budget(case: &Case, pack: &Pack, day: NaiveDate) -> Option<Finding> {
    if case.is_exempt(pack) || case.request.contact != Contact::Inspection {
        return None;
    }
    let budget = pack.budget(&case.enterprise)?;
    let Counter { counted, with_exempt } = pack.counter_of_all(&case.visits, day.year());
    let is_shared = |v: &Held| v.day == day && v.parts.iter().any(|part| pack.counts(part));
    let joins = !case.request.is_solo
        && !case.enterprise.joint_opt_out
        && day >= case.today
        && case.visits.iter().any(is_shared);
    if counted < budget || joins {
        return None;
    }
    let what = message!(
        "budget-used",
        year = day.year().to_string(),
        counted = counted,
        with_exempt = with_exempt,
        budget = budget,
    );
    Some(pack.finds(RuleId::R20, "enterprise", what))
}

/// R21: one visit more on the day passes no alarm's limit of the day, the week or the month.
pub(super) fn r21_alarm(case: &Case, pack: &Pack, day: NaiveDate) -> Option<Finding> {
    let alarms = &pack.terms.r21;
    let is_seen = |visit: &&Held| {
        visit.parts.iter().any(|part| {
            let is_contact = part.contact == Contact::Inspection
                || (pack.is_on(RuleId::R34) && pack.terms.r34.contacts.contains(&part.contact));
            is_contact && (alarms.counts_exempt || !pack.is_exempt(part.kind, part.reason))
        })
    };
    if !alarms.counts_exempt && case.is_exempt(pack) {
        return None;
    }
    let days: Vec<NaiveDate> = case.visits.iter().filter(is_seen).map(|v| v.day).collect();
    // that of the same day is shared
    let others = |is_near: &dyn Fn(NaiveDate) -> bool| {
        days.iter().filter(|other| **other != day && is_near(**other)).count() as i64
    };
    let week = others(&|other| other.iso_week() == day.iso_week());
    let month = others(&|other| (other.year(), other.month()) == (day.year(), day.month()));
    let what = if week + 1 > alarms.week {
        message!("too-many-visits_week", visits = week, limit = alarms.week)
    } else if month + 1 > alarms.month {
        message!("too-many-visits_month", visits = month, limit = alarms.month)
    } else {
        return None;
    };
    Some(pack.finds(RuleId::R21, "latest", what))
}

/// R21: which inspectors stay away because they kept finding nothing. It only notes them: others may
/// come.
pub(super) fn r21_low_yield(case: &Case, pack: &Pack) -> Vec<Finding> {
    let people = pack.low_yield(&case.visits, case.window().last);
    if people.is_empty() {
        return Vec::new();
    }
    let finding = pack.finds(RuleId::R21, "inspectors", message!("low-yield", people = people));
    let remedy = Remedy::words(message!("remedy_other-inspectors"));
    vec![finding.at_most(Severity::Warn).with(remedy)]
}

/// R34: guidance visits have a cap of their own where the place sets one.
pub(super) fn r34_guidance(case: &Case, pack: &Pack, day: NaiveDate) -> Option<Finding> {
    let limit = pack.terms.r34.guidance_at_most?;
    let department = case.request.department;
    let is_guidance =
        |part: &Part| part.contact == Contact::Guidance && part.department == department;
    let visits = case.visits.iter().filter(|visit| visit.day.year() == day.year());
    let n = visits.filter(|visit| visit.parts.iter().any(is_guidance)).count() as i64;
    if case.request.contact != Contact::Guidance || n < limit {
        return None;
    }
    let what = message!(
        "guidance-cap",
        department = department,
        year = day.year().to_string(),
        visits = n,
        limit = limit,
    );
    Some(pack.finds(RuleId::R34, "enterprise", what))
}
