//! Works a lower limit of the cost out again from a certificate, sharing nothing with the search
//! that found it but the problem.
//!
//! # Sets
//!
//! *E* are the enterprises, *C* the cells (a pool on an open day), *T* the targets. Plans meet in
//! cells and targets only: every other rule and every other cost lies inside one enterprise. What
//! follows is counted in `scale`ths of the problem's unit; *s* is the scale.
//!
//! A certificate prices both. A visit that draws m > 0 person-minutes from cell c is charged
//! φ_c(m) = minute·m + the charges of the steps it reaches, which is ≥ 0 and grows with m. One
//! more counted by target t is worth μ_t, 0 ≤ μ_t ≤ s·shortfall_cost.
//!
//! # What is summed
//!
//! L = Σ_{e∈E} v_e − Σ_{c∈C} credit_c + Σ_{t∈T} μ_t·need_t, where
//!
//! - v_e is the least, over all sets of visits of e that break no rule inside e and each of which
//!   fits by itself into every cell it draws on, of s·(visits, attendance, penalties, late days,
//!   moves) + Σ φ_c(draw) − Σ μ_t·(what e adds to t). See `enterprise.rs`, `search.rs` and, for
//!   enterprises too large for it, `large.rs`, which gives a value that is never above it.
//! - credit_c is the most, over all choices of at most one draw m_e from D_{e,c} for each e with
//!   Σ m_e within minutes and overtime, of Σ φ_c(m_e) − s·overtime_cost·(Σ m_e − minutes)⁺. D_{e,c}
//!   holds `attendance_minutes` plus each sum of draws of a nonempty set of those requests of e
//!   whose own window is open that day, wherever a fixed visit may hold them; a `together` group
//!   counts as one. See `cells.rs`.
//! - need_t is what target t still asks for ([`Problem::needed`]).
//!
//! # Why no valid plan costs less than L/s
//!
//! Take any valid plan. Its visits at e are one of the sets that v_e is the least of, so its own
//! costs there, and φ of its draws, less its worth to the targets, are at least v_e. On cell c its
//! draws m_e are from D_{e,c} and fit together (rule 8), so s times the overtime it pays is at least
//! Σ φ_c(m_e) − credit_c. It falls short of t by at least need_t − reached_t, and by no less than 0,
//! so s times what it pays for that is at least μ_t·(need_t − reached_t), as μ_t is at most the
//! price of falling short. In the sum of the three, φ and μ·reached cancel out. The cost is a whole
//! number, so L/s may be rounded up.
//!
//! Leaves restrict the plans by decisions, which narrow windows and forbid leaving requests out:
//! the same holds for the plans that fit them. The leaves are those of a binary tree
//! (`leaves.rs`), so every plan fits one, and the least of their bounds holds for all plans.
//! A leaf in which some enterprise has no lawful set of visits holds no plan.

mod cells;
mod enterprise;
mod inspect;
mod knapsack;
mod large;
mod leaves;
mod search;
mod site;
mod tables;
mod terrain;

#[cfg(test)]
mod tests;

use crate::domain::certificate::Certificate;
use crate::domain::problem::{Cost, Defect, Problem};
use crate::message;
use inspect::Tariff;
use leaves::Orders;
use rayon::prelude::*;
use terrain::Terrain;

/// What a certificate proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certified {
    /// No valid plan costs less.
    pub bound: Cost,
    /// The bound of each leaf, `None` for a leaf that holds no plan.
    pub leaves: Vec<Option<Cost>>,
    /// Enterprises with requests whose value is exact in every leaf.
    pub enterprises_exact: usize,
    /// Enterprises with requests that got a weaker value in some leaf.
    pub enterprises_relaxed: usize,
}

impl Certified {
    /// Whether the proof reaches as far as the claim.
    pub fn upholds(&self, claim: Cost) -> bool {
        claim <= self.bound
    }
}

/// Works out what `certificate` proves of `problem`, in parallel on the current pool of threads;
/// the result does not depend on their number. A certificate that is not sound is refused with
/// **all** its defects.
///
/// The claimed bound is not looked at: hold it against the result with [`Certified::upholds`].
pub fn certify(problem: &Problem, certificate: &Certificate) -> Result<Certified, Vec<Defect>> {
    let terrain = Terrain::new(problem);
    inspect::inspect(&terrain, certificate)?;
    let mut is_relaxed = vec![false; problem.facts().enterprises.len()];
    let mut bounds = Vec::with_capacity(certificate.leaves.len());
    for leaf in &certificate.leaves {
        let orders = Orders::of(problem, leaf);
        let tariff = Tariff::of(&terrain, certificate.scale, leaf);
        let Some(values) = values(&terrain, &tariff, &orders) else {
            bounds.push(None);
            continue;
        };
        let mut sum = tariff.needed - cells::credits(&terrain, &tariff, &orders);
        for (value, is_relaxed) in values.iter().zip(&mut is_relaxed) {
            sum += value.scaled;
            *is_relaxed |= !value.is_exact;
        }
        bounds.push(Some(rounded_up(sum, certificate.scale)));
    }
    let Some(bound) = bounds.iter().copied().flatten().min() else {
        return Err(vec![Defect::at("/leaves", message!("no-plan-in-any-leaf"))]);
    };
    let is_asked = |e: &usize| !problem.requests_at(*e).is_empty();
    let asked = (0..is_relaxed.len()).filter(is_asked).count();
    let relaxed = is_relaxed.iter().filter(|relaxed| **relaxed).count();
    Ok(Certified {
        bound,
        leaves: bounds,
        enterprises_exact: asked - relaxed,
        enterprises_relaxed: relaxed,
    })
}

/// The value of each enterprise; `None` when one of them has no lawful set of visits.
fn values(terrain: &Terrain, tariff: &Tariff, orders: &Orders) -> Option<Vec<enterprise::Value>> {
    let enterprises = (0..terrain.facts().enterprises.len()).into_par_iter().with_min_len(32);
    enterprises.map(|e| enterprise::value(terrain, tariff, orders, e)).collect()
}

/// The least whole number of units that is at least `scaled`. A limit beyond what a cost can be is
/// cut to it.
fn rounded_up(scaled: i128, scale: i64) -> Cost {
    let whole = -(-scaled).div_euclid(i128::from(scale));
    Cost::try_from(whole).unwrap_or(if whole < 0 { Cost::MIN } else { Cost::MAX })
}
