//! A tiny register to test use cases on: two towns, three departments, one scenario.

use crate::support::database::read;
use onevisit::app::requests::filing;
use onevisit::app::{App, Caller, register};
use onevisit::wire::requests::request::Request;
use serde_json::{Value, json};

/// Two restaurants in one town and a dairy in the other.
pub const NOODLES: &str = "91990000MA0000007X";
pub const DUMPLINGS: &str = "91990000MA0000015Q";
pub const DAIRY: &str = "91990000MA0000023K";

pub fn caller() -> Caller {
    Caller::service("tester")
}

pub fn scenario() -> Value {
    let item = |id: &str, minutes: i64| {
        json!({
            "id": id,
            "name": { "zh": format!("{id}检查"), "en": format!("{id} check") },
            "published": true,
            "minutes": { "value": minutes, "assumed": true },
            "inspectors": { "value": 2, "assumed": false }
        })
    };
    let department = |id: &str, items: Vec<Value>| json!({ "id": id, "name": { "zh": format!("{id}部门"), "en": id }, "items": items });
    let limit = |value: i64| json!({ "value": value, "assumed": true });
    json!({
        "format": "onevisit-scenario/1",
        "id": "restaurants",
        "name": { "zh": "餐饮联合检查", "en": "Restaurants" },
        "industry": "餐饮业",
        "gbt4754": ["62"],
        "frequency": "once a year",
        "lead": "market",
        "lead_published": true,
        "source": { "title": "made up for tests", "confidence": "D" },
        "limits": {
            "max_departments": limit(3), "max_inspectors": limit(6), "max_minutes": limit(120)
        },
        "departments": [
            department("market", vec![item("licence", 30), item("food", 40)]),
            department("fire", vec![item("exits", 50)]),
        ]
    })
}

pub fn enterprise(id: &str, area: &str, industry: &str) -> Value {
    json!({
        "id": id, "name": { "zh": "店（虚构）", "en": "Shop (made up)" }, "area": area,
        "industry": industry, "risk": "B", "credit_grade": "A"
    })
}

pub fn pool(id: &str, department: &str, area: Option<&str>) -> Value {
    json!({
        "id": id, "department": department, "area": area, "minutes": 480,
        "attendance_minutes": 30, "overtime_minutes": 60, "days": { "2026-03-20": 0 }
    })
}

/// Fills an empty database.
pub fn settle(app: &App) {
    let caller = caller();
    for area in ["east", "west"] {
        let area = json!({ "id": area, "name": { "zh": "镇", "en": area } });
        register::add_area(app, &caller, &read(area)).expect("an area");
    }
    assert!(register::add_scenario(app, &caller, &read(scenario())).expect("a scenario"));
    let ecology = json!({ "id": "ecology", "name": { "zh": "生态", "en": "Ecology" } });
    register::add_department(app, &caller, &read(ecology)).expect("a department");
    let fumes = json!({
        "id": "fumes", "department": "ecology", "name": { "zh": "油烟", "en": "Fumes" },
        "minutes": { "value": 25, "assumed": true }, "inspectors": { "value": 1, "assumed": true }
    });
    register::add_item(app, &caller, &read(fumes)).expect("an item");
    for pool in [
        pool("market", "market", None),
        pool("fire-east", "fire", Some("east")),
        pool("fire", "fire", None),
        pool("ecology", "ecology", None),
    ] {
        register::add_pool(app, &caller, &read(pool)).expect("a pool");
    }
    let enterprises = [
        read(enterprise(NOODLES, "east", "6210")),
        read(enterprise(DUMPLINGS, "west", "6210")),
        read(enterprise(DAIRY, "west", "1440")),
    ];
    register::add_enterprises(app, &caller, &enterprises).expect("enterprises");
}

pub fn request(item: &str, enterprise: &str) -> Value {
    let department = match item {
        "licence" | "food" => "market",
        "exits" => "fire",
        _ => "ecology",
    };
    json!({
        "department": department, "enterprise": enterprise, "item": item, "kind": "daily",
        "earliest": "2026-03-03", "latest": "2026-03-31"
    })
}

/// `base` with the fields of `more` in place of its own.
pub fn with(mut base: Value, more: Value) -> Value {
    let (Value::Object(base_fields), Value::Object(more)) = (&mut base, more) else {
        panic!("two objects")
    };
    base_fields.extend(more);
    base
}

pub fn file(app: &App, value: Value) -> Request {
    filing::file(app, &caller(), &read(value)).expect("a sound request").request
}

/// A sound code for a serial number.
pub fn credit_code(serial: usize) -> String {
    use onevisit::domain::codes::{credit_code_check, organisation_code_check};
    let organisation = format!("MA{serial:06}");
    let check = organisation_code_check(&organisation).expect("eight characters");
    let first = format!("91990000{organisation}{check}");
    format!("{first}{}", credit_code_check(&first).expect("seventeen characters"))
}
