//! Cost and bound over time.

use serde::{Serialize, Serializer};

/// Cost and bound at one moment of a run.
#[derive(Clone, Copy)]
pub struct Point {
    pub seconds: f64,
    pub cost: i64,
    pub bound: i64,
}

impl Serialize for Point {
    /// As three numbers: there are many.
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        (self.seconds, self.cost, self.bound).serialize(to)
    }
}

/// Reads the CSV of `solve --curve`.
pub fn read(text: &str) -> Option<Vec<Point>> {
    let point = |line: &str| {
        let mut cells = line.split(',');
        let seconds = cells.next()?.parse().ok()?;
        let cost = cells.next()?.parse().ok()?;
        let bound = cells.next()?.parse().ok()?;
        Some(Point { seconds, cost, bound })
    };
    text.lines().skip(1).map(point).collect()
}

/// (cost − bound) / cost.
pub fn gap(cost: i64, bound: i64) -> f64 {
    if cost <= bound { 0.0 } else { (cost - bound) as f64 / cost as f64 }
}

/// When the gap was first at most `share`.
pub fn seconds_to_gap(curve: &[Point], share: f64) -> Option<f64> {
    curve.iter().find(|point| gap(point.cost, point.bound) <= share).map(|point| point.seconds)
}
