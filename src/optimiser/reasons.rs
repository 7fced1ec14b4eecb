//! Why a request is left out, held against the final plan. Three certainties: proved impossible,
//! lost (every day that the law allows is full or capped), and not worth it (a day is free, but
//! the request would cost more there than its penalty).

use super::column::Column;
use super::instance::Instance;
use super::kernel::{Kernel, Oracle};
use super::prices::Prices;
use super::roster::{Room, Roster};
use crate::domain::problem::Cost;

/// How sure a reason is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// No plan can take the request.
    Impossible,
    /// In this plan no day can take it, the enterprise's other visits being free to change.
    Competition,
    /// A day could take it, at a cost above its penalty.
    Cost,
}

/// Why one request is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Position of the request in the problem.
    pub request: usize,
    /// How sure.
    pub certainty: Certainty,
    /// Stable code.
    pub code: &'static str,
    /// What the request would add to the plan's cost above its penalty, where a day could take it.
    pub extra_cost: Option<Cost>,
}

/// The room that others leave, with the value of one unit raised so high that the kernel takes it
/// wherever it fits.
struct Wanted<'a> {
    room: Room<'a>,
}

impl Oracle for Wanted<'_> {
    fn cell(&self, cell: usize, minutes: i64) -> i64 {
        self.room.cell(cell, minutes)
    }
    fn target(&self, target: u32) -> i64 {
        self.room.target(target)
    }
}

/// Reasons for every unscheduled request, in the problem's order.
pub fn explain(instance: &Instance, roster: &Roster) -> Vec<LeftOut> {
    let mut reasons: Vec<LeftOut> = instance
        .impossible
        .iter()
        .map(|impossible| LeftOut {
            request: impossible.request,
            certainty: Certainty::Impossible,
            code: impossible.code,
            extra_cost: None,
        })
        .collect();

    reasons.sort_by_key(|reason| reason.request);
    reasons
}
