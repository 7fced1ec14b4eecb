//! What requests have in common when they are judged: departments, items, areas, bodies, pools and the
//! pack in force, read once however many requests there are, and kept for the next ones as long as the
//! audit log shows no change of them; and what register and schedule hold at the enterprises of some
//! requests, read for many at a time.

use crate::app::App;
use crate::app::access::changes::{CHANGES_MAX, Changes};
use crate::app::error::Result;
use crate::app::register::areas::put;
use crate::domain::register::area::AreaTree;
use crate::domain::rules::Pack;
use crate::store::{LastEvent, Since, Sparing, Tx, VisitPart};
use crate::wire::law::campaign::InspectionPlan;
use crate::wire::law::draw::Draw;
use crate::wire::register::{
    Authority, Body, Department, Enterprise, Inspector, Item, QuietPeriod,
};
use crate::wire::requests::request::Request;
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

/// Days that are looked at around requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::app) struct Scope {
    /// Visits of the schedule from this day on.
    pub since: NaiveDate,
    /// What spares enterprises from this day on,
    pub first: NaiveDate,
    /// and until this one.
    pub last: NaiveDate,
}

impl Scope {
    /// The smallest scope that has both.
    pub(in crate::app) fn with(self, other: Self) -> Self {
        Self {
            since: self.since.min(other.since),
            first: self.first.min(other.first),
            last: self.last.max(other.last),
        }
    }
}

/// What register and schedule hold at one enterprise.
pub(in crate::app) struct Place {
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

/// What the register holds for all enterprises alike. What it does not hold is asked for each time, so
/// that made-up ids take no memory.
#[derive(Default)]
struct Lists {
    departments: BTreeMap<String, Arc<Department>>,
    items: BTreeMap<String, Arc<Item>>,
    around: BTreeMap<String, Arc<AreaTree>>,
    within: BTreeMap<String, Arc<BTreeSet<String>>>,
    bodies: BTreeMap<String, Arc<Vec<Body>>>,
    authorities: BTreeMap<String, Arc<Vec<Authority>>>,
    leads: BTreeMap<String, String>,
    pools: BTreeMap<(String, String), String>,
    inspectors: BTreeMap<String, Arc<Vec<Inspector>>>,
    packs: BTreeMap<NaiveDate, Arc<Pack>>,
    /// Quiet periods of areas, and the days for which they were read.
    quiet_areas: Option<(Scope, Arc<Vec<QuietPeriod>>)>,
}

/// Lists that several transactions fill and use.
#[derive(Default)]
struct Common(Mutex<Lists>);

impl Common {
    fn with<T>(&self, work: impl FnOnce(&mut Lists) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The value of a key, read where it is not known yet.
    fn once<K: Ord + Clone, V: Clone>(
        &self,
        list: fn(&mut Lists) -> &mut BTreeMap<K, V>,
        key: &K,
        read: impl FnOnce(&K) -> Result<Option<V>>,
    ) -> Result<Option<V>> {
        if let Some(value) = self.with(|lists| list(lists).get(key).cloned()) {
            return Ok(Some(value));
        }
        let value = read(key)?;
        if let Some(value) = &value {
            self.with(|lists| list(lists).insert(key.clone(), value.clone()));
        }
        Ok(value)
    }
}

/// Lists that are kept between transactions, and the event as of which they hold.
#[derive(Default)]
pub(in crate::app) struct Kept(Mutex<Option<(LastEvent, Arc<Common>)>>);

/// For one transaction only, but for the lists: another may change it.
#[derive(Default)]
pub(in crate::app) struct ReadCache {
    common: Arc<Common>,
    plans: BTreeMap<String, Option<Arc<InspectionPlan>>>,
    draws: BTreeMap<String, Option<Arc<Draw>>>,
    places: BTreeMap<String, (Scope, Option<Arc<Place>>)>,
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

impl ReadCache {
    /// What is known already and has not changed, for a transaction that only reads and has read nothing
    /// yet; and the last event, as of which it holds. A transaction that writes may see
    /// what will never be committed, and begins with nothing ([`ReadCache::nothing`]).
    pub(super) fn take_up(app: &App, tx: &mut Tx<'_>) -> Result<(Self, LastEvent)> {
        let kept = || app.read_cache.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = kept().as_ref().map(|(event, common)| (event.clone(), Arc::clone(common)));
        let mut held = None;
        if let Some((event, common)) = before
            && let Some(Since { last, changed }) = tx.changed_since(&event, CHANGES_MAX)?
            && matches!(Changes::of(changed, CHANGES_MAX), Changes::Requests(_))
        {
            held = Some((last, common));
        }
        let (last, common) = match held {
            Some(held) => held,
            None => (tx.last_event()?, Arc::default()),
        };
        *kept() = Some((last.clone(), Arc::clone(&common)));
        Ok((Self { common, ..Self::default() }, last))
    }

    /// Nothing yet, and the last event: for a transaction that writes.
    pub(in crate::app) fn nothing(tx: &mut Tx<'_>) -> Result<(Self, LastEvent)> {
        Ok((Self::default(), tx.last_event()?))
    }

    /// The lists alone, for other places.
    pub(in crate::app) fn lists(&self) -> Self {
        Self { common: Arc::clone(&self.common), ..Self::default() }
    }

    /// A department.
    pub(in crate::app) fn department(
        &mut self,
        tx: &mut Tx<'_>,
        id: &str,
    ) -> Result<Option<Arc<Department>>> {
        let read = |id: &String| Ok(tx.department(id)?.map(|found| Arc::new(found.value)));
        self.common.once(|lists| &mut lists.departments, &id.to_owned(), read)
    }

    /// An item.
    pub(in crate::app) fn item(&mut self, tx: &mut Tx<'_>, id: &str) -> Result<Option<Arc<Item>>> {
        let read = |id: &String| Ok(tx.item(id)?.map(|found| Arc::new(found.value)));
        self.common.once(|lists| &mut lists.items, &id.to_owned(), read)
    }

    /// An area and those that it lies in.
    pub(in crate::app) fn around(&mut self, tx: &mut Tx<'_>, area: &str) -> Result<Arc<AreaTree>> {
        let read = |area: &String| {
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
            Ok(Some(Arc::new(tree)))
        };
        let found = self.common.once(|lists| &mut lists.around, &area.to_owned(), read)?;
        Ok(found.unwrap_or_default())
    }

    /// An area with all that lie in it.
    pub(in crate::app) fn within(
        &mut self,
        tx: &mut Tx<'_>,
        area: &str,
    ) -> Result<Arc<BTreeSet<String>>> {
        let read = |area: &String| {
            let within: BTreeSet<String> =
                tx.areas_within(vec![area.clone()])?.into_iter().collect();
            Ok(Some(Arc::new(within)))
        };
        let found = self.common.once(|lists| &mut lists.within, &area.to_owned(), read)?;
        Ok(found.unwrap_or_default())
    }

    /// The bodies of a department.
    pub(in crate::app) fn bodies(
        &mut self,
        tx: &mut Tx<'_>,
        department: &str,
    ) -> Result<Arc<Vec<Body>>> {
        let read = |id: &String| Ok(Some(Arc::new(tx.bodies_of(id)?)));
        let found = self.common.once(|lists| &mut lists.bodies, &department.to_owned(), read)?;
        Ok(found.unwrap_or_default())
    }

    /// Entries of the authority matrix for an item.
    pub(super) fn authorities(
        &mut self,
        tx: &mut Tx<'_>,
        item: &str,
    ) -> Result<Arc<Vec<Authority>>> {
        let read = |id: &String| Ok(Some(Arc::new(tx.authorities_of(id)?)));
        let found = self.common.once(|lists| &mut lists.authorities, &item.to_owned(), read)?;
        Ok(found.unwrap_or_default())
    }

    /// The department that leads a scenario.
    pub(in crate::app) fn lead(
        &mut self,
        tx: &mut Tx<'_>,
        scenario: &str,
    ) -> Result<Option<String>> {
        let read = |id: &String| Ok(tx.scenario_lead(id)?);
        self.common.once(|lists| &mut lists.leads, &scenario.to_owned(), read)
    }

    /// The pool that serves a department in an area.
    pub(super) fn pool_serving(
        &mut self,
        tx: &mut Tx<'_>,
        department: &str,
        area: &str,
    ) -> Result<Option<String>> {
        let key = (department.to_owned(), area.to_owned());
        let read = |(department, area): &(String, String)| Ok(tx.pool_serving(department, area)?);
        self.common.once(|lists| &mut lists.pools, &key, read)
    }

    /// Inspectors whom a pool counts.
    pub(in crate::app) fn inspectors(
        &mut self,
        tx: &mut Tx<'_>,
        pool: &str,
    ) -> Result<Arc<Vec<Inspector>>> {
        let read = |id: &String| Ok(Some(Arc::new(tx.inspectors_of_pool(id)?)));
        let found = self.common.once(|lists| &mut lists.inspectors, &pool.to_owned(), read)?;
        Ok(found.unwrap_or_default())
    }

    /// The pack in force on a day.
    pub(in crate::app) fn pack(
        &mut self,
        app: &App,
        tx: &mut Tx<'_>,
        day: NaiveDate,
    ) -> Result<Arc<Pack>> {
        if let Some(pack) = self.common.with(|lists| lists.packs.get(&day).cloned()) {
            return Ok(pack);
        }
        let pack = crate::app::law::rules::in_force(app, tx, day)?;
        self.common.with(|lists| lists.packs.insert(day, Arc::clone(&pack)));
        Ok(pack)
    }

    /// An annual plan or campaign, with what is used of its quota.
    pub(in crate::app) fn inspection_plan(
        &mut self,
        app: &App,
        tx: &mut Tx<'_>,
        id: &str,
    ) -> Result<Option<Arc<InspectionPlan>>> {
        let read = |id: &String| {
            Ok(crate::app::law::campaigns::inspection_plan_for(app, tx, id)?.map(Arc::new))
        };
        once(&mut self.plans, id.to_owned(), read)
    }

    /// A draw, without its result.
    pub(in crate::app) fn draw(&mut self, tx: &mut Tx<'_>, id: &str) -> Result<Option<Arc<Draw>>> {
        once(&mut self.draws, id.to_owned(), |id| Ok(tx.draw_head(id)?.map(Arc::new)))
    }

    /// Quiet periods of areas within a scope, and perhaps some around it.
    pub(in crate::app) fn quiet_areas(
        &mut self,
        tx: &mut Tx<'_>,
        scope: Scope,
    ) -> Result<Arc<Vec<QuietPeriod>>> {
        let known = self.common.with(|lists| lists.quiet_areas.clone());
        let wanted = known.as_ref().map_or(scope, |(known, _)| known.with(scope));
        if let Some((known, quiet)) = known
            && wanted == known
        {
            return Ok(quiet);
        }
        let quiet = Arc::new(tx.quiet_of_areas((wanted.first, wanted.last))?);
        self.common.with(|lists| lists.quiet_areas = Some((wanted, Arc::clone(&quiet))));
        Ok(quiet)
    }

    /// What register and schedule hold at an enterprise; `None`: the register does not know it.
    pub(in crate::app) fn place(
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
        let is_special = match codes {
            [one] => tx.is_special(one, (scope.first, scope.last))?,
            _ => true,
        };
        let all = match is_special {
            true => tx.sparing(codes, (scope.first, scope.last))?,
            false => Sparing::default(),
        };
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
        let recusals = if is_special { tx.recused_from(codes)? } else { Vec::new() };
        for (enterprise, inspector) in recusals {
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
