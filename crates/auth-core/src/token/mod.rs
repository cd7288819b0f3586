//! Tokens and scopes as RFC 6749 defines them, and why there is no token.
//!
//! `response` has the interface to a token endpoint and checks that what it returns is a token; the result is an
//! `access_token`. `lifetime` plans, from `expires_in` and the claims of a JWT (`jwt`), when it is renewed and when it is
//! no longer used. `error` has everything that can go wrong.
//!
//! Nothing here keeps state or sends anything.

pub(crate) mod access_token;
pub(crate) mod error;
pub(crate) mod jwt;
pub(crate) mod lifetime;
pub(crate) mod response;
pub(crate) mod scope;
