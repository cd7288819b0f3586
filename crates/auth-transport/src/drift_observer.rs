//! Observers of what answers say other than their document.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::{Drift, DriftKind, Sent};

/// A difference between an answer and its document, which was tolerated. Contains no value of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DriftEvent<'event> {
    /// The `operationId`, if the call has one.
    pub operation: Option<&'static str>,
    /// The place as a JSON pointer, see [`Drift::pointer`].
    pub pointer: &'event str,
    /// What is different.
    pub kind: DriftKind,
}

impl<'event> DriftEvent<'event> {
    /// Creates an event, for tests of an observer.
    #[must_use]
    pub fn new(operation: Option<&'static str>, pointer: &'event str, kind: DriftKind) -> Self {
        Self { operation, pointer, kind }
    }
}

/// `Display` is one line: `listCustomers: /*/name is null`.
impl fmt::Display for DriftEvent<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = self.operation {
            write!(formatter, "{}: ", operation.escape_debug())?;
        }
        let place = if self.pointer.is_empty() { "the body" } else { self.pointer };
        write!(formatter, "{place} {}", self.kind)
    }
}

/// Receives the differences between answers and their documents, see [`Transport::with_drift_observer`].
///
/// It is called on the thread that reads the answer, while no lock is held. It should return quickly and must not panic. Closures
/// are observers.
///
/// ```
/// use auth_transport::{DriftEvent, Transport};
///
/// let transport = Transport::new()?.with_drift_observer(|event: &DriftEvent<'_>| eprintln!("{event}"));
/// # Ok::<(), auth_transport::BuildError>(())
/// ```
///
/// [`Transport::with_drift_observer`]: crate::Transport::with_drift_observer
pub trait DriftObserver: Send + Sync + 'static {
    /// Called for a difference, at most once a minute for each operation, place and kind.
    fn on_drift(&self, event: &DriftEvent<'_>);
}

impl<F: Fn(&DriftEvent<'_>) + Send + Sync + 'static> DriftObserver for F {
    fn on_drift(&self, event: &DriftEvent<'_>) {
        self(event);
    }
}

/// The observers of a transport, if it has any. Clones report a difference once.
#[derive(Clone, Default)]
pub(crate) struct DriftObservers(Option<Arc<Audience>>);

/// Observers, and the places that were recently reported to them.
struct Audience {
    observers: Vec<Arc<dyn DriftObserver>>,
    reported: Mutex<Reported>,
}

impl fmt::Debug for DriftObservers {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.0.as_ref().map_or(0, |audience| audience.observers.len());
        write!(formatter, "{number} drift observers")
    }
}

impl DriftObservers {
    /// These observers and another one. They get events independently of the observers before.
    pub(crate) fn with(&self, observer: impl DriftObserver) -> Self {
        let mut observers = self.0.as_ref().map(|audience| audience.observers.clone()).unwrap_or_default();
        observers.push(Arc::new(observer));
        Self(Some(Arc::new(Audience { observers, reported: Mutex::default() })))
    }

    /// Reports the differences in the answer to what was `sent`. A name that repeats a credential becomes `*`.
    pub(crate) fn report(&self, operation: Option<&'static str>, sent: &Sent, drift: impl IntoIterator<Item = Drift>) {
        let Some(Audience { observers, reported }) = self.0.as_deref() else { return };
        for mut drift in drift {
            drift.hide(|name| sent.has_credential_in(name));
            let (pointer, kind) = (drift.pointer(), drift.kind());
            let place = Place { operation, pointer: pointer.as_str().into(), kind };
            if reported.lock().unwrap_or_else(PoisonError::into_inner).admits(place, Instant::now()) {
                let event = DriftEvent::new(operation, &pointer, kind);
                observers.iter().for_each(|observer| observer.on_drift(&event));
            }
        }
    }
}

/// A difference is reported again after this time.
const QUIET: Duration = Duration::from_secs(60);

/// The largest number of places that are remembered. A server that sends other names all the time makes no more events than this
/// in a minute.
const MAX_PLACES: usize = 1000;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Place {
    operation: Option<&'static str>,
    pointer: Box<str>,
    kind: DriftKind,
}

/// When each place was reported.
#[derive(Default)]
struct Reported(HashMap<Place, Instant>);

impl Reported {
    /// True if a place may be reported now, which is then remembered.
    fn admits(&mut self, place: Place, now: Instant) -> bool {
        let is_recent = |reported: Instant| now.duration_since(reported) < QUIET;
        if self.0.get(&place).is_some_and(|reported| is_recent(*reported)) {
            return false;
        }
        if self.0.len() >= MAX_PLACES {
            self.0.retain(|_, reported| is_recent(*reported));
        }
        let has_room = self.0.len() < MAX_PLACES;
        if has_room {
            self.0.insert(place, now);
        }
        has_room
    }
}

/// Logs differences with `tracing`: what a newer server may add at INFO, everything else at WARN.
#[cfg(feature = "tracing")]
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct TracingDriftObserver;

#[cfg(feature = "tracing")]
impl DriftObserver for TracingDriftObserver {
    fn on_drift(&self, event: &DriftEvent<'_>) {
        let DriftEvent { operation, pointer, kind } = *event;
        let (operation, reason) = (operation.unwrap_or_default(), kind.as_str());
        match kind {
            DriftKind::UnknownMember | DriftKind::UnknownValue => {
                tracing::info!(operation, pointer, kind = reason, "answer has more than its document");
            }
            _ => tracing::warn!(operation, pointer, kind = reason, "answer deviates from its document"),
        }
    }
}

/// Counts differences with `metrics`, in the counter `auth_transport_drift_total` with the labels `operation` and `kind`.
///
/// It counts events, of which there is at most one a minute for each place, and not answers.
#[cfg(feature = "metrics")]
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct MetricsDriftObserver;

#[cfg(feature = "metrics")]
impl DriftObserver for MetricsDriftObserver {
    fn on_drift(&self, event: &DriftEvent<'_>) {
        let (operation, kind) = (event.operation.unwrap_or_default(), event.kind.as_str());
        metrics::counter!("auth_transport_drift_total", "operation" => operation, "kind" => kind).increment(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read_json;

    fn place(pointer: &str) -> Place {
        Place { operation: Some("a"), pointer: pointer.into(), kind: DriftKind::Null }
    }

    #[test]
    fn a_place_is_reported_once_a_minute() {
        let (mut reported, start) = (Reported::default(), Instant::now());
        for (place, seconds, admits) in [
            (place("/a"), 0, true),
            (place("/a"), 1, false),
            (place("/b"), 1, true),
            (Place { operation: None, ..place("/a") }, 1, true),
            (Place { kind: DriftKind::Absent, ..place("/a") }, 1, true),
            (place("/a"), 59, false),
            (place("/a"), 60, true),
            (place("/b"), 60, false),
            (place("/a"), 61, false),
            (place("/b"), 61, true),
        ] {
            assert_eq!(
                reported.admits(place.clone(), start + Duration::from_secs(seconds)),
                admits,
                "{place:?} {seconds}"
            );
        }
    }

    #[test]
    fn the_number_of_places_is_limited_and_old_ones_make_room() {
        let (mut reported, start) = (Reported::default(), Instant::now());
        let admitted =
            (0..2 * MAX_PLACES).filter(|number| reported.admits(place(&format!("/{number}")), start)).count();
        assert_eq!((admitted, reported.0.len()), (MAX_PLACES, MAX_PLACES));
        assert!(!reported.admits(place("/new"), start + Duration::from_secs(59)));
        assert!(reported.admits(place("/new"), start + QUIET));
        assert_eq!(reported.0.len(), 1);
    }

    #[test]
    fn every_observer_gets_the_events_and_no_credential_that_is_a_name() {
        let heard = Arc::new(Mutex::new(vec![]));
        let observer = |prefix: &'static str| {
            let heard = Arc::clone(&heard);
            move |event: &DriftEvent<'_>| heard.lock().unwrap().push(format!("{prefix} {event}"))
        };
        let observers = DriftObservers::default().with(observer("1")).with(observer("2"));
        #[derive(serde::Deserialize)]
        struct Answer {}
        let drift = read_json::<Answer>(r#"{"new_field":1,"hunter":2}"#).unwrap().drift;
        let sent = Sent::default().with_secret(&crate::Secret::from("hunter"));
        observers.report(Some("get"), &sent, drift.clone());
        observers.clone().report(Some("get"), &sent, drift);
        let expected = ["/new_field", "/*"]
            .map(|place| ["1", "2"].map(|observer| format!("{observer} get: {place} is not a documented member")));
        assert_eq!(*heard.lock().unwrap(), expected.concat());
    }
}
