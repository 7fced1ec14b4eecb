//! Annual plans and campaigns, and which requests rest on them or on a draw.

use crate::domain::words::Worded;
use crate::store::error::{Result, StoreError};
use crate::store::schema::inspection_plans;
use crate::store::tx::Tx;
use crate::store::{Bounds, Versioned, document, new_id, utc, word};
use crate::wire::law::campaign::{
    InspectionPlan, InspectionPlanKind, InspectionPlanState, NewApproval, NewInspectionPlan,
};
use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

/// Which plans to list; all that is given must match.
#[derive(Clone, Debug, Default)]
pub struct InspectionPlanFilter {
    /// Of this department.
    pub department: Option<String>,
    /// Of this kind.
    pub kind: Option<InspectionPlanKind>,
    /// Of this year.
    pub year: Option<i64>,
    /// In this state.
    pub state: Option<InspectionPlanState>,
}

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = inspection_plans, treat_none_as_null = true)]
struct InspectionPlanRow {
    id: String,
    department_id: String,
    area_id: Option<String>,
    kind: String,
    year: i64,
    state: String,
    plan: String,
    drafted_at: NaiveDateTime,
    drafted_by: String,
    approval: Option<String>,
    filed_on: Option<NaiveDate>,
    published_on: Option<NaiveDate>,
    closed_because: Option<String>,
    version: i64,
}

impl TryFrom<InspectionPlanRow> for Versioned<InspectionPlan> {
    type Error = StoreError;
    fn try_from(row: InspectionPlanRow) -> Result<Self> {
        let value = InspectionPlan {
            plan: document("inspection plan", &row.id, &row.plan)?,
            state: word(&row.state)?,
            drafted_at: utc(row.drafted_at),
            drafted_by: row.drafted_by,
            approval: row
                .approval
                .map(|text| document("inspection plan", &row.id, &text))
                .transpose()?,
            filed_on: row.filed_on,
            // set by the use case, which knows the day
            is_late: false,
            published_on: row.published_on,
            closed_because: row.closed_because,
            used: None,
            id: row.id,
        };
        Ok(Versioned { version: row.version, value })
    }
}

fn row(plan: &InspectionPlan, version: i64) -> Result<InspectionPlanRow> {
    let InspectionPlan {
        id,
        plan,
        state,
        drafted_at,
        drafted_by,
        approval,
        filed_on,
        is_late: _,
        published_on,
        closed_because,
        used: _,
    } = plan.clone();
    let NewInspectionPlan { kind, department, year, area, .. } = plan.clone();
    let approval = approval.map(|approval: NewApproval| serde_json::to_string(&approval));
    Ok(InspectionPlanRow {
        id,
        department_id: department,
        area_id: area,
        kind: kind.as_str().into(),
        year,
        state: state.as_str().into(),
        plan: serde_json::to_string(&plan)?,
        drafted_at: drafted_at.naive_utc(),
        drafted_by,
        approval: approval.transpose()?,
        filed_on,
        published_on,
        closed_because,
        version,
    })
}

impl Tx<'_> {
    /// Keeps a draft. `by` is the caller's name. Answers with its id.
    pub fn add_inspection_plan(
        &mut self,
        plan: &NewInspectionPlan,
        by: &str,
        at: NaiveDateTime,
    ) -> Result<String> {
        let id = new_id();
        let plan = InspectionPlan {
            id: id.clone(),
            plan: plan.clone(),
            state: InspectionPlanState::Draft,
            drafted_at: utc(at),
            drafted_by: by.into(),
            approval: None,
            filed_on: None,
            is_late: false,
            published_on: None,
            closed_because: None,
            used: None,
        };
        diesel::insert_into(inspection_plans::table)
            .values(row(&plan, 1)?)
            .execute(self.connection)?;
        Ok(id)
    }

    /// Puts a plan in place of its version `version`; `false` when it is of another by now.
    pub fn replace_inspection_plan(&mut self, plan: &InspectionPlan, version: i64) -> Result<bool> {
        let target = inspection_plans::table
            .filter(inspection_plans::id.eq(&plan.id))
            .filter(inspection_plans::version.eq(version));
        let set = row(plan, version + 1)?;
        Ok(diesel::update(target).set(set).execute(self.connection)? > 0)
    }

    /// A plan.
    pub fn inspection_plan(&mut self, id: &str) -> Result<Option<Versioned<InspectionPlan>>> {
        let row: Option<InspectionPlanRow> =
            inspection_plans::table.find(id).get_result(self.connection).optional()?;
        row.map(TryInto::try_into).transpose()
    }

    /// Plans after `cursor`, in the order they were drawn up.
    pub fn inspection_plans(
        &mut self,
        filter: &InspectionPlanFilter,
        bounds: &Bounds,
        cursor: &str,
        limit: i64,
    ) -> Result<Vec<InspectionPlan>> {
        let mut query =
            inspection_plans::table.filter(inspection_plans::id.gt(cursor)).into_boxed();
        if let Some(department) = &filter.department {
            query = query.filter(inspection_plans::department_id.eq(department));
        }
        if let Some(kind) = filter.kind {
            query = query.filter(inspection_plans::kind.eq(kind.as_str()));
        }
        if let Some(year) = filter.year {
            query = query.filter(inspection_plans::year.eq(year));
        }
        if let Some(state) = filter.state {
            query = query.filter(inspection_plans::state.eq(state.as_str()));
        }
        if let Some(departments) = &bounds.departments {
            query = query.filter(inspection_plans::department_id.eq_any(departments));
        }
        // a plan in no area concerns them all
        if let Some(areas) = &bounds.areas {
            query = query.filter(inspection_plans::area_id.eq_any(areas));
        }
        let query = query.order(inspection_plans::id).limit(limit);
        let rows: Vec<InspectionPlanRow> = query.load(self.connection)?;
        let plans = rows.into_iter().map(|row| Ok(Versioned::try_from(row)?.value));
        plans.collect()
    }
}
