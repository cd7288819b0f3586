//! A strict local stand-in for the authorization servers of Lean and SAP LeanIX, for tests, examples and the demo.
//!
//! | route | what it stands for |
//! |---|---|
//! | `POST /oauth2/token` | Lean's token endpoint: credentials in the form |
//! | `GET /customers/v1` | a Lean API that wants the scope `api` |
//! | `POST /services/mtm/v1/oauth2/token` | SAP LeanIX's token endpoint: HTTP Basic, user `apitoken` |
//! | `GET /services/poll/v2/pollRuns` | an SAP LeanIX API |
//!
//! It listens on loopback only, answers with signed JWTs that its own resources verify, and refuses whatever the RFCs
//! do not allow: a client that passes here has sent a correct request, not merely one that a lenient server accepts.
//! On top of that, a [`Script`] makes either provider slow, wrong or rude, down to the bytes on the socket. A
//! [`FaultServer`] knows no protocol at all: it does on each connection what it is told, plain or with TLS, whose
//! certificates an [`Authority`] makes on the fly.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), auth_sandbox::StartError> {
//! use auth_sandbox::{Sandbox, Step};
//!
//! let sandbox = Sandbox::start().await?;
//! sandbox.lean().script().push(Step::status(503)); // the first token request fails, the second is answered
//!
//! // ... point the client under test at sandbox.base_url() ...
//!
//! assert_eq!(sandbox.lean().requests(), 0);
//! sandbox.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! The sandbox runs as tasks on the runtime that starts it, a single-threaded one included, and ends with the
//! [`Sandbox`] or with that runtime, whichever goes first.

mod authority;
mod basic;
mod body;
mod builder;
mod conversation;
mod credentials;
mod customers;
mod error;
mod fault_server;
mod form;
mod gate;
mod gzip;
mod host;
mod identity;
mod jwt;
mod lean;
mod leanix;
mod media_type;
mod observe;
mod patience;
mod problem;
mod provider;
mod random;
mod raw;
mod record;
mod refusal;
mod reply;
mod resource;
mod routes;
mod sandbox;
mod script;
mod server;
mod shown;
mod state;
mod tls;
mod token_endpoint;
mod token_reply;
mod vendor;

pub use authority::{Authority, Certificate};
pub use builder::Builder;
pub use conversation::Conversation;
pub use error::StartError;
pub use fault_server::{FaultServer, FaultServerBuilder};
pub use gate::Gate;
pub use identity::ServerIdentity;
pub use observe::{Endpoint, Exchange};
pub use provider::Provider;
pub use raw::Raw;
pub use record::RecordedRequest;
pub use reply::Reply;
pub use sandbox::Sandbox;
pub use script::{Script, Step};
pub use tls::Tls;
pub use token_reply::TokenReply;
pub use vendor::Vendor;
