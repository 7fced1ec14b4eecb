//! The parts of the optimiser held against each other and against plain enumeration.

use super::column::Column;
use super::column::Effort;
use super::incumbent::Incumbent;
use super::instance::{ALONE, EXACT_UNITS_MAX, EnterpriseModel, Instance, PoolUse, Unit};
use super::kernel::Kernel;
use super::large;
use super::large::contingent::{Contingent, Item, PoolDay};
use super::oracle::Oracle;
use super::prices::{Curves, Prices, whole};
use super::rules::Footprint;
use super::{Params, SCALE, optimise};
use crate::domain::Problem;
use crate::domain::problem::{
    Draft, Pool, ProblemEnterprise, Request, Scenario, Share, Target, Use,
};
use crate::domain::register::grade::Grade;
use chrono::{Days, NaiveDate};
use rand::RngExt;
use rand_pcg::Pcg64Mcg;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

/// One enterprise with `count` requests of random departments, windows and sizes, and a target of
/// each kind.
fn one_enterprise(random: &mut Pcg64Mcg, count: usize, days: u64) -> Problem {
    let start = NaiveDate::from_ymd_opt(2026, 3, 2).expect("a day");
    let end = start + Days::new(days - 1);
    let pool = |d: usize| Pool {
        id: format!("P{d}"),
        department: format!("D{d}"),
        minutes: 400,
        attendance_minutes: 20,
        exceptions: BTreeMap::new(),
        overtime_minutes: 100,
        overtime_cost: 1,
    };
    let scenario = |s: usize| Scenario {
        id: format!("S{s}"),
        max_departments: 2 + s as i64,
        max_inspectors: 7,
        max_minutes: 150,
    };
    let mut request = |r: usize| {
        let d = random.random_range(0..3);
        let first = random.random_range(0..days);
        let last = random.random_range(first..days);
        let mut uses = vec![Use { pool: format!("P{d}"), inspectors: random.random_range(1..=2) }];
        if random.random_range(0..5) == 0 {
            uses.push(Use { pool: format!("P{}", (d + 1) % 3), inspectors: 1 });
        }
        Request {
            id: format!("R{r}"),
            enterprise: "E".into(),
            department: format!("D{d}"),
            earliest: start + Days::new(first),
            latest: start + Days::new(last),
            minutes: random.random_range(1..=6) * 20,
            uses,
            scenarios: (0..2)
                .filter(|_| random.random_range(0..4) > 0)
                .map(|s| format!("S{s}"))
                .collect(),
            penalty: random.random_range(20..400),
            exempt: random.random_range(0..6) == 0,
            quiet_exempt: None,
            together: (random.random_range(0..6) == 0).then(|| format!("G{d}")),
            deferrable: false,
            solo: random.random_range(0..9) == 0,
            due: None,
            keep: None,
        }
    };
    let target = |id: &str, measure| Target {
        id: id.into(),
        measure,
        department: None,
        scenario: None,
        area: None,
        risk: None,
        at_least: Share::ONE,
        shortfall_cost: 25,
        already: Default::default(),
    };
    use crate::domain::problem::TargetMeasure::{Joint, Scheduled, Visited};
    let requests = (0..count).map(&mut request).collect();
    let draft = Draft {
        name: "one enterprise".into(),
        start,
        end,
        closed_days: Default::default(),
        attendance_cost: 10,
        max_visit_minutes: 200,
        pools: (0..3).map(pool).collect(),
        scenarios: (0..2).map(scenario).collect(),
        enterprises: vec![ProblemEnterprise {
            id: "E".into(),
            area: "a".into(),
            industry: "i".into(),
            risk: Grade::A,
            visit_cost: 100,
            visit_cap: random.random_range(1..=3),
            min_gap_days: random.random_range(1..=3),
            last_counted: None,
            closed: Vec::new(),
            quiet: Vec::new(),
            department_caps: BTreeMap::new(),
            caps: Vec::new(),
        }],
        requests,
        targets: vec![target("s", Scheduled), target("j", Joint), target("v", Visited)],
        fixed: Vec::new(),
    };
    Problem::build(draft).expect("sound")
}

fn random_prices(random: &mut Pcg64Mcg, instance: &Instance) -> Prices {
    let mut prices = Prices::zero(instance);
    for (cell, price) in prices.cell.iter_mut().enumerate() {
        // from nothing to far above what overtime costs
        price.minute = random.random_range(0..3) * random.random_range(0..3 * SCALE);
        if instance.cells.is_listed(cell) {
            for extra in &mut price.extra {
                *extra = random.random_range(0..2) * random.random_range(0..200 * SCALE);
            }
        }
    }
    for (pay, row) in prices.target.iter_mut().zip(&instance.targets) {
        *pay = random.random_range(0..=row.shortfall_cost * SCALE);
    }
    let is_listed = (0..instance.cells.len()).all(|cell| instance.cells.is_listed(cell));
    if is_listed && random.random_range(0..2) == 0 {
        prices.curves = random_curves(random, instance);
    }
    prices
}

/// Charges of draws that rise at random.
fn random_curves(random: &mut Pcg64Mcg, instance: &Instance) -> Curves {
    let every: Vec<usize> = (0..instance.cells.len()).collect();
    let mut curves = Curves::zero(instance, &every);
    for cell in 0..instance.cells.len() {
        let mut charge = 0;
        for place in curves.of_mut(cell) {
            *place = charge;
            charge += random.random_range(0..2) * random.random_range(0..20 * SCALE);
        }
    }
    curves
}

/// The values of all plans of the enterprise, by putting each unit on each of its days or nowhere.
fn values(instance: &Instance, model: &EnterpriseModel, prices: &Prices) -> Vec<i64> {
    fn place(
        instance: &Instance,
        model: &EnterpriseModel,
        prices: &Prices,
        days: &mut Vec<Option<u16>>,
        values: &mut Vec<i64>,
    ) {
        if days.len() < model.units.len() {
            let open: Vec<u16> = model.units[days.len()].days.iter().map(|d| d.day()).collect();
            for day in open.into_iter().map(Some).chain([None]) {
                days.push(day);
                place(instance, model, prices, days, values);
                days.pop();
            }
            return;
        }
        let mut by_day: BTreeMap<u16, Vec<u16>> = BTreeMap::new();
        for (u, day) in days.iter().enumerate() {
            if let Some(day) = day {
                by_day.entry(*day).or_default().push(u as u16);
            }
        }
        let mut choices = Vec::new();
        let mut footprints: Vec<Footprint> = Vec::new();
        for (day, units) in by_day {
            // caps name no scenario here, so the first that fits is as good as any
            let members = || units.iter().map(|u| &model.units[usize::from(*u)]);
            let fits = |s: &u32| {
                (*s == ALONE || members().all(|unit| unit.scenarios.contains(s)))
                    && instance.compose(model, members(), *s).is_some()
            };
            let Some(scenario) = [ALONE, 0, 1].into_iter().find(fits) else { return };
            let made = instance.compose(model, members(), scenario).expect("it fits");
            let footprint =
                Footprint { day, counts: made.counts, departments: made.departments, scenario };
            let has_room = made.uses.iter().all(|used| instance.fits_alone(*used, day));
            if !has_room || !model.rules.allow(&footprints, &footprint) {
                return;
            }
            footprints.push(footprint);
            choices.push(super::column::VisitChoice { day, scenario, units: units.into() });
        }
        values.push(Column::new(instance, model, choices).value(prices));
    }
    let mut values = Vec::new();
    place(instance, model, prices, &mut Vec::new(), &mut values);
    values
}

fn least_value(instance: &Instance, model: &EnterpriseModel, prices: &Prices) -> i64 {
    values(instance, model, prices).into_iter().min().expect("none at all is a plan")
}

#[test]
fn tiny_kernel_is_exact_at_any_prices() {
    let mut random = Pcg64Mcg::new(7);
    let mut kernel = Kernel::default();
    for _ in 0..150 {
        let problem = one_enterprise(&mut random, 5, 4);
        let instance = Instance::new(&problem);
        let Some(model) = instance.models.first() else { continue };
        for _ in 0..3 {
            let prices = random_prices(&mut random, &instance);
            let solved = kernel.solve(&instance, model, &prices, Effort::Bound);
            assert_eq!(solved.value, least_value(&instance, model, &prices));
            assert_eq!(solved.bound, solved.value);
            let column = Column::new(&instance, model, solved.choices);
            assert_eq!(column.value(&prices), solved.value, "charged as the column is valued");
        }
    }
}

#[cfg(feature = "highs")]
#[test]
fn tiny_lists_of_visits_hold_all_below_the_limit() {
    let mut random = Pcg64Mcg::new(11);
    let mut kernel = Kernel::default();
    let mut have_all = 0;
    for _ in 0..60 {
        let mut draft = one_enterprise(&mut random, 5, 4).facts().clone();
        // one scenario: the enumeration does not try which
        draft.scenarios.truncate(1);
        draft.requests.iter_mut().for_each(|request| request.scenarios.retain(|s| s == "S0"));
        let problem = Problem::build(draft).expect("sound");
        let instance = Instance::new(&problem);
        let Some(model) = instance.models.first() else { continue };
        let prices = random_prices(&mut random, &instance);
        let mut all = values(&instance, model, &prices);
        all.sort_unstable();
        let limit = all[random.random_range(0..all.len())] + random.random_range(0..2);
        all.retain(|value| *value < limit);
        let found = kernel.below(&instance, model, &prices, limit, 1_000).expect("not too many");
        let value = |choices| Column::new(&instance, model, choices).value(&prices);
        let mut found: Vec<i64> = found.into_iter().map(value).collect();
        found.sort_unstable();
        // of visits that may be joint the enumeration takes one, the kernel both
        found.dedup();
        let distinct: BTreeSet<i64> = all.iter().copied().collect();
        assert!(distinct.iter().all(|value| found.contains(value)), "{limit}: {found:?}, {all:?}");
        assert!(found.iter().all(|value| *value < limit));
        have_all += i32::from(!all.is_empty());
        if all.len() > 1 {
            assert!(kernel.below(&instance, model, &prices, limit, all.len() - 2).is_none());
        }
    }
    assert!(have_all > 30);
}

#[test]
fn tiny_bound_for_large_enterprises_is_below_the_exact_value_and_its_plan_above() {
    let mut random = Pcg64Mcg::new(8);
    let mut kernel = Kernel::default();
    let (mut bounds, mut plans, mut exacts) = (0, 0, 0);
    for round in 0..200 {
        let problem = one_enterprise(&mut random, 4 + round % 8, 6);
        let instance = Instance::new(&problem);
        let Some(model) = instance.models.first() else { continue };
        assert!(model.units.len() <= EXACT_UNITS_MAX);
        let prices = random_prices(&mut random, &instance);
        let exact = kernel.solve(&instance, model, &prices, Effort::Bound).value;
        let bound = large::solve(&instance, model, &prices, Effort::Bound);
        let plan = large::solve(&instance, model, &prices, Effort::Plan);
        let quick = large::solve(&instance, model, &prices, Effort::Quick);
        assert!(bound.bound <= exact, "bound {} above {exact}", bound.bound);
        for solved in [bound.value, plan.value, quick.value] {
            assert!(solved >= exact, "value {solved} below {exact}");
        }
        // value without pay, so that the sums compare
        bounds += bound.bound;
        plans += plan.value;
        exacts += exact;
    }
    assert!(plans - exacts <= exacts.abs() / 20, "plans {plans} against {exacts}");
    assert!(exacts - bounds <= exacts.abs() / 4, "bounds {bounds} against {exacts}");
}

#[test]
fn tiny_prices_are_credited_exactly_where_they_are_charged() {
    // at any prices, L is the value of the best columns less what the rows are credited, and no
    // incumbent that keeps the rows costs less
    let mut random = Pcg64Mcg::new(9);
    for seed in 0..60 {
        let problem = crate::samples::generate::generate(&crate::samples::generate::Options {
            enterprises: 8,
            working_days: 5,
            departments: 3,
            every_field: true,
            slack_percent: 70,
            seed,
            ..Default::default()
        });
        let instance = Instance::new(&problem);
        let prices = random_prices(&mut random, &instance);
        let response = prices.respond(&instance, &|_, _, _| {}, &|| false).expect("time");
        let mut incumbent = Incumbent::fixed_only(&instance);
        let mut kernel = Kernel::default();
        for (enterprise, model) in instance.models.iter().enumerate() {
            let least = response.values[enterprise];
            assert!(
                incumbent.column(enterprise).value(&prices) >= least,
                "no column beats its enterprise's least"
            );
            let old = incumbent.take(enterprise);
            let room = super::incumbent::Room {
                incumbent: &incumbent,
                prices: &prices,
                share: 0,
                without: None,
            };
            let column = kernel.column(&instance, model, &room, Effort::Plan);
            assert!(column.value(&prices) >= least);
            drop(old);
            incumbent.put(enterprise, column.into());
            assert!(
                whole(response.bound) <= incumbent.cost(),
                "seed {seed}: no plan beats the bound"
            );
        }
    }
}

#[test]
fn tiny_credits_are_the_best_use_of_a_cell() {
    use super::cells::{CellPrice, in_row};
    let mut random = Pcg64Mcg::new(21);
    for seed in 0..80 {
        let problem = crate::samples::generate::generate(&crate::samples::generate::Options {
            enterprises: 5,
            working_days: 3,
            departments: 2,
            every_field: true,
            slack_percent: 60,
            seed,
            ..Default::default()
        });
        let instance = Instance::new(&problem);
        let days = instance.days.len();
        let curves =
            if seed % 2 == 0 { Curves::default() } else { random_curves(&mut random, &instance) };
        for cell in (0..instance.cells.len()).filter(|cell| instance.cells.is_listed(*cell)) {
            let (pool, day) = ((cell / days) as u32, (cell % days) as u16);
            let most = instance.cells.most(cell);
            let mut price = CellPrice { minute: random.random_range(0..3 * SCALE), extra: [0; 3] };
            if random.random_range(0..2) == 0 {
                price.extra = [0; 3].map(|_: i64| random.random_range(0..300 * SCALE));
            }
            let curve = curves.of(cell);
            let step = instance.cells.step(cell);
            let charge = |minutes: i64| {
                let besides = curve.get((minutes / step) as usize).copied().unwrap_or(0);
                price.charge(minutes, most) + besides
            };
            // every set of units of every enterprise, none or one of each
            let attendance = problem.facts().pools[pool as usize].attendance_minutes;
            let mut uses = vec![(0i64, 0i64, [0i64; 3])];
            for model in &instance.models {
                let draw = |unit: &super::instance::Unit| {
                    let is_open = unit.days.iter().any(|d| d.day() == day);
                    unit.uses
                        .iter()
                        .find(|used| used.pool == pool && is_open)
                        .map(|used| used.minutes)
                };
                let draws: Vec<i64> = model.units.iter().filter_map(draw).collect();
                let mut with = uses.clone();
                for set in 1u32..1 << draws.len().min(10) {
                    let chosen = draws.iter().enumerate().filter(|(i, _)| set & (1 << i) != 0);
                    let minutes = attendance + chosen.map(|(_, m)| m).sum::<i64>();
                    for (sum, value, rows) in &uses {
                        if sum + minutes <= most {
                            let k = [2, 3, 4];
                            let rows = [0, 1, 2].map(|i| rows[i] + in_row(k[i], minutes, most));
                            with.push((sum + minutes, value + charge(minutes), rows));
                        }
                    }
                }
                with.sort_unstable();
                with.dedup();
                uses = with;
            }
            let overtime_cost = instance.overtime_cost[pool as usize] * SCALE;
            let worth = |minutes: i64, value: i64| {
                value - overtime_cost * (minutes - instance.regular[cell]).max(0)
            };
            let best = uses.iter().map(|(sum, value, _)| worth(*sum, *value)).max();
            let credit = instance.cells.credit(cell, &price, curve);
            assert_eq!(Some(credit.value), best, "seed {seed}, cell {cell}");
            let charges: Vec<i64> = (0..=most / step).map(|n| charge(n * step)).collect();
            let (value, packing) = instance.cells.best_packing(cell, &charges);
            assert_eq!(Some(value), best, "seed {seed}, cell {cell}");
            let draws = packing.iter().map(|draw| i64::from(*draw) * step);
            let (sum, charged) = draws.fold((0, 0), |sum, m| (sum.0 + m, sum.1 + charge(m)));
            assert!(sum <= most && worth(sum, charged) == value, "{packing:?} is worth {value}");
            let rows_at_most = [1, 2, 3];
            for (_, _, rows) in &uses {
                assert!((0..3).all(|i| rows[i] <= rows_at_most[i]), "the rounded rows hold");
            }
        }
    }
}

#[test]
fn tiny_overtime_is_credited_at_what_it_costs() {
    // one request that needs 60 minutes of overtime at 1 each: its plan costs 100 + 10 + 60
    let mut random = Pcg64Mcg::new(12);
    let problem = one_enterprise(&mut random, 1, 1);
    let mut draft = problem.into_draft();
    draft.targets.clear();
    let r = &mut draft.requests[0];
    (r.minutes, r.solo, r.penalty, r.exempt) = (220, false, 5_000, false);
    r.uses = vec![Use { pool: "P0".into(), inspectors: 2 }];
    let problem = Problem::build(draft).expect("sound");
    let instance = Instance::new(&problem);
    for price in [0, SCALE / 2, SCALE, 2 * SCALE, 9 * SCALE] {
        let mut prices = Prices::zero(&instance);
        prices.cell[0].minute = price;
        let bound = whole(prices.respond(&instance, &|_, _, _| {}, &|| false).expect("time").bound);
        assert!(bound <= 170, "price {price}: bound {bound}");
        assert!(price != SCALE || bound == 170, "the right price closes the gap: {bound}");
    }
}

/// The best of all nonempty sets of a contingent's units with at most `crew` people.
fn best_set(
    contingent: &Contingent,
    prices: &Prices,
    credits: &[i64],
    counted: bool,
    crew: i64,
) -> Option<i64> {
    let value = |set: u32| {
        let items = contingent.items.iter().enumerate().filter(|(i, _)| set & 1 << i != 0);
        let items: Vec<_> = items.map(|(_, item)| item).collect();
        let fits = items.iter().map(|item| item.loads[0]).sum::<i64>() <= contingent.minutes_max
            && items.iter().all(|item| item.crew <= crew && (counted || !item.counts));
        let mut value: i64 =
            items.iter().map(|item| credits[usize::from(item.unit)] - item.cost).sum();
        for (place, pool) in contingent.pools.iter().enumerate() {
            let draw: i64 = items.iter().map(|item| item.loads[place + 1]).sum();
            let whole = draw + pool.attendance;
            if draw > 0 {
                if whole > pool.most {
                    return None;
                }
                let own = prices.linear_cell(pool.cell, draw);
                value -= own + (prices.cell(pool.cell, whole) - own) / pool.sharers;
            }
        }
        fits.then_some(value)
    };
    (1..1u32 << contingent.items.len()).filter_map(value).max()
}

#[test]
fn tiny_contingents_are_the_best_sets_or_bounded_from_above() {
    let mut random = Pcg64Mcg::new(14);
    let (mut choices_seen, mut weaker, mut levels) = (0, 0, 0);
    for round in 0..400 {
        let problem = one_enterprise(&mut random, 8 + round % 8, 4);
        let instance = Instance::new(&problem);
        let Some(model) = instance.models.first() else { continue };
        let prices = random_prices(&mut random, &instance);
        let credits: Vec<i64> = model
            .units
            .iter()
            .map(|unit| random.random_range(-SCALE..unit.penalty * SCALE))
            .collect();
        let day = random.random_range(0..instance.days.len() as u16);
        let units = || {
            let units = model.units.iter().enumerate().map(|(u, unit)| (u as u16, unit));
            let first = model.units[0].department;
            units.filter(move |(_, unit)| unit.department == first)
        };
        let pool_day = |pool: u32| PoolDay {
            pool,
            cell: instance.cell(pool, day),
            attendance: problem.facts().pools[pool as usize].attendance_minutes,
            most: instance.cells.most(instance.cell(pool, day)),
            sharers: 1 + i64::from(pool + round as u32) % 3,
        };
        let cost = |u: u16| i64::from(u % 3) * 10 * SCALE;
        let contingent =
            Contingent::new(units().map(|(u, unit)| (u, unit, cost(u))), pool_day, 240);
        let Some(contingent) = contingent else { continue };
        for counted in [false, true] {
            let found = contingent.choices(&prices, SCALE, &credits, counted, 4_096);
            let best = |crew| best_set(&contingent, &prices, &credits, counted, crew);
            for crew in 1..5 {
                let within = found.iter().filter(|choice| choice.crew <= crew);
                let value = within.map(|choice| choice.value + SCALE).max();
                assert_eq!(value, best(crew), "{contingent:?} {credits:?}");
            }
            for choice in &found {
                let only = |item: &&Item| choice.units.contains(&item.unit);
                let items = contingent.items.iter().filter(only).cloned().collect();
                let alone = Contingent { items, ..contingent.clone() };
                assert_eq!(choice.units.len(), alone.items.len());
                let value = best_set(&alone, &prices, &credits, counted, choice.crew);
                assert!(value >= Some(choice.value + SCALE), "the units earn what is reported");
            }
            let merged = contingent.choices(&prices, SCALE, &credits, counted, 4);
            for (exact, bound) in found.last().iter().zip(merged.last()) {
                assert!(bound.value >= exact.value, "merged labels bound the best set");
                weaker += usize::from(bound.value > exact.value);
            }
            assert_eq!(found.is_empty(), merged.is_empty());
            levels += usize::from(found.len() > 1);
            choices_seen += found.len();
        }
    }
    assert!(choices_seen > 400 && weaker > 20 && levels > 20, "{choices_seen} {weaker} {levels}");
}

/// L of the relaxation at these credits, each day's best visit by trying every set of units.
fn relaxed_value(
    instance: &Instance,
    model: &EnterpriseModel,
    prices: &Prices,
    credits: &[i64],
) -> i64 {
    let facts = instance.problem.facts();
    let visit = |set: u32, day: u16, scenario: u32| {
        let places = (0..model.units.len()).filter(|u| set & 1 << u != 0);
        let units: Vec<(usize, &Unit)> = places.map(|u| (u, &model.units[u])).collect();
        let lists = |unit: &Unit| scenario == ALONE || unit.scenarios.contains(&scenario);
        let is_open = |unit: &Unit| unit.days.iter().any(|d| d.day() == day);
        if !units.iter().all(|(_, unit)| lists(unit) && is_open(unit)) {
            return None;
        }
        instance.compose(model, units.iter().map(|(_, unit)| *unit), scenario)?;
        let mut earned = -model.visit_cost * SCALE;
        for (u, unit) in &units {
            let joint = if scenario == ALONE { &[][..] } else { &unit.joint };
            let pay = unit
                .scheduled
                .iter()
                .chain(joint)
                .map(|gain| prices.target(gain.target) * gain.requests);
            let cost = unit.days.iter().find(|d| d.day() == day).expect("it is open").cost();
            earned += credits[*u] + pay.sum::<i64>() - cost * SCALE;
        }
        let departments: BTreeSet<u32> = units.iter().map(|(_, unit)| unit.department).collect();
        for department in departments {
            earned -= model.attendance_cost * SCALE;
            for (pool, known) in facts.pools.iter().enumerate() {
                let pool = pool as u32;
                let drawn = |unit: &Unit| {
                    unit.uses.iter().find(|used| used.pool == pool).map(|used| used.minutes)
                };
                let mine = units.iter().filter(|(_, unit)| unit.department == department);
                let draw: i64 = mine.filter_map(|(_, unit)| drawn(unit)).sum();
                let whole = draw + known.attendance_minutes;
                if draw == 0 {
                    continue;
                }
                if !instance.fits_alone(PoolUse { pool, minutes: whole }, day) {
                    return None;
                }
                let mut sharers = 1;
                if scenario != ALONE {
                    let others =
                        model.units.iter().filter(|unit| !unit.solo && drawn(unit).is_some());
                    let others = others.filter(|unit| lists(unit) && is_open(unit));
                    let others: BTreeSet<u32> = others.map(|unit| unit.department).collect();
                    let most = facts.scenarios[scenario as usize].max_departments;
                    sharers = most.min(others.len() as i64);
                }
                let cell = instance.cell(pool, day);
                let own = prices.linear_cell(cell, draw);
                earned -= own + (prices.cell(cell, whole) - own) / sharers;
            }
        }
        Some(earned)
    };
    let best = |day: u16, counted: bool| {
        let is_it = |set: &u32| {
            let units = model.units.iter().enumerate().filter(|(u, _)| set & 1 << u != 0);
            counted || units.map(|(_, unit)| unit).all(|unit| !unit.counts)
        };
        let sets = (1..1u32 << model.units.len()).filter(is_it);
        let visits = sets.flat_map(|set| [ALONE, 0, 1].map(|scenario| visit(set, day, scenario)));
        visits.flatten().max().unwrap_or(0).max(0)
    };
    let days = instance.days.len();
    let free: Vec<i64> = (0..days as u16).map(|day| best(day, false)).collect();
    let all: Vec<i64> = (0..days as u16).map(|day| best(day, true)).collect();
    let earned = |chosen: u32| {
        let counted: Vec<usize> = (0..days).filter(|day| chosen & 1 << day != 0).collect();
        let gap = |two: &[usize]| model.rules.ordinals[two[1]] - model.rules.ordinals[two[0]];
        let is_lawful = counted.len() as i64 <= model.rules.visit_cap
            && counted.windows(2).all(|two| gap(two) >= model.rules.min_gap_days);
        let of = |day: usize| if chosen & 1 << day != 0 { all[day] } else { free[day] };
        is_lawful.then(|| (0..days).map(of).sum::<i64>())
    };
    let most = (0..1u32 << days).filter_map(earned).max().expect("no day is lawful");
    let visited: i64 = model.visited.iter().map(|reached| prices.target(reached.target)).sum();
    credits.iter().sum::<i64>() - most - visited
}

#[test]
fn tiny_relaxations_follow_their_definition() {
    let mut random = Pcg64Mcg::new(15);
    for round in 0..400 {
        let mut draft = one_enterprise(&mut random, 4 + round % 5, 4).into_draft();
        draft.max_visit_minutes = random.random_range(60..200);
        for pool in &mut draft.pools {
            pool.minutes = random.random_range(100..400);
        }
        for scenario in &mut draft.scenarios {
            scenario.max_inspectors = random.random_range(2..8);
        }
        let problem = Problem::build(draft).expect("sound");
        let instance = Instance::new(&problem);
        let Some(model) = instance.models.first() else { continue };
        let prices = random_prices(&mut random, &instance);
        for _ in 0..4 {
            let credit = |unit: &Unit| random.random_range(-20..=unit.penalty) * SCALE;
            let credits: Vec<i64> = model.units.iter().map(credit).collect();
            let found = large::bound_at(&instance, model, &prices, &credits);
            assert_eq!(found, relaxed_value(&instance, model, &prices, &credits), "round {round}");
        }
    }
}

#[test]
fn tiny_moves_are_played_only_where_they_fit_and_pay() {
    use super::improve::{Move, play};
    let mut random = Pcg64Mcg::new(13);
    let mut draft = one_enterprise(&mut random, 2, 1).into_draft();
    draft.targets.clear();
    let mut other = draft.enterprises[0].clone();
    other.id = "E2".into();
    draft.enterprises.push(other);
    for (r, id) in draft.requests.iter_mut().zip(["E", "E2"]) {
        r.enterprise = id.into();
        (r.minutes, r.penalty, r.together, r.solo) = (100, 5_000, None, false);
        r.uses = vec![Use { pool: "P0".into(), inspectors: 2 }];
    }
    // 20 + 2 × 100 each: room for one, then for both but for a minute, then for both
    for (minutes, fits) in [(220, false), (439, false), (440, true)] {
        let mut draft = draft.clone();
        draft.pools[0].minutes = minutes;
        draft.pools[0].overtime_minutes = 0;
        let problem = Problem::build(draft).expect("sound");
        let instance = Instance::new(&problem);
        let mut incumbent = Incumbent::fixed_only(&instance);
        let zero = Prices::zero(&instance);
        let mut kernel = Kernel::default();
        let columns: Vec<_> = instance
            .models
            .iter()
            .map(|model| std::sync::Arc::new(kernel.column(&instance, model, &zero, Effort::Plan)))
            .collect();
        assert!(play(&mut incumbent, &Move { columns: vec![(0, columns[0].clone())], allowed: 0 }));
        let before = incumbent.cost();
        assert_eq!(
            play(&mut incumbent, &Move { columns: vec![(1, columns[1].clone())], allowed: 0 }),
            fits,
            "{minutes}"
        );
        assert_eq!(incumbent.cost() < before, fits);
        // back to nothing costs more, so it is not played, and the plan remains as it was
        let fixed_only = std::sync::Arc::new(Column::fixed_only(&instance, &instance.models[0]));
        let before = incumbent.cost();
        assert!(!play(&mut incumbent, &Move { columns: vec![(0, fixed_only)], allowed: 0 }));
        assert_eq!(incumbent.cost(), before);
    }
}

#[test]
fn tiny_runs_agree_with_the_domain_on_the_cost() {
    let mut random = Pcg64Mcg::new(10);
    for round in 0..20 {
        // with 16 its patterns are listed, but its plans are built as those of large ones
        let problem = one_enterprise(&mut random, [8, 16][round % 2], 6);
        let params = Params { work: Some(3_000), ..Params::default() };
        let outcome = optimise(&problem, &params, &mut |_| ControlFlow::Continue(()));
        assert_eq!(outcome.search_cost, outcome.cost.total());
        assert!(crate::domain::check(&problem, &outcome.plan).is_empty());
    }
}

/// A lumpy problem with too little time for all.
fn tight(seed: u64) -> crate::samples::generate::Options {
    crate::samples::generate::Options {
        enterprises: 60,
        working_days: 12,
        departments: 6,
        slack_percent: 60,
        overtime_percent: 20,
        seed,
        ..Default::default()
    }
}

#[test]
fn the_ascent_leaves_prices_of_nothing() {
    for seed in 1..4 {
        let problem = crate::samples::generate::generate(&tight(seed));
        let instance = Instance::new(&problem);
        let zero = Prices::zero(&instance).respond(&instance, &|_, _, _| {}, &|| false);
        let mut ascent = super::prices::DualAscent::new(&instance, 1);
        while !ascent.is_done(false) {
            ascent.sweep(&instance, &|_, _, _| {}, &|| false);
        }
        let (before, after) = (whole(zero.expect("time").bound), ascent.bound());
        assert!(after > before + before / 20, "seed {seed}: {after} after {before}");
    }
}

#[test]
fn shifts_keep_plans_lawful_and_their_cost_true() {
    use super::shifts::Round;
    let mut have_changed = 0;
    for seed in 0..12 {
        let problem = crate::samples::generate::generate(&crate::samples::generate::Options {
            enterprises: 30,
            // with many, enterprises of an area keep together
            areas: [1, 10][seed as usize % 2],
            every_field: true,
            ..tight(seed)
        });
        let instance = Instance::new(&problem);
        let (mut incumbent, _) = super::improve::first(&instance, &|| false);
        // warm enough that anything may happen, then cold, on one part and on three
        for (round, temperature) in [400.0, 50.0, 5.0, 0.0, 0.0].into_iter().enumerate() {
            for parts in [1, 3] {
                let before = incumbent.cost();
                let round = Round {
                    instance: &instance,
                    parts,
                    shifts: 3_000,
                    temperature,
                    seed: seed * 100 + round as u64,
                    is_over: &|| false,
                };
                let mut again = incumbent.clone();
                round.walk(&mut incumbent);
                round.walk(&mut again);
                assert_eq!(again.cost(), incumbent.cost(), "the same seed does the same");
                let plan = super::to_plan(&instance, incumbent.columns());
                assert_eq!(crate::domain::check(&problem, &plan), []);
                let cost = crate::domain::cost(&problem, &plan).total();
                assert_eq!(cost, incumbent.cost(), "the domain agrees on the cost");
                have_changed += i32::from(before != cost);
                if temperature == 0.0 && parts == 1 {
                    assert!(cost <= before, "cold shifts never cost");
                }
            }
        }
    }
    assert!(have_changed > 60, "{have_changed} rounds changed the cost");
}

#[cfg(feature = "highs")]
#[test]
fn a_request_that_no_day_can_take_adds_its_penalty_and_nothing_else() {
    for seed in 1..3 {
        let options = crate::samples::generate::Options { enterprises: 20, ..tight(seed) };
        let problem = crate::samples::generate::generate(&options);
        let mut draft = problem.facts().clone();
        let mut request = draft.requests[0].clone();
        (request.id, request.penalty) = ("impossible".into(), 777);
        request.together = None;
        // more than the pool has on any day
        request.minutes = 100_000;
        draft.targets.clear();
        let without = Problem::build(draft.clone()).expect("sound");
        draft.requests.push(request);
        let with = Problem::build(draft).expect("sound");
        let params = Params { work: Some(4_000), ..Params::default() };
        let run =
            |problem: &Problem| optimise(problem, &params, &mut |_| ControlFlow::Continue(()));
        let (without, with) = (run(&without), run(&with));
        assert_eq!(with.impossible.len(), without.impossible.len() + 1);
        assert_eq!(with.bound, without.bound + 777, "seed {seed}");
        assert_eq!(with.search_cost, without.search_cost + 777);
    }
}

#[cfg(feature = "highs")]
#[test]
fn groups_hold_each_cell_once_and_only_cells_of_the_same_minutes() {
    use super::packing::{Grouping, groups};
    let problem = crate::samples::generate::generate(&tight(1));
    let instance = Instance::new(&problem);
    let prices = random_prices(&mut Pcg64Mcg::new(5), &instance);
    let days = instance.days.len();
    let every: Vec<usize> = (0..instance.cells.len()).collect();
    for (size_max, is_by_day) in [(1, true), (3, true), (3, false), (1_000, false)] {
        let groups = groups(&instance, &every, Grouping { size_max, is_by_day }, &prices);
        let mut cells: Vec<usize> = groups.iter().flatten().copied().collect();
        cells.sort_unstable();
        assert_eq!(cells, (0..instance.cells.len()).collect::<Vec<_>>());
        for group in &groups {
            assert!(group.len() <= size_max);
            let of =
                |cell: &usize| (cell / days, instance.regular[*cell], instance.cells.most(*cell));
            assert!(group.iter().all(|cell| of(cell) == of(&group[0])));
            if is_by_day {
                assert!(group.is_sorted());
            }
        }
    }
}

/// Four areas with pools of their own, and one department with a pool for all of them.
#[cfg(feature = "highs")]
fn areas(seed: u64) -> Problem {
    let options = crate::samples::generate::Options { enterprises: 80, areas: 4, ..tight(seed) };
    let mut draft = crate::samples::generate::generate(&options).into_draft();
    for used in draft.requests.iter_mut().flat_map(|request| &mut request.uses) {
        if used.pool.starts_with("D00") {
            used.pool = "D00A00".into();
        }
    }
    Problem::build(draft).expect("sound")
}

#[cfg(feature = "highs")]
#[test]
fn blocks_draw_from_cells_of_their_own_and_the_widest_pool_is_in_none() {
    use super::blocks::blocks;
    let problem = areas(1);
    let instance = Instance::new(&problem);
    let wide = problem.pool("D00A00").expect("a pool");
    let blocks = blocks(&instance, 40);
    assert_eq!(blocks.len(), 4);
    let mut block_of = vec![None; instance.models.len()];
    for (number, block) in blocks.iter().enumerate() {
        assert!(block.enterprises.len() <= 40);
        for enterprise in &block.enterprises {
            assert_eq!(block_of[*enterprise].replace(number), None, "in one block alone");
        }
    }
    for (enterprise, model) in instance.models.iter().enumerate() {
        for used in model.units.iter().flat_map(|unit| &unit.uses) {
            for day in 0..instance.days.len() as u16 {
                let cell = instance.cell(used.pool, day);
                let holds = |block: &super::blocks::Block| block.cells.contains(&cell);
                let own = blocks.iter().position(holds);
                let is_wide = used.pool as usize == wide;
                assert_eq!(own, if is_wide { None } else { block_of[enterprise] });
                assert!(is_wide || own.is_some());
            }
        }
    }
    assert_eq!(super::blocks::blocks(&instance, 1_000).len(), 1, "all meet in the widest");
}

#[cfg(feature = "highs")]
#[test]
fn blocks_raise_the_bound_by_what_each_of_them_gains() {
    use super::master::ColumnPool;
    use super::search::Search;
    for (seed, threads) in [(1, 1), (2, 1), (2, 3)] {
        let problem = areas(seed);
        let instance = Instance::new(&problem);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        let params = Params { work: Some(100_000), threads, ..Params::default() };
        let mut search = Search::new(&instance, &params, ColumnPool::new(&instance, 0), &pool);
        for _ in 0..30 {
            search.ascent.sweep(&instance, &|_, _, _| {}, &|| false);
        }
        let before = search.ascent.bound();
        let stopped = super::refine::by_blocks(&mut search, 40, &mut |_| ControlFlow::Continue(()));
        assert_eq!(stopped, None);
        let (after, cost) = (search.ascent.bound(), search.best.cost());
        assert!(before + before / 50 < after && after <= cost, "{before} {after} {cost}");
        let again = search.ascent.best.respond(&instance, &|_, _, _| {}, &|| false);
        assert_eq!(whole(again.expect("time").bound), after, "the prices prove it");
    }
}

/// Runs the solver on the whole model of a problem, from its first plan.
#[cfg(feature = "highs")]
fn solved_whole(problem: &Problem, threads: usize) -> Option<(i64, i64)> {
    use super::master::ColumnPool;
    use super::whole::WholeModel;
    let seconds_left = super::SecondsLeft(std::sync::Arc::new(|| 60.0));
    let params = Params { threads, seconds_left: Some(seconds_left), ..Params::default() };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
    let instance = Instance::new(problem);
    let search =
        super::search::Search::new(&instance, &params, ColumnPool::new(&instance, 0), &pool);
    let whole = WholeModel::begin(&search)?;
    loop {
        if let std::task::Poll::Ready(answer) = whole.answer(true) {
            let answer = answer.expect("the solver can");
            let plan = super::to_plan(&instance, answer.columns.iter());
            assert_eq!(crate::domain::check(problem, &plan), []);
            return Some((crate::domain::cost(problem, &plan).total(), answer.bound));
        }
    }
}

#[cfg(feature = "highs")]
#[test]
fn tiny_whole_models_are_solved_to_the_optimum() {
    let mut random = Pcg64Mcg::new(12);
    let mut have_same = 0;
    for _ in 0..20 {
        let problem = one_enterprise(&mut random, 4, 4);
        let params = Params { work: Some(3_000), ..Params::default() };
        let outcome = optimise(&problem, &params, &mut |_| ControlFlow::Continue(()));
        let Some((cost, bound)) = solved_whole(&problem, 2) else { continue };
        assert!(outcome.bound <= cost && bound <= outcome.cost.total());
        assert_eq!(cost, bound, "solved to the end");
        have_same += i32::from(cost == outcome.cost.total());
    }
    assert!(have_same > 10, "{have_same}");
    let problem = one_enterprise(&mut random, 4, 4);
    assert!(solved_whole(&problem, 1).is_none(), "the only thread is not the solver's");
}
