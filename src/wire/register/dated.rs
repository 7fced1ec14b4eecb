//! What holds for an enterprise from a day on or for some days.

pub use crate::domain::register::enterprise::List;

use super::{Grade, in_order};
use crate::domain::words::Worded;
use crate::message;
use crate::wire::json::{Fields, Read};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

/// Risk and credit grade of an enterprise from a day on. The newest that has begun is the one that
/// the enterprise has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct GradeEntry {
    /// Unified social credit code of the enterprise.
    pub enterprise: String,
    /// First day.
    pub from: NaiveDate,
    /// Risk level.
    pub risk: Grade,
    /// Credit grade.
    pub credit_grade: Grade,
}

impl GradeEntry {
    /// What it is known by; rows of a file with the same key are the same thing.
    pub fn key(&self) -> String {
        format!("{}/{}", self.enterprise, self.from)
    }
}

impl Read for GradeEntry {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (enterprise, from) = (f.id("enterprise"), f.date("from"));
        let risk = f.choice::<Grade>("risk", true);
        let credit_grade = f.choice::<Grade>("credit_grade", true);
        Some(GradeEntry { enterprise, from, risk: risk?, credit_grade: credit_grade? })
    }
}

/// An entry of a list of those who are spared: only exempt requests are held there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Listing {
    /// Unified social credit code of the enterprise.
    pub enterprise: String,
    /// The list.
    pub list: List,
    /// Id of the department that spares it; absent: all do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    /// First day.
    pub from: NaiveDate,
    /// Last day; absent: until the entry is changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<NaiveDate>,
    /// Whatever there is to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Listing {
    /// What it is known by; rows of a file with the same key are the same thing.
    pub fn key(&self) -> String {
        let Listing { enterprise, list, department, from, to: _, note: _ } = self;
        let department = department.as_deref().unwrap_or("all");
        format!("{enterprise}/{}/{department}/{from}", list.as_str())
    }
}

impl Read for Listing {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (enterprise, list) = (f.id("enterprise"), f.choice::<List>("list", true));
        let department = f.id_if("department");
        let (from, to) = (f.date("from"), f.date_if("to"));
        in_order(f, Some(from), to, "to");
        let note = f.words_if("note");
        Some(Listing { enterprise, list: list?, department, from, to, note })
    }
}

/// Quiet days (企业安静期) of an enterprise, or of an area and all that lies in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct QuietPeriod {
    /// Id, chosen by whoever files it.
    pub id: String,
    /// Unified social credit code of the enterprise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enterprise: Option<String>,
    /// Id of the area, in place of an enterprise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub area: Option<String>,
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
    /// First quiet day of each month; absent: every day is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub month_first: Option<i64>,
    /// Last quiet day of each month.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub month_last: Option<i64>,
    /// Whatever there is to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Read for QuietPeriod {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (id, enterprise, area) = (f.id("id"), f.id_if("enterprise"), f.id_if("area"));
        if enterprise.is_some() == area.is_some() {
            f.report_at("enterprise", message!("one-of-two"));
        }
        let (from, to) = (f.date("from"), f.date("to"));
        in_order(f, Some(from), Some(to), "to");
        let month_first = f.whole_within_if("month_first", 1, 31);
        let month_last = f.whole_within_if("month_last", 1, 31);
        match (month_first, month_last) {
            (Some(_), None) => f.lacks("month_last", "month_first"),
            (None, Some(_)) => f.lacks("month_first", "month_last"),
            (Some(first), Some(last)) if last < first => {
                let message = message!("days-reversed_of-month", first = first, last = last);
                f.report_at("month_last", message);
            }
            _ => {}
        }
        let note = f.words_if("note");
        Some(QuietPeriod { id, enterprise, area, from, to, month_first, month_last, note })
    }
}

/// Days on which an enterprise is closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Closure {
    /// Unified social credit code of the enterprise.
    pub enterprise: String,
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Closure {
    /// What it is known by; rows of a file with the same key are the same thing.
    pub fn key(&self) -> String {
        format!("{}/{}", self.enterprise, self.from)
    }
}

impl Read for Closure {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (enterprise, from, to) = (f.id("enterprise"), f.date("from"), f.date("to"));
        in_order(f, Some(from), Some(to), "to");
        Some(Closure { enterprise, from, to, reason: f.words_if("reason") })
    }
}
