//! Servers that send the same response to every client.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use auth_sandbox::{FaultServer, Raw};

/// A server that reads a request on each connection, sends these bytes, which can be invalid HTTP, and closes the
/// connection.
#[must_use]
pub fn answering(bytes: impl Into<Vec<u8>>) -> FaultServer {
    FaultServer::start(Raw::new(bytes.into())).unwrap()
}

/// A server that sends this status line, these header lines and this body, with its length.
#[must_use]
pub fn responding(status: &str, headers: &[&str], body: &str) -> FaultServer {
    FaultServer::start(Raw::response(status, headers, body.to_owned())).unwrap()
}
