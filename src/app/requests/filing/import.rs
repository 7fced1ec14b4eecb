//! Files of requests that are filed as a whole or not at all, however long they are, without having
//! others wait: their rows are written beside the requests, some at a time; one short transaction decides
//! that all of them are filed; and then they go over to the requests, again some at a time. From the
//! decision on the law sees them, and they go over whatever happens: what a server leaves behind when it
//! ends, any server finishes.

use super::Each;
use super::judgement::{Judgement, Read, judge_changed};
use super::several::{self, Outcome, STEP};
use crate::app::App;
use crate::app::access::Caller;
use crate::app::access::audit::event;
use crate::app::access::changes::CHANGES_MAX;
use crate::app::access::tokens::secret;
use crate::app::error::{Error, Result};
use crate::app::requests::read_cache::ReadCache;
use crate::store::{Import, Tx, new_id};
use crate::wire::requests::request::Request;
use chrono::TimeDelta;
use serde_json::json;
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long one who goes on with a file is believed to live without a sign.
const LEASE: TimeDelta = TimeDelta::seconds(5);
/// How long a database that is away is waited for before the caller gets an answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// Between two tries.
const PAUSE: Duration = Duration::from_millis(500);
/// Times that one catches up with what others file, and tries to decide.
const ROUNDS: usize = 5;
/// Most events that are looked at to catch up.
const EVENTS_MAX: i64 = 100_000;
/// Most rows that are judged anew while others wait for the decision.
const LATE_MAX: usize = 100;

/// Files what was judged, all of it; what is refused when it is judged anew refuses the file.
pub(super) fn file(
    app: &App,
    caller: &Caller,
    requests: &[Read],
    mut judgement: Judgement,
) -> Result<Outcome<Vec<Each>>> {
    let own = Own { app, id: new_id(), holder: secret()? };
    own.begin(caller)?;
    match own.settle(caller, requests, &mut judgement) {
        Ok(Decision::Filed) => {}
        Ok(Decision::Refused) => {
            own.give_up();
            return Ok(Outcome::Done(judgement.tried()));
        }
        Ok(Decision::Stale) => {
            own.give_up();
            return Ok(Outcome::Stale);
        }
        // the decision may hold although its answer was lost
        Err(Error::Uncertain(cause)) => match app.store.read(|tx| tx.import(&own.id)) {
            Ok(Some(import)) if import.is_decided => {}
            Ok(_) => {
                own.give_up();
                return Err(Error::Unavailable(cause));
            }
            Err(_) => return Err(Error::Uncertain(cause)),
        },
        Err(error) => {
            own.give_up();
            return if error.is_taken() { Ok(Outcome::Stale) } else { Err(error) };
        }
    }
    own.see_through(caller)?;
    Ok(Outcome::Done(judgement.filed()))
}

/// Goes on with files that nobody goes on with any more: files the requests of those that are decided, and
/// forgets the others. Returns how many it has finished; one that fails keeps no other back.
pub fn finish(app: &App) -> Result<usize> {
    let (mut count, mut failed) = (0, None);
    for import in app.store.read(|tx| tx.imports())? {
        match finish_one(app, &import) {
            Ok(is_done) => count += usize::from(is_done),
            Err(error) => failed = Some(error),
        }
    }
    failed.map_or(Ok(count), Err)
}

/// `false`: somebody is at it.
fn finish_one(app: &App, import: &Import) -> Result<bool> {
    let own = Own { app, id: import.id.clone(), holder: secret()? };
    let is_ours = app.store.write(|tx| {
        let now = tx.now()?;
        // bounded from both sides: a clock that was ahead and was put right holds nothing
        if (now - import.held_at).abs() <= LEASE {
            return Ok::<_, Error>(false);
        }
        Ok(tx.hold_import(&own.id, (&import.holder, &own.holder), now)?)
    })?;
    if is_ours && import.is_decided {
        tracing::info!(import = own.id, "a file of requests is finished");
        own.go_over(&Caller::signing(&import.signature)?)?;
    } else if is_ours {
        own.forget()?;
    }
    Ok(is_ours)
}

enum Decision {
    Filed,
    Refused,
    Stale,
}

/// A file that one goes on with.
struct Own<'a> {
    app: &'a App,
    id: String,
    holder: String,
}

impl Own<'_> {
    fn begin(&self, caller: &Caller) -> Result<()> {
        self.app.store.write(|tx| {
            let import = Import {
                id: self.id.clone(),
                signature: caller.signature()?,
                is_decided: false,
                holder: self.holder.clone(),
                held_at: tx.now()?,
            };
            Ok(tx.add_import(&import)?)
        })
    }

    /// Gives a sign of life; an error when another goes on with it by now.
    fn hold(&self, tx: &mut Tx<'_>) -> Result<()> {
        let now = tx.now()?;
        if tx.hold_import(&self.id, (&self.holder, &self.holder), now)? {
            return Ok(());
        }
        Err(Error::Unavailable("another goes on with the import".into()))
    }

    fn write(&self, new: &[(usize, Arc<Request>)]) -> Result<()> {
        for step in new.chunks(STEP) {
            self.app.store.write(|tx| {
                self.hold(tx)?;
                self.add(tx, step)
            })?;
        }
        Ok(())
    }

    fn add(&self, tx: &mut Tx<'_>, new: &[(usize, Arc<Request>)]) -> Result<()> {
        let rows = new.iter().map(|(place, request)| (*place as i64, &**request));
        Ok(tx.add_import_rows(&self.id, &rows.collect::<Vec<_>>())?)
    }

    /// Writes the rows and decides.
    fn settle(
        &self,
        caller: &Caller,
        requests: &[Read],
        judgement: &mut Judgement,
    ) -> Result<Decision> {
        self.write(&judgement.admitted())?;
        for _ in 0..ROUNDS {
            if let Some(decision) = self.catch_up(caller, requests, judgement)? {
                return Ok(decision);
            }
            match self.decide(caller, requests, judgement)? {
                Decision::Stale => {}
                decision => return Ok(decision),
            }
        }
        Ok(Decision::Stale)
    }

    /// Judges anew what the file has at enterprises at which others have filed since, and writes it in
    /// place of what it was; `None`: it may be decided.
    fn catch_up(
        &self,
        caller: &Caller,
        requests: &[Read],
        judgement: &mut Judgement,
    ) -> Result<Option<Decision>> {
        let places = self.app.store.read(|tx| {
            let cache = ReadCache::take_up(self.app, tx)?;
            let most = (EVENTS_MAX, requests.len());
            judge_changed(self.app, tx, caller, cache, requests, judgement, most)
        })?;
        let Some(places) = places else { return Ok(Some(Decision::Stale)) };
        if judgement.has_refusal() {
            return Ok(Some(Decision::Refused));
        }
        for places in places.chunks(STEP) {
            self.app.store.write(|tx| {
                self.hold(tx)?;
                self.replace(tx, places, judgement)
            })?;
        }
        Ok(None)
    }

    /// Writes the rows of some places anew.
    fn replace(&self, tx: &mut Tx<'_>, places: &[usize], judgement: &Judgement) -> Result<()> {
        let old: Vec<i64> = places.iter().map(|place| *place as i64).collect();
        tx.remove_import_rows(&self.id, &old)?;
        self.add(tx, &judgement.admitted_at(places.iter().copied()))
    }

    /// Decides that all of it is filed, unless too much has changed since it was judged.
    fn decide(
        &self,
        caller: &Caller,
        requests: &[Read],
        judgement: &mut Judgement,
    ) -> Result<Decision> {
        self.app.store.write(|tx| {
            self.hold(tx)?;
            tx.hold_audit_log()?;
            // what this transaction sees may never be committed: nothing is taken up or kept
            let cache = ReadCache::nothing(tx)?;
            let most = (CHANGES_MAX, LATE_MAX);
            let places = judge_changed(self.app, tx, caller, cache, requests, judgement, most)?;
            let Some(places) = places else { return Ok(Decision::Stale) };
            if judgement.has_refusal() {
                return Ok(Decision::Refused);
            }
            if !places.is_empty() {
                self.replace(tx, &places, judgement)?;
            }
            tx.decide_import(&self.id)?;
            let count = json!({ "requests": judgement.admitted().len() });
            event("import", &self.id, "take").after(&count).record(self.app, tx, caller);
            Ok(Decision::Filed)
        })
    }

    /// Has the rows go over to the requests.
    fn go_over(&self, caller: &Caller) -> Result<()> {
        loop {
            let rows = self.app.store.read(|tx| tx.import_rows(&self.id, STEP as i64))?;
            let is_done = self.app.store.write(|tx| {
                self.hold(tx)?;
                if rows.is_empty() {
                    tx.end_import(&self.id)?;
                    return Ok::<_, Error>(true);
                }
                tx.hold_audit_log()?;
                let requests: Vec<&Request> = rows.iter().map(|(_, request)| request).collect();
                several::enter(self.app, tx, caller, &requests)?;
                let places: Vec<i64> = rows.iter().map(|(place, _)| *place).collect();
                tx.remove_import_rows(&self.id, &places)?;
                Ok(false)
            })?;
            if is_done {
                return Ok(());
            }
        }
    }

    /// Has the rows go over, or waits until another has had them go over.
    fn see_through(&self, caller: &Caller) -> Result<()> {
        let start = Instant::now();
        loop {
            let Err(error) = self.go_over(caller) else { return Ok(()) };
            let cause = error.cause().unwrap_or_default().to_owned();
            tracing::warn!(import = self.id, %error, cause, "an import waits");
            if let Ok(None) = self.app.store.read(|tx| tx.import(&self.id)) {
                return Ok(());
            }
            if start.elapsed() > PATIENCE {
                return Err(Error::Unfinished(cause));
            }
            sleep(PAUSE);
        }
    }

    /// Takes away what was not decided. Whoever decided and did not learn of it leaves it to others.
    fn forget(&self) -> Result<()> {
        loop {
            let places = self.app.store.read(|tx| tx.import_places(&self.id, STEP as i64))?;
            let is_done = self.app.store.write(|tx| {
                self.hold(tx)?;
                if tx.import(&self.id)?.is_some_and(|import| import.is_decided) {
                    return Ok(true);
                }
                if places.is_empty() {
                    tx.end_import(&self.id)?;
                    return Ok::<_, Error>(true);
                }
                tx.remove_import_rows(&self.id, &places)?;
                Ok(false)
            })?;
            if is_done {
                return Ok(());
            }
        }
    }

    fn give_up(&self) {
        if let Err(error) = self.forget() {
            // it goes when its lease has run out
            tracing::warn!(import = self.id, %error, cause = error.cause(), "an import is left");
        }
    }
}
