//! `onevisit generate` and `onevisit calendar`

use super::Failure;
use crate::config::{Calendar, Generate};
use crate::domain::calendar::YearUnknown;
use crate::message;
use crate::samples::generate;
use crate::samples::generate::Options;
use crate::wire;
use std::io::Write;

pub(super) fn run(args: &Generate) -> Result<(), Failure> {
    let problem = generate::generate(&options(args));
    wire::planning::problem::write(problem.facts(), std::io::stdout().lock())?;
    Ok(())
}

/// The preset's options, changed by those given.
fn options(args: &Generate) -> Options {
    let preset = args.preset.as_deref().map(|name| Options::preset(name).expect("a known name"));
    let base = preset.unwrap_or_default();
    let options = Options {
        enterprises: args.enterprises.map_or(base.enterprises, |n| n as usize),
        working_days: args.days.map_or(base.working_days, usize::from),
        departments: args.departments.map_or(base.departments, usize::from),
        areas: args.areas.map_or(base.areas, usize::from),
        slack_percent: args.slack.map_or(base.slack_percent, i64::from),
        peak_percent: args.peaks.map_or(base.peak_percent, u32::from),
        quiet_percent: args.quiet.map_or(base.quiet_percent, u32::from),
        overtime_percent: args.overtime.map_or(base.overtime_percent, i64::from),
        department_cap_percent: args.department_caps.map_or(base.department_cap_percent, u32::from),
        every_field: args.every_field || base.every_field,
        impossible: args.impossible || base.impossible,
        seed: args.seed.unwrap_or(base.seed),
    };
    match args.lumpiness {
        Some(percent) => options.lumpy(percent.into()),
        None => options,
    }
}

pub(super) fn calendar(args: &Calendar) -> Result<(), Failure> {
    let closed = wire::law::calendar::shipped().closed_days(args.first, args.last).map_err(
        |YearUnknown(year)| {
            Failure::Usage(message!("calendar-year-unknown_printed", year = year.to_string()))
        },
    )?;
    let days: Vec<String> = closed.iter().map(ToString::to_string).collect();
    let text = serde_json::to_string(&days).map_err(std::io::Error::from)?;
    writeln!(std::io::stdout().lock(), "{text}")?;
    Ok(())
}
