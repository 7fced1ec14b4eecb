//! Reading and writing problem and plan files.

use onevisit::domain::Draft;
use onevisit::samples::generate::{Options, generate};
use onevisit::text::say;
use onevisit::wire;
use onevisit::wire::planning::problem::ReadError;
use serde_json::{Value, json};

fn sound() -> Value {
    json!({
        "format": "onevisit-problem/1", "name": "n", "start": "2026-03-02", "end": "2026-03-13",
        "closed_days": ["2026-03-07", "2026-03-08"], "attendance_cost": 10, "max_visit_minutes": 200,
        "pools": [{"id": "P", "department": "FIRE", "minutes": 480, "attendance_minutes": 30,
            "exceptions": {"2026-03-03": 100}}],
        "scenarios": [{"id": "hotel", "max_departments": 2, "max_inspectors": 4, "max_minutes": 150}],
        "enterprises": [{"id": "E", "area": "a", "industry": "i", "risk": "B", "visit_cost": 100,
            "visit_cap": 2, "min_gap_days": 1, "last_counted": null, "closed": [["2026-03-04", "2026-03-05"]]}],
        "requests": [{"id": "R", "enterprise": "E", "department": "FIRE", "earliest": "2026-03-02",
            "latest": "2026-03-13", "minutes": 60, "uses": [{"pool": "P", "inspectors": 2}],
            "scenarios": ["hotel"], "penalty": 500, "due": "2026-03-05", "late_cost": 3}],
        "targets": [{"id": "T", "measure": "scheduled", "at_least": 0.95, "shortfall_cost": 60}],
        "fixed": []
    })
}

fn defects(file: &Value) -> Vec<(String, String)> {
    defects_of(file.to_string().as_bytes())
}

fn defects_of(bytes: &[u8]) -> Vec<(String, String)> {
    match wire::planning::problem::read(bytes) {
        Ok(_) => Vec::new(),
        Err(ReadError::Defects(list)) => {
            assert!(
                list.iter().all(|d| say(&d.message).ends_with('.')),
                "one sentence each: {list:?}"
            );
            list.into_iter().map(|d| (d.code().to_owned(), d.pointer)).collect()
        }
        Err(ReadError::Io(error)) => panic!("{error}"),
    }
}

fn one(code: &str, pointer: &str) -> Vec<(String, String)> {
    vec![(code.to_owned(), pointer.to_owned())]
}

#[test]
fn a_sound_file_reads_and_writes_back_equal() {
    assert_eq!(defects(&sound()), []);
    let problem = generate(&Options { every_field: true, seed: 5, ..Options::default() });
    let mut bytes = Vec::new();
    wire::planning::problem::write(problem.facts(), &mut bytes).unwrap();
    let again: Draft = wire::planning::problem::read(&bytes[..]).unwrap().into_draft();
    assert_eq!(again, problem.into_draft());
}

#[test]
fn gzip_is_recognised_by_its_bytes() {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, sound().to_string().as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    assert!(wire::planning::problem::read(&packed[..]).is_ok());
    let twice = [&packed[..], &packed[..]].concat();
    assert!(
        wire::planning::problem::read(&twice[..]).is_err(),
        "a second member is not passed over"
    );
    let torn = wire::planning::problem::read(&packed[..packed.len() / 2]);
    assert!(matches!(torn, Err(ReadError::Io(_))), "a torn file is no JSON defect");
}

#[test]
fn every_kind_of_defect_has_its_code_and_pointer() {
    let with = |pointer: &str, value: Value| {
        let mut file = sound();
        *file.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = value;
        defects(&file)
    };
    assert_eq!(with("/format", json!("onevisit-problem/2")), one("unknown-value", "/format"));
    assert_eq!(with("/start", json!("2026-3-2")), one("not-a-date", "/start"));
    assert_eq!(with("/closed_days/0", json!("Sunday")), one("not-a-date", "/closed_days/0"));
    assert_eq!(with("/end", json!("2026-03-01"))[0], one("horizon-reversed", "/end")[0]);
    assert_eq!(with("/pools", json!({}))[0], one("wrong-type", "/pools")[0]);
    assert_eq!(with("/pools/0/minutes", json!(-1)), one("negative", "/pools/0/minutes"));
    assert_eq!(with("/pools/0/minutes", json!(1.5)), one("not-a-whole-number", "/pools/0/minutes"));
    assert_eq!(
        with("/pools/0/minutes", json!(1_000_000_000_000_i64)),
        one("too-large", "/pools/0/minutes")
    );
    assert_eq!(
        with("/pools/0/exceptions", json!({"2026-02-30": 1})),
        one("not-a-date", "/pools/0/exceptions/2026-02-30")
    );
    assert_eq!(
        with("/enterprises/0/risk", json!("E")),
        one("unknown-value", "/enterprises/0/risk")
    );
    assert_eq!(
        with("/enterprises/0/closed/0", json!(["2026-03-05", "2026-03-04"])),
        one("span-reversed", "/enterprises/0/closed/0")
    );
    assert_eq!(
        with("/enterprises/0/closed/0", json!(["2026-03-05"])),
        one("wrong-type", "/enterprises/0/closed/0")
    );
    assert_eq!(
        with("/requests/0/enterprise", json!("X")),
        one("unknown-enterprise", "/requests/0/enterprise")
    );
    assert_eq!(
        with("/requests/0/uses/0/pool", json!("X")),
        one("unknown-pool", "/requests/0/uses/0/pool")
    );
    assert_eq!(with("/requests/0/uses", json!([])), one("no-uses", "/requests/0/uses"));
    assert_eq!(
        with(
            "/requests/0/uses",
            json!([{"pool": "P", "inspectors": 1}, {"pool": "P", "inspectors": 1}])
        ),
        one("pool-twice", "/requests/0/uses/1/pool")
    );
    assert_eq!(
        with("/requests/0/scenarios/0", json!("zoo")),
        one("unknown-scenario", "/requests/0/scenarios/0")
    );
    assert_eq!(with("/requests/0/minutes", json!(0)), one("zero", "/requests/0/minutes"));
    assert_eq!(
        with("/requests/0/latest", json!("2026-03-14")),
        one("window-outside-horizon", "/requests/0/latest")
    );
    assert_eq!(
        with("/requests/0/earliest", json!("2026-03-14")),
        vec![
            ("window-reversed".to_owned(), "/requests/0/latest".to_owned()),
            ("window-outside-horizon".to_owned(), "/requests/0/earliest".to_owned())
        ]
    );
    assert_eq!(
        with("/requests/0/late_cost", json!(null)),
        one("missing-field", "/requests/0/late_cost")
    );
    assert_eq!(
        with("/targets/0/at_least", json!(1.01)),
        one("share-out-of-range", "/targets/0/at_least")
    );
    assert_eq!(
        with("/targets/0/at_least", json!(0.12345)),
        one("share-too-fine", "/targets/0/at_least")
    );
    assert_eq!(
        with("/targets/0/measure", json!("all")),
        one("unknown-value", "/targets/0/measure")
    );
    assert_eq!(
        with("/fixed", json!([{"enterprise": "E", "date": "2026-03-02", "requests": ["X"]}])),
        one("unknown-request", "/fixed/0/requests/0")
    );
}

#[test]
fn unknown_missing_and_repeated_fields_are_refused_with_their_pointer() {
    let mut file = sound();
    file["requests"][0]["colour"] = json!("red");
    file["requests"][0]["a/b~c"] = json!(1);
    file["speed"] = json!(1);
    file["pools"][0].as_object_mut().unwrap().remove("department");
    let mut found = defects(&file);
    found.sort();
    let expected = [
        ("missing-field", "/pools/0/department"),
        ("unknown-field", "/requests/0/a~1b~0c"),
        ("unknown-field", "/requests/0/colour"),
        ("unknown-field", "/speed"),
    ];
    let found: Vec<(&str, &str)> = found.iter().map(|(c, p)| (c.as_str(), p.as_str())).collect();
    assert_eq!(found, expected);
    let text = sound().to_string().replacen("\"penalty\"", "\"minutes\":1,\"penalty\"", 1);
    assert_eq!(defects_of(text.as_bytes()), one("duplicate-field", "/requests/0/minutes"));
    let text = sound().to_string().replacen("\"fixed\":[]", "\"fixed\":[],\"fixed\":[]", 1);
    assert_eq!(defects_of(text.as_bytes()), one("duplicate-field", "/fixed"));
    // what is before a fault is reported, what it cuts off is not: a list is twice there when read
    let text = sound().to_string().replacen("\"fixed\":[]", "\"fixed\":[],\"fixed\":[{} {}]", 1);
    let mut expected: Vec<(String, String)> = ["enterprise", "date", "requests"]
        .map(|field| ("missing-field".to_owned(), format!("/fixed/0/{field}")))
        .into();
    expected.extend(one("not-json", ""));
    assert_eq!(defects_of(text.as_bytes()), expected);
}

#[test]
fn all_defects_are_reported_at_once() {
    let mut file = sound();
    let again = file["pools"][0].clone();
    file["pools"].as_array_mut().unwrap().push(again);
    file["requests"][0]["enterprise"] = json!("X");
    file["requests"][0]["minutes"] = json!(0);
    file["enterprises"][0]["visit_cap"] = json!("many");
    let codes: Vec<String> = defects(&file).into_iter().map(|d| d.0).collect();
    file["requests"][0]["colour"] = json!("red");
    let with_colour = defects(&file);
    assert_eq!(with_colour.len(), codes.len() + 1, "a field too many hides nothing");
    for code in ["duplicate-id", "unknown-enterprise", "zero", "wrong-type"] {
        assert!(codes.iter().any(|c| c == code), "{code} in {codes:?}");
    }
}

#[test]
fn what_would_overflow_or_overwhelm_is_refused() {
    let mut file = sound();
    file["targets"][0]["shortfall_cost"] = json!(1_000_000_000_000_i64);
    file["targets"][0]["already"] = json!({"reached": 0, "of": 1_000});
    assert_eq!(defects(&file), one("total-too-large", ""));
    // caps may name any number of departments; only those that file here matter
    let mut file = sound();
    let caps: serde_json::Map<String, Value> =
        (0..300).map(|i| (format!("D{i}"), json!(1))).collect();
    file["enterprises"][0]["department_caps"] = Value::Object(caps);
    assert_eq!(defects(&file), []);
    let request = file["requests"][0].clone();
    file["requests"] = (0..300)
        .map(|i| {
            let mut other = request.clone();
            other["id"] = json!(format!("R{i}"));
            other["department"] = json!(format!("D{i}"));
            other
        })
        .collect();
    assert_eq!(defects(&file), one("too-many-capped-departments", "/enterprises/0"));
}

#[test]
fn dates_are_exactly_of_the_form() {
    for date in
        ["+12345-01-01", "-0001-01-01", "2026-03-2", "2026-03-02 ", "02-03-2026", "2026-02-29"]
    {
        let mut file = sound();
        file["requests"][0]["due"] = json!(date);
        assert_eq!(defects(&file), one("not-a-date", "/requests/0/due"), "{date}");
    }
}

#[test]
fn an_element_that_is_no_object_keeps_the_places_of_the_others() {
    let mut file = sound();
    let mut bad = file["requests"][0].clone();
    bad["id"] = json!("R2");
    bad["enterprise"] = json!("X");
    file["requests"] = json!([null, file["requests"][0].clone(), bad]);
    let expected =
        [("wrong-type", "/requests/0"), ("unknown-enterprise", "/requests/2/enterprise")];
    let found = defects(&file);
    let found: Vec<(&str, &str)> = found.iter().map(|(c, p)| (c.as_str(), p.as_str())).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_group_stays_within_one_department() {
    let mut file = sound();
    let mut other = file["requests"][0].clone();
    file["requests"][0]["together"] = json!("g");
    other["id"] = json!("R2");
    other["department"] = json!("HEALTH");
    other["together"] = json!("g");
    file["requests"].as_array_mut().unwrap().push(other);
    assert_eq!(defects(&file), one("group-across-departments", "/requests/1/together"));
}

#[test]
fn what_is_no_json_object_is_reported() {
    assert_eq!(defects_of(b"{\"format\": "), one("not-json", ""));
    assert_eq!(defects_of(b"[1]"), one("wrong-type", ""));
    assert_eq!(defects_of(b""), one("not-json", ""));
    let trailing = format!("{} x", sound());
    assert_eq!(defects_of(trailing.as_bytes()), one("not-json", ""));
}

#[test]
fn plans_read_and_write_and_allow_a_report_beside() {
    let text = br#"{"format": "onevisit-plan/1", "problem": "n", "cost": 5, "anything": [1],
        "visits": [{"enterprise": "E", "date": "2026-03-02", "requests": ["R"], "scenario": null}]}"#;
    let plan = wire::planning::plan::read(&text[..]).unwrap();
    let mut bytes = Vec::new();
    wire::planning::plan::write(&plan, Some((5, 4)), &mut bytes).unwrap();
    assert_eq!(wire::planning::plan::read(&bytes[..]).unwrap(), plan);
    let written: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(written["bound"], 4);
    assert!(written["visits"][0].get("scenario").is_none());
    let text = br#"{"format": "onevisit-plan/1", "problem": "n",
        "visits": [{"enterprise": "E", "date": "2026-03-02", "requests": ["R"], "note": 1}]}"#;
    let Err(ReadError::Defects(list)) = wire::planning::plan::read(&text[..]) else {
        panic!("refused")
    };
    assert_eq!((list[0].code(), list[0].pointer.as_str()), ("unknown-field", "/visits/0/note"));
}
