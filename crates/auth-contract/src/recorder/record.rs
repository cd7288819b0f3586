//! The record of a connection.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::message::MOST_BYTES;

/// One connection: the bytes of both directions up to a limit, and the error, if any.
#[derive(Default)]
pub(super) struct Record {
    pub(super) sent: Vec<u8>,
    pub(super) received: Vec<u8>,
    pub(super) trouble: Option<Trouble>,
}

/// An error between a client and a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The server cannot be reached; the text names the server and the reason.
    Unreachable(String),
    /// The connection broke.
    Broken(String),
    /// The client requested a server that is not part of the run.
    Astray,
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Broken(error.to_string())
    }
}

/// Keeps bytes of one direction, up to the limit.
pub(super) fn keep(kept: &mut Vec<u8>, bytes: &[u8]) {
    let room = MOST_BYTES.saturating_sub(kept.len());
    kept.extend_from_slice(&bytes[..bytes.len().min(room)]);
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
