//! Decisions: what they ask of requests, and whether the leaves are those of one tree.

use crate::domain::Message;
use crate::domain::certificate::{Decision, Leaf};
use crate::domain::problem::{Defect, Problem};
use crate::message;
use chrono::NaiveDate;
use std::collections::HashMap;

/// What the decisions of a leaf ask of one request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Order {
    /// Held later than this day, if at all.
    pub after: Option<NaiveDate>,
    /// Held by this day.
    pub by: Option<NaiveDate>,
    /// May not be left out.
    pub must: bool,
}

/// What the decisions of a leaf ask, by position of the request.
#[derive(Debug, Default)]
pub(super) struct Orders {
    orders: HashMap<usize, Order>,
}

impl Orders {
    /// The decisions of `leaf` taken together; those on unknown requests are passed over.
    pub fn of(problem: &Problem, leaf: &Leaf) -> Self {
        let mut orders: HashMap<usize, Order> = HashMap::new();
        for Decision { request, until, held } in &leaf.decisions {
            let Some(request) = problem.request(request) else { continue };
            let order = orders.entry(request).or_default();
            if *held {
                order.by = Some(order.by.map_or(*until, |by| by.min(*until)));
                order.must = true;
            } else {
                order.after = Some(order.after.map_or(*until, |after| after.max(*until)));
            }
        }
        Self { orders }
    }

    pub fn get(&self, request: usize) -> Option<Order> {
        if self.orders.is_empty() { None } else { self.orders.get(&request).copied() }
    }
}

/// Checks that the leaves cover every plan: at each turn of the tree both ways are taken.
///
/// At a turn all leaves below decide on the same request and day; a plan fits exactly one of the
/// two ways, so by induction it fits exactly one leaf.
pub(super) fn cover(leaves: &[Leaf]) -> Result<(), Defect> {
    let refuse = |pointer: String, message: Message| Err(Defect::at(pointer, message));
    if leaves.is_empty() {
        return refuse("/leaves".into(), message!("leaves-do-not-cover_none"));
    }
    // a stack of its own: a hostile tree may be very deep
    let mut open: Vec<(Vec<usize>, usize)> = vec![((0..leaves.len()).collect(), 0)];
    while let Some((here, depth)) = open.pop() {
        let ended = here.iter().find(|leaf| leaves[**leaf].decisions.len() == depth);
        if let Some(ended) = ended {
            let Some(other) = here.iter().find(|leaf| *leaf != ended) else { continue };
            let message =
                message!("leaves-do-not-cover_overlap", other = format!("/leaves/{other}"));
            return refuse(format!("/leaves/{ended}"), message);
        }
        let turn = &leaves[here[0]].decisions[depth];
        let is_other = |leaf: &&usize| {
            let decision = &leaves[**leaf].decisions[depth];
            decision.request != turn.request || decision.until != turn.until
        };
        if let Some(other) = here.iter().find(is_other) {
            let message = message!(
                "leaves-do-not-cover_other-turn",
                first = format!("/leaves/{}", here[0]),
                request = &turn.request,
                until = turn.until,
            );
            return refuse(format!("/leaves/{other}/decisions/{depth}"), message);
        }
        let first = here[0];
        let (held, not): (Vec<usize>, Vec<usize>) =
            here.iter().partition(|leaf| leaves[**leaf].decisions[depth].held);
        if held.is_empty() || not.is_empty() {
            let Decision { request, until, held: _ } = turn;
            let message = if held.is_empty() {
                message!("leaves-do-not-cover_held", request = request, until = *until)
            } else {
                message!("leaves-do-not-cover_not-held", request = request, until = *until)
            };
            return refuse(format!("/leaves/{first}/decisions/{depth}"), message);
        }
        open.push((held, depth + 1));
        open.push((not, depth + 1));
    }
    Ok(())
}
