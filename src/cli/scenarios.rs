//! `onevisit scenarios`.

use super::serve::open;
use super::terminal::{self, line, titled};
use super::{Failure, defect_line};
use crate::app::files::FileError;
use crate::app::register::scenario_files;
use crate::app::{AppOptions, Caller, register};
use crate::config::{Database, ScenariosCommand};
use crate::message;
use crate::wire::register::scenario::Scenario;
use std::path::{Path, PathBuf};

pub(super) fn run(command: &ScenariosCommand) -> Result<(), Failure> {
    match command {
        ScenariosCommand::Check { paths } => {
            let scenarios = read_all(paths)?;
            let mut out = std::io::stdout().lock();
            for (path, scenario) in &scenarios {
                let items: usize = scenario.departments.iter().map(|part| part.items.len()).sum();
                let found = message!(
                    "scenario_checked",
                    file = terminal::path(path),
                    id = &scenario.id,
                    name = titled(&scenario.name),
                    departments = scenario.departments.len(),
                    items = items
                );
                line(&mut out, &found)?;
            }
            Ok(())
        }
        ScenariosCommand::Load { paths, database } => load(paths, database),
    }
}

fn load(paths: &[PathBuf], database: &Database) -> Result<(), Failure> {
    let scenarios = read_all(paths)?;
    let app = open(database, AppOptions::default())?;
    let mut out = std::io::stdout().lock();
    for (path, scenario) in &scenarios {
        let is_new = register::add_scenario(&app, &Caller::local(), scenario)?;
        let (file, id) = (terminal::path(path), &scenario.id);
        let done = if is_new {
            message!("scenario_added", file = file, id = id)
        } else {
            message!("scenario_known", file = file, id = id)
        };
        line(&mut out, &done)?;
    }
    Ok(())
}

/// Every file, or every defect of every file.
fn read_all(paths: &[PathBuf]) -> Result<Vec<(PathBuf, Scenario)>, Failure> {
    let (mut scenarios, mut count) = (Vec::new(), 0);
    let mut last: &Path = Path::new("");
    let mut files = Vec::new();
    for path in paths {
        files.extend(scenario_files::files_of(path)?);
    }
    for path in &files {
        match scenario_files::read(path) {
            Ok(scenario) => scenarios.push((path.clone(), scenario)),
            Err(FileError::Defective { defects, .. }) => {
                for defect in &defects {
                    eprintln!("{}: {}", path.display(), defect_line(defect));
                }
                count += defects.len();
                last = path;
            }
            Err(other) => return Err(other.into()),
        }
    }
    if count > 0 {
        return Err(Failure::Listed { path: last.to_owned(), count });
    }
    Ok(scenarios)
}
