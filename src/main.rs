use std::ops::ControlFlow;
fn main() {
    let path = std::env::args().nth(1).unwrap();
    if path == "gen" {
        let a: Vec<i64> = std::env::args().skip(2).map(|a| a.parse().unwrap()).collect();
        let o = onevisit::app::generate::Options {
            enterprises: a[0] as usize,
            slack_percent: a[1],
            every_field: a[2] == 1,
            seed: a[3] as u64,
            areas: a[4] as usize,
            departments: a[5] as usize,
            ..Default::default()
        };
        let p = onevisit::app::generate::generate(&o);
        onevisit::wire::problem::write(p.facts(), std::io::stdout()).unwrap();
        return;
    }
    let secs: f64 = std::env::args().nth(2).unwrap().parse().unwrap();
    let out = std::env::args().nth(3);
    let t = std::time::Instant::now();
    let p =
        onevisit::wire::problem::read(std::io::BufReader::new(std::fs::File::open(path).unwrap()))
            .unwrap_or_else(|e| panic!("{e}"));
    let params = onevisit::optimiser::Params {
        threads: 2,
        solver_seconds: Some(10.0),
        ..Default::default()
    };
    let mut last = 0.0;
    let o = onevisit::optimiser::optimise(&p, &params, &mut |g| {
        let s = t.elapsed().as_secs_f64();
        if s - last > 1.0 || last == 0.0 {
            last = s;
            eprintln!("{s:.2} {g:?} gap {:.3}%", 100.0 * onevisit::optimiser::gap(g.cost, g.bound));
        }
        if s > secs { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    println!(
        "{:?} {} bound {} gap {:.3}% visits {} work {} {:?}",
        o.cost,
        o.cost.total(),
        o.bound,
        100.0 * onevisit::optimiser::gap(o.cost.total(), o.bound),
        o.plan.visits.len(),
        o.work,
        o.stopped_by
    );
    for v in onevisit::domain::check(&p, &o.plan).iter().take(5) {
        println!("{v}");
    }
    if let Some(out) = out {
        onevisit::wire::plan::write(&o.plan, None, std::fs::File::create(out).unwrap()).unwrap();
    }
}
