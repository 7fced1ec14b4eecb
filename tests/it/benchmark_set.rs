//! The public benchmark set: the generator still makes the files that the manifest names.

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use onevisit::samples::generate::{Options, PRESETS, generate};
use onevisit::wire;
use serde::Deserialize;
use std::fs;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    instance: Vec<Instance>,
    file: Vec<File>,
}

/// A file of another generator.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    best_cost: i64,
    best_bound: i64,
    found: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Instance {
    name: String,
    enterprises: usize,
    departments: usize,
    areas: usize,
    working_days: usize,
    slack_percent: i64,
    lumpiness_percent: Option<i64>,
    peak_percent: u32,
    quiet_percent: u32,
    overtime_percent: i64,
    department_cap_percent: u32,
    every_field: bool,
    seed: u64,
    requests: usize,
    sha256: String,
    best_cost: Option<i64>,
    best_bound: Option<i64>,
    found: Option<String>,
}

impl Instance {
    fn options(&self) -> Options {
        let options = Options {
            enterprises: self.enterprises,
            working_days: self.working_days,
            departments: self.departments,
            areas: 1,
            slack_percent: self.slack_percent,
            peak_percent: self.peak_percent,
            quiet_percent: self.quiet_percent,
            overtime_percent: self.overtime_percent,
            department_cap_percent: self.department_cap_percent,
            every_field: self.every_field,
            impossible: false,
            seed: self.seed,
        };
        match self.lumpiness_percent {
            Some(percent) => options.lumpy(percent),
            None => options,
        }
    }
}

fn manifest() -> Manifest {
    let text = fs::read_to_string("benches/set/manifest.toml").expect("the manifest");
    toml::from_str(&text).expect("a manifest")
}

#[test]
fn every_preset_is_in_the_manifest_as_it_is() {
    let Manifest { instance: manifest, file: files } = manifest();
    let names: Vec<&str> = manifest.iter().map(|instance| instance.name.as_str()).collect();
    assert_eq!(names, PRESETS, "the presets, in their order");
    for instance in &manifest {
        let name = &instance.name;
        let options = instance.options();
        assert_eq!(Some(&options), Options::preset(name).as_ref(), "{name}");
        assert_eq!(instance.areas, options.areas, "{name}: areas follow from the lumpiness");
        let known = [instance.best_cost.is_some(), instance.best_bound.is_some()];
        assert!(known == [instance.found.is_some(); 2], "{name}: both figures and their source");
        if let (Some(cost), Some(bound)) = (instance.best_cost, instance.best_bound) {
            assert!(bound <= cost, "{name}: no plan costs less than {bound}");
        }
    }
    for File { name, best_cost, best_bound, found } in files {
        assert!(best_bound <= best_cost, "{name}: no plan costs less than {best_bound}");
        assert!(name.starts_with("problems/") && !found.is_empty(), "{name}");
    }
}

#[test]
fn the_smaller_files_of_the_set_are_made_to_the_byte() {
    let is_small = |instance: &Instance| instance.enterprises <= 1_000;
    let mut seen = 0;
    for instance in manifest().instance.into_iter().filter(is_small) {
        let problem = generate(&instance.options());
        let mut file = Vec::new();
        wire::planning::problem::write(problem.facts(), &mut file).expect("written");
        let hash = HEXLOWER.encode(digest(&SHA256, &file).as_ref());
        let made = (problem.facts().requests.len(), hash.as_str());
        assert_eq!(made, (instance.requests, instance.sha256.as_str()), "{}", instance.name);
        seen += 1;
    }
    assert_eq!(seen, 11, "two parks, features, five hard towns and three counties");
}
