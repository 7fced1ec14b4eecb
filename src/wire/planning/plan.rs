//! Plan files, `onevisit-plan/1`.

use super::problem::ReadError;
use crate::domain::{Defect, Plan, Visit};
use crate::wire::json;
use crate::wire::json::{FILE_ELEMENTS_MAX, Fields, Node, text_element};
use crate::wire::whole_text;
use serde::Serialize;
use std::io::{BufRead, Write};

/// The `format` of a plan file.
pub const FORMAT: &str = "onevisit-plan/1";

/// Reads a plan, plain or gzip. A report may be beside the visits and is passed over; unknown
/// fields inside a visit are refused.
pub fn read(bytes: impl BufRead) -> Result<Plan, ReadError> {
    let text = whole_text(bytes)?;
    let node = json::parse(&text);
    let node = node.map_err(|error| ReadError::Defects(vec![json::not_json(&error)]))?;
    let mut defects = Vec::new();
    let Some(mut fields) = Fields::of(node, String::new(), &mut defects) else {
        return Err(ReadError::Defects(defects));
    };
    fields.format(FORMAT);
    let plan = Plan {
        problem: fields.text("problem"),
        visits: fields.list("visits", FILE_ELEMENTS_MAX, visit),
    };
    fields.finish_leniently();
    if defects.is_empty() { Ok(plan) } else { Err(ReadError::Defects(defects)) }
}

fn visit(node: Node, pointer: String, defects: &mut Vec<Defect>) -> Option<Visit> {
    let mut f = Fields::of(node, pointer, defects)?;
    let visit = Visit {
        enterprise: f.text("enterprise"),
        date: f.date("date"),
        requests: f.list("requests", FILE_ELEMENTS_MAX, text_element),
        scenario: f.text_if("scenario"),
    };
    f.finish();
    Some(visit)
}

#[derive(Serialize)]
struct PlanOut<'a> {
    format: &'static str,
    problem: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bound: Option<i64>,
    visits: Vec<VisitOut<'a>>,
}

#[derive(Serialize)]
struct VisitOut<'a> {
    enterprise: &'a str,
    date: String,
    requests: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    scenario: Option<&'a str>,
}

impl<'a> VisitOut<'a> {
    fn of(visit: &'a Visit) -> Self {
        let Visit { enterprise, date, requests, scenario } = visit;
        Self { enterprise, date: date.to_string(), requests, scenario: scenario.as_deref() }
    }
}

/// Writes a plan, with its cost and bound beside it when they are known. The same plan gives the
/// same bytes.
pub fn write(
    plan: &Plan,
    cost_and_bound: Option<(i64, i64)>,
    to: impl Write,
) -> Result<(), std::io::Error> {
    let out = PlanOut {
        format: FORMAT,
        problem: &plan.problem,
        cost: cost_and_bound.map(|(cost, _)| cost),
        bound: cost_and_bound.map(|(_, bound)| bound),
        visits: plan.visits.iter().map(VisitOut::of).collect(),
    };
    let mut to = std::io::BufWriter::new(to);
    serde_json::to_writer(&mut to, &out)?;
    to.write_all(b"\n")?;
    to.flush()
}
