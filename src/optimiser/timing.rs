//! Single enterprises to be solved again and again. For benchmarks only (`benches/kernel.rs`): the
//! kernel is private.

use super::column::Effort;
use super::instance::Instance;
use super::kernel::Kernel;
use super::prices::Prices;
use super::{SCALE, random};
use crate::domain::Problem;
use rand::RngExt;

const SEED: u64 = 1;

/// The enterprises of a problem at pseudo-random prices, always the same ones.
pub struct Priced<'p> {
    instance: Instance<'p>,
    prices: Prices,
    kernel: Kernel,
}

impl<'p> Priced<'p> {
    /// Readies the enterprises, which is no part of solving them.
    pub fn new(problem: &'p Problem) -> Self {
        let instance = Instance::new(problem);
        let mut random = random(SEED);
        let mut prices = Prices::zero(&instance);
        for (cell, price) in prices.cell.iter_mut().enumerate() {
            // as in a tight problem: a third of the days cost nothing, some have rounded rows
            price.minute = random.random_range(0..3) * random.random_range(0..SCALE);
            if instance.cells.is_listed(cell) && random.random_range(0..3) == 0 {
                price.extra = [random.random_range(0..50 * SCALE), 0, 0];
            }
        }
        Self { instance, prices, kernel: Kernel::default() }
    }

    /// Number of enterprises.
    pub fn enterprises(&self) -> usize {
        self.instance.models.len()
    }

    /// Solves an enterprise as the bound needs it; returns its least charge, scaled, and whether
    /// that is exact.
    pub fn solve(&mut self, enterprise: usize) -> (i64, bool) {
        let model = &self.instance.models[enterprise];
        let solved = self.kernel.solve(&self.instance, model, &self.prices, Effort::Bound);
        (solved.bound, solved.is_exact)
    }
}
