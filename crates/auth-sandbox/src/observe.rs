use std::time::{Duration, Instant};

use http::{Method, Uri, request::Parts};

use crate::{Vendor, redact};

/// One request and its outcome, for logs. It contains no secrets.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Exchange {
    /// The vendor; `None` for [`Endpoint::Other`].
    pub vendor: Option<Vendor>,
    /// The kind of endpoint.
    pub endpoint: Endpoint,
    /// The method; `?` if it is longer than 16 characters.
    pub method: String,
    /// The path without its query, in printable ASCII.
    ///
    /// A segment that is longer than a UUID or contains a secret is replaced by `...`.
    pub path: String,
    /// Status of the response; `None` if raw bytes or nothing was sent instead.
    pub status: Option<u16>,
    /// Error code of a refusal (RFC 6749 section 5.2 or RFC 6750 section 3.1), otherwise the status in Lean's envelope.
    pub error: Option<&'static str>,
    /// Scope of the issued token; empty for SAP LeanIX, which has no scopes.
    pub scope: Option<String>,
    /// Time from the arrival of the request to the response.
    pub took: Duration,
}

/// The kinds of endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Endpoint {
    /// The token endpoint.
    Token,
    /// The protected resource.
    Resource,
    /// The metadata document (RFC 8414).
    Metadata,
    /// Any other request: its path is unknown, or it was refused before its path was read.
    Other,
}

pub(crate) type Observer = Box<dyn Fn(&Exchange) + Send + Sync>;

/// A request that has arrived, for the observer.
pub(crate) struct Arrival {
    vendor: Option<Vendor>,
    endpoint: Endpoint,
    method: Method,
    uri: Uri,
    at: Instant,
}

impl Arrival {
    pub(crate) fn new(vendor: Option<Vendor>, endpoint: Endpoint, parts: &Parts) -> Self {
        Self { vendor, endpoint, method: parts.method.clone(), uri: parts.uri.clone(), at: Instant::now() }
    }

    /// The exchange with this outcome; `secrets` are not shown.
    pub(crate) fn answered(
        self,
        secrets: &[&str],
        status: Option<u16>,
        error: Option<&'static str>,
        scope: Option<String>,
    ) -> Exchange {
        Exchange {
            vendor: self.vendor,
            endpoint: self.endpoint,
            method: redact::method(&self.method),
            path: redact::path(self.uri.path(), secrets),
            status,
            error,
            scope,
            took: self.at.elapsed(),
        }
    }
}
