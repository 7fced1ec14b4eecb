//! `onevisit check`

use super::Failure;
use super::defect_line;
use super::terminal::line;
use crate::app::files::{self, FileError};
use crate::config::{Check, ReportForm};
use crate::domain::{CostParts, Defect, Plan, Violation, check, cost};
use crate::message;
use crate::text::say;
use serde_json::json;
use std::io::Write;

pub(super) fn run(args: &Check) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    let is_json = args.report == ReportForm::Json;
    let problem = listed(files::read_problem(&args.problem), &mut out, is_json)?;
    let Some(plan) = &args.plan else {
        let facts = problem.facts();
        let (requests, enterprises) = (facts.requests.len(), facts.enterprises.len());
        if is_json {
            writeln!(out, "{}", json!({"valid": true, "requests": requests}))?;
        } else {
            let found = message!("check_sound", requests = requests, enterprises = enterprises);
            line(&mut out, &found)?;
        }
        return Ok(());
    };
    let plan = listed(files::read_plan(plan), &mut out, is_json)?;
    let violations = check(&problem, &plan);
    let parts = cost(&problem, &plan);
    let printed = print_report(&mut out, &violations, &plan, parts, is_json);
    if violations.is_empty() { Ok(printed?) } else { Err(Failure::Invalid) }
}

fn print_report(
    out: &mut impl Write,
    violations: &[Violation],
    plan: &Plan,
    parts: CostParts,
    is_json: bool,
) -> std::io::Result<()> {
    let total = parts.total();
    if is_json {
        let one = |v: &Violation| json!({"rule": v.rule, "code": v.code(), "pointer": v.pointer, "message": say(&v.message)});
        let list: Vec<_> = violations.iter().map(one).collect();
        let parts = crate::wire::planning::report::Parts::from(parts);
        let is_valid = violations.is_empty();
        let found = json!({"valid": is_valid, "cost": total, "parts": parts, "violations": list});
        writeln!(out, "{found}")?;
    } else if violations.is_empty() {
        line(out, &message!("check_valid", visits = plan.visits.len(), cost = total))?;
    } else {
        for violation in violations {
            let pointer = if violation.pointer.is_empty() { "/" } else { &violation.pointer };
            let found = message!(
                "check_violation",
                what = violation.message.clone(),
                rule = violation.rule,
                code = violation.code()
            );
            writeln!(out, "{pointer}: {}", say(&found))?;
        }
        line(out, &message!("check_not-valid", violations = violations.len()))?;
    }
    out.flush()
}

/// What was read; where a file has defects all of them are listed, whatever becomes of the output.
pub(super) fn listed<T>(
    read: Result<T, FileError>,
    out: &mut impl Write,
    is_json: bool,
) -> Result<T, Failure> {
    read.map_err(|error| {
        let FileError::Defective { path, defects, .. } = error else { return error.into() };
        let one = |d: &Defect| json!({"code": d.code(), "pointer": d.pointer, "message": say(&d.message)});
        let _ = if is_json {
            let list: Vec<_> = defects.iter().map(one).collect();
            writeln!(out, "{}", json!({"valid": false, "defects": list}))
        } else {
            defects.iter().try_for_each(|defect| writeln!(out, "{}", defect_line(defect)))
        };
        Failure::Listed { path, count: defects.len() }
    })
}
