use std::{error::Error, fmt, io, net::SocketAddr};

/// Why a sandbox did not start.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// The address is not a loopback address, and [`Builder::beyond_loopback`](crate::Builder::beyond_loopback) was not
    /// called.
    NotLoopback(SocketAddr),
    /// The server cannot listen on this address, usually because the port is in use.
    Bind {
        /// The address.
        address: SocketAddr,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The named credential is empty, which no client can send (RFC 6749 §3.2: an empty value counts as omitted).
    EmptyCredential(&'static str),
    /// The certificate cannot be created, usually because the host is neither a DNS name nor an IP address.
    Certificate(Box<dyn Error + Send + Sync>),
    /// The operating system provided no randomness, or a signing key could not be generated.
    Crypto,
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotLoopback(address) => {
                write!(f, "{address} is not a loopback address; call `beyond_loopback` to permit it")
            }
            Self::Bind { address, source } if source.kind() == io::ErrorKind::AddrInUse => {
                write!(f, "{address} is already in use; choose another port, or 0 for any free one")
            }
            Self::Bind { address, .. } => write!(f, "cannot listen on {address}"),
            Self::EmptyCredential(name) => write!(f, "the {name} must not be empty"),
            Self::Certificate(_) => f.write_str("cannot create a certificate or set up TLS with it"),
            Self::Crypto => f.write_str("cannot generate random credentials or a signing key"),
        }
    }
}

impl Error for StartError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Bind { source, .. } => Some(source),
            Self::Certificate(source) => Some(source.as_ref()),
            Self::NotLoopback(_) | Self::EmptyCredential(_) | Self::Crypto => None,
        }
    }
}
