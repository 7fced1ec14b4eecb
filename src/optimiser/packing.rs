//! The master over whole plans of enterprises and whole days of pools, relaxed.
//!
//! The rows of the plain master let a pool's day be filled by parts of visits that could never share
//! it. Here each cell follows a mixture of *packings*: sets of draws that fit one day together.
//!
//! ```text
//! min  Σ cost_k λ_k + Σ overtime_q θ_q + Σ shortfall_cost_t s_t                 price of the row
//! s.t. Σ_{k ∈ K_e} λ_k = 1                                   each enterprise e   v_e
//!      Σ_q n_qm θ_q + down_{m⁺} − down_m ≥ Σ_{k draws m} λ_k  each cell, draw m   φ_c(m) ≥ 0
//!      Σ_{q ∈ Q_c} θ_q ≤ 1                                   each cell c         credit_c
//!      Σ gain_tk λ_k + s_t ≥ need_t                          each target t       μ_t
//! ```
//!
//! down_m: a place for the draw m that the next smaller draw takes, so that φ_c never falls. The
//! prices are a charge φ_c(m) of any shape for each draw from a cell, the strongest that treats
//! all enterprises alike; what they prove is worked out anew as everywhere else (`prices`,
//! `cells`). Plans and packings are generated as they pay (Gilmore & Gomory 1961, Dantzig & Wolfe
//! 1960); the solver keeps its basis between calls.

use super::SCALE;
use super::column::{Column, VisitChoice};
use super::incumbent::Incumbent;
use super::instance::Instance;
use super::oracle::{FORBIDDEN, Oracle};
use super::prices::{Curves, Prices};
use highs::{Col, ColProblem, HighsModelStatus, Model, Row, Sense, SolvedModel};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Most rows of draws; above, the master takes longer than its prices are worth.
const DRAWS_MAX: usize = 6_000;
/// Most enterprises.
const ENTERPRISES_MAX: usize = 600;
/// Rounds of packings before the enterprises are asked again.
const PACKING_ROUNDS: usize = 30;
/// HiGHS's simplex methods: after new columns the mixture still holds, and the primal one goes on
/// from it; after changed bounds the dual one does.
const DUAL: i32 = 1;
const PRIMAL: i32 = 4;
/// Simplex iterations of one call.
const ITERATIONS_MAX: i32 = 20_000;
/// Share above which a plan is taken without asking again.
const SURE: f64 = 0.9;
/// Of the enterprises that are free, one in so many is decided at a time.
const AT_ONCE: usize = 30;
/// Times that the enterprises are asked before the next plan is taken.
const DIVE_ROUNDS: usize = 3;
/// What a new packing must save at least, in units of cost.
const WORTH: f64 = 1e-6;

/// The relaxed master and what it knows so far.
pub struct PackingMaster<'i> {
    instance: &'i Instance<'i>,
    model: Option<Model>,
    enterprises: Vec<Row>,
    /// For each cell its draws in steps of the grid, ascending, with their rows.
    draws: Vec<Vec<(u16, Row)>>,
    /// For each cell the row of its packings.
    cells: Vec<Row>,
    targets: Vec<Row>,
    /// For each enterprise its plans, with their places in `plans`.
    known: Vec<HashMap<Box<[VisitChoice]>, usize>>,
    /// The plans it knows: enterprise, plan, variable.
    plans: Vec<(usize, Arc<Column>, Col)>,
    packed: Vec<HashSet<Box<[u16]>>>,
    /// Whether bounds have changed since the last call, so that the mixture no longer holds.
    is_cut: bool,
    /// Seconds that the solver has worked, where there is a clock.
    solver_seconds: f64,
}

/// A dive under way.
struct Dive {
    /// The plan taken for each enterprise.
    taken: Vec<Option<usize>>,
    /// Minutes left in each cell, overtime included.
    room: Vec<i64>,
    /// Plans that do not fit beside those taken.
    barred: Vec<usize>,
}

impl Dive {
    fn fits(&self, column: &Column) -> bool {
        column.loads.iter().all(|(cell, minutes)| *minutes <= self.room[*cell as usize])
    }
}

/// Asks the enterprises that are free for their best plans at these prices in the room left.
pub type Ask<'a> = dyn FnMut(&Prices, &[i64], &[bool]) -> Vec<(usize, Arc<Column>)> + 'a;

/// What the master proposes.
pub struct Proposal {
    pub prices: Prices,
    /// Least cost of a mixture of what the master knows.
    pub value: f64,
    /// Share of each plan known, in the order of their adding.
    pub shares: Vec<f64>,
}

impl<'i> PackingMaster<'i> {
    /// An empty master; `None` where it would be too large, or not all draws are listed.
    pub fn new(instance: &'i Instance) -> Option<Self> {
        let cells = &instance.cells;
        let draws: Vec<Vec<u16>> = (0..cells.len()).map(|cell| cells.draws(cell)).collect();
        if instance.models.len() > ENTERPRISES_MAX
            || draws.iter().map(Vec::len).sum::<usize>() > DRAWS_MAX
            || !cells.all_listed()
        {
            return None;
        }
        let mut rows = ColProblem::new();
        let enterprises: Vec<Row> =
            instance.models.iter().map(|_| rows.add_row(1.0..=1.0)).collect();
        let draws: Vec<Vec<(u16, Row)>> = draws
            .into_iter()
            .map(|draws| draws.into_iter().map(|draw| (draw, rows.add_row(0.0..))).collect())
            .collect();
        let cells: Vec<Row> = draws.iter().map(|_| rows.add_row(..=1.0)).collect();
        let targets: Vec<Row> =
            instance.targets.iter().map(|row| rows.add_row(row.need as f64..)).collect();
        for pair in draws.iter().flat_map(|draws| draws.windows(2)) {
            rows.add_column(0.0, 0.0.., [(pair[1].1, -1.0), (pair[0].1, 1.0)]);
        }
        for (row, target) in targets.iter().zip(&instance.targets) {
            rows.add_column(target.shortfall_cost as f64, 0.0.., [(*row, 1.0)]);
        }
        let mut model = rows.optimise(Sense::Minimise);
        model.make_quiet();
        model.set_option("threads", 1);
        model.set_option("parallel", "off");
        model.set_option("simplex_iteration_limit", ITERATIONS_MAX);
        let known = vec![HashMap::new(); enterprises.len()];
        let packed = vec![HashSet::new(); cells.len()];
        Some(Self {
            instance,
            model: Some(model),
            enterprises,
            draws,
            cells,
            targets,
            known,
            plans: Vec::new(),
            packed,
            is_cut: true,
            solver_seconds: 0.0,
        })
    }

    /// Adds a plan of an enterprise, unless it is known.
    pub fn add(&mut self, enterprise: usize, column: &Arc<Column>) {
        self.plan(enterprise, column);
    }

    /// The place of a plan, added when it is new.
    fn plan(&mut self, enterprise: usize, column: &Arc<Column>) -> usize {
        if let Some(place) = self.known[enterprise].get(&column.choices) {
            return *place;
        }
        self.known[enterprise].insert(column.choices.clone(), self.plans.len());
        let mut factors = vec![(self.enterprises[enterprise], 1.0)];
        for (cell, minutes) in &column.loads {
            let cell = *cell as usize;
            let draw = (minutes / self.instance.cells.step(cell)) as u16;
            let place = self.draws[cell].binary_search_by_key(&draw, |d| d.0);
            factors.push((self.draws[cell][place.expect("draws of columns are listed")].1, -1.0));
        }
        for (target, n) in &column.gains {
            factors.push((self.targets[*target as usize], *n as f64));
        }
        let model = self.model.as_mut().expect("there between calls");
        let variable = model.add_col(column.cost as f64, 0.0.., factors);
        self.plans.push((enterprise, column.clone(), variable));
        self.plans.len() - 1
    }

    /// Adds a whole plan, so that there is a mixture that holds the fixed visits.
    pub fn begin(&mut self, incumbent: &Incumbent) {
        let mut packings: Vec<Vec<u16>> = vec![Vec::new(); self.cells.len()];
        for (enterprise, column) in incumbent.columns().enumerate() {
            self.add(enterprise, column);
            for (cell, minutes) in &column.loads {
                let step = self.instance.cells.step(*cell as usize);
                packings[*cell as usize].push((minutes / step) as u16);
            }
        }
        for (cell, packing) in packings.into_iter().enumerate() {
            self.pack(cell, packing);
        }
    }

    /// Rounds the mixture to one plan for each enterprise by diving: the plans with the largest
    /// shares are taken, and the others are asked what they do in the room left (Sadykov et al.
    /// 2019). The plans of `held` are taken before. `None` when the solver fails or time is up.
    pub fn dive(
        &mut self,
        held: &[(usize, Arc<Column>)],
        seconds_left: &dyn Fn() -> f64,
        ask: &mut Ask,
    ) -> Option<Vec<Arc<Column>>> {
        let room = (0..self.cells.len()).map(|cell| self.instance.cells.most(cell)).collect();
        self.is_cut = true;
        let mut dive = Dive { taken: vec![None; self.enterprises.len()], room, barred: Vec::new() };
        for (enterprise, column) in held {
            let plan = self.plan(*enterprise, column);
            self.take(&mut dive, plan);
        }
        self.bar(&mut dive);
        let found = self.descend(&mut dive, seconds_left, ask);
        let model = self.model.as_mut()?;
        for plan in dive.taken.iter().flatten().chain(&dive.barred) {
            model.change_column_bounds(self.plans[*plan].2, 0.0..);
        }
        self.is_cut = true;
        found?;
        dive.taken.into_iter().map(|plan| Some(self.plans[plan?].1.clone())).collect()
    }

    fn descend(
        &mut self,
        dive: &mut Dive,
        seconds_left: &dyn Fn() -> f64,
        ask: &mut Ask,
    ) -> Option<()> {
        loop {
            let mut proposal = self.solve(seconds_left)?;
            for _ in 1..DIVE_ROUNDS {
                let is_free: Vec<bool> = dive.taken.iter().map(Option::is_none).collect();
                let before = self.plans.len();
                for (enterprise, column) in ask(&proposal.prices, &dive.room, &is_free) {
                    self.add(enterprise, &column);
                }
                if self.plans.len() == before {
                    break;
                }
                proposal = self.solve(seconds_left)?;
            }
            let mut free: Vec<(usize, f64)> = (0..proposal.shares.len())
                .filter(|plan| dive.taken[self.plans[*plan].0].is_none())
                .map(|plan| (plan, proposal.shares[plan]))
                .filter(|(_, share)| *share > 1e-6)
                .collect();
            if free.is_empty() {
                return Some(());
            }
            free.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            let left = dive.taken.iter().filter(|plan| plan.is_none()).count();
            let least = left.div_ceil(AT_ONCE);
            let enough = free.iter().take_while(|(_, share)| *share > SURE).count().max(least);
            for (plan, _) in &free[..enough.min(free.len())] {
                self.take(dive, *plan);
            }
            self.bar(dive);
            self.is_cut = true;
        }
    }

    /// Takes a plan where it fits beside those taken before.
    fn take(&mut self, dive: &mut Dive, plan: usize) {
        let (enterprise, column, variable) = self.plans[plan].clone();
        if dive.taken[enterprise].is_some() || !dive.fits(&column) {
            return;
        }
        dive.taken[enterprise] = Some(plan);
        for (cell, minutes) in &column.loads {
            let cell = *cell as usize;
            dive.room[cell] -= minutes;
            // so that there is a mixture that holds what is taken
            let step = self.instance.cells.step(cell);
            let draws = dive.taken.iter().flatten().flat_map(|plan| &self.plans[*plan].1.loads);
            let draws = draws.filter(|(c, _)| *c as usize == cell);
            let packing = draws.map(|(_, minutes)| (minutes / step) as u16).collect();
            self.pack(cell, packing);
        }
        self.model.as_mut().expect("there between calls").change_column_bounds(variable, 1.0..);
    }

    /// Forbids the plans that no longer fit.
    fn bar(&mut self, dive: &mut Dive) {
        let model = self.model.as_mut().expect("there between calls");
        let is_barred: HashSet<usize> = dive.barred.iter().copied().collect();
        for (plan, (enterprise, column, variable)) in self.plans.iter().enumerate() {
            if dive.taken[*enterprise].is_none() && !is_barred.contains(&plan) && !dive.fits(column)
            {
                dive.barred.push(plan);
                model.change_column_bounds(*variable, 0.0..=0.0);
            }
        }
    }

    /// Adds a packing of a cell, unless it is known.
    fn pack(&mut self, cell: usize, mut packing: Vec<u16>) -> bool {
        packing.sort_unstable();
        if packing.is_empty() || !self.packed[cell].insert(packing.clone().into()) {
            return false;
        }
        let minutes: i64 = packing.iter().map(|draw| i64::from(*draw)).sum::<i64>()
            * self.instance.cells.step(cell);
        let cost = self.instance.cells.overtime(cell, minutes) as f64;
        let mut factors = vec![(self.cells[cell], 1.0)];
        for same in packing.chunk_by(|a, b| a == b) {
            let place = self.draws[cell].binary_search_by_key(&same[0], |d| d.0);
            factors.push((self.draws[cell][place.expect("listed")].1, same.len() as f64));
        }
        let model = self.model.as_mut().expect("there between calls");
        model.add_col(cost, 0.0.., factors);
        true
    }

    /// The best mixture of what is known, once no further packing betters it. `None` when the
    /// solver fails or time is up.
    pub fn solve(&mut self, seconds_left: &dyn Fn() -> f64) -> Option<Proposal> {
        for round in 0.. {
            let mut model = self.model.take()?;
            model.set_option("simplex_strategy", if self.is_cut { DUAL } else { PRIMAL });
            self.is_cut = false;
            let before = seconds_left();
            if before.is_finite() {
                // the solver's clock runs on from call to call
                model.set_option("time_limit", self.solver_seconds + before.max(0.0));
            }
            let solved: SolvedModel = model.solve();
            let is_solved = solved.status() == HighsModelStatus::Optimal;
            let solution = solved.get_solution();
            let value = solved.objective_value();
            self.model = Some(Model::from(solved));
            let left = seconds_left();
            if before.is_finite() {
                self.solver_seconds += before - left;
            }
            if !is_solved || left <= 0.0 {
                return None;
            }
            let duals = solution.dual_rows();
            let curves = self.curves(duals);
            let mut has_grown = false;
            for cell in 0..self.cells.len() {
                let share = -duals[self.cell_place(cell)];
                let (worth, packing) = self.instance.cells.best_packing(cell, curves.of(cell));
                if worth as f64 / SCALE as f64 > share + WORTH.max(share * 1e-6) + 0.01 {
                    has_grown |= self.pack(cell, packing);
                }
            }
            if has_grown && round < PACKING_ROUNDS {
                continue;
            }
            let mut prices = Prices::zero(self.instance);
            let targets = &duals[duals.len() - self.targets.len()..];
            for (price, dual) in prices.target.iter_mut().zip(targets) {
                *price = (dual * SCALE as f64).round() as i64;
            }
            prices.curves = curves;
            prices.clamp(self.instance);
            let shares = self.plans.iter().map(|(_, _, v)| solution[*v]).collect();
            return Some(Proposal { prices, value, shares });
        }
        None
    }

    /// Rows are in the order in which `new` adds them.
    fn cell_place(&self, cell: usize) -> usize {
        let draws: usize = self.draws.iter().map(Vec::len).sum();
        self.enterprises.len() + draws + cell
    }

    /// The charges of draws at these row prices.
    fn curves(&self, duals: &[f64]) -> Curves {
        let mut curves = Curves::zero(self.instance);
        let mut place = self.enterprises.len();
        for (cell, draws) in self.draws.iter().enumerate() {
            let curve = curves.of_mut(cell);
            for (draw, _) in draws {
                curve[usize::from(*draw)] = (duals[place] * SCALE as f64).round().max(0.0) as i64;
                place += 1;
            }
            // a larger draw takes no less, whatever the solver's last digits say
            for i in 1..curve.len() {
                curve[i] = curve[i].max(curve[i - 1]);
            }
        }
        curves
    }
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
