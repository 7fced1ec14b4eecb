//! Why a request is left out, held against the final plan, with how sure that is: proved
//! impossible in any plan; out of room in this plan; or dearer than leaving it out.
//!
//! The last two are exact for the enterprise at hand (its own visits may all change, the other
//! enterprises stay): the unit's penalty is raised so far that the kernel leaves it out only where
//! nothing else is possible.

use super::SCALE;
use super::instance::{EXACT_UNITS_MAX, Home, Instance, Unit};
use super::kernel::{Effort, Kernel};
use super::prices::Prices;
use super::roster::{Room, Roster};
use crate::domain::problem::Cost;

/// How sure a reason is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// No plan can take the request.
    Impossible,
    /// This plan has no room for it, even if its enterprise's other visits change.
    NoRoom,
    /// There is room, but taking it costs more than leaving it out.
    TooDear,
    /// No way was found at a large enterprise, which is not searched exhaustively.
    NotFound,
}

/// Why one request is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Position of the request in the problem.
    pub request: usize,
    /// How sure.
    pub certainty: Certainty,
    /// Stable code.
    pub code: &'static str,
    /// Position of the pool that is full on most of its days, where pools are the reason.
    pub pool: Option<usize>,
    /// What taking it would add to the plan's cost, its penalty deducted.
    pub extra_cost: Option<Cost>,
}

/// Penalty that outweighs everything else at an enterprise.
const FORCED: Cost = 1 << 40;

/// Reasons for every unscheduled request, in the problem's order.
pub fn explain(instance: &Instance, roster: &Roster) -> Vec<LeftOut> {
    let impossible = instance.impossible.iter().map(|impossible| LeftOut {
        request: impossible.request,
        certainty: Certainty::Impossible,
        code: impossible.code,
        pool: None,
        extra_cost: None,
    });
    let mut reasons: Vec<LeftOut> = impossible.collect();
    let prices = Prices::zero(instance);
    let mut kernel = Kernel::default();
    let mut roster = roster.clone();
    for (h, home) in instance.homes.iter().enumerate() {
        let stops = roster.column(h).stops.clone();
        let covers = |u: usize| stops.iter().any(|stop| stop.units.contains(&(u as u16)));
        let out: Vec<usize> = (0..home.units.len()).filter(|u| !covers(*u)).collect();
        if out.is_empty() {
            continue;
        }
        let column = roster.take(h);
        let room = Room { roster: &roster, prices: &prices, share: 0 };
        let value = column.value(&room);
        for u in out {
            let (certainty, code, pool, extra_cost) =
                why(instance, home, u, &room, value, &mut kernel);
            reasons.extend(home.units[u].requests.iter().map(|request| LeftOut {
                request: *request,
                certainty,
                code,
                pool,
                extra_cost,
            }));
        }
        roster.put(h, column);
    }
    reasons.sort_by_key(|reason| reason.request);
    reasons
}

fn why(
    instance: &Instance,
    home: &Home,
    u: usize,
    room: &Room,
    value: i64,
    kernel: &mut Kernel,
) -> (Certainty, &'static str, Option<usize>, Option<Cost>) {
    let mut forced = home.clone();
    let penalty = std::mem::replace(&mut forced.units[u].penalty, FORCED);
    let solved = kernel.solve(instance, &forced, room, Effort::Plan);
    if solved.stops.iter().any(|stop| stop.units.contains(&(u as u16))) {
        // `value` pays the true penalty, `solved.value` none for this unit
        let extra = (solved.value - value + SCALE / 2).div_euclid(SCALE).max(0);
        debug_assert!(penalty >= 0);
        return (Certainty::TooDear, "costs-more-than-its-penalty", None, Some(extra));
    }
    let blocker = full_pool(instance, &home.units[u], room);
    let code = if blocker.is_some() { "pools-full" } else { "no-visit-fits" };
    let is_exact = home.units.len() <= EXACT_UNITS_MAX;
    let certainty =
        if blocker.is_some() || is_exact { Certainty::NoRoom } else { Certainty::NotFound };
    (certainty, code, blocker, None)
}

/// The pool without room on most of the unit's days, if no day has room in all its pools.
fn full_pool(instance: &Instance, unit: &Unit, room: &Room) -> Option<usize> {
    let mut blocked = vec![0; unit.uses.len()];
    for (day, _) in &unit.days {
        let mut is_blocked = false;
        for (place, (pool, minutes)) in unit.uses.iter().enumerate() {
            if !room.has(instance.cell(*pool, *day), *minutes) {
                blocked[place] += 1;
                is_blocked = true;
            }
        }
        if !is_blocked {
            return None;
        }
    }
    let worst = (0..blocked.len()).max_by_key(|place| blocked[*place])?;
    Some(unit.uses[worst].0 as usize)
}
