//! The JSON form of packs, their rules and findings.

use crate::domain::rules::pack::{Set, Source};
use crate::domain::rules::value::Value;
use crate::domain::rules::{self, Pack, RuleId};
use crate::domain::words::Worded;
use crate::text::say;
use crate::wire::register;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A rule pack with all that it extends.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RulePack {
    /// Id.
    pub id: String,
    /// Version.
    pub version: i64,
    /// Name.
    pub name: register::Name,
    /// First day on which it holds.
    pub from: NaiveDate,
    /// Last day; absent: no end is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
    /// The packs that it comes of, the base first, itself last.
    pub chain: Vec<PackVersion>,
    /// Every rule, by number.
    pub rules: Vec<Rule>,
}

/// A pack of a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PackVersion {
    /// Id.
    pub id: String,
    /// Version.
    pub version: i64,
}

/// A rule as it holds in a place.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Rule {
    /// Number, like `R06`.
    pub rule: &'static str,
    /// Title.
    pub title: register::Name,
    /// What it asks for.
    pub explanation: String,
    /// What it does with what breaks it: `refuse`, `warn`, `record` or `off`.
    pub severity: &'static str,
    /// Id of the pack that says so.
    pub severity_set_by: String,
    /// Where it is written, the nearest pack's source last.
    pub sources: Vec<RuleSource>,
    /// Its parameters.
    pub parameters: Vec<RuleParameter>,
}

/// Where a rule is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RuleSource {
    /// Id of the pack that names it.
    pub pack: String,
    /// The document, or its title.
    pub document: String,
    /// Who published it where.
    pub place: String,
    /// How well it is confirmed: `A` official, `B` press, `C` mirror, `D` not confirmed.
    pub confidence: &'static str,
    /// Why it is read so, where sources conflict or are silent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A parameter of a rule.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RuleParameter {
    /// Name.
    pub name: &'static str,
    /// What it is.
    pub explanation: String,
    /// Its value; null: no limit.
    #[schema(value_type = Object)]
    pub value: serde_json::Value,
    /// Id of the pack that set it.
    pub set_by: String,
}

impl From<&Pack> for RulePack {
    fn from(pack: &Pack) -> Self {
        let chain = pack.chain.iter();
        RulePack {
            id: pack.id.clone(),
            version: pack.version,
            name: register::Name { zh: pack.name_zh.clone(), en: pack.name_en.clone() },
            from: pack.from,
            until: pack.until,
            chain: chain
                .map(|(id, version)| PackVersion { id: id.clone(), version: *version })
                .collect(),
            rules: RuleId::ALL.iter().map(|id| rule_of(pack, *id)).collect(),
        }
    }
}

/// One rule of a pack.
pub fn rule_of(pack: &Pack, id: RuleId) -> Rule {
    let entry = &pack.rules[&id];
    let source = |(pack, source): &(String, Source)| RuleSource {
        pack: pack.clone(),
        document: source.document.clone(),
        place: source.place.clone(),
        confidence: source.confidence.as_str(),
        note: source.note.clone(),
    };
    let parameter = |set: &Set| RuleParameter {
        name: set.name,
        explanation: say(&set.explanation),
        value: json(&set.value),
        set_by: set.set_by.clone(),
    };
    Rule {
        rule: id.number(),
        title: register::Name { zh: id.title_zh().into(), en: id.title_en().into() },
        explanation: say(&id.explanation()),
        severity: entry.severity.as_str(),
        severity_set_by: entry.severity_set_by.clone(),
        sources: entry.sources.iter().map(source).collect(),
        parameters: entry.parameters.iter().map(parameter).collect(),
    }
}

fn json(value: &Value) -> serde_json::Value {
    match value {
        Value::Nothing => serde_json::Value::Null,
        Value::Whole(whole) => (*whole).into(),
        Value::Truth(truth) => (*truth).into(),
        Value::Text(text) => text.as_str().into(),
        Value::List(list) => list.iter().map(json).collect(),
        Value::Row(row) => {
            let fields = row.iter().map(|(name, value)| ((*name).to_owned(), json(value)));
            serde_json::Value::Object(fields.collect())
        }
    }
}

/// What a rule says of a filing or of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RuleFinding {
    /// Number of the rule, like `R06`.
    pub rule: String,
    /// Title of the rule.
    pub title: register::Name,
    /// `refuse`, `warn` or `record`.
    pub severity: String,
    /// Stable code, kebab case.
    pub code: String,
    /// The request's field, or a JSON pointer into a plan.
    pub field: String,
    /// What is wrong, with number and source.
    pub message: String,
    /// The smallest change that would admit it, where one is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<RuleRemedy>,
}

/// What would make a filing admissible.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RuleRemedy {
    /// In words.
    pub text: String,
    /// First day of a window that would do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earliest: Option<NaiveDate>,
    /// Last day of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latest: Option<NaiveDate>,
    /// The first day from which it would do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
}

impl From<rules::Finding> for RuleFinding {
    fn from(finding: rules::Finding) -> Self {
        let (code, message) = (finding.code().to_owned(), say(&finding.message()));
        let rules::Finding { rule, severity, field, what: _, source: _, remedy } = finding;
        let remedy = remedy.map(|rules::Remedy { message, window, from }| RuleRemedy {
            text: say(&message),
            earliest: window.map(|window| window.first),
            latest: window.map(|window| window.last),
            from,
        });
        RuleFinding {
            rule: rule.number().into(),
            title: register::Name { zh: rule.title_zh().into(), en: rule.title_en().into() },
            severity: severity.as_str().into(),
            code,
            field,
            message,
            remedy,
        }
    }
}
