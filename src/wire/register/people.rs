//! Who may inspect: bodies, inspectors, their absences and recusals.

pub use crate::domain::register::staff::BodyRole;

use super::{Name, in_order};
use crate::domain::Defect;
use crate::domain::register::staff::LAW_LICENCE;
use crate::message;
use crate::wire::json::{Fields, ID_CHARS_MAX, Node, Read, is_reference, text_element};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

/// A body that inspects (行政检查主体), or one that only convenes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Body {
    /// Id, chosen by whoever files it.
    pub id: String,
    /// Name.
    pub name: Name,
    /// Id of the department whose line it belongs to.
    pub department: String,
    /// Id of the area for which it is there.
    pub area: String,
    /// What it may do.
    pub role: BodyRole,
}

impl Read for Body {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (id, name) = (f.id("id"), f.read("name"));
        let (department, area) = (f.id("department"), f.id("area"));
        let role = f.choice::<BodyRole>("role", true);
        Some(Body { id, name: name?, department, area, role: role? })
    }
}

/// Most minutes of a person's working day.
const DAY_MINUTES_MAX: i64 = 720;
/// Most qualifications of a person.
const QUALIFICATIONS_MAX: usize = 20;

/// Whether a text names a qualification: letters and digits of any script and the punctuation of document
/// numbers, without the comma 、 that separates several of them in a cell of a table.
fn is_qualification(text: &str) -> bool {
    is_reference(text) && !text.contains('、')
}

/// The qualification of this name. The national law licence has one name, for the county's figures ask
/// for it.
fn qualification(name: String) -> String {
    if name == "法律职业资格" { LAW_LICENCE.to_owned() } else { name }
}

fn qualification_element(
    node: Node<'_>,
    pointer: String,
    defects: &mut Vec<Defect>,
) -> Option<String> {
    text_element(node, pointer, defects).map(qualification)
}

/// Reads an optional qualification.
pub(in crate::wire) fn qualification_if(f: &mut Fields<'_>, name: &str) -> Option<String> {
    let found = qualification(f.text_if(name)?);
    if !is_qualification(&found) {
        let message =
            message!("bad-id_qualification", field = name, found = &found, most = ID_CHARS_MAX);
        f.report_at(name, message);
    }
    Some(found)
}

/// An inspector. Name and certificate are personal data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Inspector {
    /// Id, chosen by whoever files it.
    pub id: String,
    /// Name.
    pub name: String,
    /// Id of the body.
    pub body: String,
    /// Id of the pool that counts his or her minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pool: Option<String>,
    /// Number of the enforcement certificate (执法证件).
    pub certificate: String,
    /// First day on which it is good.
    pub certificate_from: NaiveDate,
    /// Last day on which it is good.
    pub certificate_to: NaiveDate,
    /// What he or she is qualified for, `law_licence` for the national law licence.
    pub qualifications: Vec<String>,
    /// Minutes of an ordinary working day; absent: 360.
    #[schema(default = 360)]
    pub minutes: i64,
}

impl Read for Inspector {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (id, name) = (f.id("id"), f.words("name"));
        let (body, pool) = (f.id("body"), f.id_if("pool"));
        let certificate = f.reference("certificate");
        let (from, to) = (f.date("certificate_from"), f.date("certificate_to"));
        in_order(f, Some(from), Some(to), "certificate_to");
        let mut qualifications = f.list_if("qualifications", 100, qualification_element);
        qualifications.sort();
        qualifications.dedup();
        if qualifications.len() > QUALIFICATIONS_MAX {
            let count = qualifications.len();
            let message = message!("bad-qualifications", count = count, most = QUALIFICATIONS_MAX);
            f.report_at("qualifications", message);
        } else if let Some(found) = qualifications.iter().find(|text| !is_qualification(text)) {
            let message = message!("bad-qualifications_name", found = found, most = ID_CHARS_MAX);
            f.report_at("qualifications", message);
        }
        let minutes = f.whole_within_if("minutes", 0, DAY_MINUTES_MAX).unwrap_or(360);
        Some(Inspector {
            id,
            name,
            body,
            pool,
            certificate,
            certificate_from: from,
            certificate_to: to,
            qualifications,
            minutes,
        })
    }
}

/// Days on which an inspector is away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Absence {
    /// Id of the inspector.
    pub inspector: String,
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Absence {
    /// What it is known by; rows of a file with the same key are the same thing.
    pub fn key(&self) -> String {
        format!("{}/{}", self.inspector, self.from)
    }
}

impl Read for Absence {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (inspector, from, to) = (f.id("inspector"), f.date("from"), f.date("to"));
        in_order(f, Some(from), Some(to), "to");
        Some(Absence { inspector, from, to, reason: f.words_if("reason") })
    }
}

/// An enterprise that an inspector may not inspect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Recusal {
    /// Id of the inspector.
    pub inspector: String,
    /// Unified social credit code of the enterprise.
    pub enterprise: String,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Recusal {
    /// What it is known by; rows of a file with the same key are the same thing.
    pub fn key(&self) -> String {
        format!("{}/{}", self.inspector, self.enterprise)
    }
}

impl Read for Recusal {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (inspector, enterprise) = (f.id("inspector"), f.id("enterprise"));
        Some(Recusal { inspector, enterprise, reason: f.words_if("reason") })
    }
}
