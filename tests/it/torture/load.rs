//! What is asked of a service while it is tormented.

use super::ledger::{Kind, Ledger, State, Write};
use crate::support::client::{Client, Reply};
use crate::support::county::credit_code;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Enterprises at which is filed; no multiple of the number of items.
pub const ENTERPRISES: usize = 3_001;
/// Serial numbers of enterprises that files bring begin here.
const FIRST_OF_FILES: usize = 100_000;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Load {
    /// Requests one by one, half of them under a key and half under a reference.
    Singles,
    /// Batches of some hundred under keys.
    Batches,
    /// Runs, and the publishing of their plans.
    Runs,
    /// Files of requests.
    RequestFiles,
    /// Files of enterprises.
    RegisterFiles,
}

/// What the loads of one round share.
pub struct Work<'w> {
    pub address: String,
    pub token: String,
    pub ledger: &'w Mutex<Ledger>,
    pub serial: &'w AtomicUsize,
    /// Whether to go on.
    pub going: AtomicBool,
    /// Whether the service is expected to fail for a while, so that one goes on asking.
    pub is_patient: bool,
}

/// A body for the element of this serial number.
fn request(serial: usize, mark: &str) -> Value {
    let item = ["licence", "food", "exits", "fumes"][serial % 4];
    let enterprise = credit_code(1_000 + serial % ENTERPRISES);
    let body = crate::support::county::request(item, &enterprise);
    crate::support::county::with(body, json!({ "note": mark }))
}

fn mark(serial: usize) -> String {
    format!("T-{serial}")
}

/// Writes to be sent.
impl Write {
    fn new(kind: Kind, path: &'static str, key: Option<String>, body: Vec<u8>) -> Self {
        let state = State::Open { partial: Vec::new(), is_denied: false };
        Self { kind, path, key, body, marks: Vec::new(), state, sent: 0, is_given_up: false }
    }

    pub fn single(serial: usize) -> Self {
        let mark = mark(serial);
        let body = request(serial, &mark);
        let key = serial.is_multiple_of(2).then(|| format!("single-{serial}"));
        let body = match &key {
            Some(_) => body,
            None => crate::support::county::with(body, json!({ "reference": mark })),
        };
        let body = body.to_string().into_bytes();
        Self { marks: vec![mark], ..Self::new(Kind::Single, "/api/v1/requests", key, body) }
    }

    pub fn batch(first: usize, count: usize) -> Self {
        let marks: Vec<String> = (first..first + count).map(mark).collect();
        let requests: Vec<Value> =
            (first..first + count).map(|serial| request(serial, &mark(serial))).collect();
        let body = json!({ "requests": requests }).to_string().into_bytes();
        let key = Some(format!("batch-{first}"));
        Self { marks, ..Self::new(Kind::Batch, "/api/v1/requests/batch", key, body) }
    }

    pub fn request_file(first: usize, count: usize) -> Self {
        let mut file =
            String::from("文号,部门,统一社会信用代码,检查事项,检查类型,最早日期,最晚日期,备注\n");
        let mut marks = Vec::new();
        for serial in first..first + count {
            let mark = mark(serial);
            let request_body = request(serial, &mark);
            let text = |name: &str| request_body[name].as_str().unwrap_or_default();
            writeln!(
                file,
                "{mark},{},{},{},{},{},{},{mark}",
                text("department"),
                text("enterprise"),
                text("item"),
                text("kind"),
                text("earliest"),
                text("latest")
            )
            .expect("text");
            marks.push(mark);
        }
        let path = "/api/v1/requests/import";
        Self { marks, ..Self::new(Kind::RequestFile, path, None, file.into_bytes()) }
    }

    pub fn register_file(first: usize, count: usize) -> Self {
        let mut file = String::from("统一社会信用代码,名称,区域编号,行业代码,风险等级,信用等级\n");
        let mut marks = Vec::new();
        for serial in first..first + count {
            let code = credit_code(FIRST_OF_FILES + serial);
            writeln!(file, "{code},店{serial}（虚构）,west,1440,B,A").expect("text");
            marks.push(code);
        }
        let path = "/api/v1/register/enterprises/import";
        Self { marks, ..Self::new(Kind::RegisterFile, path, None, file.into_bytes()) }
    }
}

/// Sends a write.
pub fn send(client: &mut Client, write: &Write) -> std::io::Result<Reply> {
    let header = write.key.as_deref().map(|key| ("Idempotency-Key", key));
    let headers: Vec<_> = header.into_iter().collect();
    client.call("POST", write.path, &headers, &write.body)
}

pub fn locked(ledger: &Mutex<Ledger>) -> MutexGuard<'_, Ledger> {
    ledger.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Work<'_> {
    fn goes(&self) -> bool {
        self.going.load(Ordering::Relaxed)
    }

    fn client(&self) -> Client {
        Client::new(&self.address, &self.token).patient(Duration::from_secs(60))
    }

    /// After a failure: whether to go on.
    fn rests(&self) -> bool {
        std::thread::sleep(Duration::from_millis(20));
        self.goes() && self.is_patient
    }

    /// Sends new writes one after the other.
    fn write(&self, client: &mut Client, make: &dyn Fn(usize) -> Write, count: usize) -> bool {
        let serial = self.serial.fetch_add(count, Ordering::Relaxed);
        let write = make(serial);
        let place = locked(self.ledger).begin(write.clone());
        match send(client, &write) {
            Ok(reply) => locked(self.ledger).answered(place, &reply) || self.rests(),
            Err(_) => {
                locked(self.ledger).cut(place);
                self.rests()
            }
        }
    }

    /// Submits a run, waits until it has ended, publishes its plan.
    fn plan(&self, client: &mut Client) -> std::io::Result<()> {
        let body = json!({ "start": "2026-03-02", "end": "2026-03-31", "work": 300 }).to_string();
        let reply = client.post("/api/v1/runs", body.as_bytes())?;
        if reply.status != 202 {
            self.hold_failure("submitting a run", &reply);
            return Ok(());
        }
        let id = reply.json()["id"].as_str().unwrap_or_default().to_owned();
        locked(self.ledger).runs.push(id.clone());
        let path = format!("/api/v1/runs/{id}");
        let deadline = Instant::now() + Duration::from_secs(20);
        let plan = loop {
            let run = client.get(&path)?.json();
            if let Some(plan) = run["plan"].as_str() {
                break plan.to_owned();
            }
            if !self.goes() || Instant::now() > deadline || run["state"] == "failed" {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        let path = format!("/api/v1/plans/{plan}");
        let found = client.get(&path)?;
        let Some(etag) = found.etag else { return Ok(()) };
        let path = format!("{path}/publish");
        let reply = client.call("POST", &path, &[("If-Match", &etag)], b"")?;
        match reply.status {
            200 => locked(self.ledger).published.push(plan),
            // another was published meanwhile, or requests were
            409 | 412 => {}
            _ => self.hold_failure("publishing", &reply),
        }
        Ok(())
    }

    fn hold_failure(&self, what: &str, reply: &Reply) {
        let nothing_yet = reply.status == 422 && reply.json()["code"] == "nothing-to-plan";
        if !nothing_yet && ![503, 507, 409].contains(&reply.status) {
            let message = format!("{what}: {} {}", reply.status, reply.text());
            locked(self.ledger).wrong.push(message);
        }
    }

    /// Goes on until asked to stop, or until the service is gone.
    pub fn run(&self, load: Load) {
        let mut client = self.client();
        while self.goes() {
            let goes_on = match load {
                Load::Singles => self.write(&mut client, &Write::single, 1),
                Load::Batches => self.write(&mut client, &|n| Write::batch(n, 450), 450),
                Load::RequestFiles => {
                    self.write(&mut client, &|n| Write::request_file(n, 450), 450)
                }
                Load::RegisterFiles => {
                    self.write(&mut client, &|n| Write::register_file(n, 300), 300)
                }
                Load::Runs => self.plan(&mut client).is_ok() || self.rests(),
            };
            if !goes_on {
                return;
            }
        }
    }
}
