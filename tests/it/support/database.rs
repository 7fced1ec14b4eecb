//! Databases for tests: a real SQLite file, and a database of its own on a real PostgreSQL.

use chrono::{DateTime, Duration, Utc};
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};
use onevisit::app::{Address, App, AppOptions, Clock, StoreOptions};
use onevisit::domain::Language;
use onevisit::store::Store;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

/// A database that nobody else uses.
pub struct Database {
    pub address: Address,
    _folder: Option<tempfile::TempDir>,
}

/// The URL of the PostgreSQL server that `.ci/with-postgres` starts.
pub fn postgres_server() -> String {
    std::env::var("ONEVISIT_TEST_POSTGRES")
        .expect("the tests need a PostgreSQL: run them by `make test`, or under .ci/with-postgres")
}

impl Database {
    /// One at a place that is looked after elsewhere.
    pub fn at(address: Address) -> Self {
        Self { address, _folder: None }
    }
}

/// A place for one: there is no file yet.
pub fn sqlite() -> Database {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let address = Address::Sqlite(folder.path().join("test.db"));
    Database { address, _folder: Some(folder) }
}

/// One with this version's tables: a copy of one that all steps were taken on, which take longer.
pub fn postgres() -> Database {
    static FORM: OnceLock<String> = OnceLock::new();
    let form = FORM.get_or_init(|| {
        let (name, database) = copy("template1");
        Store::open(&database.address, &StoreOptions::default()).expect("the steps are taken");
        name
    });
    copy(form).1
}

/// One without any table.
pub fn empty_postgres() -> Database {
    copy("template1").1
}

/// A copy of a database that nobody is connected to, and its name.
fn copy(of: &str) -> (String, Database) {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!("t_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let server = postgres_server();
    let mut connection = PgConnection::establish(&server).expect("the test server answers");
    let create = format!("CREATE DATABASE {name} TEMPLATE {of}");
    connection.batch_execute(&create).expect("a new database");
    let (base, _) = server.rsplit_once('/').expect("a URL with a database");
    let address = Address::Postgres(format!("{base}/{name}"));
    (name, Database { address, _folder: None })
}

/// Runs a test on both.
pub fn on_both(test: impl Fn(&Database)) {
    on_each(postgres(), test);
}

/// Runs a test on both, with no table in either.
pub fn on_both_empty(test: impl Fn(&Database)) {
    on_each(empty_postgres(), test);
}

fn on_each(postgres: Database, test: impl Fn(&Database)) {
    for (name, database) in [("SQLite", sqlite()), ("PostgreSQL", postgres)] {
        eprintln!("on {name}");
        test(&database);
    }
}

/// Monday, 2 March 2026, nine in the morning in Shanghai.
pub fn now() -> DateTime<Utc> {
    "2026-03-02T01:00:00Z".parse().expect("an instant")
}

pub fn options() -> AppOptions {
    timed(now)
}

/// With one clock for the server and the database.
pub fn timed(clock: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> AppOptions {
    let clock: Clock = Arc::new(clock);
    let database_clock = Some(Arc::clone(&clock));
    AppOptions {
        clock,
        database_clock,
        threads: 1,
        language: Language::En,
        ..AppOptions::default()
    }
}

/// A clock that stays at [`now`] and is moved by hand, in seconds.
pub fn moved_by_hand(past: &Arc<AtomicI64>) -> AppOptions {
    let past = Arc::clone(past);
    timed(move || now() + Duration::seconds(past.load(Ordering::Relaxed)))
}

pub fn app(database: &Database) -> App {
    let store = StoreOptions { connections_max: 4, ..StoreOptions::default() };
    App::open(&database.address, &store, options()).expect("the database opens").0
}

/// Reads a JSON text as a user's input.
pub fn read<T: onevisit::wire::json::Read>(value: serde_json::Value) -> T {
    onevisit::wire::json::from_json(value.to_string().as_bytes()).expect("sound input")
}

/// Has a database execute statements, in its own words.
pub fn execute(database: &Database, sqlite: &str, postgres: &str) {
    let done = match &database.address {
        Address::Sqlite(path) => {
            let path = path.to_str().expect("UTF-8");
            SqliteConnection::establish(path).expect("it opens").batch_execute(sqlite)
        }
        Address::Postgres(url) => {
            PgConnection::establish(url).expect("it answers").batch_execute(postgres)
        }
    };
    done.unwrap_or_else(|error| panic!("{error}: {sqlite}"));
}

/// Has the database fail when a row with this value is written to a table, until [`work_again`].
pub fn fail_at(database: &Database, table: &str, column: &str, value: &str) {
    execute(
        database,
        &format!(
            "CREATE TRIGGER away BEFORE INSERT ON {table} WHEN NEW.{column} = {value}
             BEGIN SELECT RAISE(ABORT, 'the disk is away'); END;"
        ),
        &format!(
            "CREATE FUNCTION away() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN RAISE EXCEPTION 'the disk is away'; END $$;
             CREATE TRIGGER away BEFORE INSERT ON {table} FOR EACH ROW
             WHEN (NEW.{column} = {value}) EXECUTE FUNCTION away();"
        ),
    );
}

pub fn work_again(database: &Database) {
    execute(database, "DROP TRIGGER away;", "DROP FUNCTION away() CASCADE;");
}
