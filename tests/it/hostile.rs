//! Bad input: whatever bytes come, every reader answers with a value or with defects, soon, and the
//! interface with a clear error. `make fuzz` does the same guided by coverage; what either finds goes
//! into `tests/corpus`, which is read here again.

use crate::api::{Client, Reply, request_to, routes};
use crate::support::county::NOODLES;
use crate::support::database::sqlite;
use actix_web::test::TestRequest;
use onevisit::app::access::tokens;
use onevisit::app::{App, Error, StoreOptions};
use onevisit::http::server::openapi;
use onevisit::text::say;
use onevisit::wire::access::user::{NewToken, NewUser};
use onevisit::wire::json::{Read, from_json, from_toml};
use onevisit::wire::law::calendar;
use onevisit::wire::law::campaign::{NewApproval, NewInspectionPlan};
use onevisit::wire::law::draw::{Publication, SamplingPlan};
use onevisit::wire::planning::policy::NewPolicy;
use onevisit::wire::planning::problem;
use onevisit::wire::planning::run::NewRun;
use onevisit::wire::register::scenario::Scenario;
use onevisit::wire::register::{Enterprise, Kind, Pool};
use onevisit::wire::requests::request::NewRequest;
use onevisit::wire::tabular::{self, Rows};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// No reader takes longer for one of the inputs here.
const SOON: Duration = Duration::from_secs(5);

fn cases(default: u32) -> Config {
    // PROPTEST_CASES asks for more
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok());
    Config { cases: cases.unwrap_or(default), failure_persistence: None, ..Config::default() }
}

fn corpus(kind: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = format!("tests/corpus/{kind}");
    let entries = std::fs::read_dir(folder).expect("a corpus");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("readable").path()).collect();
    files.sort();
    assert!(files.len() >= 4, "{kind}");
    files.into_iter().map(|path| (path.clone(), std::fs::read(path).expect("readable"))).collect()
}

fn json_reader<T: Read>(bytes: &[u8]) {
    if let Err(defects) = from_json::<T>(bytes) {
        assert!(!defects.is_empty());
        for defect in defects {
            assert!(!defect.code().is_empty() && !say(&defect.message).is_empty());
            assert!(defect.pointer.is_empty() || defect.pointer.starts_with('/'));
        }
    }
}

fn json_readers(bytes: &[u8]) {
    json_reader::<NewRequest>(bytes);
    json_reader::<Enterprise>(bytes);
    json_reader::<Pool>(bytes);
    json_reader::<NewPolicy>(bytes);
    json_reader::<NewRun>(bytes);
    json_reader::<NewUser>(bytes);
    json_reader::<NewToken>(bytes);
    json_reader::<Scenario>(bytes);
    json_reader::<SamplingPlan>(bytes);
    json_reader::<Publication>(bytes);
    json_reader::<NewInspectionPlan>(bytes);
    json_reader::<NewApproval>(bytes);
}

fn toml_readers(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Err(defects) = from_toml::<Scenario>(text) {
        assert!(!defects.is_empty());
    }
    if let Err(why) = calendar::read_year(text) {
        assert_eq!(why.code(), "bad-calendar");
    }
}

fn problem_reader(bytes: &[u8]) {
    // an error of either kind, or a valid problem
    let _ = problem::read(bytes);
}

fn table_reader(bytes: &[u8]) {
    let Ok(table) = tabular::read(bytes) else { return };
    let Ok(rows) = Rows::new("areas", tabular::columns(Kind::Areas), &table.header) else { return };
    for row in &table.rows {
        if let Err(defects) = rows.record(Kind::Areas, &row.cells, None) {
            assert!(!defects.is_empty());
        }
    }
}

fn token_reader(app: &App, bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let found = tokens::authenticate(app, &text);
    assert!(matches!(found, Err(Error::Unauthenticated { .. })), "{text}: {found:?}");
}

fn opened() -> (App, crate::support::database::Database) {
    let database = sqlite();
    let options = crate::support::database::options();
    (App::open(&database.address, &StoreOptions::default(), options).expect("it opens").0, database)
}

#[test]
fn the_corpus_is_read_soon_and_without_a_fall() {
    let (app, _database) = opened();
    type Reader<'r> = (&'r str, &'r dyn Fn(&[u8]));
    let readers: [Reader<'_>; 5] = [
        ("json", &json_readers),
        ("toml", &toml_readers),
        ("problem", &problem_reader),
        ("table", &table_reader),
        ("jwt", &|bytes| token_reader(&app, bytes)),
    ];
    for (kind, reader) in readers {
        for (path, bytes) in corpus(kind) {
            let start = Instant::now();
            reader(&bytes);
            assert!(start.elapsed() < SOON, "{}: {:?}", path.display(), start.elapsed());
        }
    }
}

#[test]
fn defects_of_the_corpus_have_the_codes_that_are_promised() {
    let code = |name: &str| {
        let bytes = std::fs::read(format!("tests/corpus/json/{name}")).expect("it");
        match from_json::<NewRequest>(&bytes) {
            Ok(_) => "sound".to_owned(),
            Err(defects) => format!("{} at {}", defects[0].code(), defects[0].pointer),
        }
    };
    for (name, wanted) in [
        ("sound", "sound"),
        ("deep-lists", "too-deep at "),
        ("deep-objects", "too-deep at "),
        ("deep-note", "too-deep at "),
        ("not-utf-8", "not-utf-8 at "),
        ("utf-16", "not-utf-8 at "),
        ("byte-order-mark", "not-json at "),
        ("lone-surrogate", "not-json at "),
        ("nul", "bad-text at /note"),
        ("huge-number", "not-json at "),
        ("twice", "duplicate-field at /item"),
        ("february-30", "not-a-date at /earliest"),
        ("long-text", "too-long at /note"),
        ("empty", "not-json at "),
        ("two-documents", "not-json at "),
    ] {
        assert_eq!(code(name), wanted, "{name}");
    }
}

/// A piece of a corpus file cut out, doubled, or put somewhere else: close to sound, and not.
fn spliced(files: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let short: Vec<Vec<u8>> = files.into_iter().filter(|f| f.len() < 5_000).collect();
    let choice = proptest::sample::select(short);
    let edit = (any::<proptest::sample::Index>(), any::<proptest::sample::Index>(), any::<u8>());
    (choice, proptest::collection::vec(edit, 1..6)).prop_map(|(mut bytes, edits)| {
        for (from, to, kind) in edits {
            if bytes.is_empty() {
                bytes.push(kind);
                continue;
            }
            let (a, b) = (from.index(bytes.len()), to.index(bytes.len()));
            let (a, b) = (a.min(b), a.max(b));
            match kind % 4 {
                0 => drop(bytes.drain(a..b)),
                1 => {
                    let piece = bytes[a..b].to_vec();
                    bytes.splice(b..b, piece);
                }
                2 => bytes[a] = kind,
                _ => bytes.swap(a, b),
            }
        }
        bytes
    })
}

fn run(kind: &str, number: u32, reader: &dyn Fn(&[u8])) {
    let files: Vec<Vec<u8>> = corpus(kind).into_iter().map(|(_, bytes)| bytes).collect();
    let inputs = prop_oneof![
        3 => spliced(files),
        1 => proptest::collection::vec(any::<u8>(), 0..300),
        1 => "\\PC{0,300}".prop_map(String::into_bytes),
    ];
    let mut runner = TestRunner::new(cases(number));
    let result = runner.run(&inputs, |bytes| {
        reader(&bytes);
        Ok(())
    });
    result.expect("every reader survives whatever comes");
}

#[test]
fn json_of_any_kind_is_read_or_reported() {
    run("json", 2_000, &json_readers);
}

#[test]
fn toml_of_any_kind_is_read_or_reported() {
    run("toml", 1_000, &toml_readers);
}

#[test]
fn problem_files_of_any_kind_are_read_or_reported() {
    run("problem", 1_000, &problem_reader);
}

#[test]
fn tokens_of_any_kind_are_refused() {
    let (app, _database) = opened();
    run("jwt", 500, &|bytes| token_reader(&app, bytes));
}

fn post(client: &Client, bytes: Vec<u8>) -> Reply {
    client.send(TestRequest::post().uri("/api/v1/requests").set_payload(bytes))
}

#[test]
fn bodies_that_are_too_long_too_deep_or_not_text_get_a_clear_error() {
    let client = Client::logged_in(&sqlite());
    let deep = post(&client, "[".repeat(100_000).into_bytes());
    assert_eq!(deep.problem(), (400, "too-deep".into()));
    let utf16: Vec<u8> = "{\"a\":\"b\"}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(post(&client, utf16).problem(), (400, "not-json".into()));
    let latin1 = b"{\"note\":\"\xe9\"}".to_vec();
    let reply = post(&client, latin1);
    assert!(
        reply.json()["detail"].as_str().is_some_and(|d| d.contains("byte 10")),
        "{}",
        reply.json()
    );
    assert_eq!(reply.problem(), (400, "not-utf-8".into()));
    let long = post(&client, vec![b' '; 4 * 1024 * 1024 + 1]);
    assert_eq!(long.problem(), (413, "too-large".into()));
}

/// A number below `n`.
fn draw(seed: &mut u64, n: u64) -> u64 {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*seed >> 33) % n
}

/// A value for a schema of the document, sound or nearly so.
fn value_for(document: &Value, schema: &Value, seed: &mut u64, depth: u32) -> Value {
    if draw(seed, 12) == 0 || depth > 6 {
        let odd = [
            json!(null),
            json!(-1),
            json!(1e300),
            json!(""),
            json!("\u{202e}x"),
            json!([[]]),
            json!({}),
            json!(i64::MAX),
            json!("9999-12-31"),
            json!(true),
            json!("x".repeat(600)),
        ];
        return odd[draw(seed, odd.len() as u64) as usize].clone();
    }
    if let Some(reference) = schema["$ref"].as_str() {
        let target = document.pointer(&reference[1..]).expect("what is referred to is there");
        return value_for(document, &target.clone(), seed, depth + 1);
    }
    for many in ["oneOf", "anyOf", "allOf"] {
        if let Some(list) = schema[many].as_array() {
            if many == "allOf" {
                let mut whole = json!({});
                for part in list {
                    if let Value::Object(fields) = value_for(document, part, seed, depth + 1) {
                        whole.as_object_mut().expect("an object").extend(fields);
                    }
                }
                return whole;
            }
            let place = draw(seed, list.len() as u64) as usize;
            return value_for(document, &list[place], seed, depth + 1);
        }
    }
    if let Some(values) = schema["enum"].as_array() {
        return values[draw(seed, values.len() as u64) as usize].clone();
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds[draw(seed, kinds.len() as u64) as usize].clone(),
        one => one.clone(),
    };
    match kind.as_str() {
        Some("object") => {
            let mut fields = serde_json::Map::new();
            for (name, inner) in schema["properties"].as_object().into_iter().flatten() {
                if draw(seed, 5) > 0 {
                    fields.insert(name.clone(), value_for(document, inner, seed, depth + 1));
                }
            }
            for key in ["A", "daily", "2026-03-03"].into_iter().take(draw(seed, 3) as usize) {
                if schema["additionalProperties"].is_object() {
                    let inner = &schema["additionalProperties"];
                    fields.insert(key.into(), value_for(document, inner, seed, depth + 1));
                }
            }
            Value::Object(fields)
        }
        Some("array") => {
            let count = draw(seed, 3);
            (0..count).map(|_| value_for(document, &schema["items"], seed, depth + 1)).collect()
        }
        Some("integer") => json!([0, 1, 30, 480, 100_000][draw(seed, 5) as usize]),
        Some("number") => json!([0.0, 0.5, 1.0, 30.0][draw(seed, 4) as usize]),
        Some("boolean") => json!(draw(seed, 2) == 0),
        Some("null") => Value::Null,
        _ if schema["format"] == "date" => {
            json!(["2026-03-03", "2026-03-31"][draw(seed, 2) as usize])
        }
        _ => json!(
            ["market", "licence", NOODLES, "east", "fire", "6210", "x y", "中"]
                [draw(seed, 8) as usize]
        ),
    }
}

/// The document's own promises, route by route, with generated bodies and parameters: never a fault of
/// ours, always a problem document on an error, never a status that the document does not know.
#[test]
fn generated_calls_of_every_route_meet_the_document() {
    let client = Client::logged_in(&sqlite());
    let document = serde_json::to_value(openapi()).expect("JSON");
    let token = client.token.borrow().clone();
    let rounds: u64 =
        std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(12).min(500);
    let mut seed = 7;
    let mut answers = 0;
    for (method, path) in routes() {
        let operation = &document["paths"][&path][method.to_lowercase()];
        // these end the session that the test goes on with, or say that a password is wrong
        if path.ends_with("/password") || path.contains("/session") {
            continue;
        }
        for round in 0..rounds {
            let (mut uri, mut query) = (path.clone(), Vec::new());
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let name = parameter["name"].as_str().expect("a name");
                let value = value_for(&document, &parameter["schema"], &mut seed, 0);
                let text = value.as_str().map_or_else(|| value.to_string(), Into::into);
                let safe: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
                match parameter["in"].as_str() {
                    Some("query") if round % 3 > 0 => query.push(format!("{name}={safe}")),
                    Some("path") => uri = uri.replace(&format!("{{{name}}}"), &safe),
                    _ => {}
                }
            }
            let uri = uri.replace("{id}", "market").replace("{version}", "1");
            let uri = if query.is_empty() { uri } else { format!("{uri}?{}", query.join("&")) };
            if uri.contains("%00") || uri.contains("//") {
                continue;
            }
            let mut call = request_to(&method, &uri).insert_header(("If-Match", "\"v1\""));
            let body = &operation["requestBody"]["content"]["application/json"]["schema"];
            if !body.is_null() {
                call = call.set_json(value_for(&document, body, &mut seed, 0));
            }
            client.token.borrow_mut().clone_from(&token);
            let reply = client.send(call);
            let status = reply.status.as_u16();
            assert!(status < 500, "{method} {uri}: {}", String::from_utf8_lossy(&reply.body));
            assert_ne!(status, 401, "{method} {uri}");
            if status >= 400 {
                reply.problem();
            } else {
                let known = &operation["responses"][&status.to_string()];
                assert!(known.is_object(), "{method} {uri}: {status} is not in the document");
            }
            answers += 1;
        }
    }
    assert!(answers > 300, "{answers}");
}
