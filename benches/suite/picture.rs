//! Cost and bound over time as a picture: one panel an instance, on a logarithmic axis of time.

use crate::curve::Point;
use crate::results::Planned;
use onevisit::app::figures::figure;
use std::fmt::Write;

const COLUMNS: usize = 3;
/// Size of a panel and of the frame in it.
const PANEL: (f64, f64) = (360.0, 250.0);
const LEFT: f64 = 84.0;
const TOP: f64 = 34.0;
const FRAME: (f64, f64) = (256.0, 164.0);
/// Room above the panels for the key.
const HEAD: f64 = 34.0;
/// How far beyond the final cost and bound curves are followed, in final gaps, and at least in
/// parts of the cost: so that their ends are seen.
const REACH_GAPS: f64 = 6.0;
const REACH_MIN: f64 = 0.01;
const SECONDS_MIN: f64 = 0.001;

/// Colours for light and for dark surroundings; dashes distinguish the curves without colour.
const STYLE: &str = "
text{font:12px system-ui,sans-serif;fill:#1f2937}
.name{font-weight:600}
.ground{fill:#fff}
.frame{fill:none;stroke:#9ca3af}
.grid{stroke:#e5e7eb}
.cost,.bound{fill:none;stroke-width:1.6;stroke-linejoin:round}
.cost{stroke:#b45309}
.bound{stroke:#1d4ed8;stroke-dasharray:5 2}
@media (prefers-color-scheme:dark){
text{fill:#e5e7eb}
.ground{fill:#111827}
.frame{stroke:#6b7280}
.grid{stroke:#374151}
.cost{stroke:#fbbf24}
.bound{stroke:#93c5fd}
}
";

/// The picture; every seed's curves are drawn.
pub fn svg(planned: &[Planned]) -> String {
    let columns = planned.len().clamp(1, COLUMNS);
    let width = PANEL.0 * columns as f64;
    let height = HEAD + PANEL.1 * planned.len().div_ceil(columns) as f64;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         width=\"{width}\" height=\"{height}\" role=\"img\">\n<title>Cost and bound over time</title>\n\
         <style>{STYLE}</style>\n<rect class=\"ground\" width=\"{width}\" height=\"{height}\"/>\n\
         <path class=\"cost\" d=\"M{LEFT} 18h28\"/><text x=\"{}\" y=\"22\">cost</text>\n\
         <path class=\"bound\" d=\"M{} 18h28\"/><text x=\"{}\" y=\"22\">bound</text>\n\
         <text x=\"{}\" y=\"22\">(cut off at the frame)</text>\n",
        LEFT + 34.0,
        LEFT + 84.0,
        LEFT + 118.0,
        LEFT + 168.0
    );
    for (i, one) in planned.iter().enumerate() {
        let x = PANEL.0 * (i % columns) as f64 + LEFT;
        let y = HEAD + PANEL.1 * (i / columns) as f64 + TOP;
        panel(&mut svg, one, x, y).expect("text can be written");
    }
    svg.push_str("</svg>\n");
    svg
}

/// What a panel shows: times by their decimal logarithm, and costs.
struct Scale {
    from: f64,
    to: f64,
    bottom: f64,
    top: f64,
}

impl Scale {
    fn of(planned: &Planned) -> Self {
        let points = || planned.runs.iter().flat_map(|run| &run.curve);
        let last = || planned.runs.iter().filter_map(|run| run.curve.last());
        let least = |values: &mut dyn Iterator<Item = i64>| values.min().unwrap_or(0) as f64;
        let most = |values: &mut dyn Iterator<Item = i64>| values.max().unwrap_or(0) as f64;
        let cost = most(&mut last().map(|point| point.cost));
        let bound = least(&mut last().map(|point| point.bound));
        let reach = (REACH_GAPS * (cost - bound)).max(REACH_MIN * cost);
        let top = most(&mut points().map(|point| point.cost)).min(cost + reach);
        let bottom = least(&mut points().map(|point| point.bound)).max(bound - reach);
        let margin = ((top - bottom) * 0.05).max(1.0);
        let first = points().map(|point| point.seconds).fold(f64::INFINITY, f64::min);
        let end = points().map(|point| point.seconds).fold(SECONDS_MIN, f64::max);
        let from = first.max(SECONDS_MIN).log10().floor();
        Self { from, to: end.log10().max(from + 1.0), bottom: bottom - margin, top: top + margin }
    }

    fn x(&self, seconds: f64) -> f64 {
        let share = (seconds.max(SECONDS_MIN).log10() - self.from) / (self.to - self.from);
        share.clamp(0.0, 1.0) * FRAME.0
    }

    fn y(&self, value: f64) -> f64 {
        let share = (value - self.bottom) / (self.top - self.bottom);
        (1.0 - share.clamp(0.0, 1.0)) * FRAME.1
    }

    /// Round values, three to six of them.
    fn marks(&self) -> Vec<f64> {
        let rough = (self.top - self.bottom) / 4.0;
        let unit = 10f64.powf(rough.log10().floor());
        let steps = [1.0, 2.0, 5.0, 10.0].map(|n| n * unit);
        let step = steps.into_iter().find(|step| *step >= rough).unwrap_or(10.0 * unit).max(1.0);
        let first = (self.bottom / step).ceil() as i64;
        let last = (self.top / step).floor() as i64;
        (first..=last).map(|n| n as f64 * step).collect()
    }
}

fn panel(svg: &mut String, planned: &Planned, x: f64, y: f64) -> std::fmt::Result {
    let scale = Scale::of(planned);
    let requests = figure(planned.runs[0].requests as i64);
    let (width, height) = FRAME;
    writeln!(svg, "<g transform=\"translate({x} {y})\">")?;
    writeln!(
        svg,
        "<text y=\"-10\"><tspan class=\"name\">{}</tspan>, {requests} requests</text>",
        planned.instance
    )?;
    for mark in scale.marks() {
        let at = scale.y(mark);
        writeln!(svg, "<path class=\"grid\" d=\"M0 {at:.1}h{width}\"/>")?;
        let label = figure(mark as i64);
        writeln!(svg, "<text x=\"-6\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>", at + 4.0)?;
    }
    for power in scale.from as i32..=scale.to.floor() as i32 {
        let seconds = 10f64.powi(power);
        let at = scale.x(seconds);
        writeln!(svg, "<path class=\"grid\" d=\"M{at:.1} 0v{height}\"/>")?;
        let below = height + 16.0;
        writeln!(svg, "<text x=\"{at:.1}\" y=\"{below}\" text-anchor=\"middle\">{seconds}</text>")?;
    }
    writeln!(svg, "<rect class=\"frame\" width=\"{width}\" height=\"{height}\"/>")?;
    let (middle, below) = (width / 2.0, height + 32.0);
    writeln!(svg, "<text x=\"{middle}\" y=\"{below}\" text-anchor=\"middle\">seconds</text>")?;
    let (aside, half) = (LEFT - 12.0, height / 2.0);
    writeln!(
        svg,
        "<text transform=\"translate(-{aside} {half}) rotate(-90)\" \
         text-anchor=\"middle\">burden</text>"
    )?;
    for run in &planned.runs {
        line(svg, "cost", &scale, &run.curve, |point| point.cost)?;
        line(svg, "bound", &scale, &run.curve, |point| point.bound)?;
    }
    writeln!(svg, "</g>")
}

/// A curve of steps: what was known holds until something better is.
fn line(
    svg: &mut String,
    class: &str,
    scale: &Scale,
    curve: &[Point],
    value: impl Fn(&Point) -> i64,
) -> std::fmt::Result {
    let at = |point: &Point| (scale.x(point.seconds), scale.y(value(point) as f64));
    let Some((first, rest)) = curve.split_first() else { return Ok(()) };
    let (mut x, mut y) = at(first);
    write!(svg, "<path class=\"{class}\" d=\"M{x:.1} {y:.1}")?;
    for (i, point) in rest.iter().enumerate() {
        let (next_x, next_y) = at(point);
        let is_last = i + 1 == rest.len();
        // steps too small to be seen are left out
        if (next_x - x).abs() + (next_y - y).abs() < 0.5 && !is_last {
            continue;
        }
        (x, y) = (next_x, next_y);
        write!(svg, "H{x:.1}V{y:.1}")?;
    }
    writeln!(svg, "\"/>")
}
