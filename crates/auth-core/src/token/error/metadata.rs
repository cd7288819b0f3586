//! The metadata document of an authorization server that cannot be used.

use std::fmt;
use std::time::Duration;

use auth_transport::{PayloadProblem, SigningAlgorithm, TokenUrlProblem};

use crate::token::error::refused::is_transient;

/// Why the metadata of an authorization server (RFC 8414) does not lead to a token endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MetadataError {
    /// The issuer, as the program named it.
    pub issuer: Box<str>,
    /// What is wrong with its metadata.
    pub problem: MetadataProblem,
    /// The time to wait according to `Retry-After`, for status 429 or 503 (RFC 9110 section 10.2.3).
    pub retry_after: Option<Duration>,
}

/// What is wrong with the metadata of an authorization server.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MetadataProblem {
    /// The server answered with this status.
    Status(u16),
    /// The document is not the JSON object that RFC 8414 describes.
    Body {
        /// The problem with the body.
        problem: PayloadProblem,
        /// Line at which reading stopped, from 1; 0 if unknown.
        line: usize,
        /// Column at which reading stopped, from 1; 0 if unknown.
        column: usize,
    },
    /// The document is that of another issuer (RFC 8414 section 3.3). The two are compared character by character.
    Issuer {
        /// They differ only in a slash at the end.
        differs_in_slash: bool,
    },
    /// The document has no `token_endpoint`.
    NoTokenEndpoint,
    /// The URL of the token endpoint breaks a rule.
    TokenEndpoint(TokenUrlProblem),
    /// The server does not accept the client authentication that is configured.
    ClientAuthentication {
        /// The configured one, as a registered name (RFC 8414 section 2).
        configured: &'static str,
        /// Those that the server accepts and that this crate has.
        accepted: Vec<&'static str>,
    },
    /// The server does not accept assertions that are signed with this algorithm.
    Algorithm(SigningAlgorithm),
}

impl MetadataError {
    /// An error about the metadata of this issuer.
    #[cfg(any(test, feature = "oauth2"))]
    pub(crate) fn new(issuer: &str, problem: MetadataProblem) -> Self {
        Self { issuer: issuer.into(), problem, retry_after: None }
    }

    /// True if the document may be usable a moment later.
    pub(crate) fn is_transient(&self) -> bool {
        matches!(self.problem, MetadataProblem::Status(status) if is_transient(status))
    }
}

impl fmt::Display for MetadataError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "no token endpoint from the metadata of the issuer {}: ", self.issuer)?;
        match &self.problem {
            MetadataProblem::Status(status @ 400..=499) => write!(
                formatter,
                "the server answered with status {status}; check the issuer, or set the token URL instead"
            ),
            MetadataProblem::Status(status) => write!(formatter, "the server answered with status {status}"),
            MetadataProblem::Body { problem, line, column } => {
                write!(formatter, "the document {problem} (line {line}, column {column})")
            }
            MetadataProblem::Issuer { differs_in_slash: true } => formatter.write_str(
                "the document names an issuer that differs in the slash at the end; write the issuer as the server does",
            ),
            MetadataProblem::Issuer { differs_in_slash: false } => {
                formatter.write_str("the document names another issuer; check the issuer, or set the token URL instead")
            }
            MetadataProblem::NoTokenEndpoint => formatter.write_str("the document has no token_endpoint"),
            MetadataProblem::TokenEndpoint(problem) => write!(formatter, "token_endpoint: {problem}"),
            MetadataProblem::ClientAuthentication { configured, accepted } if accepted.is_empty() => {
                write!(formatter, "the server does not accept the client authentication {configured}")
            }
            MetadataProblem::ClientAuthentication { configured, accepted } => write!(
                formatter,
                "the server does not accept the client authentication {configured}; use {}",
                accepted.join(" or ")
            ),
            MetadataProblem::Algorithm(algorithm) => {
                write!(formatter, "the server does not accept assertions that are signed with {algorithm}")
            }
        }
    }
}
