//! What a client presents to the token endpoint.

use std::future::Future;

use auth_transport::{BaseUrl, BasicCredentials, BuildError, Secret, Transport};

use crate::credentials::error::CredentialError;
use crate::token::identity::EndpointIdentity;
use crate::vendor::oauth2::authentication::ClientAuthentication;
use crate::vendor::oauth2::metadata::Requirement;

/// A client of an [`OAuth2TokenEndpoint`](crate::OAuth2TokenEndpoint), which proves to the server who it is (RFC 6749
/// section 2.3): every source of [`ClientCredentials`](crate::ClientCredentials), [`PrivateKeyJwt`](crate::PrivateKeyJwt)
/// and [`ClientCertificate`](crate::ClientCertificate).
///
/// This trait is sealed.
pub trait OAuth2Client: Authenticate {}

impl<C: Authenticate> OAuth2Client for C {}

/// What the endpoint asks of a client. It is not exported, which seals [`OAuth2Client`].
pub trait Authenticate: Send + Sync + 'static {
    /// The credentials for one request.
    type Credentials: Clone + Send + Sync;

    /// The credentials to use for the next request.
    fn current(&self) -> impl Future<Output = Result<Self::Credentials, CredentialError>> + Send;

    /// True if these are the same credentials.
    fn is_same(one: &Self::Credentials, other: &Self::Credentials) -> bool;

    /// What these credentials need from the server.
    fn requirement(
        &self,
        credentials: &Self::Credentials,
        authentication: ClientAuthentication,
    ) -> Result<Requirement, CredentialError>;

    /// What to present with these credentials.
    fn present(
        &self,
        credentials: &Self::Credentials,
        authentication: ClientAuthentication,
        token_url: &str,
    ) -> Result<Presented, CredentialError>;

    /// Whose tokens these are, at this issuer or token endpoint.
    fn identity(&self, credentials: &Self::Credentials, issuer: &str) -> EndpointIdentity;

    /// True if requests over a transport present what they need to.
    fn is_presented_by(&self, _: &Transport) -> bool {
        true
    }

    /// A transport to this address and to those that its metadata names.
    fn transport(&self, address: &BaseUrl) -> Result<Transport, BuildError> {
        Transport::to(address)
    }
}

/// What a request presents.
#[derive(Clone, Debug)]
pub enum Presented {
    /// HTTP Basic, with the secret that it contains.
    Basic(BasicCredentials, Secret),
    /// `client_id` and `client_secret` in the form.
    Secret(String, Secret),
    /// `client_id` and a signed assertion in the form (RFC 7523 section 2.2).
    Assertion(String, Secret),
    /// `client_id` in the form; the connection presents a certificate (RFC 8705 section 2).
    Certificate(String),
}

impl Presented {
    pub(crate) fn basic(&self) -> Option<&BasicCredentials> {
        match self {
            Self::Basic(basic, _) => Some(basic),
            Self::Secret(..) | Self::Assertion(..) | Self::Certificate(_) => None,
        }
    }

    /// What no error may show.
    pub(crate) fn secret(&self) -> Option<&Secret> {
        match self {
            Self::Basic(_, secret) | Self::Secret(_, secret) | Self::Assertion(_, secret) => Some(secret),
            Self::Certificate(_) => None,
        }
    }

    /// What to check if the server refuses it, unless that is the credentials in general.
    pub(crate) fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Basic(..) | Self::Secret(..) => None,
            Self::Assertion(..) => {
                Some("check the private key, its id, the audience of the assertion and the clock of this machine")
            }
            Self::Certificate(_) => Some("check the client certificate, and which one the server knows of this client"),
        }
    }
}
