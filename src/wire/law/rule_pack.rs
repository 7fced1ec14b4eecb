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

use crate::domain::codes::is_industry_pattern;
use crate::domain::problem::pointer_token;
use crate::domain::rules::pack::{Change, Source};
use crate::domain::rules::terms::PARAMETERS;
use crate::domain::rules::value::{Shape, Value, YearDay};
use crate::domain::rules::{self, Confidence, Document, Pack, RuleId, Severity};
use crate::domain::words::Worded;
use crate::domain::{Defect, Message};
use crate::message;
use crate::wire::json::{Fields, Node, Read, from_toml};
use crate::wire::register;
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

/// Reads a document; on failure reports all its defects.
pub fn read(text: &str) -> Result<Document, Vec<Defect>> {
    from_toml(text)
}

/// Lays a document over what it extends, found by `lookup`. Circles, unknown bases, rules and parameters
/// that no pack of the chain sets, and what does not go together are defects.
pub fn resolve(
    document: Document,
    lookup: &dyn Fn(&str) -> Option<Document>,
) -> Result<Pack, Vec<Defect>> {
    let defect = |message: Message| Err(vec![Defect::at("/extends", message)]);
    let mut chain = vec![document];
    while let Some(base) = chain.last().and_then(|document| document.extends.clone()) {
        if chain.iter().any(|document| document.id == base) {
            let ids: Vec<&str> = chain.iter().map(|document| document.id.as_str()).collect();
            return defect(message!("circle", packs = format!("{} → {base}", ids.join(" → "))));
        }
        if chain.len() >= CHAIN_MAX {
            return defect(message!("chain-too-long", most = CHAIN_MAX));
        }
        let Some(found) = lookup(&base) else {
            return defect(message!("unknown-pack", id = base));
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
    let mut report = |pointer: String, message| defects.push(Defect::at(pointer, message));
    let terms = &pack.terms;
    for (i, row) in terms.r22.days.iter().enumerate() {
        if row.last < row.first {
            let message = message!("days-reversed_quiet", first = row.first.0, last = row.last.0);
            report(format!("/rules/R22/days/{i}/last"), message);
        }
    }
    for (i, row) in terms.r19.grades.iter().enumerate() {
        let at = |field: &str| format!("/rules/R19/grades/{i}/{field}");
        if row.most_percent < row.least_percent {
            let (least, most) = (row.least_percent.0, row.most_percent.0);
            report(at("most_percent"), message!("shares-reversed", least = least, most = most));
        }
        if terms.r19.grades[..i].iter().any(|other| other.credit == row.credit) {
            let message = message!("duplicate-row_grade", grade = row.credit.as_str());
            report(at("credit"), message);
        }
    }
    for (i, row) in terms.r06.caps.iter().enumerate() {
        let same = |other: &&rules::terms::CapRow| {
            rules::terms::CapRow { at_most: row.at_most, ..(*other).clone() } == *row
        };
        if terms.r06.caps[..i].iter().any(|other| same(&other)) {
            report(format!("/rules/R06/caps/{i}"), message!("duplicate-row"));
        }
    }
    for (i, pair) in terms.r35.pairs.iter().enumerate() {
        if pair.item == pair.other {
            let message = message!("same-item", item = &pair.item);
            report(format!("/rules/R35/pairs/{i}/other"), message);
        }
    }
    if terms.r03.min_per_visit < 1 || terms.r03.min_per_department < 1 {
        report("/rules/R03".into(), message!("out-of-range_officers"));
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
        if let Some(until) = until.filter(|until| *until < from) {
            f.report_at("until", message!("days-reversed_span", first = from, last = until));
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
        defects.push(Defect::at(pointer, message!("unknown-rule", found = key)));
        return None;
    };
    let Node::Object(fields) = node else {
        // reported by the reader of objects
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
            defects.push(Defect::at(at, message!("duplicate-field", field = name)));
        }
    }
    let mut f = Fields::of(Node::Object(others), pointer, defects)?;
    let severity = f.choice::<Severity>("severity", false);
    let source = f.read::<Source>("source");
    f.finish();
    Some((id, Change { severity, source: source?, values }))
}

impl Read for Source {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (document, place) = (f.words("document"), f.words("place"));
        let confidence = f.choice::<Confidence>("confidence", true);
        let note = f.words_if("note");
        Some(Source { document, place, confidence: confidence?, note })
    }
}

/// A parameter's value, by its shape; what is wrong with it is reported.
fn value(node: Node, shape: &Shape, pointer: String, defects: &mut Vec<Defect>) -> Option<Value> {
    let mut report = |message: Message| {
        defects.push(Defect::at(&pointer, message));
        None
    };
    match (shape, node) {
        (Shape::Maybe(_), Node::Text(text)) if text == "none" => Some(Value::Nothing),
        (Shape::Maybe(shape), node) => value(node, shape, pointer, defects),
        (Shape::Whole(least, most), Node::Whole(n)) => {
            if (*least..=*most).contains(&n) {
                return Some(Value::Whole(n));
            }
            report(message!("out-of-range_number", found = n, least = *least, most = *most))
        }
        (Shape::Truth, Node::Bool(truth)) => Some(Value::Truth(truth)),
        (Shape::Choice(texts), Node::Text(text)) => {
            if texts.iter().any(|known| *known == text) {
                return Some(Value::Text(text.into_owned()));
            }
            report(message!("unknown-value", found = text, known = texts.to_vec()))
        }
        (Shape::Word, Node::Text(text)) => {
            let is_sound = !text.trim().is_empty()
                && text.chars().count() <= crate::wire::json::TEXT_CHARS_MAX
                && !text.chars().any(char::is_control);
            if is_sound {
                return Some(Value::Text(text.into_owned()));
            }
            report(message!("bad-text_word", most = crate::wire::json::TEXT_CHARS_MAX))
        }
        (Shape::Industry, Node::Text(text)) => {
            if is_industry_pattern(&text) {
                return Some(Value::Text(text.into_owned()));
            }
            report(message!("bad-industry_pattern", found = text))
        }
        (Shape::YearDay, Node::Text(text)) => {
            if YearDay::parse(&text).is_some() {
                return Some(Value::Text(text.into_owned()));
            }
            report(message!("not-a-day", found = text))
        }
        (Shape::List(_), Node::List(list)) if list.len() > LIST_MAX => {
            report(message!("too-long_list", found = list.len(), most = LIST_MAX))
        }
        (Shape::List(shape), Node::List(list)) => {
            let elements = list.into_iter().enumerate();
            let values: Vec<Option<Value>> = elements
                .map(|(i, node)| value(node, shape, format!("{pointer}/{i}"), defects))
                .collect();
            values.into_iter().collect::<Option<Vec<_>>>().map(Value::List)
        }
        (Shape::Row(columns), node @ Node::Object(_)) => row(node, columns, pointer, defects),
        (shape, _) => report(message!("wrong-type_parameter", wanted = wanted(shape))),
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
            defects.push(Defect::at(at, message!("unknown-field", field = name)));
            continue;
        };
        if let Some(value) = value(node, &column.shape, at.clone(), defects)
            && row.insert(column.name, value).is_some()
        {
            defects.push(Defect::at(at, message!("duplicate-field", field = name)));
        }
    }
    for column in columns {
        let may_lack = matches!(column.shape, Shape::Maybe(_) | Shape::List(_));
        let at = format!("{pointer}/{}", column.name);
        let is_reported = defects[before..].iter().any(|defect| defect.pointer == at);
        if !may_lack && !row.contains_key(column.name) && !is_reported {
            defects.push(Defect::at(at, message!("missing-field", field = column.name)));
        }
    }
    (defects.len() == before).then_some(Value::Row(row))
}

/// What a value of a shape is, in words.
fn wanted(shape: &Shape) -> Message {
    match shape {
        Shape::Whole(least, most) => message!("shape_whole", least = *least, most = *most),
        Shape::Truth => message!("shape_truth"),
        Shape::Choice(texts) => message!("shape_choice", texts = texts.to_vec()),
        Shape::Word => message!("shape_word"),
        Shape::Industry => message!("shape_industry"),
        Shape::YearDay => message!("shape_year-day"),
        Shape::Maybe(shape) => message!("shape_maybe", shape = wanted(shape)),
        Shape::List(shape) => message!("shape_list", shape = wanted(shape)),
        Shape::Row(columns) => {
            let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
            message!("shape_row", columns = names)
        }
    }
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
