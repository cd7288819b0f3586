//! The distribution of durations.

use std::time::Duration;

/// Durations in milliseconds, sorted.
pub(crate) struct Percentiles(Vec<f64>);

impl Percentiles {
    pub(crate) fn of(durations: impl IntoIterator<Item = Duration>) -> Self {
        Self::of_millis(durations.into_iter().map(|duration| duration.as_secs_f64() * 1e3).collect())
    }

    pub(crate) fn of_millis(mut millis: Vec<f64>) -> Self {
        millis.sort_by(f64::total_cmp);
        Self(millis)
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// The duration that this many of a hundred do not exceed; 0 if there is none.
    pub(crate) fn at(&self, percent: usize) -> f64 {
        self.0.get((self.0.len() * percent / 100).min(self.0.len().saturating_sub(1))).copied().unwrap_or_default()
    }

    /// 50th and 99th percentile and the longest, as text.
    pub(crate) fn cells(&self) -> [String; 3] {
        [50, 99, 100].map(|percent| format!("{:.2}", self.at(percent)))
    }
}
