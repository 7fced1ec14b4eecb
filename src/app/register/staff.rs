//! Who of the register may inspect: what intake and planning ask of bodies and inspectors.
//!
//! A pool without registered inspectors is taken at its word: counties load their people one
//! department after the other.

use crate::app::error::Result;
use crate::domain::Message;
use crate::domain::problem::Span;
use crate::domain::register::staff::Inspector;
use crate::message;
use crate::store::Tx;
use crate::wire::register::{self, Item};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

/// Registered inspectors by pool.
pub type Staff = BTreeMap<String, Vec<Inspector>>;

/// Every inspector whom a pool counts.
pub fn of_pools(tx: &mut Tx<'_>) -> Result<Staff> {
    let mut pool_of: BTreeMap<String, String> = BTreeMap::new();
    let mut inspectors: BTreeMap<String, Inspector> = BTreeMap::new();
    for inspector in tx.every::<register::Inspector>()? {
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
    for absence in tx.every::<register::Absence>()? {
        if let Some(inspector) = inspectors.get_mut(&absence.inspector) {
            inspector.away.push(Span { first: absence.from, last: absence.to });
        }
    }
    for recusal in tx.every::<register::Recusal>()? {
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

/// Which pool serves a department in an area.
pub(in crate::app) struct Serving<'p>(BTreeMap<(&'p str, Option<&'p str>), &'p str>);

impl<'p> Serving<'p> {
    /// As these pools say.
    pub(in crate::app) fn of(pools: impl Iterator<Item = &'p register::Pool>) -> Self {
        let place = |pool: &'p register::Pool| {
            ((pool.department.as_str(), pool.area.as_deref()), pool.id.as_str())
        };
        Self(pools.map(place).collect())
    }

    /// The department's pool for the area, else its general one.
    pub(in crate::app) fn pool(&self, department: &str, area: &str) -> Option<&'p str> {
        self.0.get(&(department, Some(area))).or_else(|| self.0.get(&(department, None))).copied()
    }
}

/// Why nobody could hold a request, found when it is filed: the field, and what is wrong with it. `pool`
/// is the one that would serve it.
pub(in crate::app) fn intake_defects(
    pool: &str,
    staff: &[register::Inspector],
    recused: &BTreeSet<String>,
    item: &Item,
    (crew, window): (i64, (NaiveDate, NaiveDate)),
) -> Vec<(&'static str, Message)> {
    let mut found = Vec::new();
    if !staff.is_empty() {
        let eligible = staff.iter().filter(|inspector| {
            let is_qualified = |wanted: &String| inspector.qualifications.contains(wanted);
            !recused.contains(&inspector.id)
                && item.qualification.as_ref().is_none_or(is_qualified)
                && inspector.certificate_from <= window.1
                && window.0 <= inspector.certificate_to
        });
        let n = eligible.count() as i64;
        if n < crew {
            let message = match item.qualification.as_deref() {
                Some(wanted) => message!(
                    "no-qualified-inspectors",
                    pool = pool,
                    count = n,
                    qualification = wanted,
                    crew = crew
                ),
                None => message!(
                    "no-qualified-inspectors_certified",
                    pool = pool,
                    count = n,
                    crew = crew
                ),
            };
            found.push(("item", message));
        }
    }
    found
}
