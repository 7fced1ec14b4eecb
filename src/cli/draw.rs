//! `onevisit draw`: publications of random draws, and drawing again.

use super::Failure;
use super::check::listed;
use super::serve::open;
use super::terminal::{indented, line, whole};
use crate::app::figures::figure;
use crate::app::law::draws;
use crate::app::law::draws::Replay;
use crate::app::{AppOptions, Caller, files};
use crate::config::DrawCommand;
use crate::domain::{Argument, Message};
use crate::message;
use crate::wire::law::draw::{DrawnEnterprise, OtherDraw};
use std::io::Write;

pub(super) fn run(command: &DrawCommand) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match command {
        DrawCommand::Publication { id, database } => {
            let app = open(database, AppOptions::default())?;
            let publication = draws::publication(&app, &Caller::local(), id)?;
            serde_json::to_writer_pretty(&mut out, &publication).map_err(std::io::Error::from)?;
            Ok(writeln!(out)?)
        }
        DrawCommand::Replay { file, commitment } => {
            let publication = listed(files::read_draw(file), &mut out, false)?;
            let found = draws::replay(&publication, commitment.as_deref());
            print_report(&mut out, &found)?;
            others(&mut out, &publication.others)?;
            match found {
                Replay::Same { .. } => Ok(()),
                _ => Err(Failure::Invalid),
            }
        }
    }
}

fn print_report(out: &mut impl Write, found: &Replay) -> std::io::Result<()> {
    match found {
        Replay::Same { enterprises, inspectors } => {
            let (enterprises, inspectors) = (figure(*enterprises), figure(*inspectors));
            let same = message!("draw_same", enterprises = enterprises, inspectors = inspectors);
            line(out, &same)
        }
        Replay::NotRevealed => line(out, &message!("draw_not-revealed")),
        Replay::OtherCommitment { noted, published } => {
            line(out, &message!("draw_other-commitment"))?;
            indented(out, &message!("draw_commitment-noted", commitment = noted))?;
            indented(out, &message!("draw_commitment-published", commitment = published))
        }
        Replay::NotCommitted { found, published } => {
            line(out, &message!("draw_not-committed"))?;
            indented(out, &message!("draw_commitment-found", commitment = found))?;
            indented(out, &message!("draw_commitment-published", commitment = published))
        }
        Replay::Differs { place, drawn, published } => {
            line(out, &message!("draw_differs", place = *place))?;
            indented(out, &message!("draw_result-drawn", result = one(drawn)))?;
            indented(out, &message!("draw_result-published", result = one(published)))
        }
    }
}

/// Names what was drawn beside it: two draws for the same days are a choice.
fn others(out: &mut impl Write, others: &[OtherDraw]) -> std::io::Result<()> {
    for OtherDraw { id, start, end, made_up_at, again_because, .. } in others {
        let at = made_up_at.format("%Y-%m-%d %H:%M").to_string();
        let (start, end) = (*start, *end);
        let other = match again_because {
            Some(reason) => {
                let reason = whole(reason);
                message!("draw_other", id = id, at = at, start = start, end = end, reason = reason)
            }
            None => message!("draw_other-unexplained", id = id, at = at, start = start, end = end),
        };
        line(out, &other)?;
    }
    Ok(())
}

fn one(drawn: &Option<DrawnEnterprise>) -> Message {
    match drawn {
        Some(DrawnEnterprise { enterprise, inspectors, .. }) => {
            let inspectors: Argument = inspectors.iter().collect();
            message!("draw_one", enterprise = enterprise, inspectors = inspectors)
        }
        None => message!("draw_nobody"),
    }
}
