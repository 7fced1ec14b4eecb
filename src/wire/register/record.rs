//! Every kind of thing in the register, for what treats them alike: files, lists, look-ups.

use super::{
    Absence, Area, Authority, Body, Check, Closure, Department, Enterprise, GradeEntry, Inspector,
    Item, Listing, Pool, QuietPeriod, Recusal,
};
use crate::domain::Defect;
use crate::domain::words::Worded;
use crate::wire::json::{Node, element};
use serde::Serialize;
use strum::{EnumString, IntoStaticStr, VariantArray, VariantNames};
use utoipa::openapi::schema::AnyOfBuilder;
use utoipa::openapi::{Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// A kind of thing in the register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ToSchema)]
#[derive(EnumString, IntoStaticStr, VariantArray, VariantNames)]
#[schema(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Kind {
    /// Areas.
    Areas,
    /// Departments.
    Departments,
    /// Bodies that inspect or convene.
    Bodies,
    /// Pools of inspectors' time.
    Pools,
    /// Inspectors.
    Inspectors,
    /// Absences of inspectors.
    Absences,
    /// Enterprises.
    Enterprises,
    /// Recusals of inspectors.
    Recusals,
    /// Dated risk and credit grades.
    Grades,
    /// Entries of lists of who is spared.
    Listings,
    /// Quiet periods.
    QuietPeriods,
    /// Days on which enterprises are closed.
    Closures,
    /// Items.
    Items,
    /// Standard checks of items.
    Checks,
    /// Entries of the authority matrix.
    Authorities,
}

impl Worded for Kind {}

/// A type of thing in the register.
pub trait Registered: Sized {
    /// Its kind.
    const KIND: Kind;
    /// The thing, when the record is of its kind.
    fn of(record: Record) -> Option<Self>;
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident($type:ty),)*) => {
        /// One thing in the register.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize)]
        #[serde(untagged)]
        pub enum Record { $($(#[$doc])* $variant($type),)* }

        $(impl Registered for $type {
            const KIND: Kind = Kind::$variant;
            fn of(record: Record) -> Option<Self> {
                if let Record::$variant(one) = record { Some(one) } else { None }
            }
        })*

        // not "one of": what has few required fields is like several kinds
        impl PartialSchema for Record {
            fn schema() -> RefOr<Schema> {
                let any = AnyOfBuilder::new();
                $(let any = any.item(Ref::from_schema_name(<$type as ToSchema>::name()));)*
                any.into()
            }
        }

        impl ToSchema for Record {
            fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
                $(
                    let name = <$type as ToSchema>::name().into_owned();
                    schemas.push((name, <$type as PartialSchema>::schema()));
                    <$type as ToSchema>::schemas(schemas);
                )*
            }
        }

        impl Kind {
            /// Reads one as JSON has it.
            pub fn read(self, node: Node, defects: &mut Vec<Defect>) -> Option<Record> {
                match self {
                    $(Kind::$variant => element(node, String::new(), defects).map(Record::$variant),)*
                }
            }
        }

        impl Record {
            /// Its kind.
            pub fn kind(&self) -> Kind {
                match self { $(Record::$variant(_) => Kind::$variant,)* }
            }
        }
    };
}

kinds! {
    /// Areas.
    Areas(Area),
    /// Departments.
    Departments(Department),
    /// Bodies that inspect or convene.
    Bodies(Body),
    /// Pools of inspectors' time.
    Pools(Pool),
    /// Inspectors.
    Inspectors(Inspector),
    /// Absences of inspectors.
    Absences(Absence),
    /// Enterprises.
    Enterprises(Enterprise),
    /// Recusals of inspectors.
    Recusals(Recusal),
    /// Dated risk and credit grades.
    Grades(GradeEntry),
    /// Entries of lists of who is spared.
    Listings(Listing),
    /// Quiet periods.
    QuietPeriods(QuietPeriod),
    /// Days on which enterprises are closed.
    Closures(Closure),
    /// Items.
    Items(Item),
    /// Standard checks of items.
    Checks(Check),
    /// Entries of the authority matrix.
    Authorities(Authority),
}

/// Something that a record names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference<'r> {
    /// Of what kind.
    pub kind: Kind,
    /// Its id.
    pub id: &'r str,
    /// The field that names it, as a JSON pointer.
    pub pointer: &'static str,
}

impl Record {
    /// What it is known by: its id, or what it is about, joined. Rows of a file with the same key are
    /// the same thing.
    pub fn key(&self) -> String {
        match self {
            Record::Areas(Area { id, .. })
            | Record::Departments(Department { id, .. })
            | Record::Bodies(Body { id, .. })
            | Record::Pools(Pool { id, .. })
            | Record::Inspectors(Inspector { id, .. })
            | Record::Enterprises(Enterprise { id, .. })
            | Record::QuietPeriods(QuietPeriod { id, .. })
            | Record::Items(Item { id, .. })
            | Record::Authorities(Authority { id, .. }) => id.clone(),
            Record::Absences(absence) => absence.key(),
            Record::Recusals(recusal) => recusal.key(),
            Record::Grades(grade) => grade.key(),
            Record::Listings(listing) => listing.key(),
            Record::Closures(closure) => closure.key(),
            Record::Checks(check) => check.key(),
        }
    }

    /// What it names of other records.
    pub fn references(&self) -> Vec<Reference<'_>> {
        let one = |kind, id, pointer| Reference { kind, id, pointer };
        match self {
            Record::Areas(Area { parent, .. }) => {
                parent.iter().map(|id| one(Kind::Areas, id, "/parent")).collect()
            }
            Record::Departments(Department { area, .. }) => {
                area.iter().map(|id| one(Kind::Areas, id, "/area")).collect()
            }
            Record::Bodies(body) => vec![
                one(Kind::Departments, &body.department, "/department"),
                one(Kind::Areas, &body.area, "/area"),
            ],
            Record::Pools(pool) => {
                let area = pool.area.iter().map(|id| one(Kind::Areas, id, "/area"));
                let department = one(Kind::Departments, &pool.department, "/department");
                area.chain([department]).collect()
            }
            Record::Inspectors(inspector) => {
                let pool = inspector.pool.iter().map(|id| one(Kind::Pools, id, "/pool"));
                pool.chain([one(Kind::Bodies, &inspector.body, "/body")]).collect()
            }
            Record::Absences(absence) => {
                vec![one(Kind::Inspectors, &absence.inspector, "/inspector")]
            }
            Record::Enterprises(enterprise) => vec![one(Kind::Areas, &enterprise.area, "/area")],
            Record::Recusals(recusal) => vec![
                one(Kind::Inspectors, &recusal.inspector, "/inspector"),
                one(Kind::Enterprises, &recusal.enterprise, "/enterprise"),
            ],
            Record::Grades(grade) => vec![one(Kind::Enterprises, &grade.enterprise, "/enterprise")],
            Record::Listings(listing) => {
                let department = &listing.department;
                let department =
                    department.iter().map(|id| one(Kind::Departments, id, "/department"));
                let enterprise = one(Kind::Enterprises, &listing.enterprise, "/enterprise");
                department.chain([enterprise]).collect()
            }
            Record::QuietPeriods(quiet) => {
                let enterprise =
                    quiet.enterprise.iter().map(|id| one(Kind::Enterprises, id, "/enterprise"));
                enterprise
                    .chain(quiet.area.iter().map(|id| one(Kind::Areas, id, "/area")))
                    .collect()
            }
            Record::Closures(closure) => {
                vec![one(Kind::Enterprises, &closure.enterprise, "/enterprise")]
            }
            Record::Items(item) => vec![one(Kind::Departments, &item.department, "/department")],
            Record::Checks(check) => vec![one(Kind::Items, &check.item, "/item")],
            Record::Authorities(entry) => {
                let delegator = entry.delegator.iter();
                delegator
                    .map(|id| one(Kind::Bodies, id, "/delegator"))
                    .chain([
                        one(Kind::Items, &entry.item, "/item"),
                        one(Kind::Bodies, &entry.body, "/body"),
                        one(Kind::Areas, &entry.area, "/area"),
                    ])
                    .collect()
            }
        }
    }
}
