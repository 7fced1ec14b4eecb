//! credit_c: the most that visits which fit together into a pool's day can be charged, less the
//! overtime they cost.

use super::inspect::Tariff;
use super::knapsack::{self, Draws};
use super::leaves::Orders;
use super::site::Site;
use super::terrain::{Days, Terrain};
use rayon::prelude::*;

/// What a unit may draw from a pool.
struct Part {
    enterprise: usize,
    draw: i64,
    open: Days,
}

/// The sum of the credits of all cells that have a price.
pub(super) fn credits(terrain: &Terrain, tariff: &Tariff, orders: &Orders) -> i128 {
    let parts = parts(terrain, tariff, orders);
    let priced = |pool: &usize| tariff.charges[*pool].is_some();
    let cells: Vec<(usize, usize)> = (0..parts.len())
        .filter(priced)
        .flat_map(|pool| (0..terrain.days.len()).map(move |day| (pool, day)))
        .collect();
    let credit = |(pool, day): (usize, usize)| {
        let Some(charge) = tariff.charge(pool, day).filter(|charge| !charge.is_free()) else {
            return 0;
        };
        let (minutes, overtime) = terrain.offer(pool, day);
        let facts = &terrain.facts().pools[pool];
        let mut draws = Draws::default();
        let mut mine = Vec::new();
        let room = minutes + overtime;
        for one in parts[pool].chunk_by(|a, b| a.enterprise == b.enterprise) {
            mine.clear();
            mine.extend(one.iter().filter(|part| part.open.contains(day)).map(|part| part.draw));
            draws.push(&mine, facts.attendance_minutes, room, charge);
        }
        let overtime_cost = i128::from(facts.overtime_cost) * i128::from(tariff.scale);
        knapsack::most(&draws, charge, minutes, room, overtime_cost)
    };
    cells.into_par_iter().map(credit).sum()
}

/// By pool with prices: what units may draw from it, those of one enterprise side by side.
fn parts(terrain: &Terrain, tariff: &Tariff, orders: &Orders) -> Vec<Vec<Part>> {
    let pools = tariff.charges.len();
    let mut parts: Vec<Vec<Part>> = (0..pools).map(|_| Vec::new()).collect();
    let of_one = |enterprise: usize| -> Vec<(usize, Part)> {
        let mut found = Vec::new();
        // a leaf without a lawful plan needs no credits
        let Some(site) = Site::new(terrain, tariff, orders, enterprise) else { return found };
        for party in &site.parties {
            for (pool, draw) in &party.draws {
                if tariff.charges[*pool].is_some() {
                    found.push((*pool, Part { enterprise, draw: *draw, open: party.open.clone() }));
                }
            }
        }
        found
    };
    let enterprises = (0..terrain.facts().enterprises.len()).into_par_iter().with_min_len(256);
    let found: Vec<Vec<(usize, Part)>> = enterprises.map(of_one).collect();
    for (pool, part) in found.into_iter().flatten() {
        parts[pool].push(part);
    }
    parts
}
