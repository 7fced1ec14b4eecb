//! v_e: the least that an enterprise's visits can cost at the prices of a leaf. `tables.rs` has the
//! tables, `search.rs` what visits have to do with each other.

use super::inspect::Tariff;
use super::large;
use super::leaves::Orders;
use super::search::Search;
use super::site::{Party, Site};
use super::tables::{EXACT_UNITS_MAX, Tables};
use super::terrain::Terrain;

/// Nothing that one enterprise pays or gains adds up to more.
const SUM_MAX: i128 = 1 << 59;

/// The value of an enterprise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Value {
    /// v_e in the certificate's scale, or a limit below it.
    pub scaled: i128,
    /// Whether it is v_e.
    pub is_exact: bool,
}

/// The value of the enterprise at `enterprise`; `None` when it has no lawful set of visits.
pub(super) fn value(
    terrain: &Terrain,
    tariff: &Tariff,
    orders: &Orders,
    enterprise: usize,
) -> Option<Value> {
    if terrain.problem.requests_at(enterprise).is_empty() {
        return Some(Value { scaled: 0, is_exact: true });
    }
    let site = Site::new(terrain, tariff, orders, enterprise)?;
    if site.parties.is_empty() {
        return Some(Value { scaled: site.lost, is_exact: true });
    }
    if site.parties.len() > EXACT_UNITS_MAX || !fits(&site) {
        return Some(Value { scaled: large::value(&site), is_exact: false });
    }
    let tables = Tables::new(&site);
    let (least, is_exact) = Search::new(&tables).least()?;
    let scaled = site.lost + i128::from(least);
    Some(if is_exact {
        Value { scaled, is_exact }
    } else {
        Value { scaled: scaled.max(large::value(&site)), is_exact }
    })
}

/// Whether no sum over the enterprise can leave 64 bits.
fn fits(site: &Site) -> bool {
    let visit =
        i128::from(site.enterprise.visit_cost) + i128::from(site.terrain.facts().attendance_cost);
    let one = |party: &Party| {
        let days = party.open.iter().map(|day| site.day_cost(party, day)).max();
        let day = if site.has_day_costs(party) { days.unwrap_or(0) } else { 0 };
        let draws = i128::from(site.tariff.draw_max) * party.draws.len() as i128;
        let costs = (visit + i128::from(day)) * site.scale();
        party.penalty + costs + draws + party.worth + party.worth_joint
    };
    let visited: i128 = site.visited.iter().map(|(price, _)| price).sum();
    site.parties.iter().map(one).sum::<i128>() + visited <= SUM_MAX
}
