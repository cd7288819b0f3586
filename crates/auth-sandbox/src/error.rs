use std::{error::Error, fmt, io, net::SocketAddr};

/// Why a sandbox did not start.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// The address is not a loopback address, and [`Builder::beyond_loopback`](crate::Builder::beyond_loopback) was not
    /// called.
    NotLoopback(SocketAddr),
    /// Nothing can listen on this address, most often because something else already does.
    Bind {
        /// The address asked for.
        address: SocketAddr,
        /// What the operating system said.
        source: io::Error,
    },
    /// This credential is empty, which no client could ever send (RFC 6749 §3.2: an empty value counts as omitted).
    EmptyCredential(&'static str),
    /// No certificate can be made of what was asked for, most often because the host is neither a name nor an address.
    Certificate(Box<dyn Error + Send + Sync>),
    /// The operating system gave no randomness, or no signing key came of it.
    Crypto,
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotLoopback(address) => {
                write!(f, "{address} is not a loopback address, and no other was allowed")
            }
            Self::Bind { address, source } if source.kind() == io::ErrorKind::AddrInUse => {
                write!(f, "{address} is already in use; choose another port, or 0 for any free one")
            }
            Self::Bind { address, .. } => write!(f, "cannot listen on {address}"),
            Self::EmptyCredential(name) => write!(f, "the {name} must not be empty"),
            Self::Certificate(_) => f.write_str("could not make a certificate or set up TLS with it"),
            Self::Crypto => f.write_str("could not make random credentials or a signing key"),
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
