//! The plan in the making: one column for each enterprise, and what they take together.

use super::SCALE;
use super::column::Column;
use super::instance::Instance;
use super::oracle::{FORBIDDEN, Oracle};
use super::prices::Prices;
use crate::domain::problem::Cost;
use std::sync::Arc;

/// A plan in the making. Never overloads a cell; enterprises without a column are being rebuilt.
#[derive(Clone)]
pub struct Incumbent<'i> {
    instance: &'i Instance<'i>,
    columns: Vec<Option<Arc<Column>>>,
    loads: Vec<i64>,
    reached: Vec<i64>,
    /// Sum of the columns' own costs.
    own: Cost,
    overtime: Cost,
    shortfall: Cost,
}

impl<'i> Incumbent<'i> {
    /// The fixed visits and nothing else: always a valid plan.
    pub fn fixed_only(instance: &'i Instance<'i>) -> Self {
        let mut incumbent = Self {
            instance,
            columns: vec![None; instance.models.len()],
            loads: vec![0; instance.regular.len()],
            reached: vec![0; instance.targets.len()],
            own: instance.impossible_cost,
            overtime: 0,
            shortfall: instance.targets.iter().map(|row| row.shortfall(0)).sum(),
        };
        for (enterprise, model) in instance.models.iter().enumerate() {
            incumbent.put(enterprise, Arc::new(Column::fixed_only(instance, model)));
        }
        incumbent
    }

    /// Total cost, once every enterprise has its column.
    pub fn cost(&self) -> Cost {
        self.own + self.overtime + self.shortfall
    }

    /// The column of an enterprise.
    ///
    /// # Panics
    /// While the enterprise is being rebuilt.
    pub fn column(&self, enterprise: usize) -> &Arc<Column> {
        self.columns[enterprise].as_ref().expect("no rebuilding under way")
    }

    /// All columns, in order of enterprises.
    pub fn columns(&self) -> impl Iterator<Item = &Arc<Column>> {
        (0..self.columns.len()).map(|enterprise| self.column(enterprise))
    }

    /// Minutes drawn from each cell.
    pub fn loads(&self) -> &[i64] {
        &self.loads
    }

    /// What is reached of each target.
    pub fn reached(&self) -> &[i64] {
        &self.reached
    }

    /// Takes an enterprise out.
    pub fn take(&mut self, enterprise: usize) -> Arc<Column> {
        let column = self.columns[enterprise].take().expect("taken once");
        self.apply(&column, -1);
        column
    }

    /// Puts an enterprise in; its place must be empty.
    pub fn put(&mut self, enterprise: usize, column: Arc<Column>) {
        debug_assert!(self.columns[enterprise].is_none());
        self.apply(&column, 1);
        self.columns[enterprise] = Some(column);
    }

    /// Takes an enterprise out but for its fixed visits, whose room nobody else may take.
    pub fn ruin(&mut self, enterprise: usize) -> Arc<Column> {
        let column = self.take(enterprise);
        let model = &self.instance.models[enterprise];
        if !model.fixed.is_empty() {
            self.put(enterprise, Arc::new(Column::fixed_only(self.instance, model)));
        }
        column
    }

    /// Clears what is left of a ruined enterprise, right before it is put in anew.
    pub fn clear(&mut self, enterprise: usize) {
        if self.columns[enterprise].is_some() {
            self.take(enterprise);
        }
    }

    /// Whether a column fits beside the others.
    pub fn fits(&self, column: &Column) -> bool {
        column.loads.iter().all(|(cell, minutes)| {
            let cell = *cell as usize;
            let room = self.instance.regular[cell] + self.instance.overtime[cell];
            self.loads[cell] + minutes <= room
        })
    }

    fn apply(&mut self, column: &Column, sign: i64) {
        self.own += sign * column.cost;
        for (cell, minutes) in &column.loads {
            let cell = *cell as usize;
            let before = self.instance.cells.overtime(cell, self.loads[cell]);
            self.loads[cell] += sign * minutes;
            self.overtime += self.instance.cells.overtime(cell, self.loads[cell]) - before;
        }
        for (target, n) in &column.gains {
            let row = &self.instance.targets[*target as usize];
            let reached = &mut self.reached[*target as usize];
            let before = row.shortfall(*reached);
            *reached += sign * n;
            self.shortfall += row.shortfall(*reached) - before;
        }
    }
}

/// What the others leave: true costs of overtime and shortfall, no room beyond a cell's minutes,
/// and a share of the prices so that scarce cells are left to those who need them.
pub struct Room<'a> {
    pub incumbent: &'a Incumbent<'a>,
    pub prices: &'a Prices,
    /// Share of the prices charged, in 1/256.
    pub share: i64,
    /// A column of the incumbent that is not counted: of the enterprise that is solved.
    pub without: Option<&'a Column>,
}

impl Room<'_> {
    /// Whether a cell has room for so many minutes.
    pub fn has(&self, cell: usize, minutes: i64) -> bool {
        self.load(cell) + minutes <= self.incumbent.instance.cells.most(cell)
    }

    /// What the others draw from a cell.
    fn load(&self, cell: usize) -> i64 {
        let own = self.without.map_or(0, |column| amount(&column.loads, cell as u32));
        self.incumbent.loads[cell] - own
    }
}

impl Oracle for Room<'_> {
    fn cell(&self, cell: usize, minutes: i64) -> i64 {
        let load = self.load(cell);
        if !self.has(cell, minutes) {
            return FORBIDDEN;
        }
        let cells = &self.incumbent.instance.cells;
        let overtime = cells.overtime(cell, load + minutes) - cells.overtime(cell, load);
        overtime * SCALE + (self.prices.cell(cell, minutes) >> 8) * self.share
    }

    fn target(&self, target: u32) -> i64 {
        let row = &self.incumbent.instance.targets[target as usize];
        let own = self.without.map_or(0, |column| amount(&column.gains, target));
        if self.incumbent.reached[target as usize] - own < row.need {
            row.shortfall_cost * SCALE
        } else {
            0
        }
    }
}

/// The amount of a place in a list that ascends by place; 0 where it is not listed.
fn amount(list: &[(u32, i64)], place: u32) -> i64 {
    list.binary_search_by_key(&place, |entry| entry.0).map_or(0, |found| list[found].1)
}
