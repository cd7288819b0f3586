//! Tokens in the requests of a program: a client, a middleware and a layer.
//!
//! Each gets a token from a [`TokenSource`](crate::TokenSource), such as a handle to a scope, and sends it with the
//! request. If the server rejects the token, the request is repeated once with another. `client`, with its `request`
//! and `response`, is for plain `reqwest`, `middleware` for `reqwest-middleware`, and `layer` for `tower`.
//!
//! The cache does not depend on this folder.

#[cfg(any(feature = "reqwest", feature = "reqwest-middleware", feature = "tower"))]
pub(crate) mod answered;
pub(crate) mod call_error;
#[cfg(feature = "reqwest")]
pub(crate) mod client;
#[cfg(feature = "tower")]
pub(crate) mod layer;
#[cfg(feature = "reqwest-middleware")]
pub(crate) mod middleware;
#[cfg(any(feature = "reqwest", feature = "reqwest-middleware", feature = "tower"))]
pub(crate) mod prepared;
#[cfg(feature = "reqwest")]
pub(crate) mod request;
#[cfg(feature = "reqwest")]
pub(crate) mod response;
