//! Why a client cannot be built.

use std::error::Error as StdError;
use std::fmt;

use crate::classify::causes;
use crate::descriptors;
use crate::{BaseUrlProblem, LabelProblem};

/// Why a client cannot be built.
#[derive(Debug)]
#[non_exhaustive]
pub enum BuildError {
    /// The base URL breaks a rule.
    BaseUrl(BaseUrlProblem),
    /// A variable of a server's URL breaks a rule.
    Variable {
        /// The variable's name in the document.
        name: &'static str,
        /// The rule.
        problem: LabelProblem,
    },
    /// The system has no root certificates, as in a container that was built from nothing, or `SSL_CERT_FILE` and `SSL_CERT_DIR`
    /// name none that can be read. Install the package `ca-certificates`, or call
    /// [`only_root_certificates`](crate::TransportBuilder::only_root_certificates) or
    /// [`add_root_certificate`](crate::TransportBuilder::add_root_certificate).
    NoRootCertificates,
    /// The root certificates cannot be read, because the process, or the system, has as many files open as it may have.
    TooManyOpenFiles,
    /// The HTTP client cannot be set up.
    Client(reqwest::Error),
}

impl BuildError {
    /// Converts the error of building a `reqwest` client.
    pub(crate) fn of(error: reqwest::Error) -> Self {
        if !causes(&error).any(is_without_roots) {
            return Self::Client(error);
        }
        // Files that cannot be opened are skipped, whatever the reason.
        if descriptors::are_exhausted() { Self::TooManyOpenFiles } else { Self::NoRootCertificates }
    }
}

/// Whether the platform verifier found no root certificates. It has no type for that; a test builds a transport without any, so a
/// change of wording shows.
fn is_without_roots(cause: &(dyn StdError + 'static)) -> bool {
    matches!(cause.downcast_ref(), Some(rustls::Error::General(text)) if text.starts_with("No CA certificates were loaded"))
}

impl fmt::Display for BuildError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BaseUrl(problem) => write!(formatter, "base URL: {problem}"),
            Self::Variable { name, problem } => write!(formatter, "{name}: {problem}"),
            Self::NoRootCertificates => formatter.write_str(
                "no root certificates were found to check servers with: install the package `ca-certificates`, let SSL_CERT_FILE or \
                 SSL_CERT_DIR name where they are, or set your own with `only_root_certificates`",
            ),
            Self::TooManyOpenFiles => formatter.write_str(
                "the root certificates cannot be read: too many open files; raise the limit of the process (`ulimit -n`), or close \
                 files and connections that are no longer needed",
            ),
            Self::Client(_) => {
                formatter.write_str("the HTTP client cannot be set up with these certificates and settings")
            }
        }
    }
}

impl StdError for BuildError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Client(error) => Some(error),
            Self::BaseUrl(_) | Self::Variable { .. } | Self::NoRootCertificates | Self::TooManyOpenFiles => None,
        }
    }
}
