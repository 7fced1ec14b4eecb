//! Areas as a tree: city, county, town, village.

use crate::domain::Message;
use crate::domain::words::Worded;
use crate::message;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use strum::{EnumProperty, EnumString, IntoStaticStr, VariantArray, VariantNames};
use utoipa::ToSchema;

/// Level of an area or a department.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[derive(EnumProperty, EnumString, IntoStaticStr, VariantArray, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Level {
    /// A city (市).
    #[strum(props(zh = "市", en = "city", also = "市级|设区的市|设区市|地级市|prefecture"))]
    City,
    /// A county or district (县、区).
    #[strum(props(
        zh = "县（区）",
        en = "county",
        also = "县|区|县区|区县|区（县）|县级|区级|县级市|县（市、区）|district"
    ))]
    County,
    /// A town or subdistrict (乡镇、街道).
    #[strum(props(
        zh = "乡镇（街道）",
        en = "town",
        also = "乡镇|镇|乡|街道|镇街|乡镇街道|镇（街道）|乡（镇）|乡级|镇级|乡镇级|township|street"
    ))]
    Town,
    /// A village or neighbourhood (村、社区).
    #[strum(props(
        zh = "村（社区）",
        en = "village",
        also = "村|社区|村社区|村居|行政村|居委会|村级|community"
    ))]
    Village,
}

impl Worded for Level {}

impl Level {
    /// It within a sentence.
    pub fn in_words(self) -> Message {
        match self {
            Self::City => message!("level_city"),
            Self::County => message!("level_county"),
            Self::Town => message!("level_town"),
            Self::Village => message!("level_village"),
        }
    }
}

/// Why an area cannot be where it is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misplaced {
    /// Its parent is not there.
    UnknownParent,
    /// Its parent is of its own level or a lower one; a chain that leads back to itself is, too.
    LevelNotBelow,
}

/// Areas by id, each with its level and what it lies in.
#[derive(Clone, Debug, Default)]
pub struct AreaTree {
    areas: BTreeMap<String, (Level, Option<String>)>,
}

impl AreaTree {
    /// Puts an area into the tree, or elsewhere in it.
    pub fn put(&mut self, id: &str, level: Level, parent: Option<&str>) {
        self.areas.insert(id.to_owned(), (level, parent.map(str::to_owned)));
    }

    /// What is wrong with an area's place. Since levels go down from parent to child, a tree in
    /// which nothing is wrong has no circles.
    pub fn misplaced(&self, id: &str) -> Option<Misplaced> {
        let (level, parent) = self.areas.get(id)?;
        let Some((above, _)) = self.areas.get(parent.as_ref()?) else {
            return Some(Misplaced::UnknownParent);
        };
        (above >= level).then_some(Misplaced::LevelNotBelow)
    }

    /// Areas that lie in `id` at once.
    pub fn children<'t>(&'t self, id: &'t str) -> impl Iterator<Item = &'t str> {
        let is_child = move |(_, parent): &(Level, Option<String>)| parent.as_deref() == Some(id);
        self.areas.iter().filter(move |(_, area)| is_child(area)).map(|(id, _)| id.as_str())
    }

    /// The area and those that it lies in, from the smallest on.
    pub fn chain<'t>(&'t self, id: &'t str) -> Vec<&'t str> {
        let mut chain = vec![id];
        // as many steps as there are levels, even where the tree is unsound
        while chain.len() < 4 {
            let Some((_, Some(parent))) = self.areas.get(chain[chain.len() - 1]) else { break };
            chain.push(parent);
        }
        chain
    }

    /// Whether `inner` is `outer` or lies in it.
    pub fn contains(&self, outer: &str, inner: &str) -> bool {
        self.chain(inner).contains(&outer)
    }

    /// Ids of the areas of a level.
    pub fn of_level(&self, level: Level) -> impl Iterator<Item = &str> {
        self.areas.iter().filter(move |(_, area)| area.0 == level).map(|(id, _)| id.as_str())
    }
}
