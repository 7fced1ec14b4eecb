//! `onevisit check`

use super::Failure;
use crate::app::files::{self, FileError};
use crate::config::{Check, ReportForm};
use crate::domain::{check, cost};
use serde_json::json;
use std::io::Write;

pub(super) fn run(args: &Check) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    let is_json = args.report == ReportForm::Json;
    let problem = match files::read_problem(&args.problem) {
        Ok(problem) => problem,
        Err(FileError::Defective { path, defects }) => {
            if is_json {
                let list: Vec<_> = defects
                    .iter()
                    .map(|d| json!({"code": d.code, "pointer": d.pointer, "message": d.message}))
                    .collect();
                writeln!(out, "{}", json!({"valid": false, "defects": list}))?;
            } else {
                for defect in &defects {
                    writeln!(out, "{defect}")?;
                }
            }
            out.flush()?;
            return Err(FileError::Defective { path, defects }.into());
        }
        Err(error) => return Err(error.into()),
    };
    let Some(plan) = &args.plan else {
        let facts = problem.facts();
        let (requests, enterprises) = (facts.requests.len(), facts.enterprises.len());
        if is_json {
            writeln!(out, "{}", json!({"valid": true, "requests": requests}))?;
        } else {
            writeln!(out, "sound: {requests} requests at {enterprises} enterprises")?;
        }
        return Ok(());
    };
    let plan = files::read_plan(plan)?;
    let violations = check(&problem, &plan);
    let total = cost(&problem, &plan).total();
    if is_json {
        let list: Vec<_> = violations
            .iter()
            .map(|v| {
                json!({"rule": v.rule, "code": v.code, "pointer": v.pointer, "message": v.message})
            })
            .collect();
        let parts = crate::wire::report::Parts::from(cost(&problem, &plan));
        let is_valid = violations.is_empty();
        let found = json!({"valid": is_valid, "cost": total, "parts": parts, "violations": list});
        writeln!(out, "{found}")?;
    } else if violations.is_empty() {
        writeln!(out, "valid: {} visits, cost {total}", plan.visits.len())?;
    } else {
        for violation in &violations {
            writeln!(out, "{violation}")?;
        }
        writeln!(out, "not valid: {} rules broken", violations.len())?;
    }
    out.flush()?;
    if violations.is_empty() { Ok(()) } else { Err(Failure::Invalid) }
}
