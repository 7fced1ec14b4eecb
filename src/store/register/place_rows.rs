//! Rows of areas, departments and bodies.

use crate::domain::words::Worded;
use crate::store::error::{Result, StoreError};
use crate::store::schema::{areas, bodies, departments};
use crate::store::{Versioned, word};
use crate::wire::register::{Area, Body, Department, Name};
use diesel::prelude::*;

/// An area.
#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = areas, treat_none_as_null = true)]
pub(super) struct AreaRow {
    pub(super) id: String,
    name_zh: String,
    name_en: String,
    pub(super) version: i64,
    level: String,
    parent_id: Option<String>,
}

impl From<&Area> for AreaRow {
    fn from(area: &Area) -> Self {
        let Area { id, name: Name { zh, en }, level, parent } = area.clone();
        let level = level.as_str().into();
        AreaRow { id, name_zh: zh, name_en: en, version: 1, level, parent_id: parent }
    }
}

impl TryFrom<AreaRow> for Versioned<Area> {
    type Error = StoreError;
    fn try_from(row: AreaRow) -> Result<Self> {
        let AreaRow { id, name_zh, name_en, version, level, parent_id } = row;
        let name = Name { zh: name_zh, en: name_en };
        let level = word(&level)?;
        Ok(Versioned { version, value: Area { id, name, level, parent: parent_id } })
    }
}

/// A department.
#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = departments, treat_none_as_null = true)]
pub(super) struct DepartmentRow {
    pub(super) id: String,
    name_zh: String,
    name_en: String,
    pub(super) version: i64,
    level: Option<String>,
    area_id: Option<String>,
}

impl From<&Department> for DepartmentRow {
    fn from(department: &Department) -> Self {
        let Department { id, name: Name { zh, en }, level, area } = department.clone();
        let level = level.map(|level| level.as_str().into());
        DepartmentRow { id, name_zh: zh, name_en: en, version: 1, level, area_id: area }
    }
}

impl TryFrom<DepartmentRow> for Versioned<Department> {
    type Error = StoreError;
    fn try_from(row: DepartmentRow) -> Result<Self> {
        let DepartmentRow { id, name_zh, name_en, version, level, area_id } = row;
        let name = Name { zh: name_zh, en: name_en };
        let level = level.as_deref().map(word).transpose()?;
        Ok(Versioned { version, value: Department { id, name, level, area: area_id } })
    }
}

/// A body that inspects or convenes.
#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = bodies, treat_none_as_null = true)]
pub(super) struct BodyRow {
    pub(super) id: String,
    name_zh: String,
    name_en: String,
    department_id: String,
    area_id: String,
    role: String,
    pub(super) version: i64,
}

impl From<&Body> for BodyRow {
    fn from(body: &Body) -> Self {
        let Body { id, name: Name { zh, en }, department, area, role } = body.clone();
        Self {
            id,
            name_zh: zh,
            name_en: en,
            department_id: department,
            area_id: area,
            role: role.as_str().into(),
            version: 1,
        }
    }
}

impl TryFrom<BodyRow> for Versioned<Body> {
    type Error = StoreError;
    fn try_from(row: BodyRow) -> Result<Self> {
        let BodyRow { id, name_zh, name_en, department_id, area_id, role, version } = row;
        let value = Body {
            id,
            name: Name { zh: name_zh, en: name_en },
            department: department_id,
            area: area_id,
            role: word(&role)?,
        };
        Ok(Versioned { version, value })
    }
}
