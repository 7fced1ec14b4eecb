//! The results as tables.

use crate::peer::{self, Answer};
use crate::results::Planned;
use crate::run::Run;
use crate::scaling::Size;
use crate::table::Table;
use onevisit::app::figures::figure;

/// What is printed where there is nothing to report.
const NONE: &str = "-";

/// Our own runs, one row an instance.
pub fn planned(planned: &[Planned], seeds: usize) -> Table {
    let gaps: &[&str] = if seeds > 1 { &["median gap", "worst gap"] } else { &["gap"] };
    let mut heads = vec!["instance", "requests", "seconds", "first plan (s)", "5% gap (s)"];
    heads.extend(["cost", "bound"]);
    heads.extend(gaps);
    heads.extend(["plan dear by", "bound short by"]);
    heads.extend(["memory (MiB)", "certified in (s)", "checked"]);
    let mut table = Table::new(&heads);
    for one in planned {
        let run = one.median();
        let mut row = vec![one.instance.clone()];
        row.extend(cells(run));
        if seeds > 1 {
            row.push(percent(one.worst_gap()));
        }
        row.extend(one.best.map_or([NONE; 2].map(Into::into), |best| {
            // what betters the best known is neither
            [run.cost - best.cost, best.bound - run.bound].map(|part| figure(part.max(0)))
        }));
        let is_upheld = one.runs.iter().all(|run| run.is_upheld);
        let certified = format!("{:.2}", run.certify_seconds);
        row.push(mebibytes(one.runs.iter().filter_map(|run| run.memory_mib).max()));
        row.push(if is_upheld { certified } else { "NOT UPHELD".into() });
        let checks: Option<Vec<bool>> = one.runs.iter().map(|run| run.is_checked).collect();
        row.push(match checks {
            None => NONE.into(),
            Some(checks) if checks.iter().all(|is_right| *is_right) => "yes".into(),
            Some(_) => "WRONG".into(),
        });
        table.row(row);
    }
    table
}

/// Ours beside those of other solvers; `None` where no other solver was asked.
pub fn peers(planned: &[Planned]) -> Option<Table> {
    let solvers: Vec<&str> = ["cpsat", "highs"]
        .into_iter()
        .filter(|solver| planned.iter().any(|one| one.answer(solver).is_some()))
        .collect();
    if solvers.is_empty() {
        return None;
    }
    let mut heads: Vec<String> =
        ["instance", "seconds", "cost", "bound", "gap"].map(Into::into).into();
    for solver in &solvers {
        let of = |what| format!("{}: {what}", peer::name_of(solver));
        heads.extend(["cost", "bound", "gap"].map(of));
    }
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    let mut table = Table::new(&heads);
    for one in planned.iter().filter(|one| !one.peers.is_empty()) {
        let run = one.median();
        let mut row = vec![
            one.instance.clone(),
            one.seconds.to_string(),
            figure(run.cost),
            figure(run.bound),
            percent(run.gap),
        ];
        for solver in &solvers {
            row.extend(one.answer(solver).map_or([NONE; 3].map(Into::into), of_peer));
        }
        table.row(row);
    }
    Some(table)
}

/// Cost, bound and gap of another solver.
fn of_peer(answer: &Answer) -> [String; 3] {
    // costs are whole, so a bound may be rounded up; a millionth is left to its tolerance
    let bound = answer.bound.map_or(NONE.into(), |bound| figure((bound - 1e-6).ceil() as i64));
    match answer.cost {
        None => ["none".into(), bound, NONE.into()],
        Some(_) if !answer.valid => ["invalid".into(), bound, NONE.into()],
        Some(cost) => [
            figure(cost as i64),
            bound,
            answer.gap.map_or(NONE.into(), |gap| percent(gap.max(0.0))),
        ],
    }
}

/// How the program grows with the problem.
pub fn scaling(sizes: &[Size]) -> Table {
    let mut table = Table::new(&[
        "enterprises",
        "requests",
        "seconds",
        "first plan (s)",
        "5% gap (s)",
        "cost",
        "bound",
        "gap",
        "memory (MiB)",
    ]);
    for Size { enterprises, run } in sizes {
        let mut row = vec![figure(*enterprises)];
        row.extend(cells(run));
        row.push(mebibytes(run.memory_mib));
        table.row(row);
    }
    table
}

/// Requests, seconds, seconds to the first plan and to a gap of 5%, cost, bound and gap.
fn cells(run: &Run) -> [String; 7] {
    [
        figure(run.requests as i64),
        format!("{:.1}", run.seconds),
        format!("{:.3}", run.first_plan_seconds),
        run.good_seconds.map_or(NONE.into(), |seconds| format!("{seconds:.3}")),
        figure(run.cost),
        figure(run.bound),
        percent(run.gap),
    ]
}

fn percent(share: f64) -> String {
    format!("{:.3}%", share * 100.0)
}

fn mebibytes(memory_mib: Option<u64>) -> String {
    memory_mib.map_or(NONE.into(), |mib| figure(mib as i64))
}
