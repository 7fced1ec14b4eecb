//! Puts a backup back, without letting in again who was shut out since it was made.

use super::address::Address;
use super::backup::{copy, verify};
use super::connection::{StoreOptions, not_utf8};
use super::database::Store;
use super::error::{Result, StoreError};
use super::private::{create, protect};
use super::workplace::Workplace;
use crate::message;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Transaction, params};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A backup that was looked at, in this version's form, ready to be put back.
pub struct Restore {
    place: Workplace,
    to: PathBuf,
    /// Why the database that is there cannot be asked who was shut out.
    unreadable: Option<String>,
}

/// Who was shut out since a backup was made, and would be let in again by it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShutOut {
    /// Names of users who were shut out or deleted.
    pub users: Vec<String>,
    /// Names of users whose old password would be good again.
    pub passwords: Vec<String>,
    /// Names of users who lost a role, a department, an area or their subject at the outside issuer.
    pub rights: Vec<String>,
    /// Ids of personal tokens that were revoked.
    pub tokens: Vec<String>,
    /// Ids of sessions that ended before their time.
    pub sessions: Vec<String>,
    /// Ids of keys that were retired.
    pub keys: Vec<String>,
    /// Why it is not known: the database that is there cannot be read.
    pub unreadable: Option<String>,
}

impl ShutOut {
    /// Whether nobody would be let in again.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// How the database that is there compares with the backup, by the audit log of each.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Present {
    /// It has all that the backup has: what is missing in it was deleted since.
    Later,
    /// The backup has all that it has: nothing happened since.
    Earlier,
    /// Each has something of its own; what is missing may never have been there.
    Other,
}

impl Restore {
    /// Looks at the backup `from` and brings a private copy of it to this version's form, so that what
    /// is wrong with it is reported before anything changes at `to`.
    pub fn prepare(from: &Path, to: &Path) -> Result<Self> {
        let place = Workplace::beside(to)?;
        {
            let source = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
            verify(&source)?;
            let tables: i64 = source.query_row(
                "SELECT count(*) FROM sqlite_master WHERE name = '__diesel_schema_migrations'",
                [],
                |row| row.get(0),
            )?;
            if tables == 0 {
                let file = from.display().to_string();
                return Err(StoreError::Refused(message!("not-a-backup", file = file)));
            }
            create(&place.copy())?;
            copy(&source, &mut Connection::open(place.copy())?)?;
        }
        let open = |path: PathBuf| Store::open(&Address::Sqlite(path), &StoreOptions::default());
        drop(open(place.copy())?);
        let is_there = to.metadata().is_ok_and(|facts| facts.len() > 0);
        // brought to this version's form too: what is shut out there is compared with what is not here
        let unreadable = if is_there { open(to.to_owned()).err() } else { None };
        let unreadable = unreadable.map(|error| error.to_string());
        Ok(Self { place, to: to.to_owned(), unreadable })
    }

    /// Whom the backup would let in again.
    pub fn shut_out(&self) -> Result<ShutOut> {
        let mut copy = Connection::open(self.place.copy())?;
        self.keep_shut_out(&mut copy, false)
    }

    /// Puts the backup back; a server may be using the database: for it, the restored data appear like
    /// any other's write. Who was shut out since the backup stays so, up to the moment of the copy,
    /// unless `readmit`. Answers with who that is.
    pub fn finish(self, readmit: bool) -> Result<ShutOut> {
        protect(&self.to)?;
        let mut target = Connection::open(&self.to)?;
        target.busy_timeout(Duration::from_secs(10))?;
        let mut source = Connection::open(self.place.copy())?;
        let found = self.keep_shut_out(&mut source, !readmit)?;
        copy(&source, &mut target)?;
        Ok(found)
    }

    /// Finds who was shut out in the database that is there and not in the copy, and, if `is_kept`,
    /// shuts them out in the copy too.
    fn keep_shut_out(&self, copy: &mut Connection, is_kept: bool) -> Result<ShutOut> {
        if self.unreadable.is_some() {
            return Ok(ShutOut { unreadable: self.unreadable.clone(), ..ShutOut::default() });
        }
        if self.to.metadata().map_or(0, |facts| facts.len()) == 0 {
            return Ok(ShutOut::default());
        }
        copy.busy_timeout(Duration::from_secs(10))?;
        let path = self.to.to_str();
        let path = path.ok_or_else(|| not_utf8(&self.to))?;
        copy.execute("ATTACH ?1 AS present", [path])?;
        let tx = copy.transaction()?;
        let present = present(&tx)?;
        let found = if present == Present::Earlier {
            ShutOut::default()
        } else {
            carry_over(&tx, present == Present::Later)?
        };
        if is_kept {
            tx.commit()?
        } else {
            tx.rollback()?
        }
        copy.execute("DETACH present", [])?;
        Ok(found)
    }
}

fn present(tx: &Transaction<'_>) -> Result<Present> {
    let has_last = |of: &str, has: &str| -> Result<bool> {
        let query = format!(
            "SELECT EXISTS (SELECT 1 FROM {has}.events JOIN \
             (SELECT seq, hash FROM {of}.events ORDER BY seq DESC LIMIT 1) AS last \
             USING (seq, hash))"
        );
        Ok(tx.query_row(&query, [], |row| row.get(0))?)
    };
    Ok(match (has_last("present", "main")?, has_last("main", "present")?) {
        (true, _) => Present::Earlier,
        (_, true) => Present::Later,
        _ => Present::Other,
    })
}

fn texts(tx: &Transaction<'_>, query: &str) -> Result<Vec<String>> {
    let mut statement = tx.prepare(query)?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Makes the copy shut out whom the present database shuts out. `is_later`: what is missing there was
/// deleted.
fn carry_over(tx: &Transaction<'_>, is_later: bool) -> Result<ShutOut> {
    let missing = if is_later { "p.rowid IS NULL" } else { "FALSE" };
    let mut found = ShutOut::default();
    let gone = format!(
        "SELECT a.user_id FROM main.accounts a LEFT JOIN present.accounts p USING (user_id) \
         WHERE NOT a.is_disabled AND (p.is_disabled OR {missing})"
    );
    found.users =
        texts(tx, &format!("SELECT name FROM main.users WHERE id IN ({gone}) ORDER BY name"))?;
    tx.execute(
        &format!(
            "UPDATE main.accounts SET is_disabled = TRUE, version = version + 1 \
             WHERE user_id IN ({gone})"
        ),
        [],
    )?;
    found.passwords = texts(
        tx,
        "UPDATE main.users AS u SET password_hash = p.password_hash FROM present.users AS p \
         WHERE p.id = u.id AND p.password_hash <> u.password_hash RETURNING name",
    )?;
    found.rights = rights(tx)?;
    // revoked, ended, used: with the instant of then, where it is known
    let mark = |table: &str, key: &str, column: &str| -> Result<Vec<String>> {
        texts(
            tx,
            &format!(
                "UPDATE main.{table} AS t SET {column} = s.{column} FROM \
                 (SELECT t.{key}, coalesce(p.{column}, strftime('%F %H:%M:%f', 'now')) AS {column} \
                  FROM main.{table} t LEFT JOIN present.{table} p USING ({key}) \
                  WHERE t.{column} IS NULL AND (p.{column} IS NOT NULL OR {missing})) AS s \
                 WHERE s.{key} = t.{key} RETURNING {key}"
            ),
        )
    };
    found.tokens = mark("api_tokens", "id", "revoked_at")?;
    found.sessions = mark("sessions", "id", "ended_at")?;
    mark("refresh_tokens", "hash", "used_at")?;
    if is_later {
        // the one that signs now goes on signing, and none that was forgotten comes back
        found.keys = texts(
            tx,
            "SELECT kid FROM main.signing_keys WHERE retired_at IS NULL AND kid NOT IN \
             (SELECT kid FROM present.signing_keys WHERE retired_at IS NULL)",
        )?;
        tx.execute("DELETE FROM main.signing_keys", [])?;
        tx.execute("INSERT INTO main.signing_keys SELECT * FROM present.signing_keys", [])?;
    } else {
        found.keys = mark("signing_keys", "kid", "retired_at")?;
    }
    found.sessions.sort();
    found.tokens.sort();
    Ok(found)
}

/// Takes from users of the copy what they may do no more. A user who was bound to areas of which none is
/// left is shut out: without any, it would be bound by none.
fn rights(tx: &Transaction<'_>) -> Result<Vec<String>> {
    let mut fewer = Vec::new();
    for (table, column) in [("user_roles", "role"), ("user_departments", "department_id")] {
        fewer.extend(texts(
            tx,
            &format!(
                "DELETE FROM main.{table} WHERE user_id IN (SELECT id FROM present.users) \
                 AND (user_id, {column}) NOT IN (SELECT user_id, {column} FROM present.{table}) \
                 RETURNING user_id"
            ),
        )?);
    }
    let bound = texts(tx, "SELECT DISTINCT user_id FROM present.user_areas")?;
    for user in bound {
        let known =
            tx.query_row("SELECT 1 FROM main.accounts WHERE user_id = ?1", [&user], |_| Ok(()));
        if known.optional()?.is_none() {
            continue;
        }
        let count = |of: &str| -> rusqlite::Result<i64> {
            let query = format!("SELECT count(*) FROM {of}.user_areas WHERE user_id = ?1");
            tx.query_row(&query, [&user], |row| row.get(0))
        };
        let changed = if count("main")? == 0 {
            tx.execute(
                "INSERT INTO main.user_areas SELECT user_id, area_id FROM present.user_areas \
                 WHERE user_id = ?1 AND area_id IN (SELECT id FROM main.areas)",
                [&user],
            )?;
            1
        } else {
            tx.execute(
                "DELETE FROM main.user_areas WHERE user_id = ?1 AND area_id NOT IN \
                 (SELECT area_id FROM present.user_areas WHERE user_id = ?1)",
                [&user],
            )?
        };
        if count("main")? == 0 {
            let sql = "UPDATE main.accounts SET is_disabled = TRUE WHERE user_id = ?1";
            tx.execute(sql, [&user])?;
        }
        if changed > 0 {
            fewer.push(user);
        }
    }
    // a subject is one user's at a time: all that differ are taken away before the present ones are given
    let other = "SELECT a.user_id FROM main.accounts a JOIN present.accounts p USING (user_id) \
                 WHERE a.subject IS NOT p.subject";
    let others = texts(tx, other)?;
    for user in &others {
        let sql =
            "UPDATE main.accounts SET subject = NULL WHERE user_id = ?1 AND subject IS NOT NULL";
        if tx.execute(sql, [user])? > 0 {
            fewer.push(user.clone());
        }
    }
    for user in &others {
        tx.execute(
            "UPDATE OR IGNORE main.accounts SET subject = \
             (SELECT subject FROM present.accounts WHERE user_id = ?1) WHERE user_id = ?1",
            params![user],
        )?;
    }
    let mut names = Vec::new();
    for user in fewer {
        let query = "SELECT name FROM main.users WHERE id = ?1";
        names.push(tx.query_row(query, [&user], |row| row.get(0))?);
    }
    names.sort();
    names.dedup();
    Ok(names)
}
