//! Who may log in and do what, and what the service itself must keep.

use crate::domain::words::Worded;
use crate::store::error::{Result, StoreError};
use crate::store::schema::{accounts, settings, user_areas, user_departments, user_roles, users};
use crate::store::tx::Tx;
use crate::store::{Versioned, new_id, utc};
use crate::wire::access::user::{Access, Role, User};
use chrono::NaiveDateTime;
use diesel::prelude::*;

#[derive(Queryable)]
struct AccountRow {
    id: String,
    name: String,
    created_at: NaiveDateTime,
    subject: Option<String>,
    is_disabled: bool,
    version: i64,
}

const COLUMNS: (
    users::id,
    users::name,
    users::created_at,
    accounts::subject,
    accounts::is_disabled,
    accounts::version,
) = (
    users::id,
    users::name,
    users::created_at,
    accounts::subject,
    accounts::is_disabled,
    accounts::version,
);

impl Tx<'_> {
    /// A user's id and password hash, by name.
    pub fn password(&mut self, name: &str) -> Result<Option<(String, String)>> {
        let query = users::table.filter(users::name.eq(name));
        let query = query.select((users::id, users::password_hash));
        Ok(query.get_result(self.connection).optional()?)
    }

    /// Number of users.
    pub fn user_count(&mut self) -> Result<i64> {
        Ok(users::table.count().get_result(self.connection)?)
    }

    /// A user.
    pub fn user(&mut self, id: &str) -> Result<Option<Versioned<User>>> {
        let query = accounts::table.inner_join(users::table).filter(users::id.eq(id));
        let row: Option<AccountRow> =
            query.select(COLUMNS).get_result(self.connection).optional()?;
        row.map(|row| self.with_access(row)).transpose()
    }

    /// A user by name.
    pub fn user_by_name(&mut self, name: &str) -> Result<Option<Versioned<User>>> {
        let query = accounts::table.inner_join(users::table).filter(users::name.eq(name));
        let row: Option<AccountRow> =
            query.select(COLUMNS).get_result(self.connection).optional()?;
        row.map(|row| self.with_access(row)).transpose()
    }

    /// A user by "sub" at the outside issuer.
    pub fn user_by_subject(&mut self, subject: &str) -> Result<Option<Versioned<User>>> {
        let query = accounts::table.inner_join(users::table);
        let query = query.filter(accounts::subject.eq(subject));
        let row: Option<AccountRow> =
            query.select(COLUMNS).get_result(self.connection).optional()?;
        row.map(|row| self.with_access(row)).transpose()
    }

    /// Users after `cursor`, by id.
    pub fn users(&mut self, cursor: &str, limit: i64) -> Result<Vec<Versioned<User>>> {
        let query = accounts::table.inner_join(users::table).filter(users::id.gt(cursor));
        let query = query.order(users::id).limit(limit).select(COLUMNS);
        let rows: Vec<AccountRow> = query.load(self.connection)?;
        rows.into_iter().map(|row| self.with_access(row)).collect()
    }

    fn with_access(&mut self, row: AccountRow) -> Result<Versioned<User>> {
        let AccountRow { id, name, created_at, subject, is_disabled, version } = row;
        let roles = user_roles::table.filter(user_roles::user_id.eq(&id));
        let roles: Vec<String> =
            roles.order(user_roles::role).select(user_roles::role).load(self.connection)?;
        let damaged = |role: &String| StoreError::Damaged(format!("user {id}: role {role}"));
        let roles: Result<Vec<Role>> =
            roles.iter().map(|role| Role::parse(role).ok_or_else(|| damaged(role))).collect();
        let departments = user_departments::table.filter(user_departments::user_id.eq(&id));
        let departments = departments.order(user_departments::department_id);
        let areas = user_areas::table.filter(user_areas::user_id.eq(&id));
        let areas = areas.order(user_areas::area_id);
        let access = Access {
            roles: roles?,
            departments: departments
                .select(user_departments::department_id)
                .load(self.connection)?,
            areas: areas.select(user_areas::area_id).load(self.connection)?,
            subject,
        };
        let value = User { id, name, access, disabled: is_disabled, created_at: utc(created_at) };
        Ok(Versioned { version, value })
    }

    /// Adds a user; an empty hash fits no password.
    pub fn add_user(
        &mut self,
        name: &str,
        password_hash: &str,
        access: &Access,
        at: NaiveDateTime,
    ) -> Result<String> {
        let id = new_id();
        let row = (
            users::id.eq(id.clone()),
            users::name.eq(name.to_owned()),
            users::password_hash.eq(password_hash.to_owned()),
            users::created_at.eq(at),
        );
        diesel::insert_into(users::table).values(row).execute(self.connection)?;
        let row = (
            accounts::user_id.eq(id.clone()),
            accounts::subject.eq(access.subject.clone()),
            accounts::is_disabled.eq(false),
            accounts::version.eq(1_i64),
        );
        diesel::insert_into(accounts::table).values(row).execute(self.connection)?;
        self.set_access(&id, access)?;
        Ok(id)
    }

    fn set_access(&mut self, id: &str, access: &Access) -> Result<()> {
        let Access { roles, departments, areas, subject: _ } = access;
        for role in roles {
            let row = (
                user_roles::user_id.eq(id.to_owned()),
                user_roles::role.eq(role.as_str().to_owned()),
            );
            diesel::insert_into(user_roles::table).values(row).execute(self.connection)?;
        }
        for department in departments {
            let row = (
                user_departments::user_id.eq(id.to_owned()),
                user_departments::department_id.eq(department.clone()),
            );
            diesel::insert_into(user_departments::table).values(row).execute(self.connection)?;
        }
        for area in areas {
            let row = (user_areas::user_id.eq(id.to_owned()), user_areas::area_id.eq(area.clone()));
            diesel::insert_into(user_areas::table).values(row).execute(self.connection)?;
        }
        Ok(())
    }

    /// Sets what a user of version `version` may do; `false` when it is of another.
    pub fn replace_access(
        &mut self,
        id: &str,
        access: &Access,
        is_disabled: bool,
        version: i64,
    ) -> Result<bool> {
        let target =
            accounts::table.filter(accounts::user_id.eq(id)).filter(accounts::version.eq(version));
        let set = (
            accounts::subject.eq(access.subject.clone()),
            accounts::is_disabled.eq(is_disabled),
            accounts::version.eq(accounts::version + 1),
        );
        if diesel::update(target).set(set).execute(self.connection)? == 0 {
            return Ok(false);
        }
        diesel::delete(user_roles::table.filter(user_roles::user_id.eq(id)))
            .execute(self.connection)?;
        diesel::delete(user_departments::table.filter(user_departments::user_id.eq(id)))
            .execute(self.connection)?;
        diesel::delete(user_areas::table.filter(user_areas::user_id.eq(id)))
            .execute(self.connection)?;
        self.set_access(id, access)?;
        Ok(true)
    }

    /// Sets a user's password hash.
    pub fn set_password(&mut self, id: &str, password_hash: &str) -> Result<()> {
        let target = users::table.filter(users::id.eq(id));
        diesel::update(target)
            .set(users::password_hash.eq(password_hash))
            .execute(self.connection)?;
        Ok(())
    }

    /// A setting.
    pub fn setting(&mut self, name: &str) -> Result<Option<String>> {
        Ok(settings::table
            .find(name)
            .select(settings::value)
            .get_result(self.connection)
            .optional()?)
    }

    /// Adds a setting; taken when there is one of this name.
    pub fn add_setting(&mut self, name: &str, value: &str) -> Result<()> {
        let row = (settings::name.eq(name.to_owned()), settings::value.eq(value.to_owned()));
        diesel::insert_into(settings::table).values(row).execute(self.connection)?;
        Ok(())
    }
}
