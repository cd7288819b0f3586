//! The TLS provider, which has the cryptography of all clients.

use std::sync::Arc;

use rustls::crypto::CryptoProvider;

use crate::BuildError;

/// The providers that this crate was built with, the preferred one first.
const BUILT_IN: &[fn() -> CryptoProvider] = &[
    #[cfg(feature = "aws-lc-rs")]
    rustls::crypto::aws_lc_rs::default_provider,
    #[cfg(feature = "ring")]
    rustls::crypto::ring::default_provider,
];

/// Returns the provider of the process, otherwise the first built-in one. It is not installed for the process: only the
/// program may do that.
pub(crate) fn provider() -> Result<Arc<CryptoProvider>, BuildError> {
    let installed = CryptoProvider::get_default().cloned();
    installed.or_else(|| Some(Arc::new(BUILT_IN.first()?()))).ok_or(BuildError::NoCryptoProvider)
}
