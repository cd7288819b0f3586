//! Whether the store works.

use std::time::Duration;

use crate::store::error::StoreError;

/// Whether a [`Shared`](crate::Shared) endpoint uses its store.
///
/// A process whose store is down still gets tokens. A readiness probe should therefore succeed in both cases: otherwise an outage of
/// the store would end the service. Report [`Alone`](Self::Alone) as a warning instead. The state changes with calls only; without
/// calls, it stays as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Health {
    /// The store works, or has not been used yet.
    Sharing,
    /// The store is down, and the process requests its own tokens.
    Alone {
        /// The last error of the store.
        error: StoreError,
        /// How long it has been down.
        since: Duration,
    },
}

impl Health {
    /// What a readiness probe should say: always true, since tokens are available without the store as well.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        match self {
            Self::Sharing | Self::Alone { .. } => true,
        }
    }
}
