//! The report as a table.

use std::fmt::Write as _;
use std::time::Duration;

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{CellAlignment, Table};

use crate::report::Report;

pub(crate) fn render(report: &Report) -> String {
    let mut text = String::new();
    for (provider, server) in &report.servers {
        // Writing into a string cannot fail.
        let _ = writeln!(text, "{provider}: {server}");
    }
    let header = ["provider", "scope", "calls", "from", "lifetime", "time each", "requests"];
    let mut tokens = Table::new();
    tokens.load_style(UTF8_FULL_CONDENSED).set_header(header);
    for row in &report.tokens {
        tokens.add_row([
            row.provider.to_owned(),
            row.scope.clone(),
            if row.asks == 1 { "once".to_owned() } else { format!("{} times", row.asks) },
            row.from.to_owned(),
            format!("{} s", row.lifetime.as_secs()),
            readable(row.time),
            row.requests.to_string(),
        ]);
    }
    for column in 4..7 {
        if let Some(column) = tokens.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let asked_again: usize = report.tokens.iter().filter(|row| row.asks > 1).map(|row| row.asks).sum();
    let _ = writeln!(text, "{tokens}\n{asked_again} reads from the cache took {} in total\n", readable(report.again));

    let mut calls = Table::new();
    calls.load_style(UTF8_FULL_CONDENSED).set_header(["provider", "API call with the token", "answer"]);
    for row in &report.calls {
        calls.add_row([row.provider, &row.call, &row.outcome]);
    }
    let _ = write!(text, "{calls}");
    text
}

fn readable(time: Duration) -> String {
    match time.as_nanos() {
        0..10_000 => format!("{} ns", time.as_nanos()),
        10_000..10_000_000 => format!("{} µs", time.as_micros()),
        _ => format!("{} ms", time.as_millis()),
    }
}
