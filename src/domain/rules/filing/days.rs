//! On which days: R02, R22, R23, R24, R29, R37.

use crate::domain::rules::{Case, Finding, ListAllows, Pack, RuleId};
use crate::message;
use chrono::{Days, NaiveDate};

/// R02: the published list has the item on the day.
pub(super) fn r02_published(case: &Case, pack: &Pack, day: NaiveDate) -> Option<Finding> {
    let item = &case.item;
    let is_published = item.published_from.is_none_or(|from| from <= day)
        && item.published_to.is_none_or(|to| day <= to);
    if is_published {
        return None;
    }
    Some(pack.finds(RuleId::R02, "item", message!("item-not-published", item = item.id)))
}

/// R22: no quiet day, or something spares it from them.
pub(super) fn r22_quiet(case: &Case, pack: &Pack, day: NaiveDate) -> Option<Finding> {
    let request = &case.request;
    if pack.is_quiet_exempt(request.kind, request.reason) || !pack.is_quiet(&case.enterprise, day) {
        return None;
    }
    Some(pack.finds(RuleId::R22, "latest", message!("quiet-days")))
}

/// R23: the lists on which the enterprise is leave it.
pub(super) fn r23_listed(case: &Case, pack: &Pack, day: NaiveDate) -> Option<Finding> {
    if case.is_exempt(pack) {
        return None;
    }
    let held = case.enterprise.listings.iter();
    let held = held.filter(|listing| listing.holds(case.request.department, day));
    let left = held.map(|listing| (pack.list_allows(listing.list, case.item.class), listing.list));
    // the list that allows least
    let (allows, list) = left.max_by_key(|(allows, _)| *allows)?;
    let what = match allows {
        ListAllows::Everything => return None,
        ListAllows::OffSite => message!("listed-off-site-only", list = list.in_words()),
        ListAllows::Exempt => message!("listed", list = list.in_words()),
    };
    Some(pack.finds(RuleId::R23, "enterprise", what))
}

/// R24: the enterprise can be notified in time.
pub(super) fn r24_notice(case: &Case, pack: &Pack, day: NaiveDate) -> Option<Finding> {
    let first = pack.notice_earliest(case.today, &case.item, case.request.kind);
    if first <= day {
        return None;
    }
    let days = (first - case.today).num_days();
    let what = message!("notice-too-short", days = days, first = first);
    Some(pack.finds(RuleId::R24, "latest", what))
}

/// R29: no result of the item is valid on the day.
pub(super) fn r29_recognised(case: &Case, pack: &Pack, day: NaiveDate) -> Option<Finding> {
    let item = &case.item;
    if item.valid_days <= 0 || (pack.terms.r29.spares_exempt && case.is_exempt(pack)) {
        return None;
    }
    let has_item = |visit: &&crate::domain::rules::case::Held| {
        visit.day < day && visit.parts.iter().any(|part| part.item == item.id)
    };
    let last = case.visits.iter().filter(has_item).map(|visit| visit.day).max()?;
    let until = last + Days::new(item.valid_days as u64);
    if until < day {
        return None;
    }
    let what = message!("result-recognised", item = item.id, day = last, until = until);
    Some(pack.finds(RuleId::R29, "item", what))
}

/// R37: the authority matrix gives the body the item there on the day, where it speaks of the item.
pub(super) fn r37_authority(case: &Case, pack: &Pack, day: NaiveDate) -> Option<Finding> {
    let spans = case.body.holds.as_ref()?;
    if spans.iter().any(|span| span.contains(day)) {
        return None;
    }
    let what = message!("item-not-held", department = case.body.department, item = case.item.id);
    Some(pack.finds(RuleId::R37, "department", what))
}
