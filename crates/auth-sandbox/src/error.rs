use std::error::Error;
use std::io;
use std::net::SocketAddr;

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The address is not a loopback address, and [`Builder::beyond_loopback`](crate::Builder::beyond_loopback) was not
    /// called.
    #[error("{0} is not a loopback address; call `beyond_loopback` to permit it")]
    NotLoopback(SocketAddr),
    /// The server cannot listen on this address, usually because the port is in use.
    #[error("{}", unbound(.address, .source))]
    Bind {
        /// The address.
        address: SocketAddr,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The named credential is empty, which no client can send (RFC 6749 §3.2: an empty value counts as omitted).
    #[error("the {0} must not be empty")]
    EmptyCredential(&'static str),
    /// The certificate cannot be created, usually because the host is neither a DNS name nor an IP address.
    #[error("cannot create a certificate or set up TLS with it")]
    Certificate(#[source] Box<dyn Error + Send + Sync>),
    /// The sandbox has no TLS, because [`Builder::tls`](crate::Builder::tls) was not called.
    #[error("the sandbox has no TLS; call `tls` of its builder")]
    NoTls,
    /// The operating system provided no randomness, or a signing key could not be generated.
    #[error("cannot generate random credentials or a signing key")]
    Crypto,
}

/// The message for an address that the server cannot listen on.
fn unbound(address: &SocketAddr, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => format!("{address} is already in use; choose another port, or 0 for any free one"),
        _ => format!("cannot listen on {address}"),
    }
}
