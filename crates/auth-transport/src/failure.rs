//! Exchanges without a response.

use std::error::Error as StdError;
use std::fmt;

use http::HeaderMap;
use url::{Origin, Url};

use crate::Sent;
use crate::TimeLimit;
use crate::coding;
use crate::exchange::Prefix;

/// An exchange failed: there is no complete response, or one that is not read, such as a redirect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransportError {
    kind: TransportErrorKind,
    server: String,
    operation: Option<&'static str>,
    limit: Option<TimeLimit>,
}

impl TransportError {
    /// The failure of an exchange with `server`, given as host and port.
    #[must_use]
    pub fn new(kind: TransportErrorKind, server: impl Into<String>) -> Self {
        Self { kind, server: server.into(), operation: None, limit: None }
    }

    pub(crate) fn at(url: &Url, kind: TransportErrorKind) -> Self {
        Self::new(kind, server(url))
    }

    /// Sets the operation of the exchange.
    pub(crate) fn in_operation(mut self, operation: Option<&'static str>) -> Self {
        self.operation = operation;
        self
    }

    /// Sets the time limit that was exceeded.
    pub(crate) fn beyond(mut self, limit: Option<TimeLimit>) -> Self {
        self.limit = limit;
        self
    }

    /// The time limit that was exceeded; `None` if the error is not a [`TransportErrorKind::Timeout`], or if the operating system
    /// and not the client ended the exchange.
    #[must_use]
    pub fn time_limit(&self) -> Option<TimeLimit> {
        self.limit
    }

    pub(crate) fn operation(&self) -> Option<&'static str> {
        self.operation
    }

    /// The error for a response from `url` whose headers say that its body is in a content coding; `None` if it is not.
    #[must_use]
    pub fn encoded(url: &Url, headers: &HeaderMap) -> Option<Self> {
        coding::of(headers).map(|coding| Self::at(url, TransportErrorKind::Encoded { coding }))
    }

    /// What happened.
    #[must_use]
    pub fn kind(&self) -> &TransportErrorKind {
        &self.kind
    }

    /// Host and port of the server.
    #[must_use]
    pub fn server(&self) -> &str {
        &self.server
    }

    /// True if the same request may succeed a moment later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        use TransportErrorKind as Kind;
        match self.kind {
            Kind::Dns | Kind::Connect | Kind::Timeout | Kind::Closed | Kind::TooManyOpenFiles => true,
            Kind::Proxy { problem, .. } => {
                matches!(problem, ProxyProblem::Connect | ProxyProblem::Timeout | ProxyProblem::Tunnel)
            }
            Kind::Tls
            | Kind::Protocol
            | Kind::BodyTooLarge { .. }
            | Kind::Redirect { .. }
            | Kind::RedirectPolicy
            | Kind::Encoded { .. }
            | Kind::Plaintext => false,
        }
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let server = &self.server;
        Prefix(self.operation).fmt(formatter)?;
        match &self.kind {
            TransportErrorKind::Dns => write!(formatter, "cannot resolve the host name of {server}"),
            TransportErrorKind::Connect => write!(formatter, "cannot connect to {server}"),
            TransportErrorKind::TooManyOpenFiles => write!(
                formatter,
                "no connection to {server}: too many open files; raise the limit of the process (`ulimit -n`), or close files \
                 and connections that are no longer needed"
            ),
            TransportErrorKind::Proxy { proxy, problem } => {
                let proxy =
                    proxy.as_deref().map_or_else(|| "the proxy".to_owned(), |proxy| format!("the proxy {proxy}"));
                match problem {
                    ProxyProblem::Connect => write!(formatter, "cannot connect to {proxy}, which is used for {server}"),
                    ProxyProblem::Timeout => write!(formatter, "no connection to {server} through {proxy} in time"),
                    ProxyProblem::Tls => {
                        write!(formatter, "no trusted TLS connection with {proxy}, which is used for {server}")
                    }
                    ProxyProblem::Authentication => write!(
                        formatter,
                        "{proxy} requires authentication to connect to {server} (status 407); put valid credentials into \
                         the address of the proxy, as http://user:password@host:port"
                    ),
                    ProxyProblem::Tunnel => write!(
                        formatter,
                        "{proxy} opened no tunnel to {server}: it closed the connection or answered CONNECT with a status \
                         other than 200"
                    ),
                }
            }
            TransportErrorKind::Tls => write!(formatter, "no trusted TLS connection with {server}"),
            TransportErrorKind::Timeout => match &self.limit {
                None => write!(formatter, "{server} did not answer in time"),
                Some(limit @ TimeLimit::Connect(_)) => write!(formatter, "no connection to {server} in time: {limit}"),
                Some(limit @ TimeLimit::Exchange(_)) => write!(formatter, "{server} did not answer in time: {limit}"),
                Some(limit @ TimeLimit::Idle(_)) => write!(formatter, "the stream of {server} stalled: {limit}"),
            },
            TransportErrorKind::Closed => {
                write!(formatter, "{server} closed the connection before its response was complete")
            }
            TransportErrorKind::Protocol => write!(formatter, "the response from {server} is not valid HTTP"),
            TransportErrorKind::BodyTooLarge { limit } => {
                write!(
                    formatter,
                    "the response from {server} is too large: `body_limit` is {limit} bytes, raise it with \
                     `with_body_limit` of the client"
                )
            }
            TransportErrorKind::Redirect { status, target: Some(target) } => {
                write!(
                    formatter,
                    "{server} redirects to {target} (status {status}); redirects are not followed with credentials"
                )
            }
            TransportErrorKind::Redirect { status, target: None } => {
                write!(formatter, "{server} redirects (status {status}); redirects are not followed with credentials")
            }
            TransportErrorKind::RedirectPolicy => {
                write!(formatter, "the redirect policy of the HTTP client refused a redirect from {server}")
            }
            TransportErrorKind::Encoded { coding } => write!(
                formatter,
                "{server} sent a response in {} content coding, although the request accepts only `identity`; turn off \
                 compression on the server or on the proxy in front of it",
                coding.unwrap_or("an unknown")
            ),
            TransportErrorKind::Plaintext => write!(
                formatter,
                "the request to {server} would be sent without TLS, so nothing was sent; use an https URL"
            ),
        }
    }
}

impl StdError for TransportError {}

/// Why an exchange failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// The host name has no address. Transient.
    Dns,
    /// No connection: refused or unreachable. Transient.
    Connect,
    /// No connection: the process or the system has reached its limit of open files and sockets. Transient, but recurs
    /// until the limit is raised (`ulimit -n`) or files are closed.
    TooManyOpenFiles,
    /// The proxy opened no tunnel to the server (RFC 9110 section 9.3.6). The problem says whether that is transient.
    Proxy {
        /// Host and port of the proxy, without user and password. `None` if the program set a function that chooses the proxy
        /// ([`Proxy::custom`](reqwest::Proxy::custom)), or uses its own HTTP client.
        proxy: Option<String>,
        /// What went wrong.
        problem: ProxyProblem,
    },
    /// The certificate is not trusted, or the TLS handshake failed.
    Tls,
    /// A time limit was exceeded, see [`TransportError::time_limit`]. Transient.
    Timeout,
    /// The connection ended before the response was complete. Transient.
    Closed,
    /// The response is not valid HTTP.
    Protocol,
    /// The body is larger than the transport's limit.
    BodyTooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The response is a redirect, which is not followed.
    Redirect {
        /// The status of the response.
        status: u16,
        /// Scheme, host and port of the target; `None` if `Location` is missing or unreadable, or its host repeats a part of what was
        /// sent.
        target: Option<String>,
    },
    /// An HTTP client of the program's own refused to follow a redirect, for example because there were too many.
    RedirectPolicy,
    /// The body is in a content coding (RFC 9110 section 8.4.1), although the request accepts only `identity`. It is not
    /// decoded.
    Encoded {
        /// The registered name of the coding; `None` if the name is not registered.
        coding: Option<&'static str>,
    },
    /// The URL is neither `https` nor a loopback address. Nothing was sent.
    Plaintext,
}

/// Why a proxy opened no tunnel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProxyProblem {
    /// No connection to the proxy: its name has no address, or it is refused or unreachable. Transient.
    Connect,
    /// No connection through the proxy in time: the proxy or the server stays silent. Transient.
    Timeout,
    /// The certificate of an `https` proxy is not trusted, or the TLS handshake with it failed.
    Tls,
    /// The proxy answered with status 407: it requires credentials, or does not accept those that were sent.
    Authentication,
    /// The proxy closed the connection, or answered CONNECT with a status other than 200 and 407. Transient, since proxies also do
    /// this when they cannot reach the server at the moment.
    ///
    /// The HTTP library does not report the status, and rejects every 2xx except 200, although RFC 9110 section 9.3.6 allows them.
    Tunnel,
}

/// Host and port of an address.
pub(crate) fn server(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port_or_known_default().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// The origin that a redirect points to, without path, query and user information; `None` if it repeats a part of what was sent.
pub(crate) fn redirect(response: &reqwest::Response, url: &Url, sent: &Sent) -> Option<TransportErrorKind> {
    let status = response.status().as_u16();
    if !matches!(status, 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let location = response.headers().get(http::header::LOCATION).and_then(|location| location.to_str().ok());
    let target = location
        .and_then(|location| url.join(location).ok())
        // A longer name than DNS allows is not a host and could contain any text.
        .filter(|target| target.host_str().is_some_and(|host| host.len() <= 253 && !sent.shows_up_in(host)))
        .map(|target| target.origin())
        // URLs without a host have no such origin.
        .filter(Origin::is_tuple)
        .map(|origin| origin.ascii_serialization());
    Some(TransportErrorKind::Redirect { status, target })
}
