//! Time of solving one enterprise at fixed prices, by its number of requests: up to fourteen
//! exactly, twenty-four by the method for large ones. Run with `make bench-kernel`.

use onevisit::domain::Problem;
use onevisit::optimiser::timing::Priced;
use onevisit::samples::generate::{Options, generate};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Enterprises solved in turn, so that a figure is no single one's luck.
const ENTERPRISES: usize = 16;
/// Most requests that are solved exactly.
const EXACT_MAX: usize = 14;
const REQUESTS: [usize; 9] = [1, 2, 4, 6, 8, 10, 12, 14, 24];
/// How often the time of a solution is taken, and how long each time.
const SAMPLES: usize = 21;
const SAMPLE: Duration = Duration::from_millis(150);

/// Made-up enterprises with `requests` requests each: the first requests of a made-up problem, in
/// order.
fn problem(requests: usize) -> Problem {
    // each comes with one request at least
    let enterprises = ENTERPRISES * requests;
    let made = generate(&Options { enterprises, slack_percent: 1_000, ..Options::default() });
    let mut draft = made.into_draft();
    draft.enterprises.truncate(ENTERPRISES);
    draft.requests.truncate(ENTERPRISES * requests);
    for (own, host) in draft.requests.chunks_mut(requests).zip(&draft.enterprises) {
        own.iter_mut().for_each(|request| request.enterprise.clone_from(&host.id));
    }
    Problem::build(draft).expect("sound")
}

/// Times of one solution, in microseconds and in ascending order: each the mean of all that were
/// done one after another in [`SAMPLE`]. One sample before them warms up.
fn sample(mut solve: impl FnMut()) -> Vec<f64> {
    let mut once = || {
        let (start, mut done) = (Instant::now(), 0_u32);
        while start.elapsed() < SAMPLE {
            solve();
            done += 1;
        }
        start.elapsed().as_secs_f64() * 1e6 / f64::from(done)
    };
    once();
    let mut samples: Vec<f64> = (0..SAMPLES).map(|_| once()).collect();
    samples.sort_by(f64::total_cmp);
    samples
}

fn main() {
    println!("microseconds a solution: requests, method, fastest, median, slowest sample");
    for requests in REQUESTS {
        let problem = problem(requests);
        let mut priced = Priced::new(&problem);
        assert_eq!(priced.enterprises(), ENTERPRISES, "none is left aside");
        let exact = (0..ENTERPRISES).filter(|enterprise| priced.solve(*enterprise).1).count();
        let is_exact = exact == ENTERPRISES;
        assert_eq!(is_exact, requests <= EXACT_MAX, "{exact} of {requests} requests are exact");
        let method = if is_exact { "exact" } else { "large" };
        let mut next = 0;
        let samples = sample(|| {
            next = (next + 1) % ENTERPRISES;
            black_box(priced.solve(next));
        });
        let [first, median, last] = [0, SAMPLES / 2, SAMPLES - 1].map(|at| samples[at]);
        println!("{requests:>2} {method} {first:>10.2} {median:>10.2} {last:>10.2}");
    }
}
