//! Problem files, `onevisit-problem/1`: read here, written by `problem_out`.

use super::problem_out::FORMAT;
pub use super::problem_out::write;

use crate::domain::Unsound;
use crate::domain::problem::{
    Already, Cap, Defect, Draft, Due, Fixed, Keep, Pool, Problem, ProblemEnterprise, Request,
    Scenario, Share, Span, Target, TargetMeasure, Use,
};
use crate::message;
use crate::wire::cut::{Value, cut};
use crate::wire::json;
use crate::wire::json::{
    FILE_ELEMENTS_MAX, Fields, Node, NodeSeed, date_element, text_element, whole_element,
};
use crate::wire::register::Grade;
use crate::wire::whole_text;
use chrono::NaiveDate;
use rayon::prelude::*;
use serde::de::Deserializer;
use std::borrow::Cow;
use std::io::BufRead;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Why a file gives no value.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The bytes could not be had, or are no valid gzip.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// The file is not what it should be: every defect found.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Defects(Vec<Defect>),
}

/// Reads a problem, plain or gzip, and reports all its defects at once: those of form (types,
/// unknown or missing fields) and those of meaning (references, windows, limits). An element
/// with a field that is missing or of the wrong form is not also judged for its meaning.
pub fn read(bytes: impl BufRead) -> Result<Problem, ReadError> {
    let mut defects = Vec::new();
    let draft = read_draft(&whole_text(bytes)?, &mut defects);
    let form = defects.len();
    let Some(draft) = draft else { return Err(ReadError::Defects(defects)) };
    // without a horizon every window would seem to lie outside it
    if defects.iter().any(|d| d.pointer == "/start" || d.pointer == "/end") {
        return Err(ReadError::Defects(defects));
    }
    match Problem::build(draft) {
        Ok(problem) if form == 0 => Ok(problem),
        Ok(_) => Err(ReadError::Defects(defects)),
        Err(Unsound { defects: meaning, unfit: _ }) => {
            // fields too many leave no placeholder behind
            let is_replaced =
                |d: &&Defect| !["unknown-field", "duplicate-field"].contains(&d.code());
            let replaced = defects.iter().filter(is_replaced);
            let elements: std::collections::HashSet<String> =
                replaced.map(|d| element(&d.pointer).to_owned()).collect();
            // placeholders would make the fixed visits look worse than they are
            let is_sure = |d: &Defect| form == 0 || !d.code().starts_with("fixed-breaks");
            let fresh = |d: &Defect| is_sure(d) && !elements.contains(element(&d.pointer));
            defects.extend(meaning.into_iter().filter(fresh));
            Err(ReadError::Defects(defects))
        }
    }
}

/// The first two tokens of a pointer: the element of a list, or a top-level field.
fn element(pointer: &str) -> &str {
    let second = pointer.match_indices('/').nth(2).map_or(pointer.len(), |(at, _)| at);
    &pointer[..second]
}

/// Reads the plain form. Elements with defects of form stay in their places, with placeholders.
/// `None` when the file is no JSON object at all.
fn read_draft(text: &[u8], defects: &mut Vec<Defect>) -> Option<Draft> {
    let cut = cut(text);
    let mut parts = Parts::default();
    let mut fields = cut.fields.into_iter();
    let is_read = fields.all(|(name, value)| parts.read(name, value, defects).is_some());
    if is_read && cut.is_whole {
        return parts.into_draft(defects);
    }
    // in one go, for the fault and its place
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let node = deserializer.deserialize_map(NodeSeed::default());
    let error = node.and_then(|_| deserializer.end()).expect_err("the pieces were no JSON");
    defects.push(if error.is_data() {
        Defect::at("", message!("wrong-type_problem-file"))
    } else {
        json::not_json(&error)
    });
    None
}

/// The lists, read element by element, and whatever else is at the top.
#[derive(Default)]
struct Parts<'t> {
    pools: Option<Vec<Pool>>,
    scenarios: Option<Vec<Scenario>>,
    enterprises: Option<Vec<ProblemEnterprise>>,
    requests: Option<Vec<Request>>,
    targets: Option<Vec<Target>>,
    fixed: Option<Vec<Fixed>>,
    rest: Vec<(Cow<'t, str>, Node<'t>)>,
}

impl<'t> Parts<'t> {
    /// Reads one field of the file; `None` where it is no JSON.
    fn read(&mut self, name: &'t [u8], value: Value<'t>, defects: &mut Vec<Defect>) -> Option<()> {
        let Ok(Node::Text(name)) = json::parse(name) else { return None };
        let rest = &mut self.rest;
        match name.as_ref() {
            "pools" => read_list(name, value, &mut self.pools, rest, pool, defects),
            "scenarios" => read_list(name, value, &mut self.scenarios, rest, scenario, defects),
            "enterprises" => {
                read_list(name, value, &mut self.enterprises, rest, enterprise, defects)
            }
            "requests" => read_list(name, value, &mut self.requests, rest, request, defects),
            "targets" => read_list(name, value, &mut self.targets, rest, target, defects),
            "fixed" => read_list(name, value, &mut self.fixed, rest, fixed, defects),
            _ => {
                rest.push((name, node(value)?));
                Some(())
            }
        }
    }

    fn into_draft(self, defects: &mut Vec<Defect>) -> Option<Draft> {
        let Parts { pools, scenarios, enterprises, requests, targets, fixed, rest } = self;
        let mut fields = Fields::of(Node::Object(rest), String::new(), defects)?;
        fields.format(FORMAT);
        let draft = Draft {
            name: fields.text("name"),
            start: fields.date("start"),
            end: fields.date("end"),
            closed_days: fields
                .list("closed_days", FILE_ELEMENTS_MAX, date_element)
                .into_iter()
                .collect(),
            attendance_cost: fields.whole("attendance_cost"),
            max_visit_minutes: fields.whole("max_visit_minutes"),
            // a list read already is not in `rest`; one that is absent or no list is reported here
            pools: pools.unwrap_or_else(|| fields.list("pools", FILE_ELEMENTS_MAX, |_, _, _| None)),
            scenarios: scenarios
                .unwrap_or_else(|| fields.list("scenarios", FILE_ELEMENTS_MAX, |_, _, _| None)),
            enterprises: enterprises
                .unwrap_or_else(|| fields.list("enterprises", FILE_ELEMENTS_MAX, |_, _, _| None)),
            requests: requests
                .unwrap_or_else(|| fields.list("requests", FILE_ELEMENTS_MAX, |_, _, _| None)),
            targets: targets
                .unwrap_or_else(|| fields.list("targets", FILE_ELEMENTS_MAX, |_, _, _| None)),
            fixed: fixed.unwrap_or_else(|| fields.list("fixed", FILE_ELEMENTS_MAX, |_, _, _| None)),
        };
        fields.finish();
        Some(draft)
    }
}

/// A value as a whole; `None` where it is no JSON.
fn node<'t>(value: Value<'t>) -> Option<Node<'t>> {
    match value {
        Value::Other(text) => json::parse(text).ok(),
        Value::Torn(_) => None,
        Value::List(texts) => {
            let nodes = texts.into_iter().map(json::parse);
            nodes.collect::<Result<_, _>>().ok().map(Node::List)
        }
    }
}

/// Reads one list of the file into `list`; what is no list goes to `rest`, to be reported there.
fn read_list<'t, T: Send>(
    name: Cow<'t, str>,
    value: Value<'t>,
    list: &mut Option<Vec<T>>,
    rest: &mut Vec<(Cow<'t, str>, Node<'t>)>,
    read: fn(Fields) -> T,
    defects: &mut Vec<Defect>,
) -> Option<()> {
    let (elements, other) = match value {
        Value::List(texts) => (Some(read_elements(&name, &texts, read, defects)?), Node::Null),
        Value::Torn(texts) => {
            read_elements(&name, &texts, read, defects);
            return None;
        }
        other => (None, node(other)?),
    };
    if list.is_some() {
        let message = message!("duplicate-field_list", name = name.as_ref());
        defects.push(Defect::at(format!("/{name}"), message));
    } else if elements.is_some() {
        *list = elements;
    } else {
        rest.push((name, other));
    }
    Some(())
}

/// Reads the elements of a list side by side; defects gather in the list's order. `None` where an
/// element is no JSON, with the defects of those before it.
fn read_elements<T: Send>(
    name: &str,
    texts: &[&[u8]],
    read: fn(Fields) -> T,
    defects: &mut Vec<Defect>,
) -> Option<Vec<T>> {
    let reported: Mutex<Vec<(usize, Vec<Defect>)>> = Mutex::default();
    let sound = AtomicUsize::new(texts.len());
    let element = |(i, text): (usize, &&[u8])| {
        let mut found = Vec::new();
        let node = json::parse(text).unwrap_or_else(|_| {
            sound.fetch_min(i, Ordering::Relaxed);
            Node::Object(Vec::new())
        });
        let value = match Fields::of(node, format!("/{name}/{i}"), &mut found) {
            Some(fields) => read(fields),
            None => {
                // a placeholder keeps the places of those that follow
                let empty = Node::Object(Vec::new());
                let mut untold = Vec::new();
                read(Fields::of(empty, String::new(), &mut untold).expect("an object"))
            }
        };
        if !found.is_empty() {
            reported.lock().expect("no panics").push((i, found));
        }
        value
    };
    let list = texts.par_iter().enumerate().map(element).collect();
    let sound = sound.into_inner();
    let mut reported = reported.into_inner().expect("no panics");
    reported.sort_unstable_by_key(|(i, _)| *i);
    defects.extend(reported.into_iter().filter(|(i, _)| *i < sound).flat_map(|(_, found)| found));
    (sound == texts.len()).then_some(list)
}

fn pool(mut f: Fields) -> Pool {
    let exceptions =
        f.entries_if("exceptions", FILE_ELEMENTS_MAX, |key, node, pointer, defects| {
            let date = date_element(Node::Text(key.into()), pointer.clone(), defects);
            date.zip(whole_element(node, pointer, defects))
        });
    let pool = Pool {
        id: f.text("id"),
        department: f.text("department"),
        minutes: f.whole("minutes"),
        attendance_minutes: f.whole("attendance_minutes"),
        exceptions: exceptions.into_iter().collect(),
        overtime_minutes: f.whole_if("overtime_minutes").unwrap_or(0),
        overtime_cost: f.whole_if("overtime_cost").unwrap_or(0),
    };
    f.finish();
    pool
}

fn scenario(mut f: Fields) -> Scenario {
    let scenario = Scenario {
        id: f.text("id"),
        max_departments: f.whole("max_departments"),
        max_inspectors: f.whole("max_inspectors"),
        max_minutes: f.whole("max_minutes"),
    };
    f.finish();
    scenario
}

fn enterprise(mut f: Fields) -> ProblemEnterprise {
    let department_caps = f
        .entries_if("department_caps", FILE_ELEMENTS_MAX, |department, node, pointer, defects| {
            whole_element(node, pointer, defects).map(|cap| (department, cap))
        })
        .into_iter()
        .collect();
    let enterprise = ProblemEnterprise {
        id: f.text("id"),
        area: f.text("area"),
        industry: f.text("industry"),
        risk: f.risk_if("risk", true).unwrap_or(Grade::A),
        visit_cost: f.whole("visit_cost"),
        visit_cap: f.whole("visit_cap"),
        min_gap_days: f.whole("min_gap_days"),
        last_counted: f.date_if("last_counted"),
        closed: f.list_if("closed", FILE_ELEMENTS_MAX, span),
        quiet: f.list_if("quiet", FILE_ELEMENTS_MAX, span),
        department_caps,
        caps: f.list_if("caps", FILE_ELEMENTS_MAX, |node, pointer, defects| {
            Fields::of(node, pointer, defects).map(cap)
        }),
    };
    f.finish();
    enterprise
}

fn span(node: Node, pointer: String, defects: &mut Vec<Defect>) -> Option<Span> {
    match node {
        Node::List(days) if days.len() == 2 => {
            let mut dates = days
                .into_iter()
                .enumerate()
                .map(|(i, node)| date_element(node, format!("{pointer}/{i}"), defects));
            let (first, last) = (dates.next()?, dates.next()?);
            Some(Span { first: first?, last: last? })
        }
        _ => {
            defects.push(Defect::at(pointer, message!("wrong-type_span")));
            None
        }
    }
}

fn cap(mut f: Fields) -> Cap {
    let cap = Cap {
        span: Span { first: f.date("from"), last: f.date("to") },
        department: f.text_if("department"),
        scenario: f.text_if("scenario"),
        at_most: f.whole("at_most"),
    };
    f.finish();
    cap
}

fn request(mut f: Fields) -> Request {
    let due = f.date_if("due");
    let late_cost = f.whole_if("late_cost");
    let due = f.pair("due", due, "late_cost", late_cost);
    let keep = f.object_if("keep").map(|mut keep| {
        let both = Keep { date: keep.date("date"), cost: keep.whole("cost") };
        keep.finish();
        both
    });
    let request = Request {
        id: f.text("id"),
        enterprise: f.text("enterprise"),
        department: f.text("department"),
        earliest: f.date("earliest"),
        latest: f.date("latest"),
        minutes: f.whole("minutes"),
        uses: f.list("uses", FILE_ELEMENTS_MAX, |node, pointer, defects| {
            let mut f = Fields::of(node, pointer, defects)?;
            let used = Use { pool: f.text("pool"), inspectors: f.whole("inspectors") };
            f.finish();
            Some(used)
        }),
        scenarios: f.list("scenarios", FILE_ELEMENTS_MAX, text_element),
        penalty: f.whole("penalty"),
        exempt: f.truth_if("exempt").unwrap_or(false),
        quiet_exempt: f.truth_if("quiet_exempt"),
        together: f.text_if("together"),
        deferrable: f.truth_if("deferrable").unwrap_or(false),
        solo: f.truth_if("solo").unwrap_or(false),
        due: due.map(|(date, late_cost)| Due { date, late_cost }),
        keep,
    };
    f.finish();
    request
}

fn target(mut f: Fields) -> Target {
    let already = f.object_if("already").map(|mut already| {
        let both = Already { reached: already.whole("reached"), of: already.whole("of") };
        already.finish();
        both
    });
    let target = Target {
        id: f.text("id"),
        measure: f.measure(),
        department: f.text_if("department"),
        scenario: f.text_if("scenario"),
        area: f.text_if("area"),
        risk: f.risk_if("risk", false),
        at_least: f.share("at_least"),
        shortfall_cost: f.whole("shortfall_cost"),
        already: already.unwrap_or_default(),
    };
    f.finish();
    target
}

fn fixed(mut f: Fields) -> Fixed {
    let fixed = Fixed {
        enterprise: f.text("enterprise"),
        date: f.date("date"),
        requests: f.list("requests", FILE_ELEMENTS_MAX, text_element),
    };
    f.finish();
    fixed
}

impl Fields<'_> {
    /// The `format` field, which must name exactly `wanted`.
    pub fn format(&mut self, wanted: &str) {
        self.one_of("format", true, &[wanted]);
    }

    fn risk_if(&mut self, name: &str, is_required: bool) -> Option<Grade> {
        self.choice(name, is_required)
    }

    fn measure(&mut self) -> TargetMeasure {
        self.choice("measure", true).unwrap_or(TargetMeasure::Scheduled)
    }

    /// `due` and `late_cost` go together.
    fn pair(
        &mut self,
        first: &str,
        date: Option<NaiveDate>,
        second: &str,
        cost: Option<i64>,
    ) -> Option<(NaiveDate, i64)> {
        match (date, cost) {
            (Some(date), Some(cost)) => Some((date, cost)),
            (None, None) => None,
            (Some(_), None) => {
                self.lacks(second, first);
                None
            }
            (None, Some(_)) => {
                self.lacks(first, second);
                None
            }
        }
    }

    /// A required share with at most four decimals.
    pub fn share(&mut self, name: &str) -> Share {
        let value = self.number(name);
        // the shortest decimal that reads back as the same number is what the file's author wrote
        let text = value.to_string();
        let decimals = text.split_once('.').map_or("", |(_, decimals)| decimals);
        if decimals.len() > 4 {
            self.report_share(name, value);
        }
        Share((value * Share::ONE.0 as f64).round() as i64)
    }
}
