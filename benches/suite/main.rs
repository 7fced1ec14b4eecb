//! The benchmark suite: plans every instance of the benchmark set with the built program, as a user
//! would, works the bound out again with `certify`, and writes down cost, bound, gap, times and
//! memory. Run with `make bench`; the figures hold for the machine that prints them.
//!
//! Problems and plans go to `target/bench`, results to `benches/results`. With `--test`, or when
//! not started by `cargo bench`, it only sees that it runs: one second of the smallest instance,
//! and no results.

mod child;
mod curve;
mod instances;
mod machine;
mod manifest;
mod options;
mod orlib;
mod peer;
mod picture;
mod results;
mod run;
mod scaling;
mod table;
mod tables;
mod tools;

use clap::Parser;
use instances::Instance;
use machine::Machine;
use options::Options;
use peer::Peer;
use results::{Planned, Results};
use std::path::Path;
use std::process::ExitCode;

/// Where problems, plans and certificates are put.
const FOLDER: &str = "target/bench";
/// Largest instance that is given to the peers, which take the whole problem as one model.
const PEER_REQUESTS_MAX: u64 = 5_000;

fn main() -> ExitCode {
    let options = Options::parse().for_a_test();
    let instances = options.instances().unwrap_or_else(|error| error.exit());
    std::fs::create_dir_all(FOLDER).expect("a folder for problems can be made");
    let mut results = Results::new(Machine::here(), options.seeds.len());
    let has_peers = options.has_peers() && !instances.is_empty();
    let peers = if has_peers { peer::present(&mut results.notes) } else { Vec::new() };
    for instance in &instances {
        plan(instance, &options, &peers, &mut results);
    }
    if options.has_scaling() {
        results.scaling = scaling::measure(&options, Path::new(FOLDER), &mut results.defects);
    }
    print!("{}", results.text());
    if !options.test {
        match results.write(Path::new("benches/results")) {
            Ok(files) => println!("\nWritten to benches/results: {}", files.join(", ")),
            Err(error) => results.defects.push(format!("the results cannot be written: {error}")),
        }
    }
    for defect in &results.defects {
        eprintln!("error: {defect}");
    }
    if results.defects.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Makes the instance, plans it with every seed, and has the peers plan it.
fn plan(instance: &Instance, options: &Options, peers: &[Peer], results: &mut Results) {
    let folder = Path::new(FOLDER);
    let problem = match instance.write(folder) {
        Ok(path) => path,
        Err(why) => {
            results.notes.push(format!("{} is left out: {why}.", instance.name));
            return;
        }
    };
    let seconds = options.seconds.unwrap_or(instance.seconds);
    let mut runs = Vec::new();
    for seed in &options.seeds {
        eprintln!("{}: {seconds} s, seed {seed}", instance.name);
        match run::run(&problem, seconds, *seed) {
            Ok(run) => {
                results.defects.extend(run.defects(&instance.name));
                runs.push(run);
            }
            Err(why) => results.defects.push(format!("{}, seed {seed}: {why}", instance.name)),
        }
    }
    let is_small = runs.first().is_some_and(|run| run.requests <= PEER_REQUESTS_MAX);
    let mut answers = Vec::new();
    for peer in peers.iter().filter(|_| is_small) {
        eprintln!("{}: {seconds} s, {}", instance.name, peer.name);
        match peer.run(&problem, seconds) {
            Ok(answer) => answers.push(answer),
            Err(why) => {
                results.notes.push(format!("{} on {}: {why}.", peer.name, instance.name));
            }
        }
    }
    if !runs.is_empty() {
        let best = manifest::best_known(&instance.name);
        let instance = instance.name.clone();
        results.planned.push(Planned { instance, seconds, runs, best, peers: answers });
    }
}
