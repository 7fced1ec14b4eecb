//! The whole model: every column that a better plan could hold, given to the solver at once.
//!
//! A column whose reduced cost at the best prices is at least the gap is in no plan that is better
//! than the best one. Where few others are left, a mixed-integer solver can settle what prices alone
//! cannot: it works on a thread of its own while the walkers go on. Its plan is taken like any other,
//! where it fits and costs less. Its bound is its word alone, so it is reported apart from ours.

use super::column::Column;
use super::kernel::Kernel;
use super::master::{Master, largest};
use super::search::Search;
use crate::domain::problem::Cost;
use good_lp::SolverModel;
use good_lp::solvers::highs::highs;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::task::Poll;
use std::time::Duration;

/// Most columns of a whole model.
const COLUMNS_MAX: usize = 30_000;
/// Least seconds for the solver to be asked, most in which it answers, and those of the run that it
/// leaves, because it looks at the time now and then only.
const SECONDS_MIN: f64 = 1.0;
const SECONDS_MAX: f64 = 120.0;
const SECONDS_KEPT: f64 = 0.15;
/// How long a late answer is waited for.
const PATIENCE: Duration = Duration::from_millis(300);
/// Costs are whole: the solver need not close the last unit.
const ABSOLUTE_GAP: f64 = 0.9;
/// Error of the solver's bound, against the bound and at least.
const TOLERANCE: f64 = 1e-9;
const TOLERANCE_LEAST: f64 = 1e-4;

/// A whole model with the solver. Where nobody takes its answer any more, its thread ends by itself after
/// [`SECONDS_MAX`].
pub struct WholeModel {
    /// The columns of each enterprise.
    columns: Vec<Vec<Arc<Column>>>,
    solved: mpsc::Receiver<Option<Solved>>,
}

/// What the solver says.
struct Solved {
    /// Its value of each column, in their order.
    shares: Vec<f64>,
    /// No combination of the columns costs less.
    bound: f64,
}

/// What the solver found.
pub struct Answer {
    /// One column for each enterprise.
    pub columns: Vec<Arc<Column>>,
    /// No plan that is better than the best one costs less, by the solver's word.
    pub bound: Cost,
}

impl WholeModel {
    /// Gives the whole model to the solver. `None` where there are too many columns, or enterprises
    /// that cannot be enumerated; where there is no clock, because nobody could say how far the
    /// solver comes; and where it would take the only thread.
    pub fn begin(search: &Search) -> Option<Self> {
        let params = search.params;
        let left = params.seconds_left() - SECONDS_KEPT;
        if params.threads < 2 || !left.is_finite() || left < SECONDS_MIN || !search.is_begun {
            return None;
        }
        let columns = columns(search, COLUMNS_MAX)?;
        let (problem, master) = Master::build(search.instance, &columns, true);
        let count: usize = columns.iter().map(Vec::len).sum();
        let held: Vec<f64> = columns
            .iter()
            .flat_map(|columns| (0..columns.len()).map(|place| f64::from(u8::from(place == 0))))
            .collect();
        let impossible_cost = search.instance.impossible_cost as f64;
        let (sender, solved) = mpsc::channel();
        let solve = move || {
            let mut model = problem.using(highs);
            for row in master.rows {
                model.add_constraint(row.constraint);
            }
            let mut model = model.try_into_inner().ok()?;
            model.make_quiet();
            model.set_option("threads", 1);
            model.set_option("parallel", "off");
            model.set_option("time_limit", left.min(SECONDS_MAX));
            model.set_option("mip_rel_gap", 0.0);
            model.set_option("mip_abs_gap", ABSOLUTE_GAP);
            // plans are the walkers' business, and what is left is too little to begin anew
            model.set_option("mip_heuristic_effort", 0.0);
            model.set_option("mip_allow_restart", false);
            // overtime and shortfall follow from the columns
            let mut begun = held;
            begun.resize(model.num_cols(), 0.0);
            model.set_solution(Some(&begun), None, None, None);
            let solved = model.try_solve().ok()?;
            let bound = solved.double_info_value(c"mip_dual_bound").ok()? + impossible_cost;
            let shares = solved.get_solution().columns()[..count].to_vec();
            Some(Solved { shares, bound })
        };
        // nobody may be left to take the answer
        let solve = move || drop(sender.send(solve()));
        std::thread::Builder::new().name("solver".into()).spawn(solve).ok()?;
        Some(Self { columns, solved })
    }

    /// The answer, if there is one by now; `None` where the solver failed. One that is due is waited for.
    pub fn answer(&self, is_due: bool) -> Poll<Option<Answer>> {
        let patience = if is_due { PATIENCE } else { Duration::ZERO };
        let solved = match self.solved.recv_timeout(patience) {
            Err(mpsc::RecvTimeoutError::Timeout) => return Poll::Pending,
            solved => solved.ok().flatten(),
        };
        Poll::Ready(solved.map(|Solved { shares, bound }| {
            let mut shares = shares.into_iter();
            let pick = |columns: &Vec<Arc<Column>>| {
                columns[largest(shares.by_ref().take(columns.len()))].clone()
            };
            let columns = self.columns.iter().map(pick).collect();
            // the solver counts in fractions
            let bound = (bound - TOLERANCE * bound.abs() - TOLERANCE_LEAST).ceil() as Cost;
            Answer { columns, bound }
        }))
    }
}

/// The columns that a plan better than the best one may hold, the best one's first; of those that draw and
/// give the same the cheapest. `None` where they are more than `most`, or some cannot be enumerated.
fn columns(search: &Search, most: usize) -> Option<Vec<Vec<Arc<Column>>>> {
    let (instance, ascent) = (search.instance, &search.ascent);
    let gap = i64::try_from(search.scaled_cost() - ascent.response.bound).ok()?;
    let count = AtomicUsize::new(0);
    let below = |kernel: &mut Kernel, enterprise: usize| -> Option<Vec<Arc<Column>>> {
        let model = &instance.models[enterprise];
        let limit = ascent.response.values[enterprise].checked_add(gap)?;
        let found = kernel.below(instance, model, &ascent.best, limit, most)?;
        let held = search.best.column(enterprise);
        let mut cheapest: BTreeMap<_, Column> = BTreeMap::new();
        for choices in found {
            let column = Column::new(instance, model, choices);
            let key = (column.loads.clone(), column.gains.clone());
            match cheapest.entry(key) {
                Entry::Vacant(place) => drop(place.insert(column)),
                Entry::Occupied(mut place) if column.cost < place.get().cost => {
                    place.insert(column);
                }
                Entry::Occupied(_) => {}
            }
        }
        let others = cheapest.into_values().filter(|column| column.choices != held.choices);
        let columns: Vec<_> = std::iter::once(held.clone()).chain(others.map(Arc::new)).collect();
        let all = count.fetch_add(columns.len(), Ordering::Relaxed) + columns.len();
        (all <= most).then_some(columns)
    };
    let enterprises = (0..instance.models.len()).into_par_iter();
    search.threads.install(|| enterprises.map_init(Kernel::default, below).collect())
}
