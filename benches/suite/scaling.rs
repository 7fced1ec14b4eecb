//! How times and memory grow with the number of enterprises, in problems of one shape.

use crate::instances;
use crate::options::Options;
use crate::run::{self, Run};
use serde::Serialize;
use std::path::Path;

/// Numbers of enterprises; the last only when large ones are asked for.
const ENTERPRISES: [u32; 4] = [420, 4_200, 42_000, 420_000];
/// The size whose time represents all: the others have theirs in proportion.
const MEASURE: u32 = 42_000;
const MEASURE_SECONDS: f64 = 90.0;
const SECONDS_MIN: f64 = 1.0;
/// The shape of the preset `city`.
const SHAPE: [&str; 8] =
    ["--departments", "28", "--quiet", "10", "--slack", "85", "--lumpiness", "12"];

/// A run of one size.
#[derive(Serialize)]
pub struct Size {
    pub enterprises: u32,
    pub run: Run,
}

/// Plans a problem of each size.
pub fn measure(options: &Options, folder: &Path, defects: &mut Vec<String>) -> Vec<Size> {
    let mut sizes = Vec::new();
    let count = if options.large { ENTERPRISES.len() } else { ENTERPRISES.len() - 1 };
    for enterprises in &ENTERPRISES[..count] {
        let whole = options.seconds.unwrap_or(MEASURE_SECONDS);
        let share = f64::from(*enterprises) / f64::from(MEASURE);
        let seconds = (whole * share).max(SECONDS_MIN);
        let name = format!("scaling-{enterprises}");
        eprintln!("{name}: {seconds} s");
        let problem = folder.join(format!("{name}.json"));
        let enterprises_text = enterprises.to_string();
        let args: Vec<&str> =
            ["--enterprises", &enterprises_text].into_iter().chain(SHAPE).collect();
        let made = instances::generate(&args, &problem);
        match made.and_then(|()| run::run(&problem, seconds, options.seeds[0])) {
            Ok(run) => {
                defects.extend(run.defects(&name));
                sizes.push(Size { enterprises: *enterprises, run });
            }
            Err(why) => defects.push(format!("{name}: {why}")),
        }
    }
    sizes
}

/// What grows, with the exponent it grows by: 1 is in proportion to the enterprises.
pub fn exponents(sizes: &[Size]) -> Vec<String> {
    let of = |name: &str, value: &dyn Fn(&Run) -> Option<f64>| {
        let point = |size: &Size| Some((f64::from(size.enterprises), value(&size.run)?));
        let points: Vec<(f64, f64)> = sizes.iter().filter_map(point).collect();
        exponent(&points).map(|power| format!("{name} grows as enterprises^{power:.2}"))
    };
    let found = [
        of("time to the first plan", &|run| Some(run.first_plan_seconds)),
        of("time to a gap of 5%", &|run| run.good_seconds),
        of("memory", &|run| run.memory_mib.map(|mib| mib as f64)),
    ];
    found.into_iter().flatten().collect()
}

/// The slope of the least-squares line through the logarithms.
fn exponent(points: &[(f64, f64)]) -> Option<f64> {
    // times are reported to the millisecond, so none is less
    let logs: Vec<(f64, f64)> = points.iter().map(|(x, y)| (x.ln(), y.max(0.001).ln())).collect();
    if logs.len() < 2 {
        return None;
    }
    let n = logs.len() as f64;
    let mean_x = logs.iter().map(|point| point.0).sum::<f64>() / n;
    let mean_y = logs.iter().map(|point| point.1).sum::<f64>() / n;
    let covariance: f64 = logs.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    let variance: f64 = logs.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
    Some(covariance / variance)
}
