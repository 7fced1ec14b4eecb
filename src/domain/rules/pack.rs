//! A rule pack: what holds in a place, rule by rule, and how it comes about.
//!
//! Packs are written as [`Document`]s. One that extends another changes what it names: a rule's
//! severity, or single parameters of it; a parameter is replaced as a whole, so that a table of caps
//! is never a mixture of two places. Whatever a document says of a rule comes with its source.

use super::terms::{PARAMETERS, Terms};
use super::value::Value;
use super::{Confidence, RuleId, Severity};
use crate::domain::{Defect, Message};
use crate::message;
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// Where a rule is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The document, or its title.
    pub document: String,
    /// Who published it where: a host or a place.
    pub place: String,
    /// How well it is confirmed.
    pub confidence: Confidence,
    /// Why it is read so, where sources conflict or are silent.
    pub note: Option<String>,
}

/// What a document says of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// How severe it is; absent: as before.
    pub severity: Option<Severity>,
    /// Where that is written.
    pub source: Source,
    /// Parameters by name.
    pub values: BTreeMap<&'static str, Value>,
}

/// A rule pack as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Id.
    pub id: String,
    /// Version, from 1.
    pub version: i64,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// First day on which it holds.
    pub from: NaiveDate,
    /// Last day; absent: no end is known.
    pub until: Option<NaiveDate>,
    /// Id of the pack that it changes; absent: it is complete alone and says everything.
    pub extends: Option<String>,
    /// What it says.
    pub rules: BTreeMap<RuleId, Change>,
}

/// A parameter, and which pack of the chain set it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set {
    /// Name.
    pub name: &'static str,
    /// What it is.
    pub explanation: Message,
    /// Value.
    pub value: Value,
    /// Id of the pack.
    pub set_by: String,
}

/// A rule as it holds in a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it does.
    pub severity: Severity,
    /// Id of the pack that says so.
    pub severity_set_by: String,
    /// Sources with the packs that name them, the nearest last.
    pub sources: Vec<(String, Source)>,
    /// Parameters, in a fixed order.
    pub parameters: Vec<Set>,
}

/// A rule pack with all that it extends: every rule and every parameter has a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pack {
    /// Id.
    pub id: String,
    /// Version.
    pub version: i64,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// First day on which it holds.
    pub from: NaiveDate,
    /// Last day; absent: no end is known.
    pub until: Option<NaiveDate>,
    /// Ids and versions of the packs that it comes of, the base first, itself last.
    pub chain: Vec<(String, i64)>,
    /// Every rule, with where it comes from.
    pub rules: BTreeMap<RuleId, Entry>,
    /// Every parameter, typed.
    pub terms: Terms,
}

impl Pack {
    /// Lays documents over each other, the base first; what none of them says is a defect.
    ///
    /// # Panics
    ///
    /// Panics without documents.
    pub fn of(documents: &[Document]) -> Result<Pack, Vec<Defect>> {
        let last = documents.last().expect("a pack has at least its own document");
        let (mut rules, mut defects) = (BTreeMap::new(), Vec::new());
        let mut values = BTreeMap::new();
        for id in RuleId::ALL {
            let number = id.number();
            let changes = documents.iter().filter_map(|d| d.rules.get(id).map(|c| (&d.id, c)));
            let changes: Vec<(&String, &Change)> = changes.collect();
            let Some((by, severity)) =
                changes.iter().rev().find_map(|(by, change)| Some((*by, change.severity?)))
            else {
                let pointer = format!("/rules/{number}/severity");
                defects.push(Defect::at(pointer, message!("missing-rule", rule = number)));
                continue;
            };
            let mut parameters = Vec::new();
            for parameter in PARAMETERS.iter().filter(|parameter| parameter.rule == *id) {
                let name = parameter.name;
                let set = changes.iter().rev().find_map(|(by, change)| {
                    change.values.get(name).map(|value| (*by, value.clone()))
                });
                let Some((by, value)) = set else {
                    let message = message!("missing-parameter", parameter = name, rule = number);
                    defects.push(Defect::at(format!("/rules/{number}/{name}"), message));
                    continue;
                };
                values.insert((*id, name), value.clone());
                let explanation = parameter.explanation();
                parameters.push(Set { name, explanation, value, set_by: by.clone() });
            }
            let source = |(by, change): &(&String, &Change)| ((*by).clone(), change.source.clone());
            let sources = changes.iter().map(source).collect();
            rules.insert(*id, Entry { severity, severity_set_by: by.clone(), sources, parameters });
        }
        if !defects.is_empty() {
            return Err(defects);
        }
        let terms = Terms::of(&values).map_err(|wrong| {
            let defect = |(id, name): (RuleId, &'static str)| {
                let number = id.number();
                let message = message!("wrong-type_shape", parameter = name, rule = number);
                Defect::at(format!("/rules/{number}/{name}"), message)
            };
            wrong.into_iter().map(defect).collect::<Vec<_>>()
        })?;
        Ok(Pack {
            id: last.id.clone(),
            version: last.version,
            name_zh: last.name_zh.clone(),
            name_en: last.name_en.clone(),
            from: last.from,
            until: last.until,
            chain: documents.iter().map(|d| (d.id.clone(), d.version)).collect(),
            rules,
            terms,
        })
    }

    /// What a rule does with what breaks it.
    pub fn severity(&self, rule: RuleId) -> Severity {
        self.rules[&rule].severity
    }

    /// Whether a rule is looked at at all.
    pub fn is_on(&self, rule: RuleId) -> bool {
        self.severity(rule) != Severity::Off
    }

    /// Whether nothing may break a rule; only then does it bind plans.
    pub fn binds(&self, rule: RuleId) -> bool {
        self.severity(rule) == Severity::Refuse
    }

    /// The nearest source of a rule.
    pub fn cited(&self, rule: RuleId) -> &Source {
        &self.rules[&rule].sources.last().expect("a rule that is set has a source").1
    }

    /// Whether the pack holds on a day.
    pub fn holds_on(&self, day: NaiveDate) -> bool {
        self.from <= day && self.until.is_none_or(|until| day <= until)
    }
}
