//! The values held against what enumeration gives on many tiny problems, with fixed seeds.

mod bad;
mod brute;
mod make;

use super::enterprise;
use super::inspect::{Charge, Tariff};
use super::knapsack::{self, Draws};
use super::large;
use super::leaves::Orders;
use super::site::Site;
use super::terrain::Terrain;
use super::{certify, rounded_up};
use crate::domain::certificate::{Certificate, Leaf};
use crate::domain::plan::Plan;
use crate::domain::{check, cost};
use brute::{Way, ways};
use make::{Dice, Size, problem, tree};

/// Products of ways beyond this are sampled.
const PLANS_MAX: usize = 2_000;

#[test]
fn values_are_the_least_of_all_sets_of_visits() {
    let make = [problem, make::crowded];
    let sizes = [(0, 3, 5, 500), (0, 5, 4, 80), (0, 7, 3, 5), (0, 8, 2, 5), (1, 5, 5, 40)];
    let mut dice = Dice::new(1);
    let (mut held, mut forced) = (0, 0);
    for (kind, requests, days, times) in sizes {
        for _ in 0..times {
            let problem = make[kind](&mut dice, Size { enterprises: 1, requests, days });
            let leaves = tree(&mut dice, &problem, 2);
            let ways = ways(&problem, 0);
            for leaf in &leaves {
                let terrain = Terrain::new(&problem);
                let tariff = Tariff::of(&terrain, make::SCALE, leaf);
                let orders = Orders::of(&problem, leaf);
                let value = enterprise::value(&terrain, &tariff, &orders, 0);
                let least = brute::least(&problem, leaf, 0, &ways);
                assert_eq!(value.map(|v| v.scaled), least, "{:#?} {leaf:#?}", problem.facts());
                assert!(value.is_none_or(|v| v.is_exact));
                held += usize::from(least.is_some());
                forced += usize::from(least.is_none());
            }
        }
    }
    assert!(held > 1_000 && forced > 100, "{held} {forced}");
}

#[test]
fn bounds_equal_their_definition_and_never_exceed_a_plan() {
    let mut dice = Dice::new(2);
    let (mut plans, mut tight) = (0, 0);
    for round in 0..600 {
        let size = Size { enterprises: 2 + round % 2, requests: 5, days: 3 };
        let problem = problem(&mut dice, size);
        let leaves = tree(&mut dice, &problem, 3);
        let certificate = Certificate {
            problem: problem.facts().name.clone(),
            scale: make::SCALE,
            bound: 0,
            leaves: leaves.clone(),
        };
        let certified = certify(&problem, &certificate).expect("sound");
        let of_each: Vec<Vec<Way>> = (0..size.enterprises).map(|e| ways(&problem, e)).collect();
        for (leaf, bound) in leaves.iter().zip(&certified.leaves) {
            let by_hand = brute::bound(&problem, leaf, &of_each);
            assert_eq!(by_hand.map(|sum| rounded_up(sum, make::SCALE)), *bound);
        }
        let mut least = i64::MAX;
        for plan in product(&mut dice, &of_each) {
            let plan = Plan { problem: problem.facts().name.clone(), visits: plan };
            if !check(&problem, &plan).is_empty() {
                continue;
            }
            plans += 1;
            let cost = cost(&problem, &plan).total();
            least = least.min(cost);
            let fits = |leaf: &&Leaf| brute::fits(leaf, &plan.visits);
            let here: Vec<&Leaf> = leaves.iter().filter(fits).collect();
            assert_eq!(here.len(), 1, "a plan fits one leaf");
            let at = leaves.iter().position(|leaf| leaf == here[0]).expect("one of them");
            let bound = certified.leaves[at].expect("a leaf that holds a plan has a bound");
            assert!(bound <= cost, "{bound} {cost} {plan:?} {:#?}", problem.facts());
        }
        assert!(certified.bound <= least);
        assert!(certified.upholds(certified.bound) && !certified.upholds(certified.bound + 1));
        tight += usize::from(certified.bound * 10 >= least * 9);
    }
    assert!(plans > 10_000 && tight > 10, "{plans} {tight}");
}

/// Plans out of one way for each enterprise: all of them, or a sample of many.
fn product(dice: &mut Dice, of_each: &[Vec<Way>]) -> Vec<Way> {
    let count: usize = of_each.iter().map(Vec::len).product();
    let mut pick = |place: usize| {
        let mut rest = place;
        let mut plan = Vec::new();
        for ways in of_each {
            let at = if count > PLANS_MAX { dice.below(ways.len()) } else { rest % ways.len() };
            rest /= ways.len();
            plan.extend(ways[at].iter().cloned());
        }
        plan
    };
    (0..count.min(PLANS_MAX)).map(&mut pick).collect()
}

#[test]
fn credits_are_the_most_of_all_choices() {
    let mut dice = Dice::new(3);
    for round in 0..1_500 {
        // grids of one, coarse ones, and ones too fine for a table
        let unit = [1, 7, 1_000_003][round % 3];
        let blur = if unit > 7 { dice.below(1_000) as i64 } else { 0 };
        let regular = unit * dice.between(0, 40) + blur;
        let room = if regular == 0 { 0 } else { regular + unit * dice.between(0, 20) };
        let mut charge = Charge { minute: dice.between(0, 9), steps: Vec::new() };
        let (mut from, mut total) = (0, 0);
        if round % 5 > 1 {
            for _ in 0..dice.between(1, 3) {
                from += unit * dice.between(1, 15);
                total += unit * dice.between(1, 60);
                charge.steps.push((from, total));
            }
        }
        let attendance = unit * dice.between(0, 3);
        let mut draws = Draws::default();
        let mut options: Vec<Vec<i64>> = Vec::new();
        for _ in 0..dice.between(0, 4) {
            let units: Vec<i64> = (0..dice.between(0, 3))
                .map(|_| unit * dice.between(1, 12) + if blur > 0 { dice.between(0, 2) } else { 0 })
                .collect();
            draws.push(&units, attendance, room, &charge);
            options.push(brute::draws(&units, attendance));
        }
        let overtime_cost = i128::from(dice.between(0, 12));
        let found = knapsack::most(&draws, &charge, regular, room, overtime_cost);
        let phi = |minutes: i64| {
            let reached = charge.steps.iter().rfind(|(from, _)| *from <= minutes);
            i128::from(charge.minute * minutes + reached.map_or(0, |(_, more)| *more))
        };
        let wanted = brute::most(&options, &phi, regular, room, overtime_cost);
        assert_eq!(found, wanted, "{options:?} {charge:?} {regular} {room} {overtime_cost}");
    }
}

#[test]
fn credits_of_wide_grids_stop_at_the_best_sum() {
    // 60 enterprises, sums of thousands: the three methods agree
    let mut dice = Dice::new(4);
    for _ in 0..30 {
        let (regular, room) = (dice.between(200, 900), dice.between(900, 1_400));
        let minute = dice.between(1, 9);
        let overtime_cost = i128::from(dice.between(0, 12));
        let plain = Charge { minute, steps: Vec::new() };
        // a step that nobody is charged for reaches the table
        let stepped = Charge { minute, steps: vec![(room, 0)] };
        let (mut bits, mut table) = (Draws::default(), Draws::default());
        for _ in 0..60 {
            let units: Vec<i64> = (0..dice.between(1, 4)).map(|_| dice.between(3, 90)).collect();
            bits.push(&units, 20, room, &plain);
            table.push(&units, 20, room, &stepped);
        }
        let one = knapsack::most(&bits, &plain, regular, room, overtime_cost);
        let other = knapsack::most(&table, &stepped, regular, room, overtime_cost);
        let pairs = knapsack::by_pairs_for_tests(&table, regular, room, overtime_cost);
        assert_eq!((one, one), (other, pairs));
    }
}

#[test]
fn values_from_credits_never_exceed_the_exact_ones() {
    let mut dice = Dice::new(5);
    let mut near = 0;
    for round in 0..3_000 {
        let size = Size { enterprises: 1, requests: 2 + round % 7, days: 4 };
        let problem = problem(&mut dice, size);
        let mut leaves = tree(&mut dice, &problem, 1);
        for leaf in &mut leaves {
            make::credits(&mut dice, &problem, leaf);
            let terrain = Terrain::new(&problem);
            let tariff = Tariff::of(&terrain, make::SCALE, leaf);
            let orders = Orders::of(&problem, leaf);
            let Some(exact) = enterprise::value(&terrain, &tariff, &orders, 0) else { continue };
            let site = Site::new(&terrain, &tariff, &orders, 0).expect("it has a value");
            let weak = large::value(&site);
            assert!(weak <= exact.scaled, "{weak} {exact:?} {:#?} {leaf:#?}", problem.facts());
            near += usize::from(weak * 2 >= exact.scaled);
        }
    }
    assert!(near > 500, "{near}");
}

#[test]
fn values_from_credits_follow_their_definition() {
    let mut dice = Dice::new(9);
    for round in 0..900 {
        let size = Size { enterprises: 1, requests: 3 + round / 2 % 5, days: 4 };
        let problem = [problem, make::grouped][round % 2](&mut dice, size);
        let mut leaf = tree(&mut dice, &problem, 1).remove(0);
        make::credits(&mut dice, &problem, &mut leaf);
        let terrain = Terrain::new(&problem);
        let tariff = Tariff::of(&terrain, make::SCALE, &leaf);
        let orders = Orders::of(&problem, &leaf);
        let Some(site) = Site::new(&terrain, &tariff, &orders, 0) else { continue };
        assert_eq!(large::value(&site), brute::of_credits(&site, &leaf));
    }
}

#[test]
fn enterprises_with_many_units_get_the_weaker_value() {
    let mut dice = Dice::new(6);
    for _ in 0..20 {
        let problem = problem(&mut dice, Size { enterprises: 2, requests: 60, days: 6 });
        let mut leaves = tree(&mut dice, &problem, 1);
        leaves.iter_mut().for_each(|leaf| make::credits(&mut dice, &problem, leaf));
        let name = problem.facts().name.clone();
        let certificate = Certificate { problem: name, scale: make::SCALE, bound: 0, leaves };
        let certified = certify(&problem, &certificate).expect("sound");
        let plan = make::greedy(&problem);
        assert!(check(&problem, &plan).is_empty());
        assert!(certified.bound <= cost(&problem, &plan).total());
        assert_eq!(certified.enterprises_exact + certified.enterprises_relaxed, 2);
    }
}

#[test]
fn absurd_prices_overflow_nothing() {
    let mut dice = Dice::new(8);
    for _ in 0..200 {
        let problem = problem(&mut dice, Size { enterprises: 2, requests: 8, days: 4 });
        let mut leaf = tree(&mut dice, &problem, 0).remove(0);
        for cell in &mut leaf.cells {
            let pool = problem.pool(&cell.pool).expect("known");
            let (regular, overtime) = problem.facts().pools[pool].minutes_on(cell.date);
            cell.steps.truncate(1);
            cell.steps.iter_mut().for_each(|step| step.charge = 1 << 49);
            cell.minute = (1 << 49) / (regular + overtime).max(1);
        }
        for price in &mut leaf.targets {
            price.price = problem.facts().targets
                [price.target[1..].parse::<usize>().expect("a number")]
            .shortfall_cost
                << 20;
        }
        make::credits(&mut dice, &problem, &mut leaf);
        let units = leaf.credits.iter_mut().flat_map(|credits| &mut credits.requests);
        units.for_each(|unit| unit.credit = unit.credit.signum() << 50);
        let name = problem.facts().name.clone();
        let certificate =
            Certificate { problem: name, scale: 1 << 20, bound: 0, leaves: vec![leaf] };
        let certified = certify(&problem, &certificate).expect("sound");
        let plan = make::greedy(&problem);
        assert!(check(&problem, &plan).is_empty());
        assert!(certified.bound <= cost(&problem, &plan).total());
    }
}
