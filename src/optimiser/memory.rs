//! What a run may hold in memory, and what it does without where that is little.
//!
//! The ceiling and the problem alone decide, never what the machine has to spare, so that a run
//! repeats. What cannot be done without is estimated from the problem's size, as measured; what is
//! left goes to the two tables that grow fastest: the patterns of enterprises (`instance`), of
//! which those with many units are then solved as large ones, and the columns of the master
//! (`master`), of which fewer are kept.

use crate::domain::Problem;

/// The program, its threads and their scratch.
const PROGRAM_BYTES: u64 = 64 << 20;
/// A request: its facts, its unit, its place in the plan and in the report.
const REQUEST_BYTES: u64 = 1_400;
/// An enterprise: its facts, its model, its columns.
const ENTERPRISE_BYTES: u64 = 1_300;
/// What the solver takes for the largest master.
const SOLVER_BYTES: u64 = 100 << 20;
/// Share of what is left, in percent, that goes to patterns where columns are kept too.
const PATTERNS_PERCENT: u64 = 60;

/// Bytes that a run on `problem` needs whatever it does without; an estimate.
pub fn least_bytes(problem: &Problem) -> u64 {
    let facts = problem.facts();
    PROGRAM_BYTES
        + REQUEST_BYTES * facts.requests.len() as u64
        + ENTERPRISE_BYTES * facts.enterprises.len() as u64
}

/// Bytes for the tables that may be cut short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// For the patterns of enterprises.
    pub patterns: u64,
    /// For the columns of the master, where those are kept.
    pub columns: u64,
}

impl Room {
    /// What a ceiling leaves. Columns are of use with the solver only.
    pub fn under(ceiling_bytes: Option<u64>, problem: &Problem, are_columns_kept: bool) -> Self {
        let Some(ceiling) = ceiling_bytes else {
            return Self { patterns: u64::MAX, columns: u64::MAX };
        };
        let left = ceiling.saturating_sub(least_bytes(problem));
        if !are_columns_kept || left < 2 * SOLVER_BYTES {
            return Self { patterns: left, columns: 0 };
        }
        let left = left - SOLVER_BYTES;
        let patterns = left / 100 * PATTERNS_PERCENT;
        Self { patterns, columns: left - patterns }
    }
}
