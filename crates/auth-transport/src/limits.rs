//! The limits of an exchange.

use std::fmt;
use std::time::Duration;

/// The limits that are set; the others have the defaults for the kind of server.
#[derive(Clone, Copy, Default)]
pub(crate) struct Limits {
    pub(crate) timeout: Option<Duration>,
    pub(crate) body: Option<usize>,
    pub(crate) idle: Option<Duration>,
}

impl fmt::Debug for Limits {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = formatter.debug_struct("Limits");
        if let Some(timeout) = &self.timeout {
            debug.field("timeout", timeout);
        }
        if let Some(bytes) = &self.body {
            debug.field("body_limit", bytes);
        }
        if let Some(timeout) = &self.idle {
            debug.field("idle_timeout", timeout);
        }
        debug.finish_non_exhaustive()
    }
}

/// The kind of server, which determines the default limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Server {
    /// A token endpoint: small, fast responses.
    #[default]
    TokenEndpoint,
    /// An API: larger responses and slower calls.
    Api,
}

/// Default timeout of a call of an API.
pub(crate) const API_TIMEOUT: Duration = Duration::from_secs(60);

/// Default limit of a body of an API, in bytes.
pub(crate) const API_BODY_LIMIT: usize = 16 * 1024 * 1024;

/// Default time without a byte after which a stream ends with an error.
const DEFAULT_STREAM_IDLE_TIMEOUT: Duration = Duration::from_secs(60);

impl Limits {
    /// Timeout of an exchange with this kind of server.
    pub(crate) fn timeout(&self, server: Server) -> Duration {
        let default = match server {
            Server::TokenEndpoint => Duration::from_secs(30),
            Server::Api => API_TIMEOUT,
        };
        self.timeout.unwrap_or(default)
    }

    /// Size in bytes of the largest body that is read from this kind of server.
    pub(crate) fn body(&self, server: Server) -> usize {
        let default = match server {
            Server::TokenEndpoint => 256 * 1024,
            Server::Api => API_BODY_LIMIT,
        };
        self.body.unwrap_or(default)
    }

    /// Time between two reads of a stream.
    pub(crate) fn idle(&self) -> Duration {
        self.idle.unwrap_or(DEFAULT_STREAM_IDLE_TIMEOUT)
    }
}

/// The time limit that an exchange exceeded. `Display` names the limit, its value and the setting that raises it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TimeLimit {
    /// The time to connect, TLS included: [`TransportBuilder::connect_timeout`](crate::TransportBuilder::connect_timeout).
    Connect(Duration),
    /// The time for the whole exchange, or for the head of a streaming response:
    /// [`Transport::with_timeout`](crate::Transport::with_timeout).
    Exchange(Duration),
    /// The time between two reads of a stream: [`Transport::with_idle_timeout`](crate::Transport::with_idle_timeout).
    Idle(Duration),
}

impl fmt::Display for TimeLimit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(time) => write!(formatter, "`connect_timeout` is {time:?}, `TransportBuilder` sets it"),
            Self::Exchange(time) => {
                write!(formatter, "`timeout` is {time:?}, raise it with `with_timeout` of the client")
            }
            Self::Idle(time) => {
                write!(formatter, "`idle_timeout` is {time:?}, raise it with `with_idle_timeout` of the client")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_that_is_not_set_defaults_to_that_of_the_server_kind() {
        let limits = Limits::default();
        assert_eq!(
            (limits.timeout(Server::TokenEndpoint), limits.body(Server::TokenEndpoint)),
            (30 * SECOND, 256 << 10)
        );
        assert_eq!((limits.timeout(Server::Api), limits.body(Server::Api)), (60 * SECOND, 16 << 20));
        let limits = Limits { timeout: Some(SECOND), body: Some(1), idle: None };
        for server in [Server::TokenEndpoint, Server::Api] {
            assert_eq!((limits.timeout(server), limits.body(server), limits.idle()), (SECOND, 1, 60 * SECOND));
        }
    }

    const SECOND: Duration = Duration::from_secs(1);
}
