//! `onevisit diff`

use super::Failure;
use crate::app::files;
use crate::config::Diff;
use crate::domain::diff::{Change, diff};
use std::io::Write;

pub(super) fn run(args: &Diff) -> Result<(), Failure> {
    let problem = files::read_problem(&args.problem)?;
    let (old, new) = (files::read_plan(&args.old)?, files::read_plan(&args.new)?);
    let diff = diff(&problem, &old, &new);
    let mut out = std::io::stdout().lock();
    let day = |day: Option<chrono::NaiveDate>| day.map_or("-".to_owned(), |day| day.to_string());
    let lists: [(&str, &[Change]); 4] = [
        ("added", &diff.added),
        ("dropped", &diff.dropped),
        ("moved", &diff.moved),
        ("regrouped", &diff.regrouped),
    ];
    for (kind, changes) in lists {
        for change in changes {
            let (before, after) = (day(change.before), day(change.after));
            writeln!(
                out,
                "{kind:9}  {}  {}  {before} -> {after}",
                change.request, change.enterprise
            )?;
        }
    }
    writeln!(
        out,
        "{} added, {} dropped, {} moved, {} regrouped, {} unchanged",
        diff.added.len(),
        diff.dropped.len(),
        diff.moved.len(),
        diff.regrouped.len(),
        diff.unchanged
    )?;
    writeln!(
        out,
        "visits {} -> {}, cost {} -> {} ({:+})",
        diff.visits.0,
        diff.visits.1,
        diff.cost.0,
        diff.cost.1,
        diff.cost.1 - diff.cost.0
    )?;
    out.flush()?;
    Ok(())
}
