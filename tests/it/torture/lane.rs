//! One database and its service under one kind of fault, round after round.

mod checks;
mod faults;

use super::ledger::{Ledger, State};
use super::load::{ENTERPRISES, Load, Work, locked};
use super::place::Place;
use crate::server::{PASSWORD, Server, program_at};
use crate::support::client::Client;
use crate::support::cluster::{Cluster, Stop};
use crate::support::county::{credit_code, pool, scenario};
use rand::RngExt;
use rand_pcg::Pcg64Mcg;
use serde_json::json;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Rounds before a lane begins anew on an empty database.
const ROUNDS_OF_A_DATABASE: usize = 10;
/// How soon a service works again after its database does, and a key after its server died.
const AGAIN: Duration = Duration::from_secs(30);
/// How soon a run ends that lost its server: a lease, and the planning itself.
const RUN_ENDS: Duration = Duration::from_secs(40);

/// What is done to a service or its database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The server is killed.
    Kill,
    /// Another process holds the lock to write.
    Lock,
    /// Another process opens the file, reads and closes it; then the server is killed.
    Visit,
    /// There is room for a few pages more.
    Full,
    /// The program that makes a backup is killed, and now and then the server with it.
    Backup,
    /// The program that restores is killed, and now and then the server with it.
    Restore,
    /// The clock jumps between two lives of the server.
    Clock,
    /// PostgreSQL is stopped and started.
    Stop(Stop),
    /// PostgreSQL does not answer.
    Freeze,
    /// PostgreSQL takes no writes.
    ReadOnly,
    /// PostgreSQL is gone, and its standby takes its place.
    FailOver,
}

/// A lane as it is planned.
#[derive(Clone, Debug)]
pub struct Plan {
    pub name: &'static str,
    pub fault: Fault,
    pub loads: &'static [Load],
}

/// Where a lane's databases come from.
#[derive(Clone)]
pub enum Source {
    /// Copies of a file.
    Sqlite(PathBuf),
    /// Copies of a database within a server.
    Postgres(Arc<Cluster>),
}

/// The name of the database that is copied.
const TEMPLATE: &str = "template_of_torture";

/// What a lane did.
#[derive(Debug, Default)]
pub struct Tally {
    pub rounds: usize,
    pub answered: usize,
    pub refused: usize,
    pub sent_again: usize,
    pub runs: usize,
    pub published: usize,
    /// Backups or restores that came to their end.
    pub ended: usize,
    pub violations: Vec<String>,
}

pub struct Lane {
    plan: Plan,
    program: PathBuf,
    source: Source,
    /// Of the whole torture; a lane's own numbers follow from it and the lane's name.
    seed: u64,
    random: Pcg64Mcg,
    place: Place,
    /// What takes PostgreSQL's place.
    standby: Option<Arc<Cluster>>,
    ledger: Arc<Mutex<Ledger>>,
    serial: Arc<AtomicUsize>,
    server: Option<Server>,
    /// Seconds that the server's clock is ahead.
    ahead: i64,
    token: Option<(String, Instant)>,
    /// The backup that is restored, with the ledger as it was then.
    backup: Option<(PathBuf, usize)>,
    tally: Tally,
    /// What was found of this database.
    reported: BTreeSet<String>,
}

fn copied(from: &Path, to: &Path) {
    std::fs::copy(from, to).expect("a copy");
    let log = |path: &Path| PathBuf::from(format!("{}-wal", path.display()));
    if log(from).exists() {
        std::fs::copy(log(from), log(to)).expect("a copy");
    }
}

/// The library that moves the clock of a program, where it is installed (Debian: `faketime`).
pub fn faketime() -> Option<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib").ok()?.flatten().map(|entry| entry.path());
    let places = folders.chain([PathBuf::from("/usr/lib"), PathBuf::from("/usr/local/lib")]);
    places.map(|folder| folder.join("faketime/libfaketimeMT.so.1")).find(|file| file.exists())
}

/// A template that the program itself fills through its interface, so that it is of its form.
pub fn template(program: &Path, source: &Source) {
    let url = match source {
        Source::Sqlite(path) => path.display().to_string(),
        Source::Postgres(cluster) => {
            cluster.execute("postgres", &[&format!("CREATE DATABASE {TEMPLATE}")]);
            cluster.url(TEMPLATE)
        }
    };
    let mut command = program_at(program);
    command.args(["serve", "--today", "2026-03-02", "--database", &url]);
    let mut server = Server::launch(&mut command).unwrap_or_else(|error| panic!("{error}"));
    let mut client = Client::new(server.address(), &server.token("admin"));
    let mut put = |path: &str, body: &str| {
        let reply = client.post(&format!("/api/v1{path}"), body.as_bytes()).expect("an answer");
        assert!([200, 201].contains(&reply.status), "{path}: {} {}", reply.status, reply.text());
    };
    for area in ["east", "west"] {
        let area = json!({ "id": area, "name": { "zh": "镇", "en": area } });
        put("/areas", &area.to_string());
    }
    put("/scenarios", &scenario().to_string());
    put("/departments", r#"{ "id": "ecology", "name": { "zh": "生态", "en": "Ecology" } }"#);
    let fumes = json!({
        "id": "fumes", "department": "ecology", "name": { "zh": "油烟", "en": "Fumes" },
        "minutes": { "value": 25, "assumed": true }, "inspectors": { "value": 1, "assumed": true }
    });
    put("/items", &fumes.to_string());
    for department in ["market", "fire", "ecology"] {
        put("/pools", &pool(department, department, None).to_string());
    }
    let mut file = String::from("统一社会信用代码,名称,区域编号,行业代码,风险等级,信用等级\n");
    for serial in 0..ENTERPRISES {
        let code = credit_code(1_000 + serial);
        writeln!(file, "{code},店{serial}（虚构）,east,6210,B,A").expect("text");
    }
    put("/register/enterprises/import", &file);
    let head = json!({
        "name": "head", "password": PASSWORD, "roles": ["head", "manager", "coordinator"],
        "departments": ["market", "fire", "ecology"]
    });
    put("/users", &head.to_string());
    server.end();
}

impl Lane {
    pub fn new(plan: Plan, program: &Path, source: &Source, seed: u64) -> Self {
        let own = plan
            .name
            .bytes()
            .fold(seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        let mut random = Pcg64Mcg::new(u128::from(own) << 1 | 1);
        let (place, standby) = fresh(source, &plan, &mut random);
        Self {
            plan,
            program: program.to_owned(),
            source: source.clone(),
            seed,
            random,
            place,
            standby,
            ledger: Arc::default(),
            serial: Arc::default(),
            server: None,
            ahead: 0,
            token: None,
            backup: None,
            tally: Tally::default(),
            reported: BTreeSet::new(),
        }
    }

    fn violation(&mut self, what: &str) {
        // what is wrong with a database stays so
        if !self.reported.insert(what.to_owned()) {
            return;
        }
        let reported = format!(
            "seed {}, lane \"{}\", round {}: {what}",
            self.seed, self.plan.name, self.tally.rounds
        );
        eprintln!("VIOLATION: {reported}");
        self.tally.violations.push(reported);
    }

    /// The address of the database as the server is given it: with a standby, of both.
    fn url(&self) -> String {
        match (&self.place, &self.standby) {
            (Place::Postgres(cluster, name), Some(standby)) => format!(
                "postgres://onevisit@{},{}/{name}?target_session_attrs=read-write",
                cluster.place(),
                standby.place()
            ),
            _ => self.place.url(),
        }
    }

    fn folder(&self) -> Option<PathBuf> {
        self.place.file().and_then(|file| Some(file.parent()?.to_owned()))
    }

    /// The program with its temporary files where they are looked for.
    fn command(&self, ahead: i64) -> Command {
        let mut command = program_at(&self.program);
        if let Some(library) = faketime().filter(|_| ahead != 0) {
            // what waits should wait as long as it says
            command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1").env("DONT_FAKE_MONOTONIC", "1");
            command.env("LD_PRELOAD", library).env("FAKETIME", format!("{ahead:+}s"));
        }
        if let Some(folder) = self.folder() {
            command.env("TMPDIR", folder.join("tmp"));
        }
        command
    }

    fn serve(&mut self, more: &[&str]) -> bool {
        let mut command = self.command(self.ahead);
        command.args(["serve", "--today", "2026-03-02", "--service-threads", "1"]);
        command.args(["--database", &self.url()]).args(more);
        match Server::launch(&mut command) {
            Ok(server) => {
                self.server = Some(server);
                true
            }
            Err(error) => {
                self.violation(&format!("the server does not start: {error}"));
                false
            }
        }
    }

    fn kill(&mut self) {
        if let Some(server) = self.server.take() {
            server.kill();
        }
    }

    fn address(&self) -> String {
        self.server.as_ref().map(|server| server.address().to_owned()).unwrap_or_default()
    }

    /// A token that is good for some minutes more; logs in where there is none.
    fn token(&mut self) -> Option<String> {
        if let Some((token, since)) = &self.token
            && since.elapsed() < Duration::from_secs(400)
        {
            return Some(token.clone());
        }
        let body = json!({ "name": "head", "password": PASSWORD }).to_string();
        let deadline = Instant::now() + AGAIN;
        loop {
            let mut client = Client::new(&self.address(), "").patient(Duration::from_secs(30));
            let reported = match client.post("/api/v1/session", body.as_bytes()) {
                Ok(reply) if reply.status == 200 => {
                    let token = reply.json()["token"].as_str().unwrap_or_default().to_owned();
                    self.token = Some((token.clone(), Instant::now()));
                    return Some(token);
                }
                Ok(reply) => format!("{} {}", reply.status, reply.text()),
                Err(error) => error.to_string(),
            };
            if Instant::now() > deadline {
                self.violation(&format!("nobody can log in for {AGAIN:?}: {reported}"));
                return None;
            }
            std::thread::sleep(Duration::from_millis(300));
        }
    }

    fn milliseconds(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_millis(self.random.random_range(from..to))
    }

    /// Runs the loads while something is done to them; it gets the server to kill it.
    fn under_load(&mut self, token: String, is_patient: bool, work: impl FnOnce(&mut Self)) {
        let (ledger, serial) = (Arc::clone(&self.ledger), Arc::clone(&self.serial));
        let shared = Work {
            address: self.address(),
            token,
            ledger: &ledger,
            serial: &serial,
            going: AtomicBool::new(true),
            is_patient,
        };
        let loads = self.plan.loads;
        std::thread::scope(|scope| {
            // also when what is done meanwhile fails
            let _end = End(&shared.going);
            for load in loads {
                // two at once, so that several connections are in use
                let times = if *load == Load::Singles { 2 } else { 1 };
                for _ in 0..times {
                    let (shared, load) = (&shared, *load);
                    scope.spawn(move || shared.run(load));
                }
            }
            work(self);
        });
    }

    /// One round: load, a fault, and what must hold afterwards.
    fn round(&mut self) {
        if self.tally.rounds > 0 && self.tally.rounds.is_multiple_of(ROUNDS_OF_A_DATABASE) {
            self.begin_anew();
        }
        self.tally.rounds += 1;
        let limit = (self.plan.fault == Fault::Full).then(|| self.pages_max());
        if let Some(limit) = &limit {
            self.kill();
            if !self.serve(&["--pages-max", limit]) {
                return;
            }
        }
        if self.plan.fault == Fault::Clock {
            self.kill();
            const JUMPS: [i64; 9] = [-86_400, -3_600, -30, -1, 0, 1, 30, 3_600, 86_400];
            self.ahead = JUMPS[self.random.random_range(0..JUMPS.len())];
            self.token = None;
        }
        if self.server.is_none() && !self.serve(&[]) {
            return;
        }
        let Some(token) = self.token() else { return };
        match self.plan.fault {
            Fault::Kill | Fault::Clock => {
                // long enough for a plan to be made and published, now and then
                let most = if self.plan.loads.contains(&Load::Runs) { 1_500 } else { 500 };
                let time = self.milliseconds(20, most);
                self.under_load(token, false, |lane| {
                    std::thread::sleep(time);
                    lane.kill();
                });
            }
            Fault::Lock => self.lock(token),
            Fault::Visit => self.visit(token),
            Fault::Full => {
                let time = self.milliseconds(300, 900);
                self.under_load(token, true, |_| std::thread::sleep(time));
                self.kill();
            }
            Fault::Backup => self.back_up(token),
            Fault::Restore => self.restore(token),
            Fault::Stop(_) | Fault::Freeze | Fault::ReadOnly => self.disturb(token),
            Fault::FailOver => self.fail_over(token),
        }
        // leavings of killed programs are removed at the next start
        let is_started_again = self.server.is_none();
        // what is there is looked at before the server starts again, or beside it
        if self.server.is_none() && self.random.random_bool(0.5) {
            self.check();
        }
        if self.server.is_none() && !self.serve(&[]) {
            return;
        }
        self.send_again();
        self.check();
        self.look_for_leavings(is_started_again);
    }

    fn begin_anew(&mut self) {
        self.see_runs_through();
        self.kill();
        self.note();
        (self.place, self.standby) = fresh(&self.source, &self.plan, &mut self.random);
        self.ledger = Arc::default();
        self.serial = Arc::default();
        self.token = None;
        self.ahead = 0;
        self.backup = None;
        self.reported.clear();
    }

    /// Adds what was done to the tally.
    fn note(&mut self) {
        let ledger = locked(&self.ledger);
        for write in &ledger.writes {
            self.tally.sent_again += write.sent.saturating_sub(1) as usize;
            if let State::Final(outcomes) = &write.state {
                let done = outcomes.iter().filter(|outcome| outcome.0 == 201).count();
                self.tally.answered += done;
                self.tally.refused += outcomes.len() - done;
            }
        }
        self.tally.runs += ledger.runs.len();
        self.tally.published += ledger.published.len();
    }

    /// Rounds until there were so many, or until it is `end`.
    pub fn run(mut self, rounds: usize, end: Instant) -> Tally {
        while self.tally.rounds < rounds && Instant::now() < end {
            self.round();
        }
        self.see_runs_through();
        self.kill();
        self.note();
        self.tally
    }
}

/// Ends the loads when it is dropped.
struct End<'g>(&'g AtomicBool);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

/// A new copy of the template.
fn fresh(source: &Source, plan: &Plan, random: &mut Pcg64Mcg) -> (Place, Option<Arc<Cluster>>) {
    match source {
        Source::Sqlite(path) => {
            let beside = path.parent().expect("a folder");
            let folder = tempfile::Builder::new().prefix("lane.").tempdir_in(beside);
            let place = Place::Sqlite(folder.expect("a folder"));
            let file = place.file().expect("a file");
            std::fs::create_dir(file.with_file_name("tmp")).expect("a folder");
            copied(path, &file);
            (place, None)
        }
        Source::Postgres(cluster) => {
            // a server that is replaced is a lane's own
            let cluster = match plan.fault {
                Fault::FailOver => {
                    cluster.stop(Stop::Fast);
                    let own = Arc::new(Cluster::copy_of(&cluster.data()));
                    cluster.start();
                    own
                }
                _ => Arc::clone(cluster),
            };
            let name = format!("torture_{:x}", random.random::<u64>());
            let make = format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE}");
            cluster.execute("postgres", &[&make]);
            let standby = (plan.fault == Fault::FailOver).then(|| {
                let standby = Arc::new(Cluster::standby_of(&cluster));
                cluster.follow_closely();
                standby
            });
            (Place::Postgres(cluster, name), standby)
        }
    }
}
