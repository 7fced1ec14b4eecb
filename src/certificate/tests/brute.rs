//! Enumeration by the domain's own rules and costs, with none of the methods under test.

use crate::domain::certificate::{CellPrice, Leaf};
use crate::domain::loads::pool_loads;
use crate::domain::plan::{Plan, Visit};
use crate::domain::problem::{Problem, Request, Scenario, TargetMeasure};
use crate::domain::{check, cost};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

use super::super::site::{Party, Site};
use super::make::SCALE;

/// The visits of one enterprise.
pub type Way = Vec<Visit>;

/// The problem as if there were no other enterprise.
fn alone(problem: &Problem, e: usize) -> Problem {
    let mut draft = problem.facts().clone();
    let kept = draft.enterprises[e].clone();
    draft.requests.retain(|r| r.enterprise == kept.id);
    draft.fixed.retain(|f| f.enterprise == kept.id);
    draft.targets.clear();
    draft.enterprises = vec![kept];
    Problem::build(draft).expect("a part of a valid problem is one")
}

/// Every lawful set of visits of an enterprise, each visit fitting by itself into the pools.
pub fn ways(problem: &Problem, e: usize) -> Vec<Way> {
    let alone = alone(problem, e);
    let requests = &alone.facts().requests;
    let mut found = Vec::new();
    assign(&alone, requests, BTreeMap::new(), &mut found);
    found
}

fn assign(
    problem: &Problem,
    requests: &[Request],
    days: BTreeMap<NaiveDate, Vec<String>>,
    found: &mut Vec<Way>,
) {
    let Some((request, others)) = requests.split_first() else {
        let mut choices: Vec<Way> = vec![Vec::new()];
        for (date, requests) in days {
            let enterprise = problem.facts().enterprises[0].id.clone();
            let departments: BTreeSet<&str> = requests
                .iter()
                .filter_map(|id| problem.request(id))
                .map(|r| problem.facts().requests[r].department.as_str())
                .collect();
            let named = problem.facts().scenarios.iter().map(|s| Some(s.id.clone()));
            let scenarios: Vec<_> =
                if departments.len() > 1 { named.collect() } else { vec![None] };
            let visit = |scenario: &Option<String>| Visit {
                enterprise: enterprise.clone(),
                date,
                requests: requests.clone(),
                scenario: scenario.clone(),
            };
            choices = choices
                .iter()
                .flat_map(|way| {
                    let longer =
                        |scenario| way.iter().cloned().chain([visit(scenario)]).collect::<Way>();
                    scenarios.iter().map(longer).collect::<Vec<_>>()
                })
                .collect();
        }
        for visits in choices {
            let plan = Plan { problem: String::new(), visits };
            if check(problem, &plan).is_empty() {
                found.push(plan.visits);
            }
        }
        return;
    };
    assign(problem, others, days.clone(), found);
    for date in request.earliest.iter_days().take_while(|day| *day <= request.latest) {
        let mut days = days.clone();
        days.entry(date).or_default().push(request.id.clone());
        assign(problem, others, days, found);
    }
}

/// Whether the visits fit the decisions that concern them; those on other enterprises' requests
/// count as left out.
pub fn fits(leaf: &Leaf, visits: &[Visit]) -> bool {
    leaf.decisions.iter().all(|decision| {
        let day = visits.iter().find(|v| v.requests.contains(&decision.request)).map(|v| v.date);
        day.is_some_and(|day| day <= decision.until) == decision.held
    })
}

/// φ of a cell at a draw.
fn charge(leaf: &Leaf, pool: &str, date: NaiveDate, minutes: i64) -> i128 {
    let is_it = |cell: &&CellPrice| cell.pool == pool && cell.date == date;
    let Some(cell) = leaf.cells.iter().find(is_it) else { return 0 };
    let steps = cell.steps.iter().filter(|step| step.from <= minutes).map(|step| step.charge);
    i128::from(cell.minute * minutes + steps.sum::<i64>())
}

/// What the targets give for the visits of one enterprise.
fn worth(problem: &Problem, leaf: &Leaf, way: &Way) -> i128 {
    let facts = problem.facts();
    let mut total = 0;
    for (t, target) in facts.targets.iter().enumerate() {
        let scope = problem.scope(t);
        let price = leaf.targets.iter().find(|p| p.target == target.id).map_or(0, |p| p.price);
        if problem.needed(t, &scope) == 0 {
            continue;
        }
        let mut gain = 0;
        for visit in way {
            let here: Vec<usize> =
                visit.requests.iter().filter_map(|id| problem.request(id)).collect();
            let departments: BTreeSet<&str> =
                here.iter().map(|r| facts.requests[*r].department.as_str()).collect();
            let n = here.iter().filter(|r| scope.contains(r)).count() as i128;
            gain +=
                if target.measure == TargetMeasure::Joint && departments.len() < 2 { 0 } else { n };
        }
        if target.measure == TargetMeasure::Visited {
            gain = gain.min(1);
        }
        total += gain * i128::from(price);
    }
    total
}

/// v_e: the least over the ways that fit the leaf.
pub fn least(problem: &Problem, leaf: &Leaf, e: usize, ways: &[Way]) -> Option<i128> {
    let alone = alone(problem, e);
    let facts = alone.facts();
    let mut leaf = leaf.clone();
    leaf.decisions.retain(|decision| alone.request(&decision.request).is_some());
    let value = |way: &Way| {
        let plan = Plan { problem: String::new(), visits: way.clone() };
        let parts = cost(&alone, &plan);
        let own = parts.visits + parts.attendance + parts.unscheduled + parts.late + parts.keep;
        let rows: Vec<(NaiveDate, Vec<&Request>)> = way
            .iter()
            .map(|visit| {
                let requests = visit.requests.iter().filter_map(|id| alone.request(id));
                (visit.date, requests.map(|r| &facts.requests[r]).collect())
            })
            .collect();
        let loads = pool_loads(&alone, rows.iter().map(|(day, requests)| (*day, &requests[..])));
        let charges = loads
            .into_iter()
            .map(|((pool, date), minutes)| charge(&leaf, &facts.pools[pool].id, date, minutes));
        i128::from(own * SCALE) + charges.sum::<i128>() - worth(problem, &leaf, way)
    };
    ways.iter().filter(|way| fits(&leaf, way)).map(value).min()
}

/// Attendance plus each sum of a nonempty choice.
pub fn draws(units: &[i64], attendance: i64) -> Vec<i64> {
    (1u32..1 << units.len())
        .map(|set| {
            let chosen = units.iter().enumerate().filter(|(i, _)| set >> i & 1 == 1);
            attendance + chosen.map(|(_, draw)| draw).sum::<i64>()
        })
        .collect()
}

/// The most of Σ φ less overtime over all choices of at most one draw each.
pub fn most(
    options: &[Vec<i64>],
    phi: &dyn Fn(i64) -> i128,
    regular: i64,
    room: i64,
    overtime_cost: i128,
) -> i128 {
    let mut sums: BTreeMap<i64, i128> = BTreeMap::from([(0, 0)]);
    for one in options {
        let old = sums.clone();
        for (sum, worth) in &old {
            for draw in one {
                let entry = sums.entry(sum + draw).or_insert(i128::MIN);
                *entry = (*entry).max(worth + phi(*draw));
            }
        }
    }
    let within = sums.iter().filter(|(sum, _)| **sum <= room);
    within
        .map(|(sum, worth)| worth - overtime_cost * i128::from((sum - regular).max(0)))
        .max()
        .unwrap_or(0)
}

/// The scaled bound of a leaf, term by term; `None` when it holds no plan.
pub fn bound(problem: &Problem, leaf: &Leaf, of_each: &[Vec<Way>]) -> Option<i128> {
    let facts = problem.facts();
    let mut total = 0;
    for (e, ways) in of_each.iter().enumerate() {
        total += least(problem, leaf, e, ways)?;
    }
    for (t, target) in facts.targets.iter().enumerate() {
        let need = problem.needed(t, &problem.scope(t));
        let price = leaf.targets.iter().find(|p| p.target == target.id).map_or(0, |p| p.price);
        total += i128::from(need * price);
    }
    for pool in &facts.pools {
        for date in facts.start.iter_days().take_while(|day| *day <= facts.end) {
            let (regular, overtime) = pool.minutes_on(date);
            let options: Vec<Vec<i64>> = (0..facts.enterprises.len())
                .map(|e| {
                    draws(&open_draws(problem, leaf, e, &pool.id, date), pool.attendance_minutes)
                })
                .collect();
            let phi = |minutes: i64| charge(leaf, &pool.id, date, minutes);
            let overtime_cost = i128::from(pool.overtime_cost * SCALE);
            total -= most(&options, &phi, regular, regular + overtime, overtime_cost);
        }
    }
    Some(total)
}

/// What each unit of an enterprise that is open on the day draws from the pool; the day must leave
/// it lawful as a visit of its own.
fn open_draws(problem: &Problem, leaf: &Leaf, e: usize, pool: &str, date: NaiveDate) -> Vec<i64> {
    let facts = problem.facts();
    let site = &facts.enterprises[e];
    let mut units: BTreeMap<String, (i64, bool)> = BTreeMap::new();
    for r in problem.requests_at(e) {
        let request = &facts.requests[*r];
        let key =
            request.together.as_ref().map_or(format!("r {}", request.id), |g| format!("g {g}"));
        let draw = request.uses.iter().filter(|u| u.pool == pool).map(|u| u.inspectors);
        let fits = |d: &crate::domain::certificate::Decision| {
            d.request != request.id || (date <= d.until) == d.held
        };
        let is_open = problem.is_open(date)
            && !site.is_closed(date)
            && (!site.is_quiet(date) || request.is_quiet_exempt())
            && (request.earliest..=request.latest).contains(&date)
            && leaf.decisions.iter().all(fits);
        let members = problem.requests_at(e).iter().map(|r| &facts.requests[*r]);
        let members = members.filter(|other| {
            other.id == request.id
                || request.together.is_some() && other.together == request.together
        });
        let unit = units.entry(key).or_insert((0, true));
        unit.0 += draw.sum::<i64>() * request.minutes;
        unit.1 &= is_open && is_lawful_alone(problem, e, &members.collect::<Vec<_>>(), date);
    }
    units.into_values().filter(|(draw, open)| *draw > 0 && *open).map(|(draw, _)| draw).collect()
}

/// Whether some visit with these requests may be held that day as far as fixed days, pools, gaps to
/// the last visit and caps of nothing say.
fn is_lawful_alone(problem: &Problem, e: usize, members: &[&Request], date: NaiveDate) -> bool {
    let facts = problem.facts();
    let site = &facts.enterprises[e];
    let counts = members.iter().any(|r| !r.exempt);
    let elsewhere = facts
        .fixed
        .iter()
        .any(|fixed| fixed.date != date && members.iter().any(|r| fixed.requests.contains(&r.id)));
    let is_torn = members.len() > 1 && members.iter().any(|r| r.solo);
    let fits = facts.pools.iter().all(|pool| {
        let uses = |r: &&Request| {
            let of = r.uses.iter().filter(|u| u.pool == pool.id).map(|u| u.inspectors);
            of.sum::<i64>() * r.minutes
        };
        let drawn: i64 = members.iter().map(uses).sum();
        let (regular, overtime) = pool.minutes_on(date);
        drawn == 0 || drawn + pool.attendance_minutes <= regular + overtime
    });
    let is_late =
        site.last_counted.is_none_or(|last| (date - last).num_days() >= site.min_gap_days);
    let department = &members[0].department;
    let is_free = site.visit_cap > 0
        && site.department_caps.get(department) != Some(&0)
        && site.caps.iter().all(|cap| {
            cap.at_most > 0
                || cap.scenario.is_some()
                || cap.department.as_ref().is_some_and(|named| named != department)
                || !cap.span.contains(date)
        });
    !elsewhere && !is_torn && fits && (!counts || is_late && is_free)
}

/// L_e(u), each day's best saving by trying every set of units.
pub fn of_credits(site: &Site, leaf: &Leaf) -> i128 {
    let (terrain, facts) = (site.terrain, site.terrain.facts());
    let (problem, parties) = (terrain.problem, &site.parties);
    let given = |r: &usize| {
        let units = leaf.credits.iter().flat_map(|credits| &credits.requests);
        units
            .filter(|u| u.request == facts.requests[*r].id)
            .map(|u| i128::from(u.credit))
            .sum::<i128>()
    };
    let credit = |party: &Party| {
        let sum: i128 = party.requests.iter().map(given).sum::<i128>();
        if party.must { sum } else { sum.min(party.penalty) }
    };
    let price = |t: usize| {
        let needed = problem.needed(t, &problem.scope(t)) > 0;
        let found = leaf.targets.iter().find(|p| p.target == facts.targets[t].id && needed);
        found.map_or(0, |p| i128::from(p.price))
    };
    let (mut gains, mut joint_gains) =
        (vec![0; facts.requests.len()], vec![0; facts.requests.len()]);
    let mut visited = 0;
    for (t, target) in facts.targets.iter().enumerate() {
        let scope = problem.scope(t);
        match target.measure {
            TargetMeasure::Visited => {
                let is_in = |party: &Party| party.requests.iter().any(|r| scope.contains(r));
                visited += if parties.iter().any(is_in) { price(t) } else { 0 };
            }
            TargetMeasure::Scheduled => scope.iter().for_each(|r| gains[*r] += price(t)),
            TargetMeasure::Joint => scope.iter().for_each(|r| joint_gains[*r] += price(t)),
        }
    }
    // what departments that come together with these units of theirs save, `None` when one of them
    // alone is too much for a pool; `may_come` is who else could come to such a visit
    let together = |units: &[&Party], day: usize, may_come: &[&Party], most: i64| {
        let is_joint = units.iter().any(|unit| unit.department != units[0].department);
        let mut saved = 0;
        for unit in units {
            let sum = |gains: &[i128]| unit.requests.iter().map(|r| gains[*r]).sum::<i128>();
            saved += credit(unit) - i128::from(site.day_cost(unit, day) * SCALE) + sum(&gains);
            saved += if is_joint { sum(&joint_gains) } else { 0 };
        }
        let departments: BTreeSet<usize> = units.iter().map(|unit| unit.department).collect();
        for department in departments {
            saved -= i128::from(facts.attendance_cost * SCALE);
            for (pool, known) in facts.pools.iter().enumerate() {
                let drawn = |unit: &&Party| unit.draws.iter().find(|d| d.0 == pool).map(|d| d.1);
                let mine = units.iter().filter(|unit| unit.department == department);
                let draw: i64 = mine.filter_map(drawn).sum();
                if draw == 0 {
                    continue;
                }
                let whole = draw + known.attendance_minutes;
                if whole > terrain.room(pool, day) {
                    return None;
                }
                let date = terrain.days[day];
                let is_it = |c: &&CellPrice| c.pool == known.id && c.date == date;
                let minute = leaf.cells.iter().find(is_it).map_or(0, |cell| cell.minute);
                let own = i128::from(minute * draw);
                let drawing = may_come.iter().filter(|unit| drawn(unit).is_some());
                let sharers: BTreeSet<usize> = drawing.map(|unit| unit.department).collect();
                let sharers = (sharers.len() as i128).min(i128::from(most));
                saved -= own + (charge(leaf, &known.id, date, whole) - own) / sharers;
            }
        }
        Some(saved)
    };
    // what a set of units saves at best, `None` when no shape of visit takes it
    let worth = |set: u32, day: usize| {
        let units: Vec<&Party> =
            (0..parties.len()).filter(|i| set >> i & 1 == 1).map(|i| &parties[i]).collect();
        if !units.iter().all(|u| u.open.contains(day)) {
            return None;
        }
        let mut minutes: BTreeMap<usize, i64> = BTreeMap::new();
        let mut crews: BTreeMap<usize, i64> = BTreeMap::new();
        for unit in &units {
            *minutes.entry(unit.department).or_default() += unit.minutes;
            let crew = crews.entry(unit.department).or_default();
            *crew = unit.crew.max(*crew);
        }
        let longest = minutes.values().copied().max().unwrap_or(0);
        if units.len() > 1 && units.iter().any(|u| u.is_solo) {
            return None;
        }
        if minutes.len() == 1 {
            let is_one = units.len() == 1 && units[0].requests.len() == 1;
            let fits = is_one || longest <= facts.max_visit_minutes;
            return fits.then(|| together(&units, day, &units, 1)).flatten();
        }
        let under = |s: &Scenario| {
            let lists = |u: &Party| {
                let listed = |r: &usize| facts.requests[*r].scenarios.contains(&s.id);
                u.requests.iter().all(listed)
            };
            let fits = minutes.len() as i64 <= s.max_departments
                && longest <= s.max_minutes
                && crews.values().sum::<i64>() <= s.max_inspectors
                && units.iter().all(|unit| lists(unit));
            let others = parties.iter().filter(|u| u.open.contains(day) && !u.is_solo && lists(u));
            let others: Vec<&Party> = others.collect();
            fits.then(|| together(&units, day, &others, s.max_departments)).flatten()
        };
        facts.scenarios.iter().filter_map(under).max()
    };
    let visit = i128::from(site.enterprise.visit_cost * SCALE);
    let adds = |day: usize, may_count: bool| {
        let comes = |set: &u32| {
            let units = (0..parties.len()).filter(|i| set >> i & 1 == 1);
            may_count || units.map(|i| &parties[i]).all(|unit| !unit.counts)
        };
        let sets = (1..1u32 << parties.len()).filter(comes);
        let best = sets.filter_map(|set| worth(set, day)).max();
        (visit - best.unwrap_or(0).max(0)).min(0)
    };
    let free: Vec<i128> = (0..terrain.days.len()).map(|day| adds(day, false)).collect();
    let all: Vec<i128> = (0..terrain.days.len()).map(|day| adds(day, true)).collect();
    let is_apart = |chosen: &u32| {
        let days: Vec<usize> = (0..free.len()).filter(|d| chosen >> d & 1 == 1).collect();
        let far = |pair: &[usize]| {
            let gap = (terrain.days[pair[1]] - terrain.days[pair[0]]).num_days();
            gap >= site.enterprise.min_gap_days
        };
        days.len() as i64 <= site.enterprise.visit_cap && days.windows(2).all(far)
    };
    let sum = |chosen: u32| -> i128 {
        let of = |d: usize| if chosen >> d & 1 == 1 { all[d] } else { free[d] };
        (0..free.len()).map(of).sum()
    };
    let days = (0..1u32 << free.len()).filter(is_apart).map(sum).min().expect("no day at all");
    let credits: i128 = parties.iter().map(credit).sum();
    site.lost + credits + days - visited
}
