//! What the pack gives the optimiser, so that intake and plan cannot disagree: caps with dates, quiet
//! days, crews, sizes, notice and groups.
//!
//! A rule binds plans when its severity is `refuse`; of the others nothing is fed.

use super::case::{EnterpriseCase, Held, ItemCase};
use super::{ListAllows, Pack, QuietScope, RuleId};
use crate::domain::alarms::Limits;
use crate::domain::codes::is_in_industry;
use crate::domain::problem::Span;
use crate::domain::register::area::Level;
use crate::domain::register::days::{part, spans};
use crate::domain::register::enterprise::List;
use crate::domain::register::item::Method;
use crate::domain::requests::Kind;
use chrono::{Datelike, Days, NaiveDate};
use std::collections::BTreeSet;

/// At most so many counted visits more within days of the horizon: a cap of a problem, with where it
/// comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YearCap {
    /// The rule.
    pub rule: RuleId,
    /// The days, all of one calendar year.
    pub span: Span,
    /// Only visits of this department.
    pub department: Option<String>,
    /// Only visits under this scenario.
    pub scenario: Option<String>,
    /// How many more, never negative.
    pub at_most: i64,
    /// The year's limit.
    pub limit: i64,
    /// Counted visits of the year outside what is planned.
    pub counted: i64,
}

/// How large a joint visit may get; `None` where nothing binds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JointLimits {
    /// Most departments.
    pub max_departments: Option<i64>,
    /// Most officers.
    pub max_officers: Option<i64>,
}

/// A request of one department at one enterprise, as far as merging goes.
pub struct Mergeable<'m> {
    /// Id; of requests that end alike, the first id is taken first.
    pub id: &'m str,
    /// Its window, within the horizon.
    pub window: Span,
    /// Minutes on site.
    pub minutes: i64,
    /// Never shares a visit.
    pub is_solo: bool,
    /// Spared by caps.
    pub is_exempt: bool,
    /// Ids of the scenarios under which it may be combined.
    pub scenarios: &'m [String],
    /// Whether it may be held on a day.
    pub allowed: &'m dyn Fn(NaiveDate) -> bool,
}

impl Pack {
    /// Caps of an enterprise for the days of `horizon`, one for each limit and calendar year of it (R06
    /// by department, R20 over all and by scenario). `visits` are those that are not planned anew: held,
    /// or scheduled outside the horizon.
    ///
    /// Where a joint visit counts once, history is counted so, while the horizon's joint visits count
    /// for each department: caps of a problem cannot ask who leads. A plan is then at most too careful.
    pub fn year_caps(
        &self,
        enterprise: &EnterpriseCase,
        departments: &[(&str, Option<Level>)],
        scenarios: &[&str],
        visits: &[Held],
        horizon: Span,
    ) -> Vec<YearCap> {
        let mut caps = Vec::new();
        for year in horizon.first.year()..=horizon.last.year() {
            let (Some(first), Some(last)) =
                (NaiveDate::from_ymd_opt(year, 1, 1), NaiveDate::from_ymd_opt(year, 12, 31))
            else {
                continue;
            };
            let Some(span) = part(Span { first, last }, horizon) else { continue };
            let mut add = |rule,
                           department: Option<&str>,
                           scenario: Option<&str>,
                           limit: i64,
                           counted: i64| {
                let at_most = (limit - counted).max(0);
                let (department, scenario) =
                    (department.map(str::to_owned), scenario.map(str::to_owned));
                caps.push(YearCap { rule, span, department, scenario, at_most, limit, counted });
            };
            if self.binds(RuleId::R06) {
                for (department, level) in departments {
                    let Some(limit) = self.cap(enterprise, department, *level) else { continue };
                    let counted = self.counter(visits, department, year).counted;
                    add(RuleId::R06, Some(department), None, limit, counted);
                }
            }
            if self.binds(RuleId::R20) {
                if let Some(limit) = self.budget(enterprise) {
                    let counted = self.counter_of_all(visits, year).counted;
                    add(RuleId::R20, None, None, limit, counted);
                }
                if let Some(limit) = self.joint_per_scenario(enterprise) {
                    for scenario in scenarios {
                        let counted = self.counted_under(visits, scenario, year);
                        add(RuleId::R20, None, Some(scenario), limit, counted);
                    }
                }
            }
        }
        caps
    }

    /// Most joint visits under one scenario at an enterprise in a calendar year (R20).
    pub fn joint_per_scenario(&self, enterprise: &EnterpriseCase) -> Option<i64> {
        let limit = self.terms.r20.joint_per_scenario;
        limit.filter(|_| self.is_on(RuleId::R20) && self.is_in_scope(enterprise))
    }

    /// Whether a day is quiet for an enterprise (R22): by the pack's days of the month, or by quiet days
    /// of its own or its areas. Exemptions are a matter of the request.
    pub fn is_quiet(&self, enterprise: &EnterpriseCase, day: NaiveDate) -> bool {
        if enterprise.quiet.iter().any(|span| span.contains(day)) {
            return true;
        }
        let number = i64::from(day.day());
        self.is_in_scope(enterprise)
            && self.terms.r22.days.iter().any(|row| {
                (row.first.0..=row.last.0).contains(&number)
                    && (row.scope == QuietScope::All || enterprise.is_named)
                    && (row.areas.is_empty()
                        || enterprise.areas.iter().any(|a| row.areas.iter().any(|r| r == a)))
                    && (row.industries.is_empty()
                        || row.industries.iter().any(|i| is_in_industry(enterprise.industry, &i.0)))
            })
    }

    /// The quiet days of an enterprise within some days; none where R22 does not bind plans.
    pub fn quiet_spans(&self, enterprise: &EnterpriseCase, within: Span) -> Vec<Span> {
        if !self.binds(RuleId::R22) {
            return Vec::new();
        }
        spans(within, |day| self.is_quiet(enterprise, day))
    }

    /// What a list leaves of inspections of items of a class (R23): the row that names the class, else
    /// the one that names none; without a row, everything.
    pub fn list_allows(&self, list: List, class: Option<&str>) -> ListAllows {
        let rows = self.terms.r23.lists.iter().filter(|row| row.list == list);
        let speaking =
            rows.filter(|row| row.item_class.as_deref().is_none_or(|named| Some(named) == class));
        let row = speaking.max_by_key(|row| (row.item_class.is_some(), row.allows));
        row.map_or(ListAllows::Everything, |row| row.allows)
    }

    /// The days within some on which lists leave a department no on-site inspection of items of a class
    /// at an enterprise (R23), unless it is exempt; none where R23 does not bind plans.
    pub fn list_spans(
        &self,
        enterprise: &EnterpriseCase,
        department: &str,
        class: Option<&str>,
        within: Span,
    ) -> Vec<Span> {
        if !self.binds(RuleId::R23) {
            return Vec::new();
        }
        let kept = enterprise.listings.iter();
        let kept = kept.filter(|l| self.list_allows(l.list, class) != ListAllows::Everything);
        let kept: Vec<_> = kept.collect();
        spans(within, |day| kept.iter().any(|listing| listing.holds(department, day)))
    }

    /// The officers that a request is planned with (R03): those it asks for, at least as many as a
    /// department and a visit need, for it may come to be held alone.
    pub fn crew(&self, inspectors: i64) -> i64 {
        if !self.is_on(RuleId::R03) {
            return inspectors;
        }
        inspectors.max(self.terms.r03.min_per_department).max(self.terms.r03.min_per_visit)
    }

    /// How large a joint visit may get (R26), beside its scenario's own limits.
    pub fn joint_limits(&self) -> JointLimits {
        if !self.binds(RuleId::R26) {
            return JointLimits::default();
        }
        let size = &self.terms.r26;
        JointLimits { max_departments: size.max_departments, max_officers: size.max_officers }
    }

    /// Longest visit in minutes (R27); `None` where nothing binds.
    pub fn visit_minutes_max(&self) -> Option<i64> {
        self.binds(RuleId::R27).then_some(self.terms.r27.max_minutes.0)
    }

    /// The first day on which an enterprise that is notified today may be visited for an item (R24): after
    /// the item's days of notice, or the place's where the item names none. Unannounced items and exempt
    /// kinds need none.
    pub fn notice_earliest(&self, today: NaiveDate, item: &ItemCase, kind: Kind) -> NaiveDate {
        let notice = &self.terms.r24;
        let is_spared = !self.is_on(RuleId::R24)
            || item.method == Method::Unannounced
            || notice.exempt_kinds.contains(&kind);
        let days = if item.notice_days > 0 { item.notice_days } else { notice.days };
        today + Days::new(if is_spared { 0 } else { days.max(0) as u64 })
    }

    /// Whether checks last about as long (R11), so that they should be merged.
    pub fn is_alike(&self, minutes: i64, other: i64) -> bool {
        let apart = self.terms.r11.minutes_apart.filter(|_| self.is_on(RuleId::R11));
        apart.is_none_or(|most| (minutes - other).abs() <= most)
    }

    /// Which requests of one department at one enterprise have to share a visit (R08): groups for a
    /// problem's `together`, as places in `requests`, none of fewer than two. Empty where R08 does not
    /// bind plans.
    ///
    /// Since a group is held as a whole or not at all, only requests that can be are put together: they
    /// share an allowed day, their minutes together are at most `minutes_max`, none is solo, they last
    /// about as long (R11), and they have a scenario in common, or all have none. Requests are taken in
    /// order of their windows' ends, each into the first group that can take it.
    pub fn merge_groups(&self, requests: &[Mergeable], minutes_max: i64) -> Vec<Vec<usize>> {
        if !self.binds(RuleId::R08) {
            return Vec::new();
        }
        struct Group<'m> {
            places: Vec<usize>,
            days: BTreeSet<NaiveDate>,
            minutes: i64,
            scenarios: BTreeSet<&'m str>,
        }
        let mut order: Vec<usize> = (0..requests.len()).collect();
        order.retain(|place| {
            let request = &requests[*place];
            !request.is_solo && (self.terms.r08.binds_exempt || !request.is_exempt)
        });
        order.sort_by_key(|place| (requests[*place].window.last, requests[*place].id));
        let mut groups: Vec<Group> = Vec::new();
        for place in order {
            let request = &requests[place];
            let window = request.window;
            let days = window.first.iter_days().take_while(|day| *day <= window.last);
            let days: BTreeSet<NaiveDate> = days.filter(|day| (request.allowed)(*day)).collect();
            let scenarios: BTreeSet<&str> = request.scenarios.iter().map(String::as_str).collect();
            let takes = |group: &&mut Group| {
                let has_common = !group.scenarios.is_disjoint(&scenarios)
                    || (group.scenarios.is_empty() && scenarios.is_empty());
                let is_alike =
                    |other: &usize| self.is_alike(requests[*other].minutes, request.minutes);
                has_common
                    && !group.days.is_disjoint(&days)
                    && group.minutes + request.minutes <= minutes_max
                    && group.places.iter().all(is_alike)
            };
            match groups.iter_mut().find(takes) {
                Some(group) => {
                    group.places.push(place);
                    group.days.retain(|day| days.contains(day));
                    group.scenarios.retain(|scenario| scenarios.contains(scenario));
                    group.minutes += request.minutes;
                }
                None => groups.push(Group {
                    places: vec![place],
                    days,
                    minutes: request.minutes,
                    scenarios,
                }),
            }
        }
        groups.into_iter().map(|group| group.places).filter(|places| places.len() > 1).collect()
    }

    /// Most enterprises that a plan may draw from a register of `n` (R15), rounded down; `None` where
    /// nothing binds.
    pub fn draw_at_most(&self, n: i64) -> Option<i64> {
        self.binds(RuleId::R15).then(|| n * self.terms.r15.most_percent.0 / 100)
    }

    /// From how many visits on there is an alarm (R21), and whether visits with a cause count for the
    /// day, the week and the month; `None` where R21 is off.
    pub fn alarm_limits(&self) -> Option<(Limits, bool)> {
        let alarms = &self.terms.r21;
        let limits = Limits {
            day: alarms.day as usize,
            week: alarms.week as usize,
            month: alarms.month as usize,
            repeat_days: alarms.repeat_days,
            repeats_in_area: alarms.repeats_in_area as usize,
        };
        self.is_on(RuleId::R21).then_some((limits, alarms.counts_exempt))
    }
}
