//! The real program as a server: started, killed, restarted; what people see when it refuses.

use crate::support::county::credit_code;
use crate::support::database::{Database, empty_postgres, on_both, read, sqlite};
use onevisit::app::access::users;
use onevisit::app::planning::{plans, runs};
use onevisit::app::{App, Caller, RequestFilter, StoreOptions, register, requests};
use onevisit::wire::planning::run::RunState;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Everybody's.
pub const PASSWORD: &str = "a password for tests";

/// The program's server on a port of its own.
pub struct Server {
    child: Child,
    address: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program that is built with the tests.
pub fn built() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_onevisit"))
}

/// A program without what this process's environment says to it.
pub fn program_at(path: &Path) -> Command {
    let mut command = Command::new(path);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("ONEVISIT_")) {
        command.env_remove(name);
    }
    command
}

/// The program that is built with the tests, without what the environment would set.
pub fn program() -> Command {
    program_at(&built())
}

/// Its place, as the program is given it.
pub fn url(database: &Database) -> String {
    match &database.address {
        onevisit::app::Address::Sqlite(path) => path.display().to_string(),
        onevisit::app::Address::Postgres(url) => url.clone(),
    }
}

impl Server {
    fn start(database: &str) -> Self {
        Self::start_on("2026-03-02", database)
    }

    /// Starts one for which it is `today`.
    pub fn start_on(today: &str, database: &str) -> Self {
        Self::start_with(&["--today", today], database)
    }

    /// Starts one with more options.
    pub fn start_with(options: &[&str], database: &str) -> Self {
        let mut command = program();
        command.args(["serve", "--database", database, "--service-threads", "1"]).args(options);
        Self::launch(&mut command).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Starts `serve` of a program that is given all but where to listen and how to log; what it printed
    /// last when it ends before it listens, or does not within a minute.
    pub fn launch(command: &mut Command) -> Result<Self, String> {
        let mut child = command
            .args(["--listen", "127.0.0.1:0", "--log", "json"])
            .env("ONEVISIT_ADMIN_PASSWORD", PASSWORD)
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| error.to_string())?;
        let mut log = BufReader::new(child.stderr.take().expect("a log"));
        let (ready, heard) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let mut line = String::new();
            let mut last = String::new();
            while log.read_line(&mut line).is_ok_and(|bytes| bytes > 0) {
                let event: Value = serde_json::from_str(&line).unwrap_or_default();
                if event["message"] == "listening" {
                    let _ =
                        ready.send(Ok(event["address"].as_str().unwrap_or_default().to_owned()));
                }
                last = std::mem::take(&mut line);
            }
            // read to its end, for a full pipe would stop the server
            let _ = ready.send(Err(format!("the server ended: {last}")));
        });
        let address = heard.recv_timeout(Duration::from_secs(60));
        let mut server = Self { child, address: String::new() };
        let address = address.unwrap_or_else(|_| Err("the server does not listen".into()))?;
        server.address = address.trim_start_matches("http://").to_owned();
        Ok(server)
    }

    /// Where it listens.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Asks it to end (SIGTERM), and waits until it has.
    pub fn end(&mut self) {
        let pid = self.child.id().to_string();
        let _ = Command::new("kill").args(["-TERM", &pid]).status().expect("kill runs");
        let _ = self.child.wait();
    }

    /// The process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Kills it, without a word to it.
    pub fn kill(mut self) {
        self.child.kill().expect("a kill");
        self.child.wait().expect("it is dead");
    }

    /// A connection, for what is to be written byte by byte.
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a limit");
        stream
    }

    /// Status and body, or what cut the call short.
    pub fn call(
        &self,
        method: &str,
        path: &str,
        token: &str,
        body: &str,
    ) -> std::io::Result<(u16, String)> {
        let mut stream = TcpStream::connect(&self.address)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n\
             Authorization: Bearer {token}\r\n\r\n{body}",
            body.len()
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let status = answer.get(9..12).and_then(|digits| digits.parse().ok());
        let body = answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned());
        match (status, body) {
            (Some(status), Some(body)) => Ok((status, body)),
            _ => Err(std::io::ErrorKind::UnexpectedEof.into()),
        }
    }

    /// Logs somebody in.
    pub fn token(&self, name: &str) -> String {
        let body = json!({ "name": name, "password": PASSWORD }).to_string();
        let (status, body) = self.call("POST", "/api/v1/session", "", &body).expect("an answer");
        assert_eq!(status, 200, "{body}");
        let body: Value = serde_json::from_str(&body).expect("JSON");
        body["token"].as_str().expect("a token").to_owned()
    }
}

fn opened(database: &Database) -> App {
    let options = onevisit::app::AppOptions::default();
    App::open(&database.address, &StoreOptions::default(), options).expect("it opens").0
}

/// How often the server is killed; more by hand.
fn kills() -> u64 {
    std::env::var("ONEVISIT_TEST_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(3)
}

#[test]
fn a_server_killed_while_planning_and_filing_loses_and_doubles_nothing() {
    on_both(|database| {
        {
            let app = opened(database);
            crate::support::county::settle(&app);
            let caller = crate::support::county::caller();
            let many: Vec<_> = (1_000..4_000)
                .map(|serial| {
                    let code = credit_code(serial);
                    read(crate::support::county::enterprise(&code, "east", "6210"))
                })
                .collect();
            register::add_enterprises(&app, &caller, &many).expect("enterprises");
            // a head files what needs no other approval, and may plan as well
            let head = json!({
                "name": "head", "password": PASSWORD, "roles": ["head", "manager"],
                "departments": ["market", "fire", "ecology"]
            });
            users::add(&app, &caller, &read(head)).expect("a head");
        }
        let place = url(database);
        let mut answered: BTreeSet<String> = BTreeSet::new();
        let mut asked: BTreeSet<String> = BTreeSet::new();
        let mut submitted: BTreeSet<String> = BTreeSet::new();
        let mut serial = 0;
        for kill in 0..kills() {
            let mut server = Server::start(&place);
            let token = server.token("head");
            // a fixed mixture of moments, early and late
            let moment = Duration::from_millis(40 + (kill * 7_919) % 700);
            let end = Instant::now() + moment;
            std::thread::scope(|scope| {
                let server_ref = &server;
                let (token, place) = (&token, &mut serial);
                let (answered, asked, submitted) = (&mut answered, &mut asked, &mut submitted);
                let filing = scope.spawn(move || {
                    loop {
                        *place += 1;
                        let reference = format!("K-{place}");
                        let enterprise = credit_code(1_000 + *place % 3_000);
                        let item = ["licence", "food", "exits", "fumes"][*place % 4];
                        let body = crate::support::county::with(
                            crate::support::county::request(item, &enterprise),
                            json!({ "reference": reference }),
                        );
                        asked.insert(reference.clone());
                        let path = "/api/v1/requests";
                        match server_ref.call("POST", path, token, &body.to_string()) {
                            Ok((201, _)) => answered.insert(reference),
                            Ok((status, body)) => panic!("{status} {body}"),
                            Err(_) => return,
                        };
                        if *place % 60 == 0 {
                            let run = json!({
                                "start": "2026-03-02", "end": "2026-03-31", "work": 15_000
                            });
                            let path = "/api/v1/runs";
                            match server_ref.call("POST", path, token, &run.to_string()) {
                                Ok((202, body)) => {
                                    let run: Value = serde_json::from_str(&body).expect("JSON");
                                    submitted.insert(run["id"].as_str().expect("id").to_owned())
                                }
                                Ok((status, body)) => panic!("{status} {body}"),
                                Err(_) => return,
                            };
                        }
                    }
                });
                std::thread::sleep(end.saturating_duration_since(Instant::now()));
                let pid = server_ref.child.id().to_string();
                let killed = Command::new("kill").args(["-9", &pid]).status().expect("kill runs");
                assert!(killed.success());
                filing.join().expect("filing");
            });
            server.child.wait().expect("it is dead");
        }
        // the last server sees every run through
        let server = Server::start(&place);
        let app = opened(database);
        let caller = Caller::local();
        let paging = onevisit::app::paging::Paging::new(None, Some(1_000)).expect("paging");
        let deadline = Instant::now() + Duration::from_secs(60 + 30 * kills());
        let ended = loop {
            let all = runs::list(&app, &caller, None, &paging).expect("runs").items;
            let is_over = |run: &onevisit::wire::planning::run::Run| run.state == RunState::Done;
            if all.iter().all(is_over) {
                break all;
            }
            let waiting = all.iter().filter(|run| !is_over(run)).count();
            assert!(Instant::now() < deadline, "{waiting} runs of {} still wait", all.len());
            std::thread::sleep(Duration::from_millis(200));
        };
        drop(server);
        let known: BTreeSet<String> = ended.iter().map(|run| run.id.clone()).collect();
        assert!(submitted.is_subset(&known), "no run is lost");
        for run in &ended {
            let plan = run.plan.as_deref().expect("every run has its plan");
            plans::get(&app, &caller, plan).expect("and it is there");
        }
        let all_plans = plans::list(&app, &caller, None, &paging).expect("plans").items;
        assert_eq!(all_plans.len(), ended.len(), "one plan a run");
        let mut found = Vec::new();
        let mut cursor = None;
        loop {
            let paging = onevisit::app::paging::Paging::new(cursor, Some(1_000)).expect("paging");
            let page = requests::list(&app, &caller, &RequestFilter::default(), &paging);
            let page = page.expect("requests");
            found.extend(page.items.into_iter().filter_map(|request| request.filed.reference));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        let distinct: BTreeSet<String> = found.iter().cloned().collect();
        assert_eq!(distinct.len(), found.len(), "nothing is doubled");
        assert!(answered.is_subset(&distinct), "nothing that was answered is lost");
        assert!(distinct.is_subset(&asked), "nothing is there that nobody filed");
        eprintln!(
            "{} kills: {} requests answered, {} there; {} runs, all done, {} begun more than once",
            kills(),
            answered.len(),
            found.len(),
            ended.len(),
            ended.iter().filter(|run| run.attempts > 1).count()
        );
    });
}

#[test]
fn refusals_to_start_say_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("x.db");
    let run = |args: &[&str]| {
        let output = program().args(args).output().expect("the program runs");
        let text = String::from_utf8(output.stderr).expect("text");
        (output.status.code(), text)
    };
    let place = place.to_str().expect("UTF-8");
    let (code, text) = run(&["serve", "--database", place, "--listen", "127.0.0.1:0"]);
    assert_eq!(code, Some(2));
    assert!(text.contains("ONEVISIT_ADMIN_PASSWORD"), "{text}");
    let short = ["serve", "--database", place, "--admin-password", "short"];
    let (code, text) = run(&short);
    assert_eq!(code, Some(3), "{text}");
    assert!(text.contains("at least 12 characters"), "{text}");
    let (code, text) = run(&["serve", "--database", "mysql://x/y"]);
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("a path to an SQLite file, or postgres://"), "{text}");
    let (code, text) = run(&["serve", "--database", "postgres://x@127.0.0.1:1/y"]);
    assert_eq!(code, Some(5), "{text}");
    assert!(text.contains("database is not available"), "{text}");
    let (code, text) = run(&["serve", "--database", "/nowhere/x.db"]);
    assert_eq!(code, Some(5), "{text}");
    let (code, text) = run(&["serve", "--zone", "Mars/Olympus"]);
    assert_eq!(code, Some(2), "{text}");
    let (code, text) = run(&["backup", "--database", "postgres://x@127.0.0.1/y", "copy.db"]);
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("pg_dump"), "{text}");
    let (code, text) = run(&["restore", "--database", place, "/nowhere/copy.db"]);
    assert_eq!(code, Some(2), "{text}");
}

#[test]
fn scenario_files_are_checked_and_loaded_from_the_command_line() {
    let database = sqlite();
    let place = url(&database);
    let run = |args: &[&str]| {
        let output = program().args(args).output().expect("the program runs");
        let out = String::from_utf8(output.stdout).expect("text");
        (output.status.code(), out, String::from_utf8(output.stderr).expect("text"))
    };
    let (code, out, text) = run(&["scenarios", "check", "scenarios"]);
    assert_eq!((code, out.lines().count()), (Some(0), 67), "{text}");
    let (code, out, text) = run(&["scenarios", "load", "scenarios", "--database", &place]);
    assert_eq!(code, Some(0), "{text}");
    assert!(out.lines().all(|line| line.ends_with("added")), "{out}");
    let (_, out, _) = run(&["scenarios", "load", "scenarios", "--database", &place]);
    assert!(out.lines().all(|line| line.ends_with("exists already")), "{out}");
    let folder = tempfile::tempdir().expect("a folder");
    let bad = folder.path().join("bad.toml");
    std::fs::write(&bad, "format = \"onevisit-scenario/1\"\nid = \"x\"\n").expect("written");
    let (code, _, text) = run(&["scenarios", "check", bad.to_str().expect("UTF-8")]);
    assert_eq!(code, Some(3));
    assert!(text.contains("/name: The field \"name\" is required. [missing-field]"), "{text}");
    assert!(text.contains("/departments: "), "all defects: {text}");
}

#[test]
fn the_demo_plans_serves_and_starts_again_in_no_time() {
    for database in [sqlite(), empty_postgres()] {
        let folder = tempfile::tempdir().expect("a folder");
        let out = folder.path().to_str().expect("UTF-8");
        let place = url(&database);
        let args =
            ["demo", "--enterprises", "60", "--work", "5000", "--out", out, "--database", &place];
        let run = || {
            let output = program().args(args).arg("--no-serve").output().expect("it runs");
            let text = String::from_utf8(output.stdout).expect("text");
            let error = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success(), "{text}{error}");
            text
        };
        let first = run();
        for wanted in ["made up", "Separate visits", "Scenario", "Coverage", "Left out", "gap"] {
            assert!(first.contains(wanted), "{wanted}: {first}");
        }
        let second = run();
        assert!(second.starts_with(&first), "the second start shows the same plan: {second}");
        assert!(second.contains("planned at an earlier start"), "{second}");
        // and serves it
        let mut child = program()
            .args(args)
            .args(["--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut out = BufReader::new(child.stdout.take().expect("its output"));
        let mut printed = String::new();
        while !printed.contains("visits?limit=1") {
            assert!(out.read_line(&mut printed).expect("text") > 0, "{printed}");
        }
        let address = printed.split("http://").nth(1).expect("an address");
        let address = address.split(' ').next().expect("an address").to_owned();
        let password = printed.split("\"password\":\"").nth(1).expect("a password");
        let password = password.split('"').next().expect("a password").to_owned();
        let server = Server { child, address };
        let body = json!({ "name": "admin", "password": password }).to_string();
        let (status, body) = server.call("POST", "/api/v1/session", "", &body).expect("answer");
        assert_eq!(status, 200, "{body}");
        let body: Value = serde_json::from_str(&body).expect("JSON");
        let token = body["token"].as_str().expect("a token");
        let (status, body) =
            server.call("GET", "/api/v1/visits?limit=1", token, "").expect("answer");
        assert_eq!(status, 200);
        let page: Value = serde_json::from_str(&body).expect("JSON");
        assert_eq!(page["items"].as_array().map(Vec::len), Some(1), "{body}");
    }
}
