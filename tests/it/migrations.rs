//! Every migration with sample rows: up, down and up again, on both databases.

use crate::support::database::{Database, on_both, on_both_empty, sqlite};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::{PgConnection, SqliteConnection};
use diesel_migrations::{FileBasedMigrations, MigrationHarness};
use onevisit::app::{Address, App, StoreError, StoreOptions};

/// Sample rows of each step, in the order of the steps; the same for both databases.
const SAMPLES: [&str; 16] = [
    "INSERT INTO areas VALUES ('a', '镇', 'Town', 1);
     INSERT INTO departments VALUES ('d', '部门', 'Department', 1);
     INSERT INTO pools VALUES ('p', 'd', NULL, 480, 30, 0, 1);
     INSERT INTO pools VALUES ('q', 'd', 'a', 480, 30, 0, 1);
     INSERT INTO pool_days VALUES ('p', '2026-03-02', 0);
     INSERT INTO enterprises VALUES ('e', '店', 'Shop', 'a', '6210', 'B', 'A', NULL, 1);
     INSERT INTO items VALUES ('i', 'd', '检查', 'Check', 30, TRUE, 2, FALSE, 1);
     INSERT INTO scenarios VALUES ('s', 'd', '{}', 1);
     INSERT INTO scenario_items VALUES ('s', 'i');",
    "INSERT INTO requests VALUES ('r', 'R-1', 'd', 'e', 'i', 'daily', '2026-03-02', '2026-03-31',
         NULL, 30, 2, FALSE, FALSE, NULL, FALSE, NULL, 'accepted', '2026-03-01 00:00:00', 'x', 1);",
    "INSERT INTO policies VALUES (1, '{}', 'first', '2026-03-01 00:00:00', 'x');
     INSERT INTO targets VALUES (1, 't', 'joint', 'd', 's', 'a', 'B', 6000, 30);",
    "INSERT INTO problems VALUES ('m', 'March', '2026-03-02', '2026-03-31', 1, NULL, BYTES, BYTES,
         '2026-03-01 00:00:00', 'x');
     INSERT INTO runs VALUES ('u', 'm', 'done', 1, 5, NULL, 0.0, 1, FALSE, '2026-03-01 00:00:00',
         'x', NULL, NULL, NULL, NULL, 1, 5, 5, 5, 0.5, NULL);
     INSERT INTO plans VALUES ('l', 'u', 'm', NULL, 'published', 5, 5, '{}',
         '2026-03-01 00:00:00', NULL, NULL, 1);
     INSERT INTO visits VALUES ('v', 'l', 'e', 'a', '2026-03-03', 's', TRUE);
     INSERT INTO attendances VALUES ('v', 'd', 2, 30);
     INSERT INTO visit_requests VALUES ('v', 'r', 'l');
     INSERT INTO left_out VALUES ('l', 'r', 'no-room', 'pools-full', 'p', 400, NULL);",
    "INSERT INTO users VALUES ('n', 'admin', 'hash', '2026-03-01 00:00:00');
     INSERT INTO settings VALUES ('name', 'value');",
    // the user of the step before has an account and roles by now
    "INSERT INTO user_departments VALUES ('n', 'd');
     INSERT INTO user_areas VALUES ('n', 'a');
     INSERT INTO request_team VALUES ('r', 'n');
     INSERT INTO signing_keys VALUES ('k', BYTES, BYTES, '2026-03-01 00:00:00',
         '2026-03-02 00:00:00');
     INSERT INTO signing_keys VALUES ('k2', BYTES, BYTES, '2026-03-02 00:00:00', NULL);
     INSERT INTO sessions VALUES ('z', 'n', '2026-03-01 00:00:00', '2026-03-02 00:00:00', NULL);
     INSERT INTO refresh_tokens VALUES ('h', 'z', '2026-03-02 00:00:00', NULL);
     INSERT INTO api_tokens VALUES ('t', 'n', 'map', 'h', 'read', '2026-03-01 00:00:00',
         '2026-03-02 00:00:00', NULL);
     INSERT INTO login_failures VALUES ('h', 1, '2026-03-01 00:00:00', NULL);
     INSERT INTO events VALUES (1, '2026-03-01 00:00:00', 'n', 'api', 'area.add', 'area', 'a', '{}',
         '{}', '{\"who\":1}', '', 'h');
     UPDATE events SET personal = '{}';",
    "UPDATE areas SET level = 'county';
     INSERT INTO bodies VALUES ('b', '局', 'Bureau', 'd', 'a', 'inspects', 1);
     INSERT INTO inspectors VALUES ('n', '甲', 'b', 'p', 'X-1', '2024-01-01', '2028-12-31', '[]', 360, 1);
     INSERT INTO absences VALUES ('n/2026-03-02', 'n', '2026-03-02', '2026-03-03', NULL, 1);
     INSERT INTO recusals VALUES ('n/e', 'n', 'e', 'kin', 1);
     INSERT INTO grades VALUES ('e/2026-01-01', 'e', '2026-01-01', 'A', 'B', 1);
     INSERT INTO listings VALUES ('l', 'e', 'white_list', NULL, '2026-01-01', NULL, NULL, 1);
     INSERT INTO quiet_periods VALUES ('q', NULL, 'a', '2026-01-01', '2026-12-31', 1, 15, NULL, 1);
     INSERT INTO closures VALUES ('c', 'e', '2026-03-02', '2026-03-03', NULL, 1);
     INSERT INTO checks VALUES ('i/0001', 'i', 1, NULL, '问', 'Question', 1);
     INSERT INTO authorities VALUES ('h', 'i', 'b', 'a', 'hold', '2020-01-01', NULL, NULL, NULL, 1);",
    "INSERT INTO draws VALUES ('w', 'd', 'a', '2026-04-01', 'committed', '{}', 'c', '[]', '[]', 2,
         'salt', 'seed', '2026-03-01 00:00:00', 'x', NULL, NULL, '{}', '{}', NULL);
     INSERT INTO draw_items VALUES ('w', 'i');
     UPDATE draws SET state = 'revealed', result = '[]', revealed_at = '2026-03-02 00:00:00',
         revealed_by = 'x' WHERE id = 'w';
     INSERT INTO draw_lots VALUES ('w', 'e');
     INSERT INTO draws VALUES ('w2', 'd', NULL, '2026-04-01', 'committed', '{}', 'c', '[]', '[]', 2,
         'salt', 'seed', '2026-03-01 00:00:00', 'x', NULL, NULL, '{}', '{}', NULL);
     INSERT INTO draw_items VALUES ('w2', 'i');
     INSERT INTO inspection_plans VALUES ('n', 'd', 'a', 'campaign', 2026, 'filed', '{}',
         '2026-03-01 00:00:00', 'x', '{}', '2026-03-01', NULL, NULL, 3);",
    "UPDATE requests SET plan_id = 'n', draw_id = 'w', reason = 'complaint', approved_by = 'x',
         approved_at = '2026-03-01 00:00:00', contact = 'guidance';
     UPDATE enterprises SET safety_level = '2', is_designated = TRUE;
     UPDATE items SET class = 'safety';
     INSERT INTO off_site_checks VALUES ('r', 'x', '2026-03-31', '2026-03-01 00:00:00', NULL, NULL,
         NULL);
     INSERT INTO kept_answers VALUES ('n', 'k', 'h', 201, '{}', '2026-03-01 00:00:00');
     INSERT INTO kept_answers VALUES ('n', 'k2', 'h', NULL, NULL, '2026-03-01 00:00:00');
     INSERT INTO rule_packs VALUES (1, 'yongchun', NULL, '2026-03-01', 'x', '2026-03-01 00:00:00',
         'x');",
    "UPDATE kept_answers SET holder = 'h', held_at = '2026-03-01 00:00:01' WHERE key = 'k2';
     INSERT INTO kept_steps VALUES ('n', 'k2', 0, BYTES, 0);",
    "INSERT INTO known_addresses VALUES ('n', 'h', '2026-03-01 00:00:00');",
    // the step itself gives the draw that is not revealed its place
    "UPDATE open_draws SET draw_id = 'w2';",
    "UPDATE areas SET parent_id = NULL;
     UPDATE visits SET is_standing = FALSE;
     UPDATE requests SET state = 'withdrawn';",
    "INSERT INTO imports VALUES ('m', '[]', TRUE, 'h', '2026-03-01 00:00:00');
     INSERT INTO import_rows VALUES ('m', 0, 'e', 'd', '1', 'i', 'n', 'w', '{}');",
    "UPDATE rule_packs SET pinned = '[]';",
    // the step itself makes a visit, withdrawn by now, of the published plan's draft
    "INSERT INTO left_visits SELECT id, 'r', revision, '2026-03-01 00:00:00' FROM visits
         WHERE state = 'withdrawn';
     UPDATE visits SET state = 'scheduled', is_scheduled = TRUE;",
];

/// What the database must refuse in each step's tables.
const REFUSED: [&[&str]; 16] = [
    &[
        "INSERT INTO pools VALUES ('x', 'nobody', NULL, 480, 30, 0, 1)",
        "INSERT INTO pools VALUES ('x', 'd', NULL, 480, 30, 0, 1)",
        "INSERT INTO pools VALUES ('x', 'd', 'a', -1, 30, 0, 1)",
        "INSERT INTO enterprises VALUES ('x', '店', 'Shop', 'a', '6210', 'E', 'A', NULL, 1)",
        "DELETE FROM areas",
    ],
    &[
        "UPDATE requests SET kind = 'hourly'",
        "UPDATE requests SET latest = '2026-03-01'",
        "INSERT INTO requests SELECT 'r2', reference, department_id, enterprise_id, item_id, kind,
            earliest, latest, due, minutes, inspectors, is_exempt, is_quiet_exempt, together,
            is_solo, note, state, filed_at, filed_by, version FROM requests",
    ],
    &["UPDATE targets SET at_least = 10001", "DELETE FROM policies"],
    &[
        "UPDATE runs SET state = 'asleep'",
        "INSERT INTO plans SELECT 'l2', run_id, problem_id, parent_id, 'draft', cost, bound, report,
            created_at, published_at, published_by, version FROM plans",
        "INSERT INTO visit_requests VALUES ('v', 'r', 'l')",
        "DELETE FROM visits",
    ],
    &["INSERT INTO users VALUES ('n2', 'admin', 'hash', '2026-03-01 00:00:00')"],
    &[
        // once: everybody who was there before may do everything
        "INSERT INTO user_roles VALUES ('n', 'administrator')",
        "INSERT INTO user_roles VALUES ('n', 'emperor')",
        "INSERT INTO signing_keys VALUES ('k3', BYTES, BYTES, '2026-03-02 00:00:00', NULL)",
        "DELETE FROM events",
        "UPDATE events SET details = '[]'",
        "UPDATE events SET personal = '{\"who\":2}'",
        "UPDATE events SET seq = 2, personal = ''",
        "INSERT INTO events VALUES (1, '2026-03-01 00:00:00', 'x', 'api', 'area.add', 'area', 'a',
            '{}', '{}', '{}', '', 'h')",
        "INSERT INTO events SELECT * FROM events",
    ],
    &[
        "UPDATE areas SET level = 'street'",
        "UPDATE areas SET parent_id = 'nowhere'",
        "UPDATE items SET notice_days = -1",
        "UPDATE bodies SET role = 'watches'",
        "UPDATE absences SET last_day = '2026-03-01'",
        "UPDATE quiet_periods SET enterprise_id = 'e'",
        "UPDATE quiet_periods SET month_last = NULL",
        "UPDATE authorities SET act = 'delegate'",
        "DELETE FROM inspectors",
    ],
    &[
        "DELETE FROM draws",
        "UPDATE draws SET seed = 'other' WHERE id = 'w2'",
        "UPDATE draws SET frozen = '[]' WHERE id = 'w2'",
        "UPDATE draws SET state = 'revealed' WHERE id = 'w2'",
        "UPDATE draws SET state = 'revealed', result = '[]', revealed_at = '2026-03-02 00:00:00',
            revealed_by = 'x', commitment = 'other' WHERE id = 'w2'",
        "UPDATE draws SET result = '[1]' WHERE id = 'w'",
        "UPDATE draws SET revealed_by = 'y' WHERE id = 'w'",
        "INSERT INTO draw_lots VALUES ('w', 'e')",
        "UPDATE inspection_plans SET kind = 'weekly'",
        "UPDATE inspection_plans SET state = 'published'",
        "UPDATE inspection_plans SET state = 'closed'",
        "UPDATE inspection_plans SET approval = NULL",
    ],
    &[
        "UPDATE requests SET state = 'lost'",
        "UPDATE requests SET contact = 'chat'",
        "UPDATE enterprises SET safety_level = '4'",
        "UPDATE requests SET plan_id = 'nothing'",
        "UPDATE requests SET draw_id = 'nothing'",
        "UPDATE off_site_checks SET outcome = 'settled'",
        "UPDATE off_site_checks SET outcome = 'lost', closed_at = '2026-03-02 00:00:00'",
        "INSERT INTO off_site_checks VALUES ('x', 'x', '2026-03-31', '2026-03-01 00:00:00', NULL,
             NULL, NULL)",
        "UPDATE kept_answers SET status = NULL",
        "INSERT INTO rule_packs VALUES (1, 'x', NULL, '2026-03-01', 'x', '2026-03-01 00:00:00', 'x')",
    ],
    &[
        "INSERT INTO kept_steps VALUES ('n', 'k2', 0, BYTES, 0)",
        "INSERT INTO kept_steps VALUES ('n', 'k3', 0, BYTES, 0)",
    ],
    &[
        "INSERT INTO known_addresses VALUES ('nobody', 'h', '2026-03-01 00:00:00')",
        "INSERT INTO known_addresses VALUES ('n', 'h', '2026-03-02 00:00:00')",
    ],
    &[
        "INSERT INTO open_draws VALUES ('d', 'i', 'w')",
        "UPDATE open_draws SET draw_id = 'nothing'",
        "INSERT INTO open_draws VALUES ('x', 'i', 'w2')",
    ],
    &["INSERT INTO stamps VALUES ('access', '')"],
    &[
        "INSERT INTO import_rows VALUES ('x', 0, 'e', 'd', NULL, 'i', NULL, NULL, '{}')",
        "INSERT INTO import_rows VALUES ('m', 0, 'e', 'd', NULL, 'i', NULL, NULL, '{}')",
        "INSERT INTO import_rows VALUES ('m', 1, 'e', 'd', '1', 'i', NULL, NULL, '{}')",
        "INSERT INTO import_rows VALUES ('m', 1, 'x', 'd', NULL, 'i', NULL, NULL, '{}')",
    ],
    &["INSERT INTO rule_packs SELECT number, pack, document, first_day, note, made_at, made_by, pinned
           FROM rule_packs"],
    &[
        "UPDATE visits SET state = 'drafted'",
        "INSERT INTO left_visits VALUES ('v', 'r', 1, '2026-03-02 00:00:00')",
        "INSERT INTO visit_requests VALUES ('v', 'r')",
        "UPDATE published_drafts SET visit_id = 'nothing'",
        "DELETE FROM visits",
        "DELETE FROM draft_visits",
    ],
];

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

trait Steps {
    fn batch(&mut self, sql: &str) -> QueryResult<()>;
    /// No bytes, as this database writes them.
    fn bytes(&self) -> &'static str;
    fn up(&mut self) -> bool;
    fn down(&mut self);
    /// The schema in words.
    fn schema(&mut self) -> Vec<String>;
}

macro_rules! steps {
    ($connection:ty, $folder:literal, $bytes:literal, $schema:literal) => {
        impl Steps for $connection {
            fn batch(&mut self, sql: &str) -> QueryResult<()> {
                self.batch_execute(sql)
            }
            fn bytes(&self) -> &'static str {
                $bytes
            }
            fn up(&mut self) -> bool {
                let known = FileBasedMigrations::from_path($folder).expect("migrations");
                self.run_next_migration(known).is_ok()
            }
            fn down(&mut self) {
                let known = FileBasedMigrations::from_path($folder).expect("migrations");
                self.revert_last_migration(known).expect("down");
            }
            fn schema(&mut self) -> Vec<String> {
                let lines: Vec<Line> = diesel::sql_query($schema).load(self).expect("the schema");
                lines.into_iter().map(|line| line.line).collect()
            }
        }
    };
}

steps!(
    SqliteConnection,
    "migrations/sqlite",
    "X''",
    // columns by name: a table that was altered has them in another order
    "SELECT concat_ws(' ', m.name, c.name, c.type, c.[notnull], c.pk) AS line
       FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'
     UNION SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND type <> 'table' ORDER BY line"
);
steps!(
    PgConnection,
    "migrations/postgres",
    "''::bytea",
    "SELECT concat_ws(' ', table_name, column_name, data_type, is_nullable) AS line
       FROM information_schema.columns WHERE table_schema = 'public'
     UNION SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY line"
);

fn connection(database: &Database) -> Box<dyn Steps> {
    match &database.address {
        Address::Postgres(url) => Box::new(PgConnection::establish(url).expect("it answers")),
        Address::Sqlite(path) => {
            let path = path.to_str().expect("UTF-8");
            let mut connection = SqliteConnection::establish(path).expect("it opens");
            connection.batch("PRAGMA foreign_keys = ON").expect("keys");
            Box::new(connection)
        }
    }
}

fn steps(folder: &str) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("migrations");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn every_step_goes_up_down_and_up_again_with_rows_in_it() {
    assert_eq!(steps("migrations/sqlite"), steps("migrations/postgres"));
    assert_eq!(steps("migrations/sqlite").len(), SAMPLES.len(), "samples for every step");
    on_both_empty(|database| {
        let mut connection = connection(database);
        let mut schemas = vec![];
        let climb = |connection: &mut Box<dyn Steps>, schemas: &mut Vec<Vec<String>>| {
            for (sample, refused) in SAMPLES.iter().zip(REFUSED) {
                assert!(connection.up());
                schemas.push(connection.schema());
                connection.batch(&sample.replace("BYTES", connection.bytes())).expect(sample);
                for bad in refused {
                    connection.batch(&bad.replace("BYTES", connection.bytes())).expect_err(bad);
                }
            }
            assert!(!connection.up(), "there are no more");
        };
        climb(&mut connection, &mut schemas);
        for step in (0..SAMPLES.len()).rev() {
            assert_eq!(connection.schema(), schemas[step]);
            connection.down();
        }
        let mut again = vec![];
        climb(&mut connection, &mut again);
        assert_eq!(schemas, again);
    });
}

#[test]
fn an_older_file_is_brought_up_to_date_with_a_backup_beside_it() {
    let database = sqlite();
    {
        let mut old = connection(&database);
        for sample in &SAMPLES[..2] {
            assert!(old.up());
            old.batch(sample).expect("rows");
        }
    }
    let options = StoreOptions::default();
    let (app, backup) = App::open(&database.address, &options, crate::support::database::options())
        .expect("it opens");
    let backup = backup.expect("a backup was made");
    drop(app);
    let count = |path: &std::path::Path, table: &str| {
        let mut connection =
            SqliteConnection::establish(path.to_str().expect("UTF-8")).expect("opens");
        // the last connection of the other may be on its way out
        connection.batch_execute("PRAGMA busy_timeout = 5000").expect("patience");
        let sql = format!("SELECT CAST(count(*) AS TEXT) AS line FROM {table}");
        let lines: QueryResult<Vec<Line>> = diesel::sql_query(sql).load(&mut connection);
        lines.map(|lines| lines[0].line.clone()).ok()
    };
    let Address::Sqlite(path) = &database.address else { unreachable!() };
    assert_eq!(count(path, "requests").as_deref(), Some("1"), "rows stay");
    assert_eq!(count(path, "runs").as_deref(), Some("0"));
    assert_eq!(count(&backup, "requests").as_deref(), Some("1"));
    assert_eq!(count(&backup, "runs"), None, "the backup is of the old form");
    // nothing is pending now, so nothing is backed up
    let (_, backup) = App::open(&database.address, &options, crate::support::database::options())
        .expect("it opens");
    assert_eq!(backup, None);
}

#[test]
fn a_database_of_a_newer_version_is_refused() {
    on_both(|database| {
        drop(crate::support::database::app(database));
        let sql = "INSERT INTO __diesel_schema_migrations (version) VALUES ('20990101000001')";
        connection(database).batch(sql).expect("a step from the future");
        let opened = onevisit::store::Store::open(&database.address, &StoreOptions::default());
        assert!(
            matches!(opened.map(|_| ()), Err(StoreError::TooNew(version)) if version == "20990101000001")
        );
    });
}
