//! `onevisit authority`.

use super::Failure;
use super::serve::open;
use super::table::table;
use super::terminal::line;
use crate::app::figures::figure;
use crate::app::register::authority;
use crate::app::{AppOptions, Caller};
use crate::config::{AuthorityCommand, ReportForm};
use crate::domain::Message;
use crate::message;
use crate::text::say;
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
    let (published, places) = (figure(*items), figure(*areas));
    let title = message!(
        "authority_title",
        day = *day,
        items = published,
        areas = places,
        from = *from,
        to = *to
    );
    line(out, &title)?;
    writeln!(out)?;
    let mut heads = table(&[
        message!("label_held-by-several"),
        message!("label_area"),
        message!("label_bodies"),
    ]);
    for one in many_headed.iter().take(ROWS) {
        heads.add_row(vec![one.item.clone(), one.area.clone(), one.bodies.join(", ")]);
    }
    writeln!(out, "{heads}{}\n", more(many_headed.len()))?;
    let mut empty = table(&[
        message!("label_held-by-nobody"),
        message!("label_areas"),
        message!("label_asked-for"),
    ]);
    let mut sorted: Vec<_> = gaps.iter().collect();
    sorted.sort_by_key(|gap| std::cmp::Reverse(gap.demand));
    for gap in sorted.into_iter().take(ROWS) {
        let places = if gap.areas.len() == *areas {
            say(&message!("label_all"))
        } else {
            gap.areas.join(", ")
        };
        empty.add_row(vec![gap.item.clone(), places, figure(gap.demand)]);
    }
    writeln!(out, "{empty}{}\n", more(gaps.len()))?;
    let mut list = table(&[
        message!("label_town"),
        message!("label_item"),
        message!("label_delegated"),
        message!("label_demand"),
        message!("label_demand-minutes"),
        message!("label_free-minutes"),
        message!("label_people"),
        message!("label_qualified"),
        message!("label_high-risk"),
        message!("label_suggestion"),
        message!("label_reasons"),
    ]);
    // what should change comes first
    let mut sorted: Vec<&TownItem> = towns.iter().collect();
    sorted.sort_by_key(|one| (one.suggestion == Suggestion::Keep, std::cmp::Reverse(one.demand)));
    for one in sorted.into_iter().take(2 * ROWS) {
        list.add_row(vec![
            one.area.clone(),
            one.item.clone(),
            say(&if one.delegated_to.is_some() {
                message!("label_yes")
            } else {
                message!("label_no")
            }),
            figure(one.demand),
            figure(one.demand_minutes),
            figure(one.free_minutes),
            figure(one.people),
            figure(one.qualified),
            format!("{}%", one.risk_percent),
            say(&suggestion(one.suggestion)),
            one.reasons.iter().map(|code| reason(code)).collect::<Vec<_>>().join(", "),
        ]);
    }
    let count = |wanted| towns.iter().filter(|one| one.suggestion == wanted).count();
    let all = if towns.len() > 2 * ROWS { in_all(towns.len()) } else { String::new() };
    writeln!(out, "{list}{all}")?;
    let sum = message!(
        "authority_sum",
        several = figure(many_headed.len()),
        nobody = figure(gaps.len()),
        towns = figure(towns.len()),
        delegate = figure(count(Suggestion::Delegate)),
        keep = figure(count(Suggestion::Keep)),
        recall = figure(count(Suggestion::Recall))
    );
    line(out, &sum)
}

fn suggestion(suggestion: Suggestion) -> Message {
    match suggestion {
        Suggestion::Delegate => message!("suggestion_delegate"),
        Suggestion::Keep => message!("suggestion_keep"),
        Suggestion::Recall => message!("suggestion_recall"),
    }
}

/// The code of a reason in words.
fn reason(code: &str) -> String {
    say(&match code {
        "little-demand" => message!("uptake_little-demand"),
        "enough-demand" => message!("uptake_enough-demand"),
        "too-few-people" => message!("uptake_too-few-people"),
        "too-few-qualified" => message!("uptake_too-few-qualified"),
        "too-few-minutes" => message!("uptake_too-few-minutes"),
        "enough-capacity" => message!("uptake_enough-capacity"),
        "high-risk" => message!("uptake_high-risk"),
        "risk-bearable" => message!("uptake_risk-bearable"),
        other => return other.to_owned(),
    })
}

fn more(n: usize) -> String {
    if n > ROWS { in_all(n) } else { String::new() }
}

/// The line below a table that shows the first rows only.
fn in_all(n: usize) -> String {
    format!("\n{}", say(&message!("label_in-all", rows = figure(n))))
}
