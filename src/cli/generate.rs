//! `onevisit generate` and `onevisit calendar`

use super::Failure;
use crate::app::generate::{self, Options};
use crate::config::{Calendar, Generate};
use crate::wire;
use std::io::Write;

pub(super) fn run(args: &Generate) -> Result<(), Failure> {
    let problem = generate::generate(&Options {
        enterprises: args.enterprises as usize,
        working_days: args.days.into(),
        departments: args.departments.into(),
        areas: args.areas.into(),
        slack_percent: args.slack.into(),
        every_field: args.every_field,
        seed: args.seed,
    });
    wire::problem::write(problem.facts(), std::io::stdout().lock())?;
    Ok(())
}

pub(super) fn calendar(args: &Calendar) -> Result<(), Failure> {
    let closed = wire::calendar::shipped()
        .closed_days(args.first, args.last)
        .map_err(|error| Failure::Calendar(error.to_string()))?;
    let days: Vec<String> = closed.iter().map(ToString::to_string).collect();
    let text = serde_json::to_string(&days).map_err(std::io::Error::from)?;
    writeln!(std::io::stdout().lock(), "{text}")?;
    Ok(())
}
