//! The rules on one filing, each a function named by its number, and how they judge together.
//!
//! Some rules look at the filing as a whole, others at one day. A rule on days speaks of a filing only
//! when it speaks of each of the days on which people work from today to the window's end, since one
//! good day is enough; the remedy is the nearest day that nothing refuses. Windows that are over, or in
//! which nobody works, are for the caller to report: no rule of the table speaks of them.

mod days;
mod often;
mod papers;
mod shared;
mod who;

#[cfg(test)]
mod tests;

use super::{Case, Finding, Pack, Remedy, RuleId};
use crate::domain::problem::Span;
use crate::message;
use chrono::{Datelike, Days, NaiveDate};

/// How a rule looks at a filing.
enum Judge {
    /// At the whole.
    Whole(fn(&Case, &Pack) -> Vec<Finding>),
    /// At a visit on a day.
    Day(fn(&Case, &Pack, NaiveDate) -> Option<Finding>),
}

/// Every rule on filings, in order of numbers.
const RULES: &[(RuleId, Judge)] = &[
    (RuleId::R01, Judge::Whole(who::r01_body)),
    (RuleId::R02, Judge::Day(days::r02_published)),
    (RuleId::R03, Judge::Whole(who::r03_crew)),
    (RuleId::R04, Judge::Whole(papers::r04_approval)),
    (RuleId::R05, Judge::Whole(papers::r05_kind)),
    (RuleId::R06, Judge::Day(often::r06_cap)),
    (RuleId::R07, Judge::Whole(often::r07_exempt)),
    (RuleId::R08, Judge::Whole(shared::r08_merge)),
    (RuleId::R09, Judge::Whole(shared::r09_join)),
    (RuleId::R10, Judge::Day(often::r10_drawn_once)),
    (RuleId::R11, Judge::Whole(shared::r11_alike)),
    (RuleId::R12, Judge::Whole(shared::r12_repeat)),
    (RuleId::R13, Judge::Whole(papers::r13_off_site)),
    (RuleId::R14, Judge::Whole(papers::r14_annual_plan)),
    (RuleId::R15, Judge::Whole(papers::r15_plan_content)),
    (RuleId::R16, Judge::Whole(papers::r16_plan_steps)),
    (RuleId::R17, Judge::Whole(papers::r17_campaign)),
    (RuleId::R18, Judge::Whole(papers::r18_draw)),
    (RuleId::R19, Judge::Day(often::r19_credit)),
    (RuleId::R20, Judge::Day(often::r20_budget)),
    (RuleId::R21, Judge::Day(often::r21_alarm)),
    (RuleId::R21, Judge::Whole(often::r21_low_yield)),
    (RuleId::R22, Judge::Day(days::r22_quiet)),
    (RuleId::R23, Judge::Day(days::r23_listed)),
    (RuleId::R24, Judge::Day(days::r24_notice)),
    (RuleId::R26, Judge::Whole(shared::r26_size)),
    (RuleId::R27, Judge::Whole(shared::r27_length)),
    (RuleId::R28, Judge::Whole(who::r28_jurisdiction)),
    (RuleId::R29, Judge::Day(days::r29_recognised)),
    (RuleId::R33, Judge::Whole(who::r33_subject)),
    (RuleId::R34, Judge::Day(often::r34_guidance)),
    (RuleId::R35, Judge::Whole(shared::r35_conflict)),
    (RuleId::R36, Judge::Whole(papers::r36_filed)),
    (RuleId::R37, Judge::Day(days::r37_authority)),
];

/// Days after a window among which a remedy is looked for: into the next calendar year, whose caps are
/// fresh.
pub const REMEDY_DAYS: u64 = 400;

impl Pack {
    /// What every rule says of a filing, by rule. It may be taken in when no finding
    /// [refuses](Finding::refuses).
    pub fn judge(&self, case: &Case) -> Vec<Finding> {
        let days = case.workdays(case.window());
        let mut found: Vec<Finding> = Vec::new();
        let mut is_refused_by_day = false;
        for (_, judge) in self.rules_on() {
            match judge {
                Judge::Whole(rule) => found.extend(rule(case, self)),
                Judge::Day(rule) => {
                    let Some(first) = days.first().and_then(|day| rule(case, self, *day)) else {
                        continue;
                    };
                    if days.iter().all(|day| rule(case, self, *day).is_some()) {
                        let passes = |day: NaiveDate| rule(case, self, day).is_none();
                        is_refused_by_day |= first.refuses();
                        found.push(self.remedied(case, first, passes));
                    }
                }
            }
        }
        if !is_refused_by_day && !days.is_empty() {
            found.extend(self.no_common_day(case, &days));
        }
        found
    }

    /// Whether the rules allow a visit for a filing on a day: every rule that looks at days, with the
    /// findings that refuse it. Papers, crews and jurisdiction are no matter of the day, and neither is
    /// whether people work on it.
    pub fn admits_on(&self, case: &Case, day: NaiveDate) -> Result<(), Vec<Finding>> {
        let refusing: Vec<Finding> = self.refusals(case, day).collect();
        if refusing.is_empty() { Ok(()) } else { Err(refusing) }
    }

    /// The days of `horizon` on which people work, in spans of days that are alike: `None` where a
    /// visit may be held, else the first rule that refuses it. Days on which nobody works belong to no
    /// span, but a span may run across them.
    pub fn eligible_days(&self, case: &Case, horizon: Span) -> Vec<(Span, Option<Finding>)> {
        let mut spans: Vec<(Span, Option<Finding>)> = Vec::new();
        for day in case.workdays(horizon) {
            let finding = self.refusals(case, day).next();
            let kind = |f: &Option<Finding>| f.as_ref().map(|f| (f.rule, f.code()));
            match spans.last_mut() {
                Some((span, last)) if kind(last) == kind(&finding) => span.last = day,
                _ => spans.push((Span { first: day, last: day }, finding)),
            }
        }
        spans
    }

    fn rules_on(&self) -> impl Iterator<Item = &'static (RuleId, Judge)> {
        RULES.iter().filter(|(id, _)| self.is_on(*id))
    }

    fn refusals<'s>(
        &'s self,
        case: &'s Case,
        day: NaiveDate,
    ) -> impl Iterator<Item = Finding> + 's {
        self.rules_on().filter_map(move |(_, judge)| match judge {
            Judge::Day(rule) => rule(case, self, day).filter(Finding::refuses),
            Judge::Whole(_) => None,
        })
    }

    /// Each day is refused, but no rule refuses them all.
    fn no_common_day(&self, case: &Case, days: &[NaiveDate]) -> Option<Finding> {
        let mut refused: Vec<(RuleId, usize)> = Vec::new();
        for day in days {
            let rule = self.refusals(case, *day).next()?.rule;
            match refused.iter_mut().find(|(known, _)| *known == rule) {
                Some((_, n)) => *n += 1,
                None => refused.push((rule, 1)),
            }
        }
        let (rule, n) = refused.into_iter().max_by_key(|(_, n)| *n)?;
        let what = message!("no-common-day_rules", refused = n, days = days.len());
        let finding = self.finds(rule, "latest", what);
        Some(self.remedied(case, finding, |_| true))
    }

    /// The finding with the nearest day that `passes` and that nothing refuses.
    fn remedied(
        &self,
        case: &Case,
        finding: Finding,
        passes: impl Fn(NaiveDate) -> bool,
    ) -> Finding {
        if finding.remedy.is_some() {
            return finding;
        }
        let window = case.window();
        let is_good = |day: &NaiveDate| {
            (case.is_workday)(*day) && passes(*day) && self.refusals(case, *day).next().is_none()
        };
        let until = window.last.max(case.today) + Days::new(REMEDY_DAYS);
        let from = window.last.max(case.today.pred_opt().unwrap_or(case.today));
        let mut later = from.iter_days().skip(1).take_while(|day| *day <= until);
        let later = later.find(is_good);
        let before = (1..=REMEDY_DAYS).map_while(|n| window.first.checked_sub_days(Days::new(n)));
        // the last good day before the window
        let earlier = before.take_while(|day| *day >= case.today).find(is_good);
        let reach =
            |day: NaiveDate| (day - window.last).num_days().max((window.first - day).num_days());
        let is_earlier = match (earlier, later) {
            (Some(one), Some(other)) => reach(one) < reach(other),
            (one, _) => one.is_some(),
        };
        let Some(day) = (if is_earlier { earlier } else { later }) else { return finding };
        let mut message = if is_earlier {
            message!("remedy_begin-earlier", day = day)
        } else {
            message!("remedy_end-later", day = day)
        };
        let is_yearly = [RuleId::R06, RuleId::R10, RuleId::R19, RuleId::R20, RuleId::R34];
        let mut from = day;
        if is_yearly.contains(&finding.rule) && !is_earlier && day.year() > window.last.year() {
            from = NaiveDate::from_ymd_opt(day.year(), 1, 1).unwrap_or(day);
            message = message!("remedy_next-year", from = from, day = day);
        }
        let window = if is_earlier {
            Span { first: day, last: window.last.max(day) }
        } else {
            Span { first: window.first, last: day }
        };
        finding.with(Remedy { message, window: Some(window), from: Some(from) })
    }
}

impl Case<'_> {
    /// The days of a span on which people work.
    fn workdays(&self, span: Span) -> Vec<NaiveDate> {
        let days = span.first.iter_days().take_while(|day| *day <= span.last);
        days.filter(|day| (self.is_workday)(*day)).collect()
    }

    /// Whether caps spare the filing.
    fn is_exempt(&self, pack: &Pack) -> bool {
        pack.is_exempt(self.request.kind, self.request.reason)
    }

    /// Whether a counted visit of its department is on the schedule of that day, which the filing would
    /// share rather than add to.
    fn joins_own(&self, pack: &Pack, day: NaiveDate) -> bool {
        let is_own = |part: &super::case::Part| {
            part.department == self.request.department && pack.counts(part)
        };
        !self.request.is_solo
            && day >= self.today
            && self.visits.iter().any(|visit| visit.day == day && visit.parts.iter().any(is_own))
    }
}
