//! Scenarios and items: what may be combined under what.

use crate::app::error::Result;
use crate::domain::codes::is_in_industry;
use crate::store::Tx;
use crate::wire::register::scenario::Scenario;
use crate::wire::register::{Authority, Body, Item};
use std::collections::BTreeMap;

/// What a department inspects, and under which scenarios.
pub(in crate::app) struct Catalogue {
    /// By id.
    pub scenarios: Vec<Scenario>,
    /// Scenarios by item, as places in `scenarios`.
    of_item: BTreeMap<String, Vec<usize>>,
    /// Items by id.
    pub items: BTreeMap<String, Item>,
}

impl Catalogue {
    pub(in crate::app) fn read(tx: &mut Tx<'_>) -> Result<Self> {
        let scenarios: Vec<_> =
            tx.scenarios("", i64::MAX)?.into_iter().map(|row| row.value).collect();
        let place: BTreeMap<&str, usize> =
            scenarios.iter().enumerate().map(|(i, s)| (s.id.as_str(), i)).collect();
        let mut of_item: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (scenario, item) in tx.scenario_items()? {
            if let Some(place) = place.get(scenario.as_str()) {
                of_item.entry(item).or_default().push(*place);
            }
        }
        let items = tx.items(None, "", i64::MAX)?;
        let items = items.into_iter().map(|row| (row.value.id.clone(), row.value)).collect();
        Ok(Self { scenarios, of_item, items })
    }

    /// A scenario.
    pub(in crate::app) fn scenario(&self, id: &str) -> Option<&Scenario> {
        let place = self.scenarios.binary_search_by(|scenario| scenario.id.as_str().cmp(id));
        Some(&self.scenarios[place.ok()?])
    }

    /// Ids of the scenarios under which an item may be combined at an enterprise of this industry.
    pub(in crate::app) fn scenarios_of(&self, item: &str, industry: &str) -> Vec<String> {
        let places = self.of_item.get(item).into_iter().flatten();
        let scenarios = places.map(|place| &self.scenarios[*place]);
        scenarios
            .filter(|scenario| scenario.gbt4754.iter().any(|p| is_in_industry(industry, p)))
            .map(|scenario| scenario.id.clone())
            .collect()
    }
}

/// Whether an item is a department's, or was given to one of its `bodies` by `entries` of the authority
/// matrix; when and where is R37's to say.
pub(in crate::app) fn is_own_item(
    item: &Item,
    department: &str,
    bodies: &[Body],
    entries: &[Authority],
) -> bool {
    let is_given = |body: &Body| entries.iter().any(|entry| entry.body == body.id);
    item.department == department || bodies.iter().any(is_given)
}
