//! A draft in the making: what it is made of, the numbers that it takes, and where each came from.

use super::facts::Facts;
use crate::app::law::reading;
use crate::domain::Defect;
use crate::domain::Message;
use crate::domain::rules::RuleId;
use crate::message;
use crate::wire::planning::policy::PolicyRecord;
use crate::wire::planning::run::Origin;
use crate::wire::sentence::kept;
use std::collections::BTreeMap;

/// One try at a draft.
pub(super) struct Builder<'b> {
    pub facts: &'b Facts,
    pub record: &'b PolicyRecord,
    /// Visits that would be fixed but no longer fit, and why.
    pub released: &'b BTreeMap<String, Message>,
    /// Pools that offer no time, for requests that nobody may hold, with their departments.
    pub nobody: BTreeMap<String, String>,
    /// One for each number.
    pub origins: Vec<Origin>,
    /// Why there can be no draft.
    pub defects: Vec<Defect>,
}

impl<'b> Builder<'b> {
    /// With nothing in it yet.
    pub(super) fn new(
        facts: &'b Facts,
        record: &'b PolicyRecord,
        released: &'b BTreeMap<String, Message>,
    ) -> Self {
        Self {
            facts,
            record,
            released,
            nobody: BTreeMap::new(),
            origins: Vec::new(),
            defects: Vec::new(),
        }
    }

    /// A number with its origin.
    pub(super) fn from(&mut self, pointer: impl Into<String>, value: i64, source: &Message) -> i64 {
        self.origins.push(Origin { pointer: pointer.into(), source: kept(source) });
        value
    }

    /// A number of the policy.
    pub(super) fn priced(&mut self, pointer: impl Into<String>, value: i64, path: &str) -> i64 {
        let version = self.record.version;
        let source = message!("origin_policy", version = version, path = path, value = value);
        self.from(pointer, value, &source)
    }

    /// A number of the law; `what` names what a rule has of it.
    pub(super) fn lawful(
        &mut self,
        pointer: impl Into<String>,
        value: i64,
        rule: RuleId,
        what: Message,
    ) -> i64 {
        let pack = &self.facts.pack;
        let source = message!(
            "origin_law",
            pack = reading::named(pack),
            what = what,
            rule = rule.number(),
            document = &pack.cited(rule).document,
        );
        self.from(pointer, value, &source)
    }
}
