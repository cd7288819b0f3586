//! Where a request has the client id and the secret.

/// How a client with a secret authenticates to the token endpoint (RFC 6749 section 2.3.1). Other clients are a
/// [`PrivateKeyJwt`](crate::PrivateKeyJwt) and a [`ClientCertificate`](crate::ClientCertificate).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientAuthentication {
    /// HTTP Basic, with the client id and the secret percent-encoded as RFC 6749 requires. OpenID Connect calls it
    /// `client_secret_basic`.
    #[default]
    Basic,
    /// HTTP Basic, with the client id and the secret as they are (RFC 7617), for servers that do not decode them. The
    /// client id must not contain a colon.
    BasicRaw,
    /// `client_id` and `client_secret` in the form. OpenID Connect calls it `client_secret_post`.
    Form,
}
