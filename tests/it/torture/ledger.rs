//! What was asked of a service and what it answered, and what must therefore be found in its database.

use crate::support::client::Reply;
use std::collections::BTreeMap;

/// What a write puts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One request.
    Single,
    /// Several requests, each by itself.
    Batch,
    /// A file of requests, all or nothing.
    RequestFile,
    /// A file of enterprises, all or nothing.
    RegisterFile,
}

/// What became of one of a write's elements: a status, and the id of what exists or the code of
/// the refusal.
pub type Outcome = (u16, String);

/// State of a write.
#[derive(Clone, Debug)]
pub enum State {
    /// It was not answered, or in part, or with a failure: it is sent again.
    Open {
        /// Outcomes of a batch that was answered in part.
        partial: Vec<Outcome>,
        /// The last answer said that nothing was changed.
        is_denied: bool,
    },
    /// It was answered for good, once and for all.
    Final(Vec<Outcome>),
}

/// A write, whatever became of it.
#[derive(Clone, Debug)]
pub struct Write {
    pub kind: Kind,
    pub path: &'static str,
    pub key: Option<String>,
    pub body: Vec<u8>,
    /// What identifies its elements in the database: notes of requests, ids of enterprises.
    pub marks: Vec<String>,
    pub state: State,
    /// Times it was sent.
    pub sent: u32,
    /// It was sent for long enough.
    pub is_given_up: bool,
}

/// What an answer says.
#[derive(Debug)]
pub enum Verdict {
    Final(Vec<Outcome>),
    /// Part of a batch could not be tried.
    Partial(Vec<Outcome>),
    /// Ask again: busy, full, away.
    Again {
        is_denied: bool,
    },
    /// No sound answer at any time.
    Unsound(String),
}

fn is_failure(status: u16) -> bool {
    [503, 507].contains(&status)
}

/// Id of an element: a batch's answer names the id, one request's is the request itself; other
/// builds may name the whole request in a batch.
fn id_of(result: &serde_json::Value) -> Option<String> {
    let id = result["id"].as_str().or_else(|| result["request"]["id"].as_str());
    id.map(str::to_owned)
}

impl Write {
    /// Reads an answer to it.
    pub fn verdict(&self, reply: &Reply) -> Verdict {
        let body = reply.json();
        let code = body["code"].as_str().unwrap_or_default().to_owned();
        let none = |outcome: Outcome| Verdict::Final(vec![outcome; self.marks.len()]);
        match (reply.status, self.kind) {
            (503 | 507, _) => {
                let detail = body["detail"].as_str().unwrap_or_default();
                Verdict::Again { is_denied: detail.contains("Nothing was changed") }
            }
            (409, _) if code == "idempotency-key-running" => Verdict::Again { is_denied: false },
            (429, _) => Verdict::Again { is_denied: true },
            (200 | 201, Kind::Single) => match id_of(&body) {
                Some(id) => Verdict::Final(vec![(201, id)]),
                None => Verdict::Unsound(format!("no id: {}", reply.text())),
            },
            (200, Kind::Batch) => {
                let results = body["results"].as_array().cloned().unwrap_or_default();
                if results.len() != self.marks.len() {
                    return Verdict::Unsound(format!("{} results", results.len()));
                }
                let outcomes: Vec<Outcome> = results
                    .iter()
                    .map(|result| {
                        let status = result["status"].as_u64().unwrap_or_default() as u16;
                        let code = result["code"].as_str().unwrap_or_default().to_owned();
                        match status {
                            200 | 201 => (201, id_of(result).unwrap_or_default()),
                            _ => (status, code),
                        }
                    })
                    .collect();
                if outcomes.iter().any(|(status, _)| is_failure(*status)) {
                    Verdict::Partial(outcomes)
                } else if let Some((status, code)) = outcomes.iter().find(|o| o.0 >= 500) {
                    Verdict::Unsound(format!("an element is answered {status} {code}"))
                } else {
                    Verdict::Final(outcomes)
                }
            }
            (200, Kind::RequestFile | Kind::RegisterFile) => match body["outcome"].as_str() {
                Some("taken") => none((201, String::new())),
                Some("refused") => none((422, String::new())),
                _ => Verdict::Unsound(reply.text()),
            },
            (400..=499, _) if ![401, 408].contains(&reply.status) => none((reply.status, code)),
            _ => Verdict::Unsound(format!("{} {}", reply.status, reply.text())),
        }
    }
}

/// Everything that was asked of one database.
#[derive(Default)]
pub struct Ledger {
    pub writes: Vec<Write>,
    /// Runs that were answered.
    pub runs: Vec<String>,
    /// Plans whose publishing was answered.
    pub published: Vec<String>,
    /// What no service may do.
    pub wrong: Vec<String>,
}

impl Ledger {
    /// Notes a write that is about to be sent; its place.
    pub fn begin(&mut self, write: Write) -> usize {
        self.writes.push(write);
        self.writes.len() - 1
    }

    /// Takes an answer down; whether it is final.
    pub fn answered(&mut self, place: usize, reply: &Reply) -> bool {
        let write = &mut self.writes[place];
        write.sent += 1;
        let verdict = write.verdict(reply);
        let name = format!("{:?} {:?} (sent {} times)", write.kind, write.key, write.sent);
        // what existed once must exist still
        let earlier: &[Outcome] = match &write.state {
            State::Open { partial, .. } => partial,
            State::Final(outcomes) => outcomes,
        };
        if let Verdict::Final(now) | Verdict::Partial(now) = &verdict {
            let is_final = matches!(write.state, State::Final(_));
            let changed = earlier
                .iter()
                .zip(now)
                .position(|(before, now)| (is_final || before.0 == 201) && before != now);
            if let Some(n) = changed {
                let change = format!("{:?}, then {:?}", earlier[n], now[n]);
                self.wrong.push(format!("{name}: element {n} is answered otherwise: {change}"));
            }
        }
        match verdict {
            Verdict::Final(outcomes) => {
                if !matches!(write.state, State::Final(_)) {
                    write.state = State::Final(outcomes);
                }
                true
            }
            Verdict::Partial(partial) => {
                if let State::Open { .. } = write.state {
                    write.state = State::Open { partial, is_denied: false };
                }
                false
            }
            Verdict::Again { is_denied } => {
                if let State::Open { partial, .. } = &write.state {
                    // that nothing was changed is said of this call; of an earlier one more may remain
                    let is_denied = is_denied && partial.is_empty() && write.sent == 1;
                    let partial = partial.clone();
                    write.state = State::Open { partial, is_denied };
                }
                false
            }
            Verdict::Unsound(what) => {
                self.wrong.push(format!("{name}: {what}"));
                false
            }
        }
    }

    /// The call was cut short.
    pub fn cut(&mut self, place: usize) {
        let write = &mut self.writes[place];
        write.sent += 1;
        if let State::Open { is_denied, .. } = &mut write.state {
            *is_denied = false;
        }
    }

    /// Places of the writes that must be sent again.
    pub fn open(&self) -> Vec<usize> {
        let is_open = |place: &usize| {
            let write = &self.writes[*place];
            matches!(write.state, State::Open { .. }) && !write.is_given_up
        };
        (0..self.writes.len()).filter(is_open).collect()
    }

    /// What is wrong with what is found: ids by mark.
    pub fn held_against(&self, found: &BTreeMap<String, Vec<String>>) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut asked = 0;
        for write in &self.writes {
            let name = format!("{:?} {:?} (sent {} times)", write.kind, write.key, write.sent);
            let ids: Vec<&[String]> = write
                .marks
                .iter()
                .map(|mark| found.get(mark).map_or(&[][..], Vec::as_slice))
                .collect();
            asked += ids.iter().filter(|ids| !ids.is_empty()).count();
            let count = |is: &dyn Fn(usize) -> bool| ids.iter().filter(|ids| is(ids.len())).count();
            let (missing, doubled) = (count(&|n| n == 0), count(&|n| n > 1));
            if doubled > 0 {
                wrong.push(format!("{name}: {doubled} of {} are there more than once", ids.len()));
            }
            let outcomes = match &write.state {
                State::Final(outcomes) => outcomes,
                State::Open { partial, is_denied } => {
                    let is_file = [Kind::RequestFile, Kind::RegisterFile].contains(&write.kind);
                    if is_file && missing > 0 && missing < ids.len() {
                        let there = ids.len() - missing;
                        wrong.push(format!("{name}: {there} rows of {} are there", ids.len()));
                    }
                    if *is_denied && missing < ids.len() {
                        let there = ids.len() - missing;
                        wrong.push(format!(
                            "{name}: \"nothing was changed\", but {there} are there"
                        ));
                    }
                    partial
                }
            };
            let mut of_kind: BTreeMap<&str, (usize, String)> = BTreeMap::new();
            for (n, ((status, id), ids)) in outcomes.iter().zip(&ids).enumerate() {
                let what = match (status, ids) {
                    (201, []) => "answered as filed, and gone",
                    (201, [only, ..]) if !id.is_empty() && only != id => "there under another id",
                    (201, _) | (_, []) => continue,
                    _ => "answered as not filed, and there",
                };
                let first = || format!("element {n}, answered {status} {id}, is {ids:?}");
                of_kind.entry(what).or_insert_with(|| (0, first())).0 += 1;
            }
            for (what, (count, first)) in of_kind {
                wrong.push(format!("{name}: {count} of {} are {what}: {first}", ids.len()));
            }
        }
        if asked != found.len() {
            wrong.push(format!("{} are there that nobody asked for", found.len().abs_diff(asked)));
        }
        wrong
    }
}
