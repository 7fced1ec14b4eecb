//! Problem files, `onevisit-problem/1`: read here, written by `problem_out`.

pub use super::problem_out::write;

use super::json::{Fields, Node, NodeSeed, date_element, text_element, whole_element};
use super::policy::TargetMeasure;
use super::register::Grade;
use super::unpacked;
use crate::domain::problem::{
    Already, Cap, Defect, Draft, Due, Enterprise, Fixed, Keep, Measure, Pool, Problem, Request,
    Risk, Scenario, Share, Span, Target, Use,
};
use chrono::NaiveDate;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use std::fmt;
use std::io::BufRead;

/// The `format` of a problem file.
pub const FORMAT: &str = "onevisit-problem/1";

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

/// Reads a problem, plain or gzip, and tells all its defects at once: those of form (types,
/// unknown or missing fields) and those of meaning (references, windows, limits). An element
/// with a field that is missing or of the wrong form is not also judged for its meaning.
pub fn read(bytes: impl BufRead) -> Result<Problem, ReadError> {
    let mut defects = Vec::new();
    let draft = read_draft(bytes, &mut defects)?;
    let form = defects.len();
    let Some(draft) = draft else { return Err(ReadError::Defects(defects)) };
    // without a horizon every window would seem to lie outside it
    if defects.iter().any(|d| d.pointer == "/start" || d.pointer == "/end") {
        return Err(ReadError::Defects(defects));
    }
    match Problem::build(draft) {
        Ok(problem) if form == 0 => Ok(problem),
        Ok(_) => Err(ReadError::Defects(defects)),
        Err(meaning) => {
            // fields too many leave no placeholder behind
            let is_replaced = |d: &&Defect| !["unknown-field", "duplicate-field"].contains(&d.code);
            let replaced = defects.iter().filter(is_replaced);
            let elements: std::collections::HashSet<String> =
                replaced.map(|d| element(&d.pointer).to_owned()).collect();
            // placeholders would make the fixed visits look worse than they are
            let is_sure = |d: &Defect| form == 0 || !d.code.starts_with("fixed-breaks");
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
fn read_draft(
    bytes: impl BufRead,
    defects: &mut Vec<Defect>,
) -> Result<Option<Draft>, std::io::Error> {
    let mut deserializer = serde_json::Deserializer::from_reader(
        std::io::BufReader::with_capacity(1 << 16, unpacked(bytes)?),
    );
    let parts = FileSeed { defects }.deserialize(&mut deserializer);
    let parts = parts.and_then(|parts| deserializer.end().map(|()| parts));
    match parts {
        Ok(parts) => Ok(parts.into_draft(defects)),
        Err(error) if error.is_io() => Err(error.into()),
        Err(error) => {
            defects.push(if error.is_data() {
                Defect::new("wrong-type", "", "A problem file is one JSON object.")
            } else {
                Defect::new("not-json", "", format!("This is not JSON: {error}."))
            });
            Ok(None)
        }
    }
}

/// The lists, read element by element, and whatever else stands at the top.
#[derive(Default)]
struct Parts {
    pools: Option<Vec<Pool>>,
    scenarios: Option<Vec<Scenario>>,
    enterprises: Option<Vec<Enterprise>>,
    requests: Option<Vec<Request>>,
    targets: Option<Vec<Target>>,
    fixed: Option<Vec<Fixed>>,
    rest: Vec<(String, Node)>,
}

impl Parts {
    fn into_draft(self, defects: &mut Vec<Defect>) -> Option<Draft> {
        let Parts { pools, scenarios, enterprises, requests, targets, fixed, rest } = self;
        let mut fields = Fields::of(Node::Object(rest), String::new(), defects)?;
        fields.format(FORMAT);
        let draft = Draft {
            name: fields.text("name"),
            start: fields.date("start"),
            end: fields.date("end"),
            closed_days: fields.list("closed_days", date_element).into_iter().collect(),
            attendance_cost: fields.whole("attendance_cost"),
            max_visit_minutes: fields.whole("max_visit_minutes"),
            // a list read already is not in `rest`; one that is absent or no list is told here
            pools: pools.unwrap_or_else(|| fields.list("pools", |_, _, _| None)),
            scenarios: scenarios.unwrap_or_else(|| fields.list("scenarios", |_, _, _| None)),
            enterprises: enterprises.unwrap_or_else(|| fields.list("enterprises", |_, _, _| None)),
            requests: requests.unwrap_or_else(|| fields.list("requests", |_, _, _| None)),
            targets: targets.unwrap_or_else(|| fields.list("targets", |_, _, _| None)),
            fixed: fixed.unwrap_or_else(|| fields.list("fixed", |_, _, _| None)),
        };
        fields.finish();
        Some(draft)
    }
}

struct FileSeed<'a> {
    defects: &'a mut Vec<Defect>,
}

impl<'de> DeserializeSeed<'de> for FileSeed<'_> {
    type Value = Parts;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Parts, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for FileSeed<'_> {
    type Value = Parts;
    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Parts, A::Error> {
        let defects = self.defects;
        let mut parts = Parts::default();
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "pools" => {
                    read_list(&mut map, name, &mut parts.pools, &mut parts.rest, pool, defects)?
                }
                "scenarios" => {
                    read_list(
                        &mut map,
                        name,
                        &mut parts.scenarios,
                        &mut parts.rest,
                        scenario,
                        defects,
                    )?;
                }
                "enterprises" => {
                    read_list(
                        &mut map,
                        name,
                        &mut parts.enterprises,
                        &mut parts.rest,
                        enterprise,
                        defects,
                    )?;
                }
                "requests" => {
                    read_list(
                        &mut map,
                        name,
                        &mut parts.requests,
                        &mut parts.rest,
                        request,
                        defects,
                    )?;
                }
                "targets" => {
                    read_list(
                        &mut map,
                        name,
                        &mut parts.targets,
                        &mut parts.rest,
                        target,
                        defects,
                    )?;
                }
                "fixed" => {
                    read_list(&mut map, name, &mut parts.fixed, &mut parts.rest, fixed, defects)?
                }
                _ => {
                    let node = map.next_value_seed(NodeSeed { each: None })?;
                    parts.rest.push((name, node));
                }
            }
        }
        Ok(parts)
    }
}

/// Reads one list of the file into `list`; what is no list goes to `rest`, to be told there.
fn read_list<'de, A: MapAccess<'de>, T>(
    map: &mut A,
    name: String,
    list: &mut Option<Vec<T>>,
    rest: &mut Vec<(String, Node)>,
    read: fn(Fields) -> T,
    defects: &mut Vec<Defect>,
) -> Result<(), A::Error> {
    let is_repeated = list.is_some();
    let mut elements = Vec::new();
    let mut each = |i: usize, node: Node| {
        if let Some(fields) = Fields::of(node, format!("/{name}/{i}"), defects) {
            elements.push(read(fields));
        } else {
            // a placeholder keeps the places of those that follow
            let mut untold = Vec::new();
            let empty = Fields::of(Node::Object(Vec::new()), String::new(), &mut untold);
            elements.extend(empty.map(read));
        }
    };
    let node = map.next_value_seed(NodeSeed { each: Some(&mut each) })?;
    if is_repeated {
        let message = format!("The field \"{name}\" stands here twice; keep one.");
        defects.push(Defect::new("duplicate-field", format!("/{name}"), message));
    } else if let Node::List(_) = node {
        *list = Some(elements);
    } else {
        rest.push((name, node));
    }
    Ok(())
}

fn pool(mut f: Fields) -> Pool {
    let exceptions = f.entries_if("exceptions", |key, node, pointer, defects| {
        let date = date_element(Node::Text(key), pointer.clone(), defects);
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

fn enterprise(mut f: Fields) -> Enterprise {
    let department_caps = f
        .entries_if("department_caps", |department, node, pointer, defects| {
            whole_element(node, pointer, defects).map(|cap| (department, cap))
        })
        .into_iter()
        .collect();
    let enterprise = Enterprise {
        id: f.text("id"),
        area: f.text("area"),
        industry: f.text("industry"),
        risk: f.risk_if("risk", true).unwrap_or(Risk::A),
        visit_cost: f.whole("visit_cost"),
        visit_cap: f.whole("visit_cap"),
        min_gap_days: f.whole("min_gap_days"),
        last_counted: f.date_if("last_counted"),
        closed: f.list_if("closed", span),
        quiet: f.list_if("quiet", span),
        department_caps,
        caps: f
            .list_if("caps", |node, pointer, defects| Fields::of(node, pointer, defects).map(cap)),
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
            let message = "This should be a list of two days: [first, last].";
            defects.push(Defect::new("wrong-type", pointer, message));
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
        uses: f.list("uses", |node, pointer, defects| {
            let mut f = Fields::of(node, pointer, defects)?;
            let used = Use { pool: f.text("pool"), inspectors: f.whole("inspectors") };
            f.finish();
            Some(used)
        }),
        scenarios: f.list("scenarios", text_element),
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
        requests: f.list("requests", text_element),
    };
    f.finish();
    fixed
}

impl Fields<'_> {
    /// The `format` field, which must name exactly `wanted`.
    pub fn format(&mut self, wanted: &str) {
        self.choice("format", true, &[(wanted, ())]);
    }

    fn risk_if(&mut self, name: &str, is_required: bool) -> Option<Risk> {
        self.choice(name, is_required, Grade::ALL).map(Risk::from)
    }

    fn measure(&mut self) -> Measure {
        let measure = self.choice("measure", true, TargetMeasure::ALL);
        measure.map_or(Measure::Scheduled, Measure::from)
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
            self.tell_share(name, value);
        }
        Share((value * Share::ONE.0 as f64).round() as i64)
    }
}
