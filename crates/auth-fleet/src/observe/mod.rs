//! Events of shared tokens, their counters, and the observers that receive them.

#[cfg(feature = "metrics")]
mod metrics;
#[cfg(feature = "tracing")]
mod tracing;

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use auth_core::{EventContext, Scope, TokenError};

use crate::store::error::StoreError;

/// An event of a [`Shared`](crate::Shared) endpoint. Contains no credential and no token.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum FleetEvent<'event> {
    /// A token of the store was returned.
    Hit {
        /// Its remaining lifetime.
        remaining: Duration,
    },
    /// This process requested a token from the authorization server, for itself and for the others.
    Led {
        /// Duration of the request.
        took: Duration,
        /// The error, if it failed.
        error: Option<&'event TokenError>,
    },
    /// A call waited for the request of another process, and ends.
    Waited {
        /// How long it waited.
        took: Duration,
    },
    /// This process requested a token from the authorization server without the store.
    Alone {
        /// Duration of the request.
        took: Duration,
        /// The error, if it failed.
        error: Option<&'event TokenError>,
    },
    /// The store does not work: the process goes on without it.
    StoreDown {
        /// The error of the store.
        error: &'event StoreError,
        /// For how long the store is not asked.
        retry_after: Duration,
    },
    /// The store works again.
    StoreUp {
        /// How long it was down.
        after: Duration,
    },
    /// An entry of the store could not be opened: it was sealed with another key or for another entry, or it was changed. It is
    /// replaced.
    NotOpened,
}

/// Receives the events of a [`Shared`](crate::Shared) endpoint.
///
/// With the features `tracing` and `metrics`, `TracingObserver` and `MetricsObserver` of `auth-core` implement it, so that the same
/// observers can be registered for the cache and for its endpoint.
///
/// It is called on the thread on which the event occurs, while no lock is held. It should return quickly and must not panic.
///
/// ```
/// use auth_core::EventContext;
/// use auth_fleet::{FleetEvent, FleetObserver};
///
/// struct Alert;
///
/// impl FleetObserver for Alert {
///     fn on_event(&self, context: &EventContext<'_>, event: &FleetEvent<'_>) {
///         if let FleetEvent::StoreDown { error, .. } = event {
///             eprintln!("{}: {error}", context.issuer);
///         }
///     }
/// }
/// ```
pub trait FleetObserver: Send + Sync + 'static {
    /// Called for every event, with its issuer and the scope of the call in which it occurred.
    fn on_event(&self, context: &EventContext<'_>, event: &FleetEvent<'_>);
}

/// Counters of a [`Shared`](crate::Shared) endpoint since it was built.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FleetStats {
    /// Tokens of the store that were returned.
    pub hits: u64,
    /// Requests to the authorization server for all processes.
    pub led: u64,
    /// Calls that waited for the request of another process.
    pub waited: u64,
    /// Requests to the authorization server without the store.
    pub alone: u64,
    /// How often the store stopped working.
    pub store_down: u64,
    /// How often the store worked again.
    pub store_up: u64,
    /// Entries of the store that could not be opened.
    pub not_opened: u64,
}

/// Counts events and passes them to the registered observers.
pub(crate) struct Observers {
    issuer: String,
    counts: [AtomicU64; 7],
    others: Vec<Box<dyn FleetObserver>>,
}

impl Observers {
    /// Creates the counters of this issuer, without observers.
    pub(crate) fn of(issuer: &str) -> Self {
        Self { issuer: issuer.to_owned(), counts: Default::default(), others: vec![] }
    }

    pub(crate) fn set_issuer(&mut self, issuer: String) {
        self.issuer = issuer;
    }

    pub(crate) fn add(&mut self, observer: impl FleetObserver) {
        self.others.push(Box::new(observer));
    }

    pub(crate) fn notify(&self, scope: &Scope, event: &FleetEvent<'_>) {
        self.counts[index(event)].fetch_add(1, Ordering::Relaxed);
        #[cfg(feature = "tracing")]
        tracing::mark_span(event);
        let context = EventContext::new(&self.issuer, scope);
        for observer in &self.others {
            observer.on_event(&context, event);
        }
    }

    /// Runs a call in its own span.
    #[cfg(feature = "tracing")]
    pub(crate) fn in_span<F: Future>(&self, scope: &Scope, call: F) -> impl Future<Output = F::Output> {
        tracing::in_span(&self.issuer, scope, call)
    }

    #[cfg(not(feature = "tracing"))]
    pub(crate) fn in_span<F: Future>(&self, _scope: &Scope, call: F) -> F {
        call
    }

    pub(crate) fn stats(&self) -> FleetStats {
        let [hits, led, waited, alone, store_down, store_up, not_opened] =
            self.counts.each_ref().map(|count| count.load(Ordering::Relaxed));
        FleetStats { hits, led, waited, alone, store_down, store_up, not_opened }
    }
}

fn index(event: &FleetEvent<'_>) -> usize {
    match event {
        FleetEvent::Hit { .. } => 0,
        FleetEvent::Led { .. } => 1,
        FleetEvent::Waited { .. } => 2,
        FleetEvent::Alone { .. } => 3,
        FleetEvent::StoreDown { .. } => 4,
        FleetEvent::StoreUp { .. } => 5,
        FleetEvent::NotOpened => 6,
    }
}

impl fmt::Debug for Observers {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Observers").field("stats", &self.stats()).finish_non_exhaustive()
    }
}
