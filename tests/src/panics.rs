//! Records panic messages.

use std::panic;
use std::sync::{Arc, Mutex, PoisonError};

/// The messages of all panics of this process, instead of their reports on the terminal.
#[derive(Clone, Debug, Default)]
pub struct Panics(Arc<Mutex<String>>);

impl Panics {
    /// Starts recording, in all threads.
    #[must_use]
    pub fn record() -> Self {
        let panics = Self::default();
        let record = panics.clone();
        panic::set_hook(Box::new(move |panic| {
            record.0.lock().unwrap_or_else(PoisonError::into_inner).push_str(&format!("{panic}\n{panic:?}\n"));
        }));
        panics
    }

    /// Stops recording.
    pub fn stop(&self) {
        drop(panic::take_hook());
    }

    /// The panic messages since the last call.
    #[must_use]
    pub fn take(&self) -> String {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
