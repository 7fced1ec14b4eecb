//! What may be done: standard checks of items, and the authority matrix.

pub use crate::domain::register::authority::Act;

use super::{Name, in_order};
use crate::domain::register::authority;
use crate::message;
use crate::wire::json::{Fields, Read};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

/// Most checks of an item.
const CHECKS_MAX: i64 = 1_000;

/// A standard check of an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Check {
    /// Id of the item.
    pub item: String,
    /// Its place among the item's checks, from 1.
    pub number: i64,
    /// The standard or article that it checks: checks of one standard are one question.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standard: Option<String>,
    /// The question.
    pub text: Name,
}

impl Check {
    /// What it is known by; rows of a file with the same key are the same thing.
    pub fn key(&self) -> String {
        // so that an item's checks sort by their numbers
        format!("{}/{:04}", self.item, self.number)
    }
}

impl Read for Check {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (item, number) = (f.id("item"), f.whole_within("number", 1, CHECKS_MAX));
        let (standard, text) = (f.words_if("standard"), f.read("text"));
        Some(Check { item, number, standard, text: text? })
    }
}

/// A dated entry of the authority matrix (一镇一清单).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Authority {
    /// Id, chosen by whoever files it.
    pub id: String,
    /// Id of the item.
    pub item: String,
    /// Id of the body that gets or loses it.
    pub body: String,
    /// Id of the area in which it does.
    pub area: String,
    /// What is done.
    pub act: Act,
    /// First day of its effect.
    pub from: NaiveDate,
    /// Last day; absent: until another entry says otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
    /// Id of the body that delegates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delegator: Option<String>,
    /// The document that says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
}

impl Read for Authority {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (id, item, body, area) = (f.id("id"), f.id("item"), f.id("body"), f.id("area"));
        let act = f.choice::<Act>("act", true);
        let (from, until) = (f.date("from"), f.date_if("until"));
        in_order(f, Some(from), until, "until");
        let delegator = f.id_if("delegator");
        match (act, &delegator) {
            (Some(Act::Delegate), None) => f.lacks("delegator", "act"),
            (Some(Act::Delegate), Some(from)) if *from == body => {
                f.report_at("delegator", message!("self-delegation", body = &body));
            }
            (Some(Act::Hold | Act::Recall), Some(_)) => {
                f.report_at("delegator", message!("not-a-delegation"));
            }
            _ => {}
        }
        let document = f.words_if("document");
        Some(Authority { id, item, body, area, act: act?, from, until, delegator, document })
    }
}

impl From<&Authority> for authority::Entry {
    fn from(entry: &Authority) -> Self {
        let Authority { id, item, body, area, act, from, until, delegator, document: _ } =
            entry.clone();
        Self { id, item, body, area, act, from, until, delegator }
    }
}
