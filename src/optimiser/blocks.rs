//! Blocks: enterprises that meet in pools of their own, once the widest pools are set aside. In a
//! district the pools of one area meet no other area; at given prices of the pools that all areas
//! share, what is left falls apart into problems of the size of a county.

use super::instance::Instance;
use std::collections::{BTreeMap, BTreeSet};

/// Some enterprises, and the cells on which nobody else draws.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// Ascending.
    pub enterprises: Vec<usize>,
    /// Ascending.
    pub cells: Vec<usize>,
    /// Whether nothing is left out.
    pub is_whole: bool,
}

impl Block {
    /// All enterprises and cells.
    pub fn whole(instance: &Instance) -> Self {
        let enterprises = (0..instance.models.len()).collect();
        Self { enterprises, cells: (0..instance.cells.len()).collect(), is_whole: true }
    }
}

/// The blocks with cells of their own, by their first enterprise. Pools join the enterprises that draw
/// on them, those of few areas and few enterprises first; one that would join more than
/// `enterprises_max` is set aside.
pub fn blocks(instance: &Instance, enterprises_max: usize) -> Vec<Block> {
    let days = instance.days.len();
    let mut users: Vec<Vec<u32>> = vec![Vec::new(); instance.cells.len() / days.max(1)];
    for (enterprise, model) in instance.models.iter().enumerate() {
        for used in model.units.iter().flat_map(|unit| &unit.uses) {
            let users = &mut users[used.pool as usize];
            if users.last() != Some(&(enterprise as u32)) {
                users.push(enterprise as u32);
            }
        }
    }
    let area = |enterprise: &u32| instance.area(*enterprise as usize);
    let spread = |users: &[u32]| users.iter().map(area).collect::<BTreeSet<&str>>().len();
    let mut pools: Vec<(usize, usize, usize)> = (0..users.len())
        .filter(|pool| !users[*pool].is_empty())
        .map(|pool| (spread(&users[pool]), users[pool].len(), pool))
        .collect();
    pools.sort_unstable();
    let pools = pools.into_iter().map(|(_, _, pool)| pool);
    let mut joined = Joined::new(instance.models.len());
    let own: Vec<usize> =
        pools.filter(|pool| joined.join(&users[*pool], enterprises_max)).collect();
    let mut blocks: BTreeMap<u32, Block> = BTreeMap::new();
    for pool in own {
        let block = blocks.entry(joined.first(users[pool][0])).or_default();
        block.cells.extend(pool * days..(pool + 1) * days);
    }
    for enterprise in 0..instance.models.len() {
        if let Some(block) = blocks.get_mut(&joined.first(enterprise as u32)) {
            block.enterprises.push(enterprise);
        }
    }
    let mut blocks: Vec<Block> = blocks.into_values().collect();
    blocks.iter_mut().for_each(|block| block.cells.sort_unstable());
    blocks.sort_by_key(|block| block.enterprises[0]);
    blocks
}

/// Which enterprises are joined: a forest, each tree with its size at its root.
struct Joined {
    above: Vec<u32>,
    size: Vec<u32>,
}

impl Joined {
    fn new(count: usize) -> Self {
        Self { above: (0..count as u32).collect(), size: vec![1; count] }
    }

    /// The root of an enterprise's tree.
    fn first(&mut self, mut enterprise: u32) -> u32 {
        while self.above[enterprise as usize] != enterprise {
            let above = self.above[enterprise as usize];
            self.above[enterprise as usize] = self.above[above as usize];
            enterprise = above;
        }
        enterprise
    }

    /// Joins these, unless they would be too many together. Whether it did.
    fn join(&mut self, enterprises: &[u32], most: usize) -> bool {
        let mut roots: Vec<u32> = enterprises.iter().map(|one| self.first(*one)).collect();
        roots.sort_unstable();
        roots.dedup();
        let size: u32 = roots.iter().map(|root| self.size[*root as usize]).sum();
        if size as usize > most {
            return false;
        }
        let Some((first, others)) = roots.split_first() else { return false };
        for other in others {
            self.above[*other as usize] = *first;
        }
        self.size[*first as usize] = size;
        true
    }
}
