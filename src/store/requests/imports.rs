//! Files of requests on their way: rows that wait until it is decided that all of them are filed, and then
//! go over to the requests some at a time. From the decision on they count as filed wherever the law
//! looks at what waits.

use super::RequestRow;
use crate::store::connection::{BATCH, insert_all, load_of};
use crate::store::error::{Result, StoreError};
use crate::store::schema::{import_rows, imports};
use crate::store::tx::Tx;
use crate::wire::requests::request::Request;
use chrono::NaiveDateTime;
use diesel::dsl::exists;
use diesel::prelude::*;

/// A file of requests on its way.
#[derive(Clone, Debug, Queryable, Insertable)]
#[diesel(table_name = imports)]
pub struct Import {
    /// Id.
    pub id: String,
    /// Who files it, as the use case writes it.
    pub signature: String,
    /// Whether its rows count as filed.
    pub is_decided: bool,
    /// Who goes on with it.
    pub holder: String,
    /// When that one last did.
    pub held_at: NaiveDateTime,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = import_rows, treat_none_as_default_value = false)]
struct ImportRow {
    import_id: String,
    place: i64,
    enterprise_id: String,
    department_id: String,
    reference: Option<String>,
    item_id: String,
    plan_id: Option<String>,
    draw_id: Option<String>,
    body: String,
}

fn damaged(error: &serde_json::Error) -> StoreError {
    StoreError::Damaged(format!("a row of an import: {error}"))
}

fn read(body: &str) -> Result<Request> {
    let row: RequestRow = serde_json::from_str(body).map_err(|error| damaged(&error))?;
    row.try_into()
}

fn read_all(bodies: Vec<String>) -> Result<Vec<Request>> {
    bodies.iter().map(|body| read(body)).collect()
}

impl Tx<'_> {
    /// Adds a file without rows.
    pub fn add_import(&mut self, import: &Import) -> Result<()> {
        let query = diesel::insert_into(imports::table).values(import.clone());
        query.execute(self.connection)?;
        Ok(())
    }

    /// Adds rows of a file by their places; they count from its decision on.
    pub fn add_import_rows(&mut self, import: &str, rows: &[(i64, &Request)]) -> Result<()> {
        let row = |(place, request): &(i64, &Request)| -> Result<ImportRow> {
            let row = RequestRow::try_from(*request)?;
            Ok(ImportRow {
                import_id: import.to_owned(),
                place: *place,
                enterprise_id: row.enterprise_id.clone(),
                department_id: row.department_id.clone(),
                reference: row.reference.clone(),
                item_id: row.item_id.clone(),
                plan_id: row.plan_id.clone(),
                draw_id: row.draw_id.clone(),
                body: serde_json::to_string(&row).map_err(|error| damaged(&error))?,
            })
        };
        let rows: Vec<ImportRow> = rows.iter().map(row).collect::<Result<_>>()?;
        insert_all!(self.connection, import_rows::table, rows);
        Ok(())
    }

    /// Takes rows of a file away.
    pub fn remove_import_rows(&mut self, import: &str, places: &[i64]) -> Result<()> {
        for batch in places.chunks(BATCH) {
            let rows = import_rows::table.filter(import_rows::import_id.eq(import));
            let rows = rows.filter(import_rows::place.eq_any(batch));
            diesel::delete(rows).execute(self.connection)?;
        }
        Ok(())
    }

    /// Some rows of a file, those of the first places.
    pub fn import_rows(&mut self, import: &str, limit: i64) -> Result<Vec<(i64, Request)>> {
        let query = import_rows::table.filter(import_rows::import_id.eq(import));
        let query = query.order(import_rows::place).limit(limit);
        let rows: Vec<(i64, String)> =
            query.select((import_rows::place, import_rows::body)).load(self.connection)?;
        rows.into_iter().map(|(place, body)| Ok((place, read(&body)?))).collect()
    }

    /// Some places at which a file has rows, the first ones.
    pub fn import_places(&mut self, import: &str, limit: i64) -> Result<Vec<i64>> {
        let query = import_rows::table.filter(import_rows::import_id.eq(import));
        let query = query.order(import_rows::place).limit(limit);
        Ok(query.select(import_rows::place).load(self.connection)?)
    }

    /// Gives a file that `holder` goes on with to `next` (or to itself, as a sign of life); `false` when
    /// another goes on with it, or it is done.
    pub fn hold_import(
        &mut self,
        import: &str,
        (holder, next): (&str, &str),
        at: NaiveDateTime,
    ) -> Result<bool> {
        let own = imports::table.find(import).filter(imports::holder.eq(holder));
        let set = (imports::holder.eq(next), imports::held_at.eq(at));
        Ok(diesel::update(own).set(set).execute(self.connection)? > 0)
    }

    /// Has the rows of a file count as filed.
    pub fn decide_import(&mut self, import: &str) -> Result<()> {
        let query = diesel::update(imports::table.find(import));
        query.set(imports::is_decided.eq(true)).execute(self.connection)?;
        Ok(())
    }

    /// Ends a file that has no rows any more.
    pub fn end_import(&mut self, import: &str) -> Result<()> {
        diesel::delete(imports::table.find(import)).execute(self.connection)?;
        Ok(())
    }

    /// A file on its way; `None`: it is done, or never was.
    pub fn import(&mut self, id: &str) -> Result<Option<Import>> {
        Ok(imports::table.find(id).get_result(self.connection).optional()?)
    }

    /// All files on their way.
    pub fn imports(&mut self) -> Result<Vec<Import>> {
        Ok(imports::table.order(imports::id).load(self.connection)?)
    }

    /// Whether there is a decided file: most often none is on its way, and nothing more is asked.
    fn has_imports(&mut self) -> Result<bool> {
        if let Some(known) = self.has_imports {
            return Ok(known);
        }
        let decided = imports::table.filter(imports::is_decided.eq(true));
        let found = diesel::select(exists(decided)).get_result(self.connection)?;
        self.has_imports = Some(found);
        Ok(found)
    }

    /// Requests of decided files at these enterprises that have not gone over yet.
    pub(super) fn imported_at(&mut self, enterprises: &[String]) -> Result<Vec<Request>> {
        let mut found = Vec::new();
        if !self.has_imports()? {
            return Ok(found);
        }
        for batch in enterprises.chunks(BATCH) {
            let query = import_rows::table.inner_join(imports::table);
            let query = query.filter(imports::is_decided.eq(true)).select(import_rows::body);
            let bodies: Vec<String> =
                load_of!(self.connection, query, import_rows::enterprise_id, batch);
            found.extend(read_all(bodies)?);
        }
        Ok(found)
    }

    /// Requests of decided files by the numbers of their department that have not gone over yet.
    pub(super) fn imported_as(
        &mut self,
        department: &str,
        references: &[&str],
    ) -> Result<Vec<Request>> {
        let mut found = Vec::new();
        if !self.has_imports()? {
            return Ok(found);
        }
        for batch in references.chunks(BATCH) {
            let query = import_rows::table.inner_join(imports::table);
            let query = query.filter(imports::is_decided.eq(true));
            let query = query.filter(import_rows::department_id.eq(department));
            let query = query.select(import_rows::body);
            let bodies: Vec<String> =
                load_of!(self.connection, query, import_rows::reference, batch);
            found.extend(read_all(bodies)?);
        }
        Ok(found)
    }

    /// How many requests of decided files name a plan or campaign and have not gone over yet.
    pub(super) fn imported_under(&mut self, plan: &str) -> Result<i64> {
        let query = import_rows::table.inner_join(imports::table);
        let query = query.filter(imports::is_decided.eq(true));
        let query = query.filter(import_rows::plan_id.eq(plan));
        Ok(query.count().get_result(self.connection)?)
    }
}
