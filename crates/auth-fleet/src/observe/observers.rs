//! Counts events and passes them on.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use auth_core::{EventContext, Scope};

use crate::observe::event::{FleetEvent, FleetObserver, index};
#[cfg(feature = "tracing")]
use crate::observe::tracing::{in_span, mark_span};

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
        mark_span(event);
        let context = EventContext::new(&self.issuer, scope);
        for observer in &self.others {
            observer.on_event(&context, event);
        }
    }

    /// Runs a call in its own span.
    #[cfg(feature = "tracing")]
    pub(crate) fn in_span<F: Future>(&self, scope: &Scope, call: F) -> impl Future<Output = F::Output> {
        in_span(&self.issuer, scope, call)
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

impl fmt::Debug for Observers {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Observers").field("stats", &self.stats()).finish_non_exhaustive()
    }
}
