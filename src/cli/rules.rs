//! `onevisit rules`.

use super::table::table;
use super::terminal::{indented, line, titled, whole};
use super::{Failure, defect_line};
use crate::app::files::FileError;
use crate::app::law::rule_files;
use crate::config::{ReportForm, RulesCommand};
use crate::domain::rules::Pack;
use crate::domain::{Argument, Message};
use crate::message;
use crate::text::say;
use crate::wire::law::rule_pack;
use crate::wire::law::rule_pack::{Rule, RulePack};
use comfy_table::CellAlignment;
use serde_json::Value;
use std::io::Write;

pub(super) fn run(command: &RulesCommand) -> Result<(), Failure> {
    match command {
        RulesCommand::List { report } => list(*report),
        RulesCommand::Explain { rule, pack, file, report } => {
            let pack = match file {
                Some(file) => rule_files::read(file, &rule_pack::shipped_document)?,
                None => shipped(pack)?,
            };
            let mut whole = RulePack::from(&pack);
            whole.rules.retain(|one| rule.is_none_or(|rule| one.rule == rule.number()));
            let mut out = std::io::stdout().lock();
            match report {
                ReportForm::Json => {
                    serde_json::to_writer_pretty(&mut out, &whole).map_err(std::io::Error::from)?;
                    Ok(writeln!(out)?)
                }
                ReportForm::Text => Ok(explain(&mut out, &whole, rule.is_some())?),
            }
        }
        RulesCommand::Check { file } => {
            match rule_files::read(file, &rule_pack::shipped_document) {
                Ok(pack) => {
                    let mut out = std::io::stdout().lock();
                    let headline = say(&headline(&RulePack::from(&pack)));
                    Ok(writeln!(out, "{}: {headline}", file.display())?)
                }
                Err(FileError::Defective { path, defects, .. }) => {
                    for defect in &defects {
                        eprintln!("{}: {}", path.display(), defect_line(defect));
                    }
                    Err(Failure::Listed { path, count: defects.len() })
                }
                Err(other) => Err(other.into()),
            }
        }
    }
}

fn shipped(id: &str) -> Result<Pack, Failure> {
    rule_pack::shipped_pack(id).ok_or_else(|| {
        let ids: Argument = rule_pack::shipped().iter().map(|d| d.id.as_str()).collect();
        Failure::Refused(message!("no-shipped-pack", id = id, ids = ids))
    })
}

fn list(report: ReportForm) -> Result<(), Failure> {
    let documents = rule_pack::shipped();
    let packs = documents.iter().map(|document| Ok(RulePack::from(&shipped(&document.id)?)));
    let packs: Vec<RulePack> = packs.collect::<Result<_, Failure>>()?;
    let mut out = std::io::stdout().lock();
    if report == ReportForm::Json {
        serde_json::to_writer_pretty(&mut out, &packs).map_err(std::io::Error::from)?;
        return Ok(writeln!(out)?);
    }
    let mut list = table(&[
        message!("label_pack"),
        message!("label_pack-name"),
        message!("label_version"),
        message!("label_from"),
        message!("label_last-day"),
        message!("label_extends"),
        message!("label_says-of"),
    ]);
    if let Some(column) = list.column_mut(1) {
        column.set_cell_alignment(CellAlignment::Left);
    }
    for (pack, document) in packs.iter().zip(documents) {
        let says: Vec<&str> = document.rules.keys().map(|rule| rule.number()).collect();
        let until = pack.until.map_or("–".into(), |until| until.to_string());
        list.add_row(vec![
            pack.id.clone(),
            titled(&pack.name),
            pack.version.to_string(),
            pack.from.to_string(),
            until,
            document.extends.clone().unwrap_or_else(|| "–".into()),
            if document.extends.is_some() {
                says.join(", ")
            } else {
                say(&message!("rules_every"))
            },
        ]);
    }
    Ok(writeln!(out, "{list}")?)
}

/// One line on a pack.
fn headline(pack: &RulePack) -> Message {
    let chain: Vec<String> =
        pack.chain.iter().map(|link| format!("{} v{}", link.id, link.version)).collect();
    let (id, name, from, chain) = (&pack.id, titled(&pack.name), pack.from, chain.join(" → "));
    match pack.until {
        Some(until) => message!(
            "rules_pack-until",
            id = id,
            name = name,
            from = from,
            until = until,
            chain = chain
        ),
        None => message!("rules_pack", id = id, name = name, from = from, chain = chain),
    }
}

fn severity(word: &str) -> String {
    say(&match word {
        "refuse" => message!("severity_refuse"),
        "warn" => message!("severity_warn"),
        "record" => message!("severity_record"),
        "off" => message!("severity_off"),
        other => return other.to_owned(),
    })
}

fn explain(out: &mut impl Write, pack: &RulePack, is_one: bool) -> std::io::Result<()> {
    line(out, &headline(pack))?;
    writeln!(out)?;
    if is_one {
        return pack.rules.iter().try_for_each(|rule| explain_one(out, rule));
    }
    let mut list = table(&[
        message!("label_rule"),
        message!("label_rule-title"),
        message!("label_severity"),
        message!("label_set-by"),
        message!("label_source"),
    ]);
    for column in 1..5 {
        if let Some(column) = list.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Left);
        }
    }
    for rule in &pack.rules {
        let source = rule
            .sources
            .last()
            .map_or(String::new(), |source| format!("{} ({})", source.document, source.confidence));
        let set_by = rule.sources.last().map_or(String::new(), |source| source.pack.clone());
        let (title, severity) = (titled(&rule.title), severity(rule.severity));
        list.add_row(vec![rule.rule.into(), title, severity, set_by, source]);
    }
    writeln!(out, "{list}")
}

fn explain_one(out: &mut impl Write, rule: &Rule) -> std::io::Result<()> {
    writeln!(out, "{} {}", rule.rule, titled(&rule.title))?;
    writeln!(out, "  {}", rule.explanation)?;
    let (severity, set_by) = (severity(rule.severity), &rule.severity_set_by);
    indented(out, &message!("rules_severity", severity = severity, set_by = set_by))?;
    for parameter in &rule.parameters {
        let named = message!(
            "rules_parameter",
            name = parameter.name,
            set_by = &parameter.set_by,
            explanation = whole(&parameter.explanation)
        );
        indented(out, &named)?;
        match &parameter.value {
            Value::Array(rows) if rows.iter().any(Value::is_object) => {
                rows.iter().try_for_each(|row| writeln!(out, "    {}", words(row)))?;
            }
            value => writeln!(out, "    {}", words(value))?,
        }
    }
    for source in &rule.sources {
        let written = message!(
            "rules_source",
            pack = &source.pack,
            document = whole(&source.document),
            place = whole(&source.place),
            confidence = source.confidence
        );
        indented(out, &written)?;
        if let Some(note) = &source.note {
            writeln!(out, "    {note}")?;
        }
    }
    Ok(())
}

/// A value as people read it.
fn words(value: &Value) -> String {
    match value {
        Value::Null => say(&message!("rules_no-limit")),
        Value::String(text) => text.clone(),
        Value::Array(list) if list.is_empty() => say(&message!("rules_empty")),
        Value::Array(list) => list.iter().map(words).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => {
            let is_stated = |value: &Value| match value {
                Value::Null => false,
                Value::Array(list) => !list.is_empty(),
                _ => true,
            };
            // what a row leaves out is no condition, but a limit that is left out is none
            let stated = fields.iter().filter(|(name, value)| {
                is_stated(value) || ["at_most", "yearly"].contains(&name.as_str())
            });
            let stated = stated.map(|(name, value)| format!("{name} {}", words(value)));
            stated.collect::<Vec<_>>().join(" · ")
        }
        other => other.to_string(),
    }
}
