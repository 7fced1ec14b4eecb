//! Rule packs: the shipped ones, overriding, defects, and the command line.

use onevisit::domain::rules::terms::PARAMETERS;
use onevisit::domain::rules::value::Value;
use onevisit::domain::rules::{Pack, RuleId, Severity};
use onevisit::wire::law::rule_pack;
use onevisit::wire::law::rule_pack::{read, resolve, shipped, shipped_document, shipped_pack};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn onevisit(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_onevisit"));
    command.current_dir(folder).args(args).stdin(Stdio::null());
    command.output().expect("the program runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("text")
}

const HEAD: &str = r#"
format = "onevisit-rules/1"
id = "mine"
version = 3
name = { zh = "本地", en = "Mine" }
from = 2026-01-01
"#;
const SOURCE: &str = r#"source = { document = "a decree", place = "here", confidence = "A" }"#;

fn mine(rules: &str) -> Result<Pack, Vec<(&'static str, String)>> {
    let text = format!("{HEAD}extends = \"xianning\"\n{}", rules.replace("SOURCE", SOURCE));
    let reported = |defects: Vec<onevisit::domain::Defect>| {
        defects.into_iter().map(|d| (d.code(), d.pointer)).collect()
    };
    let document = read(&text).map_err(reported)?;
    resolve(document, &shipped_document).map_err(reported)
}

#[test]
fn the_base_has_every_rule_and_parameter_with_a_source() {
    let numbers: Vec<&str> = RuleId::ALL.iter().map(|rule| rule.number()).collect();
    let wanted = (1..=24).chain(26..=29).chain(33..=37).map(|n| format!("R{n:02}"));
    assert_eq!(numbers, wanted.collect::<Vec<_>>());
    let national = shipped_document("national").expect("the base");
    assert_eq!(national.rules.keys().copied().collect::<Vec<_>>(), RuleId::ALL);
    for parameter in PARAMETERS {
        let rule = &national.rules[&parameter.rule];
        assert!(rule.values.contains_key(parameter.name), "{parameter:?}");
        let (rule, name) =
            (parameter.rule.number().to_lowercase(), parameter.name.replace('_', "-"));
        assert_eq!(parameter.explanation().key(), format!("parameter_{rule}-{name}"));
    }
    for document in shipped() {
        for (rule, change) in &document.rules {
            let source = &change.source;
            let is_cited = !source.document.is_empty() && !source.place.is_empty();
            assert!(is_cited, "{}: {}", document.id, rule.number());
        }
    }
}

#[test]
fn places_say_what_their_sources_say() {
    let pack = |id| shipped_pack(id).expect("shipped");
    let ids: BTreeSet<&str> = shipped().iter().map(|document| document.id.as_str()).collect();
    let wanted = "anqing chengdu jinning national shanxi-emergency suqian xianning yongchun";
    assert_eq!(ids, wanted.split(' ').collect());
    assert_eq!(pack("xianning").terms.r06.caps[0].at_most, Some(2));
    assert_eq!(pack("yongchun").terms.r20.joint_per_scenario, Some(1));
    let days =
        |id| pack(id).terms.r22.days.iter().map(|r| (r.first.0, r.last.0)).collect::<Vec<_>>();
    assert_eq!(days("anqing"), [(1, 25)]);
    assert_eq!(days("jinning"), [(1, 15)]);
    let alarms = pack("chengdu").terms.r21;
    assert_eq!((alarms.day, alarms.week, alarms.month), (1, 2, 3));
    assert_eq!(alarms.low_yield_checks, Some(3));
    assert_eq!(pack("suqian").severity(RuleId::R08), Severity::Refuse);
    let shanxi = pack("shanxi-emergency");
    let caps: Vec<Option<i64>> = shanxi.terms.r06.caps.iter().map(|row| row.at_most).collect();
    let printed = [2, 4, 6, 4, 1, 1, 2, 4, 2, 4, 8, 12, 1, 2, 4, 6];
    assert_eq!(caps, printed.map(Some));
    assert_eq!(shanxi.terms.r34.guidance_at_most, Some(3));
}

#[test]
fn a_place_overrides_parameter_by_parameter() {
    let pack = mine("[rules.R22]\nexempt_kinds = [\"clue\"]\nSOURCE\n[rules.R26]\nseverity = \"refuse\"\nSOURCE")
        .expect("sound");
    let chain: Vec<&str> = pack.chain.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(chain, ["national", "xianning", "mine"]);
    assert_eq!(pack.terms.r22.exempt_kinds.len(), 1);
    assert!(pack.terms.r22.exempt_reasons.len() > 10, "the base's reasons stay");
    assert_eq!(pack.severity(RuleId::R22), Severity::Refuse);
    assert_eq!(pack.severity(RuleId::R26), Severity::Refuse);
    assert_eq!(pack.terms.r26.max_departments, Some(3));
    assert_eq!(pack.cited(RuleId::R26).document, "a decree");
    // whose each number is can be named
    let entry = &pack.rules[&RuleId::R06];
    let caps = entry.parameters.iter().find(|set| set.name == "caps").expect("caps");
    let counts = entry.parameters.iter().find(|set| set.name == "joint_counts").expect("counts");
    assert_eq!((caps.set_by.as_str(), counts.set_by.as_str()), ("xianning", "national"));
    assert_eq!(counts.value, Value::Text("each".into()));
}

#[test]
fn every_defect_of_a_pack_is_reported() {
    let defects = mine(
        r#"
        colour = "red"
        [rules.R25]
        [rules.R06]
        severity = "stern"
        joint_counts = "twice"
        caps = [{ at_most = -1 }, { risk = "E" }, { industries = ["6"] }, { depatment = "x" }]
        [rules.R14]
        deadline = "02-30"
        SOURCE
        [rules.R22]
        days = [{ first = 0, last = 32 }]
        SOURCE
        [rules.R03]
        min_per_visit = "two"
        source = { document = "", place = "here", confidence = "Z" }
        "#,
    )
    .expect_err("defects");
    let reported: BTreeSet<(&str, &str)> =
        defects.iter().map(|(code, at)| (*code, at.as_str())).collect();
    for wanted in [
        ("unknown-field", "/colour"),
        ("unknown-rule", "/rules/R25"),
        ("unknown-value", "/rules/R06/severity"),
        ("unknown-value", "/rules/R06/joint_counts"),
        ("missing-field", "/rules/R06/source"),
        ("out-of-range", "/rules/R06/caps/0/at_most"),
        ("unknown-value", "/rules/R06/caps/1/risk"),
        ("bad-industry", "/rules/R06/caps/2/industries/0"),
        ("unknown-field", "/rules/R06/caps/3/depatment"),
        ("not-a-day", "/rules/R14/deadline"),
        ("out-of-range", "/rules/R22/days/0/first"),
        ("out-of-range", "/rules/R22/days/0/last"),
        ("missing-field", "/rules/R22/days/0/scope"),
        ("wrong-type", "/rules/R03/min_per_visit"),
        ("blank", "/rules/R03/source/document"),
        ("unknown-value", "/rules/R03/source/confidence"),
    ] {
        assert!(reported.contains(&wanted), "{wanted:?} in {reported:#?}");
    }
}

#[test]
fn chains_and_tables_that_do_not_hold_are_reported() {
    let reported = |rules: &str| mine(rules).map(|_| ()).expect_err("a defect");
    let reversed =
        reported("[rules.R22]\ndays = [{ first = 9, last = 3, scope = \"all\" }]\nSOURCE");
    assert_eq!(reversed, [("days-reversed", "/rules/R22/days/0/last".into())]);
    let twice = reported("[rules.R06]\ncaps = [{ at_most = 2 }, { at_most = 3 }]\nSOURCE");
    assert_eq!(twice, [("duplicate-row", "/rules/R06/caps/1".into())]);
    let alone = resolve(read(HEAD).expect("a document"), &shipped_document).expect_err("empty");
    assert_eq!(alone.len(), RuleId::ALL.len());
    assert!(alone.iter().all(|defect| defect.code() == "missing-rule"));
    let text = format!("{HEAD}extends = \"nowhere\"");
    let unknown =
        resolve(read(&text).expect("a document"), &shipped_document).expect_err("unknown");
    assert_eq!(unknown[0].code(), "unknown-pack");
    let text = format!("{HEAD}extends = \"mine\"");
    let document = read(&text).expect("a document");
    let circle = resolve(document.clone(), &|_| Some(document.clone())).expect_err("a circle");
    assert_eq!((circle[0].code(), circle[0].pointer.as_str()), ("circle", "/extends"));
}

#[test]
fn the_json_form_has_every_rule_with_its_parameters() {
    let pack = rule_pack::RulePack::from(&shipped_pack("xianning").expect("shipped"));
    let json = serde_json::to_value(&pack).expect("JSON");
    let caps = &json["rules"][5];
    assert_eq!(caps["rule"], "R06");
    assert_eq!(caps["severity"], "refuse");
    assert_eq!(caps["sources"][1]["pack"], "xianning");
    assert_eq!(caps["sources"][1]["confidence"], "B");
    assert_eq!(caps["parameters"][0]["value"][0]["at_most"], 2);
    assert_eq!(caps["parameters"][0]["set_by"], "xianning");
    assert_eq!(json["chain"][0]["id"], "national");
}

#[test]
fn the_command_line_lists_explains_and_checks() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    let list = onevisit(at, &["rules", "list"]);
    assert_eq!(list.status.code(), Some(0));
    assert!(text(&list.stdout).contains("咸宁市 · Xianning"), "{}", text(&list.stdout));

    let caps = onevisit(at, &["rules", "explain", "r06", "--pack", "xianning"]);
    let printed = text(&caps.stdout);
    for wanted in
        ["年度频次上限 · Yearly cap", "at_most 2", "set by xianning", "big5.news.cn", "[B]"]
    {
        assert!(printed.contains(wanted), "{wanted} in {printed}");
    }
    let unknown = onevisit(at, &["rules", "explain", "--pack", "atlantis"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(text(&unknown.stderr).contains("yongchun"));

    let file = format!("{HEAD}extends = \"national\"\n[rules.R27]\nmax_minutes = 90\n{SOURCE}\n");
    std::fs::write(at.join("mine.toml"), file).expect("written");
    let own = onevisit(at, &["rules", "explain", "R27", "--file", "mine.toml", "--report", "json"]);
    let own: serde_json::Value = serde_json::from_slice(&own.stdout).expect("JSON");
    assert_eq!(own["rules"][0]["parameters"][0]["value"], 90);
    let check = onevisit(at, &["rules", "check", "mine.toml"]);
    assert_eq!(check.status.code(), Some(0), "{}", text(&check.stderr));
    assert!(text(&check.stdout).contains("national v1 → mine v3"));

    std::fs::write(at.join("bad.toml"), "id = 1\n[rules.R06]\ncap = 2\n").expect("written");
    let check = onevisit(at, &["rules", "check", "bad.toml"]);
    assert_eq!(check.status.code(), Some(3));
    let printed = text(&check.stderr);
    for wanted in ["/format", "/id", "/version", "/rules/R06/cap:", "/rules/R06/source"] {
        assert!(printed.contains(wanted), "{wanted} in {printed}");
    }
}
