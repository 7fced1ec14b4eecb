//! A certificate: the prices from which anybody can work out a lower limit of the cost again. Plain
//! data that any program may write, so anything may be wrong with it;
//! [`certify`](crate::certificate::certify) judges it and does the sum.

use super::problem::Cost;
use chrono::NaiveDate;

/// A claim that no valid plan of a problem costs less than `bound`, with what proves it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Certificate {
    /// Name of the problem it speaks of.
    pub problem: String,
    /// Every price below is in this fraction of the problem's unit: 4096 is one whole.
    pub scale: i64,
    /// The claim, in the problem's unit.
    pub bound: Cost,
    /// The cases that together cover every plan, each with prices of its own; one without
    /// decisions covers them all alone.
    pub leaves: Vec<Leaf>,
}

/// One case: the plans that fit all its decisions, and the prices that bound them from below.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Leaf {
    /// The way to this case, from the root of the tree on.
    pub decisions: Vec<Decision>,
    /// Prices of pool days; a pool day that is not listed is free.
    pub cells: Vec<CellPrice>,
    /// Prices of targets; a target that is not listed is worth nothing.
    pub targets: Vec<TargetPrice>,
    /// Credits of the requests of enterprises too large to be solved exactly.
    pub credits: Vec<Credits>,
}

/// One turn on the way to a leaf.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decision {
    /// Id of the request.
    pub request: String,
    /// The day that parts the plans.
    pub until: NaiveDate,
    /// True: the request is held on `until` or before. False: it is held later or left out.
    pub held: bool,
}

/// What visits are charged for a pool's day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellPrice {
    /// Id of the pool.
    pub pool: String,
    /// The day.
    pub date: NaiveDate,
    /// Charge of each person-minute.
    pub minute: i64,
    /// Charges of large draws.
    pub steps: Vec<Step>,
}

/// One more charge of a visit that draws much from a pool's day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// A visit pays when it draws at least so many person-minutes.
    pub from: i64,
    /// What it pays, once.
    pub charge: i64,
}

/// What one more counted by a target is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetPrice {
    /// Id of the target.
    pub target: String,
    /// The worth; at most the target's shortfall cost.
    pub price: i64,
}

/// Credits of the requests of one enterprise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credits {
    /// Id of the enterprise.
    pub enterprise: String,
    /// Its requests; one that is not listed has the credit 0.
    pub requests: Vec<UnitCredit>,
}

/// The credit of a request: how much of its enterprise's cost is laid to its account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitCredit {
    /// Id of the request.
    pub request: String,
    /// May be negative.
    pub credit: i64,
}
