//! Rule packs: which holds from when on.

use crate::store::error::Result;
use crate::store::schema::rule_packs;
use crate::store::tx::Tx;
use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

/// A rule pack that was put into force.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = rule_packs)]
pub struct RulePackRow {
    /// Number, from 1; of two for one day the later holds.
    pub number: i64,
    /// Its id.
    pub pack: String,
    /// Its document; absent: it is a shipped one.
    pub document: Option<String>,
    /// It holds from this day on.
    pub first_day: NaiveDate,
    /// Why.
    pub note: String,
    /// When it was put into force.
    pub made_at: NaiveDateTime,
    /// By whom.
    pub made_by: String,
    /// A JSON list of the documents that it is made of, its own first; absent: an earlier version put it
    /// into force.
    pub pinned: Option<String>,
}

impl Tx<'_> {
    /// Every pack that was put into force, the oldest first.
    pub fn rule_packs(&mut self) -> Result<Vec<RulePackRow>> {
        Ok(rule_packs::table.order(rule_packs::number).load(self.connection)?)
    }

    /// Those of which it is not kept what they are made of, the oldest first.
    pub fn unpinned_rule_packs(&mut self) -> Result<Vec<RulePackRow>> {
        let query = rule_packs::table.filter(rule_packs::pinned.is_null());
        Ok(query.order(rule_packs::number).load(self.connection)?)
    }

    /// The pack in force on a day.
    pub fn rule_pack_on(&mut self, day: NaiveDate) -> Result<Option<RulePackRow>> {
        let query = rule_packs::table
            .filter(rule_packs::first_day.le(day))
            .order((rule_packs::first_day.desc(), rule_packs::number.desc()));
        Ok(query.first(self.connection).optional()?)
    }

    /// Puts a pack into force.
    pub fn add_rule_pack(&mut self, row: &RulePackRow) -> Result<()> {
        diesel::insert_into(rule_packs::table).values(row).execute(self.connection)?;
        Ok(())
    }

    /// Pins what a pack is made of, unless it is pinned.
    pub fn pin_rule_pack(&mut self, number: i64, pinned: &str) -> Result<()> {
        let unpinned = rule_packs::table.find(number).filter(rule_packs::pinned.is_null());
        diesel::update(unpinned).set(rule_packs::pinned.eq(pinned)).execute(self.connection)?;
        Ok(())
    }
}
