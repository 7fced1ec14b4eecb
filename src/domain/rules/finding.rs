//! What a rule says of a filing or a plan.

use super::pack::Source;
use super::{Pack, RuleId, Severity};
use crate::domain::Message;
use crate::domain::problem::Span;
use crate::message;
use chrono::NaiveDate;

/// What a rule found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: RuleId,
    /// What follows from it here.
    pub severity: Severity,
    /// The request's field, or a JSON pointer into a plan.
    pub field: String,
    /// What is wrong, a sentence without its full stop; its code is the finding's.
    pub what: Message,
    /// Where the rule is written.
    pub source: Source,
    /// The smallest change that would admit it, where one is known.
    pub remedy: Option<Remedy>,
}

/// What would make a filing admissible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remedy {
    /// In words.
    pub message: Message,
    /// A window that would do.
    pub window: Option<Span>,
    /// The first day from which it would do.
    pub from: Option<NaiveDate>,
}

impl Remedy {
    /// One that has words only.
    pub fn words(message: Message) -> Self {
        Self { message, window: None, from: None }
    }
}

impl Finding {
    /// Stable code, kebab case.
    pub fn code(&self) -> &'static str {
        self.what.code()
    }

    /// What is wrong, with the rule's number and source.
    pub fn message(&self) -> Message {
        message!(
            "finding",
            what = self.what.clone(),
            rule = self.rule.number(),
            document = &self.source.document,
            place = &self.source.place,
        )
    }

    /// The finding with what would remedy it.
    pub fn with(mut self, remedy: Remedy) -> Self {
        self.remedy = Some(remedy);
        self
    }

    /// The finding, no more severe than `most`.
    pub fn at_most(mut self, most: Severity) -> Self {
        // severities go from the gravest down
        self.severity = self.severity.max(most);
        self
    }

    /// Whether the filing, or the plan, must be refused.
    pub fn refuses(&self) -> bool {
        self.severity == Severity::Refuse
    }
}

impl Pack {
    /// A finding of a rule with the severity that it has here and its source; `what` is a sentence
    /// without its full stop.
    pub(super) fn finds(&self, rule: RuleId, field: impl Into<String>, what: Message) -> Finding {
        let (severity, source) = (self.severity(rule), self.cited(rule).clone());
        Finding { rule, severity, field: field.into(), what, source, remedy: None }
    }
}
