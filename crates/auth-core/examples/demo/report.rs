//! The results of the demo.

use std::time::Duration;

/// The results.
pub(crate) struct Report {
    pub servers: Vec<(&'static str, String)>,
    pub tokens: Vec<TokenRow>,
    pub calls: Vec<CallRow>,
    /// Duration of all reads from the cache.
    pub again: Duration,
}

pub(crate) struct TokenRow {
    pub provider: &'static str,
    pub scope: String,
    pub asks: usize,
    pub from: &'static str,
    pub lifetime: Duration,
    /// Mean duration of one call.
    pub time: Duration,
    pub requests: u64,
}

pub(crate) struct CallRow {
    pub provider: &'static str,
    pub call: String,
    pub outcome: String,
}
