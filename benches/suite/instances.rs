//! The instances: the presets of `onevisit generate`, the shipped real week, and, where they lie
//! beside the project, problem files of another generator and knapsacks of the OR-Library.

use crate::child;
use crate::orlib;
use flate2::read::GzDecoder;
use onevisit::samples::generate::PRESETS;
use onevisit::samples::real_week;
use onevisit::wire;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Most time that making a problem may take.
const MAKING: Duration = Duration::from_secs(900);
/// Where the problem files and the knapsacks lie, if they are at hand.
const PROBLEMS: &str = "../shared/data/problems";
const ORLIB: &str = "../shared/data/orlib";
/// The problem files, the hardest first, with the seconds of a run.
const FILES: [(&str, f64); 10] = [
    ("district-peaks", 60.0),
    ("county-peaks", 60.0),
    ("county-tight", 60.0),
    ("city", 90.0),
    ("district", 45.0),
    ("chicago-quarter", 20.0),
    ("features", 20.0),
    ("county-slack", 20.0),
    ("park", 30.0),
    ("miami-week", 5.0),
];
/// Of each of the nine sets of knapsacks these; each set has ten for each of three tightnesses.
const KNAPSACK_SETS: usize = 9;
const KNAPSACKS: [usize; 3] = [1, 11, 21];
const KNAPSACK_SECONDS: f64 = 10.0;

/// A problem to plan.
pub struct Instance {
    pub name: String,
    /// Time of a run.
    pub seconds: f64,
    /// Planned only when asked for.
    pub is_large: bool,
    source: Source,
}

enum Source {
    Preset,
    RealWeek,
    File(PathBuf),
    /// A knapsack of a file by its number.
    Knapsack(PathBuf, usize),
}

/// All instances: those of others first, the large ones last.
pub fn all() -> Vec<Instance> {
    let file = |(name, seconds): (&str, f64)| Instance {
        name: format!("problems/{name}"),
        seconds,
        is_large: false,
        source: Source::File(Path::new(PROBLEMS).join(format!("{name}.json.gz"))),
    };
    let knapsack = |set: usize, number: usize| Instance {
        name: format!("orlib/cb{set}-{number}"),
        seconds: KNAPSACK_SECONDS,
        is_large: false,
        source: Source::Knapsack(Path::new(ORLIB).join(format!("mknapcb{set}.txt.gz")), number),
    };
    let preset = |name: &&'static str| {
        let (seconds, is_large) = match *name {
            "park" | "park-tight" => (10.0, false),
            "features" | "lumps" | "small-pools" | "month-end" | "caps" | "overtime" => {
                (20.0, false)
            }
            "city" => (90.0, false),
            "city-100k" => (180.0, true),
            "megacity-400k" => (600.0, true),
            name if name.starts_with("county") => (60.0, false),
            _ => (45.0, false),
        };
        Instance { name: (*name).into(), seconds, is_large, source: Source::Preset }
    };
    let real_week = Instance {
        name: "real-week".into(),
        seconds: 20.0,
        is_large: false,
        source: Source::RealWeek,
    };
    let mut all: Vec<Instance> = FILES.into_iter().map(file).collect();
    all.extend(PRESETS.iter().map(preset));
    all.push(real_week);
    for set in 1..=KNAPSACK_SETS {
        all.extend(KNAPSACKS.map(|number| knapsack(set, number)));
    }
    all.sort_by_key(|instance| instance.is_large);
    all
}

impl Instance {
    /// Writes the problem into `folder`; the error says why it is left out.
    pub fn write(&self, folder: &Path) -> Result<PathBuf, String> {
        let path = folder.join(format!("{}.json", self.name.replace('/', "-")));
        match &self.source {
            Source::Preset => generate(&["--preset", &self.name], &path)?,
            Source::RealWeek => {
                let problem = real_week::problem();
                wire::planning::problem::write(problem.facts(), created(&path)?)
                    .map_err(|error| error.to_string())?;
            }
            Source::File(from) => unpack(from, &path)?,
            Source::Knapsack(from, number) => {
                let problem = orlib::problem(from, *number)?;
                serde_json::to_writer(created(&path)?, &problem)
                    .map_err(|error| error.to_string())?;
            }
        }
        Ok(path)
    }
}

fn created(path: &Path) -> Result<File, String> {
    File::create(path).map_err(|error| error.to_string())
}

/// Other programs read no gzip.
fn unpack(from: &Path, path: &Path) -> Result<(), String> {
    let packed = File::open(from).map_err(|error| format!("{}: {error}", from.display()))?;
    std::io::copy(&mut GzDecoder::new(packed), &mut created(path)?)
        .map_err(|error| error.to_string())?;
    Ok(())
}

/// Has the program make a problem up.
pub fn generate(args: &[&str], path: &Path) -> Result<(), String> {
    made(Command::new(child::PROGRAM).arg("generate").args(args), path)
}

fn made(command: &mut Command, path: &Path) -> Result<(), String> {
    let ended = child::run(command, path, MAKING)?;
    if ended.is_success { Ok(()) } else { Err("making it failed".into()) }
}
