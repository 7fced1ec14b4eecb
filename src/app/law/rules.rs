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
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Packs that were resolved, by their number in the database; 0 is the national base. With each is the
/// row that it was made of: a database that is restored may give its number to another.
#[derive(Default)]
pub(in crate::app) struct Resolved(Mutex<BTreeMap<i64, Made>>);

/// The part of the service that pins what earlier versions did not.
const PINS: &str = "rules";

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
    let damaged = |why: String| Error::Internal(format!("rule pack {}: {why}", row.number));
    let texts: Vec<String> = match &row.pinned {
        Some(pinned) => serde_json::from_str(pinned).map_err(|error| damaged(error.to_string()))?,
        None => texts_of(tx, row)?,
    };
    resolve(&texts).map_err(|error| match error {
        Error::Invalid(defects) => {
            damaged(defects.first().map(ToString::to_string).unwrap_or_default())
        }
        other => other,
    })
}

/// A pack of its texts, its own first. What it extends must be among them.
fn resolve(texts: &[String]) -> Result<Pack> {
    let read = |text: &String| rule_pack::read(text).map_err(Error::Invalid);
    let mut documents = texts.iter().map(read).collect::<Result<Vec<Document>>>()?.into_iter();
    let own = documents.next().ok_or_else(|| Error::Internal("a pack of no text".into()))?;
    let bases: BTreeMap<String, Document> =
        documents.map(|document| (document.id.clone(), document)).collect();
    rule_pack::resolve(own, &|id| bases.get(id).cloned()).map_err(Error::Invalid)
}

/// The texts of a pack, its own first, and of all that it extends: shipped packs, or the newest of an id
/// among those that were put into force before number `before`, with what these were made of.
fn chain(tx: &mut Tx<'_>, own: &str, before: i64) -> Result<Vec<String>> {
    let mut texts = vec![own.to_owned()];
    let earlier = tx.rule_packs()?.into_iter().filter(|row| row.number < before);
    let mut earlier: Vec<RulePackRow> = earlier.collect();
    // one that extends itself is a circle, which whoever lays it out will find
    while texts.len() <= rule_pack::CHAIN_MAX {
        let last = texts.last().map_or("", String::as_str);
        let Some(base) = rule_pack::read(last).map_err(Error::Invalid)?.extends else { break };
        // what is shipped cannot be overridden under its own name
        if let Some(text) = rule_pack::shipped_text(&base) {
            texts.push(text.to_owned());
            continue;
        }
        let Some(place) = earlier.iter().rposition(|row| row.pack == base) else { break };
        let row = &earlier[place];
        match (&row.pinned, &row.document) {
            (Some(pinned), _) => {
                let pinned: Vec<String> = serde_json::from_str(pinned)
                    .map_err(|error| Error::Internal(format!("rule pack {base}: {error}")))?;
                texts.extend(pinned);
                break;
            }
            (None, Some(text)) => texts.push(text.clone()),
            (None, None) => break,
        }
        earlier.truncate(place);
    }
    Ok(texts)
}

/// The texts of a pack that an earlier version put into force.
fn texts_of(tx: &mut Tx<'_>, row: &RulePackRow) -> Result<Vec<String>> {
    let shipped = || rule_pack::shipped_text(&row.pack).map(str::to_owned);
    let own = row.document.clone().or_else(shipped);
    let own = own.ok_or_else(|| Error::not_found("rule pack", &row.pack))?;
    chain(tx, &own, row.number)
}

/// Pins packs that an earlier version put into force, so that no later one changes what they say. One
/// that cannot be read is left as it is: it is reported where it is asked for.
pub(in crate::app) fn ensure_pinned(app: &App) -> Result<()> {
    if app
        .store
        .read(|tx| Ok::<_, Error>(tx.rule_packs()?.iter().all(|row| row.pinned.is_some())))?
    {
        return Ok(());
    }
    app.store.write(|tx| {
        for row in tx.rule_packs()? {
            if row.pinned.is_none()
                && let Ok(texts) = texts_of(tx, &row)
            {
                tx.pin_rule_pack(row.number, &Value::from(texts).to_string())?;
                let id = row.number.to_string();
                event("rule-pack", &id, "pin").record(app, tx, &Caller::service(PINS));
            }
        }
        Ok(())
    })
}

/// A pack by the id of a shipped one or by its document, with the texts that it is made of; both or
/// neither is a defect.
pub(super) fn named_or_read(
    tx: &mut Tx<'_>,
    id: Option<&str>,
    document: Option<&str>,
) -> Result<(Pack, Vec<String>)> {
    match (id, document) {
        (Some(id), None) => {
            let unknown = || {
                let message = format!("No shipped pack has the id \"{id}\"; send its document.");
                Error::invalid("unknown-pack", "/pack", message)
            };
            let text = rule_pack::shipped_text(id).ok_or_else(unknown)?;
            let texts = chain(tx, text, i64::MAX)?;
            Ok((resolve(&texts)?, texts))
        }
        (None, Some(text)) => {
            let document = rule_pack::read(text).map_err(|defects| within("/document", defects))?;
            if rule_pack::shipped().iter().any(|shipped| shipped.id == document.id) {
                let message =
                    format!("A shipped pack has the id \"{}\"; choose another.", document.id);
                return Err(Error::invalid("shipped-id", "/document/id", message));
            }
            let texts = chain(tx, text, i64::MAX)?;
            let pack = resolve(&texts).map_err(|error| match error {
                Error::Invalid(defects) => within("/document", defects),
                other => other,
            })?;
            Ok((pack, texts))
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
    let RulePackRow { number, pack, document, first_day, note, made_at, made_by, pinned: _ } = row;
    InForce { number, pack, document, first_day, note, made_at: made_at.and_utc(), made_by }
}

/// Puts a pack into force from a day on, today or later: what was filed is planned under it from then on.
/// The texts of all that it extends are kept with it, so that no later pack and no later version of the
/// program changes what it says.
pub fn put(app: &App, caller: &Caller, new: &NewInForce) -> Result<InForce> {
    caller.may(Action::ChangeRules, &Object::everywhere())?;
    let caller = caller.clone().because(Some(new.note.clone()));
    if new.first_day < app.today() {
        let message = format!("A pack holds from today ({}) on at the earliest.", app.today());
        return Err(Error::invalid("past", "/first_day", message));
    }
    app.store.write_once_more(Error::is_taken, |tx| {
        let (pack, texts) = named_or_read(tx, new.pack.as_deref(), new.document.as_deref())?;
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
            pinned: Some(Value::from(texts).to_string()),
        };
        tx.add_rule_pack(&row)?;
        let put = told(row);
        event("rule-pack", &number.to_string(), "put").after(&put).record(app, tx, &caller);
        Ok(put)
    })
}
