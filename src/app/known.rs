//! What requests that are filed in one transaction have in common: departments, items, areas, bodies,
//! pools and the pack in force, read once however many requests there are.

use super::App;
use super::error::Result;
use super::register_files::put;
use crate::domain::register::area::AreaTree;
use crate::domain::rules::Pack;
use crate::store::Tx;
use crate::wire::register::{Authority, Body, Department, Inspector, Item};
use chrono::NaiveDate;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Read once each, and for one transaction only: another may change them.
#[derive(Default)]
pub(super) struct Known {
    departments: BTreeMap<String, Option<Department>>,
    items: BTreeMap<String, Option<Item>>,
    around: BTreeMap<String, AreaTree>,
    bodies: BTreeMap<String, Vec<Body>>,
    authorities: BTreeMap<String, Vec<Authority>>,
    leads: BTreeMap<String, Option<String>>,
    pools: BTreeMap<(String, String), Option<String>>,
    inspectors: BTreeMap<String, Arc<Vec<Inspector>>>,
    packs: BTreeMap<NaiveDate, Arc<Pack>>,
}

/// The value of a key, read where it is not known yet.
fn once<K: Ord, V: Clone>(
    known: &mut BTreeMap<K, V>,
    key: K,
    read: impl FnOnce(&K) -> Result<V>,
) -> Result<V> {
    if let Some(value) = known.get(&key) {
        return Ok(value.clone());
    }
    let value = read(&key)?;
    known.insert(key, value.clone());
    Ok(value)
}

impl Known {
    /// A department.
    pub(super) fn department(&mut self, tx: &mut Tx<'_>, id: &str) -> Result<Option<Department>> {
        let read = |id: &String| Ok(tx.department(id)?.map(|found| found.value));
        once(&mut self.departments, id.to_owned(), read)
    }

    /// An item.
    pub(super) fn item(&mut self, tx: &mut Tx<'_>, id: &str) -> Result<Option<Item>> {
        let read = |id: &String| Ok(tx.item(id)?.map(|found| found.value));
        once(&mut self.items, id.to_owned(), read)
    }

    /// An area and those that it lies in.
    pub(super) fn around(&mut self, tx: &mut Tx<'_>, area: &str) -> Result<AreaTree> {
        once(&mut self.around, area.to_owned(), |area| {
            let (mut tree, mut next, mut steps) = (AreaTree::default(), Some(area.clone()), 0);
            // as many steps as there are levels, even where the tree is unsound
            while let Some(id) = next.filter(|_| steps < 4) {
                let found = tx.area(&id)?.map(|found| found.value);
                if let Some(area) = &found {
                    put(&mut tree, area);
                }
                next = found.and_then(|area| area.parent);
                steps += 1;
            }
            Ok(tree)
        })
    }

    /// The bodies of a department.
    pub(super) fn bodies(&mut self, tx: &mut Tx<'_>, department: &str) -> Result<Vec<Body>> {
        once(&mut self.bodies, department.to_owned(), |id| Ok(tx.bodies_of(id)?))
    }

    /// Entries of the authority matrix for an item.
    pub(super) fn authorities(&mut self, tx: &mut Tx<'_>, item: &str) -> Result<Vec<Authority>> {
        once(&mut self.authorities, item.to_owned(), |id| Ok(tx.authorities_of(id)?))
    }

    /// The department that leads a scenario.
    pub(super) fn lead(&mut self, tx: &mut Tx<'_>, scenario: &str) -> Result<Option<String>> {
        once(&mut self.leads, scenario.to_owned(), |id| Ok(tx.scenario_lead(id)?))
    }

    /// The pool that serves a department in an area.
    pub(super) fn pool_serving(
        &mut self,
        tx: &mut Tx<'_>,
        department: &str,
        area: &str,
    ) -> Result<Option<String>> {
        let key = (department.to_owned(), area.to_owned());
        once(&mut self.pools, key, |(department, area)| Ok(tx.pool_serving(department, area)?))
    }

    /// Inspectors whom a pool counts.
    pub(super) fn inspectors(
        &mut self,
        tx: &mut Tx<'_>,
        pool: &str,
    ) -> Result<Arc<Vec<Inspector>>> {
        let read = |id: &String| Ok(Arc::new(tx.inspectors_of_pool(id)?));
        once(&mut self.inspectors, pool.to_owned(), read)
    }

    /// The pack in force on a day.
    pub(super) fn pack(&mut self, app: &App, tx: &mut Tx<'_>, day: NaiveDate) -> Result<Arc<Pack>> {
        once(&mut self.packs, day, |day| super::rules::in_force(app, tx, *day))
    }
}
