//! A made-up district to try everything on, drawn from the shipped scenarios. Same options, same
//! district; nothing in it is real, and its names say so.

mod draw;
mod powers;

use crate::app::access::Caller;
use crate::app::error::{Error, Result};
use crate::app::law::campaigns;
use crate::app::paging::Paging;
use crate::app::planning::runs;
use crate::app::purpose::{self, Dedication};
use crate::app::register::files;
use crate::app::requests::filing;
use crate::app::{App, InspectionPlanFilter, register};
use crate::message;
use crate::text::say;
use crate::wire::law::campaign::{
    Approver, DoneOn, InspectionPlanKind, InspectionPlanState, InspectionPlanSteps, NewApproval,
    NewInspectionPlan,
};
use crate::wire::planning::run::{NewRun, Run};
use crate::wire::register::scenario::Scenario;
use crate::wire::register::{Area, Enterprise, Item, Kind, Pool, Record};
use crate::wire::requests::request::{Kind as Inspection, NewRequest};
use chrono::{Datelike, NaiveDate};
use std::collections::{BTreeMap, BTreeSet};

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

/// Departments whose inspectors sit in each town; those of the others serve the whole district.
const LOCAL: [&str; 4] =
    ["market_regulation", "emergency_management", "urban_management_enforcement", "fire_rescue"];
/// The area of the whole district.
const COUNTY: &str = "yunxiu";
/// Denotes the departments that published sources do not name; sends nobody.
const UNNAMED: &str = "unnamed_in_source";
/// The setting that marks a database as the demo's: options of the district in it.
const MARK: &str = "demo";
/// Name beside what the demo files.
const CALLER: &str = "demo";
/// Requests filed in one go.
const CHUNK: usize = 500;
/// Most inspections of each campaign.
const CAMPAIGN_QUOTA: i64 = 5_000;

/// Files a district through the use cases that users have. What exists already is passed
/// over, so that a start that was cut short can be repeated; a database with other data is refused.
/// Answers with why the law refused requests, in the reader's language, and how many each.
pub fn file(app: &App, options: &Options, district: &District) -> Result<BTreeMap<String, usize>> {
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
        files::take(app, caller, *kind, records)?;
    }
    let campaigns = campaigns(app, caller, district)?;
    let mut refused: BTreeMap<String, usize> = BTreeMap::new();
    for chunk in district.requests.chunks(CHUNK) {
        let plan = |request: &NewRequest| match request.kind {
            Inspection::Special => campaigns.get(&request.department).cloned(),
            _ => None,
        };
        let chunk: Vec<NewRequest> = chunk
            .iter()
            .map(|request| NewRequest { plan: plan(request), ..request.clone() })
            .collect();
        for (_, error) in filing::file_list(app, caller, &chunk)?.refused {
            let why = match &error {
                Error::Refused { findings, .. } => {
                    let first = findings.iter().find(|finding| finding.refuses());
                    first.map(|f| {
                        let (zh, en) = (f.rule.title_zh(), f.rule.title_en());
                        say(&message!("demo_rule", rule = f.rule.number(), zh = zh, en = en))
                    })
                }
                Error::Invalid(defects) => defects.first().map(|defect| defect.code().to_owned()),
                _ => None,
            };
            *refused.entry(why.unwrap_or_else(|| say(&error.message()))).or_default() += 1;
        }
    }
    Ok(refused)
}

/// A published campaign for each department that files requests of one, by department.
fn campaigns(app: &App, caller: &Caller, district: &District) -> Result<BTreeMap<String, String>> {
    let mut items: BTreeMap<&String, BTreeSet<&String>> = BTreeMap::new();
    for request in district.requests.iter().filter(|r| r.kind == Inspection::Special) {
        items.entry(&request.department).or_default().insert(&request.item);
    }
    let filter = InspectionPlanFilter::default();
    let existing = campaigns::list(app, caller, &filter, &Paging::new(None, Some(1_000))?)?.items;
    let mut ids = BTreeMap::new();
    for (serial, (department, items)) in items.into_iter().enumerate() {
        let known = existing.iter().find(|plan| {
            plan.plan.department == *department
                && plan.state == InspectionPlanState::Published
                && items.iter().all(|item| plan.plan.items.contains(item))
        });
        if let Some(plan) = known {
            ids.insert(department.clone(), plan.id.clone());
            continue;
        }
        let new = NewInspectionPlan {
            kind: InspectionPlanKind::Campaign,
            department: department.clone(),
            year: i64::from(district.start.year()),
            name: format!("{}第四季度专项检查（虚构）", district.start.year()),
            items: items.into_iter().cloned().collect(),
            area: None,
            objects: None,
            basis: None,
            start: district.start,
            end: district.end,
            quota: Some(CAMPAIGN_QUOTA),
            filing_deadline: None,
            steps: InspectionPlanSteps::default(),
        };
        let plan = campaigns::draft(app, caller, &new)?;
        let approval = NewApproval {
            approved_by: Approver::Government,
            approval_number: Some(format!("DEMO-{:03}", serial + 1)),
            approved_on: app.today(),
        };
        let id = plan.value.id;
        let done = DoneOn { day: None };
        let plan = campaigns::approve(app, caller, &id, &approval, plan.version)?;
        let plan = campaigns::file(app, caller, &id, &done, plan.version)?;
        campaigns::publish(app, caller, &id, &done, plan.version)?;
        ids.insert(department.clone(), id);
    }
    Ok(ids)
}

fn unless_taken(result: Result<()>) -> Result<()> {
    match result {
        Err(error) if error.is_taken() => Ok(()),
        other => other,
    }
}

fn mark(app: &App, options: &Options) -> Result<()> {
    let wanted = format!("enterprises {}, seed {}", options.enterprises, options.seed);
    let caller = &Caller::service(CALLER);
    match purpose::dedicate(app, caller, MARK, &wanted)? {
        Dedication::New | Dedication::Same => Ok(()),
        Dedication::Other(found) => {
            Err(Error::Conflict(message!("other-demo", found = found, wanted = wanted)))
        }
        Dedication::InUse => Err(Error::Conflict(message!("not-empty"))),
    }
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
    let existing = runs::first_by(app, CALLER)?;
    if let Some(run) = existing {
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
    runs::submit(app, caller, &new)
}
