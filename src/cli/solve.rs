//! `onevisit solve`

use super::Failure;
use super::terminal::{indented, note, path, whole};
use crate::app::figures::{figure, percent, ratio};
use crate::app::files::{self, FileError, Target};
use crate::app::planning::solve;
use crate::app::planning::solve::{Options, Progress, Solved};
use crate::config::{Limits, ReportForm, Solve};
use crate::domain::{Argument, Message, Problem};
use crate::message;
use crate::text::say;
use crate::wire;
use crate::wire::planning::report::Report;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::Write;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const MEGABYTE: u64 = 1_000_000;
/// Time of a run without limits of its own.
const SECONDS_DEFAULT: f64 = 30.0;

pub(super) fn run(args: &Solve) -> Result<(), Failure> {
    let started = Instant::now();
    let problem = files::read_problem(&args.problem)?;
    // before time is spent: can everything be written at all?
    let plan = args.out.as_deref().map(Target::open).transpose()?;
    let certificate = args.certificate.as_deref().map(Target::open).transpose()?;
    let curve = args.curve.as_deref().map(Target::open).transpose()?;
    let solved = watched(&problem, &args.limits, started, certificate.is_some())?;
    if let Some(target) = plan {
        write_plan(target, &solved)?;
    }
    if let (Some(target), Some(certificate)) = (certificate, &solved.certificate) {
        target.write(|out| wire::planning::certificate::write(certificate, out))?;
    }
    if let Some(target) = curve {
        target.write(|out| write_curve(&solved, out))?;
    }
    let mut out = std::io::stdout().lock();
    match args.report {
        ReportForm::Json => {
            serde_json::to_writer(&mut out, &solved.report).map_err(std::io::Error::from)?;
            writeln!(out)?;
        }
        ReportForm::Text => text(&mut out, &solved.report)?,
    }
    out.flush()?;
    Ok(())
}

/// Writes the plan. Where that fails the plan is put into the system's folder for temporary
/// files, so that the time spent on it is not lost.
pub(super) fn write_plan(target: Target, solved: &Solved) -> Result<(), FileError> {
    let Solved { plan, report, .. } = solved;
    let write = |out: &mut dyn Write| {
        wire::planning::plan::write(plan, Some((report.cost, report.bound)), out)
    };
    target.write(write).inspect_err(|_| {
        let rescue =
            std::env::temp_dir().join(format!("onevisit-rescued-{}.json", std::process::id()));
        if files::write(&rescue, write).is_ok() {
            note(&message!("note-line", what = message!("plan-rescued", file = path(&rescue))));
        }
    })
}

/// Cost and bound over time, as CSV.
fn write_curve(solved: &Solved, out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(out, "seconds,cost,bound")?;
    for point in &solved.curve {
        writeln!(out, "{:.3},{},{}", point.elapsed.as_secs_f64(), point.cost, point.bound)?;
    }
    Ok(())
}

/// Solves with a progress bar on a terminal; the first Ctrl-C stops the run and keeps the best
/// plan, the second gives up.
pub(super) fn watched(
    problem: &Problem,
    limits: &Limits,
    started: Instant,
    certificate: bool,
) -> Result<Solved, Failure> {
    static IS_INTERRUPTED: AtomicBool = AtomicBool::new(false);
    static HANDLER: OnceLock<()> = OnceLock::new();
    HANDLER.get_or_init(|| {
        // signals are handled on a thread of their own, which speaks to nobody
        let stopping = say(&message!("solve_stopping"));
        let handler = move || {
            if IS_INTERRUPTED.swap(true, Ordering::SeqCst) {
                files::remove_unfinished();
                std::process::exit(130);
            }
            eprintln!("\n{stopping}");
        };
        if let Err(error) = ctrlc::set_handler(handler) {
            note_no_handler(&error);
        }
    });
    let seconds = match (limits.seconds, limits.work) {
        (None, Some(_)) => None,
        (seconds, _) => Some(seconds.unwrap_or(SECONDS_DEFAULT)),
    };
    let processors = || std::thread::available_parallelism().map_or(1, |n| n.get());
    let options = Options {
        started,
        time: seconds.map(Duration::from_secs_f64),
        work: limits.work,
        gap: limits.gap,
        seed: limits.seed,
        threads: limits.threads.map_or_else(processors, usize::from),
        certificate,
        memory_bytes: limits.memory.map(|megabytes| u64::from(megabytes) * MEGABYTE),
    };
    let least = solve::least_bytes(problem);
    if let Some(bytes) = options.memory_bytes.filter(|bytes| *bytes < least) {
        let (most, least) = (bytes / MEGABYTE, least.div_ceil(MEGABYTE));
        let what = message!("memory-not-kept", most = most, least = least);
        note(&message!("note-line", what = what));
    }
    let bar = bar();
    let solved = solve::solve(problem, &options, &mut |progress, elapsed| {
        show(&bar, &options, progress, elapsed);
        if IS_INTERRUPTED.load(Ordering::SeqCst) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    bar.finish_and_clear();
    Ok(solved?)
}

/// Where signals cannot be caught, that is said.
pub(super) fn note_no_handler(error: &ctrlc::Error) {
    note(&message!("note-line", what = message!("ctrl-c-not-caught", cause = whole(error))));
}

/// Counts thousandths of whichever limit there is; quiet where standard error is no terminal.
pub(super) fn bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(1_000), ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("{bar:24} {elapsed:>4}  {msg}");
    bar.set_style(style.expect("the template is sound"));
    bar.set_message(say(&message!("progress_first-plan")));
    bar.tick();
    bar
}

fn show(bar: &ProgressBar, options: &Options, progress: &Progress, elapsed: Duration) {
    let by_time = options.time.map(|time| elapsed.as_secs_f64() / time.as_secs_f64().max(1e-9));
    let by_work = options.work.map(|work| progress.work as f64 / work.max(1) as f64);
    let done = by_time.unwrap_or(0.0).max(by_work.unwrap_or(0.0)).min(1.0);
    bar.set_position((done * 1_000.0) as u64);
    let (cost, bound) = (figure(progress.cost), figure(progress.bound));
    let gap = percent(progress.gap());
    bar.set_message(say(&message!("progress_solve", cost = cost, bound = bound, gap = gap)));
}

/// The report for people.
pub(super) fn text(out: &mut impl Write, report: &Report) -> std::io::Result<()> {
    let r = report;
    let saved = r.separate_visits - r.visits;
    writeln!(out, "{}", r.problem)?;
    let (scheduled, requests) = (figure(r.scheduled), figure(r.requests));
    indented(out, &message!("report_scheduled", scheduled = scheduled, requests = requests))?;
    let visits = message!(
        "report_visits",
        visits = figure(r.visits),
        separate = figure(r.separate_visits),
        saved = figure(saved),
        share = percent(ratio(saved, r.separate_visits))
    );
    indented(out, &visits)?;
    let (visits, requests) = (figure(r.joint_visits), figure(r.joint_requests));
    indented(out, &message!("report_joint", visits = visits, requests = requests))?;
    indented(out, &left_out(r))?;
    indented(out, &message!("report_cost", cost = figure(r.cost)))?;
    let (bound, gap) = (figure(r.bound), percent(r.gap));
    let proven = if r.impossible > 0 {
        let controllable = percent(r.controllable_gap);
        message!(
            "report_proven-controllable",
            bound = bound,
            gap = gap,
            controllable = controllable
        )
    } else {
        message!("report_proven", bound = bound, gap = gap)
    };
    indented(out, &proven)?;
    if let Some(bound) = r.bound_unproven {
        let gap = percent(solve::gap(r.cost, bound));
        indented(out, &message!("report_unproven", bound = figure(bound), gap = gap))?;
    }
    let stopped = message!(
        "report_stopped",
        by = stopped_by(r.stopped_by),
        seconds = format!("{:.1}", r.seconds),
        seed = r.seed.to_string(),
        work = figure(r.work),
        threads = r.threads
    );
    indented(out, &stopped)
}

fn stopped_by(code: &'static str) -> Message {
    match code {
        "optimal" => message!("stopped-by_optimal"),
        "gap" => message!("stopped-by_gap"),
        "work" => message!("stopped-by_work"),
        "time" => message!("stopped-by_time"),
        _ => message!("stopped-by_interrupt"),
    }
}

/// Requests left out, by reason.
fn left_out(report: &Report) -> Message {
    let all = figure(report.left_out.len());
    if report.left_out.is_empty() {
        return message!("report_left-out-none", requests = all);
    }
    let reason = |(words, n): (String, usize)| {
        message!("report_reason", requests = figure(n), why = whole(words))
    };
    let reasons: Argument = report.reasons().into_iter().map(reason).collect();
    message!("report_left-out", requests = all, reasons = reasons)
}

/// Opens a file for each name in a folder, made if missing.
pub(super) fn targets<const N: usize>(
    folder: &Path,
    names: [&str; N],
) -> Result<[Target; N], FileError> {
    std::fs::create_dir_all(folder)
        .map_err(|cause| FileError::Unwritable { path: folder.to_owned(), cause })?;
    let mut opened = Vec::with_capacity(N);
    for name in names {
        opened.push(Target::open(&folder.join(name))?);
    }
    Ok(opened.try_into().unwrap_or_else(|_| unreachable!("one for each name")))
}
