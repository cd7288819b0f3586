//! The runtime of all generated clients of this workspace: a type for secrets, an HTTP client with safe settings, and
//! errors that show no bytes of a response.
//!
//! - [`Secret`] holds a credential or a token: redacted in `Debug`, without `Display`, overwritten in memory on drop,
//!   and serialized only while a request is being built.
//! - [`Transport`] is an HTTP client that does not follow redirects, uses plain HTTP for loopback addresses only, has
//!   one timeout for the whole exchange, and limits the size of bodies.
//! - [`ByteStream`] is a streaming body without a size limit.
//! - [`FilePart`] is a file in a multipart body.
//! - [`FurtherMembers`] holds the members of an object that its schema does not name, and [`Json`] any JSON with all of its digits.
//! - [`Received`] holds a member of an answer as the server sent it. A [`DriftObserver`] receives the deviations from the document.
//! - [`TokenSource`] provides the bearer tokens of requests.
//! - [`Error`] states cause, operation and server without showing the request or the response.
//! - [`reqwest`] is re-exported, since types such as proxies are part of this API.
//!
//! Generated crates use [`Call`] and [`Parameter`]; programs rarely do. [`generated_code_version!`] is only for generated crates.
//!
//! ```
//! use std::time::Duration;
//! use auth_transport::Transport;
//!
//! let transport = Transport::builder()
//!     .timeout(Duration::from_secs(10))
//!     .body_limit(64 * 1024)
//!     .build()?;
//! # Ok::<(), auth_transport::BuildError>(())
//! ```
//!
//! # Features
//!
//! | feature | adds | default |
//! |---|---|---|
//! | `aws-lc-rs` | TLS with the cryptography of `aws-lc-rs` | yes |
//! | `ring` | TLS with the cryptography of `ring`, unless `aws-lc-rs` is on as well | no |
//! | `tracing` | `TracingDriftObserver` | no |
//! | `metrics` | `MetricsDriftObserver` | no |
//! | `decimal` | [`Decimal`] and [`DecimalNumber`], for `format: decimal` | no |
//!
//! A TLS provider that the program installed for its process, with `rustls::crypto::CryptoProvider::install_default`,
//! takes precedence over both. With neither feature, the program must install one before it builds a client;
//! [`BuildError::NoCryptoProvider`] says if there is none.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod base_url;
mod basic;
mod body;
mod build_error;
mod call;
mod certificate;
mod challenge;
mod classify;
mod coding;
mod descriptors;
mod drift_observer;
mod error;
#[doc(hidden)]
pub mod example;
mod exchange;
mod expires_in;
mod failure;
mod generated_code_version;
mod jws_signature;
mod limits;
mod number;
mod object;
mod operation;
mod origins;
mod outcome;
mod pem;
mod provider;
mod proxy;
mod raw_body;
mod reading;
mod refusal;
mod registered_codes;
mod secret;
mod segment;
mod sending;
mod sending_parts;
mod sent;
mod shared_identity;
mod signing_algorithm;
mod signing_key;
mod stream;
mod tls;
mod token_source;
mod token_unavailable;
mod token_url;
mod transport;
mod transport_builder;
mod wipe;
mod wire;

pub use base_url::{BaseUrl, dns_label};
pub use basic::BasicCredentials;
pub use build_error::{
    BaseUrlProblem, BuildError, CertificateProblem, LabelProblem, SigningKeyProblem, TokenUrlProblem,
};
pub use call::Call;
pub use certificate::{Certificate, Identity};
pub use challenge::{BearerError, Challenge};
#[cfg(feature = "metrics")]
pub use drift_observer::MetricsDriftObserver;
#[cfg(feature = "tracing")]
pub use drift_observer::TracingDriftObserver;
pub use drift_observer::{DriftEvent, DriftObserver};
pub use error::{Error, PayloadError};
pub use expires_in::ExpiresIn;
pub use failure::{ProxyProblem, TransportError, TransportErrorKind};
pub use limits::TimeLimit;
pub use operation::{ClientCredentialsFlow, CredentialKind, Operation, Requirement};
pub use origins::Origins;
pub use progenitor_client::ResponseValue;
#[cfg(feature = "decimal")]
pub use reading::DecimalNumber;
#[doc(hidden)]
pub use reading::present;
pub use reading::read_open_enum;
pub use reading::union;
pub use reading::{
    Confidential, Drift, DriftKind, NoValue, Nullable, NullableConfidential, PayloadProblem, Plain, ReadError, Reading,
    Received, Treatment, read_json,
};
pub use reading::{FurtherMembers, Json};
pub use reading::{InvalidText, Verbatim};
pub use refusal::{Refusal, RequestError, RequestProblem, UnexpectedStatus};
pub use reqwest;
#[cfg(feature = "decimal")]
pub use rust_decimal::Decimal;
pub use secret::Secret;
pub use segment::path_segment;
pub use sending_parts::{Encoding, FilePart, Parameter, ParameterStyle, form_body, multipart_body, query_value};
pub use sent::Sent;
pub use shared_identity::SharedIdentity;
pub use signing_algorithm::SigningAlgorithm;
pub use signing_key::SigningKey;
pub use stream::ByteStream;
pub use token_source::{AnyToken, Attempt, TokenSource, Tokens};
pub use token_unavailable::TokenUnavailable;
pub use token_url::TokenUrl;
pub use transport::Transport;
pub use transport_builder::TransportBuilder;
