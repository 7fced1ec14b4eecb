//! Refining the ascent's prices by column generation: a relaxed master over what is known proposes
//! prices, the enterprises answer with new columns. Proposals are tried half-way from the best
//! prices first, because the master's prices swing (Wentges 1997).

use super::StoppedBy;
use super::column::Solved;
use super::instance::EnterpriseModel;
use super::search::{OnProgress, Search};
#[cfg(feature = "highs")]
use super::{SCALE, column::Column, dive::Diver};
#[cfg(feature = "highs")]
use std::sync::{Arc, Mutex};

/// Most calls of the master over columns, and how many in a row may bring next to nothing.
const REFINE_STEPS: u32 = 60;
const REFINE_MISSES: u32 = 4;
/// Calls of the master over packings that may bring next to nothing, and the difference between its value
/// and the bound, in units of cost, that ends them.
#[cfg(feature = "highs")]
const PACKING_MISSES: u32 = 5;
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
            let half = ascent.best.towards(&proposal, 0.5);
            ascent.offer(instance, half, &keep, &is_over);
            ascent.offer(instance, proposal, &keep, &is_over);
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

/// Refines by the master over packings, where the problem is small enough for it, and ends with a
/// dive from its last mixture. `None` as with [`by_columns`].
#[cfg(feature = "highs")]
pub fn by_packings<'i>(
    search: &mut Search<'i, '_>,
    diver: &mut Diver<'i>,
    progress: &mut OnProgress,
) -> Option<StoppedBy> {
    let (instance, params) = (search.instance, search.params);
    let is_over = || params.is_over();
    let master = &mut diver.master;
    master.begin(&search.best);
    for (enterprise, column) in search.column_pool.columns() {
        master.add(enterprise, column);
    }
    for (enterprise, model) in instance.models.iter().enumerate() {
        master.add(enterprise, &Arc::new(Column::fixed_only(instance, model)));
    }
    let mut misses = 0;
    while misses < PACKING_MISSES {
        let before = search.ascent.response.bound;
        let proposal = master.solve(&|| params.seconds_left())?;
        let ascent = &mut search.ascent;
        let found = Mutex::new(Vec::new());
        search.threads.install(|| {
            let keep = |enterprise: usize, model: &EnterpriseModel, solved: &Solved| {
                let column = Column::new(instance, model, solved.choices.clone());
                found.lock().expect("no panics").push((enterprise, Arc::new(column)));
            };
            let half = ascent.best.towards(&proposal.prices, 0.5);
            ascent.offer(instance, half, &keep, &is_over);
            ascent.offer(instance, proposal.prices, &keep, &is_over);
        });
        // threads end in any order
        let mut found = found.into_inner().expect("no panics");
        found.sort_by(|a, b| (a.0, &a.1.choices).cmp(&(b.0, &b.1.choices)));
        for (enterprise, column) in found {
            master.add(enterprise, &column);
            search.column_pool.add(enterprise, &column);
        }
        search.work += 2 * search.pass_work;
        search.descend();
        let stopped = search.should_stop(progress);
        if stopped.is_some() {
            return stopped;
        }
        let bound = search.ascent.response.bound;
        if proposal.value - bound as f64 / (SCALE as f64) < CLOSE {
            break;
        }
        let left = search.scaled_cost() - bound;
        misses = if (bound - before) * 1_000 > left { 0 } else { misses + 1 };
    }
    diver.dive(search, 1.0);
    search.should_stop(progress)
}
