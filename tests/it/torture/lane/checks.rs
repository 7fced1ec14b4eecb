//! What must hold after a fault.

use super::super::ledger::State;
use super::super::load::{Load, locked, send};
use super::super::place::broken_chain;
use super::{AGAIN, Fault, Lane, RUN_ENDS};
use crate::support::client::Client;
use rand::RngExt;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

impl Lane {
    /// Sends everything again that was not answered for good, until it is; and some of what was.
    pub(super) fn send_again(&mut self) {
        let Some(token) = self.token() else { return };
        let address = self.address();
        let mut client = Client::new(&address, &token).patient(Duration::from_secs(60));
        let deadline = Instant::now() + AGAIN;
        let mut last = String::new();
        loop {
            let open = locked(&self.ledger).open();
            if open.is_empty() {
                break;
            }
            for place in &open {
                let write = locked(&self.ledger).writes[*place].clone();
                match send(&mut client, &write) {
                    Ok(reply) => {
                        if !locked(&self.ledger).answered(*place, &reply) {
                            last = format!("{} {}", reply.status, reply.text());
                        }
                    }
                    Err(error) => {
                        locked(&self.ledger).cut(*place);
                        last = error.to_string();
                    }
                }
            }
            let left = locked(&self.ledger).open();
            if left.is_empty() {
                break;
            }
            if Instant::now() > deadline {
                let message = format!("{} writes get no answer in {AGAIN:?}: {last}", left.len());
                self.violation(&message);
                let mut ledger = locked(&self.ledger);
                left.into_iter().for_each(|place| ledger.writes[place].is_given_up = true);
                break;
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        // what was answered is answered alike
        let count = locked(&self.ledger).writes.len();
        for _ in 0..4.min(count) {
            let place = self.random.random_range(0..count);
            let write = locked(&self.ledger).writes[place].clone();
            let is_final =
                matches!(&write.state, State::Final(all) if all.iter().any(|o| o.0 == 201));
            // a file has no key, and is answered by what exists
            if !is_final || write.key.is_none() {
                continue;
            }
            if let Ok(reply) = send(&mut client, &write) {
                locked(&self.ledger).answered(place, &reply);
            }
        }
    }

    /// Holds the database against what was answered.
    pub(super) fn check(&mut self) {
        let mut wrong = std::mem::take(&mut locked(&self.ledger).wrong);
        match self.place.marks() {
            Ok(found) => wrong.extend(locked(&self.ledger).held_against(&found)),
            Err(error) => wrong.push(error),
        }
        wrong.extend(self.place.contradictions());
        wrong.extend(broken_chain(&self.program, &self.place.url()));
        match self.place.states() {
            // a restore takes runs and plans back on purpose
            _ if self.plan.fault == Fault::Restore => {}
            Ok(states) => {
                let ledger = locked(&self.ledger);
                let is_gone = |id: &&String| !states.contains_key(*id);
                let runs = ledger.runs.iter().filter(is_gone).count();
                let is_draft = |id: &&String| {
                    !states
                        .get(*id)
                        .is_some_and(|state| ["published", "superseded"].contains(&state.as_str()))
                };
                let plans = ledger.published.iter().filter(is_draft).count();
                if runs > 0 {
                    wrong.push(format!("{runs} runs that were answered are gone"));
                }
                if plans > 0 {
                    wrong.push(format!("{plans} plans that were published are not"));
                }
            }
            Err(error) => wrong.push(error),
        }
        wrong.dedup();
        let more = wrong.len().saturating_sub(5);
        wrong.truncate(5);
        if more > 0 {
            wrong.push(format!("and {more} more of the kind"));
        }
        for what in wrong {
            self.violation(&what);
        }
    }

    /// Files that others may read and, when the server has started since the fault, files that nobody
    /// needs any more.
    pub(super) fn look_for_leavings(&mut self, is_started_again: bool) {
        let Some(folder) = self.folder() else { return };
        let mut wrong = Vec::new();
        let mut folders = vec![folder];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let Ok(about) = entry.metadata() else { continue };
                if about.is_dir() {
                    folders.push(entry.path());
                    continue;
                }
                let name = entry.file_name().to_string_lossy().into_owned();
                if about.permissions().mode() & 0o077 != 0 {
                    wrong.push(format!("{name} is readable by others"));
                }
                let known = ["torture.db", "backup.db"];
                let is_known = known.iter().any(|known| {
                    name.strip_prefix(known).is_some_and(|end| ["", "-wal", "-shm"].contains(&end))
                });
                // SQLite's own, unlinked as soon as it is opened: killed between the two
                let is_known = is_known || name.starts_with("etilqs_") && about.len() == 0;
                let is_new = about
                    .modified()
                    .is_ok_and(|at| at.elapsed().is_ok_and(|age| age.as_secs() < 1));
                if is_started_again && !is_known && !is_new {
                    wrong.push(format!("{name} was left behind"));
                    let _ = std::fs::remove_file(entry.path());
                }
            }
        }
        for what in wrong {
            self.violation(&what);
        }
    }

    /// Waits until no run and no file waits.
    pub(super) fn see_runs_through(&mut self) {
        let has_files = self.plan.loads.contains(&Load::RequestFiles);
        if self.tally.rounds == 0 || locked(&self.ledger).runs.is_empty() && !has_files {
            return;
        }
        self.kill();
        self.ahead = 0;
        if !self.serve(&[]) {
            return;
        }
        let deadline = Instant::now() + RUN_ENDS;
        loop {
            match self.place.waiting() {
                Ok(waiting) if waiting.is_empty() => break,
                waiting if Instant::now() > deadline => {
                    return self.violation(&format!(
                        "runs or files wait {RUN_ENDS:?} after the end: {waiting:?}"
                    ));
                }
                _ => std::thread::sleep(Duration::from_millis(200)),
            }
        }
        self.check();
    }
}
