//! The register as JSON: areas, departments, pools, enterprises and items. One form for filing and
//! for reading back.

use super::json::{Fields, Node, Read, text_enum};
use crate::domain::codes::{credit_code_defect, is_industry_class};
use crate::domain::problem::{MINUTES_MAX, REQUEST_MINUTES_MAX, Risk};
use crate::domain::{Defect, problem};
use chrono::NaiveDate;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

text_enum! {
    /// A grade from A (best, or lowest risk) to D.
    pub enum Grade {
        /// Best credit, or lowest risk.
        A = "A",
        /// Second.
        B = "B",
        /// Third.
        C = "C",
        /// Worst credit, or highest risk.
        D = "D",
    }
}

impl From<Grade> for Risk {
    fn from(grade: Grade) -> Self {
        match grade {
            Grade::A => Risk::A,
            Grade::B => Risk::B,
            Grade::C => Risk::C,
            Grade::D => Risk::D,
        }
    }
}

impl From<Risk> for Grade {
    fn from(risk: Risk) -> Self {
        match risk {
            Risk::A => Grade::A,
            Risk::B => Grade::B,
            Risk::C => Grade::C,
            Risk::D => Grade::D,
        }
    }
}

/// A name in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Name {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Read for Name {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        Some(Name { zh: f.words("zh"), en: f.words("en") })
    }
}

/// A number that a source prints, or that we assumed because none does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Assumable {
    /// The number.
    pub value: i64,
    /// No source prints it.
    pub assumed: bool,
}

impl Assumable {
    /// Reads `{ value, assumed }` with `least <= value <= most`.
    pub fn read(f: &mut Fields<'_>, name: &str, least: i64, most: i64) -> Option<Self> {
        let mut inner = f.object(name)?;
        let value = inner.whole_within("value", least, most);
        let assumed = inner.truth("assumed");
        inner.finish();
        Some(Assumable { value, assumed })
    }
}

/// An area: a town or subdistrict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Area {
    /// Id, chosen by whoever files it.
    pub id: String,
    /// Name.
    pub name: Name,
}

impl Read for Area {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (id, name) = (f.id("id"), f.read("name"));
        Some(Area { id, name: name? })
    }
}

/// A department that files requests and sends inspectors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Department {
    /// Id, chosen by whoever files it.
    pub id: String,
    /// Name.
    pub name: Name,
}

impl Read for Department {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (id, name) = (f.id("id"), f.read("name"));
        Some(Department { id, name: name? })
    }
}

/// Inspectors' time of a department, each working day, in person-minutes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Pool {
    /// Id, chosen by whoever files it.
    pub id: String,
    /// Id of the department.
    pub department: String,
    /// Id of the area it serves; absent: every area in which its department has no other pool.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub area: Option<String>,
    /// Person-minutes of an ordinary working day.
    pub minutes: i64,
    /// Person-minutes charged once for each visit: the way there and back.
    pub attendance_minutes: i64,
    /// More person-minutes that a working day may use, at the policy's overtime cost.
    pub overtime_minutes: i64,
    /// Days that offer other than the ordinary minutes.
    pub days: BTreeMap<NaiveDate, i64>,
}

impl Read for Pool {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        Some(Pool {
            id: f.id("id"),
            department: f.id("department"),
            area: f.id_if("area"),
            minutes: f.whole_within("minutes", 0, MINUTES_MAX / 2),
            attendance_minutes: f.whole_within("attendance_minutes", 0, REQUEST_MINUTES_MAX),
            overtime_minutes: f
                .whole_within_if("overtime_minutes", 0, MINUTES_MAX / 2)
                .unwrap_or(0),
            days: f.entries_if("days", pool_day).into_iter().collect(),
        })
    }
}

fn pool_day(
    key: String,
    node: Node,
    pointer: String,
    defects: &mut Vec<Defect>,
) -> Option<(NaiveDate, i64)> {
    let minutes = super::json::whole_element(node, pointer.clone(), defects)?;
    if minutes > MINUTES_MAX / 2 {
        let message = format!("{minutes} is more than {}.", MINUTES_MAX / 2);
        defects.push(Defect::new("out-of-range", pointer.clone(), message));
    }
    let day = super::json::date_element(Node::Text(key.into()), pointer, defects)?;
    Some((day, minutes))
}

/// Who is inspected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Enterprise {
    /// Unified social credit code: 18 characters, the last a check character (GB 32100).
    pub id: String,
    /// Name.
    pub name: Name,
    /// Id of its area.
    pub area: String,
    /// Class of GB/T 4754, four digits.
    pub industry: String,
    /// Risk level.
    pub risk: Grade,
    /// Credit grade.
    pub credit_grade: Grade,
    /// Day of its last counted visit before it came into the register.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_counted: Option<NaiveDate>,
}

impl Read for Enterprise {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let id = f.text("id");
        if let Some(message) = credit_code_defect(&id).filter(|_| !id.is_empty()) {
            f.tell_at("bad-credit-code", "id", message);
        }
        let (name, area, industry) = (f.read("name"), f.id("area"), f.text("industry"));
        if !industry.is_empty() && !is_industry_class(&industry) {
            let message = format!(
                "\"{industry}\" is no class of GB/T 4754: four digits, the first two 01 to 97."
            );
            f.tell_at("bad-industry", "industry", message);
        }
        let risk = f.choice("risk", true, Grade::ALL);
        let credit_grade = f.choice("credit_grade", true, Grade::ALL);
        let last_counted = f.date_if("last_counted");
        Some(Enterprise {
            id,
            name: name?,
            area,
            industry,
            risk: risk?,
            credit_grade: credit_grade?,
            last_counted,
        })
    }
}

/// What a department inspects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Item {
    /// Id, chosen by whoever files it.
    pub id: String,
    /// Id of the department.
    pub department: String,
    /// Legal name.
    pub name: Name,
    /// Minutes on site, unless a request says otherwise.
    pub minutes: Assumable,
    /// Inspectors needed, unless a request says otherwise.
    pub inspectors: Assumable,
}

impl Read for Item {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (id, department, name) = (f.id("id"), f.id("department"), f.read("name"));
        let (minutes, inspectors) = (minutes(f), inspectors(f));
        Some(Item { id, department, name: name?, minutes: minutes?, inspectors: inspectors? })
    }
}

/// Longest time on site of one request, in minutes: two working days.
pub const ON_SITE_MINUTES_MAX: i64 = 960;
/// Largest crew of one request.
pub const INSPECTORS_MAX: i64 = 100;
const _: () = assert!(ON_SITE_MINUTES_MAX * INSPECTORS_MAX <= problem::REQUEST_MINUTES_MAX);

pub(super) fn minutes(f: &mut Fields<'_>) -> Option<Assumable> {
    Assumable::read(f, "minutes", 1, ON_SITE_MINUTES_MAX)
}

pub(super) fn inspectors(f: &mut Fields<'_>) -> Option<Assumable> {
    Assumable::read(f, "inspectors", 1, INSPECTORS_MAX)
}
