//! The certificate of a run: the best prices, written so that anybody can work the bound out again.

use super::SCALE;
use super::cells::ROUNDED;
use super::instance::{EXACT_UNITS_MAX, EnterpriseModel, Instance};
use super::large;
use super::prices::Prices;
use crate::domain::certificate::{
    CellPrice, Certificate, Credits, Leaf, Step, TargetPrice, UnitCredit,
};
use crate::domain::problem::Cost;
use rayon::prelude::*;

/// Writes the prices of one leaf, which holds every plan.
pub fn certificate(instance: &Instance, prices: &Prices, bound: Cost) -> Certificate {
    let facts = instance.problem.facts();
    let days = instance.days.len();
    let cells = prices.cell.iter().enumerate().map(|(cell, price)| CellPrice {
        pool: facts.pools[cell / days].id.clone(),
        date: instance.days[cell % days],
        minute: price.minute,
        steps: steps(price.extra, instance.cells.most(cell))
            .into_iter()
            .chain(curve(prices.curves.of(cell), instance.cells.step(cell)))
            .collect(),
    });
    let cells = cells.filter(|cell| cell.minute > 0 || !cell.steps.is_empty());
    let paid = instance.targets.iter().zip(&prices.target).filter(|(_, price)| **price > 0);
    let targets = paid.map(|(row, price)| TargetPrice {
        target: facts.targets[row.place].id.clone(),
        price: *price,
    });
    let large: Vec<&EnterpriseModel> =
        instance.models.iter().filter(|model| model.units.len() > EXACT_UNITS_MAX).collect();
    let credits = large.par_iter().map(|model| {
        let credits = model.units.iter().zip(large::credits(instance, model, prices));
        let credit =
            |r: usize, credit: i64| UnitCredit { request: facts.requests[r].id.clone(), credit };
        let enterprise = &facts.enterprises[model.position].id;
        // what no day can take costs its penalty, whether or not a reader finds that out
        let impossible = instance.impossible.iter().map(|impossible| impossible.request);
        let impossible = impossible.filter(|r| facts.requests[*r].enterprise == *enterprise);
        Credits {
            enterprise: enterprise.clone(),
            requests: credits
                .map(|(unit, given)| credit(unit.requests[0], given))
                .chain(impossible.map(|r| credit(r, facts.requests[r].penalty * SCALE)))
                .collect(),
        }
    });
    let leaf = Leaf {
        decisions: Vec::new(),
        cells: cells.collect(),
        targets: targets.collect(),
        credits: credits.collect(),
    };
    Certificate { problem: facts.name.clone(), scale: SCALE, bound, leaves: vec![leaf] }
}

/// The rounded rows' prices as steps: one more of the row of k from every k-th part of the cell on.
fn steps(extra: [i64; 3], most: i64) -> Vec<Step> {
    let rows = ROUNDED.iter().zip(extra).filter(|(_, charge)| *charge > 0);
    let step = |(k, charge): (&i64, i64)| {
        let k = *k;
        (1..k).map(move |i| Step { from: (i * (most + 1) + k - 1) / k, charge })
    };
    rows.flat_map(step).collect()
}

/// The charges of draws of any shape as steps, one at each draw from which on more is charged.
fn curve(charges: &[i64], step: i64) -> impl Iterator<Item = Step> {
    let rises = charges.windows(2).map(|pair| pair[1] - pair[0]).zip(1..);
    rises.filter(|(charge, _)| *charge > 0).map(move |(charge, n)| Step { from: n * step, charge })
}
