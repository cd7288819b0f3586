//! Any authorization server with the client credentials grant (RFC 6749 section 4.4).

use std::time::Duration;

use auth_transport::{BuildError, ClientCredentialsFlow, Secret, TokenUrl, Transport};

use crate::credentials::values::{ClientCredentials, CredentialSource};
use crate::token::endpoint::{TokenEndpoint, host};
use crate::token::error::token_error::TokenError;
use crate::token::identity::EndpointIdentity;
use crate::token::response::TokenResponse;
use crate::token::scope::Scope;
use crate::vendor::oauth2::address::Address;
use crate::vendor::oauth2::authentication::ClientAuthentication;
use crate::vendor::oauth2::client::OAuth2Client;
use crate::vendor::oauth2::request::{OWN_PARAMETERS, request};
use crate::vendor::rotation;

/// The token endpoint of any authorization server that has the client credentials grant of RFC 6749.
///
/// No code is generated or written for the server: only its token URL or its issuer is needed, and how clients authenticate. For a
/// server that deviates from RFC 6749, implement [`TokenEndpoint`].
///
/// ```no_run
/// use auth_core::{ClientAuthentication, ClientCredentials, OAuth2TokenEndpoint, TokenCache};
///
/// # async fn example(client_secret: String) -> Result<(), Box<dyn std::error::Error>> {
/// let credentials = ClientCredentials::new("my-client-id", client_secret)?;
/// let endpoint = OAuth2TokenEndpoint::new("https://auth.example.com/oauth2/token", credentials)?
///     .with_authentication(ClientAuthentication::Form)
///     .with_parameter("audience", "https://api.example.com")?;
/// let tokens = TokenCache::new(endpoint);
/// let token = tokens.access_token(&"orders.read".parse()?).await?;
/// # Ok(())
/// # }
/// ```
///
/// If the server refuses the credentials and their source meanwhile has other ones, these are tried once.
#[derive(Clone, Debug)]
pub struct OAuth2TokenEndpoint<S = ClientCredentials> {
    address: Address,
    transport: Transport,
    client: S,
    authentication: ClientAuthentication,
    parameters: Vec<(String, Secret)>,
}

impl<S: OAuth2Client> OAuth2TokenEndpoint<S> {
    /// An endpoint at `token_url` with an HTTP client of its own. Default: [`ClientAuthentication::Basic`], no further
    /// parameters.
    ///
    /// The URL may have a query, which is sent unchanged (RFC 6749 section 3.2).
    ///
    /// # Errors
    /// [`BuildError`] if the URL is not `https` (`http` is allowed for loopback addresses), has a fragment or user
    /// information, or if the HTTP client cannot be built.
    pub fn new(token_url: &str, client: S) -> Result<Self, BuildError> {
        Self::with_own_transport(Address::known(token_url)?, client)
    }

    /// An endpoint at `token_url` over the given transport.
    ///
    /// # Errors
    /// [`BuildError`] if the URL is not `https` (`http` is allowed for loopback addresses), or has a fragment or user
    /// information.
    pub fn over(token_url: &str, transport: Transport, client: S) -> Result<Self, BuildError> {
        Ok(Self::at(Address::known(token_url)?, transport, client))
    }

    /// The endpoint of this issuer, whose URL the server names in its metadata document (RFC 8414), with an HTTP client of its
    /// own.
    ///
    /// The document is requested before the first token, at `/.well-known/oauth-authorization-server` and the path of the
    /// issuer (RFC 8414 section 3.1), otherwise at the issuer and `/.well-known/openid-configuration` (OpenID Connect Discovery
    /// 1.0). It is kept for a day, see [`with_metadata_age`](Self::with_metadata_age), and read again if the token endpoint
    /// answers with status 404 or 410. If it cannot be read after a day, the old one is used.
    ///
    /// The document must name exactly this issuer. If it says which client authentications and algorithms the server accepts,
    /// the client's must be among them. An error is a [`TokenError::Metadata`].
    ///
    /// ```no_run
    /// use auth_core::{ClientCredentials, OAuth2TokenEndpoint, TokenCache};
    ///
    /// # fn example(credentials: ClientCredentials) -> Result<(), Box<dyn std::error::Error>> {
    /// let tokens = TokenCache::new(OAuth2TokenEndpoint::discover("https://auth.example.com/tenant", credentials)?);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`BuildError`] if the issuer is not `https` (`http` is allowed for loopback addresses), has a query, a fragment or user
    /// information, or if the HTTP client cannot be built.
    pub fn discover(issuer: &str, client: S) -> Result<Self, BuildError> {
        Self::with_own_transport(Address::discovered(issuer)?, client)
    }

    /// The endpoint of this issuer over the given transport, see [`discover`](Self::discover).
    ///
    /// # Errors
    /// [`BuildError`] if the issuer is not `https` (`http` is allowed for loopback addresses), or has a query, a fragment or
    /// user information.
    pub fn discover_over(issuer: &str, transport: Transport, client: S) -> Result<Self, BuildError> {
        Ok(Self::at(Address::discovered(issuer)?, transport, client))
    }

    fn with_own_transport(address: Address, client: S) -> Result<Self, BuildError> {
        let transport = client.transport(address.base_url())?;
        Ok(Self::at(address, transport, client))
    }

    fn at(address: Address, transport: Transport, client: S) -> Self {
        Self { address, transport, client, authentication: ClientAuthentication::default(), parameters: vec![] }
    }

    /// The endpoint that an OpenAPI document describes, from a constant of a generated crate.
    ///
    /// Pass the cache to the generated client to get a token with the scopes of each operation:
    ///
    /// ```no_run
    /// use auth_core::{ClientCredentials, OAuth2TokenEndpoint, TokenCache};
    /// # mod petstore {
    /// #     use auth_transport::ClientCredentialsFlow;
    /// #     pub const OAUTH_CLIENT_CREDENTIALS: ClientCredentialsFlow = ClientCredentialsFlow::new("oauth", "https://a.example/token", &[]);
    /// #     pub struct Client;
    /// #     impl Client {
    /// #         pub fn new(_: &str, _: impl auth_transport::TokenSource) -> Result<Self, auth_transport::BuildError> { Ok(Self) }
    /// #     }
    /// # }
    ///
    /// # fn example(credentials: ClientCredentials) -> Result<(), Box<dyn std::error::Error>> {
    /// let tokens = TokenCache::new(OAuth2TokenEndpoint::of_flow(&petstore::OAUTH_CLIENT_CREDENTIALS, credentials)?);
    /// let client = petstore::Client::new("https://petstore.example.com", tokens)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`new`](Self::new), for the `tokenUrl` of the document.
    pub fn of_flow(flow: &ClientCredentialsFlow, client: S) -> Result<Self, BuildError> {
        Self::new(flow.token_url, client)
    }

    /// Sets the age at which the metadata document of an issuer is read again. Default: one day. Has no effect on an endpoint
    /// with a token URL.
    #[must_use]
    pub fn with_metadata_age(mut self, age: Duration) -> Self {
        if let Address::Discovered { max_age, .. } = &mut self.address {
            *max_age = age;
        }
        self
    }

    /// Adds a parameter to the form of every request, such as `audience` or `resource` (RFC 8707). A name can be added
    /// several times. Values are redacted in `Debug`.
    ///
    /// # Errors
    /// [`TokenError::Request`] for `grant_type`, `scope`, `client_id`, `client_secret`, `client_assertion` and
    /// `client_assertion_type`, which the endpoint sets itself.
    pub fn with_parameter(mut self, name: impl Into<String>, value: impl Into<Secret>) -> Result<Self, TokenError> {
        let name = name.into();
        if OWN_PARAMETERS.contains(&name.as_str()) {
            return Err(TokenError::Request(
                "the endpoint sets `grant_type`, `scope`, `client_id`, `client_secret` and the parameters of assertions itself",
            ));
        }
        self.parameters.push((name, value.into()));
        Ok(self)
    }

    async fn request_with(&self, credentials: S::Credentials, scope: &Scope) -> Result<TokenResponse, TokenError> {
        let requirement = self.client.requirement(&credentials, self.authentication)?;
        if !self.client.is_presented_by(&self.transport) {
            return Err(TokenError::Request(
                "the transport does not present the client certificate; build it with \
                 `shared_identity(client.shared_identity())`",
            ));
        }
        let send = async |url: TokenUrl| {
            if requirement.certificate && !url.base_url().is_https() {
                return Err(TokenError::Request("a client certificate needs a token URL with https"));
            }
            let presented = self.client.present(&credentials, self.authentication, url.as_str())?;
            request(&self.transport, &url, scope, &presented, &self.parameters).await
        };
        self.address.send(&self.transport, &requirement, send).await
    }
}

impl<S: CredentialSource<ClientCredentials>> OAuth2TokenEndpoint<S> {
    /// The same endpoint with another way to send the client id and the secret.
    #[must_use]
    pub fn with_authentication(mut self, authentication: ClientAuthentication) -> Self {
        self.authentication = authentication;
        self
    }
}

impl<S: OAuth2Client> TokenEndpoint for OAuth2TokenEndpoint<S> {
    async fn request_token(&self, scope: &Scope) -> Result<TokenResponse, TokenError> {
        let send = |credentials| self.request_with(credentials, scope);
        rotation::request_with(|| self.client.current(), S::is_same, send).await
    }

    async fn identity(&self) -> Result<EndpointIdentity, TokenError> {
        let credentials = self.client.current().await?;
        let identity = self.client.identity(&credentials, self.address.as_str());
        let parameters = self.parameters.iter();
        Ok(parameters.fold(identity, |identity, (name, value)| identity.with_parameter(name, value)))
    }

    fn issuer_name(&self) -> &str {
        host(self.address.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(url: &str) -> Result<OAuth2TokenEndpoint, BuildError> {
        OAuth2TokenEndpoint::new(url, ClientCredentials::new("id", "marker-secret").unwrap())
    }

    #[test]
    fn a_token_url_may_have_a_query_and_no_fragment() {
        for url in ["https://a.example/token", "https://a.example/token/?tenant=a%20b", "http://127.0.0.1:1/"] {
            assert_eq!(endpoint(url).unwrap().address.as_str(), url);
        }
        for url in ["http://a.example/token", "https://a.example/token#a", "https://a.example/token?a b"] {
            assert!(matches!(endpoint(url), Err(BuildError::TokenUrl(_))), "{url}");
        }
    }

    #[test]
    fn parameters_of_the_endpoint_cannot_be_overwritten() {
        for name in OWN_PARAMETERS {
            let error = endpoint("https://a.example/token").unwrap().with_parameter(name, "marker").unwrap_err();
            assert!(matches!(error, TokenError::Request(_)) && !error.to_string().contains("marker"), "{error}");
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let endpoint = endpoint("https://a.example/token").unwrap().with_parameter("assertion", "marker").unwrap();
        let debug = format!("{endpoint:?}");
        assert!(debug.contains("assertion") && !debug.contains("marker"), "{debug}");
    }
}
