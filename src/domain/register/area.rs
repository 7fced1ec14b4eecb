//! Areas as a tree: city, county, town, village.

use std::collections::BTreeMap;

/// How high an area stands; a higher one is less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// A city.
    City,
    /// A county or district.
    County,
    /// A town or subdistrict.
    Town,
    /// A village or neighbourhood.
    Village,
}

/// Why an area cannot stand where it is put.
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
