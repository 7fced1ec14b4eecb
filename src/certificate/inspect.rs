//! Is the certificate sound, and what are its prices, made dense.

use super::leaves;
use super::terrain::Terrain;
use crate::domain::Message;
use crate::domain::certificate::{CellPrice, Certificate, Credits, Leaf, TargetPrice};
use crate::domain::problem::{Defect, TargetMeasure};
use crate::message;
use std::collections::{HashMap, HashSet};

/// Finest fraction of the unit.
pub(super) const SCALE_MAX: i64 = 1 << 20;
/// Most that a visit which takes all of a pool's day may be charged, and largest credit: sums over
/// an enterprise stay far inside 64 bits, or are reported.
pub(super) const AMOUNT_MAX: i64 = 1 << 50;

/// What visits are charged for one pool's day.
#[derive(Clone, Debug, Default)]
pub(super) struct Charge {
    /// Of each person-minute.
    pub minute: i64,
    /// From so many person-minutes on, so much more in all; ascending.
    pub steps: Vec<(i64, i64)>,
}

impl Charge {
    fn of(cell: &CellPrice) -> Self {
        let mut steps: Vec<(i64, i64)> = cell.steps.iter().map(|s| (s.from, s.charge)).collect();
        steps.retain(|(_, charge)| *charge > 0);
        steps.sort_unstable();
        let mut total = 0;
        for (_, charge) in &mut steps {
            total += *charge;
            *charge = total;
        }
        Self { minute: cell.minute, steps }
    }

    /// What a visit that draws `minutes` pays; `minutes` must fit the pool's day.
    pub fn of_draw(&self, minutes: i64) -> i64 {
        let reached = self.steps.iter().rev().find(|(from, _)| *from <= minutes);
        self.minute * minutes + reached.map_or(0, |(_, charge)| *charge)
    }

    pub fn is_free(&self) -> bool {
        self.minute == 0 && self.steps.is_empty()
    }
}

/// The prices of one leaf by position, targets resolved to requests.
pub(super) struct Tariff {
    /// The scale of the certificate.
    pub scale: i64,
    /// By pool, then by open day; `None` for a pool without prices.
    pub charges: Vec<Option<Vec<Charge>>>,
    /// What scheduling each request is worth; empty when nothing is.
    scheduled: Vec<i128>,
    /// What having it in a visit of two or more departments is worth; empty when nothing is.
    joint: Vec<i128>,
    /// By request, the targets for which its enterprise counts; empty when there are none.
    visited: Vec<Vec<usize>>,
    /// Price of each target.
    pub worths: Vec<i64>,
    /// Σ price × need.
    pub needed: i128,
    /// By request.
    credits: HashMap<usize, i64>,
    /// The most that one draw of one visit is charged.
    pub draw_max: i64,
}

impl Tariff {
    /// The prices of a leaf that has passed [`inspect`].
    pub fn of(terrain: &Terrain, scale: i64, leaf: &Leaf) -> Self {
        let (facts, problem) = (terrain.facts(), terrain.problem);
        let mut tariff = Self {
            scale,
            charges: vec![None; facts.pools.len()],
            scheduled: Vec::new(),
            joint: Vec::new(),
            visited: Vec::new(),
            worths: vec![0; facts.targets.len()],
            needed: 0,
            credits: HashMap::new(),
            draw_max: 0,
        };
        for cell in &leaf.cells {
            let pool = problem.pool(&cell.pool).expect("inspected");
            let day = terrain.days.binary_search(&cell.date).expect("inspected");
            let charge = Charge::of(cell);
            if charge.is_free() {
                continue;
            }
            let room = terrain.room(pool, day);
            if room > 0 {
                tariff.draw_max = tariff.draw_max.max(charge.of_draw(room));
            }
            let row = tariff.charges[pool]
                .get_or_insert_with(|| vec![Charge::default(); terrain.days.len()]);
            row[day] = charge;
        }
        let places: HashMap<&str, usize> =
            facts.targets.iter().enumerate().map(|(t, target)| (target.id.as_str(), t)).collect();
        for TargetPrice { target, price } in &leaf.targets {
            tariff.price_target(terrain, places[target.as_str()], *price);
        }
        for unit in leaf.credits.iter().flat_map(|credits| &credits.requests) {
            let request = problem.request(&unit.request).expect("inspected");
            tariff.credits.insert(request, unit.credit);
        }
        tariff
    }

    fn price_target(&mut self, terrain: &Terrain, target: usize, price: i64) {
        let facts = terrain.facts();
        if price == 0 {
            return;
        }
        let scope = terrain.problem.scope(target);
        let need = terrain.problem.needed(target, &scope);
        if need == 0 {
            // nobody can fall short of it, so it is worth nothing
            return;
        }
        self.worths[target] = price;
        self.needed += i128::from(price) * i128::from(need);
        let worth = match facts.targets[target].measure {
            TargetMeasure::Scheduled => &mut self.scheduled,
            TargetMeasure::Joint => &mut self.joint,
            TargetMeasure::Visited => {
                self.visited.resize(facts.requests.len(), Vec::new());
                for r in scope {
                    self.visited[r].push(target);
                }
                return;
            }
        };
        worth.resize(facts.requests.len(), 0);
        for r in scope {
            worth[r] += i128::from(price);
        }
    }

    /// What scheduling a request is worth.
    pub fn worth_scheduled(&self, request: usize) -> i128 {
        self.scheduled.get(request).copied().unwrap_or(0)
    }

    /// What having a request in a visit of two or more departments is worth besides.
    pub fn worth_joint(&self, request: usize) -> i128 {
        self.joint.get(request).copied().unwrap_or(0)
    }

    /// The targets for which scheduling a request makes its enterprise count.
    pub fn visited(&self, request: usize) -> &[usize] {
        self.visited.get(request).map_or(&[], Vec::as_slice)
    }

    /// The credit of a request.
    pub fn credit(&self, request: usize) -> i64 {
        self.credits.get(&request).copied().unwrap_or(0)
    }

    /// What a visit is charged for its draw from a pool's day.
    pub fn charge(&self, pool: usize, day: usize) -> Option<&Charge> {
        self.charges[pool].as_ref().map(|row| &row[day])
    }
}

/// Reports everything that is wrong with a certificate.
pub(super) fn inspect(terrain: &Terrain, certificate: &Certificate) -> Result<(), Vec<Defect>> {
    let mut defects = Vec::new();
    let name = &terrain.facts().name;
    if certificate.problem != *name {
        let message = message!("other-problem", found = &certificate.problem, wanted = name);
        defects.push(Defect::at("/problem", message));
    }
    let scale = certificate.scale;
    if !(1..=SCALE_MAX).contains(&scale) {
        let message = message!("scale-out-of-range", scale = scale, limit = SCALE_MAX);
        defects.push(Defect::at("/scale", message));
    }
    let targets = terrain.facts().targets.iter().enumerate();
    let targets = targets.map(|(t, target)| (target.id.as_str(), t)).collect();
    for (i, leaf) in certificate.leaves.iter().enumerate() {
        let mut sheet = Sheet { terrain, targets: &targets, scale, leaf: i, defects: &mut defects };
        sheet.decisions(leaf);
        sheet.cells(leaf);
        sheet.targets(leaf);
        sheet.credits(leaf);
    }
    if let Err(defect) = leaves::cover(&certificate.leaves) {
        defects.push(defect);
    }
    if defects.is_empty() { Ok(()) } else { Err(defects) }
}

/// One leaf under inspection.
struct Sheet<'a> {
    terrain: &'a Terrain<'a>,
    targets: &'a HashMap<&'a str, usize>,
    scale: i64,
    leaf: usize,
    defects: &'a mut Vec<Defect>,
}

impl Sheet<'_> {
    fn report(&mut self, place: impl AsRef<str>, message: Message) {
        let pointer = format!("/leaves/{}/{}", self.leaf, place.as_ref());
        self.defects.push(Defect::at(pointer, message));
    }

    fn not_negative(&mut self, value: i64, place: impl Fn() -> String) {
        if value < 0 {
            self.report(place(), message!("negative_problem", value = value));
        }
    }

    fn decisions(&mut self, leaf: &Leaf) {
        for (k, decision) in leaf.decisions.iter().enumerate() {
            if self.terrain.problem.request(&decision.request).is_none() {
                let message = message!("unknown-request_problem", id = &decision.request);
                self.report(format!("decisions/{k}/request"), message);
            }
        }
    }

    fn cells(&mut self, leaf: &Leaf) {
        let mut seen = HashSet::new();
        for (k, cell) in leaf.cells.iter().enumerate() {
            let CellPrice { pool, date, minute, steps } = cell;
            self.not_negative(*minute, || format!("cells/{k}/minute"));
            for (j, step) in steps.iter().enumerate() {
                self.not_negative(step.from, || format!("cells/{k}/steps/{j}/from"));
                self.not_negative(step.charge, || format!("cells/{k}/steps/{j}/charge"));
            }
            let place = self.terrain.problem.pool(pool);
            let day = self.terrain.days.binary_search(date).ok();
            if place.is_none() {
                let message = message!("unknown-pool_problem", id = pool);
                self.report(format!("cells/{k}/pool"), message);
            }
            if day.is_none() {
                self.report(format!("cells/{k}/date"), message!("day-not-open", day = *date));
            }
            let Some((pool, day)) = place.zip(day) else { continue };
            if !seen.insert((pool, day)) {
                let message = message!("duplicate-cell", pool = &cell.pool, day = *date);
                self.report(format!("cells/{k}"), message);
            }
            let most = i128::from(*minute) * i128::from(self.terrain.room(pool, day))
                + steps.iter().map(|step| i128::from(step.charge)).sum::<i128>();
            if most > i128::from(AMOUNT_MAX) {
                let charge = most.to_string();
                let message = message!("too-large_charge", charge = charge, limit = AMOUNT_MAX);
                self.report(format!("cells/{k}"), message);
            }
        }
    }

    fn targets(&mut self, leaf: &Leaf) {
        let mut seen = HashSet::new();
        for (k, TargetPrice { target, price }) in leaf.targets.iter().enumerate() {
            let Some(t) = self.targets.get(target.as_str()).copied() else {
                let message = message!("unknown-target_problem", id = target);
                self.report(format!("targets/{k}/target"), message);
                continue;
            };
            if !seen.insert(t) {
                let message = message!("duplicate-target", target = target);
                self.report(format!("targets/{k}/target"), message);
            }
            self.not_negative(*price, || format!("targets/{k}/price"));
            let shortfall = self.terrain.facts().targets[t].shortfall_cost;
            let limit = i128::from(shortfall) * i128::from(self.scale);
            if i128::from(*price) > limit {
                let limit = limit.to_string();
                let message = message!("price-out-of-range", price = *price, limit = limit);
                self.report(format!("targets/{k}/price"), message);
            }
        }
    }

    fn credits(&mut self, leaf: &Leaf) {
        let problem = self.terrain.problem;
        let (mut enterprises, mut requests) = (HashSet::new(), HashSet::new());
        for (k, credits) in leaf.credits.iter().enumerate() {
            let Credits { enterprise, requests: units } = credits;
            let at = problem.enterprise(enterprise);
            if at.is_none() {
                let message = message!("unknown-enterprise_problem", id = enterprise);
                self.report(format!("credits/{k}/enterprise"), message);
            }
            if !enterprises.insert(enterprise) {
                let message = message!("duplicate-enterprise", enterprise = enterprise);
                self.report(format!("credits/{k}/enterprise"), message);
            }
            for (j, unit) in units.iter().enumerate() {
                let place = |field: &str| format!("credits/{k}/requests/{j}/{field}");
                let id = &unit.request;
                match problem.request(id) {
                    None => {
                        let message = message!("unknown-request_problem", id = id);
                        self.report(place("request"), message);
                    }
                    Some(r) if at.is_some_and(|at| at != problem.enterprise_of(r)) => {
                        let message = message!(
                            "other-enterprise_credit",
                            request = id,
                            enterprise = enterprise,
                        );
                        self.report(place("request"), message);
                    }
                    Some(r) if !requests.insert(r) => {
                        let message = message!("duplicate-request_credit", request = id);
                        self.report(place("request"), message);
                    }
                    Some(_) => {}
                }
                if unit.credit.unsigned_abs() > AMOUNT_MAX as u64 {
                    let message =
                        message!("too-large_credit", credit = unit.credit, limit = AMOUNT_MAX);
                    self.report(place("credit"), message);
                }
            }
        }
    }
}
