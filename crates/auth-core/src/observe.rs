//! What a cache tells of itself: events as they happen, and their numbers.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::{Scope, TokenError};

/// Something that happened in a cache. Holds no credential and no token.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event<'event> {
    /// A request goes out.
    Requested {
        /// 1 for the first attempt, more if it is repeated.
        attempt: u32,
    },
    /// A request brought a token.
    Issued {
        /// How long the token lives, counted from the start of its request; zero if it is for once only.
        lifetime: Duration,
        /// How long the server took.
        took: Duration,
    },
    /// A request failed.
    Failed {
        /// Why.
        error: &'event TokenError,
        /// 1 for the first attempt, more if it was repeated.
        attempt: u32,
    },
    /// A token was handed out that is due for renewal.
    ServedStale {
        /// How long it still lives.
        remaining: Duration,
    },
    /// A resource server did not accept a token, and it was dropped.
    Rejected,
    /// After a failure the server is not asked for this scope.
    CooledDown {
        /// For how long.
        pause: Duration,
    },
    /// After a failure the server is not asked for any scope.
    GateClosed {
        /// For how long.
        pause: Duration,
    },
    /// The scope was forgotten to make room for another.
    Evicted,
}

/// Is told what happens in a cache.
///
/// Called on the thread on which it happens, outside all locks; it should be quick and must not panic.
pub trait Observer: Send + Sync + 'static {
    /// This happened, for this scope.
    fn on_event(&self, scope: &Scope, event: &Event<'_>);
}

/// What has happened in a cache since it was built. Hits are not counted: counting would take longer than a hit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Scopes in the cache now.
    pub scopes: usize,
    /// Requests sent, repeated ones included.
    pub requests: u64,
    /// Tokens that came.
    pub issued: u64,
    /// Requests that failed.
    pub failed: u64,
    /// Times a token was handed out that was due for renewal.
    pub served_stale: u64,
    /// Tokens that resource servers did not accept.
    pub rejected: u64,
    /// Pauses of one scope.
    pub cooled_down: u64,
    /// Pauses of all scopes.
    pub gate_closed: u64,
    /// Scopes that had to make room.
    pub evicted: u64,
}

/// Counts events and passes them on.
#[derive(Default)]
pub(crate) struct Observers {
    counts: [AtomicU64; 8],
    others: Vec<Box<dyn Observer>>,
}

impl Observers {
    pub(crate) fn add(&mut self, observer: impl Observer) {
        self.others.push(Box::new(observer));
    }

    pub(crate) fn tell(&self, scope: &Scope, event: &Event<'_>) {
        self.counts[index(event)].fetch_add(1, Ordering::Relaxed);
        for observer in &self.others {
            observer.on_event(scope, event);
        }
    }

    pub(crate) fn stats(&self, scopes: usize) -> Stats {
        let [requests, issued, failed, served_stale, rejected, cooled_down, gate_closed, evicted] =
            self.counts.each_ref().map(|count| count.load(Ordering::Relaxed));
        Stats { scopes, requests, issued, failed, served_stale, rejected, cooled_down, gate_closed, evicted }
    }
}

fn index(event: &Event<'_>) -> usize {
    match event {
        Event::Requested { .. } => 0,
        Event::Issued { .. } => 1,
        Event::Failed { .. } => 2,
        Event::ServedStale { .. } => 3,
        Event::Rejected => 4,
        Event::CooledDown { .. } => 5,
        Event::GateClosed { .. } => 6,
        Event::Evicted => 7,
    }
}

/// Passes events on to `tracing`: pauses, rejections and failures at DEBUG, the rest at TRACE.
#[cfg(feature = "tracing")]
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct TracingObserver;

#[cfg(feature = "tracing")]
impl Observer for TracingObserver {
    fn on_event(&self, scope: &Scope, event: &Event<'_>) {
        use tracing::{debug, trace};

        match event {
            Event::Requested { attempt } => trace!(%scope, attempt, "access token requested"),
            Event::Issued { lifetime, took } => trace!(%scope, ?lifetime, ?took, "access token issued"),
            Event::Failed { error, attempt } => debug!(%scope, %error, attempt, "access token request failed"),
            Event::ServedStale { remaining } => trace!(%scope, ?remaining, "access token due for renewal served"),
            Event::Rejected => debug!(%scope, "access token rejected by a resource server"),
            Event::CooledDown { pause } => debug!(%scope, ?pause, "no access token requests for this scope"),
            Event::GateClosed { pause } => debug!(%scope, ?pause, "no access token requests for any scope"),
            Event::Evicted => trace!(%scope, "scope evicted"),
        }
    }
}

/// Passes the numbers of events on to `metrics`, without scopes: there may be as many of them as customers.
///
/// Counters `auth_core_token_requests_total`, `..._tokens_issued_total`, `..._token_failures_total`,
/// `..._tokens_served_stale_total`, `..._tokens_rejected_total`, `..._scope_pauses_total`, `..._issuer_pauses_total`,
/// `..._scopes_evicted_total`; histogram `auth_core_token_request_seconds`.
#[cfg(feature = "metrics")]
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct MetricsObserver;

#[cfg(feature = "metrics")]
impl Observer for MetricsObserver {
    fn on_event(&self, _scope: &Scope, event: &Event<'_>) {
        const NAMES: [&str; 8] = [
            "auth_core_token_requests_total",
            "auth_core_tokens_issued_total",
            "auth_core_token_failures_total",
            "auth_core_tokens_served_stale_total",
            "auth_core_tokens_rejected_total",
            "auth_core_scope_pauses_total",
            "auth_core_issuer_pauses_total",
            "auth_core_scopes_evicted_total",
        ];
        metrics::counter!(NAMES[index(event)]).increment(1);
        if let Event::Issued { took, .. } = event {
            metrics::histogram!("auth_core_token_request_seconds").record(took.as_secs_f64());
        }
    }
}
