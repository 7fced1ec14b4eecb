//! What the law makes of several requests, each judged as after those before it, and whether that still
//! holds after others have filed: the audit log says what has changed since the reading.

use super::{Done, Each, again};
use crate::app::App;
use crate::app::access::changes::{CHANGES_MAX, Changes};
use crate::app::access::{Action, Caller, Object};
use crate::app::error::{Error, Result};
use crate::app::law::reading;
use crate::app::requests::facts::Facts;
use crate::app::requests::intake;
use crate::app::requests::intake::Judged;
use crate::app::requests::read_cache::ReadCache;
use crate::domain::Defect;
use crate::domain::rules::Finding;
use crate::store::{LastEvent, Tx, new_id};
use crate::wire::register::Level;
use crate::wire::requests::filing::Tried;
use crate::wire::requests::request::{NewRequest, Request};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A request as it was read: in order, or with the defects of its form.
pub(super) type Read = std::result::Result<NewRequest, Vec<Defect>>;

/// Requests whose facts are held at once, where many are judged as of one moment.
const SLICE: usize = 1_000;

/// A request that waits, and the level of its department.
type Waiting = (Arc<Request>, Option<Level>);

/// What was filed in the same call before: the next requests are judged as after these.
#[derive(Default)]
struct Before {
    /// Open requests by enterprise.
    open: BTreeMap<String, Vec<Waiting>>,
    /// How many, by plan.
    planned: BTreeMap<String, i64>,
    /// By department and its own number.
    references: BTreeMap<(String, String), Arc<Request>>,
}

impl Before {
    fn add(&mut self, request: &Arc<Request>, level: Option<Level>) {
        let filed = &request.filed;
        if request.state.is_open() {
            let open = self.open.entry(filed.enterprise.clone()).or_default();
            open.push((Arc::clone(request), level));
        }
        if let Some(plan) = &filed.plan {
            *self.planned.entry(plan.clone()).or_default() += 1;
        }
        if let Some(reference) = &filed.reference {
            let key = (filed.department.clone(), reference.clone());
            self.references.insert(key, Arc::clone(request));
        }
    }
}

/// What is known of a request before the law judges it.
enum Gathered {
    /// It is filed under its reference already.
    Known(Box<Request>),
    Facts(Box<Facts>),
    Not(Error),
}

/// What became of a request.
enum Verdict {
    /// The same was filed before.
    Known(Box<Request>),
    /// It may be filed.
    New {
        request: Arc<Request>,
        findings: Vec<Finding>,
        /// The pack that was applied, by id and version.
        pack: String,
    },
    Not(Error),
}

/// Requests with what was read of them.
struct Reading<'r> {
    /// The last event at the time.
    event: LastEvent,
    list: Vec<(&'r Read, Gathered)>,
}

/// Requests with what the law makes of them.
pub(super) struct Judgement {
    event: LastEvent,
    verdicts: Vec<Verdict>,
    /// How many more the plans with a quota have room for, after these.
    room: BTreeMap<String, i64>,
}

/// Whether an error concerns one request alone.
fn is_own(error: &Error) -> bool {
    let is_it = matches!(
        error,
        Error::Invalid(_)
            | Error::Refused { .. }
            | Error::Forbidden { .. }
            | Error::Conflict { .. }
    );
    is_it && !error.is_taken()
}

/// Keeps an error that concerns one request alone as its result.
fn own<T>(result: Result<T>) -> Result<std::result::Result<T, Error>> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(error) if is_own(&error) => Ok(Err(error)),
        Err(error) => Err(error),
    }
}

impl<'r> Reading<'r> {
    /// Reads what the law needs to know of some requests.
    fn of(
        app: &App,
        tx: &mut Tx<'_>,
        caller: &Caller,
        (mut cache, event): (ReadCache, LastEvent),
        requests: &[&'r Read],
    ) -> Result<Self> {
        let cache = &mut cache;
        let may = |new: &NewRequest| {
            // before anything is revealed of what is in the register
            caller.may(Action::FileRequest, &Object::of(&new.department))
        };
        let read = || requests.iter().filter_map(|read| read.as_ref().ok());
        let allowed = || read().filter(|new| may(new).is_ok());
        let mut references: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for new in allowed() {
            if let Some(reference) = &new.reference {
                references.entry(&new.department).or_default().push(reference);
            }
        }
        let mut filed: BTreeMap<(String, String), Request> = BTreeMap::new();
        for (department, references) in references {
            for request in tx.requests_by_reference(department, &references)? {
                let reference = request.filed.reference.clone().unwrap_or_default();
                filed.insert((department.to_owned(), reference), request);
            }
        }
        // the same request sent again is not judged as a repeat of itself
        let existing = |new: &NewRequest| {
            filed.get(&(new.department.clone(), new.reference.clone()?)).cloned()
        };
        let unfiled = allowed().filter(|new| existing(new).is_none());
        Facts::read_places(app, tx, cache, unfiled)?;
        let mut list = Vec::with_capacity(requests.len());
        for read in requests.iter().copied() {
            let gathered = match read {
                Err(defects) => Gathered::Not(Error::Invalid(defects.clone())),
                Ok(new) => match (may(new), existing(new)) {
                    (Err(error), _) => Gathered::Not(error),
                    (Ok(()), Some(request)) => Gathered::Known(Box::new(request)),
                    (Ok(()), None) => match own(Facts::gather(app, tx, cache, None, new))? {
                        Ok(facts) => Gathered::Facts(Box::new(facts)),
                        Err(error) => Gathered::Not(error),
                    },
                },
            };
            list.push((read, gathered));
        }
        Ok(Self { event, list })
    }

    /// Has the law judge them, each as after those before it.
    fn judge(self, app: &App, caller: &Caller, before: &mut Before) -> Result<Judgement> {
        let mut verdicts = Vec::with_capacity(self.list.len());
        let mut room = BTreeMap::new();
        for (read, gathered) in self.list {
            verdicts.push(match (gathered, read) {
                (Gathered::Not(error), _) => Verdict::Not(error),
                (Gathered::Known(request), Ok(new)) => known(*request, new),
                (Gathered::Known(_), Err(defects)) => Verdict::Not(Error::Invalid(defects.clone())),
                (Gathered::Facts(facts), _) => one(app, caller, *facts, before, &mut room)?,
            });
        }
        Ok(Judgement { event: self.event, verdicts, room })
    }
}

fn known(request: Request, new: &NewRequest) -> Verdict {
    match again(&request, new) {
        Ok(()) => Verdict::Known(Box::new(request)),
        Err(error) => Verdict::Not(error),
    }
}

fn one(
    app: &App,
    caller: &Caller,
    mut facts: Facts,
    before: &mut Before,
    room: &mut BTreeMap<String, i64>,
) -> Result<Verdict> {
    let new = facts.filed();
    if let Some(reference) = &new.reference
        && let Some(first) = before.references.get(&(new.department.clone(), reference.clone()))
    {
        return Ok(known(Request::clone(first), new));
    }
    let open = before.open.get(&new.enterprise).map_or(&[][..], Vec::as_slice);
    let planned = new.plan.as_ref().and_then(|plan| before.planned.get(plan)).copied();
    facts.see(open, planned.unwrap_or(0));
    let judged = match own(intake::judge(app, caller, &facts))? {
        Ok(judged) => judged,
        Err(error) => return Ok(Verdict::Not(error)),
    };
    let Judged { filled, state, approval_due, approved_by, findings, pack } = judged;
    let now = app.now();
    let request = Arc::new(Request {
        id: new_id(),
        filed: filled,
        state,
        filed_at: now,
        filed_by: caller.name.clone(),
        approved_at: approved_by.is_some().then_some(now),
        approved_by,
        approval_due,
        outcome: None,
        visits: Vec::new(),
        left_out: Vec::new(),
    });
    before.add(&request, facts.level());
    if let (Some(plan), Some(left)) = (&request.filed.plan, facts.quota_left()) {
        // each takes one, so the last one's is the least
        room.insert(plan.clone(), left - 1);
    }
    Ok(Verdict::New { request, findings, pack: reading::named(&pack) })
}

/// Where a verdict may not hold any more.
enum Changed {
    /// At these enterprises (at none: all hold), and what plans have room for now.
    At(BTreeSet<String>, BTreeMap<String, i64>),
    /// Perhaps anywhere.
    Anywhere,
}

impl Judgement {
    /// Where something has changed since the reading, in so many events at most, that may change a verdict.
    fn changed(&self, tx: &mut Tx<'_>, most: i64) -> Result<Changed> {
        let Changes::Requests(requests) = Changes::since(tx, &self.event, most)? else {
            return Ok(Changed::Anywhere);
        };
        if requests.is_empty() {
            return Ok(Changed::At(BTreeSet::new(), self.room.clone()));
        }
        let filed = || {
            self.verdicts.iter().filter_map(|verdict| match verdict {
                Verdict::New { request, .. } => Some(&request.filed),
                _ => None,
            })
        };
        // what is refused or known already is answered as of the reading
        let enterprises: BTreeSet<&String> = filed().map(|filed| &filed.enterprise).collect();
        let references: BTreeMap<&String, BTreeSet<&str>> =
            filed().fold(BTreeMap::new(), |mut all: BTreeMap<&String, BTreeSet<&str>>, filed| {
                all.entry(&filed.department).or_default().extend(filed.reference.as_deref());
                all
            });
        let places = tx.places_of_requests(&requests)?;
        let (mut changed, mut room) = (BTreeSet::new(), self.room.clone());
        for place in places {
            let left = place.plan.as_ref().and_then(|plan| room.get_mut(plan));
            let is_used_up = left.is_some_and(|left| {
                *left -= 1;
                *left < 0
            });
            let is_taken = place.reference.as_ref().is_some_and(|reference| {
                let own = references.get(&place.department);
                own.is_some_and(|own| own.contains(reference.as_str()))
            });
            if is_used_up || is_taken {
                return Ok(Changed::Anywhere);
            }
            if enterprises.contains(&place.enterprise) {
                changed.insert(place.enterprise);
            }
        }
        Ok(Changed::At(changed, room))
    }

    /// Whether any verdict may not hold any more. Nobody else may append to the audit log by now.
    pub(super) fn is_stale(&self, tx: &mut Tx<'_>) -> Result<bool> {
        let changed = self.changed(tx, CHANGES_MAX)?;
        Ok(!matches!(changed, Changed::At(enterprises, _) if enterprises.is_empty()))
    }

    /// What is to be filed at some places.
    pub(super) fn admitted_at(
        &self,
        places: impl IntoIterator<Item = usize>,
    ) -> Vec<(usize, Arc<Request>)> {
        let new = |place: usize| match &self.verdicts[place] {
            Verdict::New { request, .. } => Some((place, Arc::clone(request))),
            _ => None,
        };
        places.into_iter().filter_map(new).collect()
    }

    /// What is to be filed, by its place.
    pub(super) fn admitted(&self) -> Vec<(usize, Arc<Request>)> {
        self.admitted_at(0..self.verdicts.len())
    }

    /// What became of each, all being filed.
    pub(super) fn filed(self) -> Vec<Each> {
        self.results(true)
    }

    /// What would become of each.
    pub(super) fn tried(self) -> Vec<Each> {
        self.results(false)
    }

    fn results(self, is_filed: bool) -> Vec<Each> {
        let result = |verdict| match verdict {
            Verdict::Known(request) => {
                let done = Done { request: *request, is_new: false, findings: Vec::new() };
                Each::Filed(Box::new(done))
            }
            Verdict::New { request, findings, .. } if is_filed => {
                let request = Arc::unwrap_or_clone(request);
                Each::Filed(Box::new(Done { request, is_new: true, findings }))
            }
            Verdict::New { request, findings, pack } => Each::Tried(Tried {
                state: request.state,
                pack,
                findings: findings.into_iter().map(Into::into).collect(),
            }),
            Verdict::Not(error) => Each::Not(error),
        };
        self.verdicts.into_iter().map(result).collect()
    }

    /// Whether one is refused.
    pub(super) fn has_refusal(&self) -> bool {
        self.verdicts.iter().any(|verdict| matches!(verdict, Verdict::Not(_)))
    }
}

/// Judges those of these requests anew beside which others have filed since they were judged, at most
/// `most` of them, in a transaction that begins here; which places they have. `None`: more has changed.
pub(super) fn judge_changed(
    app: &App,
    tx: &mut Tx<'_>,
    caller: &Caller,
    (cache, event): (ReadCache, LastEvent),
    requests: &[Read],
    judgement: &mut Judgement,
    (changes_most, most): (i64, usize),
) -> Result<Option<Vec<usize>>> {
    let Changed::At(enterprises, room) = judgement.changed(tx, changes_most)? else {
        return Ok(None);
    };
    let is_there = |(_, read): &(usize, &Read)| {
        read.as_ref().is_ok_and(|new| enterprises.contains(&new.enterprise))
    };
    let again: Vec<(usize, &Read)> = requests.iter().enumerate().filter(is_there).collect();
    // what names a plan is judged after all others that name it
    let names_plan = |(_, read): &(usize, &Read)| read.as_ref().is_ok_and(|new| new.plan.is_some());
    if again.len() > most || again.iter().any(names_plan) {
        return Ok(None);
    }
    (judgement.event, judgement.room) = (event.clone(), room);
    let (places, again): (Vec<usize>, Vec<&Read>) = again.into_iter().unzip();
    let anew = judge_in(app, tx, caller, (cache, event), &again)?;
    for (place, verdict) in places.iter().zip(anew.verdicts) {
        judgement.verdicts[*place] = verdict;
    }
    Ok(Some(places))
}

/// Judges many requests, as of one moment.
pub(super) fn judge_all(app: &App, caller: &Caller, requests: &[Read]) -> Result<Judgement> {
    let requests: Vec<&Read> = requests.iter().collect();
    app.store.read(|tx| {
        let cache = ReadCache::take_up(app, tx)?;
        judge_in(app, tx, caller, cache, &requests)
    })
}

/// Judges requests as of this transaction, however many.
pub(super) fn judge_in(
    app: &App,
    tx: &mut Tx<'_>,
    caller: &Caller,
    (cache, event): (ReadCache, LastEvent),
    requests: &[&Read],
) -> Result<Judgement> {
    let before = &mut Before::default();
    let mut all = Judgement { event: event.clone(), verdicts: Vec::new(), room: BTreeMap::new() };
    for slice in requests.chunks(SLICE) {
        let reading = Reading::of(app, tx, caller, (cache.lists(), event.clone()), slice)?;
        let judgement = reading.judge(app, caller, before)?;
        all.verdicts.extend(judgement.verdicts);
        all.room.extend(judgement.room);
    }
    Ok(all)
}

/// Reads what the law needs to know of some requests, and has it judge them.
pub(super) fn judge(app: &App, caller: &Caller, requests: &[&Read]) -> Result<Judgement> {
    let reading = app.store.read(|tx| {
        let cache = ReadCache::take_up(app, tx)?;
        Reading::of(app, tx, caller, cache, requests)
    })?;
    reading.judge(app, caller, &mut Before::default())
}
