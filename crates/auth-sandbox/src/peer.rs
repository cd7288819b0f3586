//! How a client is connected.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;

/// How the client of a request is connected, as an extension of the request.
#[derive(Clone)]
pub(crate) enum Peer {
    Plain,
    /// With TLS and this certificate chain, which is empty if the client presented none.
    Tls(Arc<[CertificateDer<'static>]>),
}

impl Peer {
    pub(crate) fn chain(&self) -> &[CertificateDer<'static>] {
        match self {
            Self::Plain => &[],
            Self::Tls(chain) => chain,
        }
    }
}
