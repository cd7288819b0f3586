//! A port that refuses connections.
//!
//! Tests that cannot depend on this package include this file by its path. So it uses the standard library only.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};

/// A port of this machine that refuses connections as long as this value exists.
///
/// A port that was merely freed may get a server at any time, that of another test. This one is the local port of an open
/// connection, so nothing else can listen on it.
#[derive(Debug)]
pub struct ClosedPort {
    connection: TcpStream,
    /// Keeps the connection open.
    _server: TcpListener,
}

impl ClosedPort {
    /// Takes a port.
    ///
    /// # Panics
    /// If this machine has no free port.
    #[must_use]
    pub fn new() -> Self {
        let server = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let connection = TcpStream::connect(server.local_addr().unwrap()).unwrap();
        Self { connection, _server: server }
    }

    /// Its address on loopback.
    ///
    /// # Panics
    /// Never: an open connection has an address.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.connection.local_addr().unwrap()
    }
}

impl Default for ClosedPort {
    fn default() -> Self {
        Self::new()
    }
}
