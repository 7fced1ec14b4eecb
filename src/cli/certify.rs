//! `onevisit certify`

use super::Failure;
use super::check::listed;
use super::terminal::{indented, line};
use crate::app::figures::figure;
use crate::app::files;
use crate::certificate::certify;
use crate::config::{Certify, ReportForm};
use crate::message;
use serde_json::json;
use std::io::Write;

pub(super) fn run(args: &Certify) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    let is_json = args.report == ReportForm::Json;
    let problem = listed(files::read_problem(&args.problem), &mut out, is_json)?;
    let certificate = listed(files::read_certificate(&args.certificate), &mut out, is_json)?;
    let found = certify(&problem, &certificate).map_err(|defects| {
        files::defective(&args.certificate, "onevisit certify PROBLEM", defects)
    });
    let found = listed(found, &mut out, is_json)?;
    let claim = certificate.bound;
    let is_upheld = found.upholds(claim);
    if is_json {
        let report = json!({
            "upheld": is_upheld, "bound": found.bound, "claimed": claim, "leaves": found.leaves,
            "enterprises_exact": found.enterprises_exact,
            "enterprises_relaxed": found.enterprises_relaxed,
        });
        writeln!(out, "{report}")?;
    } else {
        let bound = figure(found.bound);
        let verdict = if is_upheld {
            message!("certify_upheld", bound = bound)
        } else {
            message!("certify_not-upheld", bound = bound)
        };
        line(&mut out, &verdict)?;
        indented(&mut out, &message!("certify_claimed", claim = figure(claim)))?;
        indented(&mut out, &message!("certify_cases", cases = figure(found.leaves.len())))?;
        let exact = figure(found.enterprises_exact);
        let bounded = figure(found.enterprises_relaxed);
        let enterprises = message!("certify_enterprises", exact = exact, bounded = bounded);
        indented(&mut out, &enterprises)?;
    }
    out.flush()?;
    if is_upheld { Ok(()) } else { Err(Failure::Invalid) }
}
