//! `onevisit certify`

use super::Failure;
use super::check::listed;
use crate::app::figures::figure;
use crate::app::files;
use crate::certificate::certify;
use crate::config::{Certify, ReportForm};
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
        let told = json!({
            "upheld": is_upheld, "bound": found.bound, "claimed": claim, "leaves": found.leaves,
            "enterprises_exact": found.enterprises_exact,
            "enterprises_relaxed": found.enterprises_relaxed,
        });
        writeln!(out, "{told}")?;
    } else {
        let verdict = if is_upheld { "upheld" } else { "NOT upheld" };
        writeln!(out, "{verdict}: no valid plan costs less than {}", figure(found.bound))?;
        writeln!(
            out,
            "  claimed    {}\n  cases      {}\n  enterprises worked out exactly {}, bounded {}",
            figure(claim),
            figure(found.leaves.len()),
            figure(found.enterprises_exact),
            figure(found.enterprises_relaxed)
        )?;
    }
    out.flush()?;
    if is_upheld { Ok(()) } else { Err(Failure::Invalid) }
}
