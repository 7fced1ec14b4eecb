//! Certificate files, `onevisit-certificate/1`.

use super::problem::ReadError;
use crate::domain::Defect;
use crate::domain::certificate::{
    CellPrice, Certificate, Credits, Decision, Leaf, Step, TargetPrice, UnitCredit,
};
use crate::message;
use crate::wire::json;
use crate::wire::json::{FILE_ELEMENTS_MAX, Fields, Node};
use crate::wire::whole_text;
use serde::Serialize;
use std::io::{BufRead, Write};

/// The `format` of a certificate file.
pub const FORMAT: &str = "onevisit-certificate/1";

/// Largest amount of a signed number that is read without loss.
const SIGNED_MAX: f64 = (1u64 << 53) as f64;

/// Reads a certificate, plain or gzip, and reports all its defects of form at once. What it means
/// for a problem is judged by [`certify`](crate::certificate::certify).
pub fn read(bytes: impl BufRead) -> Result<Certificate, ReadError> {
    let text = whole_text(bytes)?;
    let node = json::parse(&text);
    let node = node.map_err(|error| ReadError::Defects(vec![json::not_json(&error)]))?;
    let mut defects = Vec::new();
    let Some(mut fields) = Fields::of(node, String::new(), &mut defects) else {
        return Err(ReadError::Defects(defects));
    };
    fields.format(FORMAT);
    let certificate = Certificate {
        problem: fields.text("problem"),
        scale: fields.whole("scale"),
        bound: signed(&mut fields, "bound"),
        leaves: fields.list("leaves", FILE_ELEMENTS_MAX, leaf),
    };
    fields.finish();
    if defects.is_empty() { Ok(certificate) } else { Err(ReadError::Defects(defects)) }
}

fn leaf(node: Node, pointer: String, defects: &mut Vec<Defect>) -> Option<Leaf> {
    let mut f = Fields::of(node, pointer, defects)?;
    let leaf = Leaf {
        decisions: f.list_if("decisions", FILE_ELEMENTS_MAX, decision),
        cells: f.list_if("cells", FILE_ELEMENTS_MAX, cell),
        targets: f.list_if("targets", FILE_ELEMENTS_MAX, target),
        credits: f.list_if("credits", FILE_ELEMENTS_MAX, credits),
    };
    f.finish();
    Some(leaf)
}

fn decision(node: Node, pointer: String, defects: &mut Vec<Defect>) -> Option<Decision> {
    let mut f = Fields::of(node, pointer, defects)?;
    let decision =
        Decision { request: f.text("request"), until: f.date("until"), held: f.truth("held") };
    f.finish();
    Some(decision)
}

fn cell(node: Node, pointer: String, defects: &mut Vec<Defect>) -> Option<CellPrice> {
    let mut f = Fields::of(node, pointer, defects)?;
    let cell = CellPrice {
        pool: f.text("pool"),
        date: f.date("date"),
        minute: f.whole("minute"),
        steps: f.list_if("steps", FILE_ELEMENTS_MAX, step),
    };
    f.finish();
    Some(cell)
}

fn step(node: Node, pointer: String, defects: &mut Vec<Defect>) -> Option<Step> {
    let mut f = Fields::of(node, pointer, defects)?;
    let step = Step { from: f.whole("from"), charge: f.whole("charge") };
    f.finish();
    Some(step)
}

fn target(node: Node, pointer: String, defects: &mut Vec<Defect>) -> Option<TargetPrice> {
    let mut f = Fields::of(node, pointer, defects)?;
    let target = TargetPrice { target: f.text("target"), price: f.whole("price") };
    f.finish();
    Some(target)
}

fn credits(node: Node, pointer: String, defects: &mut Vec<Defect>) -> Option<Credits> {
    let mut f = Fields::of(node, pointer, defects)?;
    let credits = Credits {
        enterprise: f.text("enterprise"),
        requests: f.list("requests", FILE_ELEMENTS_MAX, unit_credit),
    };
    f.finish();
    Some(credits)
}

fn unit_credit(node: Node, pointer: String, defects: &mut Vec<Defect>) -> Option<UnitCredit> {
    let mut f = Fields::of(node, pointer, defects)?;
    let credit = UnitCredit { request: f.text("request"), credit: signed(&mut f, "credit") };
    f.finish();
    Some(credit)
}

/// A required whole number that may be negative.
fn signed(f: &mut Fields, name: &str) -> i64 {
    let value = f.number(name);
    if value.fract() != 0.0 || value.abs() > SIGNED_MAX {
        let message = message!("not-a-whole-number_signed", value = format!("{value:?}"));
        f.report_at(name, message);
        return 0;
    }
    value as i64
}

#[derive(Serialize)]
struct CertificateOut<'a> {
    format: &'static str,
    problem: &'a str,
    scale: i64,
    bound: i64,
    leaves: Vec<LeafOut<'a>>,
}

#[derive(Serialize)]
struct LeafOut<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    decisions: Vec<DecisionOut<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cells: Vec<CellOut<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    targets: Vec<TargetOut<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    credits: Vec<CreditsOut<'a>>,
}

#[derive(Serialize)]
struct DecisionOut<'a> {
    request: &'a str,
    until: String,
    held: bool,
}

#[derive(Serialize)]
struct CellOut<'a> {
    pool: &'a str,
    date: String,
    minute: i64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    steps: Vec<StepOut>,
}

#[derive(Serialize)]
struct StepOut {
    from: i64,
    charge: i64,
}

#[derive(Serialize)]
struct TargetOut<'a> {
    target: &'a str,
    price: i64,
}

#[derive(Serialize)]
struct CreditsOut<'a> {
    enterprise: &'a str,
    requests: Vec<UnitCreditOut<'a>>,
}

#[derive(Serialize)]
struct UnitCreditOut<'a> {
    request: &'a str,
    credit: i64,
}

impl<'a> LeafOut<'a> {
    fn of(leaf: &'a Leaf) -> Self {
        let decision = |d: &'a Decision| {
            let Decision { request, until, held } = d;
            DecisionOut { request, until: until.to_string(), held: *held }
        };
        let step = |s: &Step| StepOut { from: s.from, charge: s.charge };
        let cell = |c: &'a CellPrice| {
            let CellPrice { pool, date, minute, steps } = c;
            let steps = steps.iter().map(step).collect();
            CellOut { pool, date: date.to_string(), minute: *minute, steps }
        };
        let target = |t: &'a TargetPrice| TargetOut { target: &t.target, price: t.price };
        let unit = |u: &'a UnitCredit| UnitCreditOut { request: &u.request, credit: u.credit };
        let credits = |c: &'a Credits| CreditsOut {
            enterprise: &c.enterprise,
            requests: c.requests.iter().map(unit).collect(),
        };
        Self {
            decisions: leaf.decisions.iter().map(decision).collect(),
            cells: leaf.cells.iter().map(cell).collect(),
            targets: leaf.targets.iter().map(target).collect(),
            credits: leaf.credits.iter().map(credits).collect(),
        }
    }
}

/// Writes a certificate. Reading it back gives an equal one, and the same one gives the same bytes.
pub fn write(certificate: &Certificate, to: impl Write) -> Result<(), std::io::Error> {
    let Certificate { problem, scale, bound, leaves } = certificate;
    let out = CertificateOut {
        format: FORMAT,
        problem,
        scale: *scale,
        bound: *bound,
        leaves: leaves.iter().map(LeafOut::of).collect(),
    };
    let mut to = std::io::BufWriter::new(to);
    serde_json::to_writer(&mut to, &out)?;
    to.write_all(b"\n")?;
    to.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;
    use flate2::{Compression, write::GzEncoder};

    fn certificate() -> Certificate {
        let day = |n| NaiveDate::from_ymd_opt(2026, 3, n).expect("a day");
        let decision = |held| Decision { request: "r1".into(), until: day(4), held };
        let steps = vec![Step { from: 61, charge: 7 }, Step { from: 90, charge: 1 << 49 }];
        let cells = vec![
            CellPrice { pool: "fire".into(), date: day(2), minute: 0, steps },
            CellPrice { pool: "food".into(), date: day(3), minute: 12, steps: Vec::new() },
        ];
        let requests = vec![UnitCredit { request: "r1".into(), credit: 1 - (1 << 50) }];
        let leaf = Leaf {
            decisions: vec![decision(true)],
            cells,
            targets: vec![TargetPrice { target: "t".into(), price: 5 }],
            credits: vec![Credits { enterprise: "e".into(), requests }],
        };
        let other = Leaf { decisions: vec![decision(false)], ..Leaf::default() };
        let problem = "tiny".into();
        Certificate { problem, scale: 4_096, bound: -3, leaves: vec![leaf, other] }
    }

    fn defects(text: &str) -> Vec<(&'static str, String)> {
        match read(text.as_bytes()) {
            Err(ReadError::Defects(defects)) => {
                defects.into_iter().map(|defect| (defect.code(), defect.pointer)).collect()
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_written_reads_back_plain_and_packed() {
        let mut bytes = Vec::new();
        write(&certificate(), &mut bytes).expect("memory");
        assert_eq!(read(&bytes[..]).expect("sound"), certificate());
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(&bytes).expect("memory");
        let packed = packed.finish().expect("memory");
        assert_eq!(read(&packed[..]).expect("sound"), certificate());
    }

    #[test]
    fn lists_may_be_absent() {
        let text = r#"{"format": "onevisit-certificate/1", "problem": "p", "scale": 1,
            "bound": 0, "leaves": [{"cells": null}]}"#;
        let found = read(text.as_bytes()).expect("sound");
        assert_eq!(found.leaves, [Leaf::default()]);
    }

    #[test]
    fn all_defects_of_form_are_reported_at_once() {
        let text = r#"{"format": "onevisit-plan/1", "problem": "p", "scale": -1, "bound": 0.5,
            "colour": "red", "leaves": [
                {"decisions": [{"request": "r", "until": "2026-3-1", "held": 1}], "cells": 3},
                {"cells": [{"pool": "a", "date": "2026-03-01", "steps": [{"from": 1}, 4]}],
                 "credits": [{"enterprise": "e", "requests": [
                    {"request": "r", "credit": 1e300, "note": ""}]}]}]}"#;
        let wanted = [
            ("unknown-value", "/format"),
            ("negative", "/scale"),
            ("not-a-whole-number", "/bound"),
            ("not-a-date", "/leaves/0/decisions/0/until"),
            ("wrong-type", "/leaves/0/decisions/0/held"),
            ("wrong-type", "/leaves/0/cells"),
            ("missing-field", "/leaves/1/cells/0/minute"),
            ("missing-field", "/leaves/1/cells/0/steps/0/charge"),
            ("wrong-type", "/leaves/1/cells/0/steps/1"),
            ("not-a-whole-number", "/leaves/1/credits/0/requests/0/credit"),
            ("unknown-field", "/leaves/1/credits/0/requests/0/note"),
            ("unknown-field", "/colour"),
        ];
        assert_eq!(defects(text), wanted.map(|(code, pointer)| (code, pointer.to_owned())));
        assert_eq!(defects("[]"), [("wrong-type", String::new())]);
        assert_eq!(defects("{"), [("not-json", String::new())]);
    }
}
