//! What is kept of a connection.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::message::MOST_BYTES;

/// One connection: both directions up to their limit, and what went wrong.
#[derive(Default)]
pub(super) struct Record {
    pub(super) sent: Vec<u8>,
    pub(super) received: Vec<u8>,
    pub(super) trouble: Option<Trouble>,
}

/// What goes wrong between a client and a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The server cannot be reached; the text names it and says why.
    Unreachable(String),
    /// The connection broke.
    Broken(String),
    /// The client wants to go to another server than the run's.
    Astray,
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Broken(error.to_string())
    }
}

/// Keeps bytes of one direction, as far as there is room for them.
pub(super) fn keep(kept: &mut Vec<u8>, bytes: &[u8]) {
    let room = MOST_BYTES.saturating_sub(kept.len());
    kept.extend_from_slice(&bytes[..bytes.len().min(room)]);
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
