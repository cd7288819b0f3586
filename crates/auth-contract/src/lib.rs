//! Checks what clients and authorization servers really send against the OpenAPI documents of the vendors.
//!
//! A recorder sits between the generated clients and a server and keeps what goes over the client's socket. Each
//! exchange is judged by the vendor's document as published, by the same document after its overlay, and by RFC 6749;
//! by a JSON Schema validator, not by the generated types. What may be a secret is never shown, only its length.
//!
//! [`local()`] asks the sandbox, [`live()`] a real server, [`agreement`] compares the generated types with the schemas. `cargo xtask contract` is the program.

mod coverage;
mod document;
mod doubt;
mod error;
mod exchange;
mod expected;
mod finding;
mod judge;
mod live;
mod local;
mod message;
mod names;
mod oauth2;
mod recorder;
mod report;
mod session;
mod settings;
mod shown;
mod types;
mod upstream;

pub use document::{Document, Documents, Layer};
pub use error::RunError;
pub use exchange::Exchange;
pub use expected::Expected;
pub use finding::{Finding, Place, Severity, Side};
pub use judge::judge;
pub use live::live;
pub use local::{Run, local};
pub use report::{CaseReport, DocumentReport, Report, Status, Verdict};
pub use session::Recorded;
pub use settings::Target;
pub use shown::ShownExchange;
pub use types::{TypeReport, agreement};
