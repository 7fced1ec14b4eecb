//! Rule packs: which are there, which holds when, and putting one into force.

use crate::app::App;
use crate::app::access::audit::event;
use crate::app::access::{Action, Caller, Object};
use crate::app::error::{Error, Result};
use crate::domain::Defect;
use crate::domain::rules::{Document, Pack};
use crate::store::{RulePackRow, Tx};
use crate::wire::law::in_force::{InForce, NewInForce, PackListing};
use crate::wire::law::rule_pack;
use crate::wire::law::rule_pack::{NATIONAL, RulePack};
use chrono::NaiveDate;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Packs that were resolved, by their number in the database; 0 is the national base. With each is the
/// row that it was made of: a database that is restored may give its number to another.
#[derive(Default)]
pub(in crate::app) struct Resolved(Mutex<BTreeMap<i64, Made>>);

/// What a pack was made of, and the pack.
type Made = (Option<RulePackRow>, Arc<Pack>);

/// The pack in force on a day: the national base until one is put into force.
pub(in crate::app) fn in_force(app: &App, tx: &mut Tx<'_>, day: NaiveDate) -> Result<Arc<Pack>> {
    let row = tx.rule_pack_on(day)?;
    let number = row.as_ref().map_or(0, |row| row.number);
    let known = |packs: &Resolved| {
        let packs = packs.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (made_of, pack) = packs.get(&number)?;
        (*made_of == row).then(|| Arc::clone(pack))
    };
    if let Some(pack) = known(&app.packs) {
        return Ok(pack);
    }
    let pack = match &row {
        None => shipped(NATIONAL)?,
        Some(row) => resolve_row(tx, row)?,
    };
    let pack = Arc::new(pack);
    let mut packs = app.packs.0.lock().unwrap_or_else(PoisonError::into_inner);
    packs.insert(number, (row, Arc::clone(&pack)));
    Ok(pack)
}

fn shipped(id: &str) -> Result<Pack> {
    rule_pack::shipped_pack(id).ok_or_else(|| Error::not_found("rule pack", id))
}

fn resolve_row(tx: &mut Tx<'_>, row: &RulePackRow) -> Result<Pack> {
    let Some(text) = &row.document else { return shipped(&row.pack) };
    let damaged = |defects: Vec<Defect>| {
        let first = defects.first().map(ToString::to_string).unwrap_or_default();
        Error::Internal(format!("rule pack {}: {first}", row.number))
    };
    let document = rule_pack::read(text).map_err(damaged)?;
    resolve(tx, document).map_err(|error| match error {
        Error::Invalid(defects) => damaged(defects),
        other => other,
    })
}

/// Lays a document over what it extends: a shipped pack, or one that was once put into force.
pub(super) fn resolve(tx: &mut Tx<'_>, document: Document) -> Result<Pack> {
    let mut known: BTreeMap<String, Document> = BTreeMap::new();
    for row in tx.rule_packs()? {
        let text = row.document.as_deref();
        if let Some(Ok(document)) = text.map(rule_pack::read) {
            known.insert(document.id.clone(), document);
        }
    }
    // what is shipped cannot be overridden under its own name
    known.extend(rule_pack::shipped().iter().map(|one| (one.id.clone(), one.clone())));
    rule_pack::resolve(document, &|id| known.get(id).cloned()).map_err(Error::Invalid)
}

/// A pack by the id of a shipped one or by its document; both or neither is a defect.
pub(super) fn named_or_read(
    tx: &mut Tx<'_>,
    id: Option<&str>,
    document: Option<&str>,
) -> Result<Pack> {
    match (id, document) {
        (Some(id), None) => {
            let unknown = |_| {
                let message = format!("No shipped pack has the id \"{id}\"; send its document.");
                Error::invalid("unknown-pack", "/pack", message)
            };
            shipped(id).map_err(unknown)
        }
        (None, Some(text)) => {
            let document = rule_pack::read(text).map_err(|defects| within("/document", defects))?;
            if rule_pack::shipped().iter().any(|shipped| shipped.id == document.id) {
                let message =
                    format!("A shipped pack has the id \"{}\"; choose another.", document.id);
                return Err(Error::invalid("shipped-id", "/document/id", message));
            }
            resolve(tx, document).map_err(|error| match error {
                Error::Invalid(defects) => within("/document", defects),
                other => other,
            })
        }
        _ => {
            let message = "Name a shipped pack, or send a document: one of the two.";
            Err(Error::invalid("one-of-two", "/pack", message))
        }
    }
}

fn within(at: &str, defects: Vec<Defect>) -> Error {
    let inner = |defect: Defect| Defect { pointer: format!("{at}{}", defect.pointer), ..defect };
    Error::Invalid(defects.into_iter().map(inner).collect())
}

/// The shipped packs.
pub fn list(caller: &Caller) -> Result<Vec<PackListing>> {
    caller.may(Action::ReadRules, &Object::shared())?;
    Ok(rule_pack::shipped().iter().map(PackListing::from).collect())
}

/// A shipped pack with every rule, its parameters and sources.
pub fn get(caller: &Caller, id: &str) -> Result<RulePack> {
    caller.may(Action::ReadRules, &Object::shared())?;
    Ok(RulePack::from(&shipped(id)?))
}

/// The pack that holds on a day (absent: today), with every rule, its parameters and sources.
pub fn holding(app: &App, caller: &Caller, day: Option<NaiveDate>) -> Result<RulePack> {
    caller.may(Action::ReadRules, &Object::shared())?;
    let day = day.unwrap_or_else(|| app.today());
    app.store.read(|tx| Ok(RulePack::from(in_force(app, tx, day)?.as_ref())))
}

/// Which packs were put into force, from when on and why, the newest first.
pub fn activations(app: &App, caller: &Caller) -> Result<Vec<InForce>> {
    caller.may(Action::ReadRules, &Object::shared())?;
    let rows = app.store.read(|tx| Ok::<_, Error>(tx.rule_packs()?))?;
    Ok(rows.into_iter().rev().map(told).collect())
}

fn told(row: RulePackRow) -> InForce {
    let RulePackRow { number, pack, document, first_day, note, made_at, made_by } = row;
    InForce { number, pack, document, first_day, note, made_at: made_at.and_utc(), made_by }
}

/// Puts a pack into force from a day on, today or later: what was filed is planned under it from then on.
pub fn put(app: &App, caller: &Caller, new: &NewInForce) -> Result<InForce> {
    caller.may(Action::ChangeRules, &Object::everywhere())?;
    let caller = caller.clone().because(Some(new.note.clone()));
    if new.first_day < app.today() {
        let message = format!("A pack holds from today ({}) on at the earliest.", app.today());
        return Err(Error::invalid("past", "/first_day", message));
    }
    app.store.write_once_more(Error::is_taken, |tx| {
        let pack = named_or_read(tx, new.pack.as_deref(), new.document.as_deref())?;
        if !pack.holds_on(new.first_day) {
            let message = format!("The pack itself does not hold on {}.", new.first_day);
            return Err(Error::invalid("pack-does-not-hold", "/first_day", message));
        }
        let number = tx.rule_packs()?.last().map_or(1, |row| row.number + 1);
        let row = RulePackRow {
            number,
            pack: pack.id.clone(),
            document: new.document.clone(),
            first_day: new.first_day,
            note: new.note.clone(),
            made_at: app.now().naive_utc(),
            made_by: caller.name.clone(),
        };
        tx.add_rule_pack(&row)?;
        let put = told(row);
        event("rule-pack", &number.to_string(), "put").after(&put).record(app, tx, &caller);
        Ok(put)
    })
}
