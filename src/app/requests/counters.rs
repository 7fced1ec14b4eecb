//! How often an enterprise is visited in a calendar year, with and without what is exempt from caps.

use super::read_cache::ReadCache;
use crate::app::App;
use crate::app::access::{Action, Caller, Object};
use crate::app::error::{Error, Result};
use crate::app::law::reading::{enterprise_case, held, leads, named};
use crate::message;
use crate::wire::requests::counters::{Counters, DepartmentCount, VisitCount};
use chrono::{Datelike, NaiveDate};
use std::collections::BTreeSet;

/// Both counters of an enterprise in a calendar year (absent: this one), by department and in all.
pub fn of_enterprise(app: &App, caller: &Caller, id: &str, year: Option<i32>) -> Result<Counters> {
    caller.reach(Action::Advise)?;
    let year = year.unwrap_or_else(|| app.today().year());
    let bad_year = || {
        Error::defect("/year", message!("out-of-range_year", year = i64::from(year).to_string()))
    };
    let begin = NaiveDate::from_ymd_opt(year, 1, 1).ok_or_else(bad_year)?;
    app.store.read(|tx| {
        let missing = || Error::NotFound(message!("not-found_enterprise", enterprise = id));
        let found = tx.enterprise(id)?.ok_or_else(missing)?.value;
        let mut object = Object::shared().in_area(&found.area);
        // what departments may know of each other's visits is what they are advised by
        object.departments.clone_from(&caller.actor.departments);
        caller.may(Action::Advise, &object)?;
        let pack = crate::app::law::rules::in_force(app, tx, app.today())?;
        let parts = tx.visit_parts(std::slice::from_ref(&found.id), begin)?;
        let cache = &mut ReadCache::default();
        let leads = leads(tx, cache, &parts)?;
        let visits = held(&parts, &leads);
        let case = enterprise_case(&found, vec![&found.area], &[], Vec::new());
        let departments: BTreeSet<&String> = parts.iter().map(|part| &part.department).collect();
        let mut list = Vec::with_capacity(departments.len());
        for department in departments {
            let level = cache.department(tx, department)?.and_then(|found| found.level);
            let counter = pack.counter(&visits, department, year);
            list.push(DepartmentCount {
                department: department.clone(),
                visits: VisitCount {
                    counted: counter.counted,
                    with_exempt: counter.with_exempt,
                    at_most: pack.cap(&case, department, level),
                },
            });
        }
        let all = pack.counter_of_all(&visits, year);
        Ok(Counters {
            enterprise: found.id.clone(),
            year,
            pack: named(&pack),
            departments: list,
            all: VisitCount {
                counted: all.counted,
                with_exempt: all.with_exempt,
                at_most: pack.budget(&case),
            },
        })
    })
}
