//! The store: transactions, limits, backups, and databases that go away.

use crate::support::county::{NOODLES, caller, file, request, settle, with};
use crate::support::database::{app, on_both, on_both_empty, options, postgres, read, sqlite};
use onevisit::app::paging::Paging;
use onevisit::app::requests::{filing, handling};
use onevisit::app::{
    Address, App, EnterpriseFilter, Error, RequestFilter, StoreError, StoreOptions, backup,
    register, requests, restore,
};
use onevisit::store::Store;
use serde_json::json;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

fn path(address: &Address) -> &Path {
    match address {
        Address::Sqlite(path) => path,
        Address::Postgres(_) => panic!("a file"),
    }
}

/// As the command does it, which shuts out again who was shut out since the backup.
pub fn restore(from: &Path, to: &Path) -> Result<restore::ShutOut, StoreError> {
    restore::Restore::prepare(from, to)?.finish(false)
}

fn references(app: &App) -> Vec<String> {
    let paging = Paging::new(None, Some(1_000)).expect("paging");
    let page = requests::list(app, &caller(), &RequestFilter::default(), &paging).expect("a list");
    page.items.into_iter().filter_map(|request| request.filed.reference).collect()
}

#[test]
fn addresses_are_read_and_never_show_a_password() {
    let read = |text: &str| text.parse::<Address>();
    assert_eq!(read("sqlite:a/b.db"), Ok(Address::Sqlite("a/b.db".into())));
    assert_eq!(read("sqlite:///tmp/b.db"), Ok(Address::Sqlite("/tmp/b.db".into())));
    assert_eq!(read("b.db"), Ok(Address::Sqlite("b.db".into())));
    let url = read("postgres://me:secret@db:5432/one?sslmode=require").expect("a URL");
    assert_eq!(url.to_string(), "postgres://db:5432/one");
    for hidden in ["postgres://me:sec?ret@db/one", "postgres://db/one?user=me&password=s@secret"] {
        let shown = read(hidden).expect("a URL").to_string();
        assert!(!shown.contains("secret") && !shown.contains("ret@"), "{shown}");
    }
    for bad in ["", ":memory:", "mysql://db/one"] {
        assert!(read(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_write_that_fails_leaves_nothing() {
    on_both(|database| {
        drop(app(database));
        let (store, _) = Store::open(&database.address, &StoreOptions::default()).expect("opens");
        let area = |id: &str| read(json!({ "id": id, "name": { "zh": "镇", "en": "Town" } }));
        let failed: Result<(), StoreError> = store.write(|tx| {
            tx.add_area(&area("a"))?;
            Err(StoreError::Other("on purpose".into()))
        });
        failed.expect_err("on purpose");
        let found = store.read(|tx| tx.area("a")).expect("a look");
        assert_eq!(found, None);
        store.write(|tx| tx.add_area(&area("a"))).expect("added");
        let taken = store.write(|tx| tx.add_area(&area("a")));
        assert!(matches!(taken, Err(StoreError::Taken(_))), "{taken:?}");
        let pool = read(crate::support::county::pool("p", "nobody", None));
        let broken = store.write(|tx| tx.add_pool(&pool));
        assert!(matches!(broken, Err(StoreError::Reference(_))), "{broken:?}");
        // a connection whose transaction failed is as good as any
        assert!(store.read(|tx| tx.area("a")).expect("a look").is_some());
    });
}

#[test]
fn many_writers_wait_for_each_other() {
    on_both(|database| {
        let app = app(database);
        settle(&app);
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let app = &app;
                scope.spawn(move || {
                    for i in 0..25 {
                        let reference = json!({ "reference": format!("{thread}-{i}") });
                        file(app, with(request("food", NOODLES), reference));
                    }
                });
            }
        });
        assert_eq!(references(&app).len(), 100);
    });
}

#[test]
fn a_request_filed_twice_is_filed_once() {
    on_both(|database| {
        let app = app(database);
        settle(&app);
        let value = with(request("food", NOODLES), json!({ "reference": "2026-17" }));
        let first = filing::file(&app, &caller(), &read(value.clone())).expect("filed");
        let second = filing::file(&app, &caller(), &read(value.clone())).expect("again");
        assert!(first.is_new && !second.is_new);
        assert_eq!(first.request, second.request);
        let other = with(value, json!({ "minutes": 41 }));
        let refused = filing::file(&app, &caller(), &read(other)).map(|filed| filed.is_new);
        assert!(matches!(&refused, Err(Error::Conflict(why)) if why.code() == "reference-taken"));
        handling::withdraw(&app, &caller(), &first.request.id).expect("withdrawn");
        let after = with(request("food", NOODLES), json!({ "reference": "2026-17" }));
        let refused = filing::file(&app, &caller(), &read(after)).map(|filed| filed.is_new);
        assert!(
            matches!(&refused, Err(Error::Conflict(why)) if why.code() == "withdrawn"),
            "not swallowed"
        );
        let over = json!({ "earliest": "2026-02-02", "latest": "2026-02-27" });
        let refused = filing::file(&app, &caller(), &read(with(request("food", NOODLES), over)));
        let refused = refused.map(|filed| filed.is_new);
        assert!(matches!(refused, Err(Error::Invalid(defects)) if defects[0].code() == "past"));
        // another department has numbers of its own
        file(&app, with(request("exits", NOODLES), json!({ "reference": "2026-17" })));
        assert_eq!(references(&app).len(), 2);
    });
}

#[test]
fn one_reference_filed_by_many_at_once_is_filed_once() {
    on_both(|database| {
        let app = app(database);
        settle(&app);
        for round in 0..10 {
            let value = with(request("food", NOODLES), json!({ "reference": format!("r{round}") }));
            let new: usize = std::thread::scope(|scope| {
                let threads: Vec<_> = (0..4)
                    .map(|_| {
                        let (app, value) = (&app, value.clone());
                        scope.spawn(move || {
                            let filed = filing::file(app, &caller(), &read(value));
                            usize::from(filed.expect("an answer like any repeated filing").is_new)
                        })
                    })
                    .collect();
                threads.into_iter().map(|thread| thread.join().expect("it ends")).sum()
            });
            assert_eq!(new, 1);
        }
    });
}

#[test]
fn servers_that_start_at_once_on_an_empty_database_agree() {
    on_both_empty(|database| {
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let store = StoreOptions::default();
                    let app = App::open(&database.address, &store, options()).expect("opens").0;
                    onevisit::app::access::login::ensure_first(
                        &app,
                        "admin",
                        "long enough for all",
                    )
                    .expect("one of them makes the user");
                });
            }
        });
    });
}

#[cfg(unix)]
#[test]
fn the_file_and_its_copies_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let database = sqlite();
    let app = app(&database);
    settle(&app);
    let place = path(&database.address);
    backup::backup(place, &place.with_file_name("copy.db")).expect("a backup");
    restore(&place.with_file_name("copy.db"), &place.with_file_name("new.db")).expect("it");
    for entry in std::fs::read_dir(place.parent().expect("a folder")).expect("a folder") {
        let entry = entry.expect("a file");
        let mode = entry.metadata().expect("facts").permissions().mode();
        assert_eq!(mode & 0o077, 0, "{:?}: {mode:o}", entry.file_name());
    }
    let refused = backup::backup(place, place);
    assert!(refused.is_err(), "a database is not its own backup");
    let refused = backup::backup(&place.with_file_name("copy.db"), place);
    assert!(refused.expect_err("in use").to_string().contains("backup-refused_in-use"));
}

#[test]
fn requests_with_defects_are_refused_with_all_of_them_and_nothing_is_filed() {
    on_both(|database| {
        let app = app(database);
        settle(&app);
        let lonely = json!({
            "id": "lonely", "name": { "zh": "孤", "en": "Lonely" }
        });
        register::add_department(&app, &caller(), &read(lonely)).expect("a department");
        let weekend = json!({ "earliest": "2026-03-07", "latest": "2026-03-08" });
        let list = vec![
            read(request("food", NOODLES)),
            read(with(request("food", "91990000MA0000031J"), json!({ "item": "nothing" }))),
            read(with(request("exits", NOODLES), json!({ "department": "market" }))),
            read(with(request("food", NOODLES), json!({ "department": "lonely" }))),
            read(with(request("food", NOODLES), weekend)),
        ];
        let listed = filing::file_list(&app, &caller(), &list).expect("a list");
        assert_eq!((listed.filed, listed.known), (1, 0), "a bad one spoils no other");
        let mut reported: Vec<(usize, &str, &str)> = Vec::new();
        for (place, error) in &listed.refused {
            let Error::Invalid(defects) = error else { panic!("{error:?}") };
            reported.extend(defects.iter().map(|d| (*place, d.code(), d.pointer.as_str())));
        }
        let wanted = [
            (1, "unknown-enterprise", "/enterprise"),
            (1, "unknown-item", "/item"),
            (2, "foreign-item", "/item"),
            (3, "foreign-item", "/item"),
            (4, "no-working-day", "/latest"),
        ];
        assert_eq!(reported, wanted);
        let page = Paging::new(None, None).expect("paging");
        let all = requests::list(&app, &caller(), &RequestFilter::default(), &page);
        assert_eq!(all.expect("a list").items.len(), 1);
    });
}

#[test]
fn lists_come_in_pages_that_filters_narrow() {
    on_both(|database| {
        let app = app(database);
        settle(&app);
        for i in 0..7 {
            let reference = json!({ "reference": format!("r{i}") });
            let item = if i % 2 == 0 { "food" } else { "exits" };
            file(&app, with(request(item, NOODLES), reference));
        }
        let filter = RequestFilter { department: Some("market".into()), ..Default::default() };
        let (mut cursor, mut seen) = (None, Vec::new());
        loop {
            let paging = Paging::new(cursor, Some(3)).expect("paging");
            let page = requests::list(&app, &caller(), &filter, &paging).expect("a page");
            assert!(page.items.len() <= 3);
            seen.extend(page.items.into_iter().filter_map(|request| request.filed.reference));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(seen, ["r0", "r2", "r4", "r6"]);
        for limit in [0, 1_001, -1] {
            assert!(matches!(Paging::new(None, Some(limit)), Err(Error::Invalid(_))));
        }
        let list = |filter: &EnterpriseFilter| {
            let paging = Paging::new(None, None).expect("paging");
            let page = register::enterprises(&app, &caller(), filter, &paging).expect("a page");
            page.items.len()
        };
        let restaurants = EnterpriseFilter { industry: Some("62".into()), ..Default::default() };
        assert_eq!((list(&EnterpriseFilter::default()), list(&restaurants)), (3, 2));
        let east = EnterpriseFilter { area: Some("east".into()), ..Default::default() };
        assert_eq!(list(&east), 1);
    });
}

#[test]
fn a_pool_is_changed_by_who_knows_its_version() {
    on_both(|database| {
        let app = app(database);
        settle(&app);
        let found = register::pool(&app, &caller(), "fire").expect("a pool");
        assert_eq!(found.version, 1);
        let mut pool = found.value.clone();
        pool.minutes = 960;
        pool.days.clear();
        assert_eq!(register::replace_pool(&app, &caller(), &pool, 1).expect("changed"), 2);
        assert_eq!(register::pool(&app, &caller(), "fire").expect("a pool").value, pool);
        let stale = register::replace_pool(&app, &caller(), &found.value, 1);
        assert!(matches!(stale, Err(Error::VersionChanged { current: 2 })));
        pool.area = Some("west".into());
        let moved = register::replace_pool(&app, &caller(), &pool, 2);
        assert!(matches!(moved, Err(Error::Invalid(defects)) if defects[0].code() == "immutable"));
        let second = read(crate::support::county::pool("fire-2", "fire", None));
        let twice = register::add_pool(&app, &caller(), &second);
        assert!(matches!(twice, Err(Error::Conflict(why)) if why.code() == "taken"));
    });
}

#[test]
fn a_live_file_is_backed_up_and_restored() {
    let database = sqlite();
    let app = app(&database);
    settle(&app);
    let place = path(&database.address);
    let copy = place.with_file_name("copy.db");
    let numbered = |i: i32| with(request("food", NOODLES), json!({ "reference": format!("r{i}") }));
    for i in 0..5 {
        file(&app, numbered(i));
    }
    // while somebody files, the copy is of one moment
    std::thread::scope(|scope| {
        let filing = scope.spawn(|| {
            for i in 5..60 {
                file(&app, numbered(i));
            }
        });
        backup::backup(place, &copy).expect("a backup");
        filing.join().expect("filing goes on");
    });
    assert_eq!(references(&app).len(), 60);
    restore(&copy, place).expect("restored");
    let restored = references(&app).len();
    assert!((5..=60).contains(&restored), "{restored}");
    // the server that used the file goes on with what was restored
    file(&app, numbered(100));
    assert_eq!(references(&app).len(), restored + 1);
    // an older backup is written over, and no leftovers remain beside it
    backup::backup(place, &copy).expect("a backup");
    let folder = place.parent().expect("a folder");
    let names = std::fs::read_dir(folder).expect("a folder").map(|e| e.expect("one").file_name());
    let strange: Vec<_> = names
        .filter(|name| {
            !["copy.db", "test.db", "test.db-wal", "test.db-shm"]
                .contains(&name.to_string_lossy().as_ref())
        })
        .collect();
    assert!(strange.is_empty(), "{strange:?}");
    let junk = place.with_file_name("junk.db");
    std::fs::write(&junk, "no database at all, but some text of a fair length").expect("written");
    let refused = restore(&junk, place);
    assert!(matches!(refused, Err(StoreError::Damaged(_))), "{refused:?}");
    assert_eq!(references(&app).len(), restored + 1, "nothing was changed");
    // not every SQLite file is ours
    std::fs::remove_file(&junk).expect("gone");
    somebody_elses(&junk);
    let refused = restore(&junk, place);
    assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
}

fn somebody_elses(path: &Path) {
    use diesel::Connection;
    use diesel::connection::SimpleConnection;
    let path = path.to_str().expect("UTF-8");
    let mut connection = diesel::SqliteConnection::establish(path).expect("a file");
    connection.batch_execute("CREATE TABLE cats (name TEXT)").expect("a table");
}

#[test]
fn a_full_disk_is_reported_and_changes_nothing() {
    let database = sqlite();
    drop(app(&database));
    let store = StoreOptions { pages_max: Some(240), ..StoreOptions::default() };
    let opened = App::open(&database.address, &store, options());
    let app = opened.expect("it opens").0;
    settle(&app);
    let note = "x".repeat(450);
    let mut filed = 0;
    let error = loop {
        let more = json!({ "reference": format!("r{filed}"), "note": note });
        let value = with(request("food", NOODLES), more);
        match filing::file(&app, &caller(), &read(value)) {
            Ok(_) => filed += 1,
            Err(error) => break error,
        }
        assert!(filed < 10_000, "the limit holds");
    };
    assert!(matches!(error, Error::StorageFull(_)), "{error:?}");
    assert!(filed > 10);
    assert_eq!(references(&app).len(), filed, "all that was answered, and nothing else");
}

/// Passes connections on to the real server while `is_up`; cuts them when it is not.
struct Relay {
    port: u16,
    is_up: Arc<AtomicBool>,
}

impl Relay {
    fn to(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("it").port();
        let is_up = Arc::new(AtomicBool::new(true));
        let up = Arc::clone(&is_up);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if !up.load(Ordering::Relaxed) {
                    continue;
                }
                let Ok(server) = TcpStream::connect(&server) else { continue };
                let pairs = [
                    (client.try_clone().expect("one"), server.try_clone().expect("one")),
                    (server, client),
                ];
                for (from, to) in pairs {
                    let up = Arc::clone(&up);
                    std::thread::spawn(move || pass(from, to, &up));
                }
            }
        });
        Self { port, is_up }
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, up: &AtomicBool) {
    from.set_read_timeout(Some(Duration::from_millis(50))).expect("a limit");
    let mut bytes = [0; 8192];
    while up.load(Ordering::Relaxed) {
        match from.read(&mut bytes) {
            Ok(0) => break,
            Ok(n) if to.write_all(&bytes[..n]).is_err() => break,
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(_) => break,
        }
    }
    let _ = to.shutdown(std::net::Shutdown::Both);
    let _ = from.shutdown(std::net::Shutdown::Both);
}

#[test]
fn a_dead_database_is_reported_and_found_again() {
    let database = postgres();
    let Address::Postgres(url) = &database.address else { unreachable!() };
    let (place, name) = url.rsplit_once('/').expect("a URL");
    let server = place.rsplit_once('@').expect("a user").1;
    let relay = Relay::to(server.to_owned());
    let address = Address::Postgres(format!("postgres://onevisit@127.0.0.1:{}/{name}", relay.port));
    let store = StoreOptions { wait: Duration::from_secs(1), ..StoreOptions::default() };
    let app = App::open(&address, &store, options()).expect("it opens").0;
    settle(&app);
    app.is_ready().expect("it answers");
    relay.is_up.store(false, Ordering::Relaxed);
    std::thread::sleep(Duration::from_millis(200));
    for _ in 0..2 {
        let error = app.is_ready().expect_err("nobody answers");
        assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
        let value = read(request("food", NOODLES));
        let error = filing::file(&app, &caller(), &value).map(|_| ()).expect_err("nobody");
        assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
    }
    relay.is_up.store(true, Ordering::Relaxed);
    // a connection that died may still be handed out once
    let is_back = (0..10).any(|_| app.is_ready().is_ok());
    assert!(is_back, "it is found again");
    file(&app, request("food", NOODLES));
}
