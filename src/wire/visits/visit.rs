//! Visits as teams see them.

use crate::domain::visits::VisitState;
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

/// A visit as teams see it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct VisitRecord {
    /// Id: the same over all plans, from the day it is first published.
    pub id: String,
    /// Id of the plan that it follows.
    pub plan: String,
    /// `drafted` in a plan, `scheduled`, or `withdrawn` when a later plan has no visit that is this one.
    pub state: VisitState,
    /// Counts changes of its day, company, requests and scenario, from 1; a draft has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<i64>,
    /// Of a draft that was published: id of the visit that it became.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visit: Option<String>,
    /// Of a withdrawn one, where it is asked for by its id: ids of the visits that hold now what it was for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub replaced_by: Vec<String>,
    /// The day.
    pub day: NaiveDate,
    /// Unified social credit code of the enterprise.
    pub enterprise: String,
    /// Its name.
    pub enterprise_name: crate::wire::register::Name,
    /// Id of its area.
    pub area: String,
    /// Id of the scenario under which departments go together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    /// Who comes.
    pub attendances: Vec<Attendance>,
    /// What for.
    pub requests: Vec<VisitRequest>,
}

/// A department's presence at a visit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Attendance {
    /// Id of the department.
    pub department: String,
    /// People it sends.
    pub inspectors: i64,
    /// Minutes it needs on site.
    pub minutes: i64,
}

/// A request within a visit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct VisitRequest {
    /// Id of the request.
    pub id: String,
    /// The department's own number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Id of the department.
    pub department: String,
    /// Id of the item.
    pub item: String,
    /// The item's legal name.
    pub item_name: crate::wire::register::Name,
    /// Minutes on site.
    pub minutes: i64,
    /// Its department has taken it back since the plan was published.
    pub is_withdrawn: bool,
}
