//! Stamps: what is made once from many rows is good as long as their stamp is the same. Triggers of the
//! database change it, whoever changes the rows.

use super::error::Result;
use super::schema::stamps;
use super::tx::Tx;
use diesel::prelude::*;

/// What a stamp is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stamp {
    /// Who calls, and what the caller may do.
    Access,
    /// The visits of the schedule with all that is shown of them; not who is in their teams.
    Schedule,
}

impl Tx<'_> {
    /// The stamp as this transaction sees the rows. Random: one that has changed never comes back with
    /// other rows.
    pub fn stamp(&mut self, of: Stamp) -> Result<String> {
        let name = match of {
            Stamp::Access => "access",
            Stamp::Schedule => "schedule",
        };
        Ok(stamps::table.find(name).select(stamps::stamp).get_result(self.connection)?)
    }
}
