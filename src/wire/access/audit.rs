//! The audit log: what was done by whom, each event chained to the one before by its hash.
//!
//! An event's `hash` is SHA-256, in hexadecimal, over these texts in UTF-8, each after its length in
//! bytes as eight bytes, highest first: `onevisit-record/1`, the hash of the event before (of the first:
//! nothing), its number, its instant as `2026-03-02T01:00:00.000000Z`, actor, channel, action, kind and
//! id of the object, the details and the commitments as they are stored.
//!
//! What is personal is stored apart, so that it can be struck out: the commitments name for each such
//! field the SHA-256 over `onevisit-commitment/1`, a random salt and the value as JSON, in the same
//! form. When salt and value are gone, the commitment stays and reveals nothing, and the chain holds, as
//! long as a later event (`record.strike`) names the field and the number of the event that lost it.

use crate::domain::Message;
use crate::message;
use aws_lc_rs::digest::{Context, SHA256};
use chrono::{DateTime, NaiveDateTime, Utc};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// An event as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Number, from 1 without gaps.
    pub seq: i64,
    /// When.
    pub at: NaiveDateTime,
    /// Id of the user, or the name of a part of the service.
    pub actor: String,
    /// `api`, `cli` or `service`.
    pub channel: String,
    /// What was done.
    pub action: String,
    /// What kind of thing it was done to.
    pub object_kind: String,
    /// Which.
    pub object_id: String,
    /// Before and after without what is personal, as JSON.
    pub details: String,
    /// Commitments of the personal fields, as JSON.
    pub commitments: String,
    /// Salts and values of the personal fields that remain, as JSON.
    pub personal: String,
    /// Hash of the event before.
    pub previous: String,
    /// Its own.
    pub hash: String,
}

/// SHA-256 over texts, each after its length; hexadecimal.
fn digest(texts: &[&str]) -> String {
    let mut context = Context::new(&SHA256);
    for text in texts {
        context.update(&(text.len() as u64).to_be_bytes());
        context.update(text.as_bytes());
    }
    HEXLOWER.encode(context.finish().as_ref())
}

/// SHA-256 of bytes; hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    let digest = aws_lc_rs::digest::digest(&SHA256, bytes);
    HEXLOWER.encode(digest.as_ref())
}

/// SHA-256 of a text; hexadecimal. For secrets of full strength, of which only the hash is kept.
pub fn fingerprint(text: &str) -> String {
    digest(&[text])
}

/// What stays of a personal value: see the head of this file.
pub fn commitment(salt: &str, value: &Value) -> String {
    digest(&["onevisit-commitment/1", salt, &value.to_string()])
}

/// The commitments and the salted values of personal fields, as they are stored.
pub fn committed(fields: Vec<(String, String, Value)>) -> (String, String) {
    let (mut commitments, mut personal) = (Map::new(), Map::new());
    for (field, salt, value) in fields {
        commitments.insert(field.clone(), commitment(&salt, &value).into());
        personal.insert(field, Value::Array(vec![salt.into(), value]));
    }
    (Value::Object(commitments).to_string(), Value::Object(personal).to_string())
}

impl Sealed {
    /// The hash that it should have.
    pub fn own_hash(&self) -> String {
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
            personal: _,
            previous,
            hash: _,
        } = self;
        let at = at.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string();
        digest(&[
            "onevisit-record/1",
            previous,
            &seq.to_string(),
            &at,
            actor,
            channel,
            action,
            object_kind,
            object_id,
            details,
            commitments,
        ])
    }

    /// Salt and value of each personal field that remains.
    fn kept(&self) -> Option<BTreeMap<String, (String, Value)>> {
        serde_json::from_str(&self.personal).ok()
    }

    /// What is wrong with it, by itself and as the successor of an event with number and hash
    /// `before`; or which of its personal fields are gone, which a later event must [name](Struck).
    pub fn check(&self, before: (i64, &str)) -> Result<Vec<String>, Message> {
        if self.seq != before.0 + 1 {
            let (event, last) = (self.seq.to_string(), before.0.to_string());
            return Err(message!("record-broken_missing", event = event, last = last));
        }
        if self.previous != before.1 {
            return Err(message!("record-broken_link"));
        }
        if self.hash != self.own_hash() {
            return Err(message!("record-broken_content"));
        }
        let commitments: Option<BTreeMap<String, String>> =
            serde_json::from_str(&self.commitments).ok();
        let (Some(commitments), Some(kept)) = (commitments, self.kept()) else {
            return Err(message!("record-broken_unreadable"));
        };
        for (field, (salt, value)) in &kept {
            if commitments.get(field) != Some(&commitment(salt, value)) {
                return Err(message!("record-broken_field", field = field));
            }
        }
        Ok(commitments.into_keys().filter(|field| !kept.contains_key(field)).collect())
    }

    /// Its personal fields without those that `is_struck`, and the names of these; `None` when there
    /// are none.
    pub fn without(&self, is_struck: impl Fn(&str) -> bool) -> Option<(String, Vec<String>)> {
        let kept = self.kept()?;
        let (struck, kept): (BTreeMap<_, _>, BTreeMap<_, _>) =
            kept.into_iter().partition(|(field, _)| is_struck(field));
        let rest = || serde_json::to_string(&kept).unwrap_or_default();
        (!struck.is_empty()).then(|| (rest(), struck.into_keys().collect()))
    }

    /// As people and programs read it.
    pub fn record(self) -> EventRecord {
        let mut personal = BTreeMap::new();
        let commitments: BTreeMap<String, Value> =
            serde_json::from_str(&self.commitments).unwrap_or_default();
        let mut kept = self.kept().unwrap_or_default();
        for field in commitments.into_keys() {
            let value = kept.remove(&field).map(|(_, value)| value);
            personal.insert(field, value.unwrap_or(Value::Null));
        }
        EventRecord {
            seq: self.seq,
            at: self.at.and_utc(),
            actor: self.actor,
            channel: self.channel,
            action: self.action,
            object_kind: self.object_kind,
            object_id: self.object_id,
            details: serde_json::from_str(&self.details).unwrap_or_default(),
            personal,
            previous: self.previous,
            hash: self.hash,
        }
    }
}

/// What was struck out: for each personal field the numbers of the events that lost it, as pairs of
/// first and last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Struck(BTreeMap<String, Vec<(i64, i64)>>);

impl Struck {
    /// Notes that event `seq` lost a field; events come in their order.
    pub fn add(&mut self, field: String, seq: i64) {
        let ranges = self.0.entry(field).or_default();
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == seq => *last = seq,
            _ => ranges.push((seq, seq)),
        }
    }

    /// What several events say, each with its number: none speaks of itself, or of later ones.
    pub fn all(strikes: impl IntoIterator<Item = (i64, Struck)>) -> Self {
        let mut all: BTreeMap<String, Vec<(i64, i64)>> = BTreeMap::new();
        for (seq, Struck(fields)) in strikes {
            for (field, ranges) in fields {
                let earlier = ranges.into_iter().map(|(first, last)| (first, last.min(seq - 1)));
                all.entry(field).or_default().extend(earlier.filter(|(first, last)| first <= last));
            }
        }
        for ranges in all.values_mut() {
            ranges.sort_unstable();
            // of those that overlap one is left
            ranges.dedup_by(|next, kept| {
                let is_within = next.0 <= kept.1.saturating_add(1);
                if is_within {
                    kept.1 = kept.1.max(next.1);
                }
                is_within
            });
        }
        Self(all)
    }

    /// Whether event `seq` lost a field. Only of [all](Self::all), or of one that was built in order.
    pub fn has(&self, field: &str, seq: i64) -> bool {
        let Some(ranges) = self.0.get(field) else { return false };
        let after = ranges.partition_point(|(first, _)| *first <= seq);
        after > 0 && seq <= ranges[after - 1].1
    }
}

/// An event of the audit log.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct EventRecord {
    /// Number, from 1 without gaps.
    pub seq: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Id of the user, or the name of a part of the service.
    pub actor: String,
    /// `api`, `cli` or `service`.
    pub channel: String,
    /// What was done, like `request.add`.
    pub action: String,
    /// What kind of thing it was done to.
    pub object_kind: String,
    /// Which.
    pub object_id: String,
    /// `before` and `after`, without what is personal.
    #[schema(value_type = Object)]
    pub details: Value,
    /// What is personal: `who`, `address`, `reason`, and fields of `before` and `after`; `null` when it
    /// is struck out.
    #[schema(value_type = Object)]
    pub personal: BTreeMap<String, Value>,
    /// Hash of the event before; the first's is empty.
    pub previous: String,
    /// Its own.
    pub hash: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn event() -> Sealed {
        let fields = vec![("who".to_owned(), "5a17".to_owned(), json!("somebody"))];
        let (commitments, personal) = committed(fields);
        let mut event = Sealed {
            seq: 1,
            at: "2026-03-02T01:00:00".parse().expect("an instant"),
            actor: "u".into(),
            channel: "api".into(),
            action: "area.add".into(),
            object_kind: "area".into(),
            object_id: "east".into(),
            details: "{}".into(),
            commitments,
            personal,
            previous: String::new(),
            hash: String::new(),
        };
        event.hash = event.own_hash();
        event
    }

    #[test]
    fn what_is_struck_out_leaves_the_hash() {
        let mut event = event();
        assert_eq!(event.check((0, "")), Ok(vec![]));
        let (rest, struck) = event.without(|field| field == "who").expect("it was there");
        event.personal = rest;
        let gone = event.check((0, ""));
        assert_eq!((&gone, event.personal.as_str()), (&Ok(struck), "{}"));
        assert_eq!(gone, Ok(vec!["who".to_owned()]));
        assert_eq!(event.without(|_| true), None, "nothing is left to strike out");
        assert_eq!(event.record().personal["who"], Value::Null);
    }

    #[test]
    fn what_several_strikes_say_is_joined_and_none_speaks_of_itself() {
        let strike = |field: &str, numbers: &[i64]| {
            let mut struck = Struck::default();
            for seq in numbers {
                struck.add(field.into(), *seq);
            }
            struck
        };
        let one = strike("who", &[1, 2, 3, 7]);
        assert_eq!(json!(one), json!({ "who": [[1, 3], [7, 7]] }));
        let late = strike("who", &[3, 4, 20, 21]);
        let all = Struck::all([(21, late), (10, one), (12, strike("address", &[2, 12, 13]))]);
        let found = |field: &str| (0..30).filter(|seq| all.has(field, *seq)).collect::<Vec<_>>();
        assert_eq!(found("who"), [1, 2, 3, 4, 7, 20]);
        assert_eq!(found("address"), [2]);
        assert_eq!(found("reason"), [0; 0]);
        let most = Struck::all([(i64::MAX, Struck([("who".into(), vec![(1, i64::MAX)])].into()))]);
        assert!(most.has("who", i64::MAX - 1) && !most.has("who", 0));
    }

    #[test]
    fn every_change_is_seen() {
        let changes: [fn(&mut Sealed); 12] = [
            |e| e.seq = 2,
            |e| e.at += chrono::TimeDelta::microseconds(1),
            |e| e.actor.push('x'),
            |e| e.channel.push('x'),
            |e| e.action.push('x'),
            |e| e.object_kind.push('x'),
            |e| e.object_id.push('x'),
            |e| e.details = "{\"after\":1}".into(),
            |e| e.commitments = "{}".into(),
            |e| e.personal = e.personal.replace("somebody", "nobody"),
            |e| e.previous.push('0'),
            |e| e.hash.replace_range(0..1, "x"),
        ];
        for (i, change) in changes.iter().enumerate() {
            let mut event = event();
            change(&mut event);
            assert!(event.check((0, "")).is_err(), "change {i}");
        }
        // texts do not run into each other
        assert_ne!(digest(&["ab", "c"]), digest(&["a", "bc"]));
    }
}
