//! What requests that are judged in one transaction have in common: departments, items, areas, bodies,
//! pools and the pack in force, read once however many requests there are; and what register and schedule
//! hold at their enterprises, read for many at a time.

use super::App;
use super::error::Result;
use super::register_files::put;
use crate::domain::register::area::AreaTree;
use crate::domain::rules::Pack;
use crate::store::{Sparing, Tx, VisitPart};
use crate::wire::campaign::InspectionPlan;
use crate::wire::draw::Draw;
use crate::wire::register::{
    Authority, Body, Department, Enterprise, Inspector, Item, QuietPeriod,
};
use crate::wire::request::Request;
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Days that are looked at around requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Scope {
    /// Visits of the schedule from this day on.
    pub since: NaiveDate,
    /// What spares enterprises from this day on,
    pub first: NaiveDate,
    /// and until this one.
    pub last: NaiveDate,
}

impl Scope {
    /// The smallest scope that has both.
    pub(super) fn with(self, other: Self) -> Self {
        Self {
            since: self.since.min(other.since),
            first: self.first.min(other.first),
            last: self.last.max(other.last),
        }
    }
}

/// What register and schedule hold at one enterprise.
pub(super) struct Place {
    pub enterprise: Arc<Enterprise>,
    /// The schedule, by day and visit.
    pub parts: Vec<VisitPart>,
    /// Open requests whose window has not passed, in the order they were filed.
    pub open: Vec<Arc<Request>>,
    /// What spares the enterprise itself.
    pub sparing: Arc<Sparing>,
    /// Inspectors who are recused from it.
    pub recused: Arc<BTreeSet<String>>,
}

/// Read once each, and for one transaction only: another may change them.
#[derive(Default)]
pub(super) struct Known {
    departments: BTreeMap<String, Option<Arc<Department>>>,
    items: BTreeMap<String, Option<Arc<Item>>>,
    around: BTreeMap<String, Arc<AreaTree>>,
    within: BTreeMap<String, Arc<BTreeSet<String>>>,
    bodies: BTreeMap<String, Arc<Vec<Body>>>,
    authorities: BTreeMap<String, Arc<Vec<Authority>>>,
    leads: BTreeMap<String, Option<String>>,
    pools: BTreeMap<(String, String), Option<String>>,
    inspectors: BTreeMap<String, Arc<Vec<Inspector>>>,
    packs: BTreeMap<NaiveDate, Arc<Pack>>,
    plans: BTreeMap<String, Option<Arc<InspectionPlan>>>,
    draws: BTreeMap<String, Option<Arc<Draw>>>,
    places: BTreeMap<String, (Scope, Option<Arc<Place>>)>,
    /// Quiet periods of areas, and the days for which they were read.
    quiet_areas: Option<(Scope, Arc<Vec<QuietPeriod>>)>,
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
    pub(super) fn department(
        &mut self,
        tx: &mut Tx<'_>,
        id: &str,
    ) -> Result<Option<Arc<Department>>> {
        let read = |id: &String| Ok(tx.department(id)?.map(|found| Arc::new(found.value)));
        once(&mut self.departments, id.to_owned(), read)
    }

    /// An item.
    pub(super) fn item(&mut self, tx: &mut Tx<'_>, id: &str) -> Result<Option<Arc<Item>>> {
        let read = |id: &String| Ok(tx.item(id)?.map(|found| Arc::new(found.value)));
        once(&mut self.items, id.to_owned(), read)
    }

    /// An area and those that it lies in.
    pub(super) fn around(&mut self, tx: &mut Tx<'_>, area: &str) -> Result<Arc<AreaTree>> {
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
            Ok(Arc::new(tree))
        })
    }

    /// An area with all that lie in it.
    pub(super) fn within(&mut self, tx: &mut Tx<'_>, area: &str) -> Result<Arc<BTreeSet<String>>> {
        once(&mut self.within, area.to_owned(), |area| {
            Ok(Arc::new(tx.areas_within(vec![area.clone()])?.into_iter().collect()))
        })
    }

    /// The bodies of a department.
    pub(super) fn bodies(&mut self, tx: &mut Tx<'_>, department: &str) -> Result<Arc<Vec<Body>>> {
        once(&mut self.bodies, department.to_owned(), |id| Ok(Arc::new(tx.bodies_of(id)?)))
    }

    /// Entries of the authority matrix for an item.
    pub(super) fn authorities(
        &mut self,
        tx: &mut Tx<'_>,
        item: &str,
    ) -> Result<Arc<Vec<Authority>>> {
        let read = |id: &String| Ok(Arc::new(tx.authorities_of(id)?));
        once(&mut self.authorities, item.to_owned(), read)
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

    /// An annual plan or campaign, with what is used of its quota.
    pub(super) fn plan(
        &mut self,
        app: &App,
        tx: &mut Tx<'_>,
        id: &str,
    ) -> Result<Option<Arc<InspectionPlan>>> {
        let read = |id: &String| Ok(super::campaigns::plan_for(app, tx, id)?.map(Arc::new));
        once(&mut self.plans, id.to_owned(), read)
    }

    /// A draw, without its result.
    pub(super) fn draw(&mut self, tx: &mut Tx<'_>, id: &str) -> Result<Option<Arc<Draw>>> {
        once(&mut self.draws, id.to_owned(), |id| Ok(tx.draw_head(id)?.map(Arc::new)))
    }

    /// Quiet periods of areas within a scope.
    pub(super) fn quiet_areas(
        &mut self,
        tx: &mut Tx<'_>,
        scope: Scope,
    ) -> Result<Arc<Vec<QuietPeriod>>> {
        let has_it = |known: &Scope| known.with(scope) == *known;
        if let Some((known, quiet)) = &self.quiet_areas
            && has_it(known)
        {
            return Ok(Arc::clone(quiet));
        }
        let quiet = Arc::new(tx.quiet_of_areas((scope.first, scope.last))?);
        self.quiet_areas = Some((scope, Arc::clone(&quiet)));
        Ok(quiet)
    }

    /// What register and schedule hold at an enterprise; `None`: the register does not know it.
    pub(super) fn place(
        &mut self,
        app: &App,
        tx: &mut Tx<'_>,
        enterprise: &str,
        scope: Scope,
    ) -> Result<Option<Arc<Place>>> {
        if !self.has_place(enterprise, scope) {
            self.read_places(app, tx, &[enterprise.to_owned()], scope)?;
        }
        Ok(self.places.get(enterprise).and_then(|(_, place)| place.clone()))
    }

    fn has_place(&self, enterprise: &str, scope: Scope) -> bool {
        self.places.get(enterprise).is_some_and(|(known, _)| known.with(scope) == *known)
    }

    /// Reads what register and schedule hold at many enterprises at a time.
    pub(super) fn read_places(
        &mut self,
        app: &App,
        tx: &mut Tx<'_>,
        codes: &[String],
        scope: Scope,
    ) -> Result<()> {
        let mut parts: BTreeMap<String, Vec<VisitPart>> = BTreeMap::new();
        for part in tx.visit_parts(codes, scope.since)? {
            parts.entry(part.enterprise.clone()).or_default().push(part);
        }
        let mut open: BTreeMap<String, Vec<Arc<Request>>> = BTreeMap::new();
        for request in tx.open_requests_at(codes, app.today())? {
            open.entry(request.filed.enterprise.clone()).or_default().push(Arc::new(request));
        }
        let mut sparing: BTreeMap<String, Sparing> = BTreeMap::new();
        let all = tx.sparing(codes, (scope.first, scope.last))?;
        for quiet in all.quiet {
            if let Some(enterprise) = &quiet.enterprise {
                sparing.entry(enterprise.clone()).or_default().quiet.push(quiet);
            }
        }
        for closure in all.closures {
            let own = sparing.entry(closure.enterprise.clone()).or_default();
            own.closures.push(closure);
        }
        for listing in all.listings {
            let own = sparing.entry(listing.enterprise.clone()).or_default();
            own.listings.push(listing);
        }
        let mut recused: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (enterprise, inspector) in tx.recused_from(codes)? {
            recused.entry(enterprise).or_default().insert(inspector);
        }
        self.places.extend(codes.iter().map(|code| (code.clone(), (scope, None))));
        for enterprise in tx.enterprises_of(codes)? {
            let id = enterprise.id.clone();
            let place = Place {
                parts: parts.remove(&id).unwrap_or_default(),
                open: open.remove(&id).unwrap_or_default(),
                sparing: Arc::new(sparing.remove(&id).unwrap_or_default()),
                recused: Arc::new(recused.remove(&id).unwrap_or_default()),
                enterprise: Arc::new(enterprise),
            };
            self.places.insert(id, (scope, Some(Arc::new(place))));
        }
        Ok(())
    }
}
