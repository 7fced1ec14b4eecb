//! Areas, departments, pools, enterprises, items and scenarios.

mod enterprise_rows;
mod place_rows;
mod power_rows;
pub(super) mod records;
mod staff_rows;

use enterprise_rows::EnterpriseRow;
use place_rows::{AreaRow, DepartmentRow};
use power_rows::ItemRow;

use super::connection::{BATCH, insert_all, load_of};
use super::error::Result;
use super::schema::{
    areas, departments, enterprises, items, pool_days, pools, scenario_items, scenarios,
};
use super::tx::Tx;
use super::{Versioned, document};
use crate::domain::words::Worded;
use crate::wire::register::scenario::{Scenario, ScenarioItem};
use crate::wire::register::{Area, Department, Enterprise, Grade, Item, Pool};
use chrono::NaiveDate;
use diesel::prelude::*;
use std::collections::BTreeMap;

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = pools, treat_none_as_null = true)]
struct PoolRow {
    id: String,
    department_id: String,
    area_id: Option<String>,
    minutes: i64,
    attendance_minutes: i64,
    overtime_minutes: i64,
    version: i64,
}

#[derive(Insertable)]
#[diesel(table_name = pool_days)]
struct PoolDayRow {
    pool_id: String,
    day: NaiveDate,
    minutes: i64,
}

#[derive(Insertable)]
#[diesel(table_name = scenario_items)]
struct ScenarioItemRow {
    scenario_id: String,
    item_id: String,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = scenarios)]
struct ScenarioRow {
    id: String,
    lead_id: String,
    document: String,
    version: i64,
}

impl From<&Pool> for PoolRow {
    fn from(pool: &Pool) -> Self {
        let Pool {
            id,
            department,
            area,
            minutes,
            attendance_minutes,
            overtime_minutes,
            days: _, // rows of their own
        } = pool;
        PoolRow {
            id: id.clone(),
            department_id: department.clone(),
            area_id: area.clone(),
            minutes: *minutes,
            attendance_minutes: *attendance_minutes,
            overtime_minutes: *overtime_minutes,
            version: 1,
        }
    }
}

impl PoolRow {
    fn with(self, days: BTreeMap<NaiveDate, i64>) -> Versioned<Pool> {
        let PoolRow {
            id,
            department_id,
            area_id,
            minutes,
            attendance_minutes,
            overtime_minutes,
            version,
        } = self;
        let value = Pool {
            id,
            department: department_id,
            area: area_id,
            minutes,
            attendance_minutes,
            overtime_minutes,
            days,
        };
        Versioned { version, value }
    }
}

/// Which enterprises to list.
#[derive(Clone, Debug, Default)]
pub struct EnterpriseFilter {
    /// In this area.
    pub area: Option<String>,
    /// Whose class of industry begins so.
    pub industry: Option<String>,
    /// Of this risk.
    pub risk: Option<Grade>,
}

impl Tx<'_> {
    /// Areas after `cursor`, by id.
    pub fn areas(&mut self, cursor: &str, limit: i64) -> Result<Vec<Versioned<Area>>> {
        let query = areas::table.filter(areas::id.gt(cursor)).order(areas::id).limit(limit);
        let rows: Vec<AreaRow> = query.load(self.connection)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// An area.
    pub fn area(&mut self, id: &str) -> Result<Option<Versioned<Area>>> {
        let row: Option<AreaRow> = areas::table.find(id).get_result(self.connection).optional()?;
        row.map(TryInto::try_into).transpose()
    }

    /// These areas with all that lie in them.
    pub fn areas_within(&mut self, ids: Vec<String>) -> Result<Vec<String>> {
        let mut all = ids;
        let mut fresh = 0;
        // as many steps as there are levels, and no area twice, even where the tree is unsound
        while fresh < all.len() {
            let children = areas::table.filter(areas::parent_id.eq_any(&all[fresh..]));
            fresh = all.len();
            let children: Vec<String> = children.select(areas::id).load(self.connection)?;
            all.extend(
                children.into_iter().filter(|id| !all[..fresh].contains(id)).collect::<Vec<_>>(),
            );
        }
        Ok(all)
    }

    /// Adds an area.
    pub fn add_area(&mut self, area: &Area) -> Result<()> {
        diesel::insert_into(areas::table).values(AreaRow::from(area)).execute(self.connection)?;
        Ok(())
    }

    /// Departments after `cursor`, by id.
    pub fn departments(&mut self, cursor: &str, limit: i64) -> Result<Vec<Versioned<Department>>> {
        let query = departments::table.filter(departments::id.gt(cursor));
        let rows: Vec<DepartmentRow> =
            query.order(departments::id).limit(limit).load(self.connection)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// A department.
    pub fn department(&mut self, id: &str) -> Result<Option<Versioned<Department>>> {
        let row: Option<DepartmentRow> =
            departments::table.find(id).get_result(self.connection).optional()?;
        row.map(TryInto::try_into).transpose()
    }

    /// Adds a department.
    pub fn add_department(&mut self, department: &Department) -> Result<()> {
        let row = DepartmentRow::from(department);
        diesel::insert_into(departments::table).values(row).execute(self.connection)?;
        Ok(())
    }

    /// Pools after `cursor`, by id, of one department or of all.
    pub fn pools(
        &mut self,
        department: Option<&str>,
        cursor: &str,
        limit: i64,
    ) -> Result<Vec<Versioned<Pool>>> {
        let mut query = pools::table.filter(pools::id.gt(cursor)).into_boxed();
        if let Some(department) = department {
            query = query.filter(pools::department_id.eq(department));
        }
        let rows: Vec<PoolRow> = query.order(pools::id).limit(limit).load(self.connection)?;
        let mut days: BTreeMap<String, BTreeMap<NaiveDate, i64>> = BTreeMap::new();
        if let (Some(first), Some(last)) = (rows.first(), rows.last()) {
            let query = pool_days::table
                .filter(pool_days::pool_id.ge(&first.id))
                .filter(pool_days::pool_id.le(&last.id));
            for (pool, day, minutes) in query.load::<(String, NaiveDate, i64)>(self.connection)? {
                days.entry(pool).or_default().insert(day, minutes);
            }
        }
        let with_days = |row: PoolRow| {
            let days = days.remove(&row.id).unwrap_or_default();
            row.with(days)
        };
        Ok(rows.into_iter().map(with_days).collect())
    }

    /// A pool.
    pub fn pool(&mut self, id: &str) -> Result<Option<Versioned<Pool>>> {
        let row: Option<PoolRow> = pools::table.find(id).get_result(self.connection).optional()?;
        let Some(row) = row else { return Ok(None) };
        let query = pool_days::table.filter(pool_days::pool_id.eq(id));
        let days = query.select((pool_days::day, pool_days::minutes));
        let days: Vec<(NaiveDate, i64)> = days.load(self.connection)?;
        Ok(Some(row.with(days.into_iter().collect())))
    }

    /// The pool whose inspectors serve a department in an area: its own there, else the
    /// department's general one.
    pub fn pool_serving(&mut self, department: &str, area: &str) -> Result<Option<String>> {
        let query = pools::table
            .filter(pools::department_id.eq(department))
            .filter(pools::area_id.eq(area).or(pools::area_id.is_null()));
        let found: Vec<(String, Option<String>)> =
            query.select((pools::id, pools::area_id)).load(self.connection)?;
        let own = found.iter().find(|(_, area)| area.is_some()).or(found.first());
        Ok(own.map(|(id, _)| id.clone()))
    }

    /// Adds a pool.
    pub fn add_pool(&mut self, pool: &Pool) -> Result<()> {
        diesel::insert_into(pools::table).values(PoolRow::from(pool)).execute(self.connection)?;
        self.add_pool_days(pool)
    }

    fn add_pool_days(&mut self, pool: &Pool) -> Result<()> {
        let row = |(day, minutes): (&NaiveDate, &i64)| PoolDayRow {
            pool_id: pool.id.clone(),
            day: *day,
            minutes: *minutes,
        };
        let rows: Vec<PoolDayRow> = pool.days.iter().map(row).collect();
        insert_all!(self.connection, pool_days::table, rows);
        Ok(())
    }

    /// Replaces a pool of version `version`; `false` when it is of another by now.
    pub fn replace_pool(&mut self, pool: &Pool, version: i64) -> Result<bool> {
        let row = PoolRow { version: version + 1, ..PoolRow::from(pool) };
        let target = pools::table.filter(pools::id.eq(&pool.id)).filter(pools::version.eq(version));
        if diesel::update(target).set(row).execute(self.connection)? == 0 {
            return Ok(false);
        }
        diesel::delete(pool_days::table.filter(pool_days::pool_id.eq(&pool.id)))
            .execute(self.connection)?;
        self.add_pool_days(pool)?;
        Ok(true)
    }

    /// Enterprises after `cursor`, by code.
    pub fn enterprises(
        &mut self,
        filter: &EnterpriseFilter,
        cursor: &str,
        limit: i64,
    ) -> Result<Vec<Versioned<Enterprise>>> {
        let mut query = enterprises::table.filter(enterprises::id.gt(cursor)).into_boxed();
        if let Some(area) = &filter.area {
            query = query.filter(enterprises::area_id.eq(area));
        }
        if let Some(industry) = &filter.industry {
            // only digits reach this place, so the pattern has no wildcards of its own
            query = query.filter(enterprises::industry.like(format!("{industry}%")));
        }
        if let Some(risk) = filter.risk {
            query = query.filter(enterprises::risk.eq(risk.as_str()));
        }
        let rows: Vec<EnterpriseRow> =
            query.order(enterprises::id).limit(limit).load(self.connection)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// An enterprise, by its code.
    pub fn enterprise(&mut self, id: &str) -> Result<Option<Versioned<Enterprise>>> {
        let row: Option<EnterpriseRow> =
            enterprises::table.find(id).get_result(self.connection).optional()?;
        row.map(TryInto::try_into).transpose()
    }

    /// Enterprises by their codes, in the order of the codes in the database.
    pub fn enterprises_of(&mut self, ids: &[String]) -> Result<Vec<Enterprise>> {
        let mut found = Vec::with_capacity(ids.len());
        for batch in ids.chunks(BATCH) {
            let rows: Vec<EnterpriseRow> =
                load_of!(self.connection, enterprises::table, enterprises::id, batch);
            for row in rows {
                found.push(Versioned::<Enterprise>::try_from(row)?.value);
            }
        }
        Ok(found)
    }

    /// Adds enterprises.
    pub fn add_enterprises(&mut self, enterprises: &[Enterprise]) -> Result<()> {
        let rows: Vec<EnterpriseRow> = enterprises.iter().map(Into::into).collect();
        insert_all!(self.connection, enterprises::table, rows);
        Ok(())
    }

    /// Items after `cursor`, by id, of one department or of all.
    pub fn items(
        &mut self,
        department: Option<&str>,
        cursor: &str,
        limit: i64,
    ) -> Result<Vec<Versioned<Item>>> {
        let mut query = items::table.filter(items::id.gt(cursor)).into_boxed();
        if let Some(department) = department {
            query = query.filter(items::department_id.eq(department));
        }
        let rows: Vec<ItemRow> = query.order(items::id).limit(limit).load(self.connection)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// An item.
    pub fn item(&mut self, id: &str) -> Result<Option<Versioned<Item>>> {
        let row: Option<ItemRow> = items::table.find(id).get_result(self.connection).optional()?;
        row.map(TryInto::try_into).transpose()
    }

    /// Adds an item.
    pub fn add_item(&mut self, item: &Item) -> Result<()> {
        diesel::insert_into(items::table).values(ItemRow::from(item)).execute(self.connection)?;
        Ok(())
    }

    /// Scenarios after `cursor`, by id.
    pub fn scenarios(&mut self, cursor: &str, limit: i64) -> Result<Vec<Versioned<Scenario>>> {
        let query = scenarios::table.filter(scenarios::id.gt(cursor));
        let rows: Vec<ScenarioRow> =
            query.order(scenarios::id).limit(limit).load(self.connection)?;
        rows.into_iter().map(scenario).collect()
    }

    /// A scenario.
    pub fn scenario(&mut self, id: &str) -> Result<Option<Versioned<Scenario>>> {
        let row: Option<ScenarioRow> =
            scenarios::table.find(id).get_result(self.connection).optional()?;
        row.map(scenario).transpose()
    }

    /// The department that leads a scenario.
    pub fn scenario_lead(&mut self, id: &str) -> Result<Option<String>> {
        let query = scenarios::table.find(id).select(scenarios::lead_id);
        Ok(query.get_result(self.connection).optional()?)
    }

    /// Adds a scenario, whose departments and items are there already.
    pub fn add_scenario(&mut self, scenario: &Scenario) -> Result<()> {
        let row = ScenarioRow {
            id: scenario.id.clone(),
            lead_id: scenario.lead.clone(),
            document: serde_json::to_string(scenario)?,
            version: 1,
        };
        diesel::insert_into(scenarios::table).values(row).execute(self.connection)?;
        let items = scenario.departments.iter().flat_map(|part| &part.items);
        let link = |item: &ScenarioItem| ScenarioItemRow {
            scenario_id: scenario.id.clone(),
            item_id: item.id.clone(),
        };
        let links: Vec<ScenarioItemRow> = items.map(link).collect();
        insert_all!(self.connection, scenario_items::table, links);
        Ok(())
    }

    /// Every pair of scenario and item, by scenario.
    pub fn scenario_items(&mut self) -> Result<Vec<(String, String)>> {
        let query = scenario_items::table
            .order((scenario_items::scenario_id, scenario_items::item_id))
            .select((scenario_items::scenario_id, scenario_items::item_id));
        Ok(query.load(self.connection)?)
    }
}

fn scenario(row: ScenarioRow) -> Result<Versioned<Scenario>> {
    let ScenarioRow { id, lead_id: _, document: text, version } = row;
    let value = document("scenario", &id, &text)?;
    Ok(Versioned { version, value })
}
