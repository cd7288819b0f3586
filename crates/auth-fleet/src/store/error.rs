//! Why a store does not do what it was asked to do.

use std::borrow::Cow;
use std::fmt;

/// Why a store does not do what it was asked to do. Holds no key, no token and no bytes of the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreError {
    kind: StoreErrorKind,
    detail: Cow<'static, str>,
}

/// What is wrong with a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// There is no connection, or it broke.
    Unreachable,
    /// There was no answer in time.
    Timeout,
    /// The store is a replica that only answers reads, or on a read-only file system.
    ReadOnly,
    /// The store has no memory or no disk space left.
    Full,
    /// The store does not accept the user, the password or the command.
    Denied,
    /// The address or a setting of the store is not usable.
    Configuration,
    /// The store answered something unexpected.
    Protocol,
    /// Another failure of the operating system.
    System,
}

impl StoreError {
    /// An error of this kind; `detail` says more, such as the error code of the store. It must hold nothing confidential.
    #[must_use]
    pub fn new(kind: StoreErrorKind, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, detail: detail.into() }
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> StoreErrorKind {
        self.kind
    }
}

impl StoreErrorKind {
    /// The kind as a word, for the label of a metric.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Timeout => "timeout",
            Self::ReadOnly => "read_only",
            Self::Full => "full",
            Self::Denied => "denied",
            Self::Configuration => "configuration",
            Self::Protocol => "protocol",
            Self::System => "system",
        }
    }

    fn sentence(self) -> &'static str {
        match self {
            Self::Unreachable => "the store cannot be reached",
            Self::Timeout => "the store did not answer in time",
            Self::ReadOnly => "the store is read-only; connect to the primary, or mount the file system writable",
            Self::Full => "the store is full; give it more memory or disk space",
            Self::Denied => "the store refused access; check the user, the password and its permissions",
            Self::Configuration => "the store cannot be used as configured",
            Self::Protocol => "the store sent an unexpected answer",
            Self::System => "an operation on the store failed",
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.kind.sentence())?;
        if self.detail.is_empty() { Ok(()) } else { write!(formatter, ": {}", self.detail) }
    }
}

impl std::error::Error for StoreError {}
