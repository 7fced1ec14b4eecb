//! How fast the service is where people wait: the program that is built here and, beside it, another
//! that `ONEVISIT_PROGRAM` names, each on its own copy of one prepared register. What each measurement
//! does is written at its function; `make service-figures` prints the table.

use crate::filing_figures::{Plan, Size, fill, plan};
use crate::server::{PASSWORD, Server, built, program_at};
use crate::support::client::{Client, Reply};
use crate::support::cluster::{Cluster, Stop};
use crate::support::county::{caller, credit_code};
use crate::support::database::{Database, read};
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};
use onevisit::app::Address;
use onevisit::app::access::users;
use onevisit::samples::demo;
use onevisit::wire::requests::request::NewRequest;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The prepared SQLite file, and the folder of the prepared PostgreSQL data, within a folder.
const SQLITE: &str = "sqlite.db";
const POSTGRES: &str = "postgres";
/// The PostgreSQL database in it.
const NAME: &str = "figures";
/// The day whose visits are pulled.
const DAY: &str = "2026-09-08";

fn count(name: &str, default: usize) -> usize {
    let text = std::env::var(name).ok().filter(|text| !text.is_empty());
    text.map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name}: {text}")))
}

fn folder(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// As large as `ONEVISIT_FIGURES_REQUESTS` says.
fn size() -> Size {
    let requests = count("ONEVISIT_FIGURES_REQUESTS", 1_000_000);
    Size { enterprises: requests / 10, requests, open: requests / 40 }
}

/// Fills a database with the register and the users of the measurements.
fn fill_one(address: Address, size: &Size, plan: &Plan) {
    let database = Database::at(address);
    let app = fill(&database, size, plan);
    let all: BTreeSet<&String> = plan.next.iter().map(|request| &request.department).collect();
    let roles = ["head", "coordinator", "manager"];
    for (name, roles, departments) in [
        ("everybody", &roles[..], all.clone()),
        ("one", &roles[..1], all.iter().copied().take(1).collect()),
    ] {
        let user = json!({
            "name": name, "password": PASSWORD, "roles": roles, "departments": departments
        });
        users::add(&app, &caller(), &read(user)).expect("a user");
    }
    drop(app);
    // who goes to the visits of the past: the schedule is asked for by department
    let present = "INSERT INTO attendances (visit_id, department_id, inspectors, minutes)
        SELECT c.visit_id, r.department_id, MAX(r.inspectors), CAST(SUM(r.minutes) AS BIGINT)
        FROM visit_requests c JOIN requests r ON r.id = c.request_id
        GROUP BY c.visit_id, r.department_id";
    match &database.address {
        Address::Sqlite(path) => {
            let path = path.to_str().expect("UTF-8");
            let mut connection = SqliteConnection::establish(path).expect("it opens");
            connection.batch_execute("PRAGMA synchronous = OFF").expect("a setting");
            connection.batch_execute(present).expect("attendances");
            connection.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)").expect("one file");
        }
        Address::Postgres(url) => {
            let mut connection = PgConnection::establish(url).expect("it answers");
            connection.batch_execute(present).expect("attendances");
            connection.batch_execute("VACUUM ANALYZE").expect("statistics");
            connection.batch_execute("CHECKPOINT").expect("written");
        }
    }
}

/// Makes the register in both databases, by the library of this build, and leaves it in a folder.
fn prepare(into: &Path, size: &Size, plan: &Plan) {
    std::fs::create_dir_all(into).expect("a folder");
    let start = Instant::now();
    fill_one(Address::Sqlite(into.join(SQLITE)), size, plan);
    println!("SQLite: the register made in {:.0} s", start.elapsed().as_secs_f64());
    let start = Instant::now();
    let cluster = Cluster::new();
    cluster.execute("postgres", &[&format!("CREATE DATABASE {NAME}")]);
    fill_one(Address::Postgres(cluster.url(NAME)), size, plan);
    cluster.stop(Stop::Fast);
    copy(&cluster.data(), &into.join(POSTGRES));
    println!("PostgreSQL: the register made in {:.0} s", start.elapsed().as_secs_f64());
}

fn copy(from: &Path, to: &Path) {
    let mut command = std::process::Command::new("cp");
    let copied = command.arg("-a").arg(from).arg(to).status().expect("cp runs");
    assert!(copied.success(), "{} is copied to {}", from.display(), to.display());
}

/// A program that is measured, on its own copy of the register.
struct Subject {
    server: Server,
    /// Of who may do everything, and of who heads one department.
    everybody: String,
    one: String,
    _copy: (Option<TempDir>, Option<Cluster>),
}

impl Subject {
    fn new(program: &Path, from: &Path, is_postgres: bool) -> Self {
        let (place, copied) = if is_postgres {
            let cluster = Cluster::copy_of(&from.join(POSTGRES));
            (cluster.url(NAME), (None, Some(cluster)))
        } else {
            let folder = tempfile::tempdir().expect("a folder");
            let place = folder.path().join(SQLITE);
            copy(&from.join(SQLITE), &place);
            (place.display().to_string(), (Some(folder), None))
        };
        let mut command = program_at(program);
        command.args(["serve", "--database", &place, "--today", &demo::today().to_string()]);
        let server = Server::launch(&mut command).unwrap_or_else(|error| panic!("{error}"));
        let [everybody, one] = ["everybody", "one"].map(|name| server.token(name));
        Self { server, everybody, one, _copy: copied }
    }

    fn client(&self) -> Client {
        Client::new(self.server.address(), &self.everybody)
    }
}

/// One figure of a measurement.
struct Figure {
    what: String,
    value: f64,
    /// Digits after the point.
    digits: usize,
    /// Whether more is better; for the ratio.
    is_rate: bool,
}

fn figure(what: &str, value: f64, digits: usize) -> Figure {
    Figure { what: what.into(), value, digits, is_rate: false }
}

fn rate(what: &str, value: f64) -> Figure {
    Figure { what: what.into(), value, digits: 0, is_rate: true }
}

/// How calls went.
#[derive(Default)]
struct Calls {
    milliseconds: Vec<f64>,
    unavailable: usize,
    /// Neither done, nor refused by the law, nor 503.
    odd: Vec<String>,
}

impl Calls {
    fn record(&mut self, start: Instant, answer: std::io::Result<Reply>) {
        self.milliseconds.push(start.elapsed().as_secs_f64() * 1_000.0);
        match answer {
            Ok(reply) if [200, 201, 202, 422].contains(&reply.status) => {}
            Ok(reply) if reply.status == 503 => self.unavailable += 1,
            Ok(reply) => self.odd.push(format!("{} {}", reply.status, reply.text())),
            Err(error) => self.odd.push(error.to_string()),
        }
    }

    fn quantile(&self, percent: usize) -> f64 {
        let mut sorted = self.milliseconds.clone();
        sorted.sort_by(f64::total_cmp);
        let place = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
        sorted.get(place).copied().unwrap_or(f64::NAN)
    }

    fn join(all: impl IntoIterator<Item = Self>) -> Self {
        let mut joined = Self::default();
        for calls in all {
            joined.milliseconds.extend(calls.milliseconds);
            joined.unavailable += calls.unavailable;
            joined.odd.extend(calls.odd);
        }
        for odd in joined.odd.iter().take(3) {
            println!("  odd: {odd}");
        }
        joined
    }
}

/// Calls by several clients at once until they have no more to ask.
fn at_once(clients: usize, each: impl Fn(usize) -> Calls + Sync) -> Calls {
    std::thread::scope(|scope| {
        let each = &each;
        let all: Vec<_> = (0..clients).map(|n| scope.spawn(move || each(n))).collect();
        Calls::join(all.into_iter().map(|one| one.join().expect("a client")))
    })
}

/// What is filed, from the front; each subject files the same.
struct Source<'p> {
    requests: &'p [NewRequest],
    place: AtomicUsize,
}

impl<'p> Source<'p> {
    fn take(&self, count: usize) -> &'p [NewRequest] {
        let start = self.place.fetch_add(count, Ordering::Relaxed);
        self.requests.get(start..start + count).expect("the register is large enough")
    }
}

fn body(request: &NewRequest) -> Vec<u8> {
    serde_json::to_vec(request).expect("JSON")
}

fn batch(requests: &[NewRequest]) -> Vec<u8> {
    json!({ "requests": requests }).to_string().into_bytes()
}

/// Single filings by `clients` one after the other, while `going` says so, at most `most` each.
fn singles(
    subject: &Subject,
    source: &Source<'_>,
    (clients, most): (usize, usize),
    going: impl Fn() -> bool + Sync,
) -> Calls {
    at_once(clients, |_| {
        let mut client = subject.client();
        let mut calls = Calls::default();
        for _ in 0..most {
            if !going() {
                break;
            }
            let body = body(&source.take(1)[0]);
            let start = Instant::now();
            calls.record(start, client.post("/api/v1/requests", &body));
        }
        calls
    })
}

/// Runs `work` beside what goes on as long as it does.
fn beside<T: Send, U>(
    work: impl FnOnce() -> T + Send,
    other: impl FnOnce(&AtomicBool) -> U,
) -> (T, U) {
    let going = AtomicBool::new(true);
    std::thread::scope(|scope| {
        let going_ref = &going;
        let work = scope.spawn(move || {
            let done = work();
            going_ref.store(false, Ordering::Relaxed);
            done
        });
        let other = other(&going);
        (work.join().expect("the work"), other)
    })
}

/// Sixteen clients ask for the first 1,000 visits of the schedule for some seconds.
fn pages(subject: &Subject, _: &Source<'_>) -> Vec<Figure> {
    let (calls, seconds) = pull(subject, &subject.everybody, "/api/v1/visits?limit=1000", 8);
    vec![
        rate(
            "GET /visits?limit=1000, 16 clients: a second",
            calls.milliseconds.len() as f64 / seconds,
        ),
        figure("  p99, ms", calls.quantile(99), 0),
    ]
}

fn pull(subject: &Subject, token: &str, path: &str, seconds: u64) -> (Calls, f64) {
    let start = Instant::now();
    let end = start + Duration::from_secs(seconds);
    let calls = at_once(16, |_| {
        let mut client = Client::new(subject.server.address(), token);
        let mut calls = Calls::default();
        while Instant::now() < end {
            let start = Instant::now();
            calls.record(start, client.get(path));
        }
        calls
    });
    (calls, start.elapsed().as_secs_f64())
}

/// 4 × 300 single filings, after some that warm up.
fn four_clients(subject: &Subject, source: &Source<'_>) -> Vec<Figure> {
    singles(subject, source, (4, 25), || true);
    let start = Instant::now();
    let calls = singles(subject, source, (4, 300), || true);
    let a_second = calls.milliseconds.len() as f64 / start.elapsed().as_secs_f64();
    vec![
        figure("single filings, four clients: p50, ms", calls.quantile(50), 1),
        figure("  p99, ms", calls.quantile(99), 1),
        rate("  a second", a_second),
        figure("  503", calls.unavailable as f64, 0),
    ]
}

fn send_batch(subject: &Subject, body: &[u8]) -> String {
    let mut client = subject.client().patient(Duration::from_secs(300));
    match client.post("/api/v1/requests/batch", body) {
        Ok(reply) if reply.status == 200 => {
            let answer = reply.json();
            format!("{} filed, {} refused", answer["filed"], answer["refused"])
        }
        Ok(reply) => format!("{} {}", reply.status, reply.text()),
        Err(error) => error.to_string(),
    }
}

/// A batch, and nothing beside it.
fn one_batch(subject: &Subject, source: &Source<'_>) -> Vec<Figure> {
    let count = batch_size();
    let body = batch(source.take(count));
    let start = Instant::now();
    let figures = send_batch(subject, &body);
    let seconds = start.elapsed().as_secs_f64();
    println!("  a batch: {figures}");
    vec![figure(&format!("batch of {count}: s"), seconds, 2)]
}

fn batch_size() -> usize {
    count("ONEVISIT_FIGURES_BATCH", 10_000)
}

/// Four clients file one by one as long as two batches run.
fn beside_batches(subject: &Subject, source: &Source<'_>) -> Vec<Figure> {
    let count = batch_size();
    let bodies = [batch(source.take(count)), batch(source.take(count))];
    let start = Instant::now();
    let (figures, calls) = beside(
        || {
            std::thread::scope(|scope| {
                let sent = bodies.each_ref().map(|body| scope.spawn(|| send_batch(subject, body)));
                sent.map(|one| one.join().expect("a batch"))
            })
        },
        |going| singles(subject, source, (4, 2_000), || going.load(Ordering::Relaxed)),
    );
    let seconds = start.elapsed().as_secs_f64();
    println!("  two batches: {}; {}", figures[0], figures[1]);
    vec![
        figure("single filings beside two batches: p50, ms", calls.quantile(50), 1),
        figure("  p99, ms", calls.quantile(99), 0),
        figure("  503", calls.unavailable as f64, 0),
        figure("  of so many", calls.milliseconds.len() as f64, 0),
        figure("  both batches, s", seconds, 1),
    ]
}

/// A file is imported, and two clients file one by one beside it.
fn import(
    subject: &Subject,
    source: &Source<'_>,
    what: &str,
    path: &str,
    file: &str,
) -> Vec<Figure> {
    let start = Instant::now();
    let (figures, calls) = beside(
        || {
            let mut client = subject.client().patient(Duration::from_secs(300));
            match client.post(path, file.as_bytes()) {
                Ok(reply) => {
                    let report = reply.json();
                    format!("{} added, {} defective", report["added"], report["defective"])
                        + if reply.status == 200 { "" } else { ", refused" }
                }
                Err(error) => error.to_string(),
            }
        },
        |going| singles(subject, source, (2, 2_000), || going.load(Ordering::Relaxed)),
    );
    let seconds = start.elapsed().as_secs_f64();
    println!("  {what}: {figures}");
    vec![
        figure(&format!("import of {what}: s"), seconds, 1),
        figure("  longest wait of another write, ms", calls.quantile(100), 0),
        figure("  503", calls.unavailable as f64, 0),
    ]
}

fn rows() -> usize {
    count("ONEVISIT_FIGURES_ROWS", 50_000)
}

fn import_enterprises(subject: &Subject, source: &Source<'_>) -> Vec<Figure> {
    let mut client = subject.client();
    let areas = client.get("/api/v1/areas?limit=1000").expect("areas").json();
    // the last has no area below it
    let area = areas["items"].as_array().and_then(|all| all.last()).expect("an area")["id"].clone();
    let area = area.as_str().expect("its id").to_owned();
    let mut file = String::from("统一社会信用代码,名称,区域编号,行业代码,风险等级,信用等级\n");
    for serial in 0..rows() {
        let code = credit_code(500_000 + serial);
        writeln!(file, "{code},店{serial}（虚构）,{area},6210,B,A").expect("text");
    }
    let what = format!("{} enterprises", rows());
    import(subject, source, &what, "/api/v1/register/enterprises/import?accept_good=true", &file)
}

fn import_requests(subject: &Subject, source: &Source<'_>) -> Vec<Figure> {
    let mut file = String::from(
        "文号,部门,统一社会信用代码,检查事项,检查类型,最早日期,最晚日期,不计入频次的理由\n",
    );
    for request in source.take(rows()) {
        let value = serde_json::to_value(request).expect("JSON");
        let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
        writeln!(
            file,
            "{},{},{},{},{},{},{},{}",
            text("reference"),
            request.department,
            request.enterprise,
            request.item,
            text("kind"),
            request.earliest,
            request.latest,
            text("reason")
        )
        .expect("text");
    }
    let what = format!("{} requests", rows());
    import(subject, source, &what, "/api/v1/requests/import?accept_good=true", &file)
}

/// Three runs one after the other, each cancelled when it was answered; the middle one's time.
fn submitting(subject: &Subject, _: &Source<'_>) -> Vec<Figure> {
    let mut client = subject.client();
    let mut seconds: Vec<f64> = (0..3)
        .map(|_| {
            let start = Instant::now();
            let run = submit(&mut client, 1.0);
            let took = start.elapsed().as_secs_f64();
            end(&mut client, &run);
            took
        })
        .collect();
    seconds.sort_by(f64::total_cmp);
    vec![figure("submitting a run: s", seconds[1], 2)]
}

fn submit(client: &mut Client, seconds: f64) -> String {
    let body = json!({ "seconds": seconds }).to_string();
    let reply = client.post("/api/v1/runs", body.as_bytes()).expect("an answer");
    assert_eq!(reply.status, 202, "{}", reply.text());
    reply.json()["id"].as_str().expect("an id").to_owned()
}

fn state(client: &mut Client, run: &str) -> String {
    let reply = client.get(&format!("/api/v1/runs/{run}")).expect("a run").json();
    reply["state"].as_str().expect("a state").to_owned()
}

/// Cancels a run and waits until it has ended.
fn end(client: &mut Client, run: &str) {
    let _ = client.post(&format!("/api/v1/runs/{run}/cancel"), b"").expect("an answer");
    let deadline = Instant::now() + Duration::from_secs(120);
    while ["queued", "running"].contains(&state(client, run).as_str()) {
        assert!(Instant::now() < deadline, "a cancelled run ends");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Sixteen clients ask for one department's day while a run is planned.
fn morning(subject: &Subject, _: &Source<'_>) -> Vec<Figure> {
    let mut client = subject.client();
    let run = submit(&mut client, 60.0);
    let deadline = Instant::now() + Duration::from_secs(30);
    while state(&mut client, &run) != "running" && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(50));
    }
    let mut one = Client::new(subject.server.address(), &subject.one);
    let path = format!("/api/v1/visits?from={DAY}&to={DAY}");
    let first = one.get(&path).expect("a page");
    let visits = first.json()["items"].as_array().map_or(0, Vec::len);
    println!("  a department's day: {visits} visits in {} bytes", first.body.len());
    let (calls, seconds) = pull(subject, &subject.one, &path, 10);
    // an idle connection is closed by now
    let mut client = subject.client();
    assert_eq!(state(&mut client, &run), "running", "it is planned all the time");
    end(&mut client, &run);
    vec![
        rate(
            "morning pull beside a run, 16 clients: a second",
            calls.milliseconds.len() as f64 / seconds,
        ),
        figure("  p99, ms", calls.quantile(99), 0),
        figure("  503", calls.unavailable as f64, 0),
    ]
}

type Measurement = (&'static str, fn(&Subject, &Source<'_>) -> Vec<Figure>);

const MEASUREMENTS: [Measurement; 8] = [
    ("pages", pages),
    ("singles", four_clients),
    ("batch", one_batch),
    ("beside", beside_batches),
    ("enterprises", import_enterprises),
    ("requests", import_requests),
    ("submit", submitting),
    ("morning", morning),
];

/// Measures one kind of database; the lines of its table.
fn measure(is_postgres: bool, programs: &[(&str, PathBuf)], from: &Path, plan: &Plan) -> String {
    let name = if is_postgres { "PostgreSQL" } else { "SQLite" };
    let only = std::env::var("ONEVISIT_FIGURES_ONLY").unwrap_or_default();
    let is_wanted = |what: &str| only.is_empty() || only.split(',').any(|one| one == what);
    let subjects: Vec<_> = programs
        .iter()
        .map(|(name, program)| {
            let start = Instant::now();
            let subject = Subject::new(program, from, is_postgres);
            println!("{name}: ready in {:.1} s", start.elapsed().as_secs_f64());
            let source = Source { requests: &plan.next, place: AtomicUsize::new(0) };
            (name, subject, source)
        })
        .collect();
    let mut table = format!("\n{name:<52}");
    for (name, ..) in &subjects {
        write!(table, "{name:>12}").expect("text");
    }
    if subjects.len() == 2 {
        write!(table, "{:>12}", "times better").expect("text");
    }
    table.push('\n');
    for (what, measurement) in MEASUREMENTS.iter().filter(|(what, _)| is_wanted(what)) {
        let found: Vec<Vec<Figure>> = subjects
            .iter()
            .map(|(program, subject, source)| {
                println!("{name}, {program}: {what}");
                measurement(subject, source)
            })
            .collect();
        for (n, first) in found[0].iter().enumerate() {
            write!(table, "{:<52}", first.what).expect("text");
            for figures in &found {
                write!(table, "{:>12.*}", first.digits, figures[n].value).expect("text");
            }
            if let [own, other] = &found[..] {
                let ratio = other[n].value / own[n].value;
                let ratio = if first.is_rate { 1.0 / ratio } else { ratio };
                // none of nothing has no ratio
                if ratio.is_finite() && ratio > 0.0 {
                    write!(table, "{ratio:>12.2}").expect("text");
                }
            }
            table.push('\n');
        }
    }
    table
}

/// `make service-figures` runs it and shows what it prints.
#[test]
#[ignore = "takes some minutes; make service-figures runs it"]
fn figures_of_the_service() {
    let size = size();
    let plan = plan(&size);
    println!("{} requests can be filed", plan.next.len());
    if let Some(into) = folder("ONEVISIT_FIGURES_INTO") {
        return prepare(&into, &size, &plan);
    }
    let made = tempfile::tempdir().expect("a folder");
    let from = folder("ONEVISIT_FIGURES_FROM").unwrap_or_else(|| {
        prepare(made.path(), &size, &plan);
        made.path().to_owned()
    });
    let mut programs = vec![("this", built())];
    programs.extend(folder("ONEVISIT_PROGRAM").map(|other| ("other", other)));
    let on = std::env::var("ONEVISIT_FIGURES_ON").unwrap_or_default();
    let tables: Vec<String> = [("sqlite", false), ("postgres", true)]
        .iter()
        .filter(|(name, _)| on.is_empty() || on == *name)
        .map(|(_, is_postgres)| measure(*is_postgres, &programs, &from, &plan))
        .collect();
    println!("{}", tables.concat());
}

/// The figures are only worth something when each measurement does what it says: a small one of all.
#[test]
#[ignore = "takes a minute; make torture-little runs it"]
fn a_small_register_is_measured_to_the_end() {
    let size = Size { enterprises: 400, requests: 4_000, open: 100 };
    let plan = plan(&size);
    let folder = tempfile::tempdir().expect("a folder");
    fill_one(Address::Sqlite(folder.path().join(SQLITE)), &size, &plan);
    let subject = Subject::new(&built(), folder.path(), false);
    let mut client = subject.client();
    let found = client.get("/api/v1/visits?limit=1000").expect("a page").json();
    assert!(found["items"].as_array().is_some_and(|visits| !visits.is_empty()), "{found}");
    let mut one = Client::new(subject.server.address(), &subject.one);
    // so few have no visit on most days
    let days = one.get(&format!("/api/v1/visits?from=2025-10-01&to={DAY}")).expect("a page").json();
    let visits: &Vec<Value> = days["items"].as_array().expect("visits");
    assert!(!visits.is_empty(), "a department has visits");
    let filed = send_batch(&subject, &batch(&plan.next[..20]));
    assert!(filed.contains("filed"), "{filed}");
    let calls = singles(
        &subject,
        &Source { requests: &plan.next, place: AtomicUsize::new(20) },
        (2, 5),
        || true,
    );
    assert_eq!((calls.milliseconds.len(), calls.unavailable, calls.odd.len()), (10, 0, 0));
    let run = submit(&mut client, 1.0);
    end(&mut client, &run);
}
