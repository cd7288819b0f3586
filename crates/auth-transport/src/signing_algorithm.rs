//! The algorithms with which JSON Web Tokens are signed.

use std::fmt;

use rustls::SignatureScheme;

use crate::jws_signature::fixed_length;

/// How a JSON Web Token is signed: a value of `alg` (RFC 7518 section 3.1, RFC 8037 section 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SigningAlgorithm {
    /// `RS256`: RSA with PKCS #1 v1.5 and SHA-256.
    Rs256,
    /// `PS256`: RSA with PSS and SHA-256.
    Ps256,
    /// `ES256`: ECDSA on the curve P-256 with SHA-256.
    Es256,
    /// `ES384`: ECDSA on the curve P-384 with SHA-384.
    Es384,
    /// `EdDSA` with Ed25519.
    EdDsa,
}

impl SigningAlgorithm {
    pub(crate) const ALL: [Self; 5] = [Self::Rs256, Self::Ps256, Self::Es256, Self::Es384, Self::EdDsa];

    /// The name in the header of a token, for example `ES256`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::EdDsa => "EdDSA",
        }
    }

    /// The algorithm with this name, as [`as_str`](Self::as_str) returns it.
    #[must_use]
    pub fn read(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == name)
    }

    pub(crate) fn scheme(self) -> SignatureScheme {
        match self {
            Self::Rs256 => SignatureScheme::RSA_PKCS1_SHA256,
            Self::Ps256 => SignatureScheme::RSA_PSS_SHA256,
            Self::Es256 => SignatureScheme::ECDSA_NISTP256_SHA256,
            Self::Es384 => SignatureScheme::ECDSA_NISTP384_SHA384,
            Self::EdDsa => SignatureScheme::ED25519,
        }
    }

    /// The signature as JWS has it. TLS has signatures of ECDSA in another form.
    pub(crate) fn signature(self, of_tls: Vec<u8>) -> Option<Vec<u8>> {
        match self {
            Self::Es256 => fixed_length(&of_tls, 32),
            Self::Es384 => fixed_length(&of_tls, 48),
            Self::Rs256 | Self::Ps256 | Self::EdDsa => Some(of_tls),
        }
    }
}

impl fmt::Display for SigningAlgorithm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
