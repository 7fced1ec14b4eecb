//! The register as JSON: areas, departments, pools, enterprises and items. One form for filing and
//! for reading back.

pub mod authority;
mod dated;
mod people;
mod powers;
mod record;
pub mod scenario;

pub use dated::{Closure, GradeEntry, List, Listing, QuietPeriod};
pub(in crate::wire) use people::qualification_if;
pub use people::{Absence, Body, BodyRole, Inspector, Recusal};
pub use powers::{Act, Authority, Check};
pub use record::{Kind, Record, Reference, Registered};

pub use crate::domain::register::area::Level;
pub use crate::domain::register::enterprise::{SafetyLevel, Subject};
pub use crate::domain::register::grade::Grade;
pub use crate::domain::register::item::Method;

use super::json::{Fields, Node, Read};
use crate::domain::codes::{credit_code_defect, is_industry_class};
use crate::domain::problem::{MINUTES_MAX, REQUEST_MINUTES_MAX};
use crate::domain::register::days;
use crate::domain::{Defect, problem};
use crate::message;
use chrono::NaiveDate;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A name in both languages.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, serde::Deserialize, ToSchema)]
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

/// An area.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Area {
    /// Id, chosen by whoever files it.
    pub id: String,
    /// Name.
    pub name: Name,
    /// Its level; absent: a town.
    #[schema(default = "town")]
    pub level: Level,
    /// Id of the area of a higher level in which it lies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
}

impl Read for Area {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (id, name) = (f.id("id"), f.read("name"));
        let level = f.choice::<Level>("level", false).unwrap_or(Level::Town);
        Some(Area { id, name: name?, level, parent: f.id_if("parent") })
    }
}

/// A department that files requests and sends inspectors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Department {
    /// Id, chosen by whoever files it.
    pub id: String,
    /// Name.
    pub name: Name,
    /// Its level.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// Id of the area that it is of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub area: Option<String>,
}

impl Read for Department {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (id, name) = (f.id("id"), f.read("name"));
        let level = f.choice::<Level>("level", false);
        Some(Department { id, name: name?, level, area: f.id_if("area") })
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
            days: f.entries_if("days", POOL_DAYS_MAX, pool_day).into_iter().collect(),
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
        let message = message!("out-of-range_above", value = minutes, most = MINUTES_MAX / 2);
        defects.push(Defect::at(&pointer, message));
    }
    let day = super::json::date_element(Node::Text(key.into()), pointer, defects)?;
    Some((day, minutes))
}

/// Every day of the week.
pub const EVERY_WEEKDAY: &str = "1234567";

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
    /// Kind of subject; absent: `enterprise`.
    #[schema(default = "enterprise")]
    pub subject: Subject,
    /// East of Greenwich, in millionths of a degree.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longitude_microdegrees: Option<i64>,
    /// North of the equator, in millionths of a degree.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latitude_microdegrees: Option<i64>,
    /// It wants no joint visits; absent: false.
    #[schema(default = false)]
    pub joint_opt_out: bool,
    /// Days of the week on which it is open, 1 (Monday) to 7 ascending; absent: `1234567`.
    #[schema(default = "1234567")]
    pub open_weekdays: String,
    /// Level of work-safety standardisation; absent: not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub safety_level: Option<SafetyLevel>,
    /// Of designated size (规模以上), or named for the quiet days of its place; absent: false.
    #[schema(default = false)]
    pub designated: bool,
}

impl Read for Enterprise {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let id = f.text("id");
        if let Some(message) = credit_code_defect(&id).filter(|_| !id.is_empty()) {
            f.report_at("id", message);
        }
        let (name, area, industry) = (f.read("name"), f.id("area"), f.text("industry"));
        if !industry.is_empty() && !is_industry_class(&industry) {
            f.report_at("industry", message!("bad-industry", found = &industry));
        }
        let risk = f.choice::<Grade>("risk", true);
        let credit_grade = f.choice::<Grade>("credit_grade", true);
        let last_counted = f.date_if("last_counted");
        let subject = f.choice::<Subject>("subject", false).unwrap_or(Subject::Enterprise);
        // China lies in the north-eastern quarter of the globe, so no minus is needed
        let longitude_microdegrees = f.whole_within_if("longitude_microdegrees", 0, 180_000_000);
        let latitude_microdegrees = f.whole_within_if("latitude_microdegrees", 0, 90_000_000);
        for (one, other, is_alone) in [
            ("latitude_microdegrees", "longitude_microdegrees", latitude_microdegrees.is_none()),
            ("longitude_microdegrees", "latitude_microdegrees", longitude_microdegrees.is_none()),
        ] {
            if is_alone && longitude_microdegrees.or(latitude_microdegrees).is_some() {
                f.lacks(one, other);
            }
        }
        let joint_opt_out = f.truth_if("joint_opt_out").unwrap_or(false);
        let open_weekdays = f.text_if("open_weekdays").unwrap_or_else(|| EVERY_WEEKDAY.into());
        if !days::is_open_weekdays(&open_weekdays) {
            f.report_at("open_weekdays", message!("bad-weekdays", found = &open_weekdays));
        }
        let safety_level = f.choice::<SafetyLevel>("safety_level", false);
        let designated = f.truth_if("designated").unwrap_or(false);
        Some(Enterprise {
            id,
            name: name?,
            area,
            industry,
            risk: risk?,
            credit_grade: credit_grade?,
            last_counted,
            subject,
            longitude_microdegrees,
            latitude_microdegrees,
            joint_opt_out,
            open_weekdays,
            safety_level,
            designated,
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
    /// The law and its article.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub legal_basis: Option<String>,
    /// How it is inspected; absent: on site.
    #[schema(default = "on_site")]
    pub method: Method,
    /// What its inspectors must be qualified for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub qualification: Option<String>,
    /// First day on which the published list has it (R02); absent: always had.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published_from: Option<NaiveDate>,
    /// Last day; absent: no end is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published_to: Option<NaiveDate>,
    /// Days before the visit on which the enterprise is notified (R24); absent: 0.
    #[schema(default = 0)]
    pub notice_days: i64,
    /// Days for which others recognise its result; absent: 0.
    #[schema(default = 0)]
    pub valid_days: i64,
    /// Its class, like `safety`, where lists of who is spared distinguish classes (R23).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
}

impl Item {
    /// One as scenario files write it: what they leave out is at its default.
    pub fn plain(
        id: String,
        department: String,
        name: Name,
        (minutes, inspectors): (Assumable, Assumable),
    ) -> Self {
        Self {
            id,
            department,
            name,
            minutes,
            inspectors,
            legal_basis: None,
            method: Method::OnSite,
            qualification: None,
            published_from: None,
            published_to: None,
            notice_days: 0,
            valid_days: 0,
            class: None,
        }
    }

    /// Whether a scenario file's item is this one, as far as scenario files say.
    pub fn is_same_to_scenarios(&self, other: &Item) -> bool {
        let Item { id, department, name, minutes, inspectors, .. } = other;
        (&self.id, &self.department, &self.name) == (id, department, name)
            && (&self.minutes, &self.inspectors) == (minutes, inspectors)
    }
}

/// Most days of notice or of validity.
const ITEM_DAYS_MAX: i64 = 3_660;

impl Read for Item {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (id, department, name) = (f.id("id"), f.id("department"), f.read("name"));
        let (minutes, inspectors) = (minutes(f), inspectors(f));
        let legal_basis = f.words_if("legal_basis");
        let method = f.choice::<Method>("method", false).unwrap_or(Method::OnSite);
        let qualification = qualification_if(f, "qualification");
        let (published_from, published_to) =
            (f.date_if("published_from"), f.date_if("published_to"));
        in_order(f, published_from, published_to, "published_to");
        let notice_days = f.whole_within_if("notice_days", 0, ITEM_DAYS_MAX).unwrap_or(0);
        let valid_days = f.whole_within_if("valid_days", 0, ITEM_DAYS_MAX).unwrap_or(0);
        let class = f.reference_if("class");
        Some(Item {
            id,
            department,
            name: name?,
            minutes: minutes?,
            inspectors: inspectors?,
            legal_basis,
            method,
            qualification,
            published_from,
            published_to,
            notice_days,
            valid_days,
            class,
        })
    }
}

/// Reports days that end before they begin.
fn in_order(f: &mut Fields<'_>, from: Option<NaiveDate>, to: Option<NaiveDate>, field: &str) {
    if let (Some(from), Some(to)) = (from, to)
        && to < from
        && to != NaiveDate::default()
    {
        f.report_at(field, message!("days-reversed", first = from, last = to));
    }
}

/// Most days of a pool that offer other than the ordinary minutes: twenty years.
const POOL_DAYS_MAX: usize = 7_320;

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
