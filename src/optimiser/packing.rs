//! The master over whole columns of enterprises and whole days of pools, relaxed.
//!
//! The rows of the plain master let a pool's day be filled by parts of visits that could never share
//! it. Here each cell follows a mixture of *packings*: sets of draws that fit one day together. The
//! master betters given prices φ' by one amount for each *group* of cells and each draw. Cells of a
//! group are of one pool, have the same minutes, and charge alike or lie close together. The fewer
//! the groups the smaller the master; in groups of one cell its prices are the strongest that treat
//! all enterprises alike.
//!
//! ```text
//! min  Σ (cost_k + φ'(k)) λ_k + Σ (overtime_q − φ'(q)) θ_q + Σ shortfall_cost_t s_t
//!      + Σ rise_gm down_gm                                                       price of the row
//! s.t. Σ_{k ∈ K_e} λ_k = 1                                    each enterprise e   v_e
//!      Σ_q n_qm θ_q + down_gm − down_gm' = Σ_k n_km λ_k        each group, draw m  ψ_g(m)
//!      Σ_{q ∈ Q_c} θ_q ≤ 1                                    each cell c         credit_c
//!      Σ gain_tk λ_k + s_t ≥ need_t                           each target t       μ_t
//! ```
//!
//! φ'(k), φ'(q): what the draws of a column or a packing are charged at the given prices. n_km: how
//! often column k draws m from cells of the group. down_gm: a place for the next larger draw that m
//! takes (m': the next smaller one); rise_gm, the least by which φ' rises between them in a cell of
//! the group, keeps the charges φ_c(m) = φ'_c(m) + ψ_g(m) from falling. Cells whose draws are not
//! listed have their minutes in place of packings, and one row a group for them.
//!
//! A master of one *block* (`blocks`) has rows for the enterprises and cells of that block alone; what
//! its columns draw elsewhere and give to targets is charged at φ' and the given pays.
//!
//! What the prices prove is worked out anew as everywhere else (`prices`, `cells`). Columns and
//! packings are generated as they pay (Gilmore & Gomory 1961, Dantzig & Wolfe 1960); the solver keeps
//! its basis between calls. A finer master starts from what a coarser one found of use (`refined`):
//! most packings of its optimum are there before its first call.

use super::SCALE;
use super::blocks::Block;
use super::cells::CellPrice;
use super::column::{Column, VisitChoice};
use super::incumbent::Incumbent;
use super::instance::Instance;
use super::oracle::{FORBIDDEN, Oracle};
use super::prices::{Curves, Prices};
use highs::{Col, ColProblem, HighsModelStatus, Model, Row, Sense, SolvedModel};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// Most rows of draws; above, the master takes longer than its prices are worth.
const DRAWS_MAX: usize = 12_000;
/// Columns of an enterprise that a finer master takes over, the cheapest at the best prices; those of
/// the mixture come besides.
const TAKEN_OVER: usize = 8;
/// Rows through which a simplex iteration passes in the time of one subproblem, about.
const ROW_STEPS_PER_WORK: u64 = 1_000;
/// Share that is none.
const NOTHING: f64 = 1e-7;
/// Rounds of packings before the enterprises are asked again.
const PACKING_ROUNDS: usize = 30;
/// HiGHS's simplex methods: after new columns the mixture still holds, and the primal one goes on
/// from it; after changed bounds the dual one does.
const DUAL: i32 = 1;
const PRIMAL: i32 = 4;
/// Times of the longest call so far, and seconds at least, after which the primal simplex is given up
/// for the dual: after many calls it may rebuild one basis for ever.
const PATIENCE: f64 = 4.0;
const PATIENCE_MIN: f64 = 0.5;
/// Simplex iterations of one call.
const ITERATIONS_MAX: i32 = 20_000;
/// Share above which a column is taken without asking again.
const SURE: f64 = 0.9;
/// Of the enterprises that are free, one in so many is decided at a time.
const AT_ONCE: usize = 30;
/// Times that the enterprises are asked before the next column is taken.
const DIVE_ROUNDS: usize = 3;
/// What a new packing must save at least, in units of cost.
const WORTH: f64 = 1e-6;

/// The relaxed master and what it knows so far.
pub struct PackingMaster<'i> {
    instance: &'i Instance<'i>,
    block: Arc<Block>,
    model: Option<Model>,
    /// The row of each enterprise of the block.
    enterprises: Vec<Option<Row>>,
    /// The group of each cell of the block.
    group_of: Vec<Option<usize>>,
    /// The cells of each group.
    groups: Vec<Vec<usize>>,
    /// The prices that it betters.
    base: Prices,
    /// For each group its draws in steps of the grid, ascending, with their rows.
    draws: Vec<Vec<(u16, Row)>>,
    /// For each group the row of its minutes, where its draws are not listed.
    minutes: Vec<Option<Row>>,
    /// For each cell the row of its packings, where its draws are listed.
    cells: Vec<Option<Row>>,
    /// Rows of the targets; none where the block is not the whole.
    targets: Vec<Row>,
    /// For each enterprise its columns, with their places in `columns`.
    known: Vec<HashMap<Box<[VisitChoice]>, usize>>,
    /// The columns it knows: enterprise, column, variable.
    columns: Vec<(usize, Arc<Column>, Col)>,
    /// The packings of each cell.
    packed: Vec<HashSet<Box<[u16]>>>,
    /// All of them: cell, draws, variable.
    packings: Vec<(usize, Box<[u16]>, Col)>,
    /// Shares of the columns and packings in the last mixture, in the order of their adding.
    column_shares: Vec<f64>,
    packing_shares: Vec<f64>,
    /// Whether bounds have changed since the last call, so that the mixture no longer holds.
    is_cut: bool,
    /// Seconds that the solver has worked, where there is a clock.
    solver_seconds: f64,
    /// The longest of its calls that came to an end.
    slowest: f64,
    /// What it has done since that was last asked, in steps of a row.
    row_steps: u64,
}

/// A dive under way.
struct Dive {
    /// The column taken for each enterprise.
    taken: Vec<Option<usize>>,
    /// Minutes left in each cell, overtime included.
    room: Vec<i64>,
    /// Columns that do not fit beside those taken.
    barred: Vec<usize>,
}

impl Dive {
    fn fits(&self, column: &Column) -> bool {
        column.loads.iter().all(|(cell, minutes)| *minutes <= self.room[*cell as usize])
    }
}

/// Asks the enterprises that are free for their best columns at these prices in the room left.
pub type Ask<'a> = dyn FnMut(&Prices, &[i64], &[bool]) -> Vec<(usize, Arc<Column>)> + 'a;

/// What the master proposes.
pub struct Proposal {
    pub prices: Prices,
    /// Least cost of a mixture of what the master knows.
    pub value: f64,
}

impl<'i> PackingMaster<'i> {
    /// An empty master of a block that betters `base`; `None` where it would be too large.
    pub fn new(
        instance: &'i Instance,
        block: &Arc<Block>,
        grouping: Grouping,
        base: &Prices,
    ) -> Option<Self> {
        let cells = &instance.cells;
        let groups = groups(instance, &block.cells, grouping, base);
        let union = |group: &Vec<usize>| -> BTreeSet<u16> {
            group.iter().flat_map(|cell| cells.draws(*cell)).collect()
        };
        let draws: Vec<BTreeSet<u16>> = groups.iter().map(union).collect();
        if draws.iter().map(BTreeSet::len).sum::<usize>() > DRAWS_MAX {
            return None;
        }
        let mut group_of = vec![None; cells.len()];
        for (group, members) in groups.iter().enumerate() {
            members.iter().for_each(|cell| group_of[*cell] = Some(group));
        }
        let mut rows = ColProblem::new();
        let mut enterprises = vec![None; instance.models.len()];
        for enterprise in &block.enterprises {
            enterprises[*enterprise] = Some(rows.add_row(1.0..=1.0));
        }
        let draws: Vec<Vec<(u16, Row)>> = draws
            .into_iter()
            .map(|draws| draws.into_iter().map(|draw| (draw, rows.add_row(0.0..=0.0))).collect())
            .collect();
        let is_listed = |cell: usize| cells.is_listed(cell);
        let minutes: Vec<Option<Row>> = groups
            .iter()
            .map(|group| group.iter().all(|c| !is_listed(*c)).then(|| rows.add_row(0.0..=0.0)))
            .collect();
        let mut packing_rows = vec![None; cells.len()];
        for cell in block.cells.iter().filter(|cell| is_listed(**cell)) {
            packing_rows[*cell] = Some(rows.add_row(..=1.0));
        }
        let priced = if block.is_whole { &instance.targets[..] } else { &[] };
        let targets: Vec<Row> = priced.iter().map(|row| rows.add_row(row.need as f64..)).collect();
        let scaled = |charge: i64| charge as f64 / SCALE as f64;
        for (group, draws) in groups.iter().zip(&draws) {
            let charge =
                |cell: usize, draw: u16| base.cell(cell, i64::from(draw) * cells.step(cell));
            if let Some((draw, row)) = draws.first() {
                let least = group.iter().map(|cell| charge(*cell, *draw)).min().expect("a cell");
                rows.add_column(scaled(least), 0.0.., [(*row, -1.0)]);
            }
            for pair in draws.windows(2) {
                let rises =
                    group.iter().map(|cell| charge(*cell, pair[1].0) - charge(*cell, pair[0].0));
                let rise = rises.min().expect("a cell").max(0);
                rows.add_column(scaled(rise), 0.0.., [(pair[1].1, -1.0), (pair[0].1, 1.0)]);
            }
        }
        for (group, row) in groups.iter().zip(&minutes) {
            let Some(row) = row else { continue };
            let price = |cell: &usize| scaled(base.cell[*cell].minute);
            let least = group.iter().map(price).fold(f64::INFINITY, f64::min);
            rows.add_column(least, 0.0.., [(*row, -1.0)]);
            for cell in group {
                let overtime_cost = instance.overtime_cost[cell / instance.days.len()] as f64;
                let (regular, overtime) = (instance.regular[*cell], instance.overtime[*cell]);
                rows.add_column(-price(cell), 0.0..=regular as f64, [(*row, 1.0)]);
                rows.add_column(overtime_cost - price(cell), 0.0..=overtime as f64, [(*row, 1.0)]);
            }
        }
        for (row, target) in targets.iter().zip(priced) {
            rows.add_column(target.shortfall_cost as f64, 0.0.., [(*row, 1.0)]);
        }
        let mut model = rows.optimise(Sense::Minimise);
        model.make_quiet();
        model.set_option("threads", 1);
        model.set_option("parallel", "off");
        model.set_option("simplex_iteration_limit", ITERATIONS_MAX);
        let known = vec![HashMap::new(); enterprises.len()];
        Some(Self {
            instance,
            block: block.clone(),
            model: Some(model),
            enterprises,
            group_of,
            groups,
            base: base.clone(),
            draws,
            minutes,
            cells: packing_rows,
            targets,
            known,
            columns: Vec::new(),
            packed: vec![HashSet::new(); cells.len()],
            packings: Vec::new(),
            column_shares: Vec::new(),
            packing_shares: Vec::new(),
            is_cut: true,
            solver_seconds: 0.0,
            slowest: 0.0,
            row_steps: 0,
        })
    }

    /// A master of other groups that begins with the columns and packings of this one that are of
    /// use, and with the best plan; this one is of no use any more. `None` as with
    /// [`new`](Self::new), and then this one is as it was.
    pub fn refined(
        &mut self,
        grouping: Grouping,
        incumbent: &Incumbent,
        best: &Prices,
    ) -> Option<PackingMaster<'i>> {
        let mut finer = PackingMaster::new(self.instance, &self.block, grouping, best)?;
        // two models at once take memory for nothing
        self.model = None;
        finer.begin(incumbent);
        finer.add_fixed_only();
        let mut by_enterprise: Vec<Vec<(i64, usize)>> = vec![Vec::new(); self.enterprises.len()];
        for (place, (enterprise, column, _)) in self.columns.iter().enumerate() {
            if self.column_shares.get(place).is_some_and(|share| *share > NOTHING) {
                finer.add(*enterprise, column);
            } else {
                by_enterprise[*enterprise].push((column.value(best), place));
            }
        }
        for mut columns in by_enterprise {
            columns.sort_unstable();
            for (_, place) in columns.into_iter().take(TAKEN_OVER) {
                let (enterprise, column, _) = &self.columns[place];
                finer.add(*enterprise, column);
            }
        }
        for ((cell, packing, _), share) in self.packings.iter().zip(&self.packing_shares) {
            if *share > NOTHING {
                finer.pack(*cell, packing.to_vec());
            }
        }
        Some(finer)
    }

    /// Adds the fixed visits alone of each enterprise: dives need a column that always fits.
    pub fn add_fixed_only(&mut self) {
        for enterprise in self.block.clone().enterprises.iter().copied() {
            let model = &self.instance.models[enterprise];
            self.add(enterprise, &Arc::new(Column::fixed_only(self.instance, model)));
        }
    }

    /// Number of columns known.
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// What the solver has done since the last time, in subproblems of one enterprise.
    pub fn take_work(&mut self) -> u64 {
        std::mem::take(&mut self.row_steps) / ROW_STEPS_PER_WORK
    }

    /// Adds a column of an enterprise, unless it is known.
    pub fn add(&mut self, enterprise: usize, column: &Arc<Column>) {
        self.column(enterprise, column);
    }

    /// A draw from a cell in steps of its grid: few where draws are listed, no matter elsewhere.
    fn steps(&self, cell: usize, minutes: i64) -> u16 {
        (minutes / self.instance.cells.step(cell)) as u16
    }

    /// The row of a draw from a group.
    fn row(&self, group: usize, draw: u16) -> Option<Row> {
        let place = self.draws[group].binary_search_by_key(&draw, |d| d.0).ok()?;
        Some(self.draws[group][place].1)
    }

    /// The place of a column, added when it is new.
    fn column(&mut self, enterprise: usize, column: &Arc<Column>) -> usize {
        if let Some(place) = self.known[enterprise].get(&column.choices) {
            return *place;
        }
        self.known[enterprise].insert(column.choices.clone(), self.columns.len());
        let mut factors = vec![(self.enterprises[enterprise].expect("of this block"), 1.0)];
        let mut charged = 0;
        for (cell, minutes) in &column.loads {
            let cell = *cell as usize;
            charged += self.base.cell(cell, *minutes);
            let Some(group) = self.group_of[cell] else { continue };
            let (row, drawn) = match self.minutes[group] {
                Some(row) => (row, -(*minutes as f64)),
                None => {
                    let row = self.row(group, self.steps(cell, *minutes));
                    (row.expect("draws of columns are listed"), -1.0)
                }
            };
            // two visits may draw the same from two cells of a group
            match factors.iter_mut().find(|factor| factor.0 == row) {
                Some(factor) => factor.1 += drawn,
                None => factors.push((row, drawn)),
            }
        }
        for (target, n) in &column.gains {
            match self.targets.get(*target as usize) {
                Some(row) => factors.push((*row, *n as f64)),
                None => charged -= self.base.target(*target) * n,
            }
        }
        let model = self.model.as_mut().expect("there between calls");
        let cost = column.cost as f64 + charged as f64 / SCALE as f64;
        let variable = model.add_col(cost, 0.0.., factors);
        self.columns.push((enterprise, column.clone(), variable));
        self.columns.len() - 1
    }

    /// Adds a whole plan, so that there is a mixture that holds the fixed visits.
    pub fn begin(&mut self, incumbent: &Incumbent) {
        let mut packings: Vec<Vec<u16>> = vec![Vec::new(); self.group_of.len()];
        for enterprise in self.block.clone().enterprises.iter().copied() {
            let column = incumbent.column(enterprise);
            self.add(enterprise, column);
            for (cell, minutes) in &column.loads {
                packings[*cell as usize].push(self.steps(*cell as usize, *minutes));
            }
        }
        for (cell, packing) in packings.into_iter().enumerate() {
            self.pack(cell, packing);
        }
    }

    /// Rounds the mixture to one column for each enterprise by diving: the columns with the largest
    /// shares are taken, and the others are asked what they do in the room left (Sadykov et al.
    /// 2019). The columns of `held` are taken before. `None` when the solver fails or time is up.
    pub fn dive(
        &mut self,
        held: &[(usize, Arc<Column>)],
        threads: &rayon::ThreadPool,
        seconds_left: &dyn Fn() -> f64,
        ask: &mut Ask,
    ) -> Option<Vec<Arc<Column>>> {
        let room = (0..self.group_of.len()).map(|cell| self.instance.cells.most(cell)).collect();
        self.is_cut = true;
        let mut dive = Dive { taken: vec![None; self.enterprises.len()], room, barred: Vec::new() };
        for (enterprise, column) in held {
            let column = self.column(*enterprise, column);
            self.take(&mut dive, column);
        }
        self.bar(&mut dive);
        let found = self.descend(&mut dive, threads, seconds_left, ask);
        let model = self.model.as_mut()?;
        for column in dive.taken.iter().flatten().chain(&dive.barred) {
            model.change_column_bounds(self.columns[*column].2, 0.0..);
        }
        self.is_cut = true;
        found?;
        dive.taken.into_iter().map(|column| Some(self.columns[column?].1.clone())).collect()
    }

    fn descend(
        &mut self,
        dive: &mut Dive,
        threads: &rayon::ThreadPool,
        seconds_left: &dyn Fn() -> f64,
        ask: &mut Ask,
    ) -> Option<()> {
        loop {
            let mut proposal = self.solve(Some(threads), seconds_left)?;
            for _ in 1..DIVE_ROUNDS {
                let is_free: Vec<bool> = dive.taken.iter().map(Option::is_none).collect();
                let before = self.columns.len();
                for (enterprise, column) in ask(&proposal.prices, &dive.room, &is_free) {
                    self.add(enterprise, &column);
                }
                if self.columns.len() == before {
                    break;
                }
                proposal = self.solve(Some(threads), seconds_left)?;
            }
            let shares = self.column_shares.iter().copied().enumerate();
            let mut free: Vec<(usize, f64)> = shares
                .filter(|(column, _)| dive.taken[self.columns[*column].0].is_none())
                .filter(|(_, share)| *share > 1e-6)
                .collect();
            if free.is_empty() {
                return Some(());
            }
            free.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            let left = dive.taken.iter().filter(|column| column.is_none()).count();
            let least = left.div_ceil(AT_ONCE);
            let enough = free.iter().take_while(|(_, share)| *share > SURE).count().max(least);
            for (column, _) in &free[..enough.min(free.len())] {
                self.take(dive, *column);
            }
            self.bar(dive);
            self.is_cut = true;
        }
    }

    /// Takes a column where it fits beside those taken before.
    fn take(&mut self, dive: &mut Dive, place: usize) {
        let (enterprise, column, variable) = self.columns[place].clone();
        if dive.taken[enterprise].is_some() || !dive.fits(&column) {
            return;
        }
        dive.taken[enterprise] = Some(place);
        for (cell, minutes) in &column.loads {
            let cell = *cell as usize;
            dive.room[cell] -= minutes;
            // so that there is a mixture that holds what is taken
            let draws = dive.taken.iter().flatten().flat_map(|place| &self.columns[*place].1.loads);
            let draws = draws.filter(|(c, _)| *c as usize == cell);
            let packing = draws.map(|(_, minutes)| self.steps(cell, *minutes)).collect();
            self.pack(cell, packing);
        }
        self.model.as_mut().expect("there between calls").change_column_bounds(variable, 1.0..);
    }

    /// Forbids the columns that no longer fit.
    fn bar(&mut self, dive: &mut Dive) {
        let model = self.model.as_mut().expect("there between calls");
        let is_barred: HashSet<usize> = dive.barred.iter().copied().collect();
        for (place, (enterprise, column, variable)) in self.columns.iter().enumerate() {
            if dive.taken[*enterprise].is_none()
                && !is_barred.contains(&place)
                && !dive.fits(column)
            {
                dive.barred.push(place);
                model.change_column_bounds(*variable, 0.0..=0.0);
            }
        }
    }

    /// Adds a packing of a cell, unless it is known.
    fn pack(&mut self, cell: usize, mut packing: Vec<u16>) -> bool {
        packing.sort_unstable();
        let Some(row) = self.cells[cell] else { return false };
        if packing.is_empty() || !self.packed[cell].insert(packing.clone().into()) {
            return false;
        }
        let step = self.instance.cells.step(cell);
        let draws = packing.iter().map(|draw| i64::from(*draw) * step);
        let overtime = self.instance.cells.overtime(cell, draws.clone().sum());
        let charged: i64 = draws.map(|minutes| self.base.cell(cell, minutes)).sum();
        let mut factors = vec![(row, 1.0)];
        for same in packing.chunk_by(|a, b| a == b) {
            let group = self.group_of[cell].expect("of this block");
            let row = self.row(group, same[0]).expect("listed");
            factors.push((row, same.len() as f64));
        }
        let model = self.model.as_mut().expect("there between calls");
        let cost = overtime as f64 - charged as f64 / SCALE as f64;
        let variable = model.add_col(cost, 0.0.., factors);
        self.packings.push((cell, packing.into(), variable));
        true
    }

    /// The best mixture of what is known, once no further packing betters it. `None` when the
    /// solver fails or time is up.
    ///
    /// Packings are sought on `threads`, or on this one alone.
    pub fn solve(
        &mut self,
        threads: Option<&rayon::ThreadPool>,
        seconds_left: &dyn Fn() -> f64,
    ) -> Option<Proposal> {
        for round in 0.. {
            let mut model = self.model.take()?;
            let before = seconds_left();
            let is_primal = !self.is_cut;
            model.set_option("simplex_strategy", if is_primal { PRIMAL } else { DUAL });
            self.is_cut = false;
            let patience =
                if is_primal { (PATIENCE * self.slowest).max(PATIENCE_MIN) } else { f64::INFINITY };
            if before.is_finite() {
                // the solver's clock runs on from call to call
                let seconds = before.clamp(0.0, patience);
                model.set_option("time_limit", self.solver_seconds + seconds);
            }
            let solved: SolvedModel = model.solve();
            let is_solved = solved.status() == HighsModelStatus::Optimal;
            let solution = solved.get_solution();
            let value = solved.objective_value();
            let iterations = solved.simplex_iteration_count().max(0) as u64;
            let model = Model::from(solved);
            self.row_steps += iterations * model.num_rows() as u64;
            self.model = Some(model);
            let left = seconds_left();
            if before.is_finite() {
                self.solver_seconds += before - left;
            }
            if !is_solved && is_primal && left > 0.0 {
                self.is_cut = true;
                continue;
            }
            if !is_solved || left <= 0.0 {
                return None;
            }
            if before.is_finite() {
                self.slowest = self.slowest.max(before - left);
            }
            let duals = solution.dual_rows();
            let curves = self.curves(duals);
            self.column_shares = self.columns.iter().map(|(_, _, v)| solution[*v]).collect();
            self.packing_shares = self.packings.iter().map(|(_, _, v)| solution[*v]).collect();
            let cells = &self.instance.cells;
            let listed: Vec<usize> = listed_cells(&self.cells).collect();
            let best = |cell: &usize| cells.best_packing(*cell, curves.of(*cell));
            let found: Vec<(i64, Vec<u16>)> = match threads {
                Some(threads) => threads.install(|| listed.par_iter().map(best).collect()),
                None => listed.iter().map(best).collect(),
            };
            let first = self.cells_place();
            let mut has_grown = false;
            for (place, (cell, (worth, packing))) in listed.into_iter().zip(found).enumerate() {
                let share = -duals[first + place];
                if worth as f64 / SCALE as f64 > share + WORTH.max(share * 1e-6) + 0.01 {
                    has_grown |= self.pack(cell, packing);
                }
            }
            if has_grown && round < PACKING_ROUNDS {
                continue;
            }
            let mut prices = self.base.clone();
            let targets = &duals[duals.len() - self.targets.len()..];
            for (price, dual) in prices.target.iter_mut().zip(targets) {
                *price = (dual * SCALE as f64).round() as i64;
            }
            for cell in listed_cells(&self.cells) {
                // all that a draw is charged is in its curve
                prices.cell[cell] = CellPrice::default();
            }
            let rows = self.minutes.iter().zip(&self.groups).filter(|(row, _)| row.is_some());
            for (place, (_, group)) in (self.minutes_place()..).zip(rows) {
                let change = (duals[place] * SCALE as f64).round() as i64;
                for cell in group {
                    prices.cell[*cell].minute = self.base.cell[*cell].minute + change;
                }
            }
            prices.curves = curves;
            prices.clamp(self.instance);
            return Some(Proposal { prices, value });
        }
        None
    }

    /// Where the rows of minutes begin: rows are in the order in which `new` adds them.
    fn minutes_place(&self) -> usize {
        self.block.enterprises.len() + self.draws.iter().map(Vec::len).sum::<usize>()
    }

    /// Where the rows of packings begin.
    fn cells_place(&self) -> usize {
        self.minutes_place() + self.minutes.iter().flatten().count()
    }

    /// The charges of draws at these row prices.
    fn curves(&self, duals: &[f64]) -> Curves {
        let cells = &self.instance.cells;
        let mut curves = Curves::zero(self.instance, &self.block.cells);
        let mut place = self.block.enterprises.len();
        for (group, draws) in self.draws.iter().enumerate() {
            for cell in self.groups[group].iter().filter(|cell| cells.is_listed(**cell)) {
                let curve = curves.of_mut(*cell);
                for (i, (draw, _)) in draws.iter().enumerate() {
                    let change = (duals[place + i] * SCALE as f64).round() as i64;
                    let before = self.base.cell(*cell, i64::from(*draw) * cells.step(*cell));
                    curve[usize::from(*draw)] = (before + change).max(0);
                }
                // a larger draw takes no less, whatever the solver's last digits say
                for i in 1..curve.len() {
                    curve[i] = curve[i].max(curve[i - 1]);
                }
            }
            place += draws.len();
        }
        curves
    }
}

/// Which cells of a pool make a group.
#[derive(Clone, Copy, Debug)]
pub struct Grouping {
    /// Most cells in a group.
    pub size_max: usize,
    /// Those together whose days follow each other; else those that charge alike.
    pub is_by_day: bool,
}

/// The cells that have a row of packings, ascending.
fn listed_cells(rows: &[Option<Row>]) -> impl Iterator<Item = usize> {
    rows.iter().enumerate().filter(|(_, row)| row.is_some()).map(|(cell, _)| cell)
}

/// Cells of one pool with the same minutes in groups.
pub fn groups(
    instance: &Instance,
    of: &[usize],
    grouping: Grouping,
    prices: &Prices,
) -> Vec<Vec<usize>> {
    let (cells, days) = (&instance.cells, instance.days.len());
    let charged = |cell: usize| -> i64 {
        if grouping.is_by_day {
            return 0;
        }
        let draws = cells.draws(cell).into_iter();
        let charges = draws.map(|draw| prices.cell(cell, i64::from(draw) * cells.step(cell)));
        charges.sum::<i64>() + prices.cell[cell].minute
    };
    let mut alike: BTreeMap<(usize, i64, i64), Vec<(i64, usize)>> = BTreeMap::new();
    for cell in of.iter().copied() {
        let key = (cell / days, instance.regular[cell], cells.most(cell));
        alike.entry(key).or_default().push((charged(cell), cell));
    }
    let mut groups = Vec::new();
    for mut cells in alike.into_values() {
        cells.sort_unstable();
        let count = cells.len().div_ceil(grouping.size_max.max(1));
        let size = cells.len().div_ceil(count);
        groups.extend(cells.chunks(size).map(|part| part.iter().map(|(_, cell)| *cell).collect()));
    }
    groups
}

/// Prices, and no more than the room left.
pub struct Within<'a> {
    pub prices: &'a Prices,
    /// Minutes left in each cell.
    pub room: &'a [i64],
}

impl Oracle for Within<'_> {
    fn cell(&self, cell: usize, minutes: i64) -> i64 {
        if minutes > self.room[cell] { FORBIDDEN } else { self.prices.cell(cell, minutes) }
    }
    fn linear_cell(&self, cell: usize, minutes: i64) -> i64 {
        self.prices.linear_cell(cell, minutes)
    }
    fn target(&self, target: u32) -> i64 {
        self.prices.target(target)
    }
}
