//! `onevisit draw`: publications of random draws, and drawing again.

use super::Failure;
use super::check::listed;
use super::serve::open;
use crate::app::figures::figure;
use crate::app::law::draws;
use crate::app::law::draws::Replay;
use crate::app::{AppOptions, Caller, files};
use crate::config::DrawCommand;
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
        Replay::Same { enterprises, inspectors } => writeln!(
            out,
            "The same: the commitment holds, and the seed draws the {} enterprises and {} inspectors \
             that are published.",
            figure(*enterprises),
            figure(*inspectors)
        ),
        Replay::NotRevealed => {
            writeln!(out, "Not revealed yet: there is no seed to draw with.")
        }
        Replay::OtherCommitment { noted, published } => {
            writeln!(out, "NOT the same: the commitment is another than was noted.")?;
            writeln!(out, "  noted      {noted}\n  published  {published}")
        }
        Replay::NotCommitted { found, published } => {
            writeln!(
                out,
                "NOT the same: the seed or what is frozen is not what was committed to."
            )?;
            writeln!(out, "  they make  {found}\n  published  {published}")
        }
        Replay::Differs { place, drawn, published } => {
            writeln!(out, "NOT the same: result {place} is the first that differs.")?;
            writeln!(out, "  the seed draws  {}", one(drawn))?;
            writeln!(out, "  published       {}", one(published))
        }
    }
}

/// Names what was drawn beside it: two draws for the same days are a choice.
fn others(out: &mut impl Write, others: &[OtherDraw]) -> std::io::Result<()> {
    for OtherDraw { id, start, end, made_up_at, again_because, .. } in others {
        let at = made_up_at.format("%Y-%m-%d %H:%M");
        write!(out, "Beside it: draw {id} of {at} UTC for {start} to {end}")?;
        match again_because {
            Some(reason) => writeln!(out, ", drawn again because: {reason}")?,
            None => writeln!(out, ", without a reason")?,
        }
    }
    Ok(())
}

fn one(drawn: &Option<DrawnEnterprise>) -> String {
    drawn.as_ref().map_or("nobody any more".into(), |one| {
        format!("{} by {}", one.enterprise, one.inspectors.join(", "))
    })
}
