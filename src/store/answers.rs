//! Answers kept for calls that come a second time under the same key.

use super::connection::Tx;
use super::error::Result;
use super::schema::kept_answers;
use chrono::NaiveDateTime;
use diesel::prelude::*;

/// What stands under a key.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct KeptAnswer {
    /// Of route and body.
    pub fingerprint: String,
    /// HTTP status; absent while the first call runs.
    pub status: Option<i64>,
    /// Body of the answer.
    pub body: Option<String>,
    /// When the first call came.
    pub made_at: NaiveDateTime,
}

impl Tx<'_> {
    /// What stands under a user's key.
    pub fn kept_answer(&mut self, user: &str, key: &str) -> Result<Option<KeptAnswer>> {
        let query = kept_answers::table.find((user, key)).select((
            kept_answers::fingerprint,
            kept_answers::status,
            kept_answers::body,
            kept_answers::made_at,
        ));
        Ok(query.first(self.connection).optional()?)
    }

    /// Notes that a call under a key runs.
    pub fn begin_answer(
        &mut self,
        (user, key): (&str, &str),
        fingerprint: &str,
        at: NaiveDateTime,
    ) -> Result<()> {
        let row = (
            kept_answers::user_id.eq(user.to_owned()),
            kept_answers::key.eq(key.to_owned()),
            kept_answers::fingerprint.eq(fingerprint.to_owned()),
            kept_answers::made_at.eq(at),
        );
        diesel::insert_into(kept_answers::table).values(row).execute(self.connection)?;
        Ok(())
    }

    /// Keeps the answer of a call that ran.
    pub fn keep_answer(
        &mut self,
        (user, key): (&str, &str),
        status: i64,
        body: &str,
    ) -> Result<()> {
        let set = (kept_answers::status.eq(status), kept_answers::body.eq(body));
        diesel::update(kept_answers::table.find((user, key))).set(set).execute(self.connection)?;
        Ok(())
    }

    /// Forgets a key.
    pub fn forget_answer(&mut self, user: &str, key: &str) -> Result<()> {
        diesel::delete(kept_answers::table.find((user, key))).execute(self.connection)?;
        Ok(())
    }

    /// Forgets answers from before `old`.
    pub fn sweep_answers(&mut self, old: NaiveDateTime) -> Result<()> {
        let over = kept_answers::table.filter(kept_answers::made_at.lt(old));
        diesel::delete(over).execute(self.connection)?;
        Ok(())
    }
}
