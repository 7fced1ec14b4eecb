//! What may be done: standard checks of items, and the authority matrix.

use super::{Name, in_order};
use crate::domain::register::authority;
use crate::wire::json::{Fields, Read, text_enum};
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

impl Read for Check {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (item, number) = (f.id("item"), f.whole_within("number", 1, CHECKS_MAX));
        let (standard, text) = (f.words_if("standard"), f.read("text"));
        Some(Check { item, number, standard, text: text? })
    }
}

text_enum! {
    /// What an entry of the authority matrix does.
    pub enum Act {
        /// The body has the item by law.
        Hold = "hold",
        /// Another body hands it down (赋权).
        Delegate = "delegate",
        /// It is taken back (收回).
        Recall = "recall",
    }
}

impl From<Act> for authority::Act {
    fn from(act: Act) -> Self {
        match act {
            Act::Hold => authority::Act::Hold,
            Act::Delegate => authority::Act::Delegate,
            Act::Recall => authority::Act::Recall,
        }
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
        let act = f.choice("act", true, Act::ALL);
        let (from, until) = (f.date("from"), f.date_if("until"));
        in_order(f, Some(from), until, "until");
        let delegator = f.id_if("delegator");
        match (act, &delegator) {
            (Some(Act::Delegate), None) => f.lacks("delegator", "act"),
            (Some(Act::Delegate), Some(from)) if *from == body => {
                let message = "A body does not delegate to itself; name who hands the item down.";
                f.tell_at("self-delegation", "delegator", message);
            }
            (Some(Act::Hold | Act::Recall), Some(_)) => {
                let message = "Only a delegation has a delegator; remove it.";
                f.tell_at("not-a-delegation", "delegator", message);
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
        Self { id, item, body, area, act: act.into(), from, until, delegator }
    }
}
