//! Other solvers on the same files: the whole problem as one model, written and solved by a script
//! (`peer.py`) where it lies beside the project and Python has the solver.

use crate::child;
use crate::run::{THREADS, patience};
use crate::tools;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::path::Path;

/// Name for people, the script's name, the Python module it needs.
const SOLVERS: [(&str, &str, &str); 2] =
    [("CP-SAT", "cpsat", "ortools"), ("HiGHS", "highs", "highspy")];

/// A solver that is present.
pub struct Peer {
    pub name: &'static str,
    solver: &'static str,
    python: String,
}

/// What a solver found.
#[derive(Serialize, Deserialize)]
pub struct Answer {
    /// The script's name of the solver.
    pub solver: String,
    pub status: String,
    /// `None` where it found no plan.
    pub cost: Option<f64>,
    pub bound: Option<f64>,
    pub gap: Option<f64>,
    /// Whether the plan it found, if any, passes the checker.
    pub valid: bool,
    /// Time to write the model, which is not counted.
    pub build_s: f64,
    pub solve_s: f64,
}

/// The solvers that are present; `notes` gets why others are not.
pub fn present(notes: &mut Vec<String>) -> Vec<Peer> {
    let python = std::env::var("PEER_PYTHON").unwrap_or_else(|_| "python3".into());
    let mut peers = Vec::new();
    for (name, solver, module) in SOLVERS {
        let missing = match tools::python_of(&python, "peer.py") {
            Err(why) => why,
            Ok(_) if tools::can(&python, &["-c", &format!("import {module}")]) => {
                peers.push(Peer { name, solver, python: python.clone() });
                continue;
            }
            Ok(_) => format!("Python (PEER_PYTHON says which one) cannot import {module}"),
        };
        notes.push(format!("{name} is left out: {missing}."));
    }
    peers
}

/// The name for people.
pub fn name_of(solver: &str) -> &str {
    SOLVERS.iter().find(|row| row.1 == solver).map_or(solver, |row| row.0)
}

impl Peer {
    /// Has it solve the problem; the error says why there is no answer.
    pub fn run(&self, problem: &Path, seconds: f64) -> Result<Answer, String> {
        let mut command = tools::python_of(&self.python, "peer.py")?;
        command.arg(problem).arg(seconds.to_string());
        command.args(["--solver", self.solver, "--workers", &THREADS.to_string()]);
        let out = problem.with_extension(format!("{}.json", self.solver));
        let complaints = problem.with_extension(format!("{}.txt", self.solver));
        command.stderr(File::create(&complaints).map_err(|error| error.to_string())?);
        let ended = child::run(&mut command, &out, patience(seconds))?;
        if !ended.is_success {
            let text = fs::read_to_string(&complaints).unwrap_or_default();
            // the last line of what Python says is the error; paths are nobody's business
            let last = text.lines().last().filter(|line| !line.contains('/'));
            return Err(format!("it failed ({})", last.unwrap_or("for reasons unknown")));
        }
        let text = fs::read_to_string(&out).map_err(|error| error.to_string())?;
        // Python writes numbers that JSON does not have
        let text = text.replace("-Infinity", "null").replace("Infinity", "null");
        let text = text.replace("NaN", "null");
        serde_json::from_str(&text).map_err(|error| format!("its answer cannot be read: {error}"))
    }
}
