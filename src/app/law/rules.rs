//! Rule packs: which are there, which holds when, and putting one into force.

use crate::app::App;
use crate::app::access::audit::event;
use crate::app::access::{Action, Caller, Object};
use crate::app::error::{Error, Result};
use crate::domain::Defect;
use crate::domain::rules::{Document, Pack};
use crate::message;
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
    rule_pack::shipped_pack(id).ok_or_else(|| not_found(id))
}

fn not_found(id: &str) -> Error {
    Error::NotFound(message!("not-found_rule-pack", id = id))
}

fn resolve_row(tx: &mut Tx<'_>, row: &RulePackRow) -> Result<Pack> {
    let texts = match pinned(row)? {
        Some(texts) => texts,
        None => texts_of(tx, row)?,
    };
    resolve(&texts).map_err(|defects| {
        let first = defects.first().map(ToString::to_string).unwrap_or_default();
        Error::Internal(format!("rule pack {}: {first}", row.number))
    })
}

/// A pack of its texts, its own first. What it extends must be among them.
fn resolve(texts: &[String]) -> std::result::Result<Pack, Vec<Defect>> {
    let documents: Vec<Document> =
        texts.iter().map(|text| rule_pack::read(text)).collect::<std::result::Result<_, _>>()?;
    let find = |id: &str| documents[1..].iter().find(|document| document.id == id).cloned();
    rule_pack::resolve(documents[0].clone(), &find)
}

/// The texts that a pack in force was made of, its own first.
fn pinned(row: &RulePackRow) -> Result<Option<Vec<String>>> {
    let damaged = |error| Error::Internal(format!("rule pack {}: {error}", row.number));
    row.pinned.as_ref().map(|texts| serde_json::from_str(texts).map_err(damaged)).transpose()
}

/// A document's text and those of all that it extends: shipped packs, or what the newest of that id among
/// those put into force before number `before` was made of.
fn with_base(tx: &mut Tx<'_>, own: &str, before: i64) -> Result<Vec<String>> {
    let mut texts = vec![own.to_owned()];
    if let Some(base) = rule_pack::read(own).map_err(Error::Invalid)?.extends {
        // what is shipped cannot be overridden under its own name
        if let Some(shipped) = rule_pack::shipped_texts(&base) {
            texts.extend(shipped);
        } else {
            let is_base = |row: &&RulePackRow| row.pack == base && row.number < before;
            let rows = tx.rule_packs()?;
            let found = rows.iter().rev().find(is_base).map(pinned).transpose()?;
            texts.extend(found.flatten().unwrap_or_default());
        }
    }
    Ok(texts)
}

/// The texts of a pack that an earlier version put into force.
fn texts_of(tx: &mut Tx<'_>, row: &RulePackRow) -> Result<Vec<String>> {
    match &row.document {
        Some(text) => with_base(tx, text, row.number),
        None => rule_pack::shipped_texts(&row.pack).ok_or_else(|| not_found(&row.pack)),
    }
}

/// Pins packs that an earlier version put into force, the oldest first, so that no later one changes what
/// they say. One that cannot be read is left as it is: it is reported where it is asked for.
pub(in crate::app) fn ensure_pinned(app: &App) -> Result<()> {
    if app.store.read(|tx| Ok::<_, Error>(tx.unpinned_rule_packs()?.is_empty()))? {
        return Ok(());
    }
    app.store.write(|tx| {
        for row in tx.unpinned_rule_packs()? {
            if let Ok(texts) = texts_of(tx, &row) {
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
    let (texts, at) = match (id, document) {
        (Some(id), None) => {
            let unknown = || Error::defect("/pack", message!("unknown-pack_shipped", id = id));
            (rule_pack::shipped_texts(id).ok_or_else(unknown)?, "/pack")
        }
        (None, Some(text)) => {
            let document = rule_pack::read(text).map_err(|defects| within("/document", defects))?;
            if rule_pack::shipped().iter().any(|shipped| shipped.id == document.id) {
                let message = message!("shipped-id", id = document.id);
                return Err(Error::defect("/document/id", message));
            }
            (with_base(tx, text, i64::MAX)?, "/document")
        }
        _ => return Err(Error::defect("/pack", message!("one-of-two_rule-pack"))),
    };
    let pack = resolve(&texts).map_err(|defects| within(at, defects))?;
    Ok((pack, texts))
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
    Ok(rows.into_iter().rev().map(put_in_force).collect())
}

fn put_in_force(row: RulePackRow) -> InForce {
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
        let message = message!("past_rule-pack", day = new.first_day, today = app.today());
        return Err(Error::defect("/first_day", message));
    }
    app.store.write_once_more(Error::is_taken, |tx| {
        let (pack, texts) = named_or_read(tx, new.pack.as_deref(), new.document.as_deref())?;
        if !pack.holds_on(new.first_day) {
            let message = match pack.until {
                Some(until) => message!(
                    "pack-does-not-hold_until",
                    day = new.first_day,
                    from = pack.from,
                    until = until,
                ),
                None => {
                    message!("pack-does-not-hold", day = new.first_day, from = pack.from)
                }
            };
            return Err(Error::defect("/first_day", message));
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
        let put = put_in_force(row);
        event("rule-pack", &number.to_string(), "put").after(&put).record(app, tx, &caller);
        Ok(put)
    })
}
