//! Tokens and scopes as RFC 6749 defines them, and the errors of token requests.
//!
//! `endpoint` has the trait for token endpoints, and `identity` says whose tokens one requests. `response` validates
//! their responses; the result is an `access_token`. From
//! `expires_in` and the claims of a JWT (`jwt`), `lifetime` computes when a token is renewed and when it is no longer
//! used. `error` has the errors.
//!
//! This folder keeps no state and sends nothing.

pub(crate) mod access_token;
pub(crate) mod endpoint;
pub(crate) mod error;
pub(crate) mod identity;
pub(crate) mod jwt;
pub(crate) mod lifetime;
pub(crate) mod response;
pub(crate) mod scope;
