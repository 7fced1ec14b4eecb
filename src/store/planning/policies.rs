//! Policies with their targets. Versions are only ever added.

use crate::domain::problem::Share;
use crate::domain::words::Worded;
use crate::store::error::{Result, StoreError};
use crate::store::schema::{policies, targets};
use crate::store::tx::Tx;
use crate::store::{document, utc};
use crate::wire::planning::policy::{Policy, PolicyRecord, Target, TargetMeasure};
use crate::wire::register::Grade;
use crate::wire::sentence::said;
use chrono::NaiveDateTime;
use diesel::prelude::*;

#[derive(Queryable, Insertable)]
#[diesel(table_name = policies)]
struct PolicyRow {
    version: i64,
    document: String,
    note: String,
    created_at: NaiveDateTime,
    created_by: String,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = targets)]
struct TargetRow {
    policy_version: i64,
    id: String,
    measure: String,
    department_id: Option<String>,
    scenario_id: Option<String>,
    area_id: Option<String>,
    risk: Option<String>,
    at_least: i64,
    shortfall_cost: i64,
}

impl TryFrom<TargetRow> for Target {
    type Error = StoreError;
    fn try_from(row: TargetRow) -> Result<Self> {
        let TargetRow {
            policy_version: _,
            id,
            measure,
            department_id,
            scenario_id,
            area_id,
            risk,
            at_least,
            shortfall_cost,
        } = row;
        let damaged = |what: &str| StoreError::Damaged(format!("target {id}: {what}"));
        Ok(Target {
            measure: TargetMeasure::parse(&measure).ok_or_else(|| damaged(&measure))?,
            department: department_id,
            scenario: scenario_id,
            area: area_id,
            risk: match risk {
                None => None,
                Some(risk) => Some(Grade::parse(&risk).ok_or_else(|| damaged(&risk))?),
            },
            at_least: at_least as f64 / Share::ONE.0 as f64,
            shortfall_cost,
            id,
        })
    }
}

impl Tx<'_> {
    /// A policy of this version, or the newest.
    pub fn policy(&mut self, version: Option<i64>) -> Result<Option<PolicyRecord>> {
        let mut query = policies::table.order(policies::version.desc()).into_boxed();
        if let Some(version) = version {
            query = query.filter(policies::version.eq(version));
        }
        let row: Option<PolicyRow> = query.first(self.connection).optional()?;
        row.map(|row| self.with_targets(row)).transpose()
    }

    /// Policies before version `before`, newest first.
    pub fn policies(&mut self, before: i64, limit: i64) -> Result<Vec<PolicyRecord>> {
        let query = policies::table.filter(policies::version.lt(before));
        let query = query.order(policies::version.desc()).limit(limit);
        let rows: Vec<PolicyRow> = query.load(self.connection)?;
        rows.into_iter().map(|row| self.with_targets(row)).collect()
    }

    fn with_targets(&mut self, row: PolicyRow) -> Result<PolicyRecord> {
        let PolicyRow { version, document: text, note, created_at, created_by } = row;
        let mut policy: Policy = document("policy", version, &text)?;
        let query = targets::table.filter(targets::policy_version.eq(version));
        let rows: Vec<TargetRow> = query.order(targets::id).load(self.connection)?;
        policy.targets = rows.into_iter().map(TryInto::try_into).collect::<Result<_>>()?;
        let (note, created_at) = (said(&note), utc(created_at));
        Ok(PolicyRecord { version, note, created_at, created_by, policy })
    }

    /// Adds a version, which must be the newest's next: else somebody else was faster, and the
    /// answer is [`StoreError::Taken`]. The note is somebody's words, or a message as it is kept.
    pub fn add_policy(
        &mut self,
        version: i64,
        policy: &Policy,
        note: &str,
        created_by: &str,
        created_at: NaiveDateTime,
    ) -> Result<()> {
        let without_targets = Policy { targets: Vec::new(), ..policy.clone() };
        let row = PolicyRow {
            version,
            document: serde_json::to_string(&without_targets)?,
            note: note.into(),
            created_at,
            created_by: created_by.into(),
        };
        diesel::insert_into(policies::table).values(row).execute(self.connection)?;
        for target in &policy.targets {
            let row = TargetRow {
                policy_version: version,
                id: target.id.clone(),
                measure: target.measure.as_str().into(),
                department_id: target.department.clone(),
                scenario_id: target.scenario.clone(),
                area_id: target.area.clone(),
                risk: target.risk.map(|risk| risk.as_str().into()),
                at_least: target.share().0,
                shortfall_cost: target.shortfall_cost,
            };
            diesel::insert_into(targets::table).values(row).execute(self.connection)?;
        }
        Ok(())
    }
}
