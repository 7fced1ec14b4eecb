//! The audit log: what use cases write to it, and reading, proving and striking out.

use super::{Action, Caller, Object};
use crate::app::App;
use crate::app::error::{Error, Result};
use crate::app::paging::Paging;
use crate::app::paging::bad_cursor;
use crate::domain::Message;
use crate::message;
use crate::store::restore::ShutOut;
use crate::store::{EventFilter, NewEvent, Tx};
use crate::wire::access::audit::{EventRecord, Sealed, Struck};
use crate::wire::paging::Page;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What is personal in things of each kind, and so must be able to be struck out. README says how long
/// each is kept.
const PERSONAL: [(&str, &[&str]); 11] = [
    ("user", &["name", "subject"]),
    ("request", &["filed_by", "approved_by", "note", "on_site_reason", "members"]),
    ("policy", &["created_by", "note"]),
    ("run", &["created_by"]),
    ("plan", &["published_by"]),
    ("token", &["name"]),
    ("inspectors", &["name", "certificate"]),
    ("absences", &["reason"]),
    ("recusals", &["reason"]),
    ("draw", &["made_up_by", "revealed_by"]),
    ("inspection_plan", &["drafted_by", "closed_because"]),
];
/// Events read at once when all are.
const CHUNK: i64 = 1_000;

/// Something that was done, before it is recorded.
pub(in crate::app) struct Event<'a> {
    kind: &'static str,
    id: &'a str,
    verb: &'static str,
    before: Option<Value>,
    after: Option<Value>,
}

/// Something was done to a thing.
pub(in crate::app) fn event<'a>(kind: &'static str, id: &'a str, verb: &'static str) -> Event<'a> {
    Event { kind, id, verb, before: None, after: None }
}

impl Event<'_> {
    /// As it was.
    pub(in crate::app) fn before(mut self, value: &impl Serialize) -> Self {
        self.before = serde_json::to_value(value).ok();
        self
    }

    /// As it is.
    pub(in crate::app) fn after(mut self, value: &impl Serialize) -> Self {
        self.after = serde_json::to_value(value).ok();
        self
    }

    /// Writes it to the audit log, which has it when the transaction ends well.
    pub(in crate::app) fn record(self, app: &App, tx: &mut Tx<'_>, caller: &Caller) {
        let Self { kind, id, verb, before, after } = self;
        let mut personal = vec![("who".to_owned(), Value::from(caller.name.clone()))];
        let mut note = |field: &str, value: &Option<String>| {
            if let Some(text) = value {
                personal.push((field.into(), text.clone().into()));
            }
        };
        note("address", &caller.origin.address);
        note("reason", &caller.origin.reason);
        let mut details = Map::new();
        for (side, value) in [("before", before), ("after", after)] {
            let Some(mut value) = value else { continue };
            for field in PERSONAL.iter().filter(|(known, _)| *known == kind).flat_map(|p| p.1) {
                let taken = value.as_object_mut().and_then(|fields| fields.remove(*field));
                if let Some(taken) = taken {
                    personal.push((format!("{side}/{field}"), taken));
                }
            }
            details.insert(side.into(), value);
        }
        if let Some(request) = &caller.origin.request {
            details.insert("request_id".into(), request.clone().into());
        }
        tx.record(NewEvent {
            at: app.now().naive_utc(),
            actor: caller.actor.id.clone(),
            channel: caller.origin.channel.clone(),
            action: format!("{kind}.{verb}"),
            object_kind: kind.into(),
            object_id: id.into(),
            details: Value::Object(details),
            personal,
        });
    }
}

/// Events, newest first; the cursor is a number.
pub fn list(
    app: &App,
    caller: &Caller,
    filter: &EventFilter,
    paging: &Paging,
) -> Result<Page<EventRecord>> {
    caller.may(Action::ReadRecord, &Object::everywhere())?;
    let before = match paging.cursor() {
        "" => i64::MAX,
        cursor => cursor.parse().map_err(|_| bad_cursor())?,
    };
    let rows = app.store.read(|tx| tx.events(filter, before, paging.fetch()))?;
    let rows = rows.into_iter().map(|event| event.record()).collect();
    Ok(paging.page(rows, |event| event.seq.to_string()))
}

/// What a proof of the audit log found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Number of events that hold.
    pub events: i64,
    /// Hash of the last of them: with the number, it vouches for all before.
    pub hash: String,
    /// Personal fields that are struck out.
    pub struck: usize,
    /// The first event that does not hold, and why.
    pub broken: Option<(i64, Message)>,
}

/// Proves the chain from its first event. `anchor` is a number and hash noted at an earlier time: the
/// record must still go through it, so that an end that was cut off is seen too.
pub fn verify(app: &App, caller: &Caller, anchor: Option<(i64, &str)>) -> Result<Proof> {
    caller.may(Action::ReadRecord, &Object::everywhere())?;
    app.store.read(|tx| {
        let strikes = Strikes::read(tx)?;
        let mut proof = Proof { events: 0, hash: String::new(), struck: 0, broken: None };
        loop {
            let events = tx.events_after(proof.events, CHUNK)?;
            let is_last = events.len() < CHUNK as usize;
            for event in events {
                let is_unnamed = |field: &&String| !strikes.name(&event, field);
                let found = event.check((proof.events, &proof.hash));
                let found = found.and_then(|gone| match gone.iter().find(is_unnamed) {
                    Some(field) => Err(message!("record-broken_gone", field = field)),
                    None => Ok(gone.len()),
                });
                match found {
                    Ok(struck) => proof.struck += struck,
                    Err(why) => {
                        proof.broken = Some((event.seq, why));
                        return Ok(proof);
                    }
                }
                (proof.events, proof.hash) = (event.seq, event.hash);
                if anchor.is_some_and(|(seq, hash)| seq == proof.events && hash != proof.hash) {
                    proof.broken = Some((proof.events, message!("record-broken_other")));
                    return Ok(proof);
                }
            }
            if is_last {
                break;
            }
        }
        if let Some((seq, _)) = anchor.filter(|(seq, _)| *seq > proof.events) {
            let why = message!("record-broken_short", last = proof.events.to_string());
            proof.broken = Some((seq, why));
        }
        Ok::<_, Error>(proof)
    })
}

/// What to strike out.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Strike {
    /// Of what this user did, and of what was done to this user; absent: of everybody.
    pub user: Option<String>,
    /// Of events before this instant; absent: of all.
    pub before: Option<DateTime<Utc>>,
    /// Only this field, like `address`; absent: all that is personal.
    pub field: Option<String>,
}

impl Strike {
    /// Whether it means a personal field of an event.
    fn is_of(&self, event: &Sealed, name: &str) -> bool {
        let Strike { user, before, field } = self;
        let is_about = |id: &String| event.object_kind == "user" && event.object_id == *id;
        // who did it, and whom it was done to, may be two people
        let is_meant = match user {
            None => true,
            Some(id) if event.object_kind == "user" && name.contains('/') => is_about(id),
            Some(id) => event.actor == *id,
        };
        is_meant
            && before.is_none_or(|instant| event.at < instant.naive_utc())
            && field.as_ref().is_none_or(|field| field == name)
    }
}

/// What the strikes in the audit log account for.
struct Strikes {
    /// By field and number.
    named: Struck,
    /// Those of earlier versions say only what was asked, each for the events before its number.
    asked: Vec<(i64, Strike)>,
}

impl Strikes {
    fn read(tx: &mut Tx<'_>) -> Result<Self> {
        let filter = EventFilter { kind: Some("record".into()), ..EventFilter::default() };
        let (mut named, mut asked, mut before) = (Vec::new(), Vec::new(), i64::MAX);
        loop {
            let events = tx.events(&filter, before, CHUNK)?;
            let is_last = events.len() < CHUNK as usize;
            for event in events {
                before = event.seq;
                if event.action != "record.strike" {
                    continue;
                }
                // what cannot be read accounts for nothing
                let mut details: Value = serde_json::from_str(&event.details).unwrap_or_default();
                let mut after = details["after"].take();
                if let Some(struck) = after.get_mut("struck") {
                    let struck = serde_json::from_value(struck.take());
                    named.extend(struck.ok().map(|struck| (event.seq, struck)));
                } else {
                    let strike: Option<Strike> = serde_json::from_value(after).ok();
                    let strike = strike.filter(|s| s.user.is_some() || s.before.is_some());
                    asked.extend(strike.map(|strike| (event.seq, strike)));
                }
            }
            if is_last {
                return Ok(Self { named: Struck::all(named), asked });
            }
        }
    }

    /// Whether one of them accounts for a field of an event.
    fn name(&self, event: &Sealed, field: &str) -> bool {
        let is_of = |(seq, strike): &(i64, Strike)| event.seq < *seq && strike.is_of(event, field);
        self.named.has(field, event.seq) || self.asked.iter().any(is_of)
    }
}

/// Strikes what is personal out of the audit log; the chain holds without it, for it names what it struck,
/// in one event for each thousand at most. Answers with the number of events that lost something.
pub fn strike(app: &App, caller: &Caller, strike: &Strike) -> Result<usize> {
    caller.may(Action::Strike, &Object::everywhere())?;
    if strike.user.is_none() && strike.before.is_none() {
        return Err(Error::defect("", message!("unbounded")));
    }
    let Strike { user, before, field } = strike;
    app.store.write_long(|tx| {
        let (mut after, mut total) = (0, 0);
        loop {
            let events = tx.events_after(after, CHUNK)?;
            let is_last = events.len() < CHUNK as usize;
            let (mut struck, mut count) = (Struck::default(), 0);
            for event in &events {
                after = event.seq;
                if let Some((rest, fields)) = event.without(|name| strike.is_of(event, name)) {
                    tx.strike(event.seq, &rest)?;
                    count += 1;
                    fields.into_iter().for_each(|field| struck.add(field, event.seq));
                }
            }
            total += count;
            // that it was asked for is recorded, whatever was there
            if count > 0 || is_last && total == 0 {
                let after = serde_json::json!({
                    "user": user, "before": before, "field": field, "events": count,
                    "struck": struck,
                });
                event("record", user.as_deref().unwrap_or("all"), "strike")
                    .after(&after)
                    .record(app, tx, caller);
            }
            if is_last {
                return Ok(total);
            }
        }
    })
}

/// Records that the audit log and all else was brought back from a backup, and how many were shut
/// out since: what happened since is in no audit log any more.
pub fn restored(app: &App, caller: &Caller, shut_out: &ShutOut, readmitted: bool) -> Result<()> {
    caller.may(Action::ChangeKeys, &Object::everywhere())?;
    let ShutOut { users, passwords, rights, tokens, sessions, keys, unreadable } = shut_out;
    let after = serde_json::json!({
        "shut_out_since": {
            "users": users.len(),
            "passwords": passwords.len(),
            "rights": rights.len(),
            "tokens": tokens,
            "sessions": sessions,
            "keys": keys,
            "is_known": unreadable.is_none(),
        },
        "readmitted": readmitted,
    });
    app.store.write(|tx| {
        event("database", "all", "restore").after(&after).record(app, tx, caller);
        Ok(())
    })
}
