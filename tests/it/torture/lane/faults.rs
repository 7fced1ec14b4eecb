//! What is done to a service and its database.

use super::super::ledger::State;
use super::super::load::locked;
use super::super::place::{Place, broken_chain, integrity, marks_in};
use super::{Fault, Lane};
use crate::support::cluster::{Cluster, Stop};
use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use rand::RngExt;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

impl Lane {
    pub(super) fn pages_max(&mut self) -> String {
        use diesel::sql_types::BigInt;
        use diesel::{QueryableByName, RunQueryDsl};
        #[derive(QueryableByName)]
        struct Pages {
            #[diesel(sql_type = BigInt)]
            page_count: i64,
        }
        let mut connection = SqliteConnection::establish(&self.place.url()).expect("it opens");
        let pages: Pages =
            diesel::sql_query("PRAGMA page_count").get_result(&mut connection).expect("a number");
        (pages.page_count + self.random.random_range(0..120)).to_string()
    }

    pub(super) fn lock(&mut self, token: String) {
        let (before, mut held) = (self.milliseconds(20, 200), self.milliseconds(50, 900));
        if self.random.random_bool(0.1) {
            // longer than any write waits
            held = self.milliseconds(6_000, 8_000);
        }
        self.under_load(token, true, |lane| {
            std::thread::sleep(before);
            let mut other = SqliteConnection::establish(&lane.place.url()).expect("it opens");
            other.batch_execute("PRAGMA busy_timeout = 10000; BEGIN IMMEDIATE").expect("a lock");
            std::thread::sleep(held);
            drop(other);
            std::thread::sleep(Duration::from_millis(50));
        });
        if self.random.random_bool(0.5) {
            self.kill();
        }
    }

    pub(super) fn visit(&mut self, token: String) {
        let times: Vec<Duration> = (0..3).map(|_| self.milliseconds(10, 150)).collect();
        self.under_load(token, false, |lane| {
            for time in times.iter().take(2) {
                std::thread::sleep(*time);
                // as people look: open, count, close
                let _ = lane.place.marks();
            }
            std::thread::sleep(times[2]);
            lane.kill();
        });
    }

    /// Marks of what was answered by now as being there.
    fn answered(&self) -> Vec<String> {
        let ledger = locked(&self.ledger);
        let mut marks = Vec::new();
        for write in &ledger.writes {
            if let State::Final(outcomes) = &write.state {
                let there =
                    write.marks.iter().zip(outcomes).filter(|(_, outcome)| outcome.0 == 201);
                marks.extend(there.map(|(mark, _)| mark.clone()));
            }
        }
        marks
    }

    pub(super) fn back_up(&mut self, token: String) {
        let (before, time) = (self.milliseconds(20, 200), self.milliseconds(0, 120));
        let (is_cut, with_server) = (self.random.random_bool(0.7), self.random.random_bool(0.4));
        let folder = self.folder().expect("a file");
        let target = folder.join("backup.db");
        let _ = std::fs::remove_file(&target);
        let mut answered = Vec::new();
        self.under_load(token, false, |lane| {
            std::thread::sleep(before);
            answered = lane.answered();
            lane.run_to_be_killed(&["backup"], &target, is_cut.then_some(time));
            if with_server {
                lane.kill();
            }
        });
        if !target.exists() {
            return;
        }
        // looking at a file leaves a log beside it
        let copy = tempfile::tempdir().expect("a folder");
        let copy = copy.path().join("torture.db");
        std::fs::copy(&target, &copy).expect("a copy");
        let url = copy.display().to_string();
        if let Some(what) = integrity(&copy).or_else(|| broken_chain(&self.program, &url)) {
            self.violation(&format!("the backup: {what}"));
        }
        match marks_in(&url) {
            Ok(found) => {
                let missing = answered.iter().filter(|mark| !found.contains_key(*mark)).count();
                if missing > 0 {
                    self.violation(&format!("{missing} answered before are not in the backup"));
                }
            }
            Err(error) => self.violation(&format!("the backup: {error}")),
        }
    }

    /// Runs a command of the program on this database, and kills it after some time.
    fn run_to_be_killed(&mut self, words: &[&str], file: &Path, after: Option<Duration>) {
        let mut command = self.command(0);
        command.args(words).args(["--database", &self.place.url()]).arg(file);
        let log = tempfile::tempfile().expect("a file");
        let errors = log.try_clone().expect("the same");
        let mut child = command.stdin(Stdio::null()).stderr(errors).spawn().expect("it starts");
        if let Some(after) = after {
            std::thread::sleep(after);
            let _ = child.kill();
        }
        let done = child.wait().expect("it ends");
        self.tally.ended += usize::from(done.success());
        // one that a signal ended has no code
        if !done.success() && done.code().is_some() {
            let mut text = String::new();
            let mut log = log;
            let _ = log.seek(SeekFrom::Start(0)).and_then(|_| log.read_to_string(&mut text));
            self.violation(&format!("{words:?} ends by itself with {done}: {text}"));
        }
    }

    pub(super) fn restore(&mut self, token: String) {
        let folder = self.folder().expect("a file");
        if self.backup.is_none() {
            let time = self.milliseconds(100, 400);
            self.under_load(token.clone(), false, |_| std::thread::sleep(time));
            self.send_again();
            let target = folder.join("backup.db");
            self.run_to_be_killed(&["backup"], &target, None);
            self.backup = Some((target, locked(&self.ledger).writes.len()));
        }
        let time = self.milliseconds(50, 250);
        self.under_load(token, false, |_| std::thread::sleep(time));
        self.send_again();
        let Ok(before) = self.place.marks() else {
            return self.violation("nothing can be read before a restore");
        };
        let (backup, writes) = self.backup.clone().expect("made above");
        let (is_cut, after) = (self.random.random_bool(0.7), self.milliseconds(0, 150));
        self.run_to_be_killed(&["restore"], &backup, is_cut.then_some(after));
        if self.random.random_bool(0.5) {
            self.kill();
        }
        match (self.place.marks(), marks_in(&backup.display().to_string())) {
            (Ok(found), Ok(_)) if found == before => {}
            // what was filed since is gone on purpose
            (Ok(found), Ok(restored)) if found == restored => {
                locked(&self.ledger).writes.truncate(writes);
            }
            (Ok(found), Ok(restored)) => self.violation(&format!(
                "{} are there, neither the {} from before the restore nor the {} of the backup",
                found.len(),
                before.len(),
                restored.len()
            )),
            (Err(error), _) | (_, Err(error)) => self.violation(&error),
        }
    }

    /// PostgreSQL goes away for a while under load.
    pub(super) fn disturb(&mut self, token: String) {
        let Place::Postgres(cluster, _) = &self.place else { return };
        let cluster = Arc::clone(cluster);
        let (before, time) = (self.milliseconds(20, 250), self.milliseconds(100, 600));
        let fault = self.plan.fault;
        self.under_load(token, true, |_| {
            std::thread::sleep(before);
            match fault {
                Fault::Stop(how) => {
                    cluster.stop(how);
                    std::thread::sleep(time);
                    cluster.start();
                }
                Fault::Freeze => {
                    cluster.freeze();
                    std::thread::sleep(time);
                    cluster.thaw();
                }
                _ => {
                    cluster.read_only(true);
                    std::thread::sleep(time);
                    cluster.read_only(false);
                }
            }
            std::thread::sleep(Duration::from_millis(100));
        });
    }

    pub(super) fn fail_over(&mut self, token: String) {
        let Place::Postgres(cluster, name) = &self.place else { return };
        let (primary, name) = (Arc::clone(cluster), name.clone());
        let standby = self.standby.clone().expect("a standby");
        let (before, after) = (self.milliseconds(50, 400), self.milliseconds(100, 1_000));
        let promoted = Arc::clone(&standby);
        self.under_load(token, true, |_| {
            std::thread::sleep(before);
            primary.stop(Stop::Immediate);
            promoted.promote();
            std::thread::sleep(after);
        });
        // the same server, on the other database, without being started again
        self.place = Place::Postgres(Arc::clone(&standby), name);
        self.send_again();
        self.check();
        let next = Arc::new(Cluster::standby_of(&standby));
        standby.follow_closely();
        self.standby = Some(next);
        // it has other addresses from now on
        self.kill();
    }
}
