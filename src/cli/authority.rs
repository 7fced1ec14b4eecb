//! `onevisit authority`.

use super::Failure;
use super::serve::open;
use super::table::table;
use crate::app::figures::figure;
use crate::app::register::authority;
use crate::app::{AppOptions, Caller};
use crate::config::{AuthorityCommand, ReportForm};
use crate::wire::register::authority::{AuthorityReport, Suggestion, TownItem};
use std::io::Write;

/// Rows of a table; the JSON has all.
const ROWS: usize = 15;

pub(super) fn run(command: &AuthorityCommand) -> Result<(), Failure> {
    let AuthorityCommand::Report { day, report: form, database } = command;
    let app = open(database, AppOptions::default())?;
    let report = authority::report(&app, &Caller::local(), *day)?;
    let mut out = std::io::stdout().lock();
    match form {
        ReportForm::Json => {
            serde_json::to_writer_pretty(&mut out, &report).map_err(std::io::Error::from)?;
            Ok(writeln!(out)?)
        }
        ReportForm::Text => Ok(print_report(&mut out, &report)?),
    }
}

fn print_report(out: &mut impl Write, report: &AuthorityReport) -> std::io::Result<()> {
    let AuthorityReport { day, from, to, items, areas, many_headed, gaps, towns } = report;
    writeln!(
        out,
        "{day}: {} published items in {} areas; demand from {from} to {to}.\n",
        figure(*items),
        figure(*areas)
    )?;
    let mut heads = table(&["Held by several", "Area", "Bodies"]);
    for one in many_headed.iter().take(ROWS) {
        heads.add_row(vec![one.item.clone(), one.area.clone(), one.bodies.join(", ")]);
    }
    writeln!(out, "{heads}{}\n", more(many_headed.len()))?;
    let mut empty = table(&["Held by nobody", "Areas", "Asked for"]);
    let mut sorted: Vec<_> = gaps.iter().collect();
    sorted.sort_by_key(|gap| std::cmp::Reverse(gap.demand));
    for gap in sorted.into_iter().take(ROWS) {
        let places = if gap.areas.len() == *areas { "all".into() } else { gap.areas.join(", ") };
        empty.add_row(vec![gap.item.clone(), places, figure(gap.demand)]);
    }
    writeln!(out, "{empty}{}\n", more(gaps.len()))?;
    let mut list = table(&[
        "Town",
        "Item",
        "Delegated",
        "Demand",
        "Minutes",
        "Free",
        "People",
        "Qualified",
        "Risk C, D",
        "Should",
        "Why",
    ]);
    // what should change comes first
    let mut sorted: Vec<&TownItem> = towns.iter().collect();
    sorted.sort_by_key(|one| (one.suggestion == Suggestion::Keep, std::cmp::Reverse(one.demand)));
    for one in sorted.into_iter().take(2 * ROWS) {
        list.add_row(vec![
            one.area.clone(),
            one.item.clone(),
            if one.delegated_to.is_some() { "yes" } else { "no" }.into(),
            figure(one.demand),
            figure(one.demand_minutes),
            figure(one.free_minutes),
            figure(one.people),
            figure(one.qualified),
            format!("{}%", one.risk_percent),
            one.suggestion.as_str().into(),
            one.reasons.join(", "),
        ]);
    }
    let count = |wanted| towns.iter().filter(|one| one.suggestion == wanted).count();
    writeln!(
        out,
        "{list}{}\n{} items held by several, {} held by nobody somewhere; of {} items in towns {} \
         should be delegated, {} kept and {} recalled.",
        if towns.len() > 2 * ROWS {
            format!("\n… {} in all", figure(towns.len()))
        } else {
            String::new()
        },
        figure(many_headed.len()),
        figure(gaps.len()),
        figure(towns.len()),
        figure(count(Suggestion::Delegate)),
        figure(count(Suggestion::Keep)),
        figure(count(Suggestion::Recall)),
    )
}

fn more(n: usize) -> String {
    if n > ROWS { format!("\n… {} in all", figure(n)) } else { String::new() }
}
