use std::time::Duration;

use crate::Vendor;

/// One request and what became of it, for a log; holds nothing secret.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Exchange {
    /// Whose server was asked.
    pub vendor: Vendor,
    /// What was asked for.
    pub endpoint: Endpoint,
    /// Status of the answer, `None` if raw bytes or nothing at all took its place.
    pub status: Option<u16>,
    /// Error code of a refusal (RFC 6749 §5.2, RFC 6750 §3.1).
    pub error: Option<&'static str>,
    /// Scope of the token that was issued; empty for SAP LeanIX, which has none.
    pub scope: Option<String>,
    /// Time from the arrival of the request to the answer.
    pub took: Duration,
}

/// The two kinds of endpoint that each vendor has here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Endpoint {
    /// The token endpoint.
    Token,
    /// The protected resource.
    Resource,
}

pub(crate) type Observer = Box<dyn Fn(&Exchange) + Send + Sync>;
