//! Everything that was measured, on the terminal and in files.

use crate::machine::Machine;
use crate::manifest::BestKnown;
use crate::peer::Answer;
use crate::picture;
use crate::run::{Run, THREADS};
use crate::scaling::{self, Size};
use crate::table::Table;
use crate::tables;
use serde::Serialize;
use std::fs;
use std::path::Path;

/// The runs of one instance; at least one.
#[derive(Serialize)]
pub struct Planned {
    pub instance: String,
    /// Time given to each run.
    pub seconds: f64,
    /// One a seed.
    pub runs: Vec<Run>,
    /// The best cost and bound that are known, where any are entered.
    pub best: Option<BestKnown>,
    pub peers: Vec<Answer>,
}

impl Planned {
    /// The run whose gap is in the middle, the worse of two.
    pub fn median(&self) -> &Run {
        let mut runs: Vec<&Run> = self.runs.iter().collect();
        runs.sort_by(|a, b| a.gap.total_cmp(&b.gap));
        runs[runs.len() / 2]
    }

    pub fn worst_gap(&self) -> f64 {
        self.runs.iter().map(|run| run.gap).fold(0.0, f64::max)
    }

    /// What a solver found, by its script's name.
    pub fn answer(&self, solver: &str) -> Option<&Answer> {
        self.peers.iter().find(|answer| answer.solver == solver)
    }
}

/// What the suite found.
#[derive(Serialize)]
pub struct Results {
    machine: Machine,
    threads: usize,
    #[serde(skip)]
    seeds: usize,
    pub planned: Vec<Planned>,
    pub scaling: Vec<Size>,
    /// What is left out, and why.
    pub notes: Vec<String>,
    /// What must not be.
    pub defects: Vec<String>,
}

impl Results {
    /// Nothing yet.
    pub fn new(machine: Machine, seeds: usize) -> Self {
        Self {
            machine,
            threads: THREADS,
            seeds,
            planned: Vec::new(),
            scaling: Vec::new(),
            notes: Vec::new(),
            defects: Vec::new(),
        }
    }

    /// For a terminal.
    pub fn text(&self) -> String {
        self.render(Table::text, "")
    }

    fn render(&self, shown: fn(&Table) -> String, mark: &str) -> String {
        let mut text = format!("{}\n", self.machine.sentence());
        if !self.planned.is_empty() {
            let threads = self.threads;
            text += &format!(
                "\n{mark}The set\n\n{}\nOn {threads} threads. Times are from the start of the program, \
                 reading the problem included; memory is the most held at once; certified: the time \
                 that `certify` took to work the bound out again. Plan dear by: cost less the best known \
                 cost; bound short by: the best known bound less the bound; what is left of the gap \
                 nobody knows (- where no best figures are entered).",
                shown(&tables::planned(&self.planned, self.seeds))
            );
            text += if self.seeds > 1 {
                " Each row is the run with the median gap; memory is the largest of all seeds.\n"
            } else {
                "\n"
            };
        }
        if let Some(table) = tables::peers(&self.planned) {
            text += &format!(
                "\n{mark}Other solvers\n\nThe whole problem as one model, on the same files, seconds \
                 and threads. Writing the model is not counted.\n\n{}",
                shown(&table)
            );
        }
        if !self.scaling.is_empty() {
            text += &format!(
                "\n{mark}Scaling\n\nProblems of the shape of `city`; below some 2,600 enterprises \
                 one area is left, and inspectors' days are lumpier.\n\n{}\n",
                shown(&tables::scaling(&self.scaling))
            );
            for line in scaling::exponents(&self.scaling) {
                text += &format!("- {line}\n");
            }
        }
        if !self.notes.is_empty() {
            text += &format!("\n{mark}Left out\n\n");
        }
        for note in &self.notes {
            text += &format!("- {note}\n");
        }
        text
    }

    /// Writes tables, figures and, where there are curves, their picture under the day's name, or
    /// with a number where the day has results already; returns the files' names.
    pub fn write(&self, folder: &Path) -> std::io::Result<Vec<String>> {
        fs::create_dir_all(folder)?;
        let day = &self.machine.date;
        let numbered = (2..).map(|n| format!("{day}-{n}"));
        let mut names = [day.clone()].into_iter().chain(numbered);
        let is_free = |name: &String| !folder.join(format!("{name}.json")).exists();
        let name = names.find(is_free).expect("numbers do not end");
        let mut text = format!("# Benchmarks of {name}\n\n{}", self.render(Table::markdown, "## "));
        let mut files = vec![(format!("{name}.json"), serde_json::to_string(self)? + "\n")];
        if !self.planned.is_empty() {
            let picture = format!("{name}.svg");
            text += &format!(
                "\n## Cost and bound over time\n\n![Cost and bound over time]({picture})\n"
            );
            files.push((picture, picture::svg(&self.planned)));
        }
        files.push((format!("{name}.md"), text));
        for (file, text) in &files {
            fs::write(folder.join(file), text)?;
        }
        Ok(files.into_iter().map(|(file, _)| file).collect())
    }
}
