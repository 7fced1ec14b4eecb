//! A made-up district to try everything on, drawn from the shipped scenarios. Same options, same
//! district; nothing in it is real, and its names say so.

mod draw;
mod powers;

use super::access::Caller;
use super::error::{Error, Result};
use super::record::act;
use super::{App, register, register_files, requests};
use crate::wire::register::{Area, Enterprise, Item, Kind, Pool, Record};
use crate::wire::request::NewRequest;
use crate::wire::run::{NewRun, Run};
use crate::wire::scenario::Scenario;
use chrono::NaiveDate;

pub use draw::district;

/// The day that it is in the demo.
pub fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 9, 21).expect("a day")
}

/// What to make.
#[derive(Clone, Debug)]
pub struct Options {
    /// Number of enterprises, at least 1.
    pub enterprises: usize,
    /// Seed of the random numbers.
    pub seed: u64,
}

/// A district before it is filed.
pub struct District {
    /// Its name in both languages.
    pub name: crate::wire::register::Name,
    /// First day of the quarter.
    pub start: NaiveDate,
    /// Last day of the quarter.
    pub end: NaiveDate,
    /// The district, and the towns and subdistricts in it.
    pub areas: Vec<Area>,
    /// The shipped scenarios, which bring their departments and items.
    pub scenarios: Vec<Scenario>,
    /// Items of no scenario.
    pub items: Vec<Item>,
    /// Inspectors' time.
    pub pools: Vec<Pool>,
    /// Who is inspected.
    pub enterprises: Vec<Enterprise>,
    /// Bodies, inspectors, what items ask for, standard checks, and who may do what where.
    pub records: Vec<(Kind, Vec<Record>)>,
    /// A quarter of requests.
    pub requests: Vec<NewRequest>,
}

/// The setting that marks a database as the demo's: options of the district in it.
const MARK: &str = "demo";
/// Name beside what the demo files.
const CALLER: &str = "demo";
/// Requests filed in one transaction.
const CHUNK: usize = 500;

/// Files a district through the use cases that users have. What stands there already is passed
/// over, so that a start that was cut short can be repeated; a database with other data is refused.
pub fn file(app: &App, options: &Options, district: &District) -> Result<()> {
    let caller = &Caller::service(CALLER);
    mark(app, options)?;
    for area in &district.areas {
        unless_taken(register::add_area(app, caller, area))?;
    }
    for scenario in &district.scenarios {
        register::add_scenario(app, caller, scenario)?;
    }
    for item in &district.items {
        unless_taken(register::add_item(app, caller, item))?;
    }
    for pool in &district.pools {
        unless_taken(register::add_pool(app, caller, pool))?;
    }
    for chunk in district.enterprises.chunks(CHUNK) {
        unless_taken(register::add_enterprises(app, caller, chunk))?;
    }
    for (kind, records) in &district.records {
        register_files::take(app, caller, *kind, records)?;
    }
    for chunk in district.requests.chunks(CHUNK) {
        requests::file_all(app, caller, chunk)?;
    }
    Ok(())
}

fn unless_taken(result: Result<()>) -> Result<()> {
    match result {
        Err(error) if error.is_taken() => Ok(()),
        other => other,
    }
}

fn mark(app: &App, options: &Options) -> Result<()> {
    let wanted = format!("enterprises {}, seed {}", options.enterprises, options.seed);
    app.store.write(|tx| match tx.setting(MARK)? {
        Some(found) if found == wanted => Ok(()),
        Some(found) => Err(Error::conflict(
            "other-demo",
            format!(
                "This database holds another demo district ({found}, not {wanted}); name another \
                 database."
            ),
        )),
        None if !tx.areas("", 1)?.is_empty() || !tx.departments("", 1)?.is_empty() => {
            Err(Error::conflict(
                "not-empty",
                "This database holds data of its own; the demo needs an empty one.",
            ))
        }
        None => {
            tx.add_setting(MARK, &wanted)?;
            let told = serde_json::json!({ "district": wanted });
            act("demo", MARK, "begin").after(&told).tell(app, tx, &Caller::service(CALLER));
            Ok(())
        }
    })
}

/// Limits of the demo's run.
#[derive(Clone, Debug)]
pub struct RunLimits {
    /// Limit of subproblems.
    pub work: Option<i64>,
    /// Limit of seconds.
    pub seconds: Option<f64>,
    /// Gap at which it stops.
    pub gap: f64,
}

/// Asks for the demo's plan, unless it was asked for already: then the run that was.
pub fn plan(app: &App, district: &District, limits: &RunLimits) -> Result<Run> {
    let caller = &Caller::service(CALLER);
    let standing = app.store.read(|tx| tx.first_run_by(CALLER))?;
    if let Some(run) = standing {
        return Ok(run);
    }
    let new = NewRun {
        name: Some(district.name.en.clone()),
        start: Some(district.start),
        end: Some(district.end),
        policy: None,
        seed: Some(1),
        work: limits.work,
        seconds: limits.seconds,
        gap: Some(limits.gap),
    };
    super::runs::submit(app, caller, &new)
}
