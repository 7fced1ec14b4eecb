//! One run of the program: planned, its bound worked out again, its plan checked by other code.

use crate::child::{self, Ended};
use crate::curve::{self, Point};
use crate::tools;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Threads of every run.
pub const THREADS: usize = 2;
/// The gap that is good enough to plan with.
pub const GOOD_GAP: f64 = 0.05;

/// What came of a run.
#[derive(Serialize)]
pub struct Run {
    pub seed: u64,
    pub requests: u64,
    pub seconds: f64,
    pub first_plan_seconds: f64,
    /// Until the gap was at most [`GOOD_GAP`].
    pub good_seconds: Option<f64>,
    pub cost: i64,
    pub bound: i64,
    pub gap: f64,
    pub stopped_by: String,
    pub work: u64,
    pub memory_mib: Option<u64>,
    /// Whether `certify` upholds the bound.
    pub is_upheld: bool,
    pub certify_seconds: f64,
    /// Whether a checker of other authorship finds the plan valid and its cost right; `None` where
    /// there is none.
    pub is_checked: Option<bool>,
    pub curve: Vec<Point>,
}

impl Run {
    /// What must not be.
    pub fn defects(&self, instance: &str) -> Vec<String> {
        let seed = self.seed;
        let mut defects = Vec::new();
        if !self.is_upheld {
            defects.push(format!("{instance}, seed {seed}: the bound is not upheld"));
        }
        if self.is_checked == Some(false) {
            defects.push(format!("{instance}, seed {seed}: check.py finds the plan wrong"));
        }
        defects
    }
}

/// What is read of the program's report.
#[derive(Deserialize)]
struct Report {
    requests: u64,
    seconds: f64,
    first_plan_seconds: f64,
    cost: i64,
    bound: i64,
    stopped_by: String,
    work: u64,
}

/// Plans the problem and holds the outcome against `certify` and `check.py`. Everything made lies
/// beside the problem.
pub fn run(problem: &Path, seconds: f64, seed: u64) -> Result<Run, String> {
    let beside = |end: &str| problem.with_extension(end);
    let (plan, certificate) = (beside("plan.json"), beside("certificate.json"));
    let (curve, report, verdict) =
        (beside("curve.csv"), beside("report.json"), beside("certify.json"));
    let mut command = Command::new(child::PROGRAM);
    command.arg("solve").arg(problem).args(["--report", "json"]);
    command.args(["--seconds", &seconds.to_string(), "--seed", &seed.to_string()]);
    command.args(["--threads", &THREADS.to_string()]).arg("--out").arg(&plan);
    command.arg("--certificate").arg(&certificate).arg("--curve").arg(&curve);
    let ended = child::run(&mut command, &report, patience(seconds))?;
    if !ended.is_success {
        return Err("planning failed".into());
    }
    let reported: Report = read(&report)?;
    let (is_upheld, certify_seconds) =
        certified(problem, &certificate, &verdict, patience(seconds), reported.bound)?;
    let is_checked = checked(problem, &plan, reported.cost);
    let text = fs::read_to_string(&curve).map_err(|error| error.to_string())?;
    let mut curve = curve::read(&text).ok_or("the curve cannot be read")?;
    // what a last improvement brought
    curve.push(Point { seconds: reported.seconds, cost: reported.cost, bound: reported.bound });
    Ok(Run {
        seed,
        requests: reported.requests,
        seconds: reported.seconds,
        first_plan_seconds: reported.first_plan_seconds,
        good_seconds: curve::seconds_to_gap(&curve, GOOD_GAP),
        cost: reported.cost,
        bound: reported.bound,
        gap: curve::gap(reported.cost, reported.bound),
        stopped_by: reported.stopped_by,
        work: reported.work,
        memory_mib: ended.memory_mib,
        is_upheld,
        certify_seconds,
        is_checked,
        curve,
    })
}

/// Time after which a program that was given `seconds` is taken for lost.
pub fn patience(seconds: f64) -> Duration {
    Duration::from_secs_f64(3.0 * seconds + 300.0)
}

fn certified(
    problem: &Path,
    certificate: &Path,
    verdict: &Path,
    limit: Duration,
    bound: i64,
) -> Result<(bool, f64), String> {
    let mut command = Command::new(child::PROGRAM);
    command.arg("certify").arg(problem).arg(certificate).args(["--report", "json"]);
    let Ended { is_success, seconds, .. } = child::run(&mut command, verdict, limit)?;
    let answer: Value = read(verdict)?;
    let is_claimed = answer["claimed"] == bound;
    let seconds = (seconds * 1_000.0).round() / 1_000.0;
    Ok((is_success && is_claimed && answer["upheld"] == true, seconds))
}

fn checked(problem: &Path, plan: &Path, cost: i64) -> Option<bool> {
    let mut command = tools::python("check.py").ok()?;
    let output = command.arg(problem).arg(plan).output().ok()?;
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    Some(output.status.success() && answer["cost"] == cost)
}

fn read<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, String> {
    let text = fs::read(path).map_err(|error| error.to_string())?;
    serde_json::from_slice(&text).map_err(|error| format!("{}: {error}", path.display()))
}
