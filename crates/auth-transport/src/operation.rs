//! The operations of a generated crate.

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
    /// Alternative sets of credentials: a request must meet all requirements of one set. If the list or one of its sets
    /// is empty, a request needs no credentials.
    pub security: &'static [&'static [Requirement]],
}

impl Operation {
    /// Creates the description of an operation.
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

/// The client credentials flow of a security scheme (OpenAPI, "OAuth Flow Object"): where a client gets its tokens.
///
/// `OAuth2TokenEndpoint::of_flow` of `auth-core` takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClientCredentialsFlow {
    /// Name of the security scheme in the document.
    pub scheme: &'static str,
    /// The URL of the token endpoint.
    pub token_url: &'static str,
    /// The scopes that the document lists, each with its description.
    pub scopes: &'static [(&'static str, &'static str)],
}

impl ClientCredentialsFlow {
    /// Creates the description of a flow.
    #[must_use]
    pub const fn new(
        scheme: &'static str,
        token_url: &'static str,
        scopes: &'static [(&'static str, &'static str)],
    ) -> Self {
        Self { scheme, token_url, scopes }
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
    /// The required scopes.
    pub scopes: &'static [&'static str],
}

impl Requirement {
    /// Creates the description of a requirement.
    #[must_use]
    pub const fn new(scheme: &'static str, kind: CredentialKind, scopes: &'static [&'static str]) -> Self {
        Self { scheme, kind, scopes }
    }
}

/// The kind of a credential and its place in the request.
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
    /// A key in the `Authorization` header, after the name of this authentication scheme (RFC 9110 section 11.4).
    Scheme(&'static str),
    /// A client certificate, which the transport presents, see [`TransportBuilder::identity`](crate::TransportBuilder::identity).
    Certificate,
    /// Any other kind, by its name in the document.
    Other(&'static str),
}
