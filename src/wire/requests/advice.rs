//! When a request could be served at all, and what filing it for each week would cost or save.

use crate::domain::rules::Finding;
use crate::domain::{Language, Message};
use crate::text::{say, say_in};
use crate::wire::register::Name;
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

/// What rules out some days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Against {
    /// Stable code.
    pub code: String,
    /// Number of the rule, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// In words, with the rule's source.
    pub message: String,
}

impl Against {
    /// Something that no rule says.
    pub fn because(message: &Message) -> Self {
        Self { code: message.code().into(), rule: None, message: say(message) }
    }
}

impl From<&Finding> for Against {
    fn from(finding: &Finding) -> Self {
        let rule = Some(finding.rule.number().into());
        Self { code: finding.code().into(), rule, message: say(&finding.message()) }
    }
}

/// A sentence in both languages.
pub fn in_both(message: &Message) -> Name {
    let [zh, en] = Language::ALL.map(|language| say_in(language, message));
    Name { zh, en }
}

/// Working days that are alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DaySpan {
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
    /// Whether they lie in the request's window.
    pub in_window: bool,
    /// What rules them out; absent: it could be held.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub against: Option<Against>,
}

/// When a request could be served at all, before any plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Eligibility {
    /// Id of the request.
    pub request: String,
    /// Id and version of the rule pack.
    pub pack: String,
    /// Whether a day of its window will do.
    pub in_window: bool,
    /// The first day that will do, in its window or after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<NaiveDate>,
    /// Working days from today on, or from the window's first day where that is later.
    pub days: Vec<DaySpan>,
}

/// Somebody who goes there, or wants to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
pub struct Partner {
    /// Id of the department.
    pub department: String,
    /// Its name.
    pub name: Name,
    /// The day of its visit; absent: it has asked for one that is not planned yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day: Option<NaiveDate>,
    /// Whether both items may be inspected at one visit.
    pub joinable: bool,
}

/// A week, for one filing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Week {
    /// Its first day from today on.
    pub from: NaiveDate,
    /// Its last.
    pub to: NaiveDate,
    /// Days on which the law, the calendar and the inspectors allow a visit.
    pub open_days: i64,
    /// What rules out the others, or the first of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub against: Option<Against>,
    /// Who else goes there or wants to.
    pub partners: Vec<Partner>,
    /// Visits that filing for this week adds: 0 where it can join another's, else 1.
    pub visits_added: i64,
    /// What it costs at the policy's prices; absent where no day is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<i64>,
}

/// The window to file for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Best {
    /// First day.
    pub earliest: NaiveDate,
    /// Last day.
    pub latest: NaiveDate,
    /// Ids of the departments that it joins.
    pub joins: Vec<String>,
    /// What it saves against going alone.
    pub saves: i64,
}

/// What filing would cost or save, week by week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Advice {
    /// Unified social credit code of the enterprise.
    pub enterprise: String,
    /// Id of the item.
    pub item: String,
    /// Id and version of the rule pack.
    pub pack: String,
    /// What a visit of one's own costs at the policy's prices.
    pub alone_cost: i64,
    /// What joining another's visit costs.
    pub joint_cost: i64,
    /// The weeks.
    pub weeks: Vec<Week>,
    /// The window to file for; absent where no week is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub best: Option<Best>,
    /// The advice in words.
    pub text: Name,
}
