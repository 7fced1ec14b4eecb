//! Multidimensional knapsacks of the OR-Library (Chu & Beasley 1998) as problems of one day: a column
//! is an enterprise with one request, whose penalty is its profit; a row is a pool, its right-hand side
//! the day's minutes; a weight is a number of inspectors. What is left out is what a plan costs, so the
//! value of a knapsack is the sum of all profits less the cost.

use flate2::read::GzDecoder;
use serde_json::{Value, json};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// The problem with this number, from 1, of a file of theirs: how many problems; for each the numbers
/// of columns and rows and a best value or 0, the profits, the rows of weights, the right-hand sides.
pub fn problem(file: &Path, number: usize) -> Result<Value, String> {
    let mut text = String::new();
    let opened = File::open(file).map_err(|error| format!("{}: {error}", file.display()))?;
    GzDecoder::new(opened).read_to_string(&mut text).map_err(|error| error.to_string())?;
    // some write whole numbers with a point
    let number_of = |word: &str| word.parse::<f64>().map(|value| value as i64);
    let numbers: Result<Vec<i64>, _> = text.split_whitespace().map(number_of).collect();
    let mut numbers = numbers.map_err(|error| error.to_string())?.into_iter();
    let mut take = |count: i64| -> Result<Vec<i64>, String> {
        let taken: Vec<i64> = numbers.by_ref().take(count.max(0) as usize).collect();
        if taken.len() as i64 == count { Ok(taken) } else { Err("the file ends early".into()) }
    };
    take(1)?;
    for place in 1.. {
        let [columns, rows, _] = take(3)?[..] else { unreachable!("three were asked for") };
        let profits = take(columns)?;
        let weights = (0..rows).map(|_| take(columns)).collect::<Result<Vec<_>, _>>()?;
        let minutes = take(rows)?;
        if place == number {
            return Ok(written(&profits, &weights, &minutes));
        }
    }
    unreachable!("numbers do not end")
}

/// The problem as a file has it; fields that are optional are left out.
fn written(profits: &[i64], weights: &[Vec<i64>], minutes: &[i64]) -> Value {
    let day = "2026-03-02";
    let pool_id = |row: usize| format!("P{row:02}");
    let enterprise_id = |column: usize| format!("E{column:03}");
    let pool = |(row, minutes): (usize, &i64)| {
        json!({
            "id": pool_id(row), "department": format!("D{row:02}"), "minutes": minutes,
            "attendance_minutes": 0,
        })
    };
    let enterprise = |column: usize| {
        json!({
            "id": enterprise_id(column), "area": "A", "industry": "I", "risk": "B",
            "visit_cost": 0, "visit_cap": 1, "min_gap_days": 1,
        })
    };
    let request = |(column, penalty): (usize, &i64)| {
        let drawn = weights.iter().enumerate().filter(|(_, weights)| weights[column] > 0);
        let drawn = drawn.map(|(row, weights)| (pool_id(row), weights[column]));
        json!({
            "id": format!("R{column:03}"), "enterprise": enterprise_id(column),
            "department": "D00", "earliest": day, "latest": day, "minutes": 1,
            "uses": drawn.map(|(id, n)| json!({"pool": id, "inspectors": n})).collect::<Value>(),
            "scenarios": [], "penalty": penalty,
        })
    };
    json!({
        "format": "onevisit-problem/1",
        "name": format!("knapsack-{}x{}", minutes.len(), profits.len()),
        "start": day, "end": day, "closed_days": [], "attendance_cost": 0,
        "max_visit_minutes": 1,
        "pools": minutes.iter().enumerate().map(pool).collect::<Value>(),
        "scenarios": [],
        "enterprises": (0..profits.len()).map(enterprise).collect::<Value>(),
        "requests": profits.iter().enumerate().map(request).collect::<Value>(),
        "targets": [], "fixed": [],
    })
}
