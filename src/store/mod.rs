//! What we remember: SQLite (embedded, the default) or PostgreSQL, through one store.
//!
//! [`Store::read`] and [`Store::write`] are the only ways in; what happens between them is a method
//! of [`Tx`], in the folder of its subject. Only `connection.rs`, `database.rs`, `tx.rs`, `writer.rs`,
//! `migrate.rs` and `probe.rs` know which database it is. No file outside this folder names diesel.

mod access;
mod address;
pub mod backup;
mod connection;
mod database;
mod error;
mod law;
mod migrate;
mod planning;
mod private;
mod probe;
mod register;
mod requests;
pub mod restore;
mod schema;
mod stamps;
mod tx;
mod visits;
mod workplace;
mod writer;

pub use self::access::audit::{EventFilter, Since};
pub use self::access::sessions::{Failures, Refreshed, SigningKey};
pub use self::law::campaigns::InspectionPlanFilter;
pub use self::law::draws::{DrawFilter, NewDraw, Secret};
pub use self::law::rule_packs::RulePackRow;
pub use self::planning::plans::{NewPlan, NewVisit};
pub use self::planning::runs::{Lease, NewProblem, ProblemRecord, RunLimits};
pub use self::register::records::{Demand, Sparing};
pub use self::requests::answers::{Answered, KeptAnswer};
pub use self::requests::imports::Import;
pub use self::requests::off_site::OffSiteCounts;
pub use self::visits::schedule::VisitFilter;
pub use address::Address;
pub use connection::StoreOptions;
pub use database::Store;
pub use error::{Result, StoreError};
pub use register::EnterpriseFilter;
pub use requests::{PlaceOfRequest, RequestFilter, ScheduledVisit, VisitPart};
pub use stamps::Stamp;
pub use tx::{Clock, LastEvent, NewEvent, Tx};

use crate::domain::Defect;
use crate::domain::words::Worded;
use crate::wire::json::{Read, from_json};
use chrono::{DateTime, NaiveDateTime, Utc};
use std::fmt::Display;

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

/// The value with this word. The database's own checks let no others through.
fn word<T: Worded>(word: &str) -> Result<T> {
    T::parse(word).ok_or_else(|| StoreError::Damaged(format!("unknown value {word}")))
}

/// A document that is kept as JSON; `what` and `id` say which, where it is damaged.
fn document<T: Read>(what: &str, id: impl Display, text: &str) -> Result<T> {
    let damaged =
        |defects: Vec<Defect>| StoreError::Damaged(format!("{what} {id}: {}", defects[0]));
    from_json(text.as_bytes()).map_err(damaged)
}

fn utc(instant: NaiveDateTime) -> DateTime<Utc> {
    instant.and_utc()
}

/// A new id: UUIDv7, so that ids sort by the time they were given, within one process strictly.
pub fn new_id() -> String {
    uuid::Uuid::now_v7().to_string()
}
