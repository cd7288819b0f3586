//! Why a client cannot be built.

use std::error::Error as StdError;
use std::fmt;

use crate::SigningAlgorithm;

/// Why a client cannot be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The base URL breaks a rule.
    #[error("base URL: {0}")]
    BaseUrl(BaseUrlProblem),
    /// The URL of a token endpoint breaks a rule.
    #[error("token URL: {0}")]
    TokenUrl(TokenUrlProblem),
    /// A variable of a server's URL breaks a rule.
    #[error("{name}: {problem}")]
    Variable {
        /// The variable's name in the document.
        name: &'static str,
        /// The rule.
        problem: LabelProblem,
    },
    /// The system has no root certificates, for example in a container without a base image, or the files that
    /// SSL_CERT_FILE and SSL_CERT_DIR name cannot be read. Install the package `ca-certificates`, or call
    /// [`only_root_certificates`](crate::TransportBuilder::only_root_certificates).
    #[error(
        "no root certificates were found: install the package `ca-certificates`, set SSL_CERT_FILE or SSL_CERT_DIR to their \
         location, or set your own with `only_root_certificates`"
    )]
    NoRootCertificates,
    /// The root certificates cannot be read, because the process or the system has reached its limit of open files.
    #[error(
        "the root certificates cannot be read: too many open files; raise the limit of the process (`ulimit -n`), or close \
         files and connections that are no longer needed"
    )]
    TooManyOpenFiles,
    /// No TLS provider is available: the features `aws-lc-rs` and `ring` are disabled, and the program has not installed
    /// one for its process.
    #[error(
        "there is no TLS provider: enable the feature `aws-lc-rs` or `ring`, or install a provider with \
         `rustls::crypto::CryptoProvider::install_default` before the client is built"
    )]
    NoCryptoProvider,
    /// A certificate or a private key is wrong.
    #[error("certificate: {0}")]
    Certificate(CertificateProblem),
    /// A private key that signs tokens is wrong.
    #[error("private key: {0}")]
    SigningKey(SigningKeyProblem),
    /// TLS cannot be set up.
    #[error("TLS cannot be set up with the TLS provider of this process")]
    Tls(#[source] Box<dyn StdError + Send + Sync>),
    /// The HTTP client cannot be set up.
    #[error("the HTTP client cannot be set up with these settings")]
    Client(#[source] reqwest::Error),
}

/// What is wrong with a private key that signs tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SigningKeyProblem {
    /// The text is not in PEM format.
    Pem,
    /// The text holds no private key that is not encrypted.
    NoKey,
    /// The key cannot be read, or the TLS provider does not support its type.
    Unsupported,
    /// The key cannot sign with this algorithm.
    Algorithm(SigningAlgorithm),
    /// The TLS provider cannot sign.
    Signing,
    /// The system provides no random numbers.
    NoRandomness,
}

impl fmt::Display for SigningKeyProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Pem => "the text is not in PEM format",
            Self::NoKey => {
                "the text holds no private key (`-----BEGIN PRIVATE KEY-----`); decrypt a key that is encrypted"
            }
            Self::Unsupported => {
                "it cannot be read, or the TLS provider does not support its type; use RSA with 2048 bits or more, the \
                 curve P-256 or P-384, or Ed25519"
            }
            Self::Algorithm(algorithm) => {
                return write!(formatter, "it cannot sign with {algorithm}; use another algorithm or another key");
            }
            Self::Signing => "the TLS provider cannot sign with it",
            Self::NoRandomness => "the system provides no random numbers",
        })
    }
}

/// The rule that a base URL breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BaseUrlProblem {
    /// It is not an absolute URL with a host.
    NotAUrl,
    /// It is neither `https` nor `http` to a loopback address.
    NotHttps,
    /// Its host holds a character that is not ASCII.
    NotAscii,
    /// It holds a user name or a password.
    UserInformation,
    /// It holds a query or a fragment.
    QueryOrFragment,
    /// It is not in normal form: the URL standard silently changes its host, port or path, as in `127.1`,
    /// `%61uth.example.com`, a backslash or `/a/../b`.
    NotAsWritten,
}

impl fmt::Display for BaseUrlProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NotAUrl => "not an absolute URL with a host, such as https://auth.example.com",
            Self::NotHttps => "not https; plain http is accepted for loopback addresses only",
            Self::NotAscii => {
                "the host holds characters that are not ASCII; write an internationalized name in its `xn--` form"
            }
            Self::UserInformation => "holds a user name or password; give credentials separately",
            Self::QueryOrFragment => "holds a query or fragment; leave out everything from `?` or `#` on",
            Self::NotAsWritten => {
                "the host, port or path is not in normal form, so clients would change it; \
                 write it without `%` in the host, backslashes, `..` and short forms of IP addresses, such as \
                 https://auth.example.com/path"
            }
        })
    }
}

/// The rule that the URL of a token endpoint breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenUrlProblem {
    /// Without its query, it breaks a rule of base URLs.
    Url(BaseUrlProblem),
    /// It holds a fragment.
    Fragment,
    /// Its query holds characters that the URL standard silently changes, such as white space, quotes and letters that are not
    /// ASCII.
    Query,
}

impl fmt::Display for TokenUrlProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Url(problem) => return problem.fmt(formatter),
            Self::Fragment => "holds a fragment; leave out everything from `#` on",
            Self::Query => {
                "the query holds characters that clients would change, such as white space, quotes or letters that are not \
                 ASCII; percent-encode them"
            }
        })
    }
}

/// The rule that a label of a host name breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LabelProblem {
    /// It is empty.
    Empty,
    /// It is longer than 63 characters.
    TooLong,
    /// It holds something other than ASCII letters, digits and hyphens.
    Character,
    /// It starts or ends with a hyphen.
    Hyphen,
}

impl fmt::Display for LabelProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Empty => "empty",
            Self::TooLong => "longer than 63 characters",
            Self::Character => "holds something other than ASCII letters, digits and hyphens",
            Self::Hyphen => "starts or ends with a hyphen",
        })
    }
}

/// What is wrong with a certificate or a private key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CertificateProblem {
    /// The text is not in PEM format.
    Pem,
    /// The text holds no certificate.
    NoCertificate,
    /// The text holds no private key.
    NoKey,
    /// It is not an X.509 certificate.
    Certificate,
    /// The private key does not belong to the certificate, or the TLS provider does not support its type.
    Key,
    /// Root certificates cannot be added to those of this system.
    Unsupported,
}

impl fmt::Display for CertificateProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Pem => "the text is not in PEM format",
            Self::NoCertificate => "the text holds no certificate (`-----BEGIN CERTIFICATE-----`)",
            Self::NoKey => "the text holds no private key (`-----BEGIN PRIVATE KEY-----`)",
            Self::Certificate => "it cannot be read as an X.509 certificate",
            Self::Key => {
                "the private key does not belong to the certificate, or the TLS provider does not support its type"
            }
            Self::Unsupported => {
                "root certificates cannot be added to those of this system; trust only yours with `only_root_certificates`"
            }
        })
    }
}
