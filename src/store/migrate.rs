//! Brings a database to this version's form when it is opened.

use super::address::Address;
use super::error::{Result, StoreError};
use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::migration::{Migration, MigrationSource};
use diesel::{PgConnection, SqliteConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use std::path::PathBuf;

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Any two numbers that no other program uses: whoever holds this lock migrates.
const LOCK: &str = "1330530643, 1";

pub(super) fn sqlite(
    connection: &mut SqliteConnection,
    address: &Address,
) -> Result<Option<PathBuf>> {
    let Some(applied) = state(connection, &SQLITE)? else { return Ok(None) };
    let backup = match address {
        Address::Sqlite(path) if applied > 0 => {
            let newest = applied_versions(connection)?.into_iter().max().unwrap_or_default();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let named = |n: u32| path.with_file_name(format!("{name}.before-{newest}-{n}.bak"));
            let backup = (1..).map(named).find(|backup| !backup.exists());
            let backup = backup.expect("some number is free");
            super::backup::copy_out(connection, &backup)?;
            Some(backup)
        }
        _ => None,
    };
    // several programs may open one file at once: whoever comes second finds the work done
    AnsiTransactionManager::begin_transaction_sql(connection, "BEGIN IMMEDIATE")?;
    let result = match state(connection, &SQLITE) {
        Ok(Some(_)) => run(connection, SQLITE),
        other => other.map(|_| ()),
    };
    match result {
        Ok(()) => AnsiTransactionManager::commit_transaction(connection)?,
        Err(error) => {
            AnsiTransactionManager::rollback_transaction(connection)?;
            return Err(error);
        }
    }
    Ok(backup)
}

/// In one transaction, the lock too: behind a pooler that hands out connections for a transaction,
/// nothing else is sure to be on one connection.
pub(super) fn postgres(connection: &mut PgConnection) -> Result<()> {
    // several servers may start at once on one database; who has much to do may take its time
    let begin = format!(
        "BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '10min'; \
         SELECT pg_advisory_xact_lock({LOCK}); SET LOCAL lock_timeout = '10s'"
    );
    AnsiTransactionManager::begin_transaction_sql(connection, &begin)?;
    let result = state(connection, &POSTGRES).and_then(|state| match state {
        Some(_) => run(connection, POSTGRES),
        None => Ok(()),
    });
    match result {
        Ok(()) => Ok(AnsiTransactionManager::commit_transaction(connection)?),
        Err(error) => {
            // when the connection is gone, so is the transaction
            let _ = AnsiTransactionManager::rollback_transaction(connection);
            Err(error)
        }
    }
}

/// Number of applied migrations; `None` when none is pending.
fn state<C, DB>(connection: &mut C, known: &EmbeddedMigrations) -> Result<Option<usize>>
where
    DB: diesel::backend::Backend,
    C: MigrationHarness<DB>,
    EmbeddedMigrations: MigrationSource<DB>,
{
    let applied = applied_versions(connection)?;
    let migrations: Vec<Box<dyn Migration<DB>>> = known.migrations().map_err(other)?;
    let known: Vec<String> =
        migrations.iter().map(|migration| migration.name().version().to_string()).collect();
    if let Some(unknown) = applied.iter().find(|version| !known.contains(version)) {
        return Err(StoreError::TooNew(unknown.clone()));
    }
    let is_pending = known.iter().any(|version| !applied.contains(version));
    Ok(is_pending.then_some(applied.len()))
}

fn applied_versions<C, DB>(connection: &mut C) -> Result<Vec<String>>
where
    DB: diesel::backend::Backend,
    C: MigrationHarness<DB>,
{
    let versions = connection.applied_migrations().map_err(other)?;
    Ok(versions.into_iter().map(|version| version.to_string()).collect())
}

fn run<C, DB>(connection: &mut C, migrations: EmbeddedMigrations) -> Result<()>
where
    DB: diesel::backend::Backend,
    C: MigrationHarness<DB>,
    EmbeddedMigrations: MigrationSource<DB>,
{
    connection.run_pending_migrations(migrations).map_err(other)?;
    Ok(())
}

fn other(error: Box<dyn std::error::Error + Send + Sync>) -> StoreError {
    match error.downcast::<diesel::result::Error>() {
        Ok(error) => StoreError::from(*error),
        // what a step's statement failed of comes as a text
        Err(error) => StoreError::Unavailable(error.to_string()),
    }
}
