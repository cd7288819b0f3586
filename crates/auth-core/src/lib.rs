//! A cache of OAuth 2.0 access tokens for Lean Technologies and SAP LeanIX. It sends one token request per scope for
//! any number of callers, renews tokens before they expire, and keeps them out of logs and errors.
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
//! - [`TokenEndpoint`] is the interface to one authorization server. [`LeanTokenEndpoint`] and [`LeanixTokenEndpoint`]
//!   implement it with the generated crates, `OAuth2TokenEndpoint` for any server that follows RFC 6749, with a secret, a
//!   `PrivateKeyJwt` or a `ClientCertificate`. For a server that deviates from it, implement its one required method.
//! - [`CredentialSource`] provides the credentials of each request. Sources are the credentials themselves,
//!   [`SharedCredentials`], which the program can replace, a [`SecretFile`], a [`SecretVariable`], or a function.
//! - [`Challenge`] states why a resource server refused a request.
//! - [`UnverifiedClaims`] are the claims of a token, for debugging.
//!
//! Names follow RFC 6749. The crate reads no file and no environment variable that the program has not named, except
//! the proxy variables that `reqwest` reads, such as `HTTPS_PROXY`.
//!
//! # Features
//!
//! | feature | adds | default |
//! |---|---|---|
//! | `lean` | `LeanTokenEndpoint` | yes |
//! | `leanix` | `LeanixTokenEndpoint` | yes |
//! | `oauth2` | `OAuth2TokenEndpoint`, for any other server that follows RFC 6749 | yes |
//! | `reqwest` | `BearerClient`: plain `reqwest` with a token in every request | yes |
//! | `tracing` | `TracingObserver`, and spans | yes |
//! | `aws-lc-rs` | TLS with the cryptography of `aws-lc-rs` | yes |
//! | `ring` | TLS with the cryptography of `ring`, unless `aws-lc-rs` is on as well | no |
//! | `reqwest-middleware` | `BearerMiddleware` | no |
//! | `tower` | `BearerLayer`, for HTTP clients of `tower` | no |
//! | `metrics` | `MetricsObserver` | no |
//! | `blocking` | `TokenCache::blocking_access_token` | no |

#![cfg_attr(docsrs, feature(doc_cfg))]

mod cache;
mod clock;
mod credentials;
#[cfg(all(any(test, auth_core_fuzz), feature = "lean", feature = "leanix", feature = "oauth2"))]
#[doc(hidden)]
#[path = "../tests/fuzz/mod.rs"]
pub mod fuzz;
mod http;
mod token;
mod vendor;

pub use auth_transport::{
    BearerError, BuildError, Certificate, CertificateProblem, Challenge, ExpiresIn, Identity, Origins, PayloadProblem,
    ProxyProblem, Secret, Sent, SharedIdentity, SigningAlgorithm, SigningKeyProblem, TokenSource, Transport,
    TransportError, TransportErrorKind,
};
pub use cache::builder::TokenCacheBuilder;
pub use cache::handle::TokenHandle;
pub use cache::issuance_limit::IssuanceLimit;
pub use cache::keep_warm::KeptWarm;
#[cfg(feature = "metrics")]
pub use cache::observe::MetricsObserver;
#[cfg(feature = "tracing")]
pub use cache::observe::TracingObserver;
pub use cache::observe::{Event, EventContext, Observer, Stats};
pub use cache::slot::Rejection;
pub use cache::token_cache::{OldTokens, TokenCache};
pub use clock::{Clock, Moment};
pub use credentials::error::CredentialError;
pub use credentials::file::SecretFile;
pub use credentials::place::{SecretPlace, SecretProblem};
pub use credentials::sources::{ForClient, SecretVariable, SharedCredentials};
pub use credentials::values::{ApiToken, ClientCredentials, CredentialSource};
/// The version of `reqwest` whose types [`BearerClient`] and `BearerMiddleware` use.
#[cfg(any(feature = "reqwest", feature = "reqwest-middleware"))]
pub use reqwest;
pub use token::access_token::{AccessToken, CachedToken, Token};
pub use token::endpoint::{Replaced, TokenEndpoint};
pub use token::error::code::ErrorCode;
pub use token::error::failure_reason::FailureReason;
pub use token::error::metadata::{MetadataError, MetadataProblem};
pub use token::error::not_a_token::NotAToken;
pub use token::error::refused::Refused;
pub use token::error::token_error::TokenError;
pub use token::identity::EndpointIdentity;
pub use token::jwt::{ClaimsError, UnverifiedClaims};
pub use token::response::TokenResponse;
pub use token::scope::{Scope, ScopeError};
#[cfg(feature = "lean")]
pub use vendor::lean::{self, LeanTokenEndpoint};
#[cfg(feature = "leanix")]
pub use vendor::leanix::{self, LeanixTokenEndpoint};
#[cfg(feature = "oauth2")]
pub use vendor::oauth2::authentication::ClientAuthentication;
#[cfg(feature = "oauth2")]
pub use vendor::oauth2::client::OAuth2Client;
#[cfg(feature = "oauth2")]
pub use vendor::oauth2::client_certificate::ClientCertificate;
#[cfg(feature = "oauth2")]
pub use vendor::oauth2::endpoint::OAuth2TokenEndpoint;
#[cfg(feature = "oauth2")]
pub use vendor::oauth2::private_key_jwt::PrivateKeyJwt;

pub use self::http::call_error::CallError;
#[cfg(feature = "reqwest")]
pub use self::http::client::BearerClient;
#[cfg(feature = "tower")]
pub use self::http::layer::{BearerLayer, BearerService, CloneBody, RepeatBody, SendOnce};
#[cfg(feature = "reqwest-middleware")]
pub use self::http::middleware::BearerMiddleware;
#[cfg(feature = "reqwest")]
pub use self::http::request::BearerRequest;
#[cfg(feature = "reqwest")]
pub use self::http::response::{BearerResponse, ResponseError};
