//! Filing into a large register: how long it takes, and that no large table is read through.

use crate::powers::{listen, selects, steps};
use crate::server::{PASSWORD, Server, url};
use crate::support::county::caller;
use crate::support::database::{Database, on_both, options, read};
use chrono::NaiveDate;
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};
use onevisit::app::access::users;
use onevisit::app::planning::{build, policies, runs};
use onevisit::app::register::scenario_files;
use onevisit::app::requests::filing;
use onevisit::app::{Address, App, AppOptions, StoreOptions};
use onevisit::domain::words::Worded;
use onevisit::samples::demo;
use onevisit::samples::demo::{District, Options};
use onevisit::store::Store;
use onevisit::wire::requests::request::{Kind, NewRequest};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// How much to put in.
#[derive(Clone, Copy)]
pub struct Size {
    pub enterprises: usize,
    /// All requests that exist before anything is filed.
    pub requests: usize,
    /// Those of them that wait to be planned.
    pub open: usize,
}

/// A register with requests of the past year in it, most of them held; and what is filed next.
struct Register {
    app: App,
    next: Vec<NewRequest>,
    horizon: (NaiveDate, NaiveDate),
}

/// What a register is made of, the same for the same size.
pub struct Plan {
    of_it: Options,
    pub district: District,
    /// A quarter of requests, by enterprise.
    patterns: Vec<NewRequest>,
    /// What is filed next: each lawful as far as its form goes, and of none of the enterprises that have
    /// requests waiting.
    pub next: Vec<NewRequest>,
}

fn name(database: &Database) -> &'static str {
    match database.address {
        Address::Sqlite(_) => "SQLite",
        Address::Postgres(_) => "PostgreSQL",
    }
}

fn execute(database: &Database, sql: &str) {
    let done = match &database.address {
        Address::Sqlite(path) => {
            let path = path.to_str().expect("UTF-8");
            let mut connection = SqliteConnection::establish(path).expect("it opens");
            // what a test makes may be lost with the machine
            connection.batch_execute("PRAGMA synchronous = OFF").expect("a setting");
            connection.batch_execute(&format!("BEGIN; {sql} COMMIT;"))
        }
        Address::Postgres(url) => {
            let mut connection = PgConnection::establish(url).expect("it answers");
            connection.batch_execute(&format!("BEGIN; {sql} COMMIT;"))
        }
    };
    done.unwrap_or_else(|error| panic!("{error}: {}", &sql[..sql.len().min(600)]));
}

/// What the two databases write differently.
struct Words {
    is_postgres: bool,
}

impl Words {
    /// A number in twelve digits, as the end of an id.
    fn digits(&self, number: &str) -> String {
        match self.is_postgres {
            true => format!("lpad(({number})::text, 12, '0')"),
            false => format!("printf('%012d', {number})"),
        }
    }

    /// So many days before a week before the demo's day.
    fn before(&self, days: &str) -> String {
        match self.is_postgres {
            true => format!("(DATE '2026-09-14' - ({days})::int)"),
            false => format!("date('2026-09-14', '-' || ({days}) || ' days')"),
        }
    }

    fn no_bytes(&self) -> &'static str {
        if self.is_postgres { "'\\x'" } else { "X''" }
    }
}

/// The made-up district, before anything of it is in a database.
pub fn plan(size: &Size) -> Plan {
    let of_it = Options { enterprises: size.enterprises, seed: 1 };
    let mut district = demo::district(&of_it, scenario_files::shipped());
    let mut patterns = std::mem::take(&mut district.requests);
    // by enterprise, so that those that wait are of as few as a district has
    patterns.sort_by(|a, b| a.enterprise.cmp(&b.enterprise));
    let waiting: BTreeSet<&String> = patterns[..size.open].iter().map(|r| &r.enterprise).collect();
    // of the others need a campaign or a draw
    let kinds = [Kind::Daily, Kind::FollowUp, Kind::Case, Kind::Clue];
    let is_next = |r: &&NewRequest| kinds.contains(&r.kind) && !waiting.contains(&r.enterprise);
    let mut next: Vec<NewRequest> = patterns.iter().filter(is_next).cloned().collect();
    // in no order of enterprises: by a step that has no divisor in common with their number
    let (n, step) = (next.len(), 7_919);
    assert!(n % step != 0);
    next = (0..n).map(|i| next[i * step % n].clone()).collect();
    for (serial, request) in next.iter_mut().enumerate() {
        request.reference = Some(format!("F-{serial}"));
    }
    Plan { of_it, district, patterns, next }
}

/// Puts it into an empty database, with a year behind it.
pub fn fill(database: &Database, size: &Size, plan: &Plan) -> App {
    let app_options = AppOptions { today: Some(demo::today()), ..options() };
    let app = App::open(&database.address, &StoreOptions::default(), app_options);
    let app = app.expect("it opens").0;
    demo::file(&app, &plan.of_it, &plan.district).expect("a district");
    put_past(database, size, &plan.district, &plan.patterns);
    app
}

/// The made-up district with a year behind it.
fn make(database: &Database, size: &Size) -> Register {
    let plan = plan(size);
    let app = fill(database, size, &plan);
    let horizon = (plan.district.start, plan.district.end);
    Register { app, next: plan.next, horizon }
}

/// Requests of the past year after the patterns: held in visits, or withdrawn or expired; and the first
/// patterns themselves as waiting. Straight into the tables, for only what is filed after is measured.
fn put_past(database: &Database, size: &Size, district: &District, patterns: &[NewRequest]) {
    let words = Words { is_postgres: matches!(database.address, Address::Postgres(_)) };
    let areas: BTreeMap<&str, &str> =
        district.enterprises.iter().map(|e| (e.id.as_str(), e.area.as_str())).collect();
    let mut sql = String::from(
        "CREATE TABLE patterns (n BIGINT PRIMARY KEY, e BIGINT, department TEXT, enterprise TEXT,
         area TEXT, item TEXT, kind TEXT, earliest DATE, latest DATE);",
    );
    if !words.is_postgres {
        // its dates are texts
        sql = sql.replace("BIGINT", "INTEGER").replace("DATE", "TEXT");
    }
    let mut serial = 0;
    for (n, pattern) in patterns.iter().enumerate() {
        if n > 0 && patterns[n - 1].enterprise != pattern.enterprise {
            serial += 1;
        }
        let NewRequest { department, enterprise, item, earliest, latest, .. } = pattern;
        let head = match n % 500 {
            0 => ";INSERT INTO patterns VALUES",
            _ => ",",
        };
        let (area, kind) = (areas[enterprise.as_str()], pattern.kind.as_str());
        write!(
            sql,
            "{head}({n},{serial},'{department}','{enterprise}','{area}','{item}','{kind}',
             '{earliest}','{latest}')"
        )
        .expect("text");
    }
    write!(
        sql,
        ";INSERT INTO problems (id, name, start_day, end_day, policy_version, file, sources,
            created_at, created_by)
          VALUES ('past', 'past', '2025-09-01', '2026-09-14', 1, {bytes}, {bytes},
            '2025-09-01 00:00:00', 'past');
         INSERT INTO runs (id, problem_id, state, seed, gap, threads, is_cancelled, created_at,
            created_by, attempts)
          VALUES ('past', 'past', 'done', 1, 0, 1, FALSE, '2025-09-01 00:00:00', 'past', 1);
         INSERT INTO plans (id, run_id, problem_id, state, cost, bound, report, created_at, version)
          VALUES ('past', 'past', 'past', 'published', 0, 0, '', '2025-09-01 00:00:00', 1);",
        bytes = words.no_bytes()
    )
    .expect("text");
    let columns = "id, department_id, enterprise_id, item_id, kind, earliest, latest, minutes,
                   inspectors, is_exempt, is_quiet_exempt, is_solo, state, filed_at, filed_by, version";
    let scenarios: String = (0..district.scenarios.len())
        .map(|i| format!("WHEN {i} THEN '{}' ", district.scenarios[i].id))
        .collect();
    let (mut left, mut round) = (size.requests - size.open, 0);
    while left > 0 {
        let taken = left.min(patterns.len());
        let request = words.digits(&format!("{round} * {} + p.n", patterns.len()));
        let visit = words.digits(&format!("{round} * {} + p.e", size.enterprises));
        let request = format!("'01900000-0000-7000-8000-' || {request}");
        let visit = format!("'01900000-0000-7000-9000-' || {visit}");
        let ago = |days: i64| words.before(&format!("(p.e * 37 + {round} * 97) % 350 + {days}"));
        let (begins, held, ends) = (ago(16), ago(2), ago(0));
        // one in ten was withdrawn or came to nothing
        write!(
            sql,
            "INSERT INTO requests ({columns})
             SELECT {request}, p.department, p.enterprise, p.item, p.kind, {begins}, {ends},
                i.minutes, i.inspectors, FALSE, FALSE, FALSE,
                CASE p.n % 20 WHEN 0 THEN 'withdrawn' WHEN 1 THEN 'expired' ELSE 'accepted' END,
                '2025-09-01 08:00:00', 'past', 1
             FROM patterns p JOIN items i ON i.id = p.item WHERE p.n < {taken};
             INSERT INTO visits (id, plan_id, enterprise_id, area_id, day, scenario_id, state, is_scheduled,
                revision, changed_at)
             SELECT {visit}, 'past', p.enterprise, p.area, {held},
                CASE WHEN COUNT(DISTINCT p.department) > 1
                    THEN CASE p.e % {n} {scenarios} END END, 'scheduled', TRUE, 1, '2025-09-01 08:00:00'
             FROM patterns p WHERE p.n < {taken} AND p.n % 20 > 1
             GROUP BY p.e, p.enterprise, p.area;
             INSERT INTO visit_requests (visit_id, request_id)
             SELECT {visit}, {request} FROM patterns p
             WHERE p.n < {taken} AND p.n % 20 > 1;",
            n = district.scenarios.len()
        )
        .expect("text");
        left -= taken;
        round += 1;
    }
    let request = words.digits("p.n");
    write!(
        sql,
        "INSERT INTO requests ({columns})
         SELECT '01990000-0000-7000-8000-' || {request}, p.department, p.enterprise, p.item, p.kind,
            p.earliest, p.latest, i.minutes, i.inspectors, p.kind IN ('case', 'clue', 'follow_up'),
            p.kind IN ('case', 'clue', 'follow_up'), FALSE, 'accepted', '2026-09-01 08:00:00', 'past', 1
         FROM patterns p JOIN items i ON i.id = p.item WHERE p.n < {open};
         INSERT INTO closures (id, enterprise_id, first_day, last_day, version)
         SELECT id || '/2025-10-01', id, '2025-10-01', '2025-10-07', 1 FROM enterprises;
         INSERT INTO listings (id, enterprise_id, list, first_day, last_day, version)
         SELECT id || '/no_disturb//2025-01-01', id, 'no_disturb', '2025-01-01', '2025-03-31', 1
         FROM enterprises;
         INSERT INTO recusals (id, inspector_id, enterprise_id, version)
         SELECT i.id || '/' || p.enterprise, i.id, p.enterprise, 1
         FROM (SELECT DISTINCT enterprise, e FROM patterns WHERE e % 2 = 0) AS p
         JOIN (SELECT id, ROW_NUMBER() OVER (ORDER BY id) - 1 AS n FROM inspectors) AS i
            ON i.n = p.e / 2 % (SELECT COUNT(*) FROM inspectors);
         DROP TABLE patterns;",
        open = size.open
    )
    .expect("text");
    execute(database, &sql);
    if words.is_postgres {
        let Address::Postgres(url) = &database.address else { return };
        let mut connection = PgConnection::establish(url).expect("it answers");
        connection.batch_execute("VACUUM ANALYZE").expect("statistics");
    }
}

/// The tables that grow with enterprises and years.
const LARGE: [&str; 9] = [
    "requests",
    "visits",
    "visit_requests",
    "enterprises",
    "grades",
    "events",
    "recusals",
    "closures",
    "listings",
];

/// The index by which a filing would read a year of the schedule; it wants one enterprise's part.
const BROAD: &str = "visits_by_day";

/// What is wrong with how a database goes about the queries of some work: a large table read through.
fn scans(database: &Database, work: impl FnOnce()) -> Vec<String> {
    let queries = selects(work);
    assert!(queries.len() > 10, "it is listened to: {queries:?}");
    let mut found = Vec::new();
    // of those that differ in their values only, one
    let shape = |query: &String| -> String {
        let outside = query.split('\'').step_by(2);
        outside.flat_map(|part| part.chars().filter(|c| !c.is_ascii_digit())).collect()
    };
    let shapes: BTreeMap<String, String> = queries.into_iter().map(|q| (shape(&q), q)).collect();
    for query in shapes.into_values() {
        let steps = steps(database, &query, false);
        for step in steps.lines() {
            let is_of = |table: &&&str| {
                // `SCAN requests`, `Seq Scan on requests requests_1  (cost=…`
                let mut words =
                    step.split_whitespace().skip_while(|w| !w.ends_with("SCAN") && *w != "on");
                words.nth(1) == Some(**table)
            };
            let is_scan = step.contains("Seq Scan") || step.trim_start().starts_with("SCAN");
            // the end of an index, and no more
            let is_end =
                query.contains("LIMIT") && !steps.contains("B-TREE") && !steps.contains("Sort");
            let is_broad = step.contains(BROAD);
            if is_broad || is_scan && !is_end && LARGE.iter().any(|table| is_of(&table)) {
                found.push(format!("{step}: {query}"));
            }
        }
    }
    found
}

#[test]
fn filing_reads_no_large_table_through() {
    listen();
    on_both(|database| {
        let size = Size { enterprises: 2_000, requests: 20_000, open: 500 };
        let Register { app, next, .. } = make(database, &size);
        let found = scans(database, || {
            for new in &next[..20] {
                let done = filing::file(&app, &caller(), new);
                done.unwrap_or_else(|error| panic!("{error:?}"));
            }
        });
        assert!(found.is_empty(), "{found:#?}");
    });
}

fn milliseconds(duration: &Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

/// What `make filing-figures` asks for, and how much of it.
fn figures(size: &Size, singles: usize, batch: usize) {
    const CLIENTS: usize = 4;
    const WARM_UP: usize = 100;
    let missed = RefCell::new(Vec::new());
    on_both(|database| {
        let name = name(database);
        let start = Instant::now();
        let Register { app, next, horizon } = make(database, size);
        println!(
            "{name}: a register of {} requests at {} enterprises made in {:.0} s",
            size.requests,
            size.enterprises,
            start.elapsed().as_secs_f64()
        );
        let hold = |what: &str, value: f64, most: f64| {
            if value >= most {
                missed.borrow_mut().push(format!("{name}: {what} {value:.1}, wanted below {most}"));
            }
        };

        // the building of a problem, three times
        let policy = policies::get(&app, &caller(), None).expect("a policy");
        let (store, _) = Store::open(&database.address, &StoreOptions::default()).expect("opens");
        let mut seconds: Vec<f64> = (0..3)
            .map(|_| {
                let start = Instant::now();
                let built = store.read(|tx| build::build(&app, tx, "it".into(), horizon, &policy));
                let built = built.expect("a problem").problem;
                let facts = built.facts();
                assert_eq!(facts.requests.len(), size.open);
                start.elapsed().as_secs_f64()
            })
            .collect();
        seconds.sort_by(f64::total_cmp);
        println!(
            "{name}: the problem of {} requests from {} to {} built in {:.2} s (the middle of three; \
             {:.2} to {:.2})",
            size.open, horizon.0, horizon.1, seconds[1], seconds[0], seconds[2]
        );
        hold("seconds of building", seconds[1], 3.0);
        let start = Instant::now();
        let span = json!({ "start": horizon.0, "end": horizon.1 });
        let run = runs::submit(&app, &caller(), &read(span)).expect("a run");
        println!(
            "{name}: submitted as a run, with expiry and packing, in {:.2} s",
            start.elapsed().as_secs_f64()
        );
        runs::cancel(&app, &caller(), &run.id).expect("nobody plans it");

        // one after the other, by several clients at once
        let departments: BTreeSet<&String> = next.iter().map(|r| &r.department).collect();
        let head = json!({
            "name": "head", "password": PASSWORD, "roles": ["head"], "departments": departments
        });
        users::add(&app, &caller(), &read(head)).expect("a head");
        let server = Server::start_on(&demo::today().to_string(), &url(database));
        let token = server.token("head");
        let post = |new: &NewRequest| {
            let body = serde_json::to_string(new).expect("JSON");
            let start = Instant::now();
            let (status, body) =
                server.call("POST", "/api/v1/requests", &token, &body).expect("an answer");
            (start.elapsed(), status, body)
        };
        let refusals = |answers: Vec<(u16, String)>| {
            for (status, body) in answers.iter().take(3) {
                println!("{name}: not filed: {status} {body}");
            }
            assert!(answers.iter().all(|(status, _)| *status == 422), "refused by rules alone");
        };
        let (warm, rest) = next.split_at(WARM_UP);
        for new in warm {
            post(new);
        }
        let (single, rest) = rest.split_at(singles);
        let start = Instant::now();
        let done: Vec<(Duration, u16, String)> = std::thread::scope(|scope| {
            let share = singles.div_ceil(CLIENTS);
            let clients = single.chunks(share).map(|own| {
                let post = &post;
                scope.spawn(move || own.iter().map(post).collect::<Vec<_>>())
            });
            let clients: Vec<_> = clients.collect();
            clients.into_iter().flat_map(|client| client.join().expect("a client")).collect()
        });
        let a_second = singles as f64 / start.elapsed().as_secs_f64();
        let mut times: Vec<f64> = done.iter().map(|(time, ..)| milliseconds(time)).collect();
        times.sort_by(f64::total_cmp);
        let quantile = |percent: usize| times[(times.len() * percent / 100).min(times.len() - 1)];
        let not: Vec<(u16, String)> = done
            .into_iter()
            .filter(|(_, status, _)| *status != 201)
            .map(|(_, status, body)| (status, body))
            .collect();
        println!(
            "{name}: filing {singles} single requests from {CLIENTS} clients at once: p50 {:.1} ms, \
             p90 {:.1} ms, p99 {:.1} ms, longest {:.1} ms, {a_second:.0} a second, {} refused",
            quantile(50),
            quantile(90),
            quantile(99),
            quantile(100),
            not.len()
        );
        assert!(not.len() * 10 < singles, "most are lawful");
        refusals(not);
        hold("p50", quantile(50), 20.0);
        hold("p99", quantile(99), 100.0);

        // a batch
        let body = json!({ "requests": &rest[..batch] }).to_string();
        let start = Instant::now();
        let (status, body) =
            server.call("POST", "/api/v1/requests/batch", &token, &body).expect("an answer");
        let seconds = start.elapsed().as_secs_f64();
        assert_eq!(status, 200, "{body}");
        let report: Value = serde_json::from_str(&body).expect("JSON");
        println!(
            "{name}: a batch of {batch} requests in {seconds:.1} s: {} filed, {} refused",
            report["filed"], report["refused"]
        );
        assert!(report["filed"].as_u64().is_some_and(|n| n as usize * 10 > batch * 9));
        hold("seconds of a batch", seconds, 30.0);
        drop(server);

        // the same at this size as the database plans it with its own statistics
        listen();
        let again = App::open(
            &database.address,
            &StoreOptions::default(),
            AppOptions { today: Some(demo::today()), ..options() },
        );
        let again = again.expect("it opens").0;
        let found = scans(database, || {
            for new in &rest[batch..batch + 20] {
                let _ = filing::file(&again, &caller(), new);
            }
        });
        assert!(found.is_empty(), "{found:#?}");
    });
    let missed = missed.into_inner();
    assert!(missed.is_empty(), "{missed:#?}");
}

/// `make filing-figures` runs it and shows what it prints.
#[test]
#[ignore = "takes some minutes; make filing-figures runs it"]
fn figures_of_filing() {
    figures(&Size { enterprises: 100_000, requests: 1_000_000, open: 25_000 }, 2_000, 10_000);
}
