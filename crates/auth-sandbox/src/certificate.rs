//! The settings of a certificate.

use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, date_time_ymd};

use crate::StartError;

/// The settings of a certificate: a host, and by default a validity from 2000 to 3000.
#[derive(Clone, Debug)]
pub struct Certificate {
    host: String,
    /// The years in which the validity begins and ends.
    years: (i32, i32),
}

impl Certificate {
    /// A certificate for this DNS name or IP address.
    #[must_use]
    pub fn for_host(host: &str) -> Self {
        Self { host: host.to_owned(), years: (2000, 3000) }
    }

    /// Makes the certificate expired since 2001.
    #[must_use]
    pub fn expired(mut self) -> Self {
        self.years = (2000, 2001);
        self
    }

    /// Makes the certificate valid only from 2999.
    #[must_use]
    pub fn not_yet_valid(mut self) -> Self {
        self.years = (2999, 3000);
        self
    }

    pub(crate) fn parameters(self, usage: ExtendedKeyUsagePurpose) -> Result<CertificateParams, StartError> {
        let mut parameters = CertificateParams::new([self.host.clone()]).map_err(unusable)?;
        parameters.distinguished_name.push(DnType::CommonName, self.host);
        parameters.not_before = date_time_ymd(self.years.0, 1, 1);
        parameters.not_after = date_time_ymd(self.years.1, 1, 1);
        parameters.extended_key_usages = vec![usage];
        Ok(parameters)
    }
}

pub(crate) fn new_key() -> Result<KeyPair, StartError> {
    KeyPair::generate().map_err(unusable)
}

pub(crate) fn unusable(error: impl std::error::Error + Send + Sync + 'static) -> StartError {
    StartError::Certificate(Box::new(error))
}
