//! What we remember: SQLite (embedded, the default) or PostgreSQL, through one store.
//!
//! [`Store::read`] and [`Store::write`] are the only ways in; what happens between them is a method
//! of [`Tx`], grouped by subject in the files here. Only `connection.rs`, `migrate.rs` and
//! `probe.rs` know which database it is. No file outside this folder names diesel.

mod address;
mod answers;
pub mod backup;
mod campaigns;
mod connection;
mod draws;
mod error;
mod imports;
mod migrate;
mod off_site;
mod plans;
mod policies;
mod private;
mod probe;
mod record;
mod records;
mod register;
mod requests;
mod restore;
mod rule_packs;
mod runs;
mod schema;
mod sessions;
mod stamps;
mod users;
mod workplace;
mod writer;

pub use address::Address;
pub use answers::KeptAnswer;
pub use campaigns::InspectionPlanFilter;
pub use connection::{Clock, Store, StoreOptions, Tx};
pub use draws::{DrawFilter, NewDraw, Secret};
pub use error::{Result, StoreError};
pub use imports::Import;
pub use off_site::OffSiteCounts;
pub use plans::{NewPlan, NewVisit, VisitFilter};
pub use record::{EventFilter, LastEvent, NewEvent, Since};
pub use records::{Demand, Sparing};
pub use register::EnterpriseFilter;
pub use requests::{PlaceOfRequest, RequestFilter, Standing, VisitPart};
pub use rule_packs::RulePackRow;
pub use runs::{Lease, NewProblem, ProblemRecord, RunLimits};
pub use sessions::{Failures, Refreshed, SigningKey};
pub use stamps::Stamp;

use chrono::{DateTime, NaiveDateTime, Utc};

/// A value with the version that an update must name.
#[derive(Clone, Debug, PartialEq)]
pub struct Versioned<T> {
    /// Counted from 1.
    pub version: i64,
    /// The value.
    pub value: T,
}

/// Whose requests and visits are meant: those within all that is given. The default is everybody's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    /// Of one of these departments; of a visit, one of them takes part.
    pub departments: Option<Vec<String>>,
    /// At an enterprise in one of these areas.
    pub areas: Option<Vec<String>>,
    /// With this user in the team.
    pub person: Option<String>,
}

fn utc(instant: NaiveDateTime) -> DateTime<Utc> {
    instant.and_utc()
}

/// A new id: UUIDv7, so that ids sort by the time they were given, within one process strictly.
pub fn new_id() -> String {
    uuid::Uuid::now_v7().to_string()
}
