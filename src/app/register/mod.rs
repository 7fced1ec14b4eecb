//! The register: areas, departments, pools, enterprises, items and scenarios.

pub(super) mod areas;
pub mod authority;
pub(super) mod catalogue;
pub mod files;
pub mod scenario_files;
pub mod staff;

use super::App;
use super::access::audit::event;
use super::access::{Action, Caller, Object};
use super::error::{Error, Result};
use super::paging::Paging;
use crate::domain::Defect;
use crate::message;
use crate::store::{EnterpriseFilter, Tx, Versioned};
use crate::wire::paging::Page;
use crate::wire::register::scenario::{Scenario, ScenarioItem};
use crate::wire::register::{Area, Department, Enterprise, GradeEntry, Item, Kind, Pool, Record};
use chrono::NaiveDate;
use std::collections::BTreeMap;

fn values<T>(rows: Vec<Versioned<T>>) -> Vec<T> {
    rows.into_iter().map(|row| row.value).collect()
}

/// Areas by id.
pub fn areas(app: &App, caller: &Caller, paging: &Paging) -> Result<Page<Area>> {
    caller.may(Action::ReadRegister, &Object::shared())?;
    let rows = app.store.read(|tx| tx.areas(paging.cursor(), paging.fetch()))?;
    Ok(paging.page(values(rows), |area| area.id.clone()))
}

/// An area.
pub fn area(app: &App, caller: &Caller, id: &str) -> Result<Versioned<Area>> {
    caller.may(Action::ReadRegister, &Object::shared())?;
    app.store
        .read(|tx| tx.area(id))?
        .ok_or_else(|| Error::NotFound(message!("not-found_area", id = id)))
}

/// Adds an area.
pub fn add_area(app: &App, caller: &Caller, area: &Area) -> Result<()> {
    caller.may(Action::ChangeRegister, &Object::shared())?;
    app.store.write(|tx| {
        if let Some(parent) = &area.parent {
            let Some(above) = tx.area(parent)? else {
                return Err(Error::defect("/parent", message!("unknown-area", id = parent)));
            };
            if above.value.level >= area.level {
                return Err(Error::defect("/level", message!("level-not-below")));
            }
        }
        tx.add_area(area)?;
        event("area", &area.id, "add").after(area).record(app, tx, caller);
        Ok(())
    })
}

/// Departments by id.
pub fn departments(app: &App, caller: &Caller, paging: &Paging) -> Result<Page<Department>> {
    caller.may(Action::ReadRegister, &Object::shared())?;
    let rows = app.store.read(|tx| tx.departments(paging.cursor(), paging.fetch()))?;
    Ok(paging.page(values(rows), |department| department.id.clone()))
}

/// A department.
pub fn department(app: &App, caller: &Caller, id: &str) -> Result<Versioned<Department>> {
    caller.may(Action::ReadRegister, &Object::shared())?;
    app.store
        .read(|tx| tx.department(id))?
        .ok_or_else(|| Error::NotFound(message!("not-found_department", id = id)))
}

/// Adds a department.
pub fn add_department(app: &App, caller: &Caller, department: &Department) -> Result<()> {
    caller.may(Action::ChangeRegister, &Object::shared())?;
    app.store.write(|tx| {
        if let Some(area) = &department.area {
            known_area(tx, area)?;
        }
        tx.add_department(department)?;
        event("department", &department.id, "add").after(department).record(app, tx, caller);
        Ok(())
    })
}

/// Pools by id, of one department or of all.
pub fn pools(
    app: &App,
    caller: &Caller,
    department: Option<&str>,
    paging: &Paging,
) -> Result<Page<Pool>> {
    caller.reach(Action::ReadStaff)?;
    let rows = app.store.read(|tx| tx.pools(department, paging.cursor(), paging.fetch()))?;
    let mut page = paging.page(values(rows), |pool: &Pool| pool.id.clone());
    page.items.retain(|pool| caller.may(Action::ReadStaff, &staff(pool)).is_ok());
    Ok(page)
}

/// A pool.
pub fn pool(app: &App, caller: &Caller, id: &str) -> Result<Versioned<Pool>> {
    caller.reach(Action::ReadStaff)?;
    let pool = app
        .store
        .read(|tx| tx.pool(id))?
        .ok_or_else(|| Error::NotFound(message!("not-found_pool", id = id)))?;
    caller.may(Action::ReadStaff, &staff(&pool.value))?;
    Ok(pool)
}

/// A pool, as far as the policy goes.
fn staff(pool: &Pool) -> Object {
    let object = Object::of(&pool.department);
    match &pool.area {
        Some(area) => object.in_area(area),
        None => object,
    }
}

/// Adds a pool.
pub fn add_pool(app: &App, caller: &Caller, pool: &Pool) -> Result<()> {
    caller.may(Action::ChangeStaff, &staff(pool))?;
    app.store.write(|tx| {
        known_department(tx, &pool.department)?;
        if let Some(area) = &pool.area {
            known_area(tx, area)?;
        }
        tx.add_pool(pool).map_err(|error| one_pool_an_area(error.into()))?;
        event("pool", &pool.id, "add").after(pool).record(app, tx, caller);
        Ok(())
    })
}

/// Replaces a pool of version `version`. Its department and area stay what they are: requests were
/// accepted because it serves them. Answers with the new version.
pub fn replace_pool(app: &App, caller: &Caller, pool: &Pool, version: i64) -> Result<i64> {
    caller.may(Action::ChangeStaff, &staff(pool))?;
    app.store.write(|tx| {
        let current = tx
            .pool(&pool.id)?
            .ok_or_else(|| Error::NotFound(message!("not-found_pool", id = &pool.id)))?;
        caller.may(Action::ChangeStaff, &staff(&current.value))?;
        let mut defects = Vec::new();
        if current.value.department != pool.department {
            defects.push(Defect::at("/department", message!("immutable_pool")));
        }
        if current.value.area != pool.area {
            defects.push(Defect::at("/area", message!("immutable_pool")));
        }
        if !defects.is_empty() {
            return Err(Error::Invalid(defects));
        }
        if !tx.replace_pool(pool, version)? {
            return Err(Error::VersionChanged { current: current.version });
        }
        event("pool", &pool.id, "change")
            .before(&current.value)
            .after(pool)
            .record(app, tx, caller);
        Ok(version + 1)
    })
}

fn one_pool_an_area(error: Error) -> Error {
    if error.is_taken() { Error::Conflict(message!("taken_pool")) } else { error }
}

fn known_department(tx: &mut Tx<'_>, id: &str) -> Result<()> {
    let unknown = || Error::defect("/department", message!("unknown-department", id = id));
    tx.department(id)?.map(|_| ()).ok_or_else(unknown)
}

fn known_area(tx: &mut Tx<'_>, id: &str) -> Result<()> {
    let unknown = || Error::defect("/area", message!("unknown-area", id = id));
    tx.area(id)?.map(|_| ()).ok_or_else(unknown)
}

/// Enterprises by code.
pub fn enterprises(
    app: &App,
    caller: &Caller,
    filter: &EnterpriseFilter,
    paging: &Paging,
) -> Result<Page<Enterprise>> {
    caller.may(Action::ReadRegister, &Object::shared())?;
    let is_digits = |text: &String| text.len() <= 4 && text.bytes().all(|b| b.is_ascii_digit());
    if let Some(found) = filter.industry.as_ref().filter(|text| !is_digits(text)) {
        let message = message!("bad-industry_prefix", found = found);
        return Err(Error::defect("/industry", message));
    }
    let rows = app.store.read(|tx| tx.enterprises(filter, paging.cursor(), paging.fetch()))?;
    Ok(paging.page(values(rows), |enterprise| enterprise.id.clone()))
}

/// An enterprise.
pub fn enterprise(app: &App, caller: &Caller, id: &str) -> Result<Versioned<Enterprise>> {
    caller.may(Action::ReadRegister, &Object::shared())?;
    app.store
        .read(|tx| tx.enterprise(id))?
        .ok_or_else(|| Error::NotFound(message!("not-found_enterprise", enterprise = id)))
}

/// Adds enterprises: all of them or, on a defect, none.
pub fn add_enterprises(app: &App, caller: &Caller, enterprises: &[Enterprise]) -> Result<()> {
    for enterprise in enterprises {
        let object = Object::shared().in_area(&enterprise.area);
        caller.may(Action::ChangeRegister, &object)?;
    }
    app.store.write(|tx| {
        let mut areas: Vec<&str> = enterprises.iter().map(|e| e.area.as_str()).collect();
        areas.sort_unstable();
        areas.dedup();
        for area in areas {
            known_area(tx, area)?;
        }
        tx.add_enterprises(enterprises)?;
        for enterprise in enterprises {
            event("enterprise", &enterprise.id, "add").after(enterprise).record(app, tx, caller);
        }
        remember_grades(tx, enterprises.iter(), app.today())
    })
}

/// Notes the grades of enterprises as theirs from a day on.
pub(super) fn remember_grades<'e>(
    tx: &mut Tx<'_>,
    enterprises: impl Iterator<Item = &'e Enterprise>,
    from: NaiveDate,
) -> Result<()> {
    let entry = |enterprise: &Enterprise| {
        Record::Grades(GradeEntry {
            enterprise: enterprise.id.clone(),
            from,
            risk: enterprise.risk,
            credit_grade: enterprise.credit_grade,
        })
    };
    let entries: BTreeMap<String, Record> =
        enterprises.map(entry).map(|entry| (entry.key(), entry)).collect();
    let keys: Vec<&str> = entries.keys().map(String::as_str).collect();
    let existing = tx.records_of(Kind::Grades, &keys)?;
    let new: Vec<&Record> =
        entries.iter().filter(|e| !existing.contains_key(e.0)).map(|e| e.1).collect();
    tx.add_records(Kind::Grades, &new)?;
    for (key, Versioned { version, value }) in &existing {
        if entries[key] != *value {
            tx.replace_record(&entries[key], *version)?;
        }
    }
    Ok(())
}

/// Items by id, of one department or of all.
pub fn items(
    app: &App,
    caller: &Caller,
    department: Option<&str>,
    paging: &Paging,
) -> Result<Page<Item>> {
    caller.may(Action::ReadRegister, &Object::shared())?;
    let rows = app.store.read(|tx| tx.items(department, paging.cursor(), paging.fetch()))?;
    Ok(paging.page(values(rows), |item| item.id.clone()))
}

/// An item.
pub fn item(app: &App, caller: &Caller, id: &str) -> Result<Versioned<Item>> {
    caller.may(Action::ReadRegister, &Object::shared())?;
    app.store
        .read(|tx| tx.item(id))?
        .ok_or_else(|| Error::NotFound(message!("not-found_item", item = id)))
}

/// Adds an item.
pub fn add_item(app: &App, caller: &Caller, item: &Item) -> Result<()> {
    caller.may(Action::ChangeRegister, &Object::shared())?;
    app.store.write(|tx| {
        known_department(tx, &item.department)?;
        tx.add_item(item)?;
        event("item", &item.id, "add").after(item).record(app, tx, caller);
        Ok(())
    })
}

/// Scenarios by id.
pub fn scenarios(app: &App, caller: &Caller, paging: &Paging) -> Result<Page<Scenario>> {
    caller.may(Action::ReadRegister, &Object::shared())?;
    let rows = app.store.read(|tx| tx.scenarios(paging.cursor(), paging.fetch()))?;
    Ok(paging.page(values(rows), |scenario| scenario.id.clone()))
}

/// A scenario.
pub fn scenario(app: &App, caller: &Caller, id: &str) -> Result<Versioned<Scenario>> {
    caller.may(Action::ReadRegister, &Object::shared())?;
    app.store
        .read(|tx| tx.scenario(id))?
        .ok_or_else(|| Error::NotFound(message!("not-found_scenario", id = id)))
}

/// Adds a scenario, and with it those of its departments and items that are new. Items that exist
/// already must be the same. `false` when the same scenario exists already.
pub fn add_scenario(app: &App, caller: &Caller, scenario: &Scenario) -> Result<bool> {
    caller.may(Action::ChangeRegister, &Object::shared())?;
    app.store.write(|tx| {
        if let Some(existing) = tx.scenario(&scenario.id)? {
            if existing.value == *scenario {
                return Ok(false);
            }
            return Err(Error::Conflict(message!("taken_scenario", id = &scenario.id)));
        }
        let mut defects = Vec::new();
        for (d, part) in scenario.departments.iter().enumerate() {
            if tx.department(&part.id)?.is_none() {
                let (id, name) = (part.id.clone(), part.name.clone());
                let department = Department { id, name, level: None, area: None };
                tx.add_department(&department)?;
                event("department", &part.id, "add").after(&department).record(app, tx, caller);
            }
            for (i, item) in part.items.iter().enumerate() {
                let item = as_item(&part.id, item);
                match tx.item(&item.id)? {
                    None => {
                        tx.add_item(&item)?;
                        event("item", &item.id, "add").after(&item).record(app, tx, caller);
                    }
                    Some(existing) if existing.value.is_same_to_scenarios(&item) => {}
                    Some(Versioned { value: existing, .. }) => {
                        let message = message!(
                            "item-differs",
                            id = &item.id,
                            zh = &existing.name.zh,
                            en = &existing.name.en,
                            department = &existing.department,
                            minutes = existing.minutes.value,
                            inspectors = existing.inspectors.value
                        );
                        let pointer = format!("/departments/{d}/items/{i}");
                        defects.push(Defect::at(pointer, message));
                    }
                }
            }
        }
        if !defects.is_empty() {
            return Err(Error::Invalid(defects));
        }
        tx.add_scenario(scenario)?;
        event("scenario", &scenario.id, "add").after(scenario).record(app, tx, caller);
        Ok(true)
    })
}

fn as_item(department: &str, item: &ScenarioItem) -> Item {
    // whether a source prints the item's name is the scenario's matter
    let ScenarioItem { id, name, published: _, minutes, inspectors } = item.clone();
    Item::plain(id, department.into(), name, (minutes, inspectors))
}
