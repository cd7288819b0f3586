//! An observer that records events.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use auth_core::{Event, EventContext, Observer, Scope};

/// An observer that records events. Clones share the record.
#[derive(Clone, Debug, Default)]
pub struct Told(Arc<Mutex<Vec<Record>>>);

#[derive(Debug)]
struct Record {
    issuer: String,
    scope: Scope,
    name: String,
    pause: Option<Duration>,
}

impl Told {
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

    /// The pauses of all scopes so far.
    #[must_use]
    pub fn gate_pauses(&self) -> Vec<Duration> {
        self.pauses("CircuitBreakerOpened")
    }

    /// The cooldowns of single scopes so far.
    #[must_use]
    pub fn rests(&self) -> Vec<Duration> {
        self.pauses("CooldownStarted")
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

    fn pauses(&self, name: &str) -> Vec<Duration> {
        self.records().iter().filter(|record| record.name == name).filter_map(|record| record.pause).collect()
    }

    fn records(&self) -> MutexGuard<'_, Vec<Record>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Told {
    fn on_event(&self, context: &EventContext<'_>, event: &Event<'_>) {
        let (name, pause) = match event {
            Event::Requested { attempt } => (format!("Requested {attempt}"), None),
            Event::Failed { attempt, .. } => (format!("Failed {attempt}"), None),
            Event::CooldownStarted { duration } => ("CooldownStarted".to_owned(), Some(*duration)),
            Event::CircuitBreakerOpened { duration, .. } => ("CircuitBreakerOpened".to_owned(), Some(*duration)),
            other => (format!("{other:?}").split([' ', '{']).next().unwrap_or_default().to_owned(), None),
        };
        let (issuer, scope) = (context.issuer.to_owned(), context.scope.clone());
        self.records().push(Record { issuer, scope, name, pause });
    }
}
