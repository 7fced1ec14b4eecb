//! What a rule says of a filing or a plan.

use super::{Pack, RuleId, Severity};
use crate::domain::problem::Span;
use chrono::NaiveDate;

/// What a rule found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: RuleId,
    /// What follows from it here.
    pub severity: Severity,
    /// Stable code, kebab case.
    pub code: &'static str,
    /// The request's field, or a JSON pointer into a plan.
    pub field: String,
    /// What is wrong, with the rule's number and source.
    pub message: String,
    /// The smallest change that would admit it, where one is known.
    pub remedy: Option<Remedy>,
}

/// What would make a filing admissible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remedy {
    /// In words.
    pub text: String,
    /// A window that would do.
    pub window: Option<Span>,
    /// The first day from which it would do.
    pub from: Option<NaiveDate>,
}

impl Remedy {
    /// One that is told in words only.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), window: None, from: None }
    }
}

impl Finding {
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

    /// Whether the filing, or the plan, may not stand.
    pub fn refuses(&self) -> bool {
        self.severity == Severity::Refuse
    }
}

impl Pack {
    /// A finding of a rule with the severity that it has here and its source; `what` is a sentence
    /// without its full stop.
    pub(super) fn finding(
        &self,
        rule: RuleId,
        code: &'static str,
        field: impl Into<String>,
        what: impl std::fmt::Display,
    ) -> Finding {
        let cited = self.cited(rule);
        let message = format!("{what} ({}: {}, {}).", rule.number(), cited.document, cited.place);
        let (severity, field) = (self.severity(rule), field.into());
        Finding { rule, severity, code, field, message, remedy: None }
    }
}
