//! Why there is no token, and what follows from it.
//!
//! `token_error` has the error that callers get, `refused` and `not_a_token` the two of its variants that come from a
//! response. The other files answer one question about it each: the `code` of RFC 6749
//! section 5.2, the `failure_reason` for metrics, whether it is about the credentials (`refused_credentials`), and how long the
//! server wants to be left alone (`retry_after`).
//!
//! No error holds a credential, a token or bytes of a response.

pub(crate) mod code;
pub(crate) mod failure_reason;
pub(crate) mod not_a_token;
pub(crate) mod refused;
pub(crate) mod refused_credentials;
pub(crate) mod retry_after;
pub(crate) mod token_error;
