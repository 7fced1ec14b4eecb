//! Random draws as JSON, and the publication (`onevisit-draw/1`) from which anyone can draw again.
//!
//! When a draw is made up, everything that decides it is frozen, and a secret seed is chosen. Published
//! are the frozen part and the commitment: the SHA-256, in hexadecimal, of two lines in UTF-8, each
//! ending in a line feed: the seed, and the frozen part as JSON in one canonical form (keys of objects
//! in the order of their bytes, no blanks, numbers whole). With standard tools, after the seed is revealed:
//!
//! ```sh
//! { jq -r .seed draw.json; jq -cS .frozen draw.json; } | sha256sum
//! ```
//!
//! [`domain::draw`](crate::domain::draw) says how lots decide. Nobody's name is in a publication. The id
//! of an inspector in it is the first 32 digits of the SHA-256 of `SALT inspector ID`: whoever is shown
//! the draw's salt, which is never published, can prove whose it is, and nobody else can guess.

pub use crate::domain::draw::DrawState;

use crate::domain::draw::{
    Candidate, Drawn, Entrant, GRADE_A_PERMILLE_MAX, GRADES, PLAIN_LIMITS, RatioLimit, Sample,
};
use crate::domain::words::Worded;
use crate::domain::{Defect, Message};
use crate::message;
use crate::wire::json;
use crate::wire::json::{FILE_ELEMENTS_MAX, Fields, Node, Read, text_element};
use crate::wire::planning::problem::ReadError;
use crate::wire::register::{Grade, INSPECTORS_MAX, qualification_if};
use crate::wire::whole_text;
use aws_lc_rs::digest::{SHA256, digest};
use chrono::{DateTime, NaiveDate, Utc};
use data_encoding::HEXLOWER;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::io::BufRead;
use utoipa::ToSchema;

/// The `format` of a publication.
pub const FORMAT: &str = "onevisit-draw/1";
/// Most items of a sampling plan.
const ITEMS_MAX: usize = 100;
/// Most elements of a list that are looked at.
const LIST_MAX: usize = 1_000;
/// Most prefixes of industries.
const INDUSTRIES_MAX: usize = 100;

/// Place of a grade, 0 for A.
fn place(grade: Grade) -> usize {
    Grade::ALL.iter().position(|known| *known == grade).unwrap_or_default()
}

fn by_place(numbers: &BTreeMap<Grade, i64>) -> [i64; GRADES] {
    std::array::from_fn(|i| numbers.get(&Grade::ALL[i]).copied().unwrap_or(0))
}

/// Numbers by grade, those that are there.
pub fn by_grade(numbers: [usize; GRADES]) -> BTreeMap<Grade, i64> {
    Grade::ALL.iter().zip(numbers).map(|(grade, n)| (*grade, n as i64)).collect()
}

impl Read for RatioLimit {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let least_permille = f.whole_within("least_permille", 0, 1_000);
        let most_permille = f.whole_within("most_permille", 0, 1_000);
        if most_permille < least_permille {
            let message = message!("limits-reversed", least = least_permille, most = most_permille);
            f.report_at("least_permille", message);
        }
        Some(RatioLimit { least_permille, most_permille })
    }
}

/// A sampling plan: of whom how many are drawn, what for, and by whom they are inspected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SamplingPlan {
    /// What it is called.
    pub name: String,
    /// Id of the department that draws.
    pub department: String,
    /// Ids of its items that the drawn are inspected for.
    pub items: Vec<String>,
    /// Only enterprises in this area and what lies in it; absent: everywhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub area: Option<String>,
    /// Only enterprises whose class of GB/T 4754 begins with one of these; empty: of every class.
    #[serde(default)]
    pub industries: Vec<String>,
    /// Only enterprises of these risk levels; empty: of every level.
    #[serde(default)]
    pub risks: Vec<Grade>,
    /// Share that is drawn of each credit grade, in thousandths; a grade not named: nobody. Rounded
    /// down for A, which has an upper bound, and up for the others.
    pub ratio_permille: BTreeMap<Grade, i64>,
    /// What the ratios may be where this is decreed (R19). A grade not named is free, but for A: 50.
    #[serde(default)]
    pub limits: BTreeMap<Grade, RatioLimit>,
    /// Most of the whole register that may be drawn, in thousandths (R15), where that is decreed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_permille_max: Option<i64>,
    /// Enterprises of a credit grade that the department's draws for one of the items have met so
    /// often in the calendar year of `start` are not in the register; a grade not named: no limit.
    #[serde(default)]
    pub times_a_year: BTreeMap<Grade, i64>,
    /// Inspectors of each drawn enterprise; absent: 2 (R03).
    #[serde(default)]
    #[schema(default = 2)]
    pub inspectors_each: i64,
    /// What they must be qualified for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub qualification: Option<String>,
    /// First day of the inspections; their certificates must be good throughout.
    pub start: NaiveDate,
    /// Last day.
    pub end: NaiveDate,
    /// Why the department draws again for an item on days for which it has drawn already; needed then,
    /// and published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub again_because: Option<String>,
}

fn unknown_grade(found: &str) -> Message {
    message!("unknown-value_grade", found = found)
}

/// Values by credit grade; grades that are not named are left away.
fn grades_if<T>(
    f: &mut Fields<'_>,
    name: &str,
    mut read: impl FnMut(Node, String, &mut Vec<Defect>) -> Option<T>,
) -> BTreeMap<Grade, T> {
    let entry = |key: String, node: Node, pointer: String, defects: &mut Vec<Defect>| {
        let Some(grade) = Grade::parse(&key) else {
            defects.push(Defect::at(pointer, unknown_grade(&key)));
            return None;
        };
        read(node, pointer, defects).map(|value| (grade, value))
    };
    f.entries_if(name, GRADES, entry).into_iter().collect()
}

fn within(least: i64, most: i64) -> impl Fn(Node, String, &mut Vec<Defect>) -> Option<i64> {
    move |node, pointer, defects| {
        let value = json::whole_element(node, pointer.clone(), defects)?;
        if !(least..=most).contains(&value) {
            let message =
                message!("out-of-range_number", found = value, least = least, most = most);
            defects.push(Defect::at(pointer, message));
        }
        Some(value)
    }
}

/// A list of sound texts, each once, so many at most; of an absent one none. `unsound` says what is wrong
/// with one that is not.
fn texts(
    f: &mut Fields<'_>,
    (name, most): (&str, usize),
    is_sound: impl Fn(&str) -> bool,
    unsound: impl Fn(&str) -> Message,
) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut total = 0;
    f.list_if(name, LIST_MAX, |node, pointer, defects| {
        let text = text_element(node, pointer.clone(), defects)?;
        total += 1;
        if total > most {
            if total == most + 1 {
                defects.push(Defect::at(pointer, message!("too-many_here", most = most)));
            }
        } else if !is_sound(&text) {
            defects.push(Defect::at(pointer, unsound(&text)));
        } else if found.contains(&text) {
            defects.push(Defect::at(pointer, message!("duplicate_text", found = &text)));
        } else {
            found.push(text);
        }
        Some(())
    });
    found
}

fn is_id(text: &str) -> bool {
    (1..=json::ID_CHARS_MAX).contains(&text.len())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.:".contains(c))
}

/// Items that somebody plans to inspect: at least one.
pub(in crate::wire) fn items(f: &mut Fields<'_>) -> Vec<String> {
    let unsound = |text: &str| message!("bad-id_item", found = text);
    let items = texts(f, ("items", ITEMS_MAX), is_id, unsound);
    if items.is_empty() {
        f.lacks("items", "department");
    }
    items
}

/// First and last day.
pub(in crate::wire) fn days(f: &mut Fields<'_>) -> (NaiveDate, NaiveDate) {
    let (start, end) = (f.date("start"), f.date("end"));
    if end < start && end != NaiveDate::default() {
        f.report_at("end", message!("days-reversed_span", first = start, last = end));
    }
    (start, end)
}

impl Read for SamplingPlan {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (name, department, items) = (f.words("name"), f.id("department"), items(f));
        let area = f.id_if("area");
        let is_prefix =
            |text: &str| (1..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        let unsound = |text: &str| message!("bad-industry_prefix", found = text);
        let industries = texts(f, ("industries", INDUSTRIES_MAX), is_prefix, unsound);
        let is_grade = |text: &str| Grade::parse(text).is_some();
        let risks = texts(f, ("risks", GRADES), is_grade, unknown_grade);
        let mut risks: Vec<Grade> = risks.iter().filter_map(|text| Grade::parse(text)).collect();
        risks.sort_unstable();
        let ratio_permille = grades_if(f, "ratio_permille", within(0, 1_000));
        let limits = grades_if(f, "limits", json::element::<RatioLimit>);
        if limits.get(&Grade::A).is_some_and(|a| a.most_permille > GRADE_A_PERMILLE_MAX) {
            let message = message!("limit-too-wide", most = GRADE_A_PERMILLE_MAX);
            f.report_at("limits/A/most_permille", message);
        }
        for (grade, ratio) in &ratio_permille {
            let plain = PLAIN_LIMITS[place(*grade)];
            let (least, most) =
                limits.get(grade).map_or((plain.least_permille, plain.most_permille), |limit| {
                    (limit.least_permille, limit.most_permille)
                });
            if *ratio > 0 && *ratio <= 1_000 && !(least..=most).contains(ratio) {
                let grade = grade.as_str();
                let message = message!(
                    "ratio-outside-limits",
                    grade = grade,
                    least = least,
                    most = most,
                    found = *ratio,
                );
                f.report_at(&format!("ratio_permille/{grade}"), message);
            }
        }
        if ratio_permille.values().all(|ratio| *ratio == 0) {
            f.report_at("ratio_permille", message!("nothing-drawn"));
        }
        let total_permille_max = f.whole_within_if("total_permille_max", 1, 1_000);
        let times_a_year = grades_if(f, "times_a_year", within(1, 366));
        let inspectors_each = f.whole_within_if("inspectors_each", 1, INSPECTORS_MAX).unwrap_or(2);
        let qualification = qualification_if(f, "qualification");
        let (start, end) = days(f);
        let again_because = f.words_if("again_because");
        Some(SamplingPlan {
            name,
            department,
            items,
            area,
            industries,
            risks,
            ratio_permille,
            limits,
            total_permille_max,
            times_a_year,
            inspectors_each,
            qualification,
            start,
            end,
            again_because,
        })
    }
}

/// An enterprise that may be drawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DrawEntrant {
    /// Unified social credit code.
    pub enterprise: String,
    /// Its credit grade on the day of the freeze.
    pub credit_grade: Grade,
    /// Id of the pool whose inspectors serve it.
    pub pool: String,
}

impl Read for DrawEntrant {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let enterprise = f.id("enterprise");
        let credit_grade = f.choice::<Grade>("credit_grade", true);
        Some(DrawEntrant { enterprise, credit_grade: credit_grade?, pool: f.id("pool") })
    }
}

/// An inspector who may be drawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DrawCandidate {
    /// His or her pseudonym in this draw.
    pub inspector: String,
    /// Id of the pool.
    pub pool: String,
    /// Enterprises of the register from which he or she is recused.
    pub recused: BTreeSet<String>,
}

impl Read for DrawCandidate {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (inspector, pool) = (f.id("inspector"), f.id("pool"));
        let recused = f.list_if("recused", FILE_ELEMENTS_MAX, text_element).into_iter().collect();
        Some(DrawCandidate { inspector, pool, recused })
    }
}

/// Everything that decides a draw, but for the seed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Frozen {
    /// Id of the draw.
    pub id: String,
    /// The sampling plan.
    pub plan: SamplingPlan,
    /// Enterprises that may be drawn, by code.
    pub register: Vec<DrawEntrant>,
    /// Inspectors who may be drawn, by their pseudonyms.
    pub inspectors: Vec<DrawCandidate>,
}

impl Read for Frozen {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (id, plan) = (f.id("id"), f.read("plan"));
        let (register, inspectors) = (
            f.read_list("register", FILE_ELEMENTS_MAX),
            f.read_list("inspectors", FILE_ELEMENTS_MAX),
        );
        Some(Frozen { id, plan: plan?, register, inspectors })
    }
}

impl Frozen {
    /// What is drawn from.
    pub fn sample(&self) -> Sample {
        let entrant = |entrant: &DrawEntrant| Entrant {
            id: entrant.enterprise.clone(),
            grade: place(entrant.credit_grade),
            pool: entrant.pool.clone(),
        };
        let candidate = |candidate: &DrawCandidate| Candidate {
            id: candidate.inspector.clone(),
            pool: candidate.pool.clone(),
            recused: candidate.recused.clone(),
        };
        Sample {
            ratio_permille: by_place(&self.plan.ratio_permille),
            inspectors_each: self.plan.inspectors_each as usize,
            register: self.register.iter().map(entrant).collect(),
            inspectors: self.inspectors.iter().map(candidate).collect(),
        }
    }

    /// It as JSON in the canonical form, without the line feed.
    pub fn canonical(&self) -> String {
        serde_json::to_value(self).map(|value| sorted(value).to_string()).unwrap_or_default()
    }

    /// Draws.
    pub fn draw(&self, seed: &str) -> Vec<DrawnEnterprise> {
        let drawn = |Drawn { enterprise, inspectors }| DrawnEnterprise { enterprise, inspectors };
        self.sample().draw(seed).into_iter().map(drawn).collect()
    }
}

/// The same value with the keys of all objects in order, however the library keeps them.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields: BTreeMap<String, Value> =
                fields.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            Value::Object(fields.into_iter().collect::<Map<_, _>>())
        }
        Value::Array(list) => Value::Array(list.into_iter().map(sorted).collect()),
        other => other,
    }
}

fn hex_digest(text: &str) -> String {
    HEXLOWER.encode(digest(&SHA256, text.as_bytes()).as_ref())
}

/// What is published before the seed is: see the head of this file. `canonical` is the frozen part.
pub fn commitment(seed: &str, canonical: &str) -> String {
    hex_digest(&format!("{seed}\n{canonical}\n"))
}

/// The pseudonym of an inspector in the publication of a draw.
pub fn pseudonym(salt: &str, inspector: &str) -> String {
    let mut text = hex_digest(&format!("{salt} inspector {inspector}"));
    text.truncate(32);
    text
}

/// A drawn enterprise and who inspects it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DrawnEnterprise {
    /// Unified social credit code.
    pub enterprise: String,
    /// Its inspectors, in the order in which they were drawn.
    pub inspectors: Vec<String>,
}

impl Read for DrawnEnterprise {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let enterprise = f.id("enterprise");
        Some(DrawnEnterprise {
            enterprise,
            inspectors: f.list("inspectors", FILE_ELEMENTS_MAX, text_element),
        })
    }
}

/// What anyone may see of a draw, and needs to draw again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Publication {
    /// Always `onevisit-draw/1`.
    pub format: String,
    /// SHA-256 over the seed and what is frozen.
    pub commitment: String,
    /// When the draw was made up.
    pub made_up_at: DateTime<Utc>,
    /// What is frozen.
    pub frozen: Frozen,
    /// When the seed was revealed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revealed_at: Option<DateTime<Utc>>,
    /// The seed, 64 hexadecimal digits; absent before it is revealed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<String>,
    /// Drawn enterprises in the order of their lots, each with the pseudonyms of its inspectors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<Vec<DrawnEnterprise>>,
    /// Other draws of the department for one of the items on days that both have, in the order they
    /// were made up: whoever draws until the lot pleases is seen here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<OtherDraw>,
}

/// A draw that is published beside another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct OtherDraw {
    /// Id.
    pub id: String,
    /// Its state.
    pub state: DrawState,
    /// Ids of its items.
    pub items: Vec<String>,
    /// Its first day.
    pub start: NaiveDate,
    /// Its last day.
    pub end: NaiveDate,
    /// When it was made up.
    pub made_up_at: DateTime<Utc>,
    /// Why it was drawn though another was drawn before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub again_because: Option<String>,
}

impl From<Draw> for OtherDraw {
    fn from(draw: Draw) -> Self {
        let Draw { id, plan, state, made_up_at, .. } = draw;
        let SamplingPlan { items, start, end, again_because, .. } = plan;
        Self { id, state, items, start, end, made_up_at, again_because }
    }
}

impl Read for OtherDraw {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (id, state) = (f.id("id"), f.choice::<DrawState>("state", true));
        let items = f.list("items", LIST_MAX, text_element);
        let (start, end) = days(f);
        let made_up_at = instant(f, "made_up_at").unwrap_or_default();
        let again_because = f.words_if("again_because");
        Some(OtherDraw { id, state: state?, items, start, end, made_up_at, again_because })
    }
}

fn instant(f: &mut Fields<'_>, name: &str) -> Option<DateTime<Utc>> {
    let text = f.text_if(name)?;
    let instant = text.parse();
    if instant.is_err() {
        f.report_at(name, message!("not-an-instant", found = &text));
    }
    instant.ok()
}

impl Read for Publication {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        f.format(FORMAT);
        let commitment = f.text("commitment");
        let made_up_at = instant(f, "made_up_at").unwrap_or_default();
        let (revealed_at, seed) = (instant(f, "revealed_at"), f.text_if("seed"));
        let frozen = f.read("frozen");
        let result = seed.as_ref().map(|_| f.read_list("result", FILE_ELEMENTS_MAX));
        let others = f.list_if("others", LIST_MAX, json::element::<OtherDraw>);
        let (format, frozen) = (FORMAT.into(), frozen?);
        Some(Publication {
            format,
            commitment,
            made_up_at,
            frozen,
            revealed_at,
            seed,
            result,
            others,
        })
    }
}

/// Reads a publication, plain or gzip, and reports all its defects.
pub fn read(bytes: impl BufRead) -> Result<Publication, ReadError> {
    json::from_json(&whole_text(bytes)?).map_err(ReadError::Defects)
}

/// A draw as its department sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Draw {
    /// Id.
    pub id: String,
    /// Its sampling plan.
    #[serde(flatten)]
    pub plan: SamplingPlan,
    /// Its state.
    pub state: DrawState,
    /// SHA-256 over the seed and what is frozen.
    pub commitment: String,
    /// Enterprises of the frozen register, by credit grade.
    pub register_size: BTreeMap<Grade, i64>,
    /// How many of them are drawn, by credit grade.
    pub number_drawn: BTreeMap<Grade, i64>,
    /// Inspectors who may be drawn.
    pub candidates: i64,
    /// When it was made up.
    pub made_up_at: DateTime<Utc>,
    /// By whom.
    pub made_up_by: String,
    /// When the seed was revealed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revealed_at: Option<DateTime<Utc>>,
    /// By whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revealed_by: Option<String>,
    /// The seed; absent before it is revealed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<String>,
    /// Drawn enterprises, each with the ids of its inspectors; absent before, and in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<Vec<DrawnEnterprise>>,
}
