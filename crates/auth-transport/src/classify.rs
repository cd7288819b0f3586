//! Classifies errors of the HTTP library.

use std::error::Error as StdError;
use std::io;

use url::Url;

use crate::descriptors;
use crate::proxy;
use crate::{ProxyProblem, TransportError, TransportErrorKind};

impl TransportError {
    /// Converts the error of a `reqwest` client for an exchange with `url`. The text of `error`, which may hold URLs and
    /// bytes, is dropped. [`Transport::error`](crate::Transport::error) also names the proxy.
    #[must_use]
    pub fn of(url: &Url, error: &reqwest::Error) -> Self {
        Self::at(url, classify(error))
    }
}

/// Classifies a `reqwest` error; its text, which may hold URLs and bytes, is dropped.
pub(crate) fn classify(error: &reqwest::Error) -> TransportErrorKind {
    if error.is_timeout() {
        return TransportErrorKind::Timeout;
    }
    if error.is_redirect() {
        return TransportErrorKind::RedirectPolicy;
    }
    if causes(error).any(is_exhaustion) {
        return TransportErrorKind::TooManyOpenFiles;
    }
    let mut cause: Option<&(dyn StdError + 'static)> = error.source();
    while let Some(error) = cause {
        if let Some(problem) = proxy::problem(error) {
            return TransportErrorKind::Proxy { proxy: None, problem: cause_of(problem, error.source()) };
        }
        if let Some(kind) = classify_cause(error) {
            return kind;
        }
        cause = error.source();
    }
    if error.is_connect() { TransportErrorKind::Connect } else { TransportErrorKind::Protocol }
}

/// The causes of an error, the nearest first.
fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    std::iter::successors(error.source(), |&cause| cause.source())
}

fn is_exhaustion(cause: &(dyn StdError + 'static)) -> bool {
    cause.downcast_ref::<io::Error>().is_some_and(|error| {
        let inner = error.get_ref().is_some_and(|inner| is_exhaustion(inner));
        inner || descriptors::is_exhaustion(error)
    })
}

/// True if the connection to a proxy failed because of TLS.
fn cause_of(problem: ProxyProblem, mut cause: Option<&(dyn StdError + 'static)>) -> ProxyProblem {
    while let Some(error) = cause {
        if classify_cause(error) == Some(TransportErrorKind::Tls) {
            return ProxyProblem::Tls;
        }
        cause = error.source();
    }
    problem
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
        // An `io::Error` that wraps another error does not return it as `source`, so the wrapped error comes first.
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
    // The type in hyper-util is private. A test resolves a name that cannot exist, to detect a change of the wording.
    cause.to_string().starts_with("dns error").then(|| {
        // The resolver does not report that it could not open a socket.
        if descriptors::are_exhausted() { TransportErrorKind::TooManyOpenFiles } else { TransportErrorKind::Dns }
    })
}
