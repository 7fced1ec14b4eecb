//! Diving: the master over packings mixes the plans of each enterprise; a dive rounds the mixture
//! to one plan each (`packing` does the rounding), in the hope of a better plan for all.

use super::column::{Column, Effort};
use super::instance::Instance;
use super::kernel::Kernel;
use super::packing::{PackingMaster, Within};
use super::prices::Prices;
use super::random;
use super::search::Search;
use rand::RngExt;
use rayon::prelude::*;
use std::sync::Arc;

/// With more enterprises a dive takes longer than it is worth.
const ENTERPRISES_MAX: usize = 600;

/// The master over packings, and what dives from its mixture draw on.
pub struct Diver<'i> {
    /// Refining fills it; a dive adds the columns that it meets.
    pub master: PackingMaster<'i>,
    random: rand_pcg::Pcg64Mcg,
}

impl<'i> Diver<'i> {
    /// With a master.
    pub fn new(master: PackingMaster<'i>, seed: u64) -> Self {
        Self { master, random: random(seed) }
    }

    /// Whether a dive takes no longer than it is worth.
    pub fn is_of_use(&self, instance: &Instance) -> bool {
        instance.models.len() <= ENTERPRISES_MAX
    }

    /// A dive that leaves about this share of the enterprises free (all of them at 1) and holds the
    /// others at the best plan. What it finds becomes the best plan if it costs no more.
    pub fn dive(&mut self, search: &mut Search<'i, '_>, share: f64) {
        let (instance, params, threads) = (search.instance, search.params, search.threads);
        let count = instance.models.len();
        if !self.is_of_use(instance) {
            return;
        }
        let held = self.held(search, share);
        let mut asked = 0;
        let mut ask = |prices: &Prices, room: &[i64], is_free: &[bool]| {
            let within = Within { prices, room };
            let free = (0..count).filter(|enterprise| is_free[*enterprise]).collect::<Vec<_>>();
            asked += free.len() as u64;
            threads.install(|| {
                let column = |kernel: &mut Kernel, enterprise: usize| {
                    let model = &instance.models[enterprise];
                    let column = kernel.column(instance, model, &within, Effort::Quick);
                    (enterprise, Arc::new(column))
                };
                free.into_par_iter().map_init(Kernel::default, column).collect()
            })
        };
        let found = self.master.dive(&held, threads, &|| params.seconds_left(), &mut ask);
        search.work += asked + count as u64 + self.master.take_work();
        if let Some(found) = found {
            search.take_columns(found);
        }
    }

    /// The enterprises that a dive does not change, with their columns: drawn by lot, the more
    /// seldom the more of the gap an enterprise makes.
    fn held(&mut self, search: &Search, share: f64) -> Vec<(usize, Arc<Column>)> {
        let prices = &search.ascent.best;
        let count = search.instance.models.len();
        // what charges more than it must at the best prices is what the gap is made of
        let lost = |enterprise: usize| {
            search.best.column(enterprise).value(prices) - search.ascent.response.values[enterprise]
        };
        let total: i64 = (0..count).map(lost).sum();
        let mut is_free = |enterprise: usize| {
            share / 2.0
                + share / 2.0 * count as f64 * lost(enterprise) as f64 / (total.max(1) as f64)
                > self.random.random::<f64>()
        };
        (0..count)
            .filter(|enterprise| share < 1.0 && !is_free(*enterprise))
            .map(|enterprise| (enterprise, search.best.column(enterprise).clone()))
            .collect()
    }
}
