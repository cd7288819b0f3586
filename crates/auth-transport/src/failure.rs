//! Exchanges that came to no answer.

use std::error::Error as StdError;
use std::fmt;
use std::io;

use url::Url;

use crate::Sent;

/// An exchange that brought no complete answer, or one that must not be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransportError {
    kind: TransportErrorKind,
    server: String,
}

impl TransportError {
    /// An exchange with this server, named by host and port, that came to this.
    #[must_use]
    pub fn new(kind: TransportErrorKind, server: impl Into<String>) -> Self {
        Self { kind, server: server.into() }
    }

    pub(crate) fn at(url: &Url, kind: TransportErrorKind) -> Self {
        let host = url.host_str().unwrap_or_default();
        let server = url.port_or_known_default().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        Self { kind, server }
    }

    /// What happened.
    #[must_use]
    pub fn kind(&self) -> &TransportErrorKind {
        &self.kind
    }

    /// Host and port of the server that was asked.
    #[must_use]
    pub fn server(&self) -> &str {
        &self.server
    }

    /// True if the same request may well succeed a moment later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        use TransportErrorKind as Kind;
        match self.kind {
            Kind::Dns | Kind::Connect | Kind::Timeout | Kind::Closed => true,
            Kind::Tls | Kind::Protocol | Kind::BodyTooLarge { .. } | Kind::Redirect { .. } | Kind::Plaintext => false,
        }
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let server = &self.server;
        match &self.kind {
            TransportErrorKind::Dns => write!(formatter, "the name in {server} cannot be resolved"),
            TransportErrorKind::Connect => write!(formatter, "cannot connect to {server}"),
            TransportErrorKind::Tls => write!(formatter, "no trusted TLS connection with {server}"),
            TransportErrorKind::Timeout => write!(formatter, "{server} did not answer in time"),
            TransportErrorKind::Closed => {
                write!(formatter, "{server} closed the connection before its answer was complete")
            }
            TransportErrorKind::Protocol => write!(formatter, "{server} does not answer in valid HTTP"),
            TransportErrorKind::BodyTooLarge { limit } => {
                write!(formatter, "the answer of {server} is larger than {limit} bytes")
            }
            TransportErrorKind::Redirect { status, target: Some(target) } => {
                write!(
                    formatter,
                    "{server} redirects to {target} (status {status}), which is not followed with credentials"
                )
            }
            TransportErrorKind::Redirect { status, target: None } => {
                write!(formatter, "{server} redirects (status {status}), which is not followed with credentials")
            }
            TransportErrorKind::Plaintext => write!(formatter, "{server} would be asked without TLS, nothing was sent"),
        }
    }
}

impl StdError for TransportError {}

/// What kept an exchange from its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// The host name has no address. Transient.
    Dns,
    /// No connection: refused, unreachable, or a proxy that declined. Transient.
    Connect,
    /// The certificate or the handshake is not acceptable.
    Tls,
    /// The deadline of the exchange passed. Transient.
    Timeout,
    /// The connection ended before the answer was complete. Transient.
    Closed,
    /// What came is not HTTP.
    Protocol,
    /// The body is larger than the transport's limit.
    BodyTooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The server points elsewhere. Nothing is sent there.
    Redirect {
        /// The status of the answer.
        status: u16,
        /// Scheme, host and port it points to, if it says so legibly and repeats nothing of what it was sent.
        target: Option<String>,
    },
    /// The address is neither `https` nor loopback.
    Plaintext,
}

/// Tells what a `reqwest` error means; its text, which may hold addresses and bytes, goes no further.
pub(crate) fn classify(error: &reqwest::Error) -> TransportErrorKind {
    if error.is_timeout() {
        return TransportErrorKind::Timeout;
    }
    let mut cause: Option<&(dyn StdError + 'static)> = error.source();
    while let Some(error) = cause {
        if let Some(kind) = classify_cause(error) {
            return kind;
        }
        cause = error.source();
    }
    if error.is_connect() { TransportErrorKind::Connect } else { TransportErrorKind::Protocol }
}

fn classify_cause(cause: &(dyn StdError + 'static)) -> Option<TransportErrorKind> {
    if cause.is::<rustls::Error>() {
        return Some(TransportErrorKind::Tls);
    }
    if let Some(error) = cause.downcast_ref::<hyper::Error>() {
        return if error.is_incomplete_message() || error.is_canceled() || error.is_closed() {
            Some(TransportErrorKind::Closed)
        } else if error.is_parse() {
            Some(TransportErrorKind::Protocol)
        } else {
            None
        };
    }
    if let Some(error) = cause.downcast_ref::<io::Error>() {
        // An io::Error that wraps another error is not its `source`, so look inside first.
        if let Some(kind) = error.get_ref().and_then(|inner| classify_cause(inner)) {
            return Some(kind);
        }
        return match error.kind() {
            io::ErrorKind::ConnectionRefused => Some(TransportErrorKind::Connect),
            io::ErrorKind::TimedOut => Some(TransportErrorKind::Timeout),
            io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::NotConnected
            | io::ErrorKind::UnexpectedEof => Some(TransportErrorKind::Closed),
            _ => None,
        };
    }
    // hyper-util keeps the type to itself; a test resolves a name that cannot exist, so a change of wording shows.
    cause.to_string().starts_with("dns error").then_some(TransportErrorKind::Dns)
}

/// The place a redirect points to, without path, query and user information; none if it repeats what was sent.
pub(crate) fn redirect(response: &reqwest::Response, url: &Url, sent: &Sent) -> Option<TransportErrorKind> {
    let status = response.status().as_u16();
    if !matches!(status, 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let location = response.headers().get(http::header::LOCATION).and_then(|location| location.to_str().ok());
    let target = location
        .and_then(|location| url.join(location).ok())
        // A name that is longer than DNS allows is no address, but room for something else.
        .filter(|target| target.host_str().is_some_and(|host| host.len() <= 253 && !sent.shows_up_in(host)))
        .map(|target| target.origin().ascii_serialization());
    Some(TransportErrorKind::Redirect { status, target })
}
