//! Results as a table.

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{CellAlignment, Table};

use crate::support::rounds::{Figures, median};

/// The target of a figure.
#[derive(Clone, Copy)]
pub(crate) enum Target {
    /// At most this.
    AtMost(f64),
    /// At least this.
    AtLeast(f64),
}

impl Target {
    fn is_met_by(self, figure: f64) -> bool {
        match self {
            Self::AtMost(limit) => figure <= limit,
            Self::AtLeast(limit) => figure >= limit,
        }
    }

    fn text(self) -> String {
        match self {
            Self::AtMost(limit) => format!("≤ {limit}"),
            Self::AtLeast(limit) => format!("≥ {limit}"),
        }
    }

    /// The target and whether the figure meets it, for the last two columns.
    pub(crate) fn cells(target: Option<Self>, figure: f64) -> [String; 2] {
        let Some(target) = target else { return [String::new(), String::new()] };
        [target.text(), if target.is_met_by(figure) { "pass" } else { "MISS" }.to_owned()]
    }
}

/// A table that is printed when it is dropped.
pub(crate) struct Report {
    title: String,
    table: Table,
}

impl Report {
    pub(crate) fn new(title: impl Into<String>, header: &[&str]) -> Self {
        let mut table = Table::new();
        table.load_style(UTF8_FULL_CONDENSED).set_header(header);
        for column in table.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        Self { title: title.into(), table }
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.table.add_row(cells);
    }

    /// A row with milliseconds, their ratio `times` to the floor, and the number of requests. With a target, the
    /// requests must be `wanted`.
    pub(crate) fn counted(
        &mut self,
        name: &str,
        figures: Figures,
        times: f64,
        target: Option<Target>,
        [requests, wanted]: [usize; 2],
    ) {
        let [middle, extremes] = spread(figures, 1);
        let [limit, mark] = Target::cells(target, times);
        let exact = target.map_or("", |_| if requests == wanted { "pass" } else { "MISS" }).to_owned();
        let times = format!("{times:.2}");
        self.row([name.to_owned(), middle, extremes, times, limit, mark, requests.to_string(), exact]);
    }
}

impl Drop for Report {
    #[allow(clippy::print_stdout, reason = "benchmarks print their results")]
    fn drop(&mut self) {
        println!("\n{}\n{}", self.title, self.table);
    }
}

/// Median, lowest and highest of all rounds.
pub(crate) fn spread(figures: Figures, digits: usize) -> [String; 2] {
    let mut sorted = figures;
    let middle = median(&mut sorted);
    [format!("{middle:.digits$}"), format!("{:.digits$} – {:.digits$}", sorted[0], sorted[sorted.len() - 1])]
}

/// The median of the ratios within each round.
pub(crate) fn ratio(figures: &Figures, floor: &Figures) -> f64 {
    let mut ratios: Vec<f64> = figures.iter().zip(floor).map(|(figure, floor)| figure / floor).collect();
    median(&mut ratios)
}
