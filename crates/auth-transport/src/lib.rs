//! What every generated client of this workspace stands on: secrets that stay secret, an HTTP client with safe
//! settings, and errors that carry no response bytes.
//!
//! - [`Secret`] holds a credential or a token: redacted in `Debug`, without `Display`, wiped from memory on drop, and
//!   serialized only while a request is being built.
//! - [`Transport`] is an HTTP client that follows no redirect, speaks plain HTTP to loopback addresses only, has one
//!   deadline for the whole exchange, and stops reading a body at a limit.
//! - [`ByteStream`] is a body without a limit, handed on as it comes.
//! - [`Error`] says what went wrong without repeating what was sent or received.
//!
//! Generated crates call [`Call`]; programs rarely do.
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

mod base_url;
mod basic;
mod body;
mod call;
mod challenge;
mod coding;
mod error;
mod exchange;
mod expires_in;
mod failure;
mod limits;
mod object;
mod operation;
mod origins;
mod outcome;
mod proxy;
mod raw_body;
mod refusal;
mod registered_codes;
mod secret;
mod segment;
mod sending;
mod sent;
mod stream;
mod token_source;
mod token_unavailable;
mod transport;
mod wipe;
mod wire;

pub use base_url::{BaseUrl, BaseUrlProblem, LabelProblem, dns_label};
pub use basic::BasicCredentials;
pub use call::Call;
pub use challenge::{BearerError, Challenge};
pub use error::{BuildError, Error, PayloadError, PayloadProblem};
pub use expires_in::ExpiresIn;
pub use failure::{ProxyProblem, TransportError, TransportErrorKind};
pub use limits::TimeLimit;
pub use operation::{CredentialKind, Operation, Requirement};
pub use origins::Origins;
pub use progenitor_client::ResponseValue;
pub use refusal::{Refusal, RequestError, RequestProblem, UnexpectedStatus};
pub use secret::Secret;
pub use segment::path_segment;
pub use sent::Sent;
pub use stream::ByteStream;
pub use token_source::{AnyToken, Attempt, TokenSource, Tokens};
pub use token_unavailable::TokenUnavailable;
pub use transport::{Transport, TransportBuilder};
