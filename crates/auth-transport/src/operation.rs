//! What a generated crate knows of its operations.

/// An operation of a generated client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Operation {
    /// Its `operationId`.
    pub id: &'static str,
    /// Its HTTP method, in capital letters.
    pub method: &'static str,
    /// Its path template.
    pub path: &'static str,
    /// The alternatives of what it has to show: all requirements of one of them. None at all, or an empty one, means that
    /// a request may go without credentials.
    pub security: &'static [&'static [Requirement]],
}

impl Operation {
    /// An operation as the document describes it.
    #[must_use]
    pub const fn new(
        id: &'static str,
        method: &'static str,
        path: &'static str,
        security: &'static [&'static [Requirement]],
    ) -> Self {
        Self { id, method, path, security }
    }
}

/// One credential that an operation needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Requirement {
    /// Name of the security scheme in the document.
    pub scheme: &'static str,
    /// The kind of credential.
    pub kind: CredentialKind,
    /// The scopes that it needs.
    pub scopes: &'static [&'static str],
}

impl Requirement {
    /// A requirement as the document describes it.
    #[must_use]
    pub const fn new(scheme: &'static str, kind: CredentialKind, scopes: &'static [&'static str]) -> Self {
        Self { scheme, kind, scopes }
    }
}

/// Kinds of credentials, by where they go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CredentialKind {
    /// User and password in the `Authorization` header (RFC 7617).
    Basic,
    /// A token in the `Authorization` header (RFC 6750).
    Bearer,
    /// An access token of OAuth 2.0, sent like [`CredentialKind::Bearer`].
    OAuth2,
    /// A token of OpenID Connect, sent like [`CredentialKind::Bearer`].
    OpenIdConnect,
    /// A key in the header of this name.
    Header(&'static str),
    /// A key in the query parameter of this name.
    Query(&'static str),
    /// A key in the cookie of this name.
    Cookie(&'static str),
    /// Something else, by its name in the document.
    Other(&'static str),
}
