//! The master over the columns seen so far: which of them go together best. Solved as a mixed
//! integer programme through good_lp (HiGHS, or the pure-Rust microlp), it combines what the
//! walkers found one by one. Its answer is only a proposal: the roster takes it when it fits and
//! costs no more, so no tolerance of the solver reaches a plan or the bound.

use super::column::{Column, Stop};
use super::improve::Move;
use super::instance::{Home, Instance};
use super::kernel::Solved;
use super::prices::Prices;
use super::roster::Roster;
use good_lp::{Expression, ProblemVariables, Solution, SolverModel, constraint, variable};
use std::collections::HashSet;
use std::sync::{Arc, Mutex};

/// Above so many enterprises no columns are kept: the master would not pay.
#[cfg(feature = "highs")]
const HOMES_MAX: usize = 1_500;
#[cfg(not(feature = "highs"))]
const HOMES_MAX: usize = 40;
/// Columns of one enterprise given to the solver, the most promising first.
#[cfg(feature = "highs")]
const COLUMNS_MAX: usize = 24;
#[cfg(not(feature = "highs"))]
const COLUMNS_MAX: usize = 6;
/// Columns kept of one enterprise.
const KEPT_MAX: usize = 400;

/// Distinct columns seen of one enterprise.
#[derive(Default)]
struct Shelf {
    known: HashSet<Box<[Stop]>>,
    columns: Vec<Arc<Column>>,
}

/// The columns seen, for problems small enough to use them.
pub struct Library {
    shelves: Vec<Mutex<Shelf>>,
}

impl Library {
    /// An empty library; it stays empty for large problems.
    pub fn new(instance: &Instance) -> Self {
        let count = if instance.homes.len() <= HOMES_MAX { instance.homes.len() } else { 0 };
        Self { shelves: (0..count).map(|_| Mutex::default()).collect() }
    }

    /// Number of columns kept.
    pub fn len(&self) -> usize {
        self.shelves.iter().map(|shelf| shelf.lock().expect("no panics").columns.len()).sum()
    }

    /// Keeps what the kernel found. Each home's shelf is touched by one thread at a time and in a
    /// fixed order, so the library repeats.
    pub fn keep(&self, instance: &Instance, h: usize, home: &Home, solved: &Solved) {
        let Some(shelf) = self.shelves.get(h) else { return };
        let mut shelf = shelf.lock().expect("no panics");
        if shelf.columns.len() < KEPT_MAX && !shelf.known.contains(&solved.stops[..]) {
            let column = Column::new(instance, home, solved.stops.clone());
            shelf.known.insert(solved.stops.clone().into());
            shelf.columns.push(Arc::new(column));
        }
    }

    /// Keeps a column.
    pub fn add(&mut self, h: usize, column: &Arc<Column>) {
        let Some(shelf) = self.shelves.get_mut(h) else { return };
        let shelf = shelf.get_mut().expect("no panics");
        if shelf.columns.len() < KEPT_MAX && shelf.known.insert(column.stops.clone()) {
            shelf.columns.push(column.clone());
        }
    }

    /// The best combination of the most promising columns, as a move from `best`; `None` where
    /// nothing better was found or the problem is too large.
    pub fn combine(
        &mut self,
        instance: &Instance,
        best: &Roster,
        prices: &Prices,
        solver_seconds: Option<f64>,
    ) -> Option<Move> {
        if self.shelves.is_empty() {
            return None;
        }
        let offers: Vec<Vec<Arc<Column>>> = self
            .shelves
            .iter_mut()
            .enumerate()
            .map(|(h, shelf)| {
                let shelf = shelf.get_mut().expect("no panics");
                let mut columns = shelf.columns.clone();
                columns.sort_by_key(|column| column.value(prices));
                columns.truncate(COLUMNS_MAX);
                let held = best.column(h);
                columns.retain(|column| column.stops != held.stops);
                // the held column first, so that the plan at hand is among the combinations
                columns.insert(0, held.clone());
                columns
            })
            .collect();
        let picks = solve(instance, &offers, solver_seconds)?;
        let picked = offers.iter().zip(picks).enumerate();
        let change: Move = picked
            .filter(|(_, (_, pick))| *pick != 0)
            .map(|(h, (columns, pick))| (h, columns[pick].clone()))
            .collect();
        (!change.is_empty()).then_some(change)
    }
}

/// Solves the master; for each home the place of the chosen column.
fn solve(
    instance: &Instance,
    offers: &[Vec<Arc<Column>>],
    solver_seconds: Option<f64>,
) -> Option<Vec<usize>> {
    let mut variables = ProblemVariables::new();
    let mut objective = Expression::default();
    let mut loads: Vec<Expression> = vec![Expression::default(); instance.regular.len()];
    let mut most = vec![0i64; instance.regular.len()];
    let mut gains: Vec<Expression> = vec![Expression::default(); instance.targets.len()];
    let mut choices = Vec::with_capacity(offers.len());
    for columns in offers {
        let mut choice = Vec::with_capacity(columns.len());
        for (place, column) in columns.iter().enumerate() {
            let is_held = if place == 0 { 1.0 } else { 0.0 };
            let pick = variables.add(variable().binary().initial(is_held));
            objective += column.cost as f64 * pick;
            for (cell, minutes) in &column.loads {
                loads[*cell as usize] += *minutes as f64 * pick;
            }
            for (target, n) in &column.gains {
                gains[*target as usize] += *n as f64 * pick;
            }
            choice.push(pick);
        }
        let mut heaviest: std::collections::BTreeMap<u32, i64> = std::collections::BTreeMap::new();
        for (cell, minutes) in columns.iter().flat_map(|column| &column.loads) {
            let heaviest = heaviest.entry(*cell).or_default();
            *heaviest = (*minutes).max(*heaviest);
        }
        for (cell, minutes) in heaviest {
            most[cell as usize] += minutes;
        }
        choices.push(choice);
    }
    let days = instance.days.len();
    let mut rows = Vec::new();
    for (cell, load) in loads.into_iter().enumerate() {
        if most[cell] <= instance.regular[cell] {
            continue;
        }
        let mut room = Expression::from(instance.regular[cell] as f64);
        if instance.overtime[cell] > 0 {
            // whole minutes follow from whole columns
            let overtime = variables.add(
                variable().min(0.0).max(instance.overtime[cell] as f64).initial(0.0),
            );
            objective += instance.overtime_cost[cell / days] as f64 * overtime;
            room += overtime;
        }
        rows.push(constraint!(load <= room));
    }
    for (target, gain) in instance.targets.iter().zip(gains) {
        let short = variables.add(variable().min(0.0).max(target.need as f64).initial(0.0));
        objective += target.shortfall_cost as f64 * short;
        rows.push(constraint!(gain + short >= target.need as f64));
    }
    for choice in &choices {
        rows.push(constraint!(choice.iter().sum::<Expression>() == 1.0));
    }
    let mut model = limited(variables.minimise(objective), solver_seconds);
    for row in rows {
        model.add_constraint(row);
    }
    let solution = model.solve().ok()?;
    let pick = |choice: &Vec<good_lp::Variable>| {
        let values = choice.iter().map(|pick| solution.value(*pick));
        values.enumerate().max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0))).map(|(i, _)| i)
    };
    choices.iter().map(pick).collect()
}

/// HiGHS on one thread, limited by nodes so that it repeats, and by time where the caller says so.
#[cfg(feature = "highs")]
fn limited(
    problem: good_lp::variable::UnsolvedProblem,
    solver_seconds: Option<f64>,
) -> good_lp::solvers::highs::HighsProblem {
    use good_lp::solvers::highs::{HighsParallelType, highs};
    let mut model = problem
        .using(highs)
        .set_parallel(HighsParallelType::Off)
        .set_threads(1)
        .set_option("mip_max_nodes", 200)
        .set_option("mip_rel_gap", 0.0005);
    model.set_verbose(false);
    match solver_seconds {
        Some(seconds) => model.set_time_limit(seconds),
        None => model,
    }
}

/// microlp knows no limit but time; the sizes above keep it short.
#[cfg(not(feature = "highs"))]
fn limited(
    problem: good_lp::variable::UnsolvedProblem,
    solver_seconds: Option<f64>,
) -> good_lp::solvers::microlp::MicroLpProblem {
    use good_lp::WithTimeLimit;
    let model = problem.using(good_lp::solvers::microlp::microlp);
    match solver_seconds {
        Some(seconds) => model.with_time_limit(seconds),
        None => model,
    }
}
