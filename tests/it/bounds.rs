//! How much of anything is read: days, lists, values, defects, texts and cells end somewhere, with a
//! stable code, before the work is done.

use crate::api::Client;
use crate::support::county::{NOODLES, request, with};
use crate::support::database::sqlite;
use onevisit::domain::Defect;
use onevisit::text::say;
use onevisit::wire::access::user::Team;
use onevisit::wire::json::{Read, VALUES_MAX, from_body};
use onevisit::wire::law::campaign::NewInspectionPlan;
use onevisit::wire::law::draw::SamplingPlan;
use onevisit::wire::planning::run::NewRun;
use onevisit::wire::register::{Closure, Enterprise, GradeEntry, QuietPeriod};
use onevisit::wire::requests::filing::{BATCH_MAX, Batch};
use onevisit::wire::requests::request::{NewRequest, WINDOW_DAYS_MAX};
use onevisit::wire::tabular::{self, FileForm};
use serde_json::{Value, json};
use std::io::{Cursor, Read as _, Write};

fn defects<T: Read>(body: &str) -> Vec<Defect> {
    from_body::<T>(body.as_bytes()).err().unwrap_or_default()
}

fn reported<T: Read>(body: &Value) -> Vec<String> {
    let defects = defects::<T>(&body.to_string());
    defects.iter().map(|defect| format!("{} {}", defect.pointer, defect.code())).collect()
}

#[test]
fn days_lie_within_bounds_wherever_they_are_read() {
    for day in ["9999-12-31", "2101-01-01", "1969-12-31", "0001-01-01"] {
        let wanted = |pointer: &str| format!("{pointer} day-out-of-range");
        for field in ["earliest", "latest", "due"] {
            let body = with(request("licence", NOODLES), json!({ field: day }));
            assert!(
                reported::<NewRequest>(&body).contains(&wanted(&format!("/{field}"))),
                "{field}"
            );
        }
        for field in ["start", "end"] {
            assert!(
                reported::<NewRun>(&json!({ field: day })).contains(&wanted(&format!("/{field}")))
            );
            let draw = json!({ field: day });
            assert!(reported::<SamplingPlan>(&draw).contains(&wanted(&format!("/{field}"))));
            assert!(reported::<NewInspectionPlan>(&draw).contains(&wanted(&format!("/{field}"))));
        }
        for field in ["from", "to"] {
            let wanted = wanted(&format!("/{field}"));
            assert!(reported::<QuietPeriod>(&json!({ field: day })).contains(&wanted));
            assert!(reported::<Closure>(&json!({ field: day })).contains(&wanted));
        }
        assert!(reported::<GradeEntry>(&json!({ "from": day })).contains(&wanted("/from")));
    }
    let client = Client::logged_in(&sqlite());
    for uri in [
        "/api/v1/visits?from=9999-12-31",
        "/api/v1/requests?to=%2B262142-12-31",
        "/api/v1/alarms?to=2101-01-01",
        "/api/v1/authority-report?day=0001-01-01",
        "/api/v1/rules/in-force?day=1969-12-31",
    ] {
        assert_eq!(client.get(uri).problem(), (400, "bad-query".into()), "{uri}");
    }
    for uri in ["/api/v1/visits?from=2100-12-31", "/api/v1/requests?to=1970-01-01"] {
        assert_eq!(client.get(uri).status.as_u16(), 200, "{uri}");
    }
}

#[test]
fn a_request_has_the_number_that_its_department_gave_it() {
    let client = Client::logged_in(&sqlite());
    let number = "清市监检〔2026〕1号";
    let body = with(request("food", NOODLES), json!({ "reference": number }));
    let filed = client.post("/api/v1/requests", &body);
    assert_eq!(filed.status.as_u16(), 201);
    let address = filed.headers.get("location").expect("its address").to_str().expect("ASCII");
    assert_eq!(client.get(address).json()["reference"], number);
    let again = client.post("/api/v1/requests", &body);
    assert_eq!((again.status.as_u16(), &again.json()["id"]), (200, &filed.json()["id"]));
    // the same in files is the same request
    let header =
        ["文号", "部门", "统一社会信用代码", "检查事项", "检查类型", "最早日期", "最晚日期"];
    let row = [number, "market", NOODLES, "food", "日常", "2026年3月3日", "2026-03-31"];
    let [header, row] = [header, row].map(|cells| cells.map(str::to_owned).to_vec());
    for form in [FileForm::Csv, FileForm::Xlsx] {
        let mut file = Vec::new();
        tabular::write(form, &header, std::iter::once(row.clone()), &mut file).expect("written");
        let call = actix_web::test::TestRequest::post().uri("/api/v1/requests/import");
        let report = client.send(call.set_payload(file)).json();
        assert_eq!((&report["outcome"], &report["unchanged"]), (&json!("taken"), &json!(1)));
    }
    let listed = client.get("/api/v1/requests").json();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(listed["items"][0]["reference"], number);
    let other = with(body, json!({ "latest": "2026-04-02" }));
    assert_eq!(client.post("/api/v1/requests", &other).problem(), (409, "reference-taken".into()));
    let of = |reference: &str| {
        reported::<NewRequest>(&with(request("food", NOODLES), json!({ "reference": reference })))
    };
    assert!(of(&"号".repeat(64)).is_empty());
    for reference in ["号".repeat(65), "1 号".into(), "1;2".into(), String::new()] {
        assert_eq!(of(&reference), ["/reference bad-id"], "{reference}");
    }
}

#[test]
fn a_window_ends_after_three_years() {
    let first: chrono::NaiveDate = "2026-03-03".parse().expect("a day");
    let of = |days: i64| {
        let last = first + chrono::Days::new(days as u64 - 1);
        reported::<NewRequest>(&with(request("licence", NOODLES), json!({ "latest": last })))
    };
    assert!(of(WINDOW_DAYS_MAX).is_empty());
    assert_eq!(of(WINDOW_DAYS_MAX + 1), ["/latest window-too-long"]);
}

#[test]
fn of_a_list_that_is_too_long_nothing_is_read() {
    // each of these would have a defect of its own
    let batch = json!({ "requests": vec![json!(0); BATCH_MAX + 1] });
    assert_eq!(reported::<Batch>(&batch), ["/requests too-many"]);
    assert!(reported::<Batch>(&json!({ "requests": vec![json!(0); BATCH_MAX] })).is_empty());
    assert_eq!(reported::<Batch>(&json!({ "requests": [] })), ["/requests out-of-range"]);
    let members: Vec<String> = (0..1_001).map(|n| n.to_string()).collect();
    assert_eq!(reported::<Team>(&json!({ "members": members })), ["/members too-many"]);
    assert!(reported::<Team>(&json!({ "members": &members[..1_000] })).is_empty());
}

#[test]
fn a_document_has_so_many_values_and_no_more() {
    let list = |values: usize| format!("{{\"members\":[{}]}}", vec!["0"; values].join(","));
    let codes = |text: &str| -> Vec<&str> {
        defects::<Team>(text).iter().map(|defect| defect.code()).collect()
    };
    // the object and the list are two
    assert_eq!(codes(&list(VALUES_MAX - 2)), ["too-many"]);
    assert_eq!(codes(&list(VALUES_MAX - 1)), ["too-many-values"]);
    assert!(say(&defects::<Team>(&list(VALUES_MAX))[0].message).contains("send it in parts"));
    let client = Client::logged_in(&sqlite());
    let call = actix_web::test::TestRequest::post().uri("/api/v1/requests/batch");
    let reply = client.send(call.set_payload(list(VALUES_MAX)));
    assert_eq!(reply.problem(), (400, "too-many-values".into()));
}

#[test]
fn so_many_defects_are_gathered_and_what_they_quote_is_short() {
    let fields: Vec<String> = (0..50_000).map(|n| format!("\"f{n}\":0")).collect();
    let found = defects::<NewRequest>(&format!("{{{}}}", fields.join(",")));
    assert!((500..=1_100).contains(&found.len()), "{}", found.len());
    let twice = vec!["\"a\":0"; 50_000].join(",");
    assert!(defects::<NewRequest>(&format!("{{{twice}}}")).len() <= 1_100);
    let days: Vec<String> = (0..7_000).map(|n| format!("\"day {n}\":0")).collect();
    let pool = format!("{{\"days\":{{{}}}}}", days.join(","));
    assert!(defects::<onevisit::wire::register::Pool>(&pool).len() <= 1_100);
    // of one request in a batch fewer
    let element = format!("{{{}}}", fields[..100].join(","));
    let batch: Batch = from_body(format!("{{\"requests\":[{element}]}}").as_bytes()).expect("read");
    assert_eq!(batch.requests[0].as_ref().expect_err("unknown fields").len(), 20);
    let long = "长".repeat(100_000);
    for body in [
        json!({ "kind": long }),
        json!({ "earliest": long }),
        json!({ long.clone(): 0 }),
        json!({ "industry": long, "risk": long }),
    ] {
        let body = body.to_string();
        for found in [defects::<NewRequest>(&body), defects::<Enterprise>(&body)].concat() {
            assert!(
                say(&found.message).len() <= 610 && found.pointer.len() <= 310,
                "{}",
                found.code()
            );
        }
    }
    let found = defects::<NewRequest>(&json!({ "kind": long }).to_string());
    let kind = found.iter().find(|defect| defect.pointer == "/kind").expect("it is reported");
    let said = say(&kind.message);
    assert!(said.starts_with("\"长") && said.contains("…"), "{said}");
    assert!(said.ends_with("."), "what to do is said: {said}");
}

fn refused(bytes: &[u8]) -> &'static str {
    tabular::read(bytes).expect_err("refused")[0].code()
}

/// A small workbook, with more parts or others.
fn workbook(change: impl Fn(&str, Vec<u8>) -> Vec<u8>, more: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut plain = Vec::new();
    let (header, row) = (["编号".to_owned()], vec!["一".to_owned()]);
    tabular::write(FileForm::Xlsx, &header, std::iter::once(row), &mut plain).expect("written");
    let mut old = zip::ZipArchive::new(Cursor::new(plain)).expect("a workbook");
    let mut new = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for part in 0..old.len() {
        let mut part = old.by_index(part).expect("a part");
        let (name, mut bytes) = (part.name().expect("a name").into_owned(), Vec::new());
        part.read_to_end(&mut bytes).expect("unpacked");
        new.start_file(&name, options).expect("a part");
        new.write_all(&change(&name, bytes)).expect("written");
    }
    for (name, bytes) in more {
        new.start_file(name, options).expect("a part");
        new.write_all(bytes).expect("written");
    }
    new.finish().expect("a workbook").into_inner()
}

#[test]
fn a_workbook_is_measured_before_it_is_read() {
    let same = |_: &str, bytes| bytes;
    let sound = tabular::read(&workbook(same, &[])).expect("sound");
    assert_eq!((sound.header.len(), sound.rows.len()), (1, 1));
    let parts = |count: usize| -> Vec<(String, Vec<u8>)> {
        (0..count).map(|n| (format!("xl/media/{n}"), vec![])).collect()
    };
    assert!(tabular::read(&workbook(same, &parts(1_900))).is_ok());
    assert_eq!(refused(&workbook(same, &parts(2_000))), "too-many-parts");
    let blank = |name: &str, mib: usize| (name.to_owned(), vec![b' '; mib << 20]);
    assert_eq!(refused(&workbook(same, &[blank("xl/theme.bin", 65)])), "unpacks-too-large");
    // far more than it is
    assert_eq!(refused(&workbook(same, &[blank("xl/worksheets/x.xml", 80)])), "unpacks-too-large");
    // cells that hold nothing cost time too
    let empty = |tags: usize| vec![("xl/worksheets/x.xml".to_owned(), b"<c/>".repeat(tags))];
    assert!(tabular::read(&workbook(same, &empty(4_000_000))).is_ok());
    let noise = (0_u32..2_000_000).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes());
    let more = [empty(25_000_000), vec![("xl/media/noise".to_owned(), noise.collect())]].concat();
    assert_eq!(refused(&workbook(same, &more)), "table-too-large");
    // the number of texts is what is written there, not what there is
    let texts = |number: &str, head: &str| {
        let table = format!("{head}<sst count=\"1\" uniqueCount{number}><si><t>一</t></si></sst>");
        vec![("xl/sharedStrings.xml".to_owned(), table.into_bytes())]
    };
    let head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
    let without = |name: &str, bytes: Vec<u8>| {
        // the name is one of ours now
        if name.ends_with("sharedStrings.xml") { panic!("texts are in the sheet") } else { bytes }
    };
    assert!(tabular::read(&workbook(without, &texts("=\"1\"", head))).is_ok());
    assert!(tabular::read(&workbook(without, &texts("=\"1500000\"", head))).is_ok());
    for number in ["=\"1500001\"", " =  '2000000'", &format!("={}\"2000000\"", " ".repeat(100))] {
        let bytes = workbook(without, &texts(number, head));
        assert_eq!(refused(&bytes), "too-many-texts", "{number}");
    }
    let late = format!("{head}<!--{}-->", "x".repeat(16_384 - 80));
    assert_eq!(refused(&workbook(without, &texts("=\"2000000\"", &late))), "too-many-texts");
    let other = "<?xml version=\"1.0\" encoding=\"ISO-2022-JP\"?>";
    assert_eq!(refused(&workbook(without, &texts("=\"1\"", other))), "not-a-workbook");
}

#[test]
fn a_table_has_so_many_cells_and_no_more() {
    let line = format!("{}x\n", ",".repeat(63));
    let rows = |count: usize| format!("h\n{}", line.repeat(count)).into_bytes();
    assert_eq!(tabular::read(&rows(62_000)).expect("read").rows.len(), 62_000);
    assert_eq!(refused(&rows(63_000)), "table-too-large");
}
