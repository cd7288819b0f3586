//! Checks real traffic of clients and authorization servers against the vendors' OpenAPI documents.
//!
//! A recorder between the generated clients and a server records the traffic on the client's socket. Each exchange is
//! compared with the vendor's document as published, with the same document after its overlay, and with RFC 6749. A
//! JSON Schema validator checks JSON, independently of the generated types. Values that may be secret are replaced by
//! their length.
//!
//! [`local()`] checks the sandbox, [`live()`] a real server, and [`agreement`] compares the generated types with the
//! schemas. The program is `cargo xtask contract`.

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
mod pointer;
mod recorder;
mod redacted;
mod report;
mod schemas;
mod session;
mod settings;
mod types;
mod upstream;

pub use document::{ContractDocument, Documents, Layer};
pub use error::RunError;
pub use exchange::Exchange;
pub use expected::Expected;
pub use finding::{Finding, Place, Severity, Side};
pub use judge::judge;
pub use live::live;
pub use local::{Run, local};
pub use redacted::RedactedExchange;
pub use report::{CaseReport, DocumentReport, Report, Status, Verdict};
pub use session::Recorded;
pub use settings::Target;
pub use types::{TypeReport, agreement};
