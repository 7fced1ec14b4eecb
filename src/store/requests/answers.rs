//! Answers kept for calls that come a second time under the same key.

use crate::store::error::Result;
use crate::store::schema::{kept_answers, kept_steps};
use crate::store::tx::Tx;
use crate::wire::requests::filing::FilingOutcome;
use chrono::NaiveDateTime;
use diesel::prelude::*;

/// How a call was answered that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answered {
    /// With a request that was filed.
    Filed {
        /// `false` when it was filed before.
        is_new: bool,
        /// Body of the answer.
        body: String,
    },
    /// With what its steps did.
    InSteps,
}

impl Answered {
    /// As the columns have it: the status of the answer, and its body, which is empty where the steps
    /// have it.
    fn from_columns(status: i64, body: String) -> Self {
        if body.is_empty() {
            return Self::InSteps;
        }
        Self::Filed { is_new: status == i64::from(FilingOutcome::New.status()), body }
    }

    fn into_columns(self) -> (i64, String) {
        let (outcome, body) = match self {
            Self::Filed { is_new: true, body } => (FilingOutcome::New, body),
            Self::Filed { is_new: false, body } => (FilingOutcome::Known, body),
            Self::InSteps => (FilingOutcome::Known, String::new()),
        };
        (outcome.status().into(), body)
    }
}

/// What is kept under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAnswer {
    /// Of route and body.
    pub fingerprint: String,
    /// The answer; absent while the call is not over.
    pub answer: Option<Answered>,
    /// When the first call came.
    pub made_at: NaiveDateTime,
    /// Who goes on with it.
    pub holder: Option<String>,
    /// When it last did.
    pub held_at: NaiveDateTime,
}

type Row = (String, Option<i64>, Option<String>, NaiveDateTime, Option<String>, NaiveDateTime);

impl Tx<'_> {
    /// What is kept under a user's key.
    pub fn kept_answer(&mut self, user: &str, key: &str) -> Result<Option<KeptAnswer>> {
        let query = kept_answers::table.find((user, key)).select((
            kept_answers::fingerprint,
            kept_answers::status,
            kept_answers::body,
            kept_answers::made_at,
            kept_answers::holder,
            kept_answers::held_at,
        ));
        let row: Option<Row> = query.get_result(self.connection).optional()?;
        Ok(row.map(|(fingerprint, status, body, made_at, holder, held_at)| KeptAnswer {
            fingerprint,
            answer: status.zip(body).map(|(status, body)| Answered::from_columns(status, body)),
            made_at,
            holder,
            held_at,
        }))
    }

    /// Keeps a call under a key; taken when there is one.
    pub fn add_answer(&mut self, (user, key): (&str, &str), kept: &KeptAnswer) -> Result<()> {
        let KeptAnswer { fingerprint, answer, made_at, holder, held_at } = kept.clone();
        let (status, body) = answer.map(Answered::into_columns).unzip();
        let row = (
            kept_answers::user_id.eq(user.to_owned()),
            kept_answers::key.eq(key.to_owned()),
            kept_answers::fingerprint.eq(fingerprint),
            kept_answers::status.eq(status),
            kept_answers::body.eq(body),
            kept_answers::made_at.eq(made_at),
            kept_answers::holder.eq(holder),
            kept_answers::held_at.eq(held_at),
        );
        diesel::insert_into(kept_answers::table).values(row).execute(self.connection)?;
        Ok(())
    }

    /// Gives a call that is not over from one holder, if it is asked for, to another; `false` when it is
    /// not the one's.
    pub fn hold_answer(
        &mut self,
        (user, key): (&str, &str),
        from: Option<&str>,
        to: Option<&str>,
        at: NaiveDateTime,
    ) -> Result<bool> {
        let mut target = diesel::update(kept_answers::table)
            .filter(kept_answers::user_id.eq(user))
            .filter(kept_answers::key.eq(key))
            .filter(kept_answers::status.is_null())
            .set((kept_answers::holder.eq(to), kept_answers::held_at.eq(at)))
            .into_boxed();
        if let Some(from) = from {
            target = target.filter(kept_answers::holder.eq(from));
        }
        Ok(target.execute(self.connection)? > 0)
    }

    /// Ends a call whose steps have its answer.
    pub fn end_answer(&mut self, (user, key): (&str, &str)) -> Result<()> {
        let (status, body) = Answered::InSteps.into_columns();
        let set = (kept_answers::status.eq(status), kept_answers::body.eq(body));
        diesel::update(kept_answers::table.find((user, key))).set(set).execute(self.connection)?;
        Ok(())
    }

    /// Keeps what a step of a call did.
    pub fn add_kept_step(
        &mut self,
        (user, key): (&str, &str),
        number: i64,
        body: &[u8],
    ) -> Result<()> {
        let row = (
            kept_steps::user_id.eq(user.to_owned()),
            kept_steps::key.eq(key.to_owned()),
            kept_steps::number.eq(number),
            kept_steps::body.eq(body.to_vec()),
            kept_steps::bytes.eq(body.len() as i64),
        );
        diesel::insert_into(kept_steps::table).values(row).execute(self.connection)?;
        Ok(())
    }

    /// What the steps of a call did, in order.
    pub fn kept_steps(&mut self, user: &str, key: &str) -> Result<Vec<Vec<u8>>> {
        let query = kept_steps::table
            .filter(kept_steps::user_id.eq(user))
            .filter(kept_steps::key.eq(key))
            .order(kept_steps::number);
        Ok(query.select(kept_steps::body).load(self.connection)?)
    }

    /// Bytes of all steps that are kept for a user.
    pub fn kept_steps_bytes(&mut self, user: &str) -> Result<i64> {
        use diesel::sql_types::BigInt;
        // the sum of whole numbers is of a wider type on PostgreSQL
        let total = diesel::dsl::sql::<BigInt>("CAST(coalesce(sum(bytes), 0) AS BIGINT)");
        let query = kept_steps::table.filter(kept_steps::user_id.eq(user)).select(total);
        Ok(query.get_result(self.connection)?)
    }

    /// Forgets answers from before `old`, with their steps.
    pub fn sweep_answers(&mut self, old: NaiveDateTime) -> Result<()> {
        let over = kept_answers::table.filter(kept_answers::made_at.lt(old));
        diesel::delete(over).execute(self.connection)?;
        Ok(())
    }
}
