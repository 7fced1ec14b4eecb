//! The authority matrix (一镇一清单): which body may do which item in which area from when to when.
//!
//! It is a list of dated acts that is only ever added to. A body holds an item in an area on a day
//! when the newest act that speaks of it there lets it: the act's area is the one asked for or one
//! that it lies in, the smallest such area first. A delegation takes the item from the body that
//! delegates, in that area and for as long as it lasts; a recall ends it.

use super::area::AreaTree;
use crate::domain::words::Worded;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use strum::{EnumProperty, EnumString, IntoStaticStr, VariantArray, VariantNames};
use utoipa::ToSchema;

/// What an entry of the authority matrix does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[derive(EnumProperty, EnumString, IntoStaticStr, VariantArray, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Act {
    /// The body has the item by law.
    #[strum(props(zh = "法定职权", en = "by law", also = "法定|hold"))]
    Hold,
    /// Another body hands it down (赋权).
    #[strum(props(zh = "赋权", en = "delegation", also = "下放"))]
    Delegate,
    /// It is taken back (收回).
    #[strum(props(zh = "收回", en = "recall", also = "回收"))]
    Recall,
}

impl Worded for Act {}

/// One dated entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its id; of entries of one day the last counts.
    pub id: String,
    /// The item.
    pub item: String,
    /// Who gets or loses it.
    pub body: String,
    /// Where.
    pub area: String,
    /// What is done.
    pub act: Act,
    /// First day of its effect.
    pub from: NaiveDate,
    /// Last day of it; absent: until another entry says otherwise.
    pub until: Option<NaiveDate>,
    /// Who delegates.
    pub delegator: Option<String>,
}

/// A body that holds an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding<'m> {
    /// The body.
    pub body: &'m str,
    /// Who delegated it; absent: it has it by law.
    pub delegator: Option<&'m str>,
}

/// Every entry, by item and body.
pub struct Matrix<'m> {
    tree: &'m AreaTree,
    entries: BTreeMap<&'m str, BTreeMap<&'m str, Vec<&'m Entry>>>,
}

impl<'m> Matrix<'m> {
    /// Sorts entries.
    pub fn new(tree: &'m AreaTree, entries: &'m [Entry]) -> Self {
        let mut sorted: BTreeMap<&str, BTreeMap<&str, Vec<&Entry>>> = BTreeMap::new();
        for entry in entries {
            let of_item = sorted.entry(&entry.item).or_default();
            of_item.entry(&entry.body).or_default().push(entry);
        }
        for list in sorted.values_mut().flat_map(BTreeMap::values_mut) {
            list.sort_by(|a, b| (a.from, &a.id).cmp(&(b.from, &b.id)));
        }
        Self { tree, entries: sorted }
    }

    /// Who holds an item in an area on a day, by body. None: a gap. Several: many-headed.
    pub fn holders(&self, item: &str, area: &str, day: NaiveDate) -> Vec<Holding<'m>> {
        let Some(bodies) = self.entries.get(item) else { return Vec::new() };
        let chain = self.tree.chain(area);
        let deciding = bodies.iter().filter_map(|(body, entries)| {
            let entry = chain.iter().find_map(|area| in_force(entries, area, day))?;
            (entry.act != Act::Recall).then_some((*body, entry))
        });
        let deciding: Vec<(&str, &Entry)> = deciding.collect();
        let has_given_away = |body: &str| {
            deciding.iter().any(|(other, entry)| {
                *other != body
                    && entry.act == Act::Delegate
                    && entry.delegator.as_deref() == Some(body)
            })
        };
        let kept = deciding.iter().filter(|(body, _)| !has_given_away(body));
        kept.map(|(body, entry)| Holding { body, delegator: entry.delegator.as_deref() }).collect()
    }
}

/// The newest entry for exactly this area that has begun and not run out.
fn in_force<'m>(entries: &[&'m Entry], area: &str, day: NaiveDate) -> Option<&'m Entry> {
    let mut begun = entries.iter().filter(|entry| entry.area == area && entry.from <= day);
    begun.next_back().copied().filter(|entry| entry.until.is_none_or(|until| day <= until))
}
