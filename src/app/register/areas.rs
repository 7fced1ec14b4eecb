//! Areas as a tree, and the bodies in them.

use crate::app::error::Result;
use crate::domain::register::area::AreaTree;
use crate::store::Tx;
use crate::wire::register::{Area, Body};
use std::collections::BTreeMap;

/// The tree of all areas.
pub(in crate::app) fn tree(tx: &mut Tx<'_>) -> Result<AreaTree> {
    let mut tree = AreaTree::default();
    for area in tx.areas("", i64::MAX)? {
        put(&mut tree, &area.value);
    }
    Ok(tree)
}

/// Puts an area into a tree.
pub(in crate::app) fn put(tree: &mut AreaTree, area: &Area) {
    tree.put(&area.id, area.level, area.parent.as_deref());
}

/// All bodies by id.
pub(in crate::app) fn bodies(tx: &mut Tx<'_>) -> Result<BTreeMap<String, Body>> {
    let bodies = tx.every::<Body>()?.into_iter();
    Ok(bodies.map(|body| (body.id.clone(), body)).collect())
}
