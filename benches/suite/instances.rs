//! The instances: the presets of `onevisit generate`, the shipped real week, and a real quarter
//! where its record is at hand.

use crate::child;
use crate::tools;
use onevisit::samples::generate::PRESETS;
use onevisit::samples::real_week;
use onevisit::wire;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Most time that making a problem may take.
const MAKING: Duration = Duration::from_secs(900);

/// A problem to plan.
pub struct Instance {
    pub name: &'static str,
    /// Time of a run.
    pub seconds: f64,
    /// Planned only when asked for.
    pub is_large: bool,
    source: Source,
}

enum Source {
    Preset,
    RealWeek,
    Chicago,
}

/// All instances, the large ones last.
pub fn all() -> Vec<Instance> {
    let preset = |name: &&'static str| {
        let (seconds, is_large) = match *name {
            "park" | "park-tight" => (10.0, false),
            "features" => (20.0, false),
            "city" => (90.0, false),
            "city-100k" => (180.0, true),
            "megacity-400k" => (600.0, true),
            name if name.starts_with("county") => (60.0, false),
            _ => (45.0, false),
        };
        Instance { name, seconds, is_large, source: Source::Preset }
    };
    let real = |name, source| Instance { name, seconds: 20.0, is_large: false, source };
    let mut all: Vec<Instance> = PRESETS.iter().map(preset).collect();
    all.push(real("real-week", Source::RealWeek));
    all.push(real("chicago-quarter", Source::Chicago));
    all.sort_by_key(|instance| instance.is_large);
    all
}

impl Instance {
    /// Writes the problem into `folder`; the error says why it is left out.
    pub fn write(&self, folder: &Path) -> Result<PathBuf, String> {
        let path = folder.join(format!("{}.json", self.name));
        match self.source {
            Source::Preset => generate(&["--preset", self.name], &path)?,
            Source::RealWeek => {
                let file = File::create(&path).map_err(|error| error.to_string())?;
                let problem = real_week::problem();
                wire::planning::problem::write(problem.facts(), file)
                    .map_err(|error| error.to_string())?;
            }
            Source::Chicago => {
                let mut command = tools::python("real.py")?;
                made(command.arg("chicago"), &path)?;
            }
        }
        Ok(path)
    }
}

/// Has the program make a problem up.
pub fn generate(args: &[&str], path: &Path) -> Result<(), String> {
    made(Command::new(child::PROGRAM).arg("generate").args(args), path)
}

fn made(command: &mut Command, path: &Path) -> Result<(), String> {
    let ended = child::run(command, path, MAKING)?;
    if ended.is_success { Ok(()) } else { Err("making it failed".into()) }
}
