//! Who may do what: every route, as every kind of user, on own and on foreign things, held against
//! the table in `access.csv`. A route that the table does not have fails.

use crate::api::{Client, routes};
use crate::support::county::{
    DUMPLINGS, NOODLES, caller, enterprise, file, pool, request, scenario, with,
};
use crate::support::database::{Database, on_both, read, sqlite};
use actix_web::test::TestRequest;
use onevisit::app::Caller;
use onevisit::app::access::{tokens, users};
use onevisit::app::law::{campaigns, draws};
use onevisit::app::planning::{plans, runs};
use onevisit::domain::words::Worded;
use onevisit::wire::access::user::{NewToken, Role, Scope};
use onevisit::wire::register::Kind;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;

const TABLE: &str = "tests/it/access.csv";
/// Every role for the department market, then some that are bound to the area east; a head's token
/// that may only read; nobody.
const COLUMNS: [&str; 12] = [
    "filer",
    "head",
    "member",
    "coordinator",
    "manager",
    "supervisor",
    "administrator",
    "head@east",
    "coordinator@east",
    "manager@east",
    "head:read",
    "nobody",
];
const PASSWORD: &str = "everybody's own secret";

/// Things of the department market in the east, whose team the member is in, and of others.
struct Things {
    tokens: BTreeMap<&'static str, String>,
    /// Id of a personal token, by user.
    personal: BTreeMap<&'static str, String>,
    request: [String; 2],
    visit: [String; 2],
    draw: [String; 2],
    inspection_plan: [String; 2],
    run: String,
    problem: String,
    plan: String,
    user: String,
}

/// Department, item and area of what is one's own, and of what is another's.
const SAMPLING: [(&str, &str, &str); 2] = [("market", "food", "east"), ("fire", "exits", "west")];

fn sampling(department: &str, item: &str, area: &str) -> Value {
    json!({
        "name": "抽查", "department": department, "items": [item], "area": area,
        "ratio_permille": { "B": 500 }, "start": "2026-04-01", "end": "2026-04-30"
    })
}

fn inspection_plan(department: &str, item: &str, area: &str) -> Value {
    json!({
        "kind": "annual", "department": department, "year": 2026, "name": "年度计划",
        "items": [item], "area": area, "start": "2026-01-01", "end": "2026-12-31"
    })
}

fn settle(client: &Client) -> Things {
    let app = &client.app;
    let mut tokens_of = BTreeMap::new();
    let mut personal = BTreeMap::new();
    let local = Caller::local();
    let mut user = String::new();
    for name in &COLUMNS[..10] {
        let (role, area) = name.split_once('@').map_or((*name, None), |(r, a)| (r, Some(a)));
        let new = json!({
            "name": name, "password": PASSWORD, "roles": [role], "departments": ["market"],
            "areas": area.into_iter().collect::<Vec<_>>()
        });
        user = users::add(app, &local, &read(new)).expect("a user").value.id;
        let body = json!({ "name": name, "password": PASSWORD });
        let session = client.post("/api/v1/session", &body).json();
        tokens_of.insert(*name, session["token"].as_str().expect("a token").to_owned());
        let new = NewToken { name: "t".into(), scopes: vec![Scope::Read], days: None };
        let made = tokens::add_for(app, &local, name, &new).expect("a token");
        personal.insert(*name, made.listed.id);
        if *name == "head" {
            // another, for its own is revoked on the way
            let made = tokens::add_for(app, &local, name, &new).expect("a token");
            tokens_of.insert("head:read", made.token);
        }
    }
    assert_eq!(Role::ALL.len(), 7, "a column for every role");
    for (id, department, area) in [("market-east", "market", "east"), ("fire-west", "fire", "west")]
    {
        let pool = read(pool(id, department, Some(area)));
        onevisit::app::register::add_pool(app, &local, &pool).expect("a pool");
    }
    // two of grade B in each area, and two inspectors who may meet them
    for (i, area) in ["east", "east", "west", "west"].into_iter().enumerate() {
        let mut place = enterprise(&crate::support::county::credit_code(500 + i), area, "6210");
        place["credit_grade"] = json!("B");
        onevisit::app::register::add_enterprises(app, &local, &[read(place)]).expect("it");
    }
    let bodies = "id,name,department,area,role\nmarket-team,市场局,market,east,inspects\n\
                  fire-team,消防,fire,west,inspects\n";
    crate::register_files::taken(app, Kind::Bodies, bodies);
    let mut people = "id,name,body,pool,certificate,certificate_from,certificate_to\n".to_owned();
    for (i, (body, pool)) in
        [("market-team", "market-east"), ("fire-team", "fire-west")].into_iter().enumerate()
    {
        for j in 0..2 {
            writeln!(people, "p{i}{j},某,{body},{pool},C-{i}{j},2024-01-01,2028-12-31")
                .expect("a text");
        }
    }
    crate::register_files::taken(app, Kind::Inspectors, &people);
    // two visits of each enterprise, a few weeks apart: an alarm in each area
    let early = json!({ "earliest": "2026-03-09", "latest": "2026-03-10" });
    let late = json!({ "earliest": "2026-03-30", "latest": "2026-03-31" });
    let of = |item: &str, place: &str, when: &Value| {
        file(app, with(request(item, place), when.clone())).id
    };
    let own = of("licence", NOODLES, &early);
    of("food", NOODLES, &late);
    let foreign = of("exits", DUMPLINGS, &early);
    of("fumes", DUMPLINGS, &late);
    let team = json!({ "members": ["member"] });
    let set = onevisit::app::requests::set_team(app, &local, &own, &read(team));
    set.expect("a team");
    let draw = SAMPLING.map(|(department, item, area)| {
        let made = draws::make_up(app, &local, &read(sampling(department, item, area)));
        made.expect("a draw").id
    });
    let inspection_plan = SAMPLING.map(|(department, item, area)| {
        let plan = read(inspection_plan(department, item, area));
        campaigns::draft(app, &local, &plan).expect("a plan").value.id
    });
    let march = json!({ "start": "2026-03-02", "end": "2026-03-31", "work": 1_000 });
    let run = runs::submit(app, &caller(), &read(march)).expect("a run");
    client.work();
    let run = runs::get(app, &caller(), &run.id).expect("it");
    let plan = run.plan.clone().expect("a plan");
    plans::publish(app, &caller(), &plan, 1).expect("published");
    let visit_of = |request: &String| {
        let request = onevisit::app::requests::get(app, &caller(), request).expect("it");
        match request.outcome {
            Some(onevisit::wire::requests::request::SchedulingOutcome::Scheduled {
                visit, ..
            }) => visit,
            other => panic!("{other:?}"),
        }
    };
    Things {
        tokens: tokens_of,
        personal,
        visit: [visit_of(&own), visit_of(&foreign)],
        request: [own, foreign],
        draw,
        inspection_plan,
        run: run.id,
        problem: run.problem,
        plan,
        user,
    }
}

/// Whose things there are to ask a route for.
fn kinds(method: &str, path: &str) -> &'static [&'static str] {
    let path = path.trim_start_matches("/api/v1");
    match (method, path) {
        (_, "/healthz" | "/readyz" | "/session/refresh") | ("POST", "/session") => &["public"],
        ("POST", "/enterprises")
        | (_, "/pools" | "/pools/{id}" | "/requests" | "/requests/{id}" | "/requests/{id}/team")
        | ("GET", "/visits" | "/visits/{id}" | "/alarms")
        | (_, "/requests/{id}/approve" | "/requests/{id}/refuse" | "/requests/{id}/cancel")
        | (_, "/requests/{id}/move" | "/requests/{id}/merge" | "/requests/{id}/off-site")
        | (_, "/requests/{id}/settle" | "/requests/{id}/escalate" | "/requests/{id}/history")
        | (_, "/requests/{id}/eligibility" | "/advice")
        | (_, "/draws" | "/draws/{id}" | "/draws/{id}/reveal")
        | (_, "/inspection-plans" | "/inspection-plans/{id}" | "/inspection-plans/{id}/approve")
        | (_, "/inspection-plans/{id}/file" | "/inspection-plans/{id}/publish")
        | (_, "/inspection-plans/{id}/close")
        | ("DELETE", "/me/tokens/{id}") => &["own", "foreign"],
        (_, "/register/{kind}" | "/register/{kind}/import" | "/register/{kind}/export") => {
            &["shared", "people"]
        }
        _ => &["shared"],
    }
}

/// A sound call, and what an answer must hold to show the thing, where that is in question.
fn call(
    things: &Things,
    column: &str,
    (method, path): (&str, &str),
    whose: &str,
) -> (TestRequest, Option<String>) {
    let is_foreign = usize::from(whose == "foreign");
    let name = json!({ "zh": "镇", "en": "Town" });
    let [area, department, pool_id] =
        [["east", "market", "market-east"], ["west", "fire", "fire-west"]][is_foreign];
    let place = [NOODLES, DUMPLINGS][is_foreign];
    let (request_id, visit) = (&things.request[is_foreign], &things.visit[is_foreign]);
    let short = path.trim_start_matches("/api/v1");
    let user = column.split(':').next().expect("a name");
    let other = if user == "filer" { "head@east" } else { "filer" };
    let token = things.personal.get([user, other][is_foreign]).map_or("x", String::as_str);
    let (mut query, mut body, mut shows) = (String::new(), json!({}), None);
    let id: &str = match (method, short) {
        ("GET", "/healthz" | "/readyz" | "/me" | "/me/tokens" | "/policy" | "/policies")
        | ("GET", "/targets" | "/runs" | "/plans" | "/users" | "/audit" | "/areas")
        | ("GET", "/departments" | "/enterprises" | "/items" | "/scenarios")
        | ("POST", "/session" | "/session/refresh")
        | ("DELETE", "/session") => "",
        ("GET", "/pools") => {
            shows = Some(format!("\"id\":\"{pool_id}\""));
            ""
        }
        ("GET", "/requests") => {
            shows = Some(request_id.clone());
            ""
        }
        ("GET", "/visits") => {
            shows = Some(visit.clone());
            ""
        }
        ("GET", "/alarms") => {
            shows = Some(place.to_owned());
            ""
        }
        ("PUT", "/me/password") => {
            body = json!({ "old": "not it", "new": "something else entirely" });
            ""
        }
        ("POST", "/me/tokens") => {
            body = json!({ "name": "x", "scopes": ["read"] });
            ""
        }
        ("DELETE", "/me/tokens/{id}") => token,
        // a blank at the end of the name is found after the policy was asked
        ("POST", "/users") => {
            body = json!({ "name": "x ", "roles": ["manager"] });
            ""
        }
        ("GET", "/users/{id}") => &things.user,
        ("PUT", "/users/{id}") => {
            body = json!({ "roles": ["manager"] });
            &things.user
        }
        ("PUT", "/users/{id}/password") => {
            body = json!({ "new": "short" });
            &things.user
        }
        ("POST", "/areas") => {
            body = json!({ "id": "east", "name": name });
            ""
        }
        ("POST", "/departments") => {
            body = json!({ "id": "market", "name": name });
            ""
        }
        ("GET", "/areas/{id}") => "east",
        ("GET", "/departments/{id}") => "market",
        ("GET", "/enterprises/{id}") => NOODLES,
        ("GET", "/enterprises/{id}/counters") => place,
        ("GET", "/items/{id}") => "licence",
        ("GET", "/scenarios/{id}") => "restaurants",
        ("POST", "/pools") => {
            body = pool(pool_id, department, Some(area));
            ""
        }
        ("GET", "/pools/{id}") => pool_id,
        ("PUT", "/pools/{id}") => {
            body = pool(pool_id, department, Some(area));
            pool_id
        }
        ("POST", "/enterprises") => {
            body = enterprise(place, area, "6210");
            ""
        }
        ("POST", "/items") => {
            let assumed = |value: i64| json!({ "value": value, "assumed": true });
            body = json!({
                "id": "licence", "department": "market", "name": name, "minutes": assumed(20),
                "inspectors": assumed(2)
            });
            ""
        }
        ("POST", "/scenarios") => {
            body = scenario();
            ""
        }
        ("POST", "/requests") => {
            body = request(["licence", "exits"][is_foreign], place);
            ""
        }
        ("POST", "/requests/batch") => {
            body = json!({ "requests": [request("licence", place)] });
            ""
        }
        ("POST", "/requests/import")
        | ("GET", "/requests/template" | "/off-site")
        | ("GET", "/off-site/share" | "/rules" | "/rules/in-force" | "/rules/activations") => "",
        ("GET", "/advice") => {
            let item = ["licence", "exits"][is_foreign];
            query = format!("?enterprise={place}&item={item}");
            ""
        }
        ("GET", "/rules/packs/{id}") => "national",
        ("POST", "/rules/activations") => {
            // a day that is past is reported after the policy was asked
            body = json!({ "pack": "national", "first_day": "2026-01-01", "note": "x" });
            ""
        }
        ("POST", "/rules/trials") => {
            body = json!({ "pack": "xianning", "from": "2026-01-01", "to": "2026-12-31" });
            ""
        }
        ("POST", path) if path.starts_with("/requests/{id}/") => {
            body = match path.rsplit('/').next() {
                Some("approve") => json!({}),
                Some("refuse" | "cancel") => json!({ "reason": "x" }),
                Some("move") => {
                    json!({ "earliest": "2026-03-09", "latest": "2026-03-10", "reason": "x" })
                }
                Some("merge") => {
                    json!({ "with": [things.request[1 - is_foreign]], "reason": "x" })
                }
                Some("off-site") => {
                    json!({ "person": "member", "deadline": "2026-03-31", "reason": "x" })
                }
                _ => json!({ "finding": "x" }),
            };
            request_id
        }
        ("GET", path) if path.starts_with("/requests/{id}") => request_id,
        ("DELETE", "/requests/{id}") => request_id,
        ("PUT", "/requests/{id}/team") => {
            body = json!({ "members": if is_foreign == 1 { vec![] } else { vec!["member"] } });
            request_id
        }
        ("GET", "/visits/{id}") => visit,
        ("GET", "/draws") => {
            shows = Some(things.draw[is_foreign].clone());
            ""
        }
        ("POST", "/draws") => {
            let (department, item, area) = SAMPLING[is_foreign];
            body = sampling(department, item, area);
            ""
        }
        (_, path) if path.starts_with("/draws/") => &things.draw[is_foreign],
        ("GET", "/inspection-plans") => {
            shows = Some(things.inspection_plan[is_foreign].clone());
            ""
        }
        (method, path) if path.starts_with("/inspection-plans") => {
            let (department, item, area) = SAMPLING[is_foreign];
            body = match path.rsplit('/').next() {
                Some("approve") => {
                    json!({ "approved_by": "government", "approved_on": "2026-03-01" })
                }
                Some("close") => json!({ "reason": "x" }),
                Some("file" | "publish") => json!({}),
                _ => inspection_plan(department, item, area),
            };
            if method == "POST" && path == "/inspection-plans" {
                // one that is refused after the policy
                body["items"] = json!(["drains"]);
                ""
            } else {
                &things.inspection_plan[is_foreign]
            }
        }
        ("PUT", "/policy") => {
            let policy = onevisit::wire::planning::policy::standard();
            body = json!({ "note": "x", "policy": policy });
            ""
        }
        ("GET", "/policies/{version}") => "1",
        ("PUT", "/targets/{id}") => {
            body = json!({ "id": "t", "measure": "joint", "at_least": 0.5, "shortfall_cost": 1 });
            "t"
        }
        ("DELETE", "/targets/{id}") => "t",
        ("POST", "/runs") => {
            body = json!({ "start": "2026-03-02", "end": "2026-03-31", "work": 1 });
            ""
        }
        ("GET", "/runs/{id}" | "/runs/{id}/events") | ("POST", "/runs/{id}/cancel") => &things.run,
        ("GET", "/problems/{id}" | "/problems/{id}/sources") => &things.problem,
        ("GET", "/plans/{id}/compare") => {
            query = format!("?with={}", things.plan);
            &things.plan
        }
        ("GET", "/plans/{id}" | "/plans/{id}/file" | "/plans/{id}/visits")
        | ("POST", "/plans/{id}/publish") => &things.plan,
        ("GET", "/authority-report") => "",
        ("GET", "/check-form") => {
            query = "?items=licence".into();
            ""
        }
        // a file without rows changes nothing; one without a header is refused after the policy
        (_, path) if path.starts_with("/register/{kind}") => {
            if whose == "people" {
                "inspectors"
            } else {
                "areas"
            }
        }
        _ => panic!("{method} {path}: say here how it is called, and add it to {TABLE}"),
    };
    let uri = format!("{}{query}", path.replace("{id}", id).replace("{version}", id));
    let uri = uri.replace("{kind}", id);
    let request = TestRequest::default().method(method.parse().expect("a method")).uri(&uri);
    // of a version that is not: what is allowed changes nothing
    let request = request.insert_header(("If-Match", "\"v999\""));
    (if method == "GET" { request } else { request.set_json(body) }, shows)
}

/// The table as the interface has it.
fn table(client: &Client) -> String {
    let things = settle(client);
    let mut rows = routes();
    rows.sort_by(|a, b| (&a.1, &a.0).cmp(&(&b.1, &b.0)));
    let mut text = format!("method,path,whose,{}\n", COLUMNS.join(","));
    for (method, path) in &rows {
        for whose in kinds(method, path) {
            write!(text, "{method},{path},{whose}").expect("a text");
            for column in COLUMNS {
                let mut token = things.tokens.get(column).cloned();
                // logging out ends a session of its own
                if (method.as_str(), path.as_str()) == ("DELETE", "/api/v1/session")
                    && !column.contains(':')
                    && column != "nobody"
                {
                    let body = json!({ "name": column, "password": PASSWORD });
                    *client.token.borrow_mut() = None;
                    let session = client.post("/api/v1/session", &body).json();
                    token = session["token"].as_str().map(Into::into);
                }
                *client.token.borrow_mut() = token;
                let (request, shows) = call(&things, column, (method, path), whose);
                let reply = client.send(request);
                let status = reply.status.as_u16();
                assert!(status < 500, "{method} {path} {column}: {status}");
                let is_refused = [401, 403, 404].contains(&status);
                let body = String::from_utf8_lossy(&reply.body);
                let is_shown = shows.is_none_or(|wanted| body.contains(&wanted));
                let allowed = if !is_refused && is_shown { "yes" } else { "no" };
                write!(text, ",{allowed}").expect("a text");
            }
            text.push('\n');
        }
    }
    text
}

#[test]
fn every_route_and_role_is_as_the_table_says() {
    on_both(|database: &Database| {
        let found = table(&Client::new(database));
        // ONEVISIT_TEST_WRITE=1 writes the table anew, to be read over line by line
        if std::env::var("ONEVISIT_TEST_WRITE").is_ok() {
            std::fs::write(TABLE, &found).expect("written");
        }
        let wanted = std::fs::read_to_string(TABLE).expect("the table");
        let differing = |a: &str, b: &str| -> Vec<String> {
            a.lines()
                .filter(|line| !b.lines().any(|other| other == *line))
                .map(Into::into)
                .collect()
        };
        let (new, gone) = (differing(&found, &wanted), differing(&wanted, &found));
        assert!(new.is_empty() && gone.is_empty(), "found {new:#?} where {TABLE} has {gone:#?}");
        eprintln!("{} rows, {} cells", found.lines().count() - 1, (found.lines().count() - 1) * 12);
    });
}

#[test]
fn the_table_itself_keeps_what_roles_promise() {
    let text = std::fs::read_to_string(TABLE).expect("the table");
    let place = |column: &str| 3 + COLUMNS.iter().position(|c| *c == column).expect("a column");
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let is = |column: &str| cells[place(column)] == "yes";
        let (method, path, whose) = (cells[0], cells[1], cells[2]);
        let is_own_account = path.starts_with("/api/v1/me") || path.starts_with("/api/v1/session");
        if method == "GET" && !is_own_account && whose != "public" {
            assert!(is("supervisor"), "a supervisor reads all: {line}");
        } else if whose != "public" && !is_own_account {
            assert!(!is("supervisor"), "a supervisor changes nothing: {line}");
        }
        assert_eq!(is("nobody"), whose == "public", "{line}");
        if method != "GET" && whose != "public" {
            assert!(!is("head:read"), "a token that reads changes nothing: {line}");
        }
        if whose == "foreign" && !is_own_account {
            for column in
                ["filer", "head", "member", "head@east", "coordinator@east", "manager@east"]
            {
                assert!(!is(column), "{column} on what is another's: {line}");
            }
        }
    }
}

#[test]
fn users_bound_to_areas_see_and_file_there_only() {
    let database = sqlite();
    let client = Client::new(&database);
    let things = settle(&client);
    *client.token.borrow_mut() = things.tokens.get("head@east").cloned();
    let there = client.post("/api/v1/requests", &request("licence", DUMPLINGS));
    assert_eq!(there.problem(), (403, "not-yours".into()));
    let of_others = client.post("/api/v1/requests", &request("exits", NOODLES));
    assert_eq!(of_others.problem(), (403, "not-yours".into()));
    assert_eq!(client.post("/api/v1/requests", &request("licence", NOODLES)).status.as_u16(), 201);
    *client.token.borrow_mut() = things.tokens.get("manager").cloned();
    assert_eq!(client.get("/api/v1/users").problem(), (403, "forbidden".into()));
    *client.token.borrow_mut() = things.tokens.get("head:read").cloned();
    let filed = client.post("/api/v1/requests", &request("licence", NOODLES));
    assert_eq!(filed.problem(), (403, "scope-missing".into()));
    // bound to an area, one is to all that lies in it, and a new tree counts at once
    *client.token.borrow_mut() = things.tokens.get("coordinator@east").cloned();
    let sees = |id: &str| client.get(&format!("/api/v1/requests/{id}")).status.as_u16();
    assert_eq!([&things.request[0], &things.request[1]].map(|id| sees(id)), [200, 403]);
    crate::register_files::taken(
        &client.app,
        Kind::Areas,
        "id,name,level,parent\nwest,西,village,east\n",
    );
    assert_eq!([&things.request[0], &things.request[1]].map(|id| sees(id)), [200, 200]);
    // an area with a register of its own is no way round
    *client.token.borrow_mut() = things.tokens.get("head:read").cloned();
    let east = json!({ "name": { "zh": "镇", "en": "Town" }, "id": "x" });
    assert_eq!(client.post("/api/v1/areas", &east).problem(), (403, "scope-missing".into()));
}
