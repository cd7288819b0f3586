//! An observer that records events.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use auth_core::{Event, EventContext, Observer, Scope};

/// An observer that records events. Clones share the record.
#[derive(Clone, Debug, Default)]
pub struct RecordingObserver(Arc<Mutex<Vec<Record>>>);

#[derive(Debug)]
struct Record {
    issuer: String,
    scope: Scope,
    name: String,
    duration: Option<Duration>,
}

impl RecordingObserver {
    /// An observer without events.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The names of the events so far, with the number of the attempt if there is one.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.records().iter().map(|record| record.name.clone()).collect()
    }

    /// How long the circuit breaker was opened for, each time so far.
    #[must_use]
    pub fn suspensions(&self) -> Vec<Duration> {
        self.durations("CircuitBreakerOpened")
    }

    /// The cooldowns of single scopes so far.
    #[must_use]
    pub fn cooldowns(&self) -> Vec<Duration> {
        self.durations("CooldownStarted")
    }

    /// The scopes of the events with this name.
    #[must_use]
    pub fn scopes(&self, name: &str) -> Vec<Scope> {
        self.records().iter().filter(|record| record.name == name).map(|record| record.scope.clone()).collect()
    }

    /// The issuer of each event so far.
    #[must_use]
    pub fn issuers(&self) -> Vec<String> {
        self.records().iter().map(|record| record.issuer.clone()).collect()
    }

    fn durations(&self, name: &str) -> Vec<Duration> {
        self.records().iter().filter(|record| record.name == name).filter_map(|record| record.duration).collect()
    }

    fn records(&self) -> MutexGuard<'_, Vec<Record>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for RecordingObserver {
    fn on_event(&self, context: &EventContext<'_>, event: &Event<'_>) {
        let (name, duration) = match event {
            Event::Requested { attempt } => (format!("Requested {attempt}"), None),
            Event::Failed { attempt, .. } => (format!("Failed {attempt}"), None),
            Event::CooldownStarted { duration } => ("CooldownStarted".to_owned(), Some(*duration)),
            Event::CircuitBreakerOpened { duration, .. } => ("CircuitBreakerOpened".to_owned(), Some(*duration)),
            other => (format!("{other:?}").split([' ', '{']).next().unwrap_or_default().to_owned(), None),
        };
        let (issuer, scope) = (context.issuer.to_owned(), context.scope.clone());
        self.records().push(Record { issuer, scope, name, duration });
    }
}
