//! What is asked of the suite on its command line.

use crate::instances::{self, Instance};
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

/// Name under which `--only` knows the scaling part.
const SCALING: &str = "scaling";

/// Plans the benchmark set and writes the results down.
#[derive(Debug, Parser)]
#[command(name = "make bench", override_usage = "make bench ARGS='[OPTIONS]'")]
pub struct Options {
    /// Seconds of every run, in place of each instance's own
    #[arg(long, value_name = "N")]
    pub seconds: Option<f64>,
    /// Seeds of the search; with several, median and worst gap are reported
    #[arg(long, value_name = "S,…", value_delimiter = ',', default_value = "1")]
    pub seeds: Vec<u64>,
    /// Only these instances; "scaling" is the scaling part
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    only: Vec<String>,
    /// Also the instances of a whole megacity, and the largest size of the scaling part
    #[arg(long)]
    pub large: bool,
    /// Leave other solvers out
    #[arg(long)]
    no_peer: bool,
    /// Also measure how times and memory grow with the number of enterprises
    #[arg(long)]
    scaling: bool,
    /// See that it runs: one second of the smallest instance, no results
    #[arg(long)]
    pub test: bool,
    /// Given by `cargo bench`, not by `cargo test`
    #[arg(long, hide = true)]
    bench: bool,
}

impl Options {
    /// In a test nothing but one short run is left.
    pub fn for_a_test(self) -> Self {
        if self.bench && !self.test {
            return self;
        }
        Self {
            seconds: Some(1.0),
            seeds: vec![1],
            only: vec!["park".into()],
            large: false,
            no_peer: true,
            scaling: false,
            test: true,
            bench: true,
        }
    }

    /// The instances to plan: those named, or all that are not too large.
    pub fn instances(&self) -> Result<Vec<Instance>, clap::Error> {
        let all = instances::all();
        let known: Vec<&str> = all.iter().map(|one| one.name.as_str()).chain([SCALING]).collect();
        if let Some(name) = self.only.iter().find(|name| !known.contains(&name.as_str())) {
            let words = format!("there is no {name:?}; there are {}\n", known.join(", "));
            return Err(Self::command().error(ErrorKind::InvalidValue, words));
        }
        let is_wanted = |one: &Instance| {
            if self.only.is_empty() { self.large || !one.is_large } else { self.names(&one.name) }
        };
        Ok(all.into_iter().filter(is_wanted).collect())
    }

    pub fn has_peers(&self) -> bool {
        !self.no_peer
    }

    pub fn has_scaling(&self) -> bool {
        self.scaling || self.names(SCALING)
    }

    fn names(&self, name: &str) -> bool {
        self.only.iter().any(|only| only == name)
    }
}
