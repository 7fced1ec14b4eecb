//! Who may do what where; what spares enterprises and people; and how lists are read.

use crate::build::plan;
use crate::support::county::{
    DAIRY, DUMPLINGS, NOODLES, caller, credit_code, file, request, settle, with,
};
use crate::support::database::{Database, app, on_both, options, read, sqlite};
use diesel::connection::{Instrumentation, InstrumentationEvent, SimpleConnection};
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::{PgConnection, SqliteConnection};
use onevisit::app::paging::Paging;
use onevisit::app::planning::runs;
use onevisit::app::register::{authority, files, scenario_files};
use onevisit::app::requests::filing;
use onevisit::app::{Address, App, EnterpriseFilter, Error, StoreOptions, register};
use onevisit::domain::words::Worded;
use onevisit::samples::demo;
use onevisit::samples::demo::Options;
use onevisit::wire::register::Kind;
use onevisit::wire::register::authority::Suggestion;
use onevisit::wire::tabular::Outcome;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::BTreeSet;

fn take(app: &App, kind: Kind, file: &str) {
    let report = files::import(app, &caller(), kind, file.as_bytes(), false);
    let report = report.expect("a report");
    assert_eq!(report.outcome, Outcome::Taken, "{:#?}", report.defects);
}

fn settled(database: &Database) -> App {
    let app = app(database);
    settle(&app);
    app
}

/// East and west as towns of a county, with a bureau of each department and a team in the east.
fn with_bodies(app: &App) {
    take(
        app,
        Kind::Areas,
        "id,name,level,parent\ncounty,县,county,\neast,镇,town,county\nwest,镇,town,county\n",
    );
    take(
        app,
        Kind::Bodies,
        "id,name,department,area,role\nmarket,市场局,market,county,inspects\n\
         fire,消防,fire,county,inspects\neast-team,东镇执法队,market,east,inspects\n\
         ecology-office,蓝天办,ecology,county,convenes\n",
    );
}

#[test]
fn the_report_lists_heads_gaps_and_what_towns_should_have() {
    on_both(|database| {
        let app = settled(database);
        with_bodies(&app);
        let people: String = (1..=3)
            .map(|n| format!("t{n},甲{n}（虚构）,east-team,,T-{n},2024-01-01,2026-12-31,food\n"))
            .collect();
        let head = "id,name,body,pool,certificate,certificate_from,certificate_to,qualifications\n";
        take(&app, Kind::Inspectors, &format!("{head}{people}"));
        take(
            &app,
            Kind::Items,
            "id,department,name,minutes_value,inspectors_value,qualification,published_to\n\
             food,market,食品,40,2,food,\nlicence,market,执照,30,2,,\nexits,fire,出口,50,2,fire,\n\
             fumes,ecology,油烟,25,1,,2026-02-28\n",
        );
        take(
            &app,
            Kind::Authorities,
            "id,item,body,area,act,from,delegator\n1,food,market,county,hold,2020-01-01,\n\
             2,licence,market,county,hold,2020-01-01,\n3,licence,east-team,east,hold,2026-01-01,\n\
             4,food,east-team,east,delegate,2026-02-01,market\n",
        );
        for _ in 0..12 {
            file(&app, request("food", NOODLES));
        }
        let report = authority::report(&app, &caller(), None).expect("a report");
        assert_eq!((report.items, report.areas), (3, 2), "fumes is no longer published");
        let heads: Vec<(&str, &str, usize)> = report
            .many_headed
            .iter()
            .map(|one| (one.item.as_str(), one.area.as_str(), one.bodies.len()))
            .collect();
        assert_eq!(heads, [("licence", "east", 2)]);
        let gaps: Vec<(&str, usize)> =
            report.gaps.iter().map(|gap| (gap.item.as_str(), gap.areas.len())).collect();
        assert_eq!(gaps, [("exits", 2)]);
        let [food] = &report.towns[..] else { panic!("{:?}", report.towns) };
        assert_eq!((food.item.as_str(), food.area.as_str()), ("food", "east"));
        assert_eq!((food.demand, food.demand_minutes, food.crew), (12, 12 * 80, 2));
        assert_eq!((food.people, food.qualified), (3, 3));
        // 248 working days of 2026, three people of 360 minutes, nothing else is wanted of them
        assert_eq!(food.free_minutes, 3 * 360 * 248);
        assert_eq!((food.suggestion, food.risk_percent), (Suggestion::Keep, 0));
        let wanted = ["enough-demand", "enough-capacity", "risk-bearable"];
        assert_eq!(food.reasons, wanted);
        // a year on their certificates have run out
        let later = "2027-01-01".parse().ok();
        let report = authority::report(&app, &caller(), later).expect("a report");
        assert_eq!(report.towns[0].suggestion, Suggestion::Recall);
        assert_eq!(report.towns[0].reasons, ["little-demand", "too-few-people", "risk-bearable"]);
        // before the delegation the town could have been given it
        let earlier = "2026-01-31".parse().ok();
        let report = authority::report(&app, &caller(), earlier).expect("a report");
        let food = report.towns.iter().find(|one| one.item == "food").expect("asked for often");
        assert_eq!((food.suggestion, &food.delegated_to), (Suggestion::Delegate, &None));
    });
}

#[test]
fn the_demo_district_has_heads_gaps_and_something_to_change() {
    let database = sqlite();
    let of_it = Options { enterprises: 400, seed: 1 };
    let district = demo::district(&of_it, scenario_files::shipped());
    let app = App::open(&database.address, &StoreOptions::default(), options()).expect("opens").0;
    for _ in 0..2 {
        demo::file(&app, &of_it, &district).expect("filed, and filed again");
    }
    let report = authority::report(&app, &caller(), Some(demo::today())).expect("a report");
    assert_eq!((report.areas, report.many_headed.len()), (8, 6));
    assert_eq!(report.gaps.iter().filter(|gap| gap.areas.len() == 8).count(), report.gaps.len());
    assert!(report.gaps.len() >= 4, "{:?}", report.gaps);
    let suggested: BTreeSet<&str> =
        report.towns.iter().map(|one| one.suggestion.as_str()).collect();
    assert!(suggested.contains("recall") && suggested.contains("keep"), "{suggested:?}");
    let towns: BTreeSet<&str> = report.towns.iter().map(|one| one.area.as_str()).collect();
    assert_eq!(towns.len(), 8);
    let items: Vec<String> = district
        .scenarios
        .iter()
        .filter(|scenario| scenario.id == "SC51")
        .flat_map(|scenario| &scenario.departments)
        .flat_map(|part| &part.items)
        .map(|item| item.id.clone())
        .collect();
    let form = authority::check_form(&app, &caller(), &items).expect("a form");
    assert_eq!((form.checks, form.questions.len()), (2 * items.len(), items.len() + 1));
    assert_eq!(form.questions[0].items, items);
}

fn problem(app: &App) -> Value {
    let run = plan(app, json!({}));
    let file = runs::problem_file(app, &caller(), &run.problem).expect("the problem");
    serde_json::from_slice(&file).expect("JSON")
}

fn of<'p>(problem: &'p Value, list: &str, id: &str) -> &'p Value {
    let all = problem[list].as_array().expect("a list");
    all.iter().find(|one| one["id"] == id).unwrap_or_else(|| panic!("{id} in {list}"))
}

#[test]
fn planning_spares_whom_the_register_spares() {
    let database = sqlite();
    let app = settled(&database);
    file(&app, request("food", NOODLES));
    file(&app, request("exits", NOODLES));
    file(&app, request("food", DUMPLINGS));
    file(&app, request("fumes", DAIRY));
    take(
        &app,
        Kind::QuietPeriods,
        &format!(
            "id,enterprise,area,from,to,month_first,month_last\n\
             q1,,west,2026-01-01,2026-12-31,1,5\nq2,{NOODLES},,2026-03-30,2026-04-02,,\n"
        ),
    );
    take(&app, Kind::Closures, &format!("enterprise,from,to\n{NOODLES},2026-02-20,2026-03-04\n"));
    take(
        &app,
        Kind::Listings,
        &format!(
            "enterprise,list,department,from,to\n{DAIRY},white_list,,2026-03-10,\n\
             {NOODLES},no_disturb,fire,2026-01-01,2026-03-20\n{NOODLES},no_disturb,fire,2027-01-01,\n"
        ),
    );
    let columns = "id,name,area,industry,risk,credit_grade,joint_opt_out,open_weekdays\n";
    take(&app, Kind::Enterprises, &format!("{columns}{DUMPLINGS},店,west,6210,B,A,yes,12345\n"));
    take(
        &app,
        Kind::Grades,
        &format!(
            "enterprise,from,risk,credit_grade\n{DAIRY},2026-02-01,A,A\n{DAIRY},2026-03-02,D,C\n"
        ),
    );
    let problem = problem(&app);
    let noodles = of(&problem, "enterprises", NOODLES);
    assert_eq!(noodles["closed"], json!([["2026-03-02", "2026-03-04"]]));
    assert_eq!(noodles["quiet"], json!([["2026-03-30", "2026-03-31"]]));
    let cap =
        json!([{ "from": "2026-03-02", "to": "2026-03-20", "department": "fire", "at_most": 0 }]);
    assert_eq!(noodles["caps"], cap);
    let dumplings = of(&problem, "enterprises", DUMPLINGS);
    assert_eq!(dumplings["quiet"], json!([["2026-03-02", "2026-03-05"]]));
    assert_eq!(dumplings["closed"].as_array().map(Vec::len), Some(4), "the weekends");
    let dairy = of(&problem, "enterprises", DAIRY);
    assert_eq!(dairy["risk"], "D");
    assert_eq!(dairy["caps"], json!([{ "from": "2026-03-10", "to": "2026-03-31", "at_most": 0 }]));
    let all = problem["requests"].as_array().expect("requests");
    let scenarios = |enterprise: &str| {
        let one = all.iter().find(|request| request["enterprise"] == enterprise).expect("one");
        one["scenarios"].as_array().map_or(0, Vec::len)
    };
    assert_eq!((scenarios(NOODLES), scenarios(DUMPLINGS)), (1, 0), "no joint visits there");
}

#[test]
fn planning_counts_who_is_there_and_may_inspect() {
    let database = sqlite();
    let app = settled(&database);
    with_bodies(&app);
    let filed = file(&app, request("food", NOODLES));
    let other = file(&app, request("food", DUMPLINGS));
    let late = file(&app, request("exits", DUMPLINGS));
    let head = "id,name,body,pool,certificate,certificate_from,certificate_to,minutes\n";
    take(
        &app,
        Kind::Inspectors,
        &format!(
            "{head}m1,甲,market,market,M-1,2024-01-01,2028-12-31,240\n\
             m2,乙,market,market,M-2,2024-01-01,2026-03-13,240\n"
        ),
    );
    take(
        &app,
        Kind::Absences,
        "inspector,from,to\nm1,2026-03-09,2026-03-10\nm1,2026-03-20,2026-03-20\n",
    );
    take(&app, Kind::Recusals, &format!("inspector,enterprise\nm2,{NOODLES}\n"));
    let item = "id,department,name,minutes_value,inspectors_value,published_from\n\
                exits,fire,exits检查,50,2,2026-03-16\n";
    take(&app, Kind::Items, item);
    let problem = problem(&app);
    let pool = of(&problem, "pools", "market");
    assert_eq!(pool["minutes"], 480);
    let exceptions = &pool["exceptions"];
    assert_eq!(exceptions["2026-03-09"], 240, "one is away");
    assert_eq!(exceptions["2026-03-16"], 240, "a certificate has run out");
    assert_eq!(exceptions["2026-03-20"], 0, "nobody works in this pool that day");
    assert_eq!(exceptions.get("2026-03-11"), None);
    let uses = |id: &str| of(&problem, "requests", id)["uses"][0]["pool"].clone();
    assert_eq!(uses(&filed.id), "market:nobody", "two are needed, and one is recused");
    assert_eq!(uses(&other.id), "market");
    assert_eq!(of(&problem, "requests", &late.id)["earliest"], "2026-03-16", "published then");
    assert_eq!(of(&problem, "pools", "market:nobody")["minutes"], 0);
    let refused = |value: Value| match filing::file(&app, &caller(), &read(value)) {
        Err(Error::Invalid(defects)) => defects.iter().map(|defect| defect.code()).collect(),
        Err(Error::Refused { findings, .. }) => {
            findings.iter().filter(|finding| finding.refuses()).map(|f| f.code()).collect()
        }
        other => panic!("{:?}", other.map(|filed| filed.is_new)),
    };
    let reported: Vec<&str> = refused(request("food", NOODLES));
    assert_eq!(reported, ["no-qualified-inspectors"]);
    assert_eq!(refused(request("fumes", DAIRY)), ["no-inspecting-body"]);
    let early = json!({ "latest": "2026-03-13" });
    assert_eq!(refused(with(request("exits", DUMPLINGS), early)), ["item-not-published"]);
}

thread_local! {
    /// Queries of this thread, while it listens.
    static HEARD: RefCell<Option<Vec<String>>> = const { RefCell::new(None) };
}

struct Listener;

impl Instrumentation for Listener {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            HEARD.with_borrow_mut(|heard| {
                heard.iter_mut().for_each(|list| list.push(query.to_string()))
            });
        }
    }
}

/// Lets connections opened from now on be listened to.
pub fn listen() {
    diesel::connection::set_default_instrumentation(|| Some(Box::new(Listener))).expect("set");
}

/// The SELECTs that `work` sends, each with its values put in.
pub fn selects(work: impl FnOnce()) -> Vec<String> {
    HEARD.set(Some(Vec::new()));
    work();
    let heard = HEARD.take().unwrap_or_default();
    let selects = heard.into_iter().filter(|sql| sql.starts_with("SELECT"));
    selects.map(|sql| filled(&sql)).collect()
}

/// `SELECT … $1 … -- binds: ["x", 1, 2026-03-02]` with its values in their places.
fn filled(sql: &str) -> String {
    let Some((sql, binds)) = sql.rsplit_once("-- binds:") else { return sql.to_owned() };
    let binds: Vec<Value> = serde_json::from_str(&quoted(binds.trim())).expect("plain values");
    let text = |bind: &Value| match bind {
        Value::String(text) => format!("'{text}'"),
        Value::Array(list) => format!("ARRAY{}", Value::from(list.clone())).replace('"', "'"),
        other => other.to_string(),
    };
    let mut sql = sql.trim().to_owned();
    for (place, bind) in binds.iter().enumerate().rev() {
        sql = sql.replace(&format!("${}", place + 1), &text(bind));
    }
    for bind in &binds {
        sql = sql.replacen('?', &text(bind), 1);
    }
    sql
}

/// The list with its days and instants, which are written bare, as texts.
fn quoted(binds: &str) -> String {
    let mut parts = binds.split('"');
    let mut text =
        parts.next().unwrap_or_default().split(' ').map(bare).collect::<Vec<_>>().join(" ");
    // between each two quotation marks is a text, and then something bare again
    while let (Some(inside), Some(outside)) = (parts.next(), parts.next()) {
        let outside: Vec<String> = outside.split(' ').map(bare).collect();
        text.push_str(&format!("\"{inside}\"{}", outside.join(" ")));
    }
    text
}

fn bare(word: &str) -> String {
    let value = word.trim_matches(|c| "[],".contains(c));
    let is_day = value.len() >= 10 && value[1..].contains('-');
    if is_day { word.replace(value, &format!("\"{value}\"")) } else { word.to_owned() }
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

/// How the database goes about a query. On PostgreSQL, `no_scans` asks whether it could do without
/// reading whole tables, however small they are now.
pub fn steps(database: &Database, sql: &str, no_scans: bool) -> String {
    match &database.address {
        Address::Sqlite(path) => {
            let path = path.to_str().expect("UTF-8");
            let mut connection = SqliteConnection::establish(path).expect("it opens");
            let steps: Vec<Step> = diesel::sql_query(format!("EXPLAIN QUERY PLAN {sql}"))
                .load(&mut connection)
                .expect("a plan");
            steps.into_iter().map(|step| step.detail + "\n").collect()
        }
        Address::Postgres(url) => {
            let mut connection = PgConnection::establish(url).expect("it answers");
            if no_scans {
                let off = "SET enable_seqscan = off; SET enable_bitmapscan = off";
                connection.batch_execute(off).expect("settings");
            }
            // a column of plain text, under a name of its own
            connection
                .batch_execute(
                    "CREATE OR REPLACE FUNCTION explained(query text) RETURNS SETOF text
                     LANGUAGE plpgsql AS
                     $$ BEGIN RETURN QUERY EXECUTE 'EXPLAIN ' || query; END $$",
                )
                .expect("a function");
            let query = format!("SELECT explained AS line FROM explained($q${sql}$q$)");
            let lines: Vec<Line> = diesel::sql_query(query).load(&mut connection).expect("a plan");
            lines.into_iter().map(|line| line.line + "\n").collect()
        }
    }
}

#[test]
fn pages_are_read_by_key_without_sorting_on_both_databases() {
    listen();
    on_both(|database| {
        let app = settled(database);
        let mut many = String::from("id,name,area,industry,risk,credit_grade\n");
        for n in 0..10_000 {
            let area = if n % 100 == 0 { "west" } else { "east" };
            many.push_str(&format!("{},店,{area},6210,A,A\n", credit_code(1_000 + n)));
        }
        take(&app, Kind::Enterprises, &many);
        if let Address::Postgres(url) = &database.address {
            let mut connection = PgConnection::establish(url).expect("it answers");
            connection.batch_execute("ANALYZE enterprises; ANALYZE grades").expect("statistics");
        }
        let page = || Paging::new(Some("9199".into()), Some(50)).expect("paging");
        let is_postgres = matches!(database.address, Address::Postgres(_));
        let inspect = |what: &str, sqls: Vec<String>, no_scans: bool| {
            let pages: Vec<&String> = sqls.iter().filter(|sql| sql.contains("LIMIT")).collect();
            assert_eq!(pages.len(), 1, "{what}: {sqls:?}");
            let steps = steps(database, pages[0], no_scans);
            if is_postgres {
                assert!(steps.contains("Index Scan"), "{what}: {steps}");
                assert!(!steps.contains("Sort") && !steps.contains("Seq Scan"), "{what}: {steps}");
            } else {
                assert!(steps.contains("SEARCH") && steps.contains("id>?"), "{what}: {steps}");
                assert!(
                    !steps.contains("TEMP B-TREE") && !steps.contains("SCAN"),
                    "{what}: {steps}"
                );
            }
        };
        for kind in Kind::ALL {
            let name = kind.as_str();
            let sqls = selects(|| {
                files::list(&app, &caller(), *kind, &page()).expect("a page");
            });
            // of a table with rows in it, PostgreSQL chooses the index by itself
            let is_filled = matches!(kind, Kind::Enterprises | Kind::Grades);
            inspect(name, sqls, !is_filled);
        }
        for (what, filter) in [
            ("all", EnterpriseFilter::default()),
            ("area", EnterpriseFilter { area: Some("west".into()), ..Default::default() }),
        ] {
            let sqls = selects(|| {
                register::enterprises(&app, &caller(), &filter, &page()).expect("a page");
            });
            inspect(what, sqls, false);
        }
    });
}
