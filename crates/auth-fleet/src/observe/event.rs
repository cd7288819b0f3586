//! Events of shared tokens, and the trait of those who receive them.

use std::time::Duration;

use auth_core::{EventContext, TokenError};

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

/// The number of the kind of an event.
pub(crate) fn index(event: &FleetEvent<'_>) -> usize {
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
