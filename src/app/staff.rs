//! Who of the register may inspect: what intake and planning ask of bodies and inspectors.
//!
//! A pool without registered inspectors is taken at its word: counties load their people one
//! department after the other.

use super::error::Result;
use crate::domain::problem::Span;
use crate::domain::register::staff::Inspector;
use crate::store::Tx;
use crate::wire::register::{self, Item, Kind, Record};
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// Registered inspectors by pool.
pub type Staff = BTreeMap<String, Vec<Inspector>>;

/// Every inspector whom a pool counts.
pub fn of_pools(tx: &mut Tx<'_>) -> Result<Staff> {
    let mut pool_of: BTreeMap<String, String> = BTreeMap::new();
    let mut inspectors: BTreeMap<String, Inspector> = BTreeMap::new();
    for row in tx.records(Kind::Inspectors, "", i64::MAX)? {
        let Record::Inspectors(inspector) = row.value else { continue };
        let Some(pool) = inspector.pool else { continue };
        pool_of.insert(inspector.id.clone(), pool);
        let person = Inspector {
            minutes: inspector.minutes,
            certificate: Span { first: inspector.certificate_from, last: inspector.certificate_to },
            qualifications: inspector.qualifications.into_iter().collect(),
            away: Vec::new(),
            recused: Default::default(),
        };
        inspectors.insert(inspector.id, person);
    }
    for row in tx.records(Kind::Absences, "", i64::MAX)? {
        let Record::Absences(absence) = row.value else { continue };
        if let Some(inspector) = inspectors.get_mut(&absence.inspector) {
            inspector.away.push(Span { first: absence.from, last: absence.to });
        }
    }
    for row in tx.records(Kind::Recusals, "", i64::MAX)? {
        let Record::Recusals(recusal) = row.value else { continue };
        if let Some(inspector) = inspectors.get_mut(&recusal.inspector) {
            inspector.recused.insert(recusal.enterprise);
        }
    }
    let mut staff = Staff::new();
    for (id, inspector) in inspectors {
        staff.entry(pool_of[&id].clone()).or_default().push(inspector);
    }
    Ok(staff)
}

/// Why nobody could hold a request, found when it is filed: code, field and remedy. `pool` is the one
/// that would serve it.
pub(super) fn intake_defects(
    tx: &mut Tx<'_>,
    (pool, enterprise): (&str, &str),
    staff: &[register::Inspector],
    item: &Item,
    (crew, window): (i64, (NaiveDate, NaiveDate)),
) -> Result<Vec<(&'static str, &'static str, String)>> {
    let mut found = Vec::new();
    if !staff.is_empty() {
        let recused = tx.recused_from(enterprise)?;
        let eligible = staff.iter().filter(|inspector| {
            let is_qualified = |wanted: &String| inspector.qualifications.contains(wanted);
            !recused.contains(&inspector.id)
                && item.qualification.as_ref().is_none_or(is_qualified)
                && inspector.certificate_from <= window.1
                && window.0 <= inspector.certificate_to
        });
        let n = eligible.count() as i64;
        if n < crew {
            let wanted = item.qualification.as_deref().map_or(String::new(), |qualification| {
                format!(" qualified for \"{qualification}\"")
            });
            let message = format!(
                "The pool \"{pool}\" has {n} certified inspectors{wanted} who are not recused from \
                 this enterprise; {crew} are needed."
            );
            found.push(("no-qualified-inspectors", "item", message));
        }
    }
    Ok(found)
}
