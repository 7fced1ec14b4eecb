//! The master over the columns seen so far: which of them go together best. Solved as a mixed
//! integer programme through good_lp (HiGHS, or the pure-Rust microlp), it combines what the
//! walkers found one by one. Its answer is only a proposal: the incumbent takes it when it fits and
//! costs no more, so no tolerance of the solver reaches a plan or the bound.

use super::cells::{ROUNDED, in_row};
use super::column::Solved;
use super::column::{Column, VisitChoice};
use super::improve::Move;
use super::incumbent::Incumbent;
use super::instance::{EnterpriseModel, Instance};
use super::prices::Prices;
use good_lp::constraint::ConstraintReference;
use good_lp::variable::UnsolvedProblem;
use good_lp::{
    Constraint, Expression, ProblemVariables, Solution, SolverModel, Variable, constraint, variable,
};
use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

/// Above so many enterprises no columns are kept: the master would not pay.
pub const ENTERPRISES_MAX: usize = if cfg!(feature = "highs") { 4_000 } else { 40 };
/// Columns among which the best combination is sought, and how many one enterprise may have.
const COMBINED_ALL_MAX: usize = 12_000;
const COMBINED_MAX: usize = if cfg!(feature = "highs") { 16 } else { 5 };
/// Columns given to the relaxed master, and how many of them one enterprise may have.
#[cfg(feature = "highs")]
const PRICED_ALL_MAX: usize = 30_000;
#[cfg(feature = "highs")]
const PRICED_MAX: usize = 40;
/// Seconds that the solver may overrun its time before it is left alone.
const GRACE_SECONDS: f64 = 0.2;
/// Columns kept of one enterprise.
const KEPT_MAX: usize = 400;
/// With room for fewer none are.
const KEPT_LEAST: usize = 4;
/// Memory of a column kept, about.
const COLUMN_BYTES: u64 = 1_000;

/// Distinct columns seen of one enterprise.
#[derive(Default)]
struct EnterpriseColumns {
    known: HashSet<Box<[VisitChoice]>>,
    columns: Vec<Arc<Column>>,
}

/// The columns seen, for problems small enough to use them.
pub struct ColumnPool {
    enterprises: Vec<Mutex<EnterpriseColumns>>,
    /// Columns kept of one enterprise.
    kept_max: usize,
    /// Whether the solver has overrun its time: it is not asked again.
    is_late: bool,
}

impl ColumnPool {
    /// An empty column pool, to hold about so many bytes at most; it stays empty for large problems,
    /// and where there is room for next to nothing.
    pub fn new(instance: &Instance, bytes_max: u64) -> Self {
        let enterprises = instance.models.len();
        let room = bytes_max / (COLUMN_BYTES * enterprises.max(1) as u64);
        let kept_max = usize::try_from(room).map_or(KEPT_MAX, |room| room.min(KEPT_MAX));
        let count =
            if enterprises <= ENTERPRISES_MAX && kept_max >= KEPT_LEAST { enterprises } else { 0 };
        let enterprises = (0..count).map(|_| Mutex::default()).collect();
        Self { enterprises, kept_max, is_late: false }
    }

    /// Number of columns kept.
    pub fn len(&self) -> usize {
        self.enterprises
            .iter()
            .map(|columns| columns.lock().expect("no panics").columns.len())
            .sum()
    }

    /// Keeps what the kernel found. The columns of an enterprise are touched by one thread at a time
    /// and in a fixed order, so the column pool repeats.
    pub fn keep(
        &self,
        instance: &Instance,
        enterprise: usize,
        model: &EnterpriseModel,
        solved: &Solved,
    ) {
        let Some(columns) = self.enterprises.get(enterprise) else { return };
        let mut columns = columns.lock().expect("no panics");
        let mut choices = solved.choices.clone();
        choices.sort_by_key(|choice| choice.day);
        if columns.columns.len() < self.kept_max && !columns.known.contains(&choices[..]) {
            columns.columns.push(Arc::new(Column::new(instance, model, choices.clone())));
            columns.known.insert(choices.into());
        }
    }

    /// Keeps a column.
    pub fn add(&mut self, enterprise: usize, column: &Arc<Column>) {
        let Some(columns) = self.enterprises.get_mut(enterprise) else { return };
        let columns = columns.get_mut().expect("no panics");
        if columns.columns.len() < self.kept_max && columns.known.insert(column.choices.clone()) {
            columns.columns.push(column.clone());
        }
    }

    /// The columns kept, by enterprise.
    #[cfg(feature = "highs")]
    pub fn columns(&mut self) -> impl Iterator<Item = (usize, &Arc<Column>)> {
        let enterprises =
            self.enterprises.iter_mut().map(|columns| columns.get_mut().expect("no panics"));
        enterprises
            .enumerate()
            .flat_map(|(enterprise, columns)| columns.columns.iter().map(move |c| (enterprise, c)))
    }

    /// Whether the problem is small enough for the master.
    pub fn is_in_use(&self) -> bool {
        !self.enterprises.is_empty() && !self.is_late
    }

    /// Runs the solver, where its seconds are limited on a thread of its own: it looks at the time
    /// now and then only, least of all before its search. An answer that comes late is dropped.
    fn in_time<T: Send + 'static>(
        &mut self,
        solver_seconds: Option<f64>,
        solve: impl FnOnce() -> Option<T> + Send + 'static,
    ) -> Option<T> {
        let Some(seconds) = solver_seconds else { return solve() };
        let (sender, receiver) = mpsc::channel();
        // nobody may be left to take the answer
        let solve = move || drop(sender.send(solve()));
        std::thread::Builder::new().name("solver".into()).spawn(solve).ok()?;
        let patience = Duration::from_secs_f64(seconds.max(0.0) + GRACE_SECONDS);
        match receiver.recv_timeout(patience) {
            Ok(answer) => answer,
            Err(_) => {
                self.is_late = true;
                None
            }
        }
    }

    /// The most promising columns of each enterprise at these prices, the held one first.
    fn offers(&mut self, best: &Incumbent, prices: &Prices, most: usize) -> Vec<Vec<Arc<Column>>> {
        let offer = |(enterprise, columns): (usize, &mut Mutex<EnterpriseColumns>)| {
            let held = best.column(enterprise);
            let mut columns = columns.get_mut().expect("no panics").columns.clone();
            columns.retain(|column| column.choices != held.choices);
            columns.sort_by_cached_key(|column| column.value(prices));
            columns.truncate(most);
            columns.insert(0, held.clone());
            columns
        };
        self.enterprises.iter_mut().enumerate().map(offer).collect()
    }

    /// The best combination of the most promising columns, as a move from `best`; `None` where
    /// nothing better was found or the problem is too large.
    pub fn combine(
        &mut self,
        instance: &Instance,
        best: &Incumbent,
        prices: &Prices,
        solver_seconds: Option<f64>,
    ) -> Option<Move> {
        if !self.is_in_use() {
            return None;
        }
        let most = (COMBINED_ALL_MAX / self.enterprises.len()).min(COMBINED_MAX);
        let offers = self.offers(best, prices, most);
        let (model, master) = Master::build(instance, &offers, true);
        let picks = self.in_time(solver_seconds, move || {
            let solution = limited(model, solver_seconds, &master.rows)?.0.solve().ok()?;
            let pick =
                |choice: &Vec<Variable>| largest(choice.iter().map(|pick| solution.value(*pick)));
            Some(master.choices.iter().map(pick).collect::<Vec<usize>>())
        })?;
        let columns: Vec<_> = offers
            .iter()
            .zip(picks)
            .enumerate()
            .filter(|(_, (_, pick))| *pick != 0)
            .map(|(enterprise, (columns, pick))| (enterprise, columns[pick].clone()))
            .collect();
        (!columns.is_empty()).then_some(Move { columns, allowed: 0 })
    }

    /// Prices of the rows when columns may be mixed: the duals of the relaxed master. They need not
    /// be exact: whatever they are, the bound they give is computed anew.
    #[cfg(feature = "highs")]
    pub fn prices(
        &mut self,
        instance: &Instance,
        best: &Incumbent,
        prices: &Prices,
        solver_seconds: Option<f64>,
    ) -> Option<Prices> {
        use good_lp::solvers::{DualValues, SolutionWithDual};
        if !self.is_in_use() {
            return None;
        }
        let most = (PRICED_ALL_MAX / self.enterprises.len()).min(PRICED_MAX);
        let offers = self.offers(best, prices, most);
        let (model, master) = Master::build(instance, &offers, false);
        let duals = self.in_time(solver_seconds, move || {
            let (model, rows) = limited(model, solver_seconds, &master.rows)?;
            let mut solution = model.solve().ok()?;
            let duals = solution.compute_dual();
            let dual = |(row, reference): (Row, _)| {
                (row.kind, (duals.dual(reference) * super::SCALE as f64).round() as i64)
            };
            Some(master.rows.into_iter().zip(rows).map(dual).collect::<Vec<(RowKind, i64)>>())
        })?;
        let mut found = Prices::zero(instance);
        for (kind, dual) in duals {
            match kind {
                RowKind::Cell(cell) => found.cell[cell].minute = -dual,
                RowKind::Rounded(cell, i) => found.cell[cell].extra[i] = -dual,
                RowKind::Target(target) => found.target[target] = dual,
                RowKind::Enterprise => {}
            }
        }
        found.clamp(instance);
        Some(found)
    }

    /// The pure-Rust solver gives no duals: the ascent's prices remain.
    #[cfg(not(feature = "highs"))]
    pub fn prices(
        &mut self,
        _: &Instance,
        _: &Incumbent,
        _: &Prices,
        _: Option<f64>,
    ) -> Option<Prices> {
        None
    }
}

/// The place of the largest of the solver's values, of equal ones the first.
pub fn largest(values: impl Iterator<Item = f64>) -> usize {
    let largest = values.enumerate().max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
    largest.map_or(0, |(place, _)| place)
}

/// What a row of the master limits or asks for.
#[cfg_attr(not(feature = "highs"), allow(dead_code))]
enum RowKind {
    Cell(usize),
    Rounded(usize, usize),
    Target(usize),
    Enterprise,
}

pub struct Row {
    #[cfg_attr(not(feature = "highs"), allow(dead_code))]
    kind: RowKind,
    pub constraint: Constraint,
}

/// The master as a model: the formulas at the head of `optimiser`. The columns' variables come first, in
/// their order.
pub struct Master {
    /// For each enterprise its columns' variables.
    choices: Vec<Vec<Variable>>,
    pub rows: Vec<Row>,
}

impl Master {
    /// The master over these columns, for each enterprise first the one that the plan holds;
    /// `is_whole`: each wholly or not at all.
    pub fn build(
        instance: &Instance,
        offers: &[Vec<Arc<Column>>],
        is_whole: bool,
    ) -> (UnsolvedProblem, Self) {
        let mut variables = ProblemVariables::new();
        let mut objective = Expression::default();
        let mut loads: Vec<Expression> = vec![Expression::default(); instance.regular.len()];
        let mut most = vec![0i64; instance.regular.len()];
        let mut rounded: BTreeMap<(usize, usize), Expression> = BTreeMap::new();
        let mut gains: Vec<Expression> = vec![Expression::default(); instance.targets.len()];
        let mut choices = Vec::with_capacity(offers.len());
        for columns in offers {
            let mut choice = Vec::with_capacity(columns.len());
            let mut heaviest: BTreeMap<u32, i64> = BTreeMap::new();
            for (place, column) in columns.iter().enumerate() {
                let is_held = if place == 0 { 1.0 } else { 0.0 };
                let pick = if is_whole { variable().binary() } else { variable().min(0.0) };
                let pick = variables.add(pick.initial(is_held));
                objective += column.cost as f64 * pick;
                for (cell, minutes) in &column.loads {
                    loads[*cell as usize] += *minutes as f64 * pick;
                    if !is_whole && instance.cells.is_listed(*cell as usize) {
                        let most = instance.cells.most(*cell as usize);
                        for (i, k) in ROUNDED.iter().enumerate() {
                            let count = in_row(*k, *minutes, most);
                            if count > 0 {
                                *rounded.entry((*cell as usize, i)).or_default() +=
                                    count as f64 * pick;
                            }
                        }
                    }
                    let heaviest = heaviest.entry(*cell).or_default();
                    *heaviest = (*minutes).max(*heaviest);
                }
                for (target, n) in &column.gains {
                    gains[*target as usize] += *n as f64 * pick;
                }
                choice.push(pick);
            }
            for (cell, minutes) in heaviest {
                most[cell as usize] += minutes;
            }
            choices.push(choice);
        }
        let days = instance.days.len();
        let mut rows = Vec::new();
        for (cell, load) in loads.into_iter().enumerate() {
            // a cell that no choice of columns can fill needs no row
            if most[cell] <= instance.regular[cell] {
                continue;
            }
            // minutes that no visits can fill are no room
            let (within, largest) = instance.cells.fillable(cell);
            let regular =
                if largest > instance.regular[cell] { instance.regular[cell] } else { within };
            let mut room = Expression::from(regular as f64);
            if largest > regular {
                // whole minutes follow from whole columns
                let most = (largest - regular) as f64;
                let overtime = variables.add(variable().min(0.0).max(most).initial(0.0));
                objective += instance.overtime_cost[cell / days] as f64 * overtime;
                room += overtime;
            }
            rows.push(Row { kind: RowKind::Cell(cell), constraint: constraint!(load <= room) });
        }
        for ((cell, i), count) in rounded {
            let at_most = (ROUNDED[i] - 1) as f64;
            rows.push(Row {
                kind: RowKind::Rounded(cell, i),
                constraint: constraint!(count <= at_most),
            });
        }
        for (t, (target, gain)) in instance.targets.iter().zip(gains).enumerate() {
            let need = target.need as f64;
            let short = variables.add(variable().min(0.0).max(need).initial(0.0));
            objective += target.shortfall_cost as f64 * short;
            let constraint = constraint!(gain + short >= need);
            rows.push(Row { kind: RowKind::Target(t), constraint });
        }
        for choice in &choices {
            let constraint = constraint!(choice.iter().sum::<Expression>() == 1.0);
            rows.push(Row { kind: RowKind::Enterprise, constraint });
        }
        (variables.minimise(objective), Self { choices, rows })
    }
}

#[cfg(feature = "highs")]
type Model = good_lp::solvers::highs::HighsProblem;
#[cfg(not(feature = "highs"))]
type Model = good_lp::solvers::microlp::MicroLpProblem;

/// The solver's model with its limits and rows.
fn limited(
    problem: UnsolvedProblem,
    solver_seconds: Option<f64>,
    rows: &[Row],
) -> Option<(Model, Vec<ConstraintReference>)> {
    if solver_seconds.is_some_and(|seconds| seconds <= 0.0) {
        return None;
    }
    let mut model = limits(problem, solver_seconds);
    let rows = rows.iter().map(|row| model.add_constraint(row.constraint.clone())).collect();
    Some((model, rows))
}

/// Simplex iterations of one call: a relaxed master that needs more does not pay.
#[cfg(feature = "highs")]
const ITERATIONS_MAX: i32 = 20_000;

/// HiGHS on one thread, limited by nodes so that it repeats, and by time where the caller says so.
#[cfg(feature = "highs")]
fn limits(problem: UnsolvedProblem, solver_seconds: Option<f64>) -> Model {
    use good_lp::solvers::highs::{HighsParallelType, highs};
    let mut model = problem
        .using(highs)
        .set_parallel(HighsParallelType::Off)
        .set_threads(1)
        .set_option("mip_max_nodes", 200)
        .set_option("simplex_iteration_limit", ITERATIONS_MAX)
        .set_option("mip_rel_gap", 0.0005);
    model.set_verbose(false);
    match solver_seconds {
        Some(seconds) => model.set_time_limit(seconds),
        None => model,
    }
}

/// microlp knows no limit but time; the sizes above keep it short.
#[cfg(not(feature = "highs"))]
fn limits(problem: UnsolvedProblem, solver_seconds: Option<f64>) -> Model {
    use good_lp::WithTimeLimit;
    let model = problem.using(good_lp::solvers::microlp::microlp);
    match solver_seconds {
        Some(seconds) => model.with_time_limit(seconds),
        None => model,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_solver_is_left_alone() {
        let mut column_pool =
            ColumnPool { enterprises: vec![Mutex::default()], kept_max: 1, is_late: false };
        assert_eq!(column_pool.in_time(None, || Some(1)), Some(1));
        assert_eq!(column_pool.in_time(Some(60.0), || Some(2)), Some(2));
        assert_eq!(column_pool.in_time(Some(60.0), || None::<u8>), None);
        assert!(column_pool.is_in_use());
        let (sender, receiver) = mpsc::channel::<u8>();
        // it answers only after nobody waits any more
        assert_eq!(column_pool.in_time(Some(0.0), move || receiver.recv().ok()), None);
        assert!(!column_pool.is_in_use());
        drop(sender);
    }
}
