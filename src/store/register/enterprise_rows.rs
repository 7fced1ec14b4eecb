//! Rows of enterprises, and of what holds for them from a day on or for some days.

use crate::domain::words::Worded;
use crate::store::error::{Result, StoreError};
use crate::store::schema::{closures, enterprises, grades, listings, quiet_periods};
use crate::store::{Versioned, word};
use crate::wire::register::{Closure, Enterprise, GradeEntry, Listing, Name, QuietPeriod};
use chrono::NaiveDate;
use diesel::prelude::*;

/// An enterprise.
#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = enterprises, treat_none_as_null = true)]
pub(super) struct EnterpriseRow {
    pub(super) id: String,
    name_zh: String,
    name_en: String,
    area_id: String,
    industry: String,
    risk: String,
    credit_grade: String,
    last_counted: Option<NaiveDate>,
    pub(super) version: i64,
    subject: String,
    longitude_microdegrees: Option<i64>,
    latitude_microdegrees: Option<i64>,
    is_joint_opt_out: bool,
    open_weekdays: String,
    safety_level: Option<String>,
    is_designated: bool,
}

impl From<&Enterprise> for EnterpriseRow {
    fn from(enterprise: &Enterprise) -> Self {
        let Enterprise {
            id,
            name,
            area,
            industry,
            risk,
            credit_grade,
            last_counted,
            subject,
            longitude_microdegrees,
            latitude_microdegrees,
            joint_opt_out,
            open_weekdays,
            safety_level,
            designated,
        } = enterprise;
        EnterpriseRow {
            id: id.clone(),
            name_zh: name.zh.clone(),
            name_en: name.en.clone(),
            area_id: area.clone(),
            industry: industry.clone(),
            risk: risk.as_str().into(),
            credit_grade: credit_grade.as_str().into(),
            last_counted: *last_counted,
            version: 1,
            subject: subject.as_str().into(),
            longitude_microdegrees: *longitude_microdegrees,
            latitude_microdegrees: *latitude_microdegrees,
            is_joint_opt_out: *joint_opt_out,
            open_weekdays: open_weekdays.clone(),
            safety_level: safety_level.map(|level| level.as_str().into()),
            is_designated: *designated,
        }
    }
}

impl TryFrom<EnterpriseRow> for Versioned<Enterprise> {
    type Error = StoreError;
    fn try_from(row: EnterpriseRow) -> Result<Self> {
        let EnterpriseRow {
            id,
            name_zh,
            name_en,
            area_id,
            industry,
            risk,
            credit_grade,
            last_counted,
            version,
            subject,
            longitude_microdegrees,
            latitude_microdegrees,
            is_joint_opt_out,
            open_weekdays,
            safety_level,
            is_designated,
        } = row;
        let value = Enterprise {
            id,
            name: Name { zh: name_zh, en: name_en },
            area: area_id,
            industry,
            risk: word(&risk)?,
            credit_grade: word(&credit_grade)?,
            last_counted,
            subject: word(&subject)?,
            longitude_microdegrees,
            latitude_microdegrees,
            joint_opt_out: is_joint_opt_out,
            open_weekdays,
            safety_level: safety_level.as_deref().map(word).transpose()?,
            designated: is_designated,
        };
        Ok(Versioned { version, value })
    }
}

/// Risk and credit grade from a day on.
#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = grades, treat_none_as_null = true)]
pub(super) struct GradeRow {
    pub(super) id: String,
    pub(super) enterprise_id: String,
    pub(super) from_day: NaiveDate,
    pub(super) risk: String,
    pub(super) credit_grade: String,
    pub(super) version: i64,
}

impl From<&GradeEntry> for GradeRow {
    fn from(grade: &GradeEntry) -> Self {
        let id = grade.key();
        let GradeEntry { enterprise, from, risk, credit_grade } = grade.clone();
        Self {
            id,
            enterprise_id: enterprise,
            from_day: from,
            risk: risk.as_str().into(),
            credit_grade: credit_grade.as_str().into(),
            version: 1,
        }
    }
}

impl TryFrom<GradeRow> for Versioned<GradeEntry> {
    type Error = StoreError;
    fn try_from(row: GradeRow) -> Result<Self> {
        let GradeRow { id: _, enterprise_id, from_day, risk, credit_grade, version } = row;
        let value = GradeEntry {
            enterprise: enterprise_id,
            from: from_day,
            risk: word(&risk)?,
            credit_grade: word(&credit_grade)?,
        };
        Ok(Versioned { version, value })
    }
}

/// An entry of a list of who is spared.
#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = listings, treat_none_as_null = true)]
pub(super) struct ListingRow {
    pub(super) id: String,
    enterprise_id: String,
    list: String,
    department_id: Option<String>,
    first_day: NaiveDate,
    last_day: Option<NaiveDate>,
    note: Option<String>,
    pub(super) version: i64,
}

impl From<&Listing> for ListingRow {
    fn from(listing: &Listing) -> Self {
        let id = listing.key();
        let Listing { enterprise, list, department, from, to, note } = listing.clone();
        Self {
            id,
            enterprise_id: enterprise,
            list: list.as_str().into(),
            department_id: department,
            first_day: from,
            last_day: to,
            note,
            version: 1,
        }
    }
}

impl TryFrom<ListingRow> for Versioned<Listing> {
    type Error = StoreError;
    fn try_from(row: ListingRow) -> Result<Self> {
        let ListingRow {
            id: _,
            enterprise_id,
            list,
            department_id,
            first_day,
            last_day,
            note,
            version,
        } = row;
        let value = Listing {
            enterprise: enterprise_id,
            list: word(&list)?,
            department: department_id,
            from: first_day,
            to: last_day,
            note,
        };
        Ok(Versioned { version, value })
    }
}

/// Quiet days of an enterprise or of an area.
#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = quiet_periods, treat_none_as_null = true)]
pub(super) struct QuietRow {
    pub(super) id: String,
    enterprise_id: Option<String>,
    area_id: Option<String>,
    first_day: NaiveDate,
    last_day: NaiveDate,
    month_first: Option<i64>,
    month_last: Option<i64>,
    note: Option<String>,
    pub(super) version: i64,
}

impl From<&QuietPeriod> for QuietRow {
    fn from(period: &QuietPeriod) -> Self {
        let QuietPeriod { id, enterprise, area, from, to, month_first, month_last, note } =
            period.clone();
        Self {
            id,
            enterprise_id: enterprise,
            area_id: area,
            first_day: from,
            last_day: to,
            month_first,
            month_last,
            note,
            version: 1,
        }
    }
}

impl TryFrom<QuietRow> for Versioned<QuietPeriod> {
    type Error = StoreError;
    fn try_from(row: QuietRow) -> Result<Self> {
        let QuietRow {
            id,
            enterprise_id,
            area_id,
            first_day,
            last_day,
            month_first,
            month_last,
            note,
            version,
        } = row;
        let value = QuietPeriod {
            id,
            enterprise: enterprise_id,
            area: area_id,
            from: first_day,
            to: last_day,
            month_first,
            month_last,
            note,
        };
        Ok(Versioned { version, value })
    }
}

/// Days on which an enterprise is closed.
#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = closures, treat_none_as_null = true)]
pub(super) struct ClosureRow {
    pub(super) id: String,
    enterprise_id: String,
    first_day: NaiveDate,
    last_day: NaiveDate,
    reason: Option<String>,
    pub(super) version: i64,
}

impl From<&Closure> for ClosureRow {
    fn from(closure: &Closure) -> Self {
        let id = closure.key();
        let Closure { enterprise, from, to, reason } = closure.clone();
        Self { id, enterprise_id: enterprise, first_day: from, last_day: to, reason, version: 1 }
    }
}

impl TryFrom<ClosureRow> for Versioned<Closure> {
    type Error = StoreError;
    fn try_from(row: ClosureRow) -> Result<Self> {
        let ClosureRow { id: _, enterprise_id, first_day, last_day, reason, version } = row;
        let value = Closure { enterprise: enterprise_id, from: first_day, to: last_day, reason };
        Ok(Versioned { version, value })
    }
}
