//! The cache: finds the token of a scope, decides what a caller gets, and sends the requests.
//!
//! Calls enter through `token_cache` or `handle`, which find the slot of the scope (`slot`). If the slot has a fresh
//! token, it is returned without a lock. Otherwise the pure function in `policy` decides. `request` sends a token
//! request in its own task, and callers wait for the result on `in_flight`. `shared` holds what all scopes share:
//! endpoint, circuit breaker, clock and observers.
//!
//! This folder does not depend on vendors or on HTTP: it sends requests through a
//! [`TokenEndpoint`](crate::TokenEndpoint).

pub(crate) mod backoff;
#[cfg(feature = "blocking")]
pub(crate) mod blocking;
pub(crate) mod builder;
pub(crate) mod circuit_breaker;
pub(crate) mod eviction;
pub(crate) mod forbidden;
pub(crate) mod handle;
pub(crate) mod in_flight;
pub(crate) mod issuance_limit;
pub(crate) mod keep_warm;
#[cfg(all(test, shuttle))]
mod model;
pub(crate) mod observe;
pub(crate) mod policy;
pub(crate) mod request;
pub(crate) mod scopes;
pub(crate) mod shared;
pub(crate) mod slot;
pub(crate) mod slot_state;
pub(crate) mod sync;
pub(crate) mod token_cache;
