//! The locks of an SQLite file: who keeps a database open keeps its locks, whatever else is opened,
//! closed, backed up or restored, in its own process or in another.

use crate::server::{PASSWORD, Server, program, url};
use crate::store::restore;
use crate::support::county::{NOODLES, caller, file, request, settle, with};
use crate::support::database::{Database, app, read, sqlite};
use onevisit::app::access::users;
use onevisit::app::paging::Paging;
use onevisit::app::{Address, App, RequestFilter, backup, requests};
use serde_json::json;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

fn place(database: &Database) -> &Path {
    match &database.address {
        Address::Sqlite(path) => path,
        Address::Postgres(_) => panic!("a file"),
    }
}

/// Whether a process holds the locks by which others see that it uses a database: the shared one on
/// the file, and the one on the index of its log that says the index is alive.
#[cfg(target_os = "linux")]
fn assert_held(process: u32, database: &Path) {
    use std::os::unix::fs::MetadataExt;
    let locks = std::fs::read_to_string("/proc/locks").expect("Linux lists its locks");
    let holds = |path: &Path, byte: u64| {
        let inode = format!(":{}", path.metadata().expect("the file").ino());
        locks.lines().any(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [_, "POSIX", _, "READ", holder, file, from, to] = words[..] else { return false };
            let within = from.parse().is_ok_and(|from: u64| from <= byte)
                && to.parse().is_ok_and(|to: u64| to >= byte);
            holder == process.to_string() && file.ends_with(&inode) && within
        })
    };
    // sqlite.org/fileformat2.html and wal.html: the shared lock lies in 510 bytes from 2^30 + 2 on
    let index = database.with_file_name("test.db-shm");
    let shared = (0..510).any(|i| holds(database, (1 << 30) + 2 + i));
    assert!(shared, "no shared lock on the file: {locks}");
    assert!(holds(&index, 128), "no lock on the log's index: {locks}");
}

#[cfg(not(target_os = "linux"))]
fn assert_held(_: u32, _: &Path) {}

/// Opens and closes the database in other processes: this program, and SQLite's shell and Python's
/// module where they are.
fn others_look(database: &Path) {
    let place = database.to_str().expect("UTF-8");
    let looked = program().args(["user", "list", "--database", place]).output().expect("it runs");
    assert!(looked.status.success(), "{looked:?}");
    let python =
        "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchall()";
    let query = "SELECT count(*) FROM requests";
    for (program, before) in [("sqlite3", &[][..]), ("python3", &["-c", python][..])] {
        // beside the look above, which is always there
        if let Ok(looked) = Command::new(program).args(before).args([place, query]).output() {
            assert!(looked.status.success(), "{looked:?}");
        }
    }
}

fn references(app: &App) -> BTreeSet<String> {
    let paging = Paging::new(None, Some(1_000)).expect("paging");
    let page = requests::list(app, &caller(), &RequestFilter::default(), &paging).expect("a list");
    page.items.into_iter().filter_map(|request| request.filed.reference).collect()
}

#[test]
fn what_was_answered_beside_another_client_is_there_after_a_kill() {
    let database = sqlite();
    {
        let app = app(&database);
        settle(&app);
        let head = json!({
            "name": "head", "password": PASSWORD, "roles": ["head"], "departments": ["market"]
        });
        users::add(&app, &caller(), &read(head)).expect("a head");
    }
    let place = place(&database);
    let server = Server::start_on("2026-03-02", &url(&database));
    let token = server.token("head");
    // several at once, so that several connections are opened
    let file_some = |round: &str| -> BTreeSet<String> {
        std::thread::scope(|scope| {
            let one = |thread: usize| {
                let (server, token) = (&server, &token);
                let filed = move |i: usize| {
                    let reference = format!("{round}-{thread}-{i}");
                    let body = with(request("food", NOODLES), json!({ "reference": reference }));
                    let path = "/api/v1/requests";
                    let answer = server.call("POST", path, token, &body.to_string());
                    let (status, body) = answer.expect("an answer");
                    assert_eq!(status, 201, "{body}");
                    reference
                };
                scope.spawn(move || (0..10).map(filed).collect::<Vec<_>>())
            };
            let threads: Vec<_> = (0..4).map(one).collect();
            threads.into_iter().flat_map(|thread| thread.join().expect("it ends")).collect()
        })
    };
    let mut answered = file_some("before");
    assert_held(server.pid(), place);
    others_look(place);
    assert_held(server.pid(), place);
    answered.extend(file_some("between"));
    others_look(place);
    answered.extend(file_some("after"));
    server.kill();
    let found = references(&app(&database));
    let lost = answered.difference(&found).count();
    assert_eq!(lost, 0, "of {} answered, {lost} are gone", answered.len());
}

#[test]
fn nothing_in_this_process_takes_its_own_locks_away() {
    let database = sqlite();
    let first = app(&database);
    settle(&first);
    file(&first, request("food", NOODLES));
    let (place, own) = (place(&database), std::process::id());
    assert_held(own, place);
    drop(app(&database));
    assert_held(own, place);
    let copy = place.with_file_name("copy.db");
    backup::backup(place, &copy).expect("a backup");
    assert_held(own, place);
    restore(&copy, place).expect("restored");
    first.is_ready().expect("it answers");
    assert_held(own, place);
    others_look(place);
    file(&first, with(request("food", NOODLES), json!({ "reference": "later" })));
    assert_held(own, place);
    assert!(references(&first).contains("later"));
}

#[cfg(unix)]
#[test]
fn a_database_that_others_may_read_is_taken_away_from_them() {
    use std::os::unix::fs::PermissionsExt;
    let database = sqlite();
    let place = place(&database);
    let set = |path: &Path, mode: u32| {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(path, permissions).expect("set");
    };
    let mode = |end: &str| {
        let path = place.with_file_name(format!("test.db{end}"));
        path.metadata().expect("the file").permissions().mode() & 0o777
    };
    let first = app(&database);
    settle(&first);
    for end in ["", "-wal", "-shm"] {
        set(&place.with_file_name(format!("test.db{end}")), 0o644);
    }
    // a second program starts beside the first
    let second = app(&database);
    file(&second, request("food", NOODLES));
    assert_eq!([mode(""), mode("-wal"), mode("-shm")], [0o600; 3]);
    assert_held(std::process::id(), place);
    // what is no database is named by mistake
    let notes = place.with_file_name("notes.txt");
    std::fs::write(&notes, "some text of a fair length, and no database at all").expect("written");
    set(&notes, 0o644);
    let path = notes.to_str().expect("UTF-8");
    let refused = program().args(["user", "list", "--database", path]).output().expect("it runs");
    assert!(!refused.status.success());
    assert_eq!(notes.metadata().expect("facts").permissions().mode() & 0o777, 0o644);
}
