//! How often an enterprise is visited in a calendar year, and how often that may be.

use serde::Serialize;
use utoipa::ToSchema;

/// Visits of a calendar year: held, and on the schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct VisitCount {
    /// Those that count towards caps.
    pub counted: i64,
    /// Those, and the exempt ones.
    pub with_exempt: i64,
    /// Most counted ones that the rule pack in force allows; absent: no cap.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_most: Option<i64>,
}

/// Visits of a department.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DepartmentCount {
    /// Id of the department.
    pub department: String,
    /// How often.
    #[serde(flatten)]
    pub visits: VisitCount,
}

/// Both counters of an enterprise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Counters {
    /// Unified social credit code of the enterprise.
    pub enterprise: String,
    /// The calendar year.
    pub year: i32,
    /// Id and version of the rule pack.
    pub pack: String,
    /// By department (R06).
    pub departments: Vec<DepartmentCount>,
    /// Of all departments together (R20).
    pub all: VisitCount,
}
