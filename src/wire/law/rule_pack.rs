//! Rule packs: TOML documents in, JSON out.
//!
//! A document has `format`, `id`, `version`, `name`, `from`, perhaps `until` and `extends`, and a table
//! `[rules.R06]` for each rule that it speaks of: `source` (always), `severity`, and the rule's
//! parameters by name. A parameter without limit, or a row's absent condition, is the text `none`; in a
//! row it may be left out.

mod form;

pub use form::{
    PackVersion, Rule, RuleFinding, RulePack, RuleParameter, RuleRemedy, RuleSource, rule_of,
};

use crate::domain::Defect;
use crate::domain::codes::is_industry_pattern;
use crate::domain::problem::pointer_token;
use crate::domain::rules::pack::{Change, Source};
use crate::domain::rules::terms::PARAMETERS;
use crate::domain::rules::value::{Shape, Value, YearDay};
use crate::domain::rules::{self, Confidence, Document, Pack, RuleId, Severity};
use crate::wire::json::{Fields, Node, Read, from_toml};
use crate::wire::register;
use crate::wire::requests::request;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The `format` of a rule pack.
pub const FORMAT: &str = "onevisit-rules/1";
/// Id of the shipped pack that the others extend.
pub const NATIONAL: &str = "national";
/// Longest chain of packs.
const CHAIN_MAX: usize = 16;
/// Most elements of a list.
const LIST_MAX: usize = 1_000;
/// Most rules of a document.
const RULES_MAX: usize = 100;
/// Highest version.
const VERSION_MAX: i64 = 1_000_000;

/// The shipped documents.
const SHIPPED: [&str; 8] = [
    include_str!("packs/national.toml"),
    include_str!("packs/anqing.toml"),
    include_str!("packs/chengdu.toml"),
    include_str!("packs/jinning.toml"),
    include_str!("packs/shanxi-emergency.toml"),
    include_str!("packs/suqian.toml"),
    include_str!("packs/xianning.toml"),
    include_str!("packs/yongchun.toml"),
];

static READ: LazyLock<Vec<Document>> = LazyLock::new(|| {
    let read = |text: &&str| read(text).expect("shipped packs are well formed");
    SHIPPED.iter().map(read).collect()
});

/// The shipped documents, the national one first, then by id.
pub fn shipped() -> &'static [Document] {
    &READ
}

/// The texts of a shipped pack, its own first, and of all that it extends.
pub fn shipped_texts(id: &str) -> Option<Vec<String>> {
    let (text, document) = SHIPPED.iter().zip(shipped()).find(|(_, one)| one.id == id)?;
    let base = document.extends.as_deref().and_then(shipped_texts);
    Some([vec![(*text).to_owned()], base.unwrap_or_default()].concat())
}

/// A shipped document.
pub fn shipped_document(id: &str) -> Option<Document> {
    shipped().iter().find(|document| document.id == id).cloned()
}

/// A shipped pack with all that it extends.
pub fn shipped_pack(id: &str) -> Option<Pack> {
    let pack = resolve(shipped_document(id)?, &shipped_document);
    Some(pack.expect("shipped packs extend shipped packs"))
}

/// Reads a document; on failure tells all its defects.
pub fn read(text: &str) -> Result<Document, Vec<Defect>> {
    from_toml(text)
}

/// Lays a document over what it extends, found by `lookup`. Circles, unknown bases, rules and parameters
/// that no pack of the chain sets, and what does not go together are defects.
pub fn resolve(
    document: Document,
    lookup: &dyn Fn(&str) -> Option<Document>,
) -> Result<Pack, Vec<Defect>> {
    let defect = |code, message: String| Err(vec![Defect::new(code, "/extends", message)]);
    let mut chain = vec![document];
    while let Some(base) = chain.last().and_then(|document| document.extends.clone()) {
        if chain.iter().any(|document| document.id == base) {
            let ids: Vec<&str> = chain.iter().map(|document| document.id.as_str()).collect();
            let message =
                format!("The packs extend each other in a circle: {} → {base}.", ids.join(" → "));
            return defect("circle", message);
        }
        if chain.len() >= CHAIN_MAX {
            return defect(
                "chain-too-long",
                format!("More than {CHAIN_MAX} packs extend each other."),
            );
        }
        let Some(found) = lookup(&base) else {
            return defect("unknown-pack", format!("No pack has the id \"{base}\"."));
        };
        chain.push(found);
    }
    chain.reverse();
    let pack = Pack::of(&chain)?;
    let defects = contradictions(&pack);
    if defects.is_empty() { Ok(pack) } else { Err(defects) }
}

/// What does not go together in a pack.
fn contradictions(pack: &Pack) -> Vec<Defect> {
    let mut defects = Vec::new();
    let mut report = |code, pointer: String, message: String| {
        defects.push(Defect::new(code, pointer, message));
    };
    let terms = &pack.terms;
    for (i, row) in terms.r22.days.iter().enumerate() {
        if row.last < row.first {
            let message = format!(
                "The last quiet day ({}) is before the first ({}).",
                row.last.0, row.first.0
            );
            report("days-reversed", format!("/rules/R22/days/{i}/last"), message);
        }
    }
    for (i, row) in terms.r19.grades.iter().enumerate() {
        let at = |field: &str| format!("/rules/R19/grades/{i}/{field}");
        if row.most_percent < row.least_percent {
            let message = "The largest share is below the least.".into();
            report("shares-reversed", at("most_percent"), message);
        }
        if terms.r19.grades[..i].iter().any(|other| other.credit == row.credit) {
            let message = format!("Grade {} stands here twice; keep one.", row.credit.as_str());
            report("duplicate-row", at("credit"), message);
        }
    }
    for (i, row) in terms.r06.caps.iter().enumerate() {
        let same = |other: &&rules::terms::CapRow| {
            rules::terms::CapRow { at_most: row.at_most, ..(*other).clone() } == *row
        };
        if terms.r06.caps[..i].iter().any(|other| same(&other)) {
            let message = "A row with the same conditions stands here already; keep one.".into();
            report("duplicate-row", format!("/rules/R06/caps/{i}"), message);
        }
    }
    for (i, pair) in terms.r35.pairs.iter().enumerate() {
        if pair.item == pair.other {
            let message = "An item does not conflict with itself; name two.".into();
            report("same-item", format!("/rules/R35/pairs/{i}/other"), message);
        }
    }
    if terms.r03.min_per_visit < 1 || terms.r03.min_per_department < 1 {
        let message = "A visit and each department's part in it need at least one officer.".into();
        report("out-of-range", "/rules/R03".into(), message);
    }
    defects
}

impl Read for Document {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        f.format(FORMAT);
        let id = f.id("id");
        let version = f.whole_within("version", 1, VERSION_MAX);
        let name: Option<register::Name> = f.read("name");
        let (from, until) = (f.date("from"), f.date_if("until"));
        if until.is_some_and(|until| until < from) {
            f.tell_at("days-reversed", "until", "The pack ends before it begins.");
        }
        let extends = f.id_if("extends");
        let rules = f.entries_if("rules", RULES_MAX, rule);
        let name = name?;
        Some(Document {
            id,
            version,
            name_zh: name.zh,
            name_en: name.en,
            from,
            until,
            extends,
            rules: rules.into_iter().collect(),
        })
    }
}

/// A rule's table.
fn rule(
    key: String,
    node: Node,
    pointer: String,
    defects: &mut Vec<Defect>,
) -> Option<(RuleId, Change)> {
    let Some(id) = RuleId::parse(&key) else {
        let message = format!(
            "No rule has the number \"{key}\": they are R01 to R24, R26 to R29 and R33 to R37."
        );
        defects.push(Defect::new("unknown-rule", pointer, message));
        return None;
    };
    let Node::Object(fields) = node else {
        // told by the reader of objects
        Fields::of(node, pointer, defects);
        return None;
    };
    let mut values = BTreeMap::new();
    let mut others = Vec::new();
    for (name, node) in fields {
        let known = PARAMETERS.iter().find(|p| p.rule == id && p.name == name);
        let Some(parameter) = known else {
            others.push((name, node));
            continue;
        };
        let at = format!("{pointer}/{}", parameter.name);
        if let Some(value) = value(node, &parameter.shape, at.clone(), defects)
            && values.insert(parameter.name, value).is_some()
        {
            let message = format!("The field \"{name}\" stands here twice; keep one.");
            defects.push(Defect::new("duplicate-field", at, message));
        }
    }
    let mut f = Fields::of(Node::Object(others), pointer, defects)?;
    let severity = f.choice("severity", false, Severity::ALL);
    let source = f.read::<Source>("source");
    f.finish();
    Some((id, Change { severity, source: source?, values }))
}

impl Read for Source {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (document, place) = (f.words("document"), f.words("place"));
        let confidence = f.choice("confidence", true, Confidence::ALL);
        let note = f.words_if("note");
        Some(Source { document, place, confidence: confidence?, note })
    }
}

/// A parameter's value, by its shape; what is wrong with it is told.
fn value(node: Node, shape: &Shape, pointer: String, defects: &mut Vec<Defect>) -> Option<Value> {
    let mut report = |code, message: String| {
        defects.push(Defect::new(code, pointer.clone(), message));
        None
    };
    match (shape, node) {
        (Shape::Maybe(_), Node::Text(text)) if text == "none" => Some(Value::Nothing),
        (Shape::Maybe(shape), node) => value(node, shape, pointer, defects),
        (Shape::Whole(least, most), Node::Whole(n)) => {
            if (*least..=*most).contains(&n) {
                return Some(Value::Whole(n));
            }
            report("out-of-range", format!("This is {n}; it should be {least} to {most}."))
        }
        (Shape::Truth, Node::Bool(truth)) => Some(Value::Truth(truth)),
        (Shape::Choice(texts), Node::Text(text)) => {
            if texts.iter().any(|known| *known == text) {
                return Some(Value::Text(text.into_owned()));
            }
            report("unknown-value", format!("\"{text}\" is none of: {}.", texts.join(", ")))
        }
        (Shape::Word, Node::Text(text)) => {
            let is_sound = !text.trim().is_empty()
                && text.chars().count() <= crate::wire::json::TEXT_CHARS_MAX
                && !text.chars().any(char::is_control);
            if is_sound {
                return Some(Value::Text(text.into_owned()));
            }
            report(
                "bad-text",
                "This should be a text, not blank, without control characters.".into(),
            )
        }
        (Shape::Industry, Node::Text(text)) => {
            if is_industry_pattern(&text) {
                return Some(Value::Text(text.into_owned()));
            }
            let message = format!(
                "\"{text}\" should be \"*\", a section letter A to T, or two to four digits of GB/T \
                 4754."
            );
            report("bad-industry", message)
        }
        (Shape::YearDay, Node::Text(text)) => {
            if YearDay::parse(&text).is_some() {
                return Some(Value::Text(text.into_owned()));
            }
            report("not-a-day", format!("\"{text}\" is not a day of each year of the form MM-DD."))
        }
        (Shape::List(_), Node::List(list)) if list.len() > LIST_MAX => report(
            "too-long",
            format!("A list has at most {LIST_MAX} elements, not {}.", list.len()),
        ),
        (Shape::List(shape), Node::List(list)) => {
            let elements = list.into_iter().enumerate();
            let values: Vec<Option<Value>> = elements
                .map(|(i, node)| value(node, shape, format!("{pointer}/{i}"), defects))
                .collect();
            values.into_iter().collect::<Option<Vec<_>>>().map(Value::List)
        }
        (Shape::Row(columns), node @ Node::Object(_)) => row(node, columns, pointer, defects),
        (shape, _) => report("wrong-type", format!("This should be {}.", wanted(shape))),
    }
}

fn row(
    node: Node,
    columns: &'static [rules::value::Column],
    pointer: String,
    defects: &mut Vec<Defect>,
) -> Option<Value> {
    let Node::Object(fields) = node else { return None };
    let before = defects.len();
    let mut row = BTreeMap::new();
    for (name, node) in fields {
        let at = format!("{pointer}/{}", pointer_token(&name));
        let Some(column) = columns.iter().find(|column| column.name == name) else {
            let message = format!("No field is called \"{name}\" here; remove or rename it.");
            defects.push(Defect::new("unknown-field", at, message));
            continue;
        };
        if let Some(value) = value(node, &column.shape, at.clone(), defects)
            && row.insert(column.name, value).is_some()
        {
            let message = format!("The field \"{name}\" stands here twice; keep one.");
            defects.push(Defect::new("duplicate-field", at, message));
        }
    }
    for column in columns {
        let may_lack = matches!(column.shape, Shape::Maybe(_) | Shape::List(_));
        let at = format!("{pointer}/{}", column.name);
        let is_told = defects[before..].iter().any(|defect| defect.pointer == at);
        if !may_lack && !row.contains_key(column.name) && !is_told {
            let message = format!("The field \"{}\" is required.", column.name);
            defects.push(Defect::new("missing-field", at, message));
        }
    }
    (defects.len() == before).then_some(Value::Row(row))
}

fn wanted(shape: &Shape) -> String {
    match shape {
        Shape::Whole(least, most) => format!("a whole number, {least} to {most}"),
        Shape::Truth => "true or false".into(),
        Shape::Choice(texts) => format!("one of: {}", texts.join(", ")),
        Shape::Word => "a text".into(),
        Shape::Industry => "an industry of GB/T 4754, as a text".into(),
        Shape::YearDay => "a day of the year, MM-DD, as a text".into(),
        Shape::Maybe(shape) => format!("{}, or \"none\"", wanted(shape)),
        Shape::List(shape) => format!("a list, each {}", wanted(shape)),
        Shape::Row(columns) => {
            let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
            format!("a table of: {}", names.join(", "))
        }
    }
}

/// The register's words as the rules know them.
macro_rules! same_words {
    ($($from:ty => $to:ty: $($variant:ident)*;)*) => {
        $(impl From<$from> for $to {
            fn from(word: $from) -> Self {
                match word { $(<$from>::$variant => <$to>::$variant,)* }
            }
        })*
    };
}

same_words! {
    request::Kind => rules::Kind: Daily Special RandomDraw Case Clue Immediate FollowUp;
    request::Reason => rules::Reason: Complaint Assigned JoinsHigherBody EnforcementAudit MonitoringClue MediaExposure FollowUp OwnRequest Licence Emergency GovernmentDeployment SafetyEvent StatutoryRecheck TaxEvasion Undercover;
    request::Contact => rules::Contact: Inspection Guidance Research Publicity Service;
    register::Grade => rules::Grade: A B C D;
    register::SafetyLevel => rules::SafetyLevel: One Two Three NoLevel;
    register::Subject => rules::Subject: Enterprise IndividualBusiness Partnership FarmCooperative PublicInstitution SocialGroup;
    register::Method => rules::Method: OnSite OffSitePossible Unannounced;
    register::List => rules::List: WhiteList NoDisturb;
    register::Level => rules::Level: City County Town Village;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shipped_documents_resolve() {
        for document in shipped() {
            let pack = shipped_pack(&document.id).expect("shipped");
            assert_eq!(pack.chain[0].0, NATIONAL);
            assert_eq!(pack.rules.len(), RuleId::ALL.len());
        }
    }
}
