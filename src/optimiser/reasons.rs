//! Why a request is left out, held against the final plan, with how sure that is: proved
//! impossible in any plan; out of room in this plan; or dearer than leaving it out.
//!
//! The last two are exact for the enterprise at hand (its own visits may all change, the other
//! enterprises stay): the unit's penalty is raised so far that the kernel leaves it out only where
//! nothing else is possible.

use super::SCALE;
use super::column::Effort;
use super::incumbent::{Incumbent, Room};
use super::instance::{EnterpriseModel, Instance};
use super::kernel::Kernel;
use super::prices::Prices;
use crate::domain::problem::{Cost, TOTAL_COST_MAX};
use rayon::prelude::*;

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

/// Penalty that outweighs everything else that a problem may hold.
const FORCED: Cost = 2 * TOTAL_COST_MAX;
/// Enterprises with more units are not searched for reasons: it would take too long.
const SEARCHED_MAX: usize = 60;

/// Reasons for every unscheduled request, in the problem's order; without `is_searched` only those
/// that show without searching.
pub fn explain(instance: &Instance, incumbent: &Incumbent, is_searched: bool) -> Vec<LeftOut> {
    let impossible = instance.impossible.iter().map(|impossible| LeftOut {
        request: impossible.request,
        certainty: Certainty::Impossible,
        code: impossible.code,
        pool: None,
        extra_cost: None,
    });
    let mut reasons: Vec<LeftOut> = impossible.collect();
    let prices = Prices::zero(instance);
    let of_enterprise = |kernel: &mut Kernel,
                         (enterprise, model): (usize, &EnterpriseModel)|
     -> Vec<LeftOut> {
        let column = incumbent.column(enterprise);
        let covers =
            |u: usize| column.choices.iter().any(|choice| choice.units.contains(&(u as u16)));
        let out: Vec<usize> = (0..model.units.len()).filter(|u| !covers(*u)).collect();
        if out.is_empty() {
            return Vec::new();
        }
        let room = Room { incumbent, prices: &prices, share: 0, without: Some(column) };
        let value = column.value(&room);
        // most need no search
        let mut forced: Option<EnterpriseModel> = None;
        let mut found = Vec::new();
        for u in out {
            let (certainty, code, pool, extra_cost) = match full_pool(instance, model, u, &room) {
                blocker @ Some(_) => (Certainty::NoRoom, "pools-full", blocker, None),
                None if !is_searched || model.units.len() > SEARCHED_MAX => {
                    (Certainty::NotFound, "not-searched", None, None)
                }
                None => {
                    let forced = forced.get_or_insert_with(|| model.clone());
                    why(instance, forced, u, &room, value, kernel)
                }
            };
            found.extend(model.units[u].requests.iter().map(|request| LeftOut {
                request: *request,
                certainty,
                code,
                pool,
                extra_cost,
            }));
        }
        found
    };
    let models = instance.models.par_iter().enumerate();
    let found: Vec<Vec<LeftOut>> = models.map_init(Kernel::default, of_enterprise).collect();
    reasons.extend(found.into_iter().flatten());
    reasons.sort_by_key(|reason| reason.request);
    reasons
}

/// What the kernel makes of a unit that must not be left out.
fn why(
    instance: &Instance,
    model: &mut EnterpriseModel,
    u: usize,
    room: &Room,
    value: i64,
    kernel: &mut Kernel,
) -> (Certainty, &'static str, Option<usize>, Option<Cost>) {
    let penalty = std::mem::replace(&mut model.units[u].penalty, FORCED);
    let solved = kernel.solve(instance, model, room, Effort::Quick);
    model.units[u].penalty = penalty;
    if solved.choices.iter().any(|choice| choice.units.contains(&(u as u16))) {
        // `value` pays the penalty, `solved.value` nothing for this unit
        let extra = (solved.value - value + SCALE / 2).div_euclid(SCALE).max(0);
        return (Certainty::TooDear, "costs-more-than-its-penalty", None, Some(extra));
    }
    let certainty = if solved.is_exact { Certainty::NoRoom } else { Certainty::NotFound };
    (certainty, "no-visit-fits", None, None)
}

/// The pool without room on most of the unit's days, if no day has room in all its pools.
fn full_pool(instance: &Instance, model: &EnterpriseModel, u: usize, room: &Room) -> Option<usize> {
    let unit = &model.units[u];
    let mut blocked = vec![0; unit.uses.len()];
    for day in unit.days.iter().map(|on| on.day()) {
        let mut is_blocked = false;
        for (place, used) in unit.uses.iter().enumerate() {
            let once = instance.problem.facts().pools[used.pool as usize].attendance_minutes;
            if !room.has(instance.cell(used.pool, day), used.minutes + once) {
                blocked[place] += 1;
                is_blocked = true;
            }
        }
        if !is_blocked {
            return None;
        }
    }
    let worst = (0..blocked.len()).max_by_key(|place| blocked[*place])?;
    Some(unit.uses[worst].pool as usize)
}
