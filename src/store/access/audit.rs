//! The audit log: append-only, each event chained to the one before; the database refuses to change it
//! but for what is personal, which can only go.

use crate::store::connection::insert_all;
use crate::store::error::{Result, StoreError};
use crate::store::schema::events;
use crate::store::tx::{LastEvent, NewEvent, Tx, lock_audit_log};
use crate::wire::access::audit::{Sealed, committed};
use chrono::NaiveDateTime;
use data_encoding::HEXLOWER;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;

/// What has happened since an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Since {
    /// The last event of it; the one asked about where nothing has.
    pub last: LastEvent,
    /// What was done in each event, and the id of the thing it was done to.
    pub changed: Vec<(String, String)>,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = events, treat_none_as_default_value = false)]
struct EventRow {
    seq: i64,
    at: NaiveDateTime,
    actor: String,
    channel: String,
    action: String,
    object_kind: String,
    object_id: String,
    details: String,
    commitments: String,
    personal: String,
    previous: String,
    hash: String,
}

impl From<Sealed> for EventRow {
    fn from(event: Sealed) -> Self {
        let Sealed {
            seq,
            at,
            actor,
            channel,
            action,
            object_kind,
            object_id,
            details,
            commitments,
            personal,
            previous,
            hash,
        } = event;
        Self {
            seq,
            at,
            actor,
            channel,
            action,
            object_kind,
            object_id,
            details,
            commitments,
            personal,
            previous,
            hash,
        }
    }
}

impl From<EventRow> for Sealed {
    fn from(row: EventRow) -> Self {
        let EventRow {
            seq,
            at,
            actor,
            channel,
            action,
            object_kind,
            object_id,
            details,
            commitments,
            personal,
            previous,
            hash,
        } = row;
        Self {
            seq,
            at,
            actor,
            channel,
            action,
            object_kind,
            object_id,
            details,
            commitments,
            personal,
            previous,
            hash,
        }
    }
}

/// Which events to list; all that is given must match.
#[derive(Clone, Debug, Default)]
pub struct EventFilter {
    /// By this user or part of the service.
    pub actor: Option<String>,
    /// On things of this kind.
    pub kind: Option<String>,
    /// On the thing of this id.
    pub id: Option<String>,
    /// At this instant or later.
    pub from: Option<NaiveDateTime>,
    /// Before this instant.
    pub to: Option<NaiveDateTime>,
}

impl Tx<'_> {
    /// Notes what happens in this transaction, for the audit log.
    pub fn record(&mut self, event: NewEvent) {
        self.events.push(event);
    }

    /// Appends what was noted for the audit log.
    pub(in crate::store) fn append_events(&mut self) -> Result<()> {
        if self.events.is_empty() {
            return Ok(());
        }
        self.hold_audit_log()?;
        let LastEvent { number: mut seq, hash: mut previous } = self.last_event()?;
        let mut rows = Vec::with_capacity(self.events.len());
        for event in std::mem::take(&mut self.events) {
            let NewEvent { at, actor, channel, action, object_kind, object_id, details, personal } =
                event;
            let mut fields = Vec::with_capacity(personal.len());
            for (field, value) in personal {
                fields.push((field, salt()?, value));
            }
            let (commitments, personal) = committed(fields);
            seq += 1;
            let mut sealed = Sealed {
                seq,
                at,
                actor,
                channel,
                action,
                object_kind,
                object_id,
                details: details.to_string(),
                commitments,
                personal,
                previous,
                hash: String::new(),
            };
            sealed.hash = sealed.own_hash();
            previous = sealed.hash.clone();
            rows.push(EventRow::from(sealed));
        }
        insert_all!(self.connection, events::table, rows);
        Ok(())
    }

    /// The last event: what is read in this transaction is as of then. Nothing that use cases change
    /// changes without an event in the same transaction.
    pub fn last_event(&mut self) -> Result<LastEvent> {
        if let Some(last) = &self.held {
            return Ok(last.clone());
        }
        let newest = sql::<Bool>("seq = (SELECT max(seq) FROM events)");
        let last = events::table.filter(newest).select((events::seq, events::hash));
        let last: Option<(i64, String)> = last.get_result(self.connection).optional()?;
        Ok(last.map(|(number, hash)| LastEvent { number, hash }).unwrap_or_default())
    }

    /// Lets nobody else append until this transaction ends: whoever has looked at what changed so far
    /// sees no more change.
    pub fn hold_audit_log(&mut self) -> Result<()> {
        if self.held.is_none() {
            lock_audit_log(self.connection)?;
            self.held = Some(self.last_event()?);
        }
        Ok(())
    }

    /// What has happened after `event`, in at most `limit` events. `None` where the audit log has no such
    /// event.
    pub fn changed_since(&mut self, event: &LastEvent, limit: i64) -> Result<Option<Since>> {
        if self.held.as_ref() == Some(event) {
            return Ok(Some(Since { last: event.clone(), changed: Vec::new() }));
        }
        // numbers have no gaps, so that they limit as well as a limit
        let numbers = events::seq.between(event.number, event.number + limit);
        let query = events::table.filter(numbers).order(events::seq);
        let columns = (events::seq, events::hash, events::action, events::object_id);
        let rows: Vec<(i64, String, String, String)> =
            query.select(columns).load(self.connection)?;
        let mut rows = rows.into_iter().peekable();
        let is_it =
            |row: &(i64, String, String, String)| row.0 == event.number && row.1 == event.hash;
        // before the first event there is none
        if event.number > 0 && rows.next_if(is_it).is_none() {
            return Ok(None);
        }
        let mut last = event.clone();
        let mut changed = Vec::new();
        for (number, hash, action, object) in rows {
            last = LastEvent { number, hash };
            changed.push((action, object));
        }
        Ok(Some(Since { last, changed }))
    }

    /// Events after number `after`, in order.
    pub fn events_after(&mut self, after: i64, limit: i64) -> Result<Vec<Sealed>> {
        let query = events::table.filter(events::seq.gt(after)).order(events::seq).limit(limit);
        let rows: Vec<EventRow> = query.load(self.connection)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Events before number `before`, newest first.
    pub fn events(&mut self, filter: &EventFilter, before: i64, limit: i64) -> Result<Vec<Sealed>> {
        let EventFilter { actor, kind, id, from, to } = filter;
        let mut query = events::table.filter(events::seq.lt(before)).into_boxed();
        if let Some(actor) = actor {
            query = query.filter(events::actor.eq(actor));
        }
        if let Some(kind) = kind {
            query = query.filter(events::object_kind.eq(kind));
        }
        if let Some(id) = id {
            query = query.filter(events::object_id.eq(id));
        }
        if let Some(from) = from {
            query = query.filter(events::at.ge(from));
        }
        if let Some(to) = to {
            query = query.filter(events::at.lt(to));
        }
        let rows: Vec<EventRow> =
            query.order(events::seq.desc()).limit(limit).load(self.connection)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Keeps of an event's personal fields only `personal`, which must be shorter than what is kept.
    pub fn strike(&mut self, seq: i64, personal: &str) -> Result<()> {
        let target = events::table.filter(events::seq.eq(seq));
        diesel::update(target).set(events::personal.eq(personal)).execute(self.connection)?;
        Ok(())
    }
}

/// Sixteen random bytes in hexadecimal.
fn salt() -> Result<String> {
    let mut bytes = [0_u8; 16];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| StoreError::Other("no random bytes".into()))?;
    Ok(HEXLOWER.encode(&bytes))
}
