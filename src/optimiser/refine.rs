//! Refining the ascent's prices by column generation: a relaxed master over what is known proposes
//! prices, the enterprises answer with new columns.

use super::StoppedBy;
use super::column::Solved;
use super::instance::EnterpriseModel;
use super::search::{OnProgress, Search};
#[cfg(feature = "highs")]
use super::{
    SCALE,
    annealing::{Annealing, Length},
    column::Column,
    dive::Diver,
    packing::{Grouping, PackingMaster, Proposal},
};
#[cfg(feature = "highs")]
use std::sync::{Arc, Mutex};

/// Most calls of the master over columns, and how many in a row may bring next to nothing.
const REFINE_STEPS: u32 = 60;
const REFINE_MISSES: u32 = 4;
/// The groups of each master over packings after the first, in which a group has all days of a pool:
/// most cells in one, and whether those are together that follow each other. Charges of days that
/// look alike group best at first; then what one week needs and another does not comes out.
#[cfg(feature = "highs")]
const GROUPINGS: [(usize, bool); 6] =
    [(20, false), (10, true), (5, true), (5, false), (2, true), (1, true)];
/// Share of what is left of a run that the annealing takes which begins beside refining, and share of
/// the run before which it is given up again.
#[cfg(feature = "highs")]
const BESIDE_SHARE: f64 = 0.95;
#[cfg(feature = "highs")]
const BEGUN_SHARE: f64 = 0.25;
/// Share of a run after which prices are refined no more.
#[cfg(feature = "highs")]
const REFINED_SHARE: f64 = 0.5;
/// Calls of the master over packings that may bring next to nothing, and the difference between its value
/// and the bound, in units of cost, that ends them.
#[cfg(feature = "highs")]
const PACKING_MISSES: u32 = 3;
#[cfg(feature = "highs")]
const CLOSE: f64 = 0.25;

/// Refines by the master over the columns seen. `None` when its proposals bring next to nothing any
/// more, or the solver has none: the run goes on.
pub fn by_columns(search: &mut Search, progress: &mut OnProgress) -> Option<StoppedBy> {
    let params = search.params;
    let is_over = || params.is_over();
    let mut misses = 0;
    for _ in 0..REFINE_STEPS {
        let (instance, ascent) = (search.instance, &mut search.ascent);
        let proposal = search.column_pool.prices(
            instance,
            &search.best,
            &ascent.best,
            params.solver_seconds(),
        )?;
        let before = ascent.response.bound;
        let column_pool = &search.column_pool;
        search.threads.install(|| {
            let keep = |enterprise: usize, model: &EnterpriseModel, solved: &Solved| {
                column_pool.keep(instance, enterprise, model, solved);
            };
            ascent.offer_halfway(instance, proposal, &keep, &is_over);
        });
        search.work += 2 * search.pass_work + search.column_pool.len() as u64;
        search.descend();
        let stopped = search.should_stop(progress);
        if stopped.is_some() {
            return stopped;
        }
        let gain = search.ascent.response.bound - before;
        let left = search.scaled_cost() - before;
        misses = if gain * 500 > left { 0 } else { misses + 1 };
        if misses >= REFINE_MISSES {
            break;
        }
    }
    None
}

/// Refines by masters over packings, the next one finer than the last, until one would be too large
/// or the bound has had its share of the run; ends with a dive from the last mixture. The diver holds
/// the last master. `None` as with [`by_columns`], and where the problem is too large for any.
#[cfg(feature = "highs")]
pub fn by_packings<'i>(
    search: &mut Search<'i, '_>,
    diver: &mut Option<Diver<'i>>,
    annealing: &mut Option<Annealing<'i>>,
    progress: &mut OnProgress,
) -> Option<StoppedBy> {
    let (instance, params) = (search.instance, search.params);
    let all_days = Grouping { size_max: instance.days.len(), is_by_day: true };
    let mut master = PackingMaster::new(instance, all_days, &search.ascent.best)?;
    // the solver has one thread: without a clock nobody can say what another does meanwhile
    if params.threads > 1 && search.seconds_left_at(0.0) > 0.0 {
        let length = Length::Share(BESIDE_SHARE * (1.0 - search.spent()));
        *annealing = Some(Annealing::new(search, length));
    }
    master.begin(&search.best);
    for (enterprise, column) in search.column_pool.columns() {
        master.add(enterprise, column);
    }
    master.add_fixed_only();
    let mut stopped = converge(search, &mut master, annealing, progress);
    let groupings = GROUPINGS.into_iter().filter(|(size, _)| *size < instance.days.len());
    for (size_max, is_by_day) in groupings {
        let grouping = Grouping { size_max, is_by_day };
        if stopped.is_some() || search.spent() >= REFINED_SHARE {
            break;
        }
        let finer = master.refined(grouping, &search.best, &search.ascent.best);
        // too large
        let Some(finer) = finer else { break };
        master = finer;
        stopped = converge(search, &mut master, annealing, progress);
    }
    if search.spent() < BEGUN_SHARE {
        // hardly begun: short cycles with dives between them are better
        *annealing = None;
    }
    let diver = diver.insert(Diver::new(master, params.seed));
    if stopped.is_none() {
        diver.dive(search, 1.0);
        stopped = search.should_stop(progress);
    }
    stopped
}

/// Generates columns and packings until the master's prices bring next to nothing any more.
#[cfg(feature = "highs")]
fn converge<'i>(
    search: &mut Search<'i, '_>,
    master: &mut PackingMaster<'i>,
    annealing: &mut Option<Annealing<'i>>,
    progress: &mut OnProgress,
) -> Option<StoppedBy> {
    let (instance, params) = (search.instance, search.params);
    let is_over = || params.is_over();
    let mut misses = 0;
    while misses < PACKING_MISSES && search.spent() < REFINED_SHARE {
        let before = search.ascent.response.bound;
        // the plan is to have its share of the time
        let kept = search.seconds_left_at(REFINED_SHARE);
        let threads = search.threads;
        let mut solve = || master.solve(threads, &|| params.seconds_left() - kept);
        let solved = match annealing {
            Some(annealing) => annealing.beside(search, solve),
            None => solve(),
        };
        search.work += master.take_work();
        let Proposal { prices, value } = solved?;
        let ascent = &mut search.ascent;
        let found = Mutex::new(Vec::new());
        search.threads.install(|| {
            let keep = |enterprise: usize, model: &EnterpriseModel, solved: &Solved| {
                let column = Column::new(instance, model, solved.choices.clone());
                found.lock().expect("no panics").push((enterprise, Arc::new(column)));
            };
            ascent.offer_halfway(instance, prices, &keep, &is_over);
        });
        // threads end in any order
        let mut found = found.into_inner().expect("no panics");
        found.sort_by(|a, b| (a.0, &a.1.choices).cmp(&(b.0, &b.1.choices)));
        let known = master.len();
        for (enterprise, column) in found {
            master.add(enterprise, &column);
            search.column_pool.add(enterprise, &column);
        }
        search.work += 2 * search.pass_work;
        if annealing.is_none() {
            search.descend();
        }
        let stopped = search.should_stop(progress);
        if stopped.is_some() {
            return stopped;
        }
        let bound = search.ascent.response.bound;
        // the master knows nothing of requests that no day can take
        let value = value + instance.impossible_cost as f64;
        if master.len() == known || value - bound as f64 / (SCALE as f64) < CLOSE {
            break;
        }
        let left = search.scaled_cost() - bound;
        misses = if (bound - before) * 1_000 > left { 0 } else { misses + 1 };
    }
    None
}
