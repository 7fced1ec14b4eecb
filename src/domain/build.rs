//! How a draft becomes a problem: every defect of its meaning is found, and what has none is indexed.

use super::fixed_visits;
use super::ids::Ids;
use super::message::Message;
use super::problem::*;
use crate::message;
use rayon::prelude::*;
use std::collections::HashMap;

/// Why a draft is no problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsound {
    /// Every defect, those of fixed visits last.
    pub defects: Vec<Defect>,
    /// Those of them that are a fixed visit's, in the same order.
    pub unfit: Vec<Unfit>,
}

/// A fixed visit that refers to nothing, or that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfit {
    /// Its place in the draft's list.
    pub fixed: usize,
    /// What is wrong with it: the defect's message.
    pub message: Message,
}

impl Unsound {
    /// Of defects, and of those of fixed visits by the visits' places; an error where there are any.
    fn refuse(mut defects: Vec<Defect>, of_fixed: Vec<(usize, Defect)>) -> Result<(), Self> {
        if defects.is_empty() && of_fixed.is_empty() {
            return Ok(());
        }
        let unfit = |(fixed, defect): &(usize, Defect)| Unfit {
            fixed: *fixed,
            message: defect.message.clone(),
        };
        let unfit = of_fixed.iter().map(unfit).collect();
        defects.extend(of_fixed.into_iter().map(|(_, defect)| defect));
        Err(Self { defects, unfit })
    }
}

impl Problem {
    /// Checks a draft; on failure returns **all** its defects.
    ///
    /// Fixed visits are held against the rules, and the costs added up, only when everything else
    /// is sound.
    pub fn build(draft: Draft) -> Result<Problem, Unsound> {
        let mut defects = Vec::new();
        let pools = index(&draft.pools, "pools", |p| &p.id, &mut defects);
        let scenarios = index(&draft.scenarios, "scenarios", |s| &s.id, &mut defects);
        let mut of_requests = Vec::new();
        let (enterprises, requests) = rayon::join(
            || index(&draft.enterprises, "enterprises", |e| &e.id, &mut defects),
            || index(&draft.requests, "requests", |r| &r.id, &mut of_requests),
        );
        defects.append(&mut of_requests);
        index(&draft.targets, "targets", |t| &t.id, &mut defects);
        let mut problem = Problem {
            draft,
            pools,
            scenarios,
            enterprises,
            requests,
            enterprise_of: Vec::new(),
            requests_at: Vec::new(),
            requests_at_end: Vec::new(),
            group_sizes: Vec::new(),
        };
        problem.inspect(&mut defects);
        Unsound::refuse(std::mem::take(&mut defects), problem.unknown_to_fixed())?;
        let mut groups: HashMap<(&str, &str), usize> = HashMap::new();
        for request in &problem.draft.requests {
            if let Some(group) = &request.together {
                *groups.entry((&request.enterprise, group)).or_default() += 1;
            }
        }
        let size = |r: &Request| {
            r.together.as_ref().map_or(1, |group| groups[&(r.enterprise.as_str(), group.as_str())])
        };
        problem.group_sizes = problem.draft.requests.iter().map(size).collect();
        let enterprise = |request: &Request| problem.enterprise(&request.enterprise);
        let enterprises: Option<Vec<usize>> =
            problem.draft.requests.par_iter().map(enterprise).collect();
        problem.enterprise_of = enterprises.expect("every request names an enterprise");
        problem.requests_at = (0..problem.draft.requests.len()).collect();
        problem.requests_at.sort_by_key(|request| problem.enterprise_of[*request]);
        let mut end = vec![0; problem.draft.enterprises.len()];
        problem.enterprise_of.iter().for_each(|enterprise| end[*enterprise] += 1);
        for enterprise in 1..end.len() {
            end[enterprise] += end[enterprise - 1];
        }
        problem.requests_at_end = end;
        problem.inspect_total(&mut defects);
        problem.inspect_crowds(&mut defects);
        Unsound::refuse(defects, fixed_visits::inspect(&problem))?;
        Ok(problem)
    }

    fn inspect(&self, defects: &mut Vec<Defect>) {
        let d = &self.draft;
        if d.end < d.start {
            let message = message!("horizon-reversed", first = d.start, last = d.end);
            defects.push(Defect::at("/end", message));
        } else if (d.end - d.start).num_days() >= DAYS_MAX {
            let days = (d.end - d.start).num_days() + 1;
            let message = message!("horizon-too-long", days = days, limit = DAYS_MAX);
            defects.push(Defect::at("/end", message));
        }
        at_most(d.attendance_cost, COST_MAX, || "/attendance_cost".into(), defects);
        not_negative(d.max_visit_minutes, || "/max_visit_minutes".into(), defects);
        for (i, pool) in d.pools.iter().enumerate() {
            inspect_pool(i, pool, defects);
        }
        for (i, s) in d.scenarios.iter().enumerate() {
            for (value, field) in [
                (s.max_departments, "max_departments"),
                (s.max_inspectors, "max_inspectors"),
                (s.max_minutes, "max_minutes"),
            ] {
                not_negative(value, || format!("/scenarios/{i}/{field}"), defects);
            }
        }
        gather(&d.enterprises, defects, |i, e, defects| self.inspect_enterprise(i, e, defects));
        // the department of each group's first request
        let mut groups: HashMap<(&str, &str), &str> = HashMap::new();
        for request in &d.requests {
            if let Some(group) = &request.together {
                groups.entry((&request.enterprise, group)).or_insert(&request.department);
            }
        }
        gather(&d.requests, defects, |i, request, defects| {
            self.inspect_request(i, request, defects);
            if let Some(group) = &request.together {
                let department = groups[&(request.enterprise.as_str(), group.as_str())];
                if department != request.department {
                    let message = message!(
                        "group-across-departments",
                        group = group,
                        department = department
                    );
                    defects.push(Defect::at(format!("/requests/{i}/together"), message));
                }
            }
        });
        for (i, target) in d.targets.iter().enumerate() {
            self.inspect_target(i, target, defects);
        }
    }

    fn inspect_enterprise(&self, i: usize, e: &ProblemEnterprise, defects: &mut Vec<Defect>) {
        at_most(e.visit_cost, COST_MAX, || format!("/enterprises/{i}/visit_cost"), defects);
        not_negative(e.visit_cap, || format!("/enterprises/{i}/visit_cap"), defects);
        not_negative(e.min_gap_days, || format!("/enterprises/{i}/min_gap_days"), defects);
        for (spans, field) in [(&e.closed, "closed"), (&e.quiet, "quiet")] {
            for (k, span) in spans.iter().enumerate() {
                inspect_span(*span, || format!("/enterprises/{i}/{field}/{k}"), defects);
            }
        }
        for (department, cap) in &e.department_caps {
            let pointer =
                || format!("/enterprises/{i}/department_caps/{}", pointer_token(department));
            not_negative(*cap, pointer, defects);
        }
        for (k, cap) in e.caps.iter().enumerate() {
            inspect_span(cap.span, || format!("/enterprises/{i}/caps/{k}/to"), defects);
            let pointer = || format!("/enterprises/{i}/caps/{k}/at_most");
            not_negative(cap.at_most, pointer, defects);
            if let Some(scenario) = &cap.scenario {
                self.known_scenario(
                    scenario,
                    || format!("/enterprises/{i}/caps/{k}/scenario"),
                    defects,
                );
            }
        }
    }

    fn inspect_request(&self, i: usize, r: &Request, defects: &mut Vec<Defect>) {
        let at = |field: &str| format!("/requests/{i}/{field}");
        if self.enterprise(&r.enterprise).is_none() {
            let message = message!("unknown-enterprise_problem", id = &r.enterprise);
            defects.push(Defect::at(at("enterprise"), message));
        }
        if r.latest < r.earliest {
            let message =
                message!("window-reversed_problem", earliest = r.earliest, latest = r.latest);
            defects.push(Defect::at(at("latest"), message));
        }
        for (day, field) in [(r.earliest, "earliest"), (r.latest, "latest")] {
            if !(self.draft.start..=self.draft.end).contains(&day) {
                let Draft { start, end, .. } = self.draft;
                let message =
                    message!("window-outside-horizon", day = day, first = start, last = end);
                defects.push(Defect::at(at(field), message));
            }
        }
        at_least_one(r.minutes, || at("minutes"), defects);
        at_most(r.penalty, COST_MAX, || at("penalty"), defects);
        if r.uses.is_empty() {
            defects.push(Defect::at(at("uses"), message!("no-uses")));
        }
        for (k, u) in r.uses.iter().enumerate() {
            if self.pool(&u.pool).is_none() {
                let message = message!("unknown-pool_problem", id = &u.pool);
                defects.push(Defect::at(at(&format!("uses/{k}/pool")), message));
            }
            if r.uses[..k].iter().any(|other| other.pool == u.pool) {
                let message = message!("pool-twice", pool = &u.pool);
                defects.push(Defect::at(at(&format!("uses/{k}/pool")), message));
            }
            at_least_one(u.inspectors, || at(&format!("uses/{k}/inspectors")), defects);
            let minutes = u.inspectors.saturating_mul(r.minutes);
            let pointer = || at(&format!("uses/{k}/inspectors"));
            at_most(minutes, REQUEST_MINUTES_MAX, pointer, defects);
        }
        for (k, scenario) in r.scenarios.iter().enumerate() {
            self.known_scenario(scenario, || at(&format!("scenarios/{k}")), defects);
        }
        if let Some(due) = r.due {
            at_most(due.late_cost, COST_MAX, || at("late_cost"), defects);
        }
        if let Some(keep) = r.keep {
            at_most(keep.cost, COST_MAX, || at("keep/cost"), defects);
        }
    }

    fn inspect_target(&self, i: usize, t: &Target, defects: &mut Vec<Defect>) {
        let at = |field: &str| format!("/targets/{i}/{field}");
        if let Some(scenario) = &t.scenario {
            self.known_scenario(scenario, || at("scenario"), defects);
        }
        if !(Share(0)..=Share::ONE).contains(&t.at_least) {
            let share = t.at_least.0 as f64 / Share::ONE.0 as f64;
            let message = message!("share-out-of-range", share = share.to_string());
            defects.push(Defect::at(at("at_least"), message));
        }
        at_most(t.shortfall_cost, COST_MAX, || at("shortfall_cost"), defects);
        at_most(t.already.of, MINUTES_MAX, || at("already/of"), defects);
        at_most(t.already.reached, MINUTES_MAX, || at("already/reached"), defects);
    }

    /// What fixed visits name and nothing has, by the visits' places.
    fn unknown_to_fixed(&self) -> Vec<(usize, Defect)> {
        let mut found = Vec::new();
        for (i, f) in self.draft.fixed.iter().enumerate() {
            if self.enterprise(&f.enterprise).is_none() {
                let message = message!("unknown-enterprise_problem", id = &f.enterprise);
                found.push((i, Defect::at(format!("/fixed/{i}/enterprise"), message)));
            }
            for (k, id) in f.requests.iter().enumerate() {
                if self.request(id).is_none() {
                    let message = message!("unknown-request_problem", id = id);
                    found.push((i, Defect::at(format!("/fixed/{i}/requests/{k}"), message)));
                }
            }
        }
        found
    }

    /// The costs must add up without overflow, whatever the plan.
    fn inspect_total(&self, defects: &mut Vec<Defect>) {
        let d = &self.draft;
        let mut total = 0i128;
        for (r, request) in d.requests.iter().enumerate() {
            let visit = d.enterprises[self.enterprise_of[r]].visit_cost + d.attendance_cost;
            let moved = request.keep.map_or(0, |keep| keep.cost);
            for cost in [request.penalty, visit, moved, request.late_cost_on(request.latest)] {
                total += i128::from(cost);
            }
        }
        let days = (d.end - d.start).num_days() + 1;
        for pool in &d.pools {
            let overtime = i128::from(pool.overtime_minutes) * i128::from(pool.overtime_cost);
            total += overtime * i128::from(days);
        }
        for (t, target) in d.targets.iter().enumerate() {
            let need = self.needed(t, &self.scope(t));
            total += i128::from(need) * i128::from(target.shortfall_cost);
        }
        if total > i128::from(TOTAL_COST_MAX) {
            let total = total.to_string();
            let message = message!("total-too-large", total = total, limit = TOTAL_COST_MAX);
            defects.push(Defect::at("", message));
        }
    }

    fn inspect_crowds(&self, defects: &mut Vec<Defect>) {
        for (e, enterprise) in self.draft.enterprises.iter().enumerate() {
            let n = self.requests_at(e).len();
            if n > REQUESTS_AT_ONE_MAX {
                let message = message!(
                    "too-many-requests_at-enterprise",
                    enterprise = &enterprise.id,
                    requests = n,
                    limit = REQUESTS_AT_ONE_MAX,
                );
                defects.push(Defect::at(format!("/enterprises/{e}"), message));
            }
            let n = self.capped_departments(e).len();
            if n > CAPPED_DEPARTMENTS_MAX {
                let message = message!(
                    "too-many-capped-departments",
                    enterprise = &enterprise.id,
                    departments = n,
                    limit = CAPPED_DEPARTMENTS_MAX,
                );
                defects.push(Defect::at(format!("/enterprises/{e}"), message));
            }
        }
    }

    fn known_scenario(&self, id: &str, pointer: impl Fn() -> String, defects: &mut Vec<Defect>) {
        if self.scenario(id).is_none() {
            let message = message!("unknown-scenario_problem", id = id);
            defects.push(Defect::at(pointer(), message));
        }
    }
}

fn inspect_pool(i: usize, pool: &Pool, defects: &mut Vec<Defect>) {
    for (value, field, limit) in [
        (pool.minutes, "minutes", MINUTES_MAX),
        (pool.attendance_minutes, "attendance_minutes", REQUEST_MINUTES_MAX),
        (pool.overtime_minutes, "overtime_minutes", MINUTES_MAX),
        (pool.overtime_cost, "overtime_cost", COST_MAX),
    ] {
        at_most(value, limit, || format!("/pools/{i}/{field}"), defects);
    }
    for (day, minutes) in &pool.exceptions {
        at_most(*minutes, MINUTES_MAX, || format!("/pools/{i}/exceptions/{day}"), defects);
    }
}

/// Inspects the elements of a long list side by side; the defects gather in the list's order.
fn gather<T: Sync>(
    list: &[T],
    defects: &mut Vec<Defect>,
    inspect: impl Fn(usize, &T, &mut Vec<Defect>) + Sync,
) {
    let of_one = |(i, item): (usize, &T)| {
        let mut found = Vec::new();
        inspect(i, item, &mut found);
        found
    };
    defects.par_extend(list.par_iter().enumerate().flat_map_iter(of_one));
}

fn index<T: Sync>(
    list: &[T],
    field: &str,
    id: impl Fn(&T) -> &String + Sync,
    defects: &mut Vec<Defect>,
) -> Ids {
    let (ids, twice) = Ids::of(list.len(), |place| id(&list[place]).as_str());
    for (i, first) in twice {
        let first = format!("/{field}/{first}");
        let message = message!("duplicate-id_problem", id = id(&list[i]), first = first);
        defects.push(Defect::at(format!("/{field}/{i}/id"), message));
    }
    ids
}

fn at_most(value: i64, limit: i64, pointer: impl Fn() -> String, defects: &mut Vec<Defect>) {
    if value < 0 {
        defects.push(Defect::at(pointer(), message!("negative_problem", value = value)));
    } else if value > limit {
        let message = message!("too-large_problem", value = value, limit = limit);
        defects.push(Defect::at(pointer(), message));
    }
}

fn not_negative(value: i64, pointer: impl Fn() -> String, defects: &mut Vec<Defect>) {
    at_most(value, i64::MAX, pointer, defects);
}

fn at_least_one(value: i64, pointer: impl Fn() -> String, defects: &mut Vec<Defect>) {
    if value < 1 {
        defects.push(Defect::at(pointer(), message!("zero", value = value)));
    }
}

fn inspect_span(span: Span, pointer: impl Fn() -> String, defects: &mut Vec<Defect>) {
    if span.last < span.first {
        let message = message!("span-reversed_problem", first = span.first, last = span.last);
        defects.push(Defect::at(pointer(), message));
    }
}
