//! `onevisit diff`

use super::Failure;
use super::terminal::line;
use crate::app::files;
use crate::config::Diff;
use crate::domain::Message;
use crate::domain::diff::{Change, diff};
use crate::message;
use crate::text::say;
use std::io::Write;

pub(super) fn run(args: &Diff) -> Result<(), Failure> {
    let problem = files::read_problem(&args.problem)?;
    let (old, new) = (files::read_plan(&args.old)?, files::read_plan(&args.new)?);
    let diff = diff(&problem, &old, &new);
    let mut out = std::io::stdout().lock();
    let day = |day: Option<chrono::NaiveDate>| day.map_or("-".to_owned(), |day| day.to_string());
    let lists: [(Message, &[Change]); 4] = [
        (message!("diff_is-added"), &diff.added),
        (message!("diff_is-dropped"), &diff.dropped),
        (message!("diff_is-moved"), &diff.moved),
        (message!("diff_is-regrouped"), &diff.regrouped),
    ];
    for (kind, changes) in lists {
        // padded alike in each language: what follows begins in one column
        let kind = say(&kind);
        for change in changes {
            let (before, after) = (day(change.before), day(change.after));
            writeln!(
                out,
                "{kind:9}  {}  {}  {before} -> {after}",
                change.request, change.enterprise
            )?;
        }
    }
    let changes = message!(
        "diff_changes",
        added = diff.added.len(),
        dropped = diff.dropped.len(),
        moved = diff.moved.len(),
        regrouped = diff.regrouped.len(),
        unchanged = diff.unchanged
    );
    line(&mut out, &changes)?;
    let ((visits_before, visits), (cost_before, cost)) = (diff.visits, diff.cost);
    let totals = message!(
        "diff_totals",
        visits_before = visits_before,
        visits = visits,
        cost_before = cost_before,
        cost = cost,
        change = format!("{:+}", cost - cost_before)
    );
    line(&mut out, &totals)?;
    out.flush()?;
    Ok(())
}
