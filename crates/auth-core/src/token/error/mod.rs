//! The errors of token requests, and their classification.
//!
//! `token_error` has the error that callers get; `refused`, `not_a_token` and `metadata` have the three variants of it that
//! come from a response. Each other file classifies an error: `code` has the codes of RFC 6749 section 5.2, `failure_reason` the
//! labels for metrics, `reason` finds the label of an error, `refused_credentials` decides whether the credentials are
//! the reason, and `retry_after` reads how long the server must not be contacted.
//!
//! No error contains a credential, a token or bytes of a response.

pub(crate) mod code;
pub(crate) mod failure_reason;
pub(crate) mod metadata;
pub(crate) mod not_a_token;
pub(crate) mod reason;
pub(crate) mod refused;
pub(crate) mod refused_credentials;
pub(crate) mod retry_after;
pub(crate) mod token_error;
