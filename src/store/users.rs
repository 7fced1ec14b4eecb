//! Who may log in, and what the service itself must keep.

use super::connection::Tx;
use super::error::Result;
use super::new_id;
use super::schema::{settings, users};
use chrono::NaiveDateTime;
use diesel::prelude::*;

impl Tx<'_> {
    /// A user's id and password hash, by name.
    pub fn user(&mut self, name: &str) -> Result<Option<(String, String)>> {
        let query = users::table.filter(users::name.eq(name));
        let query = query.select((users::id, users::password_hash));
        Ok(query.first(self.connection).optional()?)
    }

    /// A user's name, by id.
    pub fn user_name(&mut self, id: &str) -> Result<Option<String>> {
        Ok(users::table.find(id).select(users::name).first(self.connection).optional()?)
    }

    /// Number of users.
    pub fn user_count(&mut self) -> Result<i64> {
        Ok(users::table.count().get_result(self.connection)?)
    }

    /// Adds a user.
    pub fn add_user(
        &mut self,
        name: &str,
        password_hash: &str,
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
        Ok(id)
    }

    /// A setting.
    pub fn setting(&mut self, name: &str) -> Result<Option<String>> {
        Ok(settings::table.find(name).select(settings::value).first(self.connection).optional()?)
    }

    /// Adds a setting; taken when there is one of this name.
    pub fn add_setting(&mut self, name: &str, value: &str) -> Result<()> {
        let row = (settings::name.eq(name.to_owned()), settings::value.eq(value.to_owned()));
        diesel::insert_into(settings::table).values(row).execute(self.connection)?;
        Ok(())
    }
}
