//! A client certificate that is replaced while a transport is in use.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use rustls::client::{ResolvesClientCert, Resumption, WantsClientCert};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, ConfigBuilder, SignatureScheme};

use crate::provider::provider;
use crate::{BuildError, CertificateProblem, Identity};

/// A client certificate with its key that can be replaced while the program runs, for
/// [`TransportBuilder::shared_identity`](crate::TransportBuilder::shared_identity).
///
/// Clones share the certificate: give one to the transport and keep the other to replace it. Connections that are opened
/// after that present the new one; connections that the transport keeps (`keep_connections`) stay as they are. `Debug` does not
/// show it.
///
/// ```no_run
/// use auth_transport::{Identity, SharedIdentity, Transport};
///
/// let identity = SharedIdentity::default();
/// identity.replace(&Identity::from_pem(&std::fs::read("client.pem")?)?)?;
/// let transport = Transport::builder().shared_identity(&identity).build()?;
/// // Later; the next connection uses it.
/// identity.replace(&Identity::from_pem(&std::fs::read("client.pem")?)?)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct SharedIdentity(Arc<Current>);

impl SharedIdentity {
    /// Replaces the certificate of all clones.
    ///
    /// # Errors
    /// [`BuildError::Certificate`] if the key does not belong to the certificate. Then nothing is replaced.
    /// [`BuildError::NoCryptoProvider`] without a TLS provider.
    pub fn replace(&self, identity: &Identity) -> Result<(), BuildError> {
        let Identity { chain, key } = identity;
        // The provider overwrites the key that it is given.
        let certified = CertifiedKey::from_der(chain.clone(), key.clone_key(), &*provider()?);
        let certified = certified.map_err(|_| BuildError::Certificate(CertificateProblem::Key))?;
        *self.0.0.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(certified));
        Ok(())
    }

    /// True if both share one certificate.
    pub(crate) fn is_clone_of(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The TLS settings of a client that presents this certificate.
    pub(crate) fn present(&self, config: ConfigBuilder<ClientConfig, WantsClientCert>) -> ClientConfig {
        let mut config = config.with_client_cert_resolver(Arc::clone(&self.0) as Arc<dyn ResolvesClientCert>);
        // A resumed session stands for the certificate with which it began.
        config.resumption = Resumption::disabled();
        config
    }
}

impl fmt::Debug for SharedIdentity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SharedIdentity").finish_non_exhaustive()
    }
}

/// The certificate that the next connection presents; none until the first one is set.
#[derive(Default)]
struct Current(RwLock<Option<Arc<CertifiedKey>>>);

impl Current {
    fn get(&self) -> Option<Arc<CertifiedKey>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl ResolvesClientCert for Current {
    fn resolve(&self, _authorities: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.get()
    }

    fn has_certs(&self) -> bool {
        self.get().is_some()
    }
}

impl fmt::Debug for Current {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Current(..)")
    }
}
