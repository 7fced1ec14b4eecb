//! The binary, in a temporary folder, as a user runs it.

use onevisit::samples::generate::{Options, generate};
use onevisit::wire;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

fn onevisit(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_onevisit"));
    command.current_dir(folder).args(args).stdin(Stdio::null());
    command.output().expect("the program runs")
}

fn code(output: &Output) -> Option<i32> {
    output.status.code()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("text")
}

/// A folder with a made-up problem, `p.json`.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let problem = generate(&Options { enterprises: 30, every_field: true, ..Options::default() });
    let file = fs::File::create(folder.path().join("p.json")).expect("a file");
    wire::planning::problem::write(problem.facts(), file).expect("written");
    folder
}

#[test]
fn solve_check_and_diff_go_together() {
    let folder = folder();
    let at = folder.path();
    let solved = onevisit(
        at,
        &[
            "solve",
            "p.json",
            "--out",
            "a.json",
            "--work",
            "3000",
            "--threads",
            "2",
            "--report",
            "json",
        ],
    );
    assert_eq!(code(&solved), Some(0), "{}", err(&solved));
    assert_eq!(err(&solved), "", "quiet in a pipe");
    let report: Value = serde_json::from_str(&out(&solved)).expect("a report");
    for field in [
        "cost",
        "parts",
        "bound",
        "gap",
        "controllable_gap",
        "impossible",
        "visits",
        "separate_visits",
        "joint_visits",
        "scheduled",
        "requests",
        "seconds",
        "stopped_by",
        "seed",
    ] {
        assert!(!report[field].is_null(), "{field} in {report}");
    }
    let parts = report["parts"].as_object().expect("parts");
    let sum: i64 = parts.values().map(|part| part.as_i64().expect("whole")).sum();
    assert_eq!(sum, report["cost"].as_i64().expect("whole"));
    let checked = onevisit(at, &["check", "p.json", "a.json"]);
    assert_eq!((code(&checked), out(&checked).starts_with("valid:")), (Some(0), true));
    // another seed, packed
    let args = ["solve", "p.json", "--out", "b.json.gz", "--work", "900", "--seed", "9"];
    assert_eq!(code(&onevisit(at, &args)), Some(0));
    assert_eq!(fs::read(at.join("b.json.gz")).expect("a plan")[..2], [0x1f, 0x8b]);
    let diff = onevisit(at, &["diff", "p.json", "a.json", "b.json.gz"]);
    assert_eq!(code(&diff), Some(0), "{}", err(&diff));
    assert!(out(&diff).contains(" unchanged\nvisits "), "{}", out(&diff));
    // no temporary file stays behind
    let names = fs::read_dir(at).expect("a folder").map(|e| e.expect("entry").file_name());
    assert!(names.into_iter().all(|name| !name.to_string_lossy().starts_with(".onevisit")));
}

#[test]
fn the_same_run_gives_the_same_bytes() {
    let folder = folder();
    let run = |name: &str| {
        let args = ["solve", "p.json", "--out", name, "--work", "5000", "--threads", "2"];
        assert_eq!(code(&onevisit(folder.path(), &args)), Some(0));
        fs::read(folder.path().join(name)).expect("a plan")
    };
    assert_eq!(run("a.json"), run("b.json"));
}

#[test]
fn a_plan_that_breaks_rules_is_reported_and_exits_with_1() {
    let folder = folder();
    let at = folder.path();
    assert_eq!(
        code(&onevisit(at, &["solve", "p.json", "--out", "a.json", "--work", "900"])),
        Some(0)
    );
    let mut plan: Value =
        serde_json::from_slice(&fs::read(at.join("a.json")).expect("plan")).expect("json");
    plan["visits"][0]["date"] = "2026-03-07".into();
    fs::write(at.join("a.json"), plan.to_string()).expect("written");
    let checked = onevisit(at, &["check", "p.json", "a.json"]);
    assert_eq!(code(&checked), Some(1));
    assert!(
        out(&checked).contains("/visits/0: ") && out(&checked).contains("[rule 2, closed-day]")
    );
    let checked = onevisit(at, &["check", "p.json", "a.json", "--report", "json"]);
    let found: Value = serde_json::from_str(&out(&checked)).expect("json");
    assert_eq!((code(&checked), &found["valid"]), (Some(1), &Value::Bool(false)));
}

#[test]
fn bad_files_are_reported_in_two_lines_and_exit_with_3() {
    let folder = folder();
    let at = folder.path();
    let missing = onevisit(at, &["solve", "nowhere.json"]);
    assert_eq!(code(&missing), Some(3));
    assert!(
        err(&missing).starts_with("error: nowhere.json: cannot be read: "),
        "{}",
        err(&missing)
    );
    let text = fs::read_to_string(at.join("p.json")).expect("problem");
    let bad = text.replacen("\"penalty\":", "\"penality\":", 3);
    fs::write(at.join("bad.json"), bad).expect("written");
    let solved = onevisit(at, &["solve", "bad.json", "--out", "a.json"]);
    assert_eq!((code(&solved), err(&solved).lines().count()), (Some(3), 2), "{}", err(&solved));
    assert!(err(&solved).contains("bad.json: /requests/0/penalty: "), "{}", err(&solved));
    assert!(err(&solved).contains("and 5 more"), "{}", err(&solved));
    assert!(!at.join("a.json").exists(), "nothing half-done");
    let listed = onevisit(at, &["check", "bad.json"]);
    assert_eq!((code(&listed), out(&listed).lines().count()), (Some(3), 6));
    let listed = onevisit(at, &["check", "bad.json", "--report", "json"]);
    let found: Value = serde_json::from_str(&out(&listed)).expect("json");
    assert_eq!(found["defects"].as_array().map(Vec::len), Some(6));
    assert_eq!(code(&onevisit(at, &["check", "p.json"])), Some(0));
}

#[test]
fn what_cannot_be_written_is_reported_before_or_after_and_exits_with_4() {
    let folder = folder();
    let at = folder.path();
    let early =
        onevisit(at, &["solve", "p.json", "--out", "no/such/folder/a.json", "--seconds", "600"]);
    assert_eq!(code(&early), Some(4), "reported before time is spent");
    assert!(err(&early).contains("a.json: cannot be written: "), "{}", err(&early));
    let folder_in_the_way = onevisit(at, &["solve", "p.json", "--out", ".", "--seconds", "600"]);
    assert_eq!(code(&folder_in_the_way), Some(4));
    if !Path::new("/dev/full").exists() {
        return;
    }
    // a full disk: the plan is kept elsewhere
    let mut command = Command::new(env!("CARGO_BIN_EXE_onevisit"));
    command.current_dir(at).env("TMPDIR", at).args(["solve", "p.json", "--out", "/dev/full"]);
    let full = command.args(["--work", "900"]).output().expect("the program runs");
    assert_eq!(code(&full), Some(4));
    assert!(err(&full).contains("/dev/full: cannot be written: No space left"), "{}", err(&full));
    let kept = err(&full).lines().find_map(|l| l.split_once("is kept in ").map(|p| p.1.to_owned()));
    let kept = kept.expect("the note says where");
    assert_eq!(code(&onevisit(at, &["check", "p.json", &kept])), Some(0));
    // standard output full
    let device = fs::File::options().write(true).open("/dev/full").expect("the device");
    let mut command = Command::new(env!("CARGO_BIN_EXE_onevisit"));
    command.current_dir(at).args(["solve", "p.json", "--work", "900"]).stdout(device);
    let full = command.output().expect("the program runs");
    assert_eq!(code(&full), Some(4));
    assert!(err(&full).contains("standard output: No space left"), "{}", err(&full));
}

#[cfg(unix)]
#[test]
fn links_and_devices_are_written_through() {
    let folder = folder();
    let at = folder.path();
    fs::write(at.join("real.json"), "old").expect("written");
    std::os::unix::fs::symlink("real.json", at.join("link.json")).expect("a link");
    assert_eq!(
        code(&onevisit(at, &["solve", "p.json", "--out", "link.json", "--work", "900"])),
        Some(0)
    );
    assert!(at.join("link.json").is_symlink(), "a link stays a link");
    assert_eq!(code(&onevisit(at, &["check", "p.json", "real.json"])), Some(0));
    let shell = format!(
        "{} solve p.json --out /dev/stdout --work 900 | cat > out.json",
        env!("CARGO_BIN_EXE_onevisit")
    );
    let status = Command::new("sh").current_dir(at).args(["-c", &shell]).status().expect("a shell");
    assert!(status.success() && Path::new("/dev/stdout").is_symlink());
    assert!(fs::read_to_string(at.join("out.json")).expect("out").contains("onevisit-plan/1"));
}

#[cfg(unix)]
#[test]
fn a_reader_that_has_seen_enough_does_not_change_the_verdict() {
    let folder = folder();
    let at = folder.path();
    fs::write(at.join("bad.json"), "{}").expect("written");
    let program = env!("CARGO_BIN_EXE_onevisit");
    for (command, expected) in
        [("check bad.json", "3"), ("check p.json", "0"), ("calendar 2026-01-01 2026-01-09", "0")]
    {
        // the reader is gone before the first byte
        let shell =
            format!("{{ sleep 0.2; {program} {command} 2>/dev/null; echo $? >&3; }} 3>code | true");
        Command::new("sh").current_dir(at).args(["-c", &shell]).status().expect("a shell");
        let mut code = String::new();
        for _ in 0..100 {
            code = fs::read_to_string(at.join("code")).unwrap_or_default();
            if !code.is_empty() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        assert_eq!(code.trim(), expected, "{command}");
    }
}

#[test]
fn defects_of_a_plan_are_listed_too() {
    let folder = folder();
    let at = folder.path();
    fs::write(at.join("plan.json"), "{\"format\": 1, \"problem\": 2, \"visits\": [{}]}")
        .expect("written");
    let checked = onevisit(at, &["check", "p.json", "plan.json"]);
    assert_eq!((code(&checked), out(&checked).lines().count()), (Some(3), 5));
    let diff = onevisit(at, &["diff", "p.json", "plan.json", "plan.json"]);
    assert!(err(&diff).contains("`onevisit check PROBLEM plan.json` lists them"), "{}", err(&diff));
}

#[cfg(unix)]
#[test]
fn ctrl_c_stops_and_keeps_the_best_plan() {
    use std::io::Read;
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    // too large and too tight to be solved to the end
    let options = Options { enterprises: 900, slack_percent: 60, ..Options::default() };
    let file = fs::File::create(at.join("p.json")).expect("a file");
    wire::planning::problem::write(generate(&options).facts(), file).expect("written");
    let args = ["solve", "p.json", "--out", "a.json", "--seconds", "600", "--report", "json"];
    let mut child = Command::new(env!("CARGO_BIN_EXE_onevisit"))
        .current_dir(at)
        .args(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    // the temporary file shows that the run is under way and the signal will be heard
    let is_under_way = || {
        let names = fs::read_dir(at).expect("folder").map(|e| e.expect("entry").file_name());
        names.into_iter().any(|name| name.to_string_lossy().starts_with(".onevisit"))
    };
    for _ in 0..600 {
        if is_under_way() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    std::thread::sleep(std::time::Duration::from_millis(500));
    let pid = child.id().to_string();
    let killed = Command::new("kill").args(["-INT", &pid]).status().expect("kill runs");
    assert!(killed.success());
    let mut text = String::new();
    child.stdout.take().expect("piped").read_to_string(&mut text).expect("text");
    assert_eq!(child.wait().expect("ends").code(), Some(0));
    let report: Value = serde_json::from_str(&text).expect("a report");
    assert_eq!(report["stopped_by"], "interrupt");
    assert_eq!(code(&onevisit(at, &["check", "p.json", "a.json"])), Some(0));
}

#[cfg(unix)]
#[test]
fn a_second_ctrl_c_leaves_nothing_half_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    let options = Options { enterprises: 900, slack_percent: 60, ..Options::default() };
    let file = fs::File::create(at.join("p.json")).expect("a file");
    wire::planning::problem::write(generate(&options).facts(), file).expect("written");
    let names = || {
        let names = fs::read_dir(at).expect("folder").map(|e| e.expect("entry").file_name());
        names.map(|name| name.to_string_lossy().into_owned()).collect::<Vec<_>>()
    };
    // the run may end between the two signals; one of a few tries is quick enough
    for _ in 0..20 {
        let mut child = Command::new(env!("CARGO_BIN_EXE_onevisit"))
            .current_dir(at)
            .args(["solve", "p.json", "--out", "a.json", "--seconds", "600"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program runs");
        while !names().iter().any(|name| name.starts_with(".onevisit")) {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        std::thread::sleep(std::time::Duration::from_millis(500));
        let interrupt = ["-INT", &child.id().to_string()].map(str::to_owned);
        while child.try_wait().expect("a child").is_none() {
            Command::new("kill")
                .args(&interrupt)
                .stderr(Stdio::null())
                .status()
                .expect("kill runs");
        }
        let ended = child.wait().expect("ended").code();
        assert!(names().iter().all(|name| !name.starts_with(".onevisit")), "{:?}", names());
        if ended == Some(130) {
            assert_eq!(names(), ["p.json"]);
            return;
        }
        assert_eq!(ended, Some(0));
        fs::remove_file(at.join("a.json")).expect("the plan");
    }
    panic!("the run always ended after the first signal");
}

#[test]
fn the_demo_prints_tables_and_writes_its_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    let demo = onevisit(at, &["demo", "--real", "--work", "20000", "--out", "demo"]);
    assert_eq!(code(&demo), Some(0), "{}", err(&demo));
    let text = out(&demo);
    for part in [
        "4,246 inspections of nine trades at 2,667 sites",
        "roofing",
        "Thu 29 May",
        "Busiest",
        "proven",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let checked = onevisit(at, &["check", "demo/problem.json", "demo/plan.json"]);
    assert_eq!(code(&checked), Some(0), "{}", out(&checked));
    let page = fs::read_to_string(at.join("demo/plan.html")).expect("the page");
    assert!(page.contains("plumbing") && page.contains("综合查一次") && !page.contains("http://"));
    assert!(
        fs::read_to_string(at.join("demo/report.json")).expect("the report").contains("\"bound\"")
    );
}

#[test]
fn help_teaches_and_bad_use_exits_with_2() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    let help = onevisit(at, &["--help"]);
    assert_eq!(code(&help), Some(0));
    for part in ["solve", "check", "diff", "demo", "generate", "calendar", "Exit codes", "Try it"] {
        assert!(out(&help).contains(part), "{part}");
    }
    for args in [
        &["solve"][..],
        &["solve", "p.json", "--gap", "2"],
        &["solve", "p.json", "--threads", "0"],
        &["solve", "p.json", "--seconds", "-1"],
        &["fly"],
        &["calendar", "2026-01-01", "1 May"],
        &["calendar", "2026-12-31", "2027-01-02"],
    ] {
        assert_eq!(code(&onevisit(at, args)), Some(2), "{args:?}");
    }
    for shell in ["bash", "zsh", "fish"] {
        let script = onevisit(at, &["completions", shell]);
        assert!(out(&script).contains("onevisit"), "{shell}");
    }
    let closed = onevisit(at, &["calendar", "2026-05-01", "2026-05-10"]);
    let expected = "[\"2026-05-01\",\"2026-05-02\",\"2026-05-03\",\"2026-05-04\",\"2026-05-05\",\"2026-05-10\"]\n";
    assert_eq!(out(&closed), expected);
}

#[test]
fn what_generate_prints_is_a_sound_problem() {
    let folder = tempfile::tempdir().expect("a folder");
    let made = onevisit(
        folder.path(),
        &["generate", "--enterprises", "5", "--every-field", "--seed", "3"],
    );
    fs::write(folder.path().join("g.json"), &made.stdout).expect("written");
    let checked = onevisit(folder.path(), &["check", "g.json"]);
    assert_eq!((code(&checked), out(&checked).starts_with("sound: ")), (Some(0), true));
}

#[test]
fn a_certificate_is_upheld_until_somebody_changes_it() {
    let folder = folder();
    let at = folder.path();
    let args = ["solve", "p.json", "--work", "3000", "--certificate", "c.json", "--curve", "c.csv"];
    let solved = onevisit(at, &args);
    assert_eq!(code(&solved), Some(0), "{}", err(&solved));
    let curve = fs::read_to_string(at.join("c.csv")).expect("a curve");
    assert!(curve.starts_with("seconds,cost,bound\n") && curve.lines().count() > 1, "{curve}");
    let certified = onevisit(at, &["certify", "p.json", "c.json"]);
    assert_eq!(code(&certified), Some(0), "{}", err(&certified));
    assert!(out(&certified).starts_with("upheld: no valid plan costs less than "));
    let text = fs::read_to_string(at.join("c.json")).expect("a certificate");
    let sound: Value = serde_json::from_str(&text).expect("JSON");
    let judged = |name: &str, change: &dyn Fn(&mut Value)| {
        let mut other = sound.clone();
        change(&mut other);
        fs::write(at.join(name), other.to_string()).expect("written");
        onevisit(at, &["certify", "p.json", name, "--report", "json"])
    };
    let greedy =
        judged("greedy.json", &|c| c["bound"] = (c["bound"].as_i64().expect("a bound") + 1).into());
    assert_eq!(code(&greedy), Some(1), "a claim beyond the proof");
    let verdict: Value = serde_json::from_str(&out(&greedy)).expect("JSON");
    assert_eq!((&verdict["upheld"], &verdict["bound"]), (&false.into(), &sound["bound"]));
    let odd = judged("odd.json", &|c| {
        c["leaves"][0]["colour"] = 1.into();
        c["leaves"][0]["cells"] =
            serde_json::json!([{"pool": "nobody", "date": "2026-03-02", "minute": 1}]);
    });
    assert_eq!(code(&odd), Some(3), "{}", err(&odd));
    assert!(out(&odd).contains("unknown-field"), "{}", out(&odd));
    let unknown = judged("unknown.json", &|c| {
        c["leaves"][0]["cells"] =
            serde_json::json!([{"pool": "nobody", "date": "2026-03-02", "minute": 1}]);
    });
    assert_eq!(code(&unknown), Some(3));
    assert!(out(&unknown).contains("unknown-pool"), "{}", out(&unknown));
    // half of the plans only: the other half may hold a cheaper one
    let half = judged("half.json", &|c| {
        let decision =
            serde_json::json!([{"request": "R0000000", "until": "2026-03-31", "held": true}]);
        c["leaves"][0]["decisions"] = decision;
    });
    assert_eq!(code(&half), Some(3));
    assert!(out(&half).contains("leaves-do-not-cover"), "{}", out(&half));
}

#[test]
fn presets_are_made_by_name_and_changed_by_options() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    let park = onevisit(at, &["generate", "--preset", "park"]);
    let same = onevisit(at, &["generate", "--slack", "130"]);
    let other = onevisit(at, &["generate", "--preset", "park", "--seed", "9"]);
    assert_eq!(code(&park), Some(0));
    assert!(park.stdout == same.stdout && park.stdout != other.stdout);
    let unknown = onevisit(at, &["generate", "--preset", "moon"]);
    assert_eq!(code(&unknown), Some(2));
    assert!(err(&unknown).contains("county-tight"), "the names are listed: {}", err(&unknown));
    // neighbouring seeds differ, and nothing is impossible unless asked for
    let made = |seed| generate(&Options { every_field: true, seed, ..Options::default() });
    assert_ne!(made(2).facts().requests, made(3).facts().requests);
    let options = Options { every_field: true, seed: 2, impossible: true, ..Options::default() };
    assert!(generate(&options).facts().requests.len() > made(2).facts().requests.len());
    assert!(onevisit::optimiser::impossible(&made(2)).is_empty());
}

/// What is written in each language, by Chinese first.
fn in_both(folder: &Path, args: &[&str]) -> [(Option<i32>, String); 2] {
    ["zh", "en"].map(|language| {
        let done = onevisit(folder, &[args, &["--lang", language]].concat());
        (code(&done), format!("{}{}", out(&done), err(&done)))
    })
}

fn has_chinese(text: &str) -> bool {
    text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
}

#[test]
fn reports_and_refusals_are_in_the_language_asked_for() {
    let folder = folder();
    let at = folder.path();
    fs::write(at.join("bad.json"), "{}").expect("written");
    fs::write(at.join("junk.db"), "no database at all, but some text of a fair length")
        .expect("written");
    let add = ["user", "add", "anna", "--role", "manager", "--database", "own.db", "--no-password"];
    // the second finds what the first has added
    let [(added, zh), (taken, en)] = in_both(at, &add);
    assert!(
        (added, taken) == (Some(0), Some(3)) && has_chinese(&zh) && !has_chinese(&en),
        "{zh}{en}"
    );
    let solve = ["solve", "p.json", "--work", "900", "--out", "a.json", "--certificate", "c.json"];
    for (args, expected) in [
        (&solve[..], 0),
        (&["check", "p.json"], 0),
        (&["check", "p.json", "a.json"], 0),
        (&["check", "bad.json"], 3),
        (&["certify", "p.json", "c.json"], 0),
        (&["diff", "p.json", "a.json", "a.json"], 0),
        (&["user", "list", "--database", "own.db"], 0),
        (&["token", "list", "anna", "--database", "own.db"], 0),
        (&["keys", "rotate", "--database", "own.db"], 0),
        (&["audit", "verify", "--database", "own.db"], 0),
        (&["authority", "report", "--database", "own.db"], 0),
        (&["backup", "copy.db", "--database", "own.db"], 0),
        (&["restore", "copy.db", "--database", "own.db"], 0),
        (&["restore", "p.json", "--database", "own.db"], 3),
        (&["register", "export", "items", "items.csv", "--database", "own.db"], 0),
        (&["register", "export", "items", "items.pdf", "--database", "own.db"], 2),
        (&["user", "list", "--database", "junk.db"], 3),
        (&["serve", "--database", "other.db", "--listen", "127.0.0.1:0"], 2),
        (&["calendar", "2026-12-31", "2031-01-02"], 2),
        (&["help", "nothing"], 2),
        (&["solve", "p.json", "--gap", "2"], 2),
    ] {
        let [(zh_code, zh), (en_code, en)] = in_both(at, args);
        assert!(has_chinese(&zh), "{args:?}: {zh}");
        assert!(!has_chinese(&en) && !en.is_empty(), "{args:?}: {en}");
        assert_eq!((zh_code, en_code), (Some(expected), Some(expected)), "{args:?}: {zh}{en}");
    }
    // all of a report, below the problem's name
    let [(_, zh), _] = in_both(at, &solve);
    assert!(zh.lines().skip(1).all(has_chinese), "{zh}");
}

#[test]
fn columns_of_chinese_reports_are_as_wide_as_their_words() {
    let folder = tempfile::tempdir().expect("a folder");
    let list = out(&onevisit(folder.path(), &["rules", "list", "--lang", "zh"]));
    let width =
        |text: &str| -> usize { text.chars().map(|c| if c >= '\u{2e80}' { 2 } else { 1 }).sum() };
    // days are of one length: the first of each line begins in one place
    let days = list.lines().filter_map(|line| Some(width(&line[..line.find("20")?])));
    let places: Vec<usize> = days.collect();
    assert!(places.len() > 3 && places.iter().all(|place| *place == places[0]), "{list}");
}
