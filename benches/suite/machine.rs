//! The machine that the figures hold for.

use chrono::Local;
use serde::Serialize;
use std::fs;
use std::process::Command;

/// Machine, compiler, sources and day.
#[derive(Serialize)]
pub struct Machine {
    pub date: String,
    pub cores: usize,
    pub processor: String,
    pub memory: String,
    pub rustc: String,
    pub commit: String,
}

impl Machine {
    /// This one; what it does not report is "unknown".
    pub fn here() -> Self {
        let value_of = |path, name: &str| {
            let text: String = fs::read_to_string(path).ok()?;
            let line = text.lines().find(|line| line.starts_with(name))?;
            Some(line.split_once(':')?.1.trim().to_owned())
        };
        let unknown = || "unknown".to_owned();
        let kib = value_of("/proc/meminfo", "MemTotal");
        let kib = kib.and_then(|text| text.trim_end_matches(" kB").parse::<f64>().ok());
        let changes =
            if says("git", &["diff", "HEAD", "--quiet"]).is_none() { ", changed" } else { "" };
        let commit = says("git", &["rev-parse", "--short=12", "HEAD"]);
        Self {
            date: Local::now().format("%Y-%m-%d").to_string(),
            cores: std::thread::available_parallelism().map_or(1, |n| n.get()),
            processor: value_of("/proc/cpuinfo", "model name").unwrap_or_else(unknown),
            memory: kib.map_or_else(unknown, |kib| format!("{:.1} GiB", kib / 1_048_576.0)),
            rustc: says("rustc", &["--version"]).unwrap_or_else(unknown),
            commit: commit.map_or_else(unknown, |commit| format!("{commit}{changes}")),
        }
    }

    /// In one sentence.
    pub fn sentence(&self) -> String {
        let Self { date, cores, processor, memory, rustc, commit } = self;
        format!(
            "{date}: {cores} cores of {processor}, {memory} of memory; {rustc}; commit {commit}."
        )
    }
}

/// What a program prints; `None` where it is missing or fails.
fn says(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
