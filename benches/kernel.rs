//! Time of solving one enterprise at fixed prices, by its number of requests: up to fourteen
//! exactly, twenty-four by the method for large ones. Run with `make bench-kernel`.

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use onevisit::domain::Problem;
use onevisit::optimiser::timing::Priced;
use onevisit::samples::generate::{Options, generate};
use std::hint::black_box;
use std::time::Duration;

/// Enterprises solved in turn, so that a figure is no single one's luck.
const ENTERPRISES: usize = 16;
/// Most requests that are solved exactly.
const EXACT_MAX: usize = 14;
const REQUESTS: [usize; 9] = [1, 2, 4, 6, 8, 10, 12, 14, 24];

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

fn kernel(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("kernel");
    group.sample_size(20).warm_up_time(Duration::from_secs(1));
    for requests in REQUESTS {
        let problem = problem(requests);
        let mut priced = Priced::new(&problem);
        assert_eq!(priced.enterprises(), ENTERPRISES, "none is left aside");
        let exact = (0..ENTERPRISES).filter(|enterprise| priced.solve(*enterprise).1).count();
        let is_exact = exact == ENTERPRISES;
        assert_eq!(is_exact, requests <= EXACT_MAX, "{exact} of {requests} requests are exact");
        let method = if is_exact { "exact" } else { "large" };
        let mut next = 0;
        group.bench_function(BenchmarkId::new(method, requests), |bencher| {
            bencher.iter(|| {
                next = (next + 1) % ENTERPRISES;
                black_box(priced.solve(next))
            });
        });
    }
    group.finish();
}

criterion_group!(benches, kernel);
criterion_main!(benches);
