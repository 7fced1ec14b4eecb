//! The worst input of each kind that is accepted, or refused only late: how long the reader and the use
//! case take for it, and how much memory. `make worst` prints the figures and fails over the budgets.

use crate::support::county::{caller, credit_code, enterprise, request, scenario, settle, with};
use crate::support::database::{Database, read, sqlite};
use onevisit::app::requests::filing;
use onevisit::app::{App, StoreOptions, register};
use onevisit::samples::generate::{Options, generate};
use onevisit::wire::access::user::Team;
use onevisit::wire::json::{VALUES_MAX, from_body};
use onevisit::wire::law::rule_pack;
use onevisit::wire::register::Kind;
use onevisit::wire::register::scenario::Scenario;
use onevisit::wire::requests::filing::{BATCH_MAX, Batch};
use onevisit::wire::requests::request::{NewRequest, WINDOW_DAYS_MAX};
use onevisit::wire::tabular::{self, CELLS_MAX, ROWS_MAX, Rows, TEXT_BYTES_MAX};
use serde_json::{Value, json};
use std::hint::black_box;
use std::io::{Cursor, Write};
use std::time::Instant;

/// Largest body, in bytes.
const BODY_BYTES: usize = 4 << 20;

/// A line of `/proc/self/status`, in bytes.
fn status(name: &str) -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    let kib = line.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok());
    kib.expect("a number") * 1024
}

/// What was over its budget.
#[derive(Default)]
struct Figures(Vec<String>);

impl Figures {
    /// Does something and prints seconds and the peak of memory beyond what was held before.
    fn measure<T>(
        &mut self,
        name: &str,
        (seconds_max, mib_max): (f64, u64),
        work: impl FnOnce() -> T,
    ) {
        // begins the peak anew; `make worst` has the allocator give back what is free
        std::fs::write("/proc/self/clear_refs", "5").expect("Linux");
        let (before, start) = (status("VmRSS"), Instant::now());
        black_box(work());
        let seconds = start.elapsed().as_secs_f64();
        let mib = status("VmHWM").saturating_sub(before) >> 20;
        println!("{name:<58} {seconds:>6.2} s of {seconds_max:>4.1}  {mib:>4} MiB of {mib_max:>4}");
        if seconds > seconds_max || mib > mib_max {
            self.0.push(name.to_owned());
        }
    }
}

fn batch(element: impl Fn(usize) -> Value) -> Vec<u8> {
    let requests: Vec<Value> = (0..BATCH_MAX).map(element).collect();
    json!({ "requests": requests }).to_string().into_bytes()
}

fn long_window() -> Value {
    let first: chrono::NaiveDate = "2026-03-03".parse().expect("a day");
    let last = first + chrono::Days::new(WINDOW_DAYS_MAX as u64 - 1);
    json!({ "latest": last })
}

fn opened(database: &Database) -> App {
    let options = crate::support::database::options();
    let app = App::open(&database.address, &StoreOptions::default(), options).expect("it opens").0;
    settle(&app);
    app
}

/// A workbook of one sheet with these bytes in place of the sheet's own.
fn with_sheet(sheet: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    let header = ["id".to_owned()];
    tabular::write(tabular::FileForm::Xlsx, &header, std::iter::empty(), &mut plain).expect("it");
    let mut old = zip::ZipArchive::new(Cursor::new(plain)).expect("a workbook");
    let mut new = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for part in 0..old.len() {
        let mut part = old.by_index(part).expect("a part");
        let name = part.name().expect("a name").into_owned();
        new.start_file(&name, zip::write::SimpleFileOptions::default()).expect("a part");
        if name.contains("worksheets/sheet") {
            new.write_all(sheet).expect("written");
        } else {
            std::io::copy(&mut part, &mut new).expect("copied");
        }
    }
    new.finish().expect("a workbook").into_inner()
}

#[test]
#[ignore = "takes a minute; `make worst`"]
fn figures_of_the_worst() {
    let mut figures = Figures::default();
    let usual = (2.0, 256);

    let note = |bytes: usize| json!({ "note": "x".repeat(bytes) });
    let long = batch(|n| with(request("licence", &credit_code(n)), note(230)));
    assert!(long.len() < BODY_BYTES);
    figures.measure("batch of 10,000, as long as a body may be", usual, || {
        from_body::<Batch>(&long).expect("sound")
    });
    let odd: Value =
        (0..47).map(|n| (format!("{n}"), json!(0))).collect::<serde_json::Map<_, _>>().into();
    let odd = batch(|_| odd.clone());
    assert!(odd.len() < BODY_BYTES);
    figures.measure("batch of 10,000, every one of 47 unknown fields", usual, || {
        from_body::<Batch>(&odd).expect("each has its defects").requests.len()
    });
    let fields: Vec<String> = (0..VALUES_MAX - 80_000).map(|n| format!("\"{n:x}\":0")).collect();
    let fields = format!("{{{}}}", fields.join(","));
    assert!(fields.len() < BODY_BYTES);
    figures.measure("request of 420,000 unknown fields (refused)", usual, || {
        from_body::<NewRequest>(fields.as_bytes()).expect_err("unknown")
    });
    let twice = format!("{{{}}}", vec!["\"a\":0"; VALUES_MAX - 1].join(","));
    figures.measure("request of one field 499,999 times (refused)", usual, || {
        from_body::<NewRequest>(twice.as_bytes()).expect_err("repeated")
    });
    let members = format!("{{\"members\":[{}]}}", vec!["\"a\""; VALUES_MAX - 10].join(","));
    figures.measure("list of 499,990 texts (refused)", usual, || {
        from_body::<Team>(members.as_bytes()).expect_err("too many")
    });
    let lists = format!("[{}", "[],".repeat(BODY_BYTES / 3 - 1));
    figures.measure("1,400,000 values (refused)", usual, || {
        from_body::<Team>(lists.as_bytes()).expect_err("too many")
    });
    let text = format!("{{\"kind\":\"{}\"}}", "x".repeat(BODY_BYTES - 20));
    figures.measure("a text of 4 MiB that is reported (refused)", usual, || {
        from_body::<NewRequest>(text.as_bytes()).expect_err("unknown")
    });

    let mut wide = scenario();
    let item = wide["departments"][1]["items"][0].clone();
    let part = |d: usize| {
        let items: Vec<Value> =
            (0..170).map(|i| with(item.clone(), json!({ "id": format!("{d}-{i}") }))).collect();
        json!({ "id": format!("d{d}"), "name": { "zh": "部门", "en": "d" }, "items": items })
    };
    wide["departments"] = (0..100).map(part).collect();
    wide["lead"] = json!("d0");
    let wide = wide.to_string();
    assert!(wide.len() < BODY_BYTES, "{}", wide.len());
    figures.measure("scenario of 100 departments with 170 items each", usual, || {
        from_body::<Scenario>(wide.as_bytes()).expect("sound")
    });
    let row = "{at_most=9},";
    let pack = format!(
        "format=\"onevisit-rules/1\"\nid=\"x\"\nversion=1\nfrom=2026-01-01\nname={{zh=\"x\",en=\"x\"}}\n\
         [rules.R06]\ncaps=[{}]\n",
        row.repeat(16_000)
    );
    assert!(pack.len() < 200_000);
    figures.measure("rule pack of 200,000 bytes (refused)", usual, || {
        rule_pack::read(&pack).map(|_| ()).expect_err("too long a list")
    });

    let generated = generate(&Options { enterprises: 40_000, ..Options::default() });
    let mut problem = Vec::new();
    onevisit::wire::planning::problem::write(generated.facts(), &mut problem).expect("written");
    drop(generated);
    figures.measure("problem of 40,000 enterprises", usual, || {
        onevisit::wire::planning::problem::read(&problem[..]).expect("sound")
    });
    drop(problem);

    let table = |bytes: &[u8]| {
        let table = tabular::read(bytes).map_err(|defects| defects[0].code())?;
        let rows = Rows::new("areas", tabular::columns(Kind::Areas), &table.header);
        Ok::<_, &str>((table.rows.len(), rows.is_ok()))
    };
    let columns = CELLS_MAX / ROWS_MAX - 1;
    let line = |cell: &str| format!("{}\n", vec![cell; columns].join(","));
    let csv = format!("{}{}", line("h"), line("x").repeat(ROWS_MAX));
    figures.measure("CSV file of 200,000 rows and 3,800,000 cells", (3.0, 320), || {
        table(csv.as_bytes()).expect("read")
    });
    let gb = encoding_rs::GB18030.encode(&"业".repeat(2_000)).0.into_owned();
    let gb = [&b"h\n"[..], &[&gb[..], b"\n"].concat().repeat((TEXT_BYTES_MAX / 6_000).min(16_000))]
        .concat();
    assert!(gb.len() <= tabular::FILE_BYTES_MAX, "{}", gb.len());
    figures.measure("CSV file of 64 MiB in GB18030", (3.0, 320), || table(&gb).expect("read"));
    drop(gb);
    let cell = "<c t=\"inlineStr\"><is><t>x</t></is></c>";
    let rows = 100_000;
    let sheet = |row: &str| {
        let head = "<worksheet><sheetData>";
        format!("{head}{}</sheetData></worksheet>", row.repeat(rows)).into_bytes()
    };
    let many = with_sheet(&sheet(&format!("<row>{}</row>", cell.repeat(columns))));
    figures.measure("workbook of 100,000 rows and 1,900,000 cells", (4.0, 256), || {
        table(&many).expect("read")
    });
    let far = with_sheet(&sheet(&format!(
        "<row><c r=\"BL1\" t=\"inlineStr\"><is><t>{}</t></is></c></row>",
        "x".repeat(20)
    )));
    figures.measure("workbook of far cells (refused)", (4.0, 256), || table(&far));
    let blank = with_sheet(&sheet(&format!("<row>{}</row>", "<c/>".repeat(600))));
    figures.measure("workbook of 60,000,000 empty cells (refused)", usual, || table(&blank));

    let database = sqlite();
    let app = opened(&database);
    let (fresh, caller) = (credit_code(10), caller());
    let shop = |serial: usize| read(enterprise(&credit_code(serial), "east", "6210"));
    let shops: Vec<_> = (10..=BATCH_MAX + 11).map(shop).collect();
    register::add_enterprises(&app, &caller, &shops).expect("enterprises");
    let single: NewRequest = read(with(request("licence", &fresh), long_window()));
    figures.measure("filing a request with a window of three years", usual, || {
        filing::file(&app, &caller, &single).expect("filed")
    });
    let windows = batch(|n| with(request("licence", &credit_code(n + 11)), long_window()));
    let windows: Batch = from_body(&windows).expect("sound");
    figures.measure("filing 10,000 with windows of three years", (20.0, 256), || {
        filing::file_batch(&app, &caller, &windows, false, None).expect("filed")
    });
    assert!(figures.0.is_empty(), "over their budgets: {:?}", figures.0);
}
