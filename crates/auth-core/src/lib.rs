//! A cache of OAuth 2.0 access tokens for Lean Technologies and SAP LeanIX. It sends one request per scope, however many callers
//! ask, renews tokens before they expire, and keeps them out of logs and errors.
//!
//! ```no_run
//! use auth_core::lean::{self, Client};
//! use auth_core::{ClientCredentials, LeanTokenEndpoint, TokenCache};
//!
//! # async fn example(client_secret: String) -> Result<(), Box<dyn std::error::Error>> {
//! let credentials = ClientCredentials::new("my-application-id", client_secret)?;
//! let tokens = TokenCache::new(LeanTokenEndpoint::new(Client::sandbox_uae()?, credentials));
//!
//! let token = tokens.access_token(&lean::Scope::Api.into()).await?;
//! let request = reqwest::Client::new()
//!     .get("https://sandbox.ae.leantech.me/customers/v1")
//!     .header("Authorization", token.authorization());
//! # Ok(())
//! # }
//! ```
//!
//! - [`TokenCache`] is the cache, [`TokenHandle`] one scope of it, [`AccessToken`] a token to send.
//! - [`TokenEndpoint`] is the interface to one authorization server. [`LeanTokenEndpoint`] and [`LeanixTokenEndpoint`] implement
//!   it over the generated crates. For any other OAuth 2.0 server, implement its one required method.
//! - [`CredentialSource`] provides the credentials of each request: the values themselves, [`SharedCredentials`]
//!   that the program replaces, a [`SecretFile`], a [`SecretVariable`], or a function.
//! - [`Challenge`] tells why a resource server refused a request.
//! - [`UnverifiedClaims`] are the claims of a token, for debugging.
//!
//! Names follow RFC 6749. The crate reads no file and no environment variable that the program has not named, except the proxy
//! variables that `reqwest` reads (`HTTPS_PROXY` and its relatives).

mod access_token;
#[cfg(any(feature = "reqwest", feature = "reqwest-middleware", feature = "tower"))]
mod answered;
#[cfg(feature = "reqwest")]
mod bearer_client;
#[cfg(feature = "tower")]
mod bearer_layer;
#[cfg(feature = "reqwest-middleware")]
mod bearer_middleware;
#[cfg(feature = "reqwest")]
mod bearer_request;
#[cfg(feature = "reqwest")]
mod bearer_response;
#[cfg(feature = "blocking")]
mod blocking;
mod builder;
mod cache;
mod call_error;
mod claims;
mod clock;
mod credentials;
mod decide;
mod endpoint;
mod entry;
mod error;
mod error_code;
mod eviction;
mod failure_reason;
mod flight;
mod forbidden;
#[cfg(all(any(test, fuzzing), feature = "lean", feature = "leanix"))]
#[doc(hidden)]
#[path = "../tests/fuzz/mod.rs"]
pub mod fuzz;
mod gate;
mod handle;
mod handle_source;
mod invisible;
mod issuer;
#[cfg(feature = "lean")]
pub mod lean;
#[cfg(feature = "leanix")]
pub mod leanix;
mod lifetime;
#[cfg(all(test, shuttle))]
mod model;
mod observe;
mod pauses;
#[cfg(any(feature = "reqwest", feature = "reqwest-middleware", feature = "tower"))]
mod prepared;
mod refused_credentials;
mod retry_after;
#[cfg(any(feature = "lean", feature = "leanix"))]
mod rotation;
mod scope;
mod scopes;
mod secret_file;
mod secret_place;
mod sources;
mod state;
mod sync;

pub use access_token::{AccessToken, CachedToken, Token};
pub use auth_transport::{
    BearerError, BuildError, Challenge, ExpiresIn, Origins, PayloadProblem, ProxyProblem, Secret, Sent, TokenSource,
    Transport, TransportError, TransportErrorKind,
};
#[cfg(feature = "reqwest")]
pub use bearer_client::BearerClient;
#[cfg(feature = "tower")]
pub use bearer_layer::{BearerLayer, BearerService, CloneBody, RepeatBody, SendOnce};
#[cfg(feature = "reqwest-middleware")]
pub use bearer_middleware::BearerMiddleware;
#[cfg(feature = "reqwest")]
pub use bearer_request::BearerRequest;
#[cfg(feature = "reqwest")]
pub use bearer_response::{BearerResponse, ResponseError};
pub use builder::TokenCacheBuilder;
pub use cache::{OldTokens, Rejection, TokenCache};
pub use call_error::CallError;
pub use claims::{ClaimsError, UnverifiedClaims};
pub use clock::{Clock, Moment};
pub use credentials::{ApiToken, ClientCredentials, CredentialError, CredentialSource};
pub use endpoint::{TokenEndpoint, TokenResponse};
pub use error::{NotAToken, Refused, TokenError};
pub use error_code::ErrorCode;
pub use failure_reason::FailureReason;
pub use handle::{KeptWarm, TokenHandle};
#[cfg(feature = "lean")]
pub use lean::LeanTokenEndpoint;
#[cfg(feature = "leanix")]
pub use leanix::LeanixTokenEndpoint;
#[cfg(feature = "metrics")]
pub use observe::MetricsObserver;
#[cfg(feature = "tracing")]
pub use observe::TracingObserver;
pub use observe::{Event, EventContext, Observer, Stats};
/// The version of `reqwest` whose types [`BearerClient`] and `BearerMiddleware` use.
#[cfg(any(feature = "reqwest", feature = "reqwest-middleware"))]
pub use reqwest;
pub use scope::{Scope, ScopeError};
pub use secret_file::SecretFile;
pub use secret_place::{SecretPlace, SecretProblem};
pub use sources::{ForClient, SecretVariable, SharedCredentials};
