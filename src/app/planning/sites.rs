//! Enterprises with the days and lists that spare them, for planning.

use crate::app::law::reading::{enterprise_case, quiet_spans};
use crate::domain::problem::Span;
use crate::domain::register::area::AreaTree;
use crate::domain::register::days;
use crate::domain::rules::{Pack, case};
use crate::store::Sparing;
use crate::wire::register::{EVERY_WEEKDAY, Enterprise, Listing};
use std::collections::BTreeMap;

/// An enterprise as the law looks at it, with the days on which nobody or few may come.
pub(in crate::app) struct Site<'s> {
    pub case: case::EnterpriseCase<'s>,
    pub closed: Vec<Span>,
    pub quiet: Vec<Span>,
    pub listings: Vec<&'s Listing>,
}

/// Every enterprise as the rules look at it, with the days on which it is closed and the lists that
/// spare it.
pub(super) fn sites<'s>(
    pack: &Pack,
    enterprises: &'s BTreeMap<String, Enterprise>,
    (areas, sparing): (&'s AreaTree, &'s Sparing),
    within: Span,
) -> BTreeMap<&'s str, Site<'s>> {
    let mut spared = Spared::sort(sparing, within);
    let mut sites = BTreeMap::new();
    for enterprise in enterprises.values() {
        let id = enterprise.id.as_str();
        let mut closed = spared.closed.remove(id).unwrap_or_default();
        let open = &enterprise.open_weekdays;
        if open != EVERY_WEEKDAY {
            closed.extend(days::spans(within, |day| !days::is_open_weekday(open, day)));
        }
        let own = spared.quiet.remove(id);
        let areas = areas.chain(&enterprise.area);
        let around = areas.iter().filter_map(|area| spared.quiet_areas.get(area)).flatten();
        let quiet = own.unwrap_or_default().into_iter().chain(around.copied()).collect();
        let listings = spared.listings.remove(id).unwrap_or_default();
        let case = enterprise_case(enterprise, areas, &listings, quiet);
        let quiet = pack.quiet_spans(&case, within);
        sites.insert(id, Site { case, closed, quiet, listings });
    }
    sites
}

/// What spares enterprises within the horizon, by whom it spares.
#[derive(Default)]
struct Spared<'s> {
    quiet: BTreeMap<&'s str, Vec<Span>>,
    quiet_areas: BTreeMap<&'s str, Vec<Span>>,
    closed: BTreeMap<&'s str, Vec<Span>>,
    listings: BTreeMap<&'s str, Vec<&'s Listing>>,
}

impl<'s> Spared<'s> {
    fn sort(sparing: &'s Sparing, within: Span) -> Self {
        let mut spared = Self::default();
        for period in &sparing.quiet {
            let spans = quiet_spans(period, within);
            if let Some(enterprise) = &period.enterprise {
                spared.quiet.entry(enterprise).or_default().extend(&spans);
            }
            if let Some(area) = &period.area {
                spared.quiet_areas.entry(area).or_default().extend(&spans);
            }
        }
        for closure in &sparing.closures {
            let span = days::part(Span { first: closure.from, last: closure.to }, within);
            spared.closed.entry(&closure.enterprise).or_default().extend(span);
        }
        for listing in &sparing.listings {
            spared.listings.entry(&listing.enterprise).or_default().push(listing);
        }
        spared
    }
}
