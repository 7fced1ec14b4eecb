//! Random draws: made up, published, revealed, and drawn again by whoever doubts them.

use crate::api::Client;
use crate::register_files::taken;
use crate::support::county::{NOODLES, caller, credit_code, with};
use crate::support::database::{Database, on_both, sqlite};
use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use onevisit::app::law::draws;
use onevisit::app::{Address, App, Error, StoreOptions};
use onevisit::domain::draw::GRADE_A_PERMILLE_MAX;
use onevisit::store::Store;
use onevisit::wire::law::draw::SamplingPlan;
use onevisit::wire::register::Kind;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

const INSPECTORS: &str =
    "id,name,body,pool,certificate,certificate_from,certificate_to,qualifications\n";

/// Sixty restaurants in the east (20 A with the one that is there, 20 B, 15 C, 5 D) and six inspectors
/// of the market department who may go, beside some who may not.
pub fn settle(app: &App) {
    let mut rows = "id,name,area,industry,risk,credit_grade\n".to_owned();
    for i in 0..60 {
        let grade = ["A", "B", "C", "D"]
            [usize::from(i >= 20) + usize::from(i >= 40) + usize::from(i >= 55)];
        rows += &format!("{},店（虚构）,east,6210,B,{grade}\n", credit_code(100 + i));
    }
    taken(app, Kind::Enterprises, &rows);
    taken(
        app,
        Kind::Bodies,
        "id,name,department,area,role\nmarket-team,市场局,market,east,inspects\n\
         fire-team,消防,fire,east,inspects\nfire-west-team,消防,fire,west,inspects\n",
    );
    let mut rows = INSPECTORS.to_owned();
    for i in 1..=6 {
        rows += &format!("m{i},甲某{i},market-team,market,M-{i},2024-01-01,2028-12-31,food\n");
    }
    rows += "late,乙某,market-team,market,M-7,2024-01-01,2026-04-29,food\n";
    rows += "lay,丙某,market-team,market,M-8,2024-01-01,2028-12-31,\n";
    rows += "f1,丁某,fire-team,fire,F-1,2024-01-01,2028-12-31,\n";
    rows += "f2,戊某,fire-team,fire,F-2,2024-01-01,2028-12-31,\n";
    taken(app, Kind::Inspectors, &rows);
    taken(app, Kind::Recusals, &format!("inspector,enterprise\nm1,{}\n", credit_code(155)));
}

pub fn plan() -> Value {
    let limit = |least: i64, most: i64| json!({ "least_permille": least, "most_permille": most });
    // Lindian county's table
    let (a, b, c, d) = (limit(0, 50), limit(50, 200), limit(210, 600), limit(610, 1_000));
    json!({
        "name": "餐饮双随机抽查", "department": "market", "items": ["food", "licence"],
        "area": "east", "industries": ["62"], "qualification": "food",
        "ratio_permille": { "A": 50, "B": 200, "C": 600, "D": 1000 },
        "limits": { "A": a, "B": b, "C": c, "D": d }, "start": "2026-04-01", "end": "2026-04-30"
    })
}

fn sha256(text: &str) -> String {
    HEXLOWER.encode(digest(&SHA256, text.as_bytes()).as_ref())
}

/// JSON in the canonical form, written by hand.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let sorted: BTreeMap<&String, &Value> = fields.iter().collect();
            let parts: Vec<String> = sorted
                .iter()
                .map(|(key, value)| format!("\"{key}\":{}", canonical(value)))
                .collect();
            format!("{{{}}}", parts.join(","))
        }
        Value::Array(list) => {
            format!("[{}]", list.iter().map(canonical).collect::<Vec<_>>().join(","))
        }
        other => other.to_string(),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().expect("a list")
}

/// Draws again as the publication's definition says, with nothing of the program's own.
fn drawn_again(publication: &Value) -> Vec<(String, Vec<String>)> {
    let (seed, frozen) = (text(&publication["seed"]), &publication["frozen"]);
    let mut left = BTreeMap::new();
    for grade in ["A", "B", "C", "D"] {
        let register = list(&frozen["register"]);
        let n = register.iter().filter(|e| e["credit_grade"] == grade).count() as i64;
        let ratio = frozen["plan"]["ratio_permille"][grade].as_i64().unwrap_or(0);
        let share = n * ratio;
        left.insert(grade, if grade == "A" { share / 1_000 } else { (share + 999) / 1_000 });
    }
    let mut lots: Vec<(String, &Value)> = list(&frozen["register"])
        .iter()
        .map(|e| (sha256(&format!("{seed} enterprise {}", text(&e["enterprise"]))), e))
        .collect();
    lots.sort_by(|a, b| a.0.cmp(&b.0));
    let mut loads: BTreeMap<&str, i64> = BTreeMap::new();
    let mut drawn = Vec::new();
    for (_, entrant) in lots {
        let left = left.get_mut(text(&entrant["credit_grade"])).expect("a grade");
        if *left == 0 {
            continue;
        }
        *left -= 1;
        let enterprise = text(&entrant["enterprise"]);
        let mut people: Vec<(i64, String, &str)> = list(&frozen["inspectors"])
            .iter()
            .filter(|i| i["pool"] == entrant["pool"])
            .filter(|i| !list(&i["recused"]).contains(&json!(enterprise)))
            .map(|i| {
                let id = text(&i["inspector"]);
                let lot = sha256(&format!("{seed} inspector {enterprise} {id}"));
                (loads.get(id).copied().unwrap_or(0), lot, id)
            })
            .collect();
        people.sort();
        let each = frozen["plan"]["inspectors_each"].as_u64().expect("a number") as usize;
        let chosen: Vec<&str> = people.iter().take(each).map(|(_, _, id)| *id).collect();
        for id in &chosen {
            *loads.entry(id).or_default() += 1;
        }
        drawn.push((enterprise.to_owned(), chosen.iter().map(|id| (*id).to_owned()).collect()));
    }
    drawn
}

fn command(args: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_onevisit")).args(args).output().expect("it runs");
    (output.status.code(), String::from_utf8(output.stdout).expect("text"))
}

/// What `onevisit draw replay` says of a publication.
fn replay(publication: &Value, more: &[&str]) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("draw.json");
    std::fs::write(&file, publication.to_string()).expect("written");
    command(&[&["draw", "replay", file.to_str().expect("UTF-8")], more].concat())
}

fn client(database: &Database) -> Client {
    let client = Client::logged_in(database);
    settle(&client.app);
    client
}

#[test]
fn a_draw_is_committed_to_revealed_and_drawn_again_by_anyone() {
    on_both(|database| {
        let client = client(database);
        let made = client.post("/api/v1/draws", &plan());
        assert_eq!(made.status.as_u16(), 201, "{}", String::from_utf8_lossy(&made.body));
        let made = made.json();
        assert_eq!(made["state"], "committed");
        assert_eq!(made["register_size"], json!({ "A": 21, "B": 20, "C": 15, "D": 5 }));
        assert_eq!(made["number_drawn"], json!({ "A": 1, "B": 4, "C": 9, "D": 5 }));
        assert_eq!(made["candidates"], 6, "not the lay one, nor whose certificate ends before");
        let uri = format!("/api/v1/draws/{}", text(&made["id"]));
        let before = client.get(&format!("{uri}/publication")).json();
        let mut answers = vec![made.to_string(), before.to_string()];
        answers.push(client.get(&uri).json().to_string());
        answers.push(client.get("/api/v1/draws?state=committed").json().to_string());
        answers.push(client.get("/api/v1/audit?kind=draw").json().to_string());
        assert_eq!((&before["seed"], &before["result"]), (&Value::Null, &Value::Null));
        assert_eq!(replay(&before, &[]).0, Some(1), "nothing to draw with yet");

        let revealed = client.post(&format!("{uri}/reveal"), &json!({})).json();
        assert_eq!(
            (&revealed["state"], &revealed["revealed_by"]),
            (&json!("revealed"), &json!("admin"))
        );
        assert_eq!(client.get(&uri).json(), revealed);
        let again = client.post(&format!("{uri}/reveal"), &json!({}));
        assert_eq!(again.problem(), (409, "revealed-already".into()));
        let after = client.get(&format!("{uri}/publication")).json();
        let seed = text(&after["seed"]);
        assert!(
            seed.len() == 64 && answers.iter().all(|text| !text.contains(seed)),
            "shown before"
        );
        assert_eq!(
            (&after["frozen"], &after["commitment"]),
            (&before["frozen"], &before["commitment"])
        );

        // by the definition alone
        let commitment = sha256(&format!("{seed}\n{}\n", canonical(&after["frozen"])));
        assert_eq!(after["commitment"], commitment);
        let result: Vec<(String, Vec<String>)> = list(&after["result"])
            .iter()
            .map(|one| {
                let team = list(&one["inspectors"]).iter().map(|id| text(id).to_owned());
                (text(&one["enterprise"]).to_owned(), team.collect())
            })
            .collect();
        assert_eq!(drawn_again(&after), result);
        assert_eq!(result.len(), 19);

        // nobody is named in what is published; the department sees who goes
        let published = format!("{before}{after}");
        for private in ["甲某", "\"m1\"", "\"m2\"", "M-1"] {
            assert!(!published.contains(private), "{private}");
        }
        let own = list(&revealed["result"]);
        let people: BTreeSet<&str> =
            own.iter().flat_map(|one| list(&one["inspectors"]).iter().map(text)).collect();
        assert_eq!(people, BTreeSet::from(["m1", "m2", "m3", "m4", "m5", "m6"]));
        let recused =
            own.iter().find(|one| one["enterprise"] == credit_code(155)).expect("grade D");
        assert!(!list(&recused["inspectors"]).contains(&json!("m1")));

        // by the command line
        let (code, said) = replay(&after, &[]);
        assert_eq!((code, said.starts_with("The same: ")), (Some(0), true), "{said}");
        assert!(said.contains("19 enterprises and 6 inspectors"), "{said}");
        let noted = text(&before["commitment"]);
        assert_eq!(replay(&after, &["--commitment", noted]).0, Some(0));
        let (code, said) = replay(&after, &["--commitment", seed]);
        assert_eq!((code, said.contains("another than was noted")), (Some(1), true), "{said}");
        let place = match &database.address {
            Address::Sqlite(path) => path.to_str().expect("UTF-8").to_owned(),
            Address::Postgres(url) => url.clone(),
        };
        let args = ["draw", "publication", text(&made["id"]), "--database", &place];
        let (code, printed) = command(&args);
        assert_eq!(code, Some(0));
        assert_eq!(serde_json::from_str::<Value>(&printed).expect("JSON"), after);

        // what was changed is found
        let tampered = |pointer: &str, value: Value| {
            let mut changed = after.clone();
            *changed.pointer_mut(pointer).expect("a place") = value;
            replay(&changed, &[])
        };
        let other_seed = format!("{}{}", &seed[1..], &seed[..1]);
        let taken_out = json!(list(&after["frozen"]["register"])[1..].to_vec());
        for (pointer, value) in [
            ("/seed", json!(other_seed)),
            ("/commitment", json!(other_seed)),
            ("/frozen/register", taken_out),
            ("/frozen/register/3/credit_grade", json!("C")),
            ("/frozen/inspectors/0/recused", json!([NOODLES])),
            ("/frozen/plan/ratio_permille/B", json!(199)),
            ("/frozen/plan/name", json!("x")),
            ("/frozen/id", json!("x")),
        ] {
            let (code, said) = tampered(pointer, value);
            assert_eq!(code, Some(1), "{pointer}");
            assert!(said.starts_with("NOT the same: the seed or what is frozen"), "{said}");
        }
        let result = list(&after["result"]);
        let mut swapped = result.clone();
        swapped.swap(4, 5);
        let mut shorter = result.clone();
        shorter.pop();
        let mut longer = result.clone();
        longer.push(json!({ "enterprise": NOODLES, "inspectors": [] }));
        let mut team = result.clone();
        team[2]["inspectors"] = json!(["x", "y"]);
        for (changed, place) in [(swapped, 5), (shorter, 19), (longer, 20), (team, 3)] {
            let (code, said) = tampered("/result", json!(changed));
            assert_eq!(code, Some(1));
            assert!(said.contains(&format!("result {place} is the first that differs")), "{said}");
        }
        assert_eq!(tampered("/frozen/register", json!({})).0, Some(3), "no publication");
    });
}

#[test]
fn of_several_who_draw_at_once_one_draws() {
    on_both(|database| {
        let client = client(database);
        let app = &client.app;
        let wanted = SamplingPlan { qualification: None, ..crate::support::database::read(plan()) };
        // in another order, and for one of the items
        let items = ["licence", "food"].map(str::to_owned);
        let turned = SamplingPlan { items: items.to_vec(), ..wanted.clone() };
        let single = SamplingPlan { items: items[..1].to_vec(), ..wanted.clone() };
        let line = std::sync::Barrier::new(5);
        let made: Vec<Result<String, String>> = std::thread::scope(|scope| {
            let plans = [&wanted, &turned, &single, &wanted, &turned];
            let threads = plans.map(|plan| {
                let line = &line;
                scope.spawn(move || {
                    line.wait();
                    let made = draws::make_up(app, &caller(), plan);
                    made.map(|draw| draw.id).map_err(|error| match error {
                        Error::Conflict(why) => why.code().to_owned(),
                        other => format!("{other:?}"),
                    })
                })
            });
            threads.map(|thread| thread.join().expect("no panic")).to_vec()
        });
        let refused: Vec<&String> = made.iter().filter_map(|made| made.as_ref().err()).collect();
        assert_eq!(refused, ["unrevealed-draw"; 4]);
        let committed = client.get("/api/v1/draws?state=committed").json();
        assert_eq!(list(&committed["items"]).len(), 1);
        // the place is free again when it is revealed
        let id = made.iter().find_map(|made| made.as_ref().ok()).expect("one draws");
        client.post(&format!("/api/v1/draws/{id}/reveal"), &json!({}));
        let may = json!({ "start": "2026-05-01", "end": "2026-05-31" });
        assert_eq!(client.post("/api/v1/draws", &with(plan(), may)).status.as_u16(), 201);
    });
}

#[test]
fn who_draws_again_for_the_same_days_says_why_and_both_are_published() {
    on_both(|database| {
        let client = client(database);
        let make_up = |more: Value| client.post("/api/v1/draws", &with(plan(), more));
        let reveal = |draw: &Value| {
            let uri = format!("/api/v1/draws/{}/reveal", text(&draw["id"]));
            assert_eq!(client.post(&uri, &json!({})).status.as_u16(), 200);
        };
        let published = |draw: &Value| {
            client.get(&format!("/api/v1/draws/{}/publication", text(&draw["id"]))).json()
        };
        let first = make_up(json!({})).json();
        reveal(&first);
        assert_eq!(published(&first)["others"], Value::Null, "none");
        // the last day of the one is the first of the other, and one item is enough
        let overlaps = json!({ "items": ["food"], "start": "2026-04-30", "end": "2026-05-20" });
        for more in [json!({}), overlaps.clone()] {
            let refused = make_up(more);
            assert_eq!(refused.problem(), (409, "drawn-already".into()));
            assert!(
                refused.json()["detail"].as_str().is_some_and(|t| t.contains(text(&first["id"])))
            );
        }
        assert_eq!(make_up(json!({ "again_because": " " })).problem(), (422, "blank".into()));
        let reason = json!({ "again_because": "三家已停业，补抽" });
        let second = make_up(with(overlaps, reason.clone())).json();
        assert_eq!(second["again_because"], reason["again_because"]);
        // each names the other, the second with its reason, before and after it is revealed
        let brief = |draw: &Value| {
            let others = published(draw)["others"].clone();
            let one = |o: &Value| (o["id"].clone(), o["state"].clone(), o["again_because"].clone());
            list(&others).iter().map(one).collect::<Vec<_>>()
        };
        let (reason_given, none) = (reason["again_because"].clone(), Value::Null);
        let of = |draw: &Value, state: &str, why: &Value| {
            (draw["id"].clone(), json!(state), why.clone())
        };
        assert_eq!(brief(&first), [of(&second, "committed", &reason_given)]);
        assert_eq!(brief(&second), [of(&first, "revealed", &none)]);
        reveal(&second);
        assert_eq!(brief(&first), [of(&second, "revealed", &reason_given)]);
        let frozen = &published(&second)["frozen"]["plan"];
        assert_eq!(frozen["again_because"], reason_given, "committed to with the rest");
        let (code, said) = replay(&published(&first), &[]);
        assert_eq!((code, said.contains("补抽")), (Some(0), true), "{said}");
        // the audit log has the reason
        let events = client.get("/api/v1/audit?kind=draw").json();
        let made_up = list(&events["items"])
            .iter()
            .find(|event| event["action"] == "draw.make_up" && event["object_id"] == second["id"]);
        assert_eq!(made_up.expect("an event")["details"]["after"]["again_because"], reason_given);
        // neither other days nor another item need a reason
        let may =
            make_up(json!({ "items": ["licence"], "start": "2026-05-01", "end": "2026-05-31" }));
        assert_eq!(may.status.as_u16(), 201, "the second was for food alone");
        assert_eq!(published(&may.json())["others"], Value::Null);
    });
}

#[test]
fn what_is_frozen_stays_whatever_becomes_of_the_register() {
    on_both(|database| {
        let client = client(database);
        let made = client.post("/api/v1/draws", &plan()).json();
        let uri = format!("/api/v1/draws/{}", text(&made["id"]));
        let before = client.get(&format!("{uri}/publication")).json();
        // everybody's grade falls, and one inspector is recused from all that he might meet
        let mut rows = "id,name,area,industry,risk,credit_grade\n".to_owned();
        let mut recusals = "inspector,enterprise\n".to_owned();
        for i in 0..60 {
            rows += &format!("{},店（虚构）,east,6210,B,D\n", credit_code(100 + i));
            recusals += &format!("m2,{}\n", credit_code(100 + i));
        }
        taken(&client.app, Kind::Enterprises, &rows);
        taken(&client.app, Kind::Recusals, &recusals);
        let revealed = client.post(&format!("{uri}/reveal"), &json!({})).json();
        assert_eq!(list(&revealed["result"]).len(), 19);
        let after = client.get(&format!("{uri}/publication")).json();
        assert_eq!(after["frozen"], before["frozen"]);
        assert_eq!(replay(&after, &[]).0, Some(0));
    });
}

#[test]
fn those_met_often_enough_in_a_year_are_not_drawn_again() {
    on_both(|database| {
        let client = client(database);
        let once = json!({ "A": 1, "B": 1, "C": 1 });
        let limited = with(plan(), json!({ "times_a_year": once }));
        let draw = || {
            let made = client.post("/api/v1/draws", &limited);
            assert_eq!(made.status.as_u16(), 201, "{}", String::from_utf8_lossy(&made.body));
            made.json()
        };
        let first = draw();
        let second = client.post("/api/v1/draws", &limited);
        assert_eq!(second.problem(), (409, "unrevealed-draw".into()));
        let uri = format!("/api/v1/draws/{}/reveal", text(&first["id"]));
        let revealed = client.post(&uri, &json!({})).json();
        let met: BTreeSet<&str> =
            list(&revealed["result"]).iter().map(|one| text(&one["enterprise"])).collect();
        let again = json!({ "again_because": "召回后的补充抽查" });
        let second = client.post("/api/v1/draws", &with(limited.clone(), again)).json();
        assert_eq!(second["register_size"], json!({ "A": 20, "B": 16, "C": 6, "D": 5 }));
        let uri = format!("/api/v1/draws/{}", text(&second["id"]));
        let publication = client.get(&format!("{uri}/publication")).json();
        for entrant in list(&publication["frozen"]["register"]) {
            let is_again = met.contains(text(&entrant["enterprise"]));
            assert_eq!(is_again, entrant["credit_grade"] == "D", "{entrant}");
        }
        client.post(&format!("{uri}/reveal"), &json!({}));
        // another year begins anew
        let next = json!({ "start": "2027-04-01", "end": "2027-04-30" });
        let third = client.post("/api/v1/draws", &with(limited.clone(), next)).json();
        assert_eq!(third["register_size"], first["register_size"]);
    });
}

#[test]
fn a_plan_that_cannot_be_honoured_is_refused_with_its_reason() {
    let database = sqlite();
    let client = client(&database);
    let refused = |more: Value| {
        let reply = client.post("/api/v1/draws", &with(plan(), more));
        let (status, _) = reply.problem();
        let problem = reply.json();
        let errors = problem["errors"].as_array().cloned().unwrap_or_default();
        let reported =
            errors.iter().map(|e| (text(&e["code"]).to_owned(), text(&e["pointer"]).to_owned()));
        (status, reported.collect::<Vec<_>>())
    };
    let one = |code: &str, pointer: &str| (422, vec![(code.to_owned(), pointer.to_owned())]);
    for (more, code, pointer) in [
        (json!({ "items": [] }), "missing-field", "/items"),
        (json!({ "items": ["food", "food"] }), "duplicate", "/items/1"),
        (json!({ "items": ["food", "drains"] }), "unknown-item", "/items/1"),
        (json!({ "items": ["exits"] }), "foreign-item", "/items/0"),
        (json!({ "area": "north" }), "unknown-area", "/area"),
        (json!({ "industries": ["6x"] }), "bad-industry", "/industries/0"),
        (json!({ "risks": ["E"] }), "unknown-value", "/risks/0"),
        (json!({ "ratio_permille": { "B": 100, "E": 1 } }), "unknown-value", "/ratio_permille/E"),
        (
            json!({ "ratio_permille": { "A": 51 }, "limits": {} }),
            "ratio-outside-limits",
            "/ratio_permille/A",
        ),
        (json!({ "ratio_permille": { "B": 201 } }), "ratio-outside-limits", "/ratio_permille/B"),
        (json!({ "ratio_permille": { "D": 600 } }), "ratio-outside-limits", "/ratio_permille/D"),
        (json!({ "ratio_permille": { "D": 1001 } }), "out-of-range", "/ratio_permille/D"),
        (
            json!({ "limits": { "A": { "least_permille": 0, "most_permille": 60 } } }),
            "limit-too-wide",
            "/limits/A/most_permille",
        ),
        (
            json!({ "limits": { "B": { "least_permille": 300, "most_permille": 200 } }, "ratio_permille": { "A": 50 } }),
            "limits-reversed",
            "/limits/B/least_permille",
        ),
        (json!({ "total_permille_max": 200 }), "too-many-drawn", "/ratio_permille"),
        (json!({ "times_a_year": { "A": 0 } }), "out-of-range", "/times_a_year/A"),
        (json!({ "inspectors_each": 7 }), "too-few-inspectors", "/inspectors_each"),
        (json!({ "inspectors_each": 6 }), "too-few-inspectors", "/inspectors_each"),
        (json!({ "qualification": "boilers" }), "too-few-inspectors", "/inspectors_each"),
        (json!({ "start": "2026-04-30", "end": "2026-04-01" }), "days-reversed", "/end"),
        (json!({ "start": "2026-02-01", "end": "2026-02-27" }), "past", "/end"),
        (json!({ "risks": ["D"] }), "empty-register", ""),
        (json!({ "colour": "red" }), "unknown-field", "/colour"),
    ] {
        assert_eq!(refused(more.clone()), one(code, pointer), "{more}");
    }
    let nothing = refused(json!({ "ratio_permille": {} })).1;
    assert_eq!(nothing, [("nothing-drawn".to_owned(), "/ratio_permille".to_owned())]);
    // grade A alone: below twenty enterprises nobody is drawn, for one would be above 5%
    let few = json!({ "ratio_permille": { "A": 1 }, "limits": {} });
    assert_eq!(refused(few), one("nothing-drawn", "/ratio_permille"));
    assert_eq!(plan()["limits"]["A"]["most_permille"], GRADE_A_PERMILLE_MAX);
    let nobody = with(plan(), json!({ "department": "nobody" }));
    assert_eq!(client.post("/api/v1/draws", &nobody).problem(), (422, "invalid".into()));
    // an area that no pool of the department serves
    let fumes = json!({ "department": "water", "items": ["drains"], "qualification": null });
    let name = json!({ "zh": "水务", "en": "Water" });
    client.post("/api/v1/departments", &json!({ "id": "water", "name": name }));
    let assumed = json!({ "value": 20, "assumed": true });
    let item = json!({ "id": "drains", "department": "water", "name": name, "minutes": assumed, "inspectors": assumed });
    assert_eq!(client.post("/api/v1/items", &item).status.as_u16(), 201);
    assert_eq!(refused(fumes), one("no-pool", "/department"));
    // nothing of all that is kept
    assert_eq!(client.get("/api/v1/draws").json()["items"], json!([]));
    let exactly = with(plan(), json!({ "total_permille_max": 312, "inspectors_each": 5 }));
    assert_eq!(client.post("/api/v1/draws", &exactly).status.as_u16(), 201, "19 of 61 is 31.1%");
    let missing = client.get("/api/v1/draws/x/publication");
    assert_eq!(missing.problem(), (404, "not-found".into()));
}

#[test]
fn intake_gets_what_a_draw_carries() {
    on_both(|database| {
        let client = client(database);
        let store = Store::open(&database.address, &StoreOptions::default()).expect("it opens").0;
        let made = client.post("/api/v1/draws", &plan()).json();
        let id = text(&made["id"]);
        let covers = |id: &str, enterprise: &str, item: &str| {
            store.read(|tx| draws::covers(tx, id, enterprise, item)).expect("an answer")
        };
        let april = ("2026-04-20".parse().expect("a day"), "2026-05-20".parse().expect("a day"));
        let may = ("2026-05-01".parse().expect("a day"), "2026-05-20".parse().expect("a day"));
        let codes = |id: &str, of: (&str, &str, &str), window| -> Vec<String> {
            let found = store.read(|tx| {
                let draw = tx.draw_head(id)?;
                draws::intake_defects(tx, (id, draw.as_ref()), of, window)
            });
            let found = found.expect("an answer").into_iter();
            found.map(|(_, message)| message.code().to_owned()).collect()
        };
        let d = credit_code(157);
        assert_eq!(covers(id, &d, "food"), None, "not revealed");
        assert_eq!(covers("x", &d, "food"), None);
        assert_eq!(codes("x", ("market", &d, "food"), april), ["unknown-draw"]);
        assert_eq!(codes(id, ("market", &d, "food"), april), ["draw-not-revealed"]);
        let revealed = client.post(&format!("/api/v1/draws/{id}/reveal"), &json!({})).json();
        assert_eq!(covers(id, &d, "food"), Some(true));
        assert_eq!(covers(id, &d, "exits"), Some(false));
        let met = list(&revealed["result"]);
        let met: BTreeSet<&str> = met.iter().map(|one| text(&one["enterprise"])).collect();
        for i in 0..60 {
            let code = credit_code(100 + i);
            assert_eq!(covers(id, &code, "licence"), Some(met.contains(code.as_str())), "{code}");
        }
        let none: [&str; 0] = [];
        assert_eq!(codes(id, ("market", &d, "food"), april), none);
        assert_eq!(codes(id, ("market", &d, "food"), may), ["outside-draw"]);
        assert_eq!(codes(id, ("fire", &d, "exits"), april), ["foreign-draw", "not-drawn"]);
        let spared =
            (0..60).map(|i| credit_code(100 + i)).find(|code| !met.contains(code.as_str()));
        let spared = spared.expect("most are");
        assert_eq!(codes(id, ("market", &spared, "food"), april), ["not-drawn"]);
    });
}

#[test]
fn the_audit_log_has_both_steps_and_no_secret() {
    on_both(|database| {
        let client = client(database);
        let made = client.post("/api/v1/draws", &plan()).json();
        let uri = format!("/api/v1/draws/{}/reveal", text(&made["id"]));
        client.post("/api/v1/draws", &plan());
        client.post(&uri, &json!({}));
        client.post(&uri, &json!({}));
        let events = client.get("/api/v1/audit?kind=draw").json();
        let actions: Vec<&str> =
            list(&events["items"]).iter().map(|e| text(&e["action"])).collect();
        assert_eq!(actions, ["draw.reveal", "draw.make_up"], "what was refused is no event");
        let made_up = &events["items"][1];
        assert_eq!(made_up["details"]["after"]["commitment"], made["commitment"]);
        assert_eq!(made_up["personal"]["after/made_up_by"], "admin");
        assert_eq!(made_up["details"]["after"]["seed"], Value::Null);
    });
}
