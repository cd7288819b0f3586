use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Method, Uri, header, request::Parts};

use crate::{Vendor, form, redact};

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
    scheme: Option<&'static str>,
    /// The body of a token request.
    form: Bytes,
    at: Instant,
}

/// What a request contained, without secrets.
pub(crate) struct Sent {
    /// The scheme of its credentials: `basic`, `bearer` or `other`.
    pub(crate) authorization: Option<&'static str>,
    /// Its scope, if it is a token request with one.
    pub(crate) scope: Option<String>,
    /// The parameters of a token request, each with its value if that is no secret.
    pub(crate) parameters: Vec<(String, Option<String>)>,
}

/// Number of parameters that are shown of a request, so that thousands of them do not fill the memory.
const MOST_PARAMETERS: usize = 32;

/// Parameters whose values are no secrets.
const SHOWN: [&str; 6] = ["grant_type", "client_id", "scope", "audience", "resource", "client_assertion_type"];

impl Arrival {
    pub(crate) fn new(vendor: Option<Vendor>, endpoint: Endpoint, parts: &Parts) -> Self {
        let authorization = parts.headers.get(header::AUTHORIZATION);
        Self {
            vendor,
            endpoint,
            method: parts.method.clone(),
            uri: parts.uri.clone(),
            scheme: authorization.map(|value| scheme(value.as_bytes())),
            form: Bytes::new(),
            at: Instant::now(),
        }
    }

    /// Sets the body of a token request.
    pub(crate) fn set_form(&mut self, body: &Bytes) {
        self.form = body.clone();
    }

    /// What the request contained; `secrets` are not shown.
    pub(crate) fn sent(&self, secrets: &[&str]) -> Sent {
        let fields = form::fields(&self.form).unwrap_or_default();
        let scope = fields.iter().find(|(name, _)| name == "scope").map(|(_, scope)| redact::value(scope, secrets));
        let parameter = |(name, value): &(String, String)| {
            let value = SHOWN.contains(&name.as_str()).then(|| redact::value(value, secrets));
            (redact::name(name), value)
        };
        Sent {
            authorization: self.scheme,
            scope,
            parameters: fields.iter().take(MOST_PARAMETERS).map(parameter).collect(),
        }
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

/// The scheme of an `Authorization` value, if it is one that clients of token endpoints and resources use.
fn scheme(authorization: &[u8]) -> &'static str {
    let scheme = authorization.split(|&byte| byte == b' ').next().unwrap_or_default();
    match scheme {
        _ if scheme.eq_ignore_ascii_case(b"basic") => "basic",
        _ if scheme.eq_ignore_ascii_case(b"bearer") => "bearer",
        _ => "other",
    }
}
