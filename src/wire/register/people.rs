//! Who may inspect: bodies, inspectors, their absences and recusals.

use super::{Name, in_order};
use crate::wire::json::{Fields, Read, text_element, text_enum};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

text_enum! {
    /// What a body may do (R01).
    pub enum BodyRole {
        /// It inspects.
        Inspects = "inspects",
        /// It coordinates: it may convene others, and is never counted as inspecting.
        Convenes = "convenes",
    }
}

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
        let role = f.choice("role", true, BodyRole::ALL);
        Some(Body { id, name: name?, department, area, role: role? })
    }
}

/// Most minutes of a person's working day.
const DAY_MINUTES_MAX: i64 = 720;
/// Most qualifications of a person.
const QUALIFICATIONS_MAX: usize = 20;

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
        let (body, pool, certificate) = (f.id("body"), f.id_if("pool"), f.id("certificate"));
        let (from, to) = (f.date("certificate_from"), f.date("certificate_to"));
        in_order(f, Some(from), Some(to), "certificate_to");
        let mut qualifications = f.list_if("qualifications", 100, text_element);
        qualifications.sort();
        qualifications.dedup();
        let is_id = |text: &String| {
            (1..=64).contains(&text.len())
                && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.:".contains(c))
        };
        if qualifications.len() > QUALIFICATIONS_MAX || !qualifications.iter().all(is_id) {
            let message = format!(
                "At most {QUALIFICATIONS_MAX} qualifications, each of letters (a to z), digits, \
                 \"-\", \"_\", \".\" or \":\"."
            );
            f.tell_at("bad-qualifications", "qualifications", message);
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

impl Read for Recusal {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (inspector, enterprise) = (f.id("inspector"), f.id("enterprise"));
        Some(Recusal { inspector, enterprise, reason: f.words_if("reason") })
    }
}
