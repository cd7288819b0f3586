//! Certificates of trusted authorities and of clients.

use std::fmt;

use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use zeroize::Zeroizing;

use crate::pem::{Problem, certificates, private_key};
use crate::{BuildError, CertificateProblem};

/// Certificates of authorities, for [`TransportBuilder::add_root_certificate`](crate::TransportBuilder::add_root_certificate)
/// and [`TransportBuilder::only_root_certificates`](crate::TransportBuilder::only_root_certificates).
#[derive(Clone)]
pub struct Certificate(Vec<CertificateDer<'static>>);

impl Certificate {
    /// Reads one or more certificates in PEM format.
    ///
    /// # Errors
    /// [`BuildError::Certificate`] if the text is not in PEM format, contains no certificate, or contains one that
    /// cannot be read.
    ///
    /// ```no_run
    /// use auth_transport::{Certificate, Transport};
    ///
    /// let root = Certificate::from_pem(&std::fs::read("authority.pem")?)?;
    /// let transport = Transport::builder().only_root_certificates([root]).build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_pem(pem: &[u8]) -> Result<Self, BuildError> {
        read(pem).and_then(checked).map_err(BuildError::Certificate)
    }

    /// Reads a certificate in DER format.
    ///
    /// # Errors
    /// [`BuildError::Certificate`] if it cannot be read.
    pub fn from_der(der: &[u8]) -> Result<Self, BuildError> {
        checked(vec![CertificateDer::from(der.to_vec())]).map_err(BuildError::Certificate)
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Certificate").finish_non_exhaustive()
    }
}

/// All certificates of the list.
pub(crate) fn all(certificates: Vec<Certificate>) -> impl Iterator<Item = CertificateDer<'static>> {
    certificates.into_iter().flat_map(|certificate| certificate.0)
}

/// A client certificate with its key, for [`TransportBuilder::identity`](crate::TransportBuilder::identity) and
/// [`SharedIdentity`](crate::SharedIdentity).
///
/// `Debug` does not show it. The key is overwritten on drop; the TLS provider has a copy.
pub struct Identity {
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) key: Zeroizing<PrivateKeyDer<'static>>,
}

impl Identity {
    /// Reads the certificate, the intermediate certificates, and the private key from one text in PEM format.
    ///
    /// # Errors
    /// [`BuildError::Certificate`] if the text is not in PEM format, or contains no certificate or no private key.
    /// Whether the key belongs to the certificate is checked when the transport is built.
    pub fn from_pem(pem: &[u8]) -> Result<Self, BuildError> {
        Self::from_chain_and_key(pem, pem)
    }

    /// Reads the certificate with the intermediate certificates from one text in PEM format, and the private key from another.
    ///
    /// # Errors
    /// As with [`from_pem`](Self::from_pem).
    pub fn from_chain_and_key(chain: &[u8], key: &[u8]) -> Result<Self, BuildError> {
        let key = private_key(key).map_err(|problem| match problem {
            Problem::NoKey => CertificateProblem::NoKey,
            Problem::Pem => CertificateProblem::Pem,
        });
        read(chain).and_then(|chain| key.map(|key| Self { chain, key })).map_err(BuildError::Certificate)
    }
}

impl Clone for Identity {
    fn clone(&self) -> Self {
        Self { chain: self.chain.clone(), key: Zeroizing::new(self.key.clone_key()) }
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Identity").finish_non_exhaustive()
    }
}

/// Reads the certificates of a text, at least one.
fn read(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, CertificateProblem> {
    match certificates(pem) {
        Err(_) => Err(CertificateProblem::Pem),
        Ok(certificates) if certificates.is_empty() => Err(CertificateProblem::NoCertificate),
        Ok(certificates) => Ok(certificates),
    }
}

/// Returns the certificates if each of them can be used as a root certificate.
fn checked(certificates: Vec<CertificateDer<'static>>) -> Result<Certificate, CertificateProblem> {
    let mut store = RootCertStore::empty();
    for certificate in &certificates {
        store.add(certificate.clone()).map_err(|_| CertificateProblem::Certificate)?;
    }
    Ok(Certificate(certificates))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_without_what_is_needed_is_told_so_and_not_repeated() {
        let unread = "-----BEGIN CERTIFICATE-----\nc2VjcmV0\n-----END CERTIFICATE-----\n";
        let key = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n";
        for (text, root, identity) in [
            ("", CertificateProblem::NoCertificate, CertificateProblem::NoCertificate),
            ("s3cret", CertificateProblem::NoCertificate, CertificateProblem::NoCertificate),
            (key, CertificateProblem::NoCertificate, CertificateProblem::NoCertificate),
            (unread, CertificateProblem::Certificate, CertificateProblem::NoKey),
            ("-----BEGIN s3cret", CertificateProblem::Pem, CertificateProblem::Pem),
            ("-----BEGIN CERTIFICATE-----\ns3cret", CertificateProblem::Pem, CertificateProblem::Pem),
        ] {
            let errors = [
                (Certificate::from_pem(text.as_bytes()).err(), root),
                (Identity::from_pem(text.as_bytes()).err(), identity),
            ];
            for (error, expected) in errors {
                let Some(BuildError::Certificate(problem)) = error else { panic!("{text}: {error:?}") };
                assert_eq!(problem, expected, "{text}");
                let shown = format!("{problem:?} {problem}");
                assert!(!shown.contains("s3cret") && !shown.contains("c2VjcmV0"), "{shown}");
            }
        }
        let error = Certificate::from_der(b"s3cret").unwrap_err();
        assert!(matches!(error, BuildError::Certificate(CertificateProblem::Certificate)), "{error:?}");
    }
}
