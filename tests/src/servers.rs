//! Servers that give everybody the same answer.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use auth_sandbox::{FaultServer, Raw};

/// A server that reads a request on each connection, answers with these bytes, whatever they are, and closes.
#[must_use]
pub fn answering(bytes: impl Into<Vec<u8>>) -> FaultServer {
    FaultServer::start(Raw::new(bytes.into())).unwrap()
}

/// A server that answers with this status line, these header lines and this body, and says how long it is.
#[must_use]
pub fn responding(status: &str, headers: &[&str], body: &str) -> FaultServer {
    FaultServer::start(Raw::response(status, headers, body.to_owned())).unwrap()
}
