//! Events of a cache, their counters, and the observers that receive them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::token::error::token_error::TokenError;
use crate::token::scope::Scope;

/// An event of a cache. Contains no credential and no token.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event<'event> {
    /// An attempt of a token request starts.
    Requested {
        /// 1 for the first attempt, 2 or more for retries.
        attempt: u32,
    },
    /// A request returned a token.
    Issued {
        /// The lifetime of the token, counted from the start of its request; zero if it can be used only once.
        lifetime: Duration,
        /// Duration of the attempt.
        took: Duration,
    },
    /// An attempt of a token request failed.
    Failed {
        /// The error.
        error: &'event TokenError,
        /// 1 for the first attempt, 2 or more for retries.
        attempt: u32,
    },
    /// A token that is due for renewal was returned.
    ServedStale {
        /// Its remaining lifetime.
        remaining: Duration,
    },
    /// A token was dropped because a resource server did not accept it.
    Rejected,
    /// The scope enters a cooldown after a failure: no requests are sent for it.
    CooldownStarted {
        /// The duration of the cooldown.
        duration: Duration,
    },
    /// Requests are suspended for all scopes: the server refused the credentials, or sent `Retry-After`.
    CircuitBreakerOpened {
        /// The duration of the suspension.
        duration: Duration,
        /// The error that caused it.
        error: &'event TokenError,
    },
    /// The scope was evicted to make room for another.
    Evicted,
}

/// The authorization server and the scope of an [`Event`].
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct EventContext<'event> {
    /// The name of the authorization server: see
    /// [`TokenCacheBuilder::issuer_name`](crate::TokenCacheBuilder::issuer_name).
    pub issuer: &'event str,
    /// The scope.
    pub scope: &'event Scope,
}

impl<'event> EventContext<'event> {
    /// Creates a context, for tests of an observer.
    #[must_use]
    pub fn new(issuer: &'event str, scope: &'event Scope) -> Self {
        Self { issuer, scope }
    }
}

/// Receives the events of a cache.
///
/// It is called on the thread on which the event occurs, while no lock is held. It should return quickly and must not
/// panic.
///
/// ```
/// use auth_core::{Event, EventContext, Observer};
///
/// struct Alert;
///
/// impl Observer for Alert {
///     fn on_event(&self, context: &EventContext<'_>, event: &Event<'_>) {
///         if let Event::CircuitBreakerOpened { error, .. } = event {
///             eprintln!("{}: {error}", context.issuer);
///         }
///     }
/// }
/// ```
pub trait Observer: Send + Sync + 'static {
    /// Called for every event, with its issuer and scope.
    fn on_event(&self, context: &EventContext<'_>, event: &Event<'_>);
}

/// Counters of a cache since it was built. Hits are not counted: counting would take longer than a hit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Scopes in the cache now.
    pub scopes: usize,
    /// Attempts of token requests, including retries and attempts that failed before anything was sent.
    pub requests: u64,
    /// Tokens received.
    pub issued: u64,
    /// Attempts that failed.
    pub failed: u64,
    /// Number of times that a token due for renewal was returned.
    pub served_stale: u64,
    /// Tokens that were dropped because a resource server did not accept them.
    pub rejected: u64,
    /// Cooldowns of single scopes.
    pub cooldowns: u64,
    /// Suspensions of the requests of all scopes.
    pub circuit_breaker_opened: u64,
    /// Scopes that were evicted.
    pub evicted: u64,
}

/// Counts events and passes them to the registered observers.
pub(crate) struct Observers {
    issuer: String,
    counts: [AtomicU64; 8],
    others: Vec<Box<dyn Observer>>,
}

impl Observers {
    /// Creates the counters of this issuer, without observers.
    pub(crate) fn of(issuer: &str) -> Self {
        Self { issuer: issuer.to_owned(), counts: Default::default(), others: vec![] }
    }

    pub(crate) fn issuer(&self) -> &str {
        &self.issuer
    }

    pub(crate) fn set_issuer(&mut self, issuer: String) {
        self.issuer = issuer;
    }

    pub(crate) fn add(&mut self, observer: impl Observer) {
        self.others.push(Box::new(observer));
    }

    pub(crate) fn notify(&self, scope: &Scope, event: &Event<'_>) {
        self.counts[index(event)].fetch_add(1, Ordering::Relaxed);
        let context = EventContext::new(&self.issuer, scope);
        for observer in &self.others {
            observer.on_event(&context, event);
        }
    }

    /// Runs an attempt of a token request in its own span.
    #[cfg(feature = "tracing")]
    pub(crate) fn in_span<F: Future>(
        &self,
        scope: &Scope,
        attempt: u32,
        request: F,
    ) -> impl Future<Output = F::Output> {
        use tracing::Instrument;

        let reason = tracing::field::Empty;
        request.instrument(tracing::debug_span!("token_request", issuer = self.issuer, %scope, attempt, reason))
    }

    /// Adds the reason of a failure to the span of the attempt.
    #[cfg(feature = "tracing")]
    pub(crate) fn mark_span(error: &TokenError) {
        tracing::Span::current().record("reason", error.reason().as_str());
    }

    #[cfg(not(feature = "tracing"))]
    pub(crate) fn mark_span(_error: &TokenError) {}

    #[cfg(not(feature = "tracing"))]
    pub(crate) fn in_span<F: Future>(&self, _scope: &Scope, _attempt: u32, request: F) -> F {
        request
    }

    pub(crate) fn stats(&self, scopes: usize) -> Stats {
        let [requests, issued, failed, served_stale, rejected, cooldowns, circuit_breaker_opened, evicted] =
            self.counts.each_ref().map(|count| count.load(Ordering::Relaxed));
        Stats { scopes, requests, issued, failed, served_stale, rejected, cooldowns, circuit_breaker_opened, evicted }
    }
}

fn index(event: &Event<'_>) -> usize {
    match event {
        Event::Requested { .. } => 0,
        Event::Issued { .. } => 1,
        Event::Failed { .. } => 2,
        Event::ServedStale { .. } => 3,
        Event::Rejected => 4,
        Event::CooldownStarted { .. } => 5,
        Event::CircuitBreakerOpened { .. } => 6,
        Event::Evicted => 7,
    }
}

/// Logs events with `tracing`, including issuer and scope.
///
/// Each suspension of all requests, after refused credentials or a `Retry-After`, is logged at WARN. Cooldowns of
/// single scopes, rejections and failures are logged at DEBUG, everything else at TRACE.
///
/// With or without this observer, each attempt of a token request runs in a span `token_request` at DEBUG, with
/// `issuer`, `scope`, `attempt` and, after a failure, `reason`.
#[cfg(feature = "tracing")]
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct TracingObserver;

#[cfg(feature = "tracing")]
impl Observer for TracingObserver {
    fn on_event(&self, context: &EventContext<'_>, event: &Event<'_>) {
        use tracing::{debug, trace, warn};

        let EventContext { issuer, scope } = *context;
        match event {
            Event::Requested { attempt } => trace!(issuer, %scope, attempt, "access token requested"),
            Event::Issued { lifetime, took } => trace!(issuer, %scope, ?lifetime, ?took, "access token issued"),
            Event::Failed { error, attempt } => {
                let reason = error.reason().as_str();
                debug!(issuer, %scope, reason, %error, attempt, "access token request failed");
            }
            Event::ServedStale { remaining } => {
                trace!(issuer, %scope, ?remaining, "access token due for renewal served");
            }
            Event::Rejected => debug!(issuer, %scope, "access token rejected by a resource server"),
            Event::CooldownStarted { duration } => {
                debug!(issuer, %scope, ?duration, "no access token requests for this scope")
            }
            Event::CircuitBreakerOpened { duration, error } if error.refuses_credentials() => {
                let reason = error.reason().as_str();
                warn!(issuer, %scope, reason, ?duration, %error, "credentials refused, no access token requests for any scope");
            }
            Event::CircuitBreakerOpened { duration, error } => {
                let reason = error.reason().as_str();
                warn!(
                    issuer, %scope, reason, ?duration, %error,
                    "suspension requested by the server, no access token requests for any scope"
                );
            }
            Event::Evicted => trace!(issuer, %scope, "scope evicted"),
        }
    }
}

/// Counts events with `metrics`, labelled by issuer but not by scope, since there may be as many scopes as customers.
///
/// | metric | labels |
/// |---|---|
/// | counter `auth_core_token_requests_total` | `issuer` |
/// | counter `auth_core_tokens_issued_total` | `issuer` |
/// | counter `auth_core_token_failures_total` | `issuer`, `reason` |
/// | counter `auth_core_tokens_served_stale_total` | `issuer` |
/// | counter `auth_core_tokens_rejected_total` | `issuer` |
/// | counter `auth_core_scope_cooldowns_total` | `issuer` |
/// | counter `auth_core_circuit_breaker_opened_total` | `issuer`, `reason` |
/// | counter `auth_core_scopes_evicted_total` | `issuer` |
/// | histogram `auth_core_token_request_seconds` | `issuer` |
///
/// [`FailureReason`](crate::FailureReason) lists the values of `reason`.
#[cfg(feature = "metrics")]
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct MetricsObserver;

#[cfg(feature = "metrics")]
impl Observer for MetricsObserver {
    fn on_event(&self, context: &EventContext<'_>, event: &Event<'_>) {
        use metrics::{counter, histogram};

        const NAMES: [&str; 8] = [
            "auth_core_token_requests_total",
            "auth_core_tokens_issued_total",
            "auth_core_token_failures_total",
            "auth_core_tokens_served_stale_total",
            "auth_core_tokens_rejected_total",
            "auth_core_scope_cooldowns_total",
            "auth_core_circuit_breaker_opened_total",
            "auth_core_scopes_evicted_total",
        ];
        let (name, issuer) = (NAMES[index(event)], context.issuer.to_owned());
        match event {
            Event::Failed { error, .. } | Event::CircuitBreakerOpened { error, .. } => {
                counter!(name, "issuer" => issuer, "reason" => error.reason().as_str()).increment(1);
            }
            Event::Issued { took, .. } => {
                counter!(name, "issuer" => issuer.clone()).increment(1);
                histogram!("auth_core_token_request_seconds", "issuer" => issuer).record(took.as_secs_f64());
            }
            _ => counter!(name, "issuer" => issuer).increment(1),
        }
    }
}
