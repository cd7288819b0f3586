//! Clients that authenticate with a certificate (RFC 8705 section 2).

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use auth_transport::{BaseUrl, BuildError, Identity, Secret, SharedIdentity, Transport};

use crate::credentials::error::CredentialError;
use crate::credentials::file::SecretFile;
use crate::credentials::values::{CredentialSource, check};
use crate::token::identity::EndpointIdentity;
use crate::vendor::oauth2::authentication::ClientAuthentication;
use crate::vendor::oauth2::client::{Authenticate, Presented};
use crate::vendor::oauth2::metadata::Requirement;

/// A client that authenticates with a certificate when it connects (mutual TLS): `tls_client_auth` or
/// `self_signed_tls_client_auth` (RFC 8705 section 2).
///
/// Certificate and key are read before each token request, and a connection presents those that were read last: they can be
/// replaced without a restart. If they do not belong together, they are read once more, since they may just have been
/// replaced one after the other. If the metadata of the issuer has an alias for clients with a certificate (RFC 8705 section
/// 5), requests go there.
///
/// ```no_run
/// use auth_core::{ClientCertificate, OAuth2TokenEndpoint, TokenCache};
///
/// # fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let client = ClientCertificate::from_files("my-client-id", "/etc/my-application/chain.pem", "/etc/my-application/key.pem");
/// let tokens = TokenCache::new(OAuth2TokenEndpoint::new("https://auth.example.com/oauth2/token", client)?);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct ClientCertificate<C = SecretFile, K = SecretFile> {
    client_id: String,
    chain: C,
    key: K,
    identity: SharedIdentity,
    /// What the identity was read from.
    presented: Arc<Mutex<Option<PemIdentity>>>,
}

impl ClientCertificate {
    /// A client with the certificate chain and the key in these files, in PEM format. The key must not be readable by every
    /// user, see [`SecretFile`]; the chain may be.
    #[must_use]
    pub fn from_files(client_id: impl Into<String>, chain: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        let chain = SecretFile::new(chain).permit_readable_by_others().permit_line_breaks();
        Self::new(client_id, chain, SecretFile::new(key).permit_line_breaks())
    }
}

impl<C: CredentialSource<Secret>, K: CredentialSource<Secret>> ClientCertificate<C, K> {
    /// A client with a certificate chain and a key in PEM format from these sources. The chain begins with the certificate
    /// of the client; the key is not encrypted.
    #[must_use]
    pub fn new(client_id: impl Into<String>, chain: C, key: K) -> Self {
        let (identity, presented) = (SharedIdentity::default(), Arc::default());
        Self { client_id: client_id.into(), chain, key, identity, presented }
    }

    /// The certificate that connections present, for a transport of your own:
    /// `Transport::builder().shared_identity(client.shared_identity())`. It is set before the first token request.
    #[must_use]
    pub fn shared_identity(&self) -> &SharedIdentity {
        &self.identity
    }

    async fn read(&self) -> Result<PemIdentity, CredentialError> {
        Ok(PemIdentity { chain: self.chain.credentials().await?, key: self.key.credentials().await? })
    }

    /// Makes connections present this certificate from now on.
    fn set(&self, pem: &PemIdentity) -> Result<(), CredentialError> {
        let mut presented = self.presented.lock().unwrap_or_else(PoisonError::into_inner);
        if presented.as_ref() != Some(pem) {
            let identity = Identity::from_chain_and_key(pem.chain.as_ref(), pem.key.as_ref());
            let set = identity.and_then(|identity| self.identity.replace(&identity));
            set.map_err(|error: BuildError| CredentialError::unavailable(error.to_string()))?;
            *presented = Some(pem.clone());
        }
        Ok(())
    }
}

/// A certificate and its key, as they were read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PemIdentity {
    chain: Secret,
    key: Secret,
}

impl<C: CredentialSource<Secret>, K: CredentialSource<Secret>> Authenticate for ClientCertificate<C, K> {
    type Credentials = PemIdentity;

    async fn current(&self) -> Result<PemIdentity, CredentialError> {
        check("client_id", &self.client_id)?;
        let mut pem = self.read().await?;
        if self.set(&pem).is_err() {
            pem = self.read().await?;
            self.set(&pem)?;
        }
        Ok(pem)
    }

    fn is_same(one: &PemIdentity, other: &PemIdentity) -> bool {
        one == other
    }

    fn requirement(&self, _: &PemIdentity, _: ClientAuthentication) -> Result<Requirement, CredentialError> {
        let methods = &["tls_client_auth", "self_signed_tls_client_auth"];
        Ok(Requirement { methods, algorithm: None, certificate: true })
    }

    fn present(&self, _: &PemIdentity, _: ClientAuthentication, _: &str) -> Result<Presented, CredentialError> {
        Ok(Presented::Certificate(self.client_id.clone()))
    }

    fn identity(&self, pem: &PemIdentity, issuer: &str) -> EndpointIdentity {
        // The server may bind a token to the certificate (RFC 8705 section 3), which is public.
        EndpointIdentity::new(issuer, &self.client_id, &pem.chain)
            .with_parameter("client authentication", &Secret::from("tls_client_auth"))
    }

    fn is_presented_by(&self, transport: &Transport) -> bool {
        transport.presents(&self.identity)
    }

    fn transport(&self, _: &BaseUrl) -> Result<Transport, BuildError> {
        Transport::builder().shared_identity(&self.identity).build()
    }
}
