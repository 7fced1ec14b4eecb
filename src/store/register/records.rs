//! Everything in the register alike, for files and lists: pages, look-ups by key, additions and
//! replacements of any kind; and what planning asks of several kinds at once.

use super::enterprise_rows::{ClosureRow, EnterpriseRow, GradeRow, ListingRow, QuietRow};
use super::place_rows::{AreaRow, BodyRow, DepartmentRow};
use super::power_rows::{AuthorityRow, CheckRow, ItemRow};
use super::staff_rows::{AbsenceRow, InspectorRow, RecusalRow};
use crate::domain::words::Worded;
use crate::store::connection::{BATCH, insert_all, load_of};
use crate::store::error::{Result, StoreError};
use crate::store::schema::{
    absences, areas, authorities, bodies, checks, closures, departments, enterprises, grades,
    inspectors, items, listings, pools, quiet_periods, recusals, requests,
};
use crate::store::tx::Tx;
use crate::store::{Versioned, word};
use crate::wire::register::{
    Authority, Body, Check, Closure, Grade, Inspector, Kind, Listing, Pool, QuietPeriod, Record,
    Registered,
};
use chrono::NaiveDate;
use diesel::dsl::exists;
use diesel::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Quiet periods with a day in a span, from the first day to the last.
macro_rules! quiet_within {
    ($days:expr) => {
        quiet_periods::table
            .filter(quiet_periods::first_day.le($days.1))
            .filter(quiet_periods::last_day.ge($days.0))
    };
}

/// Closures with a day in a span.
macro_rules! closed_within {
    ($days:expr) => {
        closures::table
            .filter(closures::first_day.le($days.1))
            .filter(closures::last_day.ge($days.0))
    };
}

/// Listings with a day in a span.
macro_rules! listed_within {
    ($days:expr) => {
        listings::table
            .filter(listings::first_day.le($days.1))
            .filter(listings::last_day.is_null().or(listings::last_day.ge($days.0)))
    };
}

fn pool_record(pool: Versioned<Pool>) -> Versioned<Record> {
    Versioned { version: pool.version, value: Record::Pools(pool.value) }
}

/// The record of a row.
fn record_of<T>(
    row: impl TryInto<Versioned<T>, Error = StoreError>,
    of: fn(T) -> Record,
) -> Result<Versioned<Record>> {
    let Versioned { version, value } = row.try_into()?;
    Ok(Versioned { version, value: of(value) })
}

fn other_kind(record: &Record) -> StoreError {
    StoreError::Other(format!("a record of another kind: {}", record.kind().as_str()))
}

/// What [`Tx`] does with any kind; pools, which have rows of days beside them, apart. Tables are types of
/// their own, so that no function serves two of them.
macro_rules! kinds {
    ($($variant:ident: $table:ident, $row:ident;)*) => {
        impl Tx<'_> {
            /// Records of a kind after `cursor`, by key.
            pub fn records(
                &mut self,
                kind: Kind,
                cursor: &str,
                limit: i64,
            ) -> Result<Vec<Versioned<Record>>> {
                match kind {
                    $(Kind::$variant => {
                        let query = $table::table.filter($table::id.gt(cursor));
                        let query = query.order($table::id).limit(limit);
                        let rows: Vec<$row> = query.load(self.connection)?;
                        rows.into_iter().map(|row| record_of(row, Record::$variant)).collect()
                    })*
                    Kind::Pools => {
                        let pools = self.pools(None, cursor, limit)?;
                        Ok(pools.into_iter().map(pool_record).collect())
                    }
                }
            }

            /// Those of the records of a kind that are kept under these keys.
            pub fn records_of(
                &mut self,
                kind: Kind,
                keys: &[&str],
            ) -> Result<BTreeMap<String, Versioned<Record>>> {
                let mut found = BTreeMap::new();
                match kind {
                    $(Kind::$variant => for batch in keys.chunks(BATCH) {
                        let query = $table::table.filter($table::id.eq_any(batch));
                        let rows: Vec<$row> = query.load(self.connection)?;
                        for row in rows {
                            found.insert(row.id.clone(), record_of(row, Record::$variant)?);
                        }
                    })*
                    Kind::Pools => for key in keys {
                        if let Some(pool) = self.pool(key)? {
                            found.insert((*key).to_owned(), pool_record(pool));
                        }
                    }
                }
                Ok(found)
            }

            /// Those of these keys under which records of a kind are kept.
            pub fn known_keys(&mut self, kind: Kind, keys: &[&str]) -> Result<BTreeSet<String>> {
                let mut found = BTreeSet::new();
                for batch in keys.chunks(BATCH) {
                    let keys: Vec<String> = match kind {
                        $(Kind::$variant => {
                            let query = $table::table.filter($table::id.eq_any(batch));
                            query.select($table::id).load(self.connection)?
                        })*
                        Kind::Pools => {
                            let query = pools::table.filter(pools::id.eq_any(batch));
                            query.select(pools::id).load(self.connection)?
                        }
                    };
                    found.extend(keys);
                }
                Ok(found)
            }

            /// Adds records, all of one kind.
            pub fn add_records(&mut self, kind: Kind, records: &[&Record]) -> Result<()> {
                match kind {
                    $(Kind::$variant => {
                        let row = |record: &&Record| match record {
                            Record::$variant(value) => Ok($row::from(value)),
                            other => Err(other_kind(other)),
                        };
                        for batch in records.chunks(BATCH) {
                            let rows: Vec<$row> = batch.iter().map(row).collect::<Result<_>>()?;
                            insert_all!(self.connection, $table::table, rows);
                        }
                    })*
                    Kind::Pools => for record in records {
                        if let Record::Pools(pool) = record {
                            self.add_pool(pool)?;
                        }
                    }
                }
                Ok(())
            }

            /// Replaces a record of version `version`; `false` when it is of another by now.
            pub fn replace_record(&mut self, record: &Record, version: i64) -> Result<bool> {
                let changed = match record {
                    $(Record::$variant(value) => {
                        let mut row = $row::from(value);
                        row.version = version + 1;
                        let target = $table::table.filter($table::id.eq(row.id.clone()));
                        let target = target.filter($table::version.eq(version));
                        diesel::update(target).set(row).execute(self.connection)?
                    })*
                    Record::Pools(pool) => usize::from(self.replace_pool(pool, version)?),
                };
                Ok(changed > 0)
            }
        }
    };
}

kinds! {
    Areas: areas, AreaRow;
    Departments: departments, DepartmentRow;
    Bodies: bodies, BodyRow;
    Inspectors: inspectors, InspectorRow;
    Absences: absences, AbsenceRow;
    Enterprises: enterprises, EnterpriseRow;
    Recusals: recusals, RecusalRow;
    Grades: grades, GradeRow;
    Listings: listings, ListingRow;
    QuietPeriods: quiet_periods, QuietRow;
    Closures: closures, ClosureRow;
    Items: items, ItemRow;
    Checks: checks, CheckRow;
    Authorities: authorities, AuthorityRow;
}

/// Dated risk and credit grade.
pub type GradeHistory = Vec<(NaiveDate, (Grade, Grade))>;

/// What spares some enterprises on some days.
#[derive(Default)]
pub struct Sparing {
    /// Quiet periods of these enterprises.
    pub quiet: Vec<QuietPeriod>,
    /// Days on which they are closed.
    pub closures: Vec<Closure>,
    /// Entries of lists.
    pub listings: Vec<Listing>,
}

/// An inspection that is asked for, as far as demand goes.
#[derive(Clone, Debug)]
pub struct Demand {
    /// The item.
    pub item: String,
    /// The enterprise's area.
    pub area: String,
    /// The enterprise's risk.
    pub risk: Grade,
    /// Person-minutes on site.
    pub minutes: i64,
}

fn values<T, R: TryInto<Versioned<T>, Error = StoreError>>(rows: Vec<R>) -> Result<Vec<T>> {
    rows.into_iter().map(|row| Ok(row.try_into()?.value)).collect()
}

impl Tx<'_> {
    /// Everything of a kind, by key.
    pub fn every<T: Registered>(&mut self) -> Result<Vec<T>> {
        let records = self.records(T::KIND, "", i64::MAX)?;
        Ok(records.into_iter().filter_map(|row| T::of(row.value)).collect())
    }

    /// Grades with their days, by enterprise.
    pub fn grade_histories(&mut self, ids: &[String]) -> Result<BTreeMap<String, GradeHistory>> {
        let mut found: BTreeMap<String, GradeHistory> = BTreeMap::new();
        for batch in ids.chunks(BATCH) {
            let query = grades::table.filter(grades::enterprise_id.eq_any(batch));
            let rows: Vec<GradeRow> = query.load(self.connection)?;
            for row in rows {
                let grades = (word(&row.risk)?, word(&row.credit_grade)?);
                found.entry(row.enterprise_id).or_default().push((row.from_day, grades));
            }
        }
        Ok(found)
    }

    /// Whether anything spares an enterprise itself on days from `start` to `end`, or an inspector is
    /// recused from it: most often not, and one question is answered sooner than four.
    pub fn is_special(&mut self, enterprise: &str, days: (NaiveDate, NaiveDate)) -> Result<bool> {
        let quiet = quiet_within!(days).filter(quiet_periods::enterprise_id.eq(enterprise));
        let closed = closed_within!(days).filter(closures::enterprise_id.eq(enterprise));
        let listed = listed_within!(days).filter(listings::enterprise_id.eq(enterprise));
        let recused = recusals::table.filter(recusals::enterprise_id.eq(enterprise));
        let any = exists(quiet).or(exists(closed)).or(exists(listed)).or(exists(recused));
        Ok(diesel::select(any).get_result(self.connection)?)
    }

    /// What spares these enterprises themselves on days from `start` to `end`.
    pub fn sparing(&mut self, ids: &[String], days: (NaiveDate, NaiveDate)) -> Result<Sparing> {
        let mut found = Sparing::default();
        for batch in ids.chunks(BATCH) {
            let (quiet, closed) = (quiet_within!(days), closed_within!(days));
            let rows: Vec<QuietRow> =
                load_of!(self.connection, quiet, quiet_periods::enterprise_id, batch);
            found.quiet.extend(values(rows)?);
            let rows: Vec<ClosureRow> =
                load_of!(self.connection, closed, closures::enterprise_id, batch);
            found.closures.extend(values(rows)?);
            let rows: Vec<ListingRow> =
                load_of!(self.connection, listed_within!(days), listings::enterprise_id, batch);
            found.listings.extend(values(rows)?);
        }
        Ok(found)
    }

    /// Quiet periods of areas with a day from `start` to `end`.
    pub fn quiet_of_areas(&mut self, days: (NaiveDate, NaiveDate)) -> Result<Vec<QuietPeriod>> {
        let of_areas = quiet_within!(days).filter(quiet_periods::area_id.is_not_null());
        let rows: Vec<QuietRow> = of_areas.load(self.connection)?;
        values(rows)
    }

    /// The bodies of a department.
    pub fn bodies_of(&mut self, department: &str) -> Result<Vec<Body>> {
        let query = bodies::table.filter(bodies::department_id.eq(department)).order(bodies::id);
        let rows: Vec<BodyRow> = query.load(self.connection)?;
        values(rows)
    }

    /// Entries of the authority matrix for an item.
    pub fn authorities_of(&mut self, item: &str) -> Result<Vec<Authority>> {
        let query = authorities::table.filter(authorities::item_id.eq(item)).order(authorities::id);
        let rows: Vec<AuthorityRow> = query.load(self.connection)?;
        values(rows)
    }

    /// Inspectors whom a pool counts.
    pub fn inspectors_of_pool(&mut self, pool: &str) -> Result<Vec<Inspector>> {
        let query = inspectors::table.filter(inspectors::pool_id.eq(pool)).order(inspectors::id);
        let rows: Vec<InspectorRow> = query.load(self.connection)?;
        values(rows)
    }

    /// Enterprises, each with the id of an inspector who is recused from it.
    pub fn recused_from(&mut self, enterprises: &[String]) -> Result<Vec<(String, String)>> {
        let mut found = Vec::new();
        for batch in enterprises.chunks(BATCH) {
            let query = recusals::table.select((recusals::enterprise_id, recusals::inspector_id));
            let rows: Vec<(String, String)> =
                load_of!(self.connection, query, recusals::enterprise_id, batch);
            found.extend(rows);
        }
        Ok(found)
    }

    /// Standard checks of items, by item and number.
    pub fn checks_of(&mut self, items: &[String]) -> Result<Vec<Check>> {
        let query = checks::table.filter(checks::item_id.eq_any(items));
        let rows: Vec<CheckRow> =
            query.order((checks::item_id, checks::number)).load(self.connection)?;
        values(rows)
    }

    /// Accepted requests whose window begins on a day from `start` to `end`.
    pub fn demand(&mut self, start: NaiveDate, end: NaiveDate) -> Result<Vec<Demand>> {
        let query = requests::table
            .inner_join(enterprises::table)
            .filter(requests::state.eq("accepted"))
            .filter(requests::earliest.ge(start))
            .filter(requests::earliest.le(end))
            .select((
                requests::item_id,
                enterprises::area_id,
                enterprises::risk,
                requests::minutes,
                requests::inspectors,
            ));
        let rows: Vec<(String, String, String, i64, i64)> = query.load(self.connection)?;
        let one = |(item, area, risk, minutes, inspectors): (_, _, String, i64, i64)| {
            Ok(Demand { item, area, risk: word(&risk)?, minutes: minutes * inspectors })
        };
        rows.into_iter().map(one).collect()
    }
}
