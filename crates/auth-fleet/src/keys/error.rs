//! What is wrong with a text of keys.

use auth_core::CredentialError;

/// Why there are no keys. Holds no part of them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeysError {
    /// The source has no keys.
    #[error(transparent)]
    Source(#[from] CredentialError),
    /// A line is not a key.
    #[error("line {line} of the keys is not 32 bytes in Base64; create a key with `openssl rand -base64 32`")]
    Line {
        /// The number of the line, from 1.
        line: usize,
    },
    /// Two lines have the same key.
    #[error("line {line} of the keys repeats the key of line {first}; remove one of them")]
    Repeated {
        /// The number of the line, from 1.
        line: usize,
        /// The number of the first line with this key.
        first: usize,
    },
    /// There are not enough keys.
    #[error("the keys need at least two lines and have {found}: the first key names entries, the second seals them")]
    TooFew {
        /// The number of keys.
        found: usize,
    },
}
