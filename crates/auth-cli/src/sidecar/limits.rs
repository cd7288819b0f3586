//! Limits of connections and requests.

use std::time::Duration;

use crate::config::table::Table;
use crate::failure::Failure;

/// Bytes of the largest head of a request, and of the buffer of a connection.
pub(super) const HEAD_BYTES: usize = 16 * 1024;

/// Header fields of the longest head.
pub(super) const HEADER_FIELDS: usize = 64;

/// Bytes of the largest body of a request for a token.
pub(super) const BODY_BYTES: usize = 16 * 1024;

/// The limits that the configuration may set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limits {
    /// Connections at once. Further ones wait until one is closed.
    pub(super) connections: usize,
    /// Time for the head of a request, from the opening of the connection or the end of the request before.
    pub(super) head: Duration,
    /// Time for the body of a request for a token.
    pub(super) body: Duration,
    /// Time within which a caller must take some bytes of a response.
    pub(super) write: Duration,
    /// Time between two parts of a body that is forwarded, and for the head of the response to it.
    pub(super) idle: Duration,
    /// Time for requests in progress when the process is asked to end.
    pub(super) drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let ten = Duration::from_secs(10);
        Self { connections: 1_024, head: ten, body: ten, write: ten, idle: 6 * ten, drain: ten }
    }
}

impl Limits {
    /// Reads `[serve.limits]`.
    ///
    /// # Errors
    /// Place of a wrong field, and what is wrong with it.
    pub(super) fn read(mut table: Table) -> Result<Self, Failure> {
        /// So that no sum of times overflows.
        const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

        let mut limits = Self::default();
        if let Some(value) = table.take("connections") {
            let number = usize::try_from(value.number()?).ok().filter(|number| (1..=1_000_000).contains(number));
            limits.connections = number.ok_or_else(|| value.failure("must be from 1 to 1000000"))?;
        }
        for (name, limit) in [
            ("head", &mut limits.head),
            ("body", &mut limits.body),
            ("write", &mut limits.write),
            ("idle", &mut limits.idle),
            ("drain", &mut limits.drain),
        ] {
            if let Some(value) = table.take(name) {
                *limit = value.duration()?;
                if limit.is_zero() || *limit > LONGEST {
                    return Err(value.failure("must be from 1s to 24h"));
                }
            }
        }
        table.finish()?;
        Ok(limits)
    }
}
