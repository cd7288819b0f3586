//! Measures each step, and shows progress.

use std::fmt::Write as _;
use std::io::{IsTerminal, Write as _};
use std::time::{Duration, Instant};

/// The times of the steps of each document.
///
/// Progress appears only on a terminal, on one line of standard error that is cleared at the end.
#[derive(Debug)]
pub(crate) struct Stages {
    progress: bool,
    running: Option<(&'static str, Instant)>,
    timings: Vec<Timing>,
}

/// The steps of one document.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Timing {
    /// Name of the document.
    pub(crate) document: String,
    /// Size of the document.
    pub(crate) bytes: usize,
    /// The steps in order.
    pub(crate) times: Vec<(&'static str, Duration)>,
}

impl Timing {
    /// The time of one step, or the sum of several steps of that name.
    pub(crate) fn time(&self, stage: &str) -> Option<Duration> {
        let times = || self.times.iter().filter(|(name, _)| *name == stage).map(|(_, time)| *time);
        times().next().map(|_| times().sum())
    }

    fn total(&self) -> Duration {
        self.times.iter().map(|(_, time)| *time).sum()
    }
}

impl Stages {
    /// Starts without a document.
    pub(crate) fn new() -> Self {
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Self { progress: std::io::stderr().is_terminal() && !dumb, running: None, timings: vec![] }
    }

    /// Begins a document; the next steps belong to it.
    pub(crate) fn document(&mut self, name: &str) {
        self.end();
        // Files are compared and written after every document has passed the other steps.
        if !self.timings.iter().any(|row| row.document == name) {
            self.timings.push(Timing { document: name.to_owned(), ..Timing::default() });
        }
        if let Some(at) = self.timings.iter().position(|row| row.document == name) {
            let row = self.timings.remove(at);
            self.timings.push(row);
        }
    }

    /// Records the size of the document.
    pub(crate) fn size(&mut self, bytes: usize) {
        if let Some(row) = self.timings.last_mut() {
            row.bytes = bytes;
        }
    }

    /// Begins a step; ends the one before it.
    pub(crate) fn begin(&mut self, stage: &'static str) {
        self.end();
        if self.progress {
            let document = self.timings.last().map_or("", |row| row.document.as_str());
            self.line(&format!("{document}: {stage} ..."));
        }
        self.running = Some((stage, Instant::now()));
    }

    /// Ends the current step.
    pub(crate) fn end(&mut self) {
        let Some((stage, begin)) = self.running.take() else { return };
        if let Some(row) = self.timings.last_mut() {
            row.times.push((stage, begin.elapsed()));
        }
        if self.progress {
            self.line("");
        }
    }

    /// Replaces the progress line.
    fn line(&self, text: &str) {
        // Failures to show progress are ignored.
        let _ = write!(std::io::stderr(), "\r\u{1b}[K{text}");
    }

    /// The measurements, by the document's name.
    fn timings(&mut self) -> &[Timing] {
        self.end();
        self.timings.sort_by(|a, b| a.document.cmp(&b.document));
        &self.timings
    }

    /// The measurements as a table in milliseconds, and the peak memory if the system reports it.
    pub(crate) fn table(&mut self) -> String {
        let rows = self.timings();
        let mut out = table(rows);
        if let Some(bytes) = peak_memory() {
            let _ = writeln!(out, "peak memory: {:.1} MB", bytes as f64 / 1e6);
        }
        out
    }
}

fn table(rows: &[Timing]) -> String {
    let mut stages: Vec<&str> = Vec::new();
    for (stage, _) in rows.iter().flat_map(|row| &row.times) {
        if !stages.contains(stage) {
            stages.push(stage);
        }
    }
    let width = rows.iter().map(|row| row.document.len()).max().unwrap_or_default().max("milliseconds".len());
    let milliseconds = |time: Duration| format!("{:.1}", time.as_secs_f64() * 1e3);
    let mut out = format!("{:width$}  {:>8}", "milliseconds", "KB");
    let line = |out: &mut String, cells: &mut dyn Iterator<Item = String>| {
        cells.for_each(|cell| {
            let _ = write!(out, "  {cell:>9}");
        });
        out.push('\n');
    };
    line(&mut out, &mut stages.iter().copied().chain(["total"]).map(str::to_owned));
    for row in rows {
        let _ = write!(out, "{:width$}  {:>8.1}", row.document, row.bytes as f64 / 1e3);
        let times = stages.iter().map(|stage| row.time(stage).map_or_else(|| "-".to_owned(), milliseconds));
        line(&mut out, &mut times.chain([milliseconds(row.total())]));
    }
    out
}

/// The peak memory of this process, if the system reports it (Linux).
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_a_row_for_each_document_and_a_column_for_each_step() {
        let ms = Duration::from_millis;
        let rows = [
            Timing {
                document: "a".into(),
                bytes: 1500,
                times: vec![("load", ms(1)), ("lower", ms(2)), ("load", ms(3))],
            },
            Timing { document: "b".into(), bytes: 20, times: vec![("load", ms(1)), ("write", ms(10))] },
        ];
        assert_eq!(
            table(&rows),
            "milliseconds        KB       load      lower      write      total\n\
             a                  1.5        4.0        2.0          -        6.0\n\
             b                  0.0        1.0          -       10.0       11.0\n"
        );
    }

    #[test]
    fn a_step_ends_when_the_next_begins_and_writing_belongs_to_its_document() {
        let mut stages = Stages { progress: false, running: None, timings: vec![] };
        for (document, steps) in [("a", ["load", "lower"].as_slice()), ("b", &["load"]), ("a", &["write"])] {
            stages.document(document);
            steps.iter().for_each(|step| stages.begin(step));
        }
        let names = |row: &Timing| row.times.iter().map(|(stage, _)| *stage).collect::<Vec<_>>();
        let rows = stages.timings().iter().map(|row| (row.document.clone(), names(row))).collect::<Vec<_>>();
        assert_eq!(rows, [("a".into(), vec!["load", "lower", "write"]), ("b".into(), vec!["load"])]);
    }
}
