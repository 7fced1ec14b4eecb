//! Rows of inspectors, their absences and recusals.

use crate::store::Versioned;
use crate::store::error::{Result, StoreError};
use crate::store::schema::{absences, inspectors, recusals};
use crate::wire::register::{Absence, Inspector, Recusal};
use chrono::NaiveDate;
use diesel::prelude::*;

/// An inspector; qualifications are a JSON list.
#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = inspectors, treat_none_as_null = true)]
pub(super) struct InspectorRow {
    pub(super) id: String,
    name: String,
    body_id: String,
    pool_id: Option<String>,
    certificate: String,
    certificate_from: NaiveDate,
    certificate_to: NaiveDate,
    qualifications: String,
    minutes: i64,
    pub(super) version: i64,
}

impl From<&Inspector> for InspectorRow {
    fn from(inspector: &Inspector) -> Self {
        let Inspector {
            id,
            name,
            body,
            pool,
            certificate,
            certificate_from,
            certificate_to,
            qualifications,
            minutes,
        } = inspector.clone();
        Self {
            id,
            name,
            body_id: body,
            pool_id: pool,
            certificate,
            certificate_from,
            certificate_to,
            qualifications: serde_json::to_string(&qualifications).unwrap_or_default(),
            minutes,
            version: 1,
        }
    }
}

impl TryFrom<InspectorRow> for Versioned<Inspector> {
    type Error = StoreError;
    fn try_from(row: InspectorRow) -> Result<Self> {
        let InspectorRow {
            id,
            name,
            body_id,
            pool_id,
            certificate,
            certificate_from,
            certificate_to,
            qualifications,
            minutes,
            version,
        } = row;
        let value = Inspector {
            id,
            name,
            body: body_id,
            pool: pool_id,
            certificate,
            certificate_from,
            certificate_to,
            qualifications: serde_json::from_str(&qualifications)?,
            minutes,
        };
        Ok(Versioned { version, value })
    }
}

/// Days on which an inspector is away.
#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = absences, treat_none_as_null = true)]
pub(super) struct AbsenceRow {
    pub(super) id: String,
    inspector_id: String,
    first_day: NaiveDate,
    last_day: NaiveDate,
    reason: Option<String>,
    pub(super) version: i64,
}

impl From<&Absence> for AbsenceRow {
    fn from(absence: &Absence) -> Self {
        let id = absence.key();
        let Absence { inspector, from, to, reason } = absence.clone();
        Self { id, inspector_id: inspector, first_day: from, last_day: to, reason, version: 1 }
    }
}

impl TryFrom<AbsenceRow> for Versioned<Absence> {
    type Error = StoreError;
    fn try_from(row: AbsenceRow) -> Result<Self> {
        let AbsenceRow { id: _, inspector_id, first_day, last_day, reason, version } = row;
        let value = Absence { inspector: inspector_id, from: first_day, to: last_day, reason };
        Ok(Versioned { version, value })
    }
}

/// An enterprise that an inspector may not inspect.
#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = recusals, treat_none_as_null = true)]
pub(super) struct RecusalRow {
    pub(super) id: String,
    inspector_id: String,
    enterprise_id: String,
    reason: Option<String>,
    pub(super) version: i64,
}

impl From<&Recusal> for RecusalRow {
    fn from(recusal: &Recusal) -> Self {
        let id = recusal.key();
        let Recusal { inspector, enterprise, reason } = recusal.clone();
        Self { id, inspector_id: inspector, enterprise_id: enterprise, reason, version: 1 }
    }
}

impl TryFrom<RecusalRow> for Versioned<Recusal> {
    type Error = StoreError;
    fn try_from(row: RecusalRow) -> Result<Self> {
        let RecusalRow { id: _, inspector_id, enterprise_id, reason, version } = row;
        let value = Recusal { inspector: inspector_id, enterprise: enterprise_id, reason };
        Ok(Versioned { version, value })
    }
}
