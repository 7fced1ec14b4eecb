//! `onevisit rules`.

use super::Failure;
use super::table::table;
use crate::app::files::FileError;
use crate::app::law::rule_files;
use crate::config::{ReportForm, RulesCommand};
use crate::domain::rules::Pack;
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
                    Ok(writeln!(out, "{}: {}", file.display(), headline(&RulePack::from(&pack)))?)
                }
                Err(FileError::Defective { path, defects, .. }) => {
                    for defect in &defects {
                        eprintln!("{}: {defect}", path.display());
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
        let ids: Vec<&str> = rule_pack::shipped().iter().map(|d| d.id.as_str()).collect();
        Failure::Refused(format!(
            "no shipped pack has the id \"{id}\": they are {}",
            ids.join(", ")
        ))
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
    let mut list = table(&["Pack", "Name", "Version", "From", "Until", "Extends", "Says of"]);
    if let Some(column) = list.column_mut(1) {
        column.set_cell_alignment(CellAlignment::Left);
    }
    for (pack, document) in packs.iter().zip(documents) {
        let says: Vec<&str> = document.rules.keys().map(|rule| rule.number()).collect();
        let until = pack.until.map_or("–".into(), |until| until.to_string());
        list.add_row(vec![
            pack.id.clone(),
            format!("{} · {}", pack.name.zh, pack.name.en),
            pack.version.to_string(),
            pack.from.to_string(),
            until,
            document.extends.clone().unwrap_or_else(|| "–".into()),
            if document.extends.is_some() { says.join(", ") } else { "every rule".into() },
        ]);
    }
    Ok(writeln!(out, "{list}")?)
}

/// One line on a pack.
fn headline(pack: &RulePack) -> String {
    let chain: Vec<String> =
        pack.chain.iter().map(|link| format!("{} v{}", link.id, link.version)).collect();
    let until = pack.until.map_or(String::new(), |until| format!(" until {until}"));
    format!(
        "{} · {} · {}, from {}{until}; {}",
        pack.id,
        pack.name.zh,
        pack.name.en,
        pack.from,
        chain.join(" → ")
    )
}

fn explain(out: &mut impl Write, pack: &RulePack, is_one: bool) -> std::io::Result<()> {
    writeln!(out, "{}\n", headline(pack))?;
    if is_one {
        return pack.rules.iter().try_for_each(|rule| explain_one(out, rule));
    }
    let mut list = table(&["Rule", "Title", "Severity", "Set by", "Source"]);
    for column in 1..5 {
        if let Some(column) = list.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Left);
        }
    }
    for rule in &pack.rules {
        let title = format!("{} · {}", rule.title.zh, rule.title.en);
        let source = rule
            .sources
            .last()
            .map_or(String::new(), |source| format!("{} ({})", source.document, source.confidence));
        let set_by = rule.sources.last().map_or(String::new(), |source| source.pack.clone());
        list.add_row(vec![rule.rule.into(), title, rule.severity.into(), set_by, source]);
    }
    writeln!(out, "{list}")
}

fn explain_one(out: &mut impl Write, rule: &Rule) -> std::io::Result<()> {
    writeln!(out, "{} {} · {}", rule.rule, rule.title.zh, rule.title.en)?;
    writeln!(out, "  {}", rule.explanation)?;
    writeln!(out, "  severity: {} (set by {})", rule.severity, rule.severity_set_by)?;
    for parameter in &rule.parameters {
        writeln!(
            out,
            "  {}: (set by {}) {}",
            parameter.name, parameter.set_by, parameter.explanation
        )?;
        match &parameter.value {
            Value::Array(rows) if rows.iter().any(Value::is_object) => {
                rows.iter().try_for_each(|row| writeln!(out, "    {}", words(row)))?;
            }
            value => writeln!(out, "    {}", words(value))?,
        }
    }
    for source in &rule.sources {
        writeln!(
            out,
            "  source ({}): {} — {} [{}]",
            source.pack, source.document, source.place, source.confidence
        )?;
        if let Some(note) = &source.note {
            writeln!(out, "    {note}")?;
        }
    }
    Ok(())
}

/// A value as people read it.
fn words(value: &Value) -> String {
    match value {
        Value::Null => "none".into(),
        Value::String(text) => text.clone(),
        Value::Array(list) if list.is_empty() => "(empty)".into(),
        Value::Array(list) => list.iter().map(words).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => {
            let is_told = |value: &Value| match value {
                Value::Null => false,
                Value::Array(list) => !list.is_empty(),
                _ => true,
            };
            // what a row leaves out is no condition, but a limit that is left out is none
            let told = fields.iter().filter(|(name, value)| {
                is_told(value) || ["at_most", "yearly"].contains(&name.as_str())
            });
            let told = told.map(|(name, value)| format!("{name} {}", words(value)));
            told.collect::<Vec<_>>().join(" · ")
        }
        other => other.to_string(),
    }
}
