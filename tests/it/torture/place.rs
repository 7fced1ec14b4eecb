//! The database that is tormented: copied from a template, read beside the service, checked.

use crate::server::program_at;
use crate::support::cluster::Cluster;
use diesel::connection::SimpleConnection;
use diesel::pg::Pg;
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::Sqlite;
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

/// Where a lane keeps its data.
pub enum Place {
    /// A file in a folder of its own.
    Sqlite(TempDir),
    /// A database of a server that other lanes may share, or of one with its standby.
    Postgres(Arc<Cluster>, String),
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Text)]
    mark: String,
    #[diesel(sql_type = Text)]
    id: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// What must be 0, and what it says when it is not.
const NEVER: [(&str, &str); 8] = [
    (
        "visits on the schedule that follow no published plan, or against their state",
        "SELECT COUNT(*) AS n FROM visits v JOIN plans p ON p.id = v.plan_id
         WHERE v.is_scheduled <> (p.state = 'published') OR v.is_scheduled <> (v.state = 'scheduled')",
    ),
    (
        "drafts that are visits, or are not, against their plan's state",
        "SELECT COUNT(*) AS n FROM draft_visits d JOIN plans p ON p.id = d.plan_id
         LEFT JOIN published_drafts l ON l.draft_id = d.id
         WHERE (l.draft_id IS NOT NULL) <> (p.state <> 'draft')",
    ),
    (
        "plans published beside another",
        "SELECT CASE WHEN COUNT(*) > 1 THEN COUNT(*) ELSE 0 END AS n FROM plans
         WHERE state = 'published'",
    ),
    (
        "runs with several plans",
        "SELECT COUNT(*) AS n FROM (SELECT run_id FROM plans GROUP BY run_id HAVING COUNT(*) > 1) AS r",
    ),
    (
        "runs done without a plan, or with one and not done",
        "SELECT COUNT(*) AS n FROM runs r
         WHERE (r.state = 'done') <> EXISTS (SELECT 1 FROM plans p WHERE p.run_id = r.id)",
    ),
    (
        "requests without an event, or with several",
        "SELECT COUNT(*) AS n FROM requests r WHERE 1 <> (SELECT COUNT(*) FROM events e
         WHERE e.object_kind = 'request' AND e.action = 'request.add' AND e.object_id = r.id)",
    ),
    (
        "events of requests that are not there",
        "SELECT COUNT(*) AS n FROM events e WHERE e.object_kind = 'request' AND e.action = 'request.add'
         AND NOT EXISTS (SELECT 1 FROM requests r WHERE r.id = e.object_id)",
    ),
    (
        "published plans without an event",
        "SELECT COUNT(*) AS n FROM plans p WHERE p.state IN ('published', 'superseded')
         AND NOT EXISTS (SELECT 1 FROM events e WHERE e.object_kind = 'plan'
         AND e.action = 'plan.publish' AND e.object_id = p.id)",
    ),
];

/// What both databases return rows as.
trait Row: QueryableByName<Sqlite> + QueryableByName<Pg> + 'static {}
impl<T: QueryableByName<Sqlite> + QueryableByName<Pg> + 'static> Row for T {}

fn rows<T: Row>(url: &str, query: &str) -> Result<Vec<T>, String> {
    let explained = |error: &dyn std::fmt::Display| format!("{error}: {query}");
    if url.starts_with("postgres:") {
        let mut connection = PgConnection::establish(url).map_err(|error| explained(&error))?;
        return sql_query(query).load(&mut connection).map_err(|error| explained(&error));
    }
    let mut connection = SqliteConnection::establish(url).map_err(|error| explained(&error))?;
    let patience = connection.batch_execute("PRAGMA busy_timeout = 10000");
    patience.map_err(|error| explained(&error))?;
    sql_query(query).load(&mut connection).map_err(|error| explained(&error))
}

/// Ids of the tormentor's requests and enterprises in a database, by their marks. What a decided file has
/// that has not gone over yet is there as well.
pub fn marks_in(url: &str) -> Result<BTreeMap<String, Vec<String>>, String> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let body = if url.starts_with("postgres:") { "CAST(r.body AS json)" } else { "r.body" };
    let query = format!(
        "SELECT note AS mark, id FROM requests WHERE note IS NOT NULL
         UNION ALL SELECT id, id FROM enterprises WHERE area_id = 'west' AND industry = '1440'
         UNION ALL SELECT {body} ->> 'note', {body} ->> 'id' FROM import_rows r
         JOIN imports i ON i.id = r.import_id WHERE i.is_decided"
    );
    for Found { mark, id } in rows::<Found>(url, &query)? {
        found.entry(mark).or_default().push(id);
    }
    Ok(found)
}

impl Place {
    /// As the program is given it.
    pub fn url(&self) -> String {
        match self {
            Self::Sqlite(folder) => folder.path().join("torture.db").display().to_string(),
            Self::Postgres(cluster, name) => cluster.url(name),
        }
    }

    /// The file, on SQLite.
    pub fn file(&self) -> Option<PathBuf> {
        match self {
            Self::Sqlite(folder) => Some(folder.path().join("torture.db")),
            Self::Postgres(..) => None,
        }
    }

    fn rows<T: Row>(&self, query: &str) -> Result<Vec<T>, String> {
        rows(&self.url(), query)
    }

    /// Ids of the tormentor's requests and enterprises, by their marks.
    pub fn marks(&self) -> Result<BTreeMap<String, Vec<String>>, String> {
        marks_in(&self.url())
    }

    /// Ids of runs and files that have not ended.
    pub fn waiting(&self) -> Result<Vec<String>, String> {
        let rows = self.rows::<Found>(
            "SELECT id AS mark, state AS id FROM runs WHERE state IN ('queued', 'running')
             UNION ALL SELECT id, 'import' FROM imports",
        )?;
        Ok(rows.into_iter().map(|row| format!("{} {}", row.mark, row.id)).collect())
    }

    /// Every run and plan with its state.
    pub fn states(&self) -> Result<BTreeMap<String, String>, String> {
        let rows = self.rows::<Found>(
            "SELECT id AS mark, state AS id FROM runs UNION ALL SELECT id, state FROM plans",
        )?;
        Ok(rows.into_iter().map(|row| (row.mark, row.id)).collect())
    }

    /// What contradicts itself in the data.
    pub fn contradictions(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        for (what, query) in NEVER {
            match self.rows::<Count>(query) {
                Ok(rows) if rows.iter().all(|row| row.n == 0) => {}
                Ok(rows) => wrong.push(format!("{}: {what}", rows[0].n)),
                Err(error) => wrong.push(error),
            }
        }
        if let Some(file) = self.file() {
            wrong.extend(integrity(&file));
        }
        wrong
    }
}

/// What SQLite says of a file's soundness, unless it is sound.
pub fn integrity(file: &Path) -> Option<String> {
    #[derive(QueryableByName)]
    struct Verdict {
        #[diesel(sql_type = Text)]
        integrity_check: String,
    }
    let place = file.to_str().expect("UTF-8");
    let rows: Result<Vec<Verdict>, String> = SqliteConnection::establish(place)
        .map_err(|error| error.to_string())
        .and_then(|mut connection| {
            sql_query("PRAGMA integrity_check").load(&mut connection).map_err(|e| e.to_string())
        });
    match rows {
        Ok(rows) if rows.len() == 1 && rows[0].integrity_check == "ok" => None,
        Ok(rows) => Some(format!("{place}: {:?}", rows.first().map(|row| &row.integrity_check))),
        Err(error) => Some(format!("{place}: {error}")),
    }
}

/// What `audit verify` says against a database's record, unless it holds.
pub fn broken_chain(program: &Path, url: &str) -> Option<String> {
    let mut command = program_at(program);
    let output = command.args(["audit", "verify", "--database", url]).output().expect("it runs");
    let printed = [output.stdout, output.stderr].concat();
    let printed = || String::from_utf8_lossy(&printed).into_owned();
    (!output.status.success()).then(|| format!("audit verify: {}", printed()))
}
