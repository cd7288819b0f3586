//! Time against size of the documents, as a picture.

use std::fmt::Write as _;

use super::stages::Row;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 440.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 32.0;
const TOP: f64 = 48.0;
const BOTTOM: f64 = 52.0;

/// The steps that have to grow linearly with the document.
const STEPS: [&str; 3] = ["load", "overlay", "lower"];

/// An SVG with one point per document on logarithmic axes, and a line of slope one: what lies along it grows linearly.
pub(crate) fn svg(rows: &[Row]) -> String {
    let points: Vec<(f64, f64)> = rows.iter().filter_map(point).collect();
    let x = Axis::of(points.iter().map(|point| point.0), LEFT, WIDTH - RIGHT);
    let y = Axis::of(points.iter().map(|point| point.1), HEIGHT - BOTTOM, TOP);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" \
         font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n<text x=\"{LEFT}\" y=\"24\" \
         font-size=\"15\">{}: time against size, {} documents</text>\n",
        STEPS.join(" + "),
        points.len()
    );
    for (power, at) in x.ticks() {
        let label = Axis::label(power, "KB");
        let _ = writeln!(
            out,
            "<path d=\"M{at:.1} {TOP}V{:.1}\" stroke=\"#ddd\"/><text x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{label}</text>",
            HEIGHT - BOTTOM,
            HEIGHT - BOTTOM + 20.0
        );
    }
    for (power, at) in y.ticks() {
        let label = Axis::label(power, "ms");
        let _ = writeln!(
            out,
            "<path d=\"M{LEFT} {at:.1}H{:.1}\" stroke=\"#ddd\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>",
            WIDTH - RIGHT,
            LEFT - 6.0,
            at + 4.0
        );
    }
    if let Some(rate) = rate(&points) {
        out.push_str(&line(&x, &y, rate));
    }
    for (size, time) in points {
        let _ = writeln!(out, "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"4\" fill=\"#1f5fa8\"/>", x.at(size), y.at(time));
    }
    out.push_str("</svg>\n");
    out
}

/// Kilobytes and milliseconds of a document that has passed all of the steps, or as many as it took.
fn point(row: &Row) -> Option<(f64, f64)> {
    let times = STEPS.iter().filter_map(|stage| row.time(stage));
    let time = times.map(|time| time.as_secs_f64() * 1e3).sum::<f64>();
    (row.bytes > 0 && time > 0.0).then_some((row.bytes as f64 / 1e3, time))
}

/// Milliseconds per kilobyte: that of all documents together.
fn rate(points: &[(f64, f64)]) -> Option<f64> {
    let (size, time) = points.iter().fold((0.0, 0.0), |(size, time), point| (size + point.0, time + point.1));
    (size > 0.0).then(|| time / size)
}

/// The line of documents that take this many milliseconds per kilobyte.
fn line(x: &Axis, y: &Axis, rate: f64) -> String {
    let from = x.low.max(y.low - rate.log10());
    let to = x.high.min(y.high - rate.log10());
    let end = |power: f64| (x.at(10f64.powf(power)), y.at(10f64.powf(power) * rate));
    let ((x1, y1), (x2, y2)) = (end(from), end(to));
    format!(
        "<path d=\"M{x1:.1} {y1:.1}L{x2:.1} {y2:.1}\" stroke=\"#b3541e\" stroke-dasharray=\"6 4\"/>\n\
         <text x=\"{:.1}\" y=\"40\" text-anchor=\"end\" fill=\"#b3541e\">linear: {rate:.3} ms per KB</text>\n",
        WIDTH - RIGHT
    )
}

/// A logarithmic axis from one power of ten to another.
#[derive(Debug)]
struct Axis {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl Axis {
    fn of(values: impl Iterator<Item = f64> + Clone, from: f64, to: f64) -> Self {
        let low = values.clone().fold(f64::INFINITY, f64::min);
        let high = values.fold(f64::NEG_INFINITY, f64::max);
        let (low, high) = if low <= high { (low.log10().floor(), high.log10().ceil()) } else { (0.0, 1.0) };
        Self { low, high: high.max(low + 1.0), from, to }
    }

    fn at(&self, value: f64) -> f64 {
        self.from + (value.log10() - self.low) / (self.high - self.low) * (self.to - self.from)
    }

    fn ticks(&self) -> impl Iterator<Item = (i32, f64)> {
        // Powers of ten of what a computer can hold fit into any integer.
        (self.low as i32..=self.high as i32).map(|power| (power, self.at(10f64.powi(power))))
    }

    fn label(power: i32, unit: &str) -> String {
        format!("{} {unit}", 10f64.powi(power))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn row(bytes: usize, ms: u64) -> Row {
        Row { document: "a".into(), bytes, times: vec![("load", Duration::from_millis(ms)), ("emit", Duration::MAX)] }
    }

    #[test]
    fn documents_of_one_rate_lie_on_the_line() {
        let text = svg(&[row(1_000, 1), row(10_000, 10), row(100_000, 100)]);
        assert_eq!(text.matches("<circle").count(), 3);
        assert!(text.contains("linear: 1.000 ms per KB"), "{text}");
        assert!(text.contains("M64.0 388.0L688.0 48.0"), "{text}");
        assert!(text.contains("cx=\"64.0\" cy=\"388.0\"") && text.contains("cx=\"688.0\" cy=\"48.0\""), "{text}");
    }

    #[test]
    fn without_measurements_there_are_axes_and_no_points() {
        let text = svg(&[Row::default()]);
        assert!(text.starts_with("<svg") && text.ends_with("</svg>\n"), "{text}");
        assert!(!text.contains("NaN") && !text.contains("inf") && !text.contains("<circle"), "{text}");
    }
}
