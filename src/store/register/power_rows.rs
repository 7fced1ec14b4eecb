//! Rows of items, their standard checks, and the authority matrix.

use crate::domain::words::Worded;
use crate::store::error::{Result, StoreError};
use crate::store::schema::{authorities, checks, items};
use crate::store::{Versioned, word};
use crate::wire::register::{Assumable, Authority, Check, Item, Name};
use chrono::NaiveDate;
use diesel::prelude::*;

/// An item.
#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = items, treat_none_as_null = true)]
pub(super) struct ItemRow {
    pub(super) id: String,
    department_id: String,
    name_zh: String,
    name_en: String,
    minutes: i64,
    is_minutes_assumed: bool,
    inspectors: i64,
    is_inspectors_assumed: bool,
    pub(super) version: i64,
    legal_basis: Option<String>,
    method: String,
    qualification: Option<String>,
    published_from: Option<NaiveDate>,
    published_to: Option<NaiveDate>,
    notice_days: i64,
    valid_days: i64,
    class: Option<String>,
}

impl From<&Item> for ItemRow {
    fn from(item: &Item) -> Self {
        let Item {
            id,
            department,
            name,
            minutes,
            inspectors,
            legal_basis,
            method,
            qualification,
            published_from,
            published_to,
            notice_days,
            valid_days,
            class,
        } = item;
        ItemRow {
            id: id.clone(),
            department_id: department.clone(),
            name_zh: name.zh.clone(),
            name_en: name.en.clone(),
            minutes: minutes.value,
            is_minutes_assumed: minutes.assumed,
            inspectors: inspectors.value,
            is_inspectors_assumed: inspectors.assumed,
            version: 1,
            legal_basis: legal_basis.clone(),
            method: method.as_str().into(),
            qualification: qualification.clone(),
            published_from: *published_from,
            published_to: *published_to,
            notice_days: *notice_days,
            valid_days: *valid_days,
            class: class.clone(),
        }
    }
}

impl TryFrom<ItemRow> for Versioned<Item> {
    type Error = StoreError;
    fn try_from(row: ItemRow) -> Result<Self> {
        let ItemRow {
            id,
            department_id,
            name_zh,
            name_en,
            minutes,
            is_minutes_assumed,
            inspectors,
            is_inspectors_assumed,
            version,
            legal_basis,
            method,
            qualification,
            published_from,
            published_to,
            notice_days,
            valid_days,
            class,
        } = row;
        let value = Item {
            id,
            department: department_id,
            name: Name { zh: name_zh, en: name_en },
            minutes: Assumable { value: minutes, assumed: is_minutes_assumed },
            inspectors: Assumable { value: inspectors, assumed: is_inspectors_assumed },
            legal_basis,
            method: word(&method)?,
            qualification,
            published_from,
            published_to,
            notice_days,
            valid_days,
            class,
        };
        Ok(Versioned { version, value })
    }
}

/// A standard check of an item.
#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = checks, treat_none_as_null = true)]
pub(super) struct CheckRow {
    pub(super) id: String,
    item_id: String,
    number: i64,
    standard: Option<String>,
    text_zh: String,
    text_en: String,
    pub(super) version: i64,
}

impl From<&Check> for CheckRow {
    fn from(check: &Check) -> Self {
        let id = check.key();
        let Check { item, number, standard, text: Name { zh, en } } = check.clone();
        Self { id, item_id: item, number, standard, text_zh: zh, text_en: en, version: 1 }
    }
}

impl TryFrom<CheckRow> for Versioned<Check> {
    type Error = StoreError;
    fn try_from(row: CheckRow) -> Result<Self> {
        let CheckRow { id: _, item_id, number, standard, text_zh, text_en, version } = row;
        let value =
            Check { item: item_id, number, standard, text: Name { zh: text_zh, en: text_en } };
        Ok(Versioned { version, value })
    }
}

/// An entry of the authority matrix.
#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = authorities, treat_none_as_null = true)]
pub(super) struct AuthorityRow {
    pub(super) id: String,
    item_id: String,
    body_id: String,
    area_id: String,
    act: String,
    from_day: NaiveDate,
    until_day: Option<NaiveDate>,
    delegator_id: Option<String>,
    document: Option<String>,
    pub(super) version: i64,
}

impl From<&Authority> for AuthorityRow {
    fn from(entry: &Authority) -> Self {
        let Authority { id, item, body, area, act, from, until, delegator, document } =
            entry.clone();
        Self {
            id,
            item_id: item,
            body_id: body,
            area_id: area,
            act: act.as_str().into(),
            from_day: from,
            until_day: until,
            delegator_id: delegator,
            document,
            version: 1,
        }
    }
}

impl TryFrom<AuthorityRow> for Versioned<Authority> {
    type Error = StoreError;
    fn try_from(row: AuthorityRow) -> Result<Self> {
        let AuthorityRow {
            id,
            item_id,
            body_id,
            area_id,
            act,
            from_day,
            until_day,
            delegator_id,
            document,
            version,
        } = row;
        let value = Authority {
            id,
            item: item_id,
            body: body_id,
            area: area_id,
            act: word(&act)?,
            from: from_day,
            until: until_day,
            delegator: delegator_id,
            document,
        };
        Ok(Versioned { version, value })
    }
}
