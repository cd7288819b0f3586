//! Any authorization server with the client credentials grant (RFC 6749 section 4.4).

use auth_transport::{
    BasicCredentials, BuildError, Call, ClientCredentialsFlow, ExpiresIn, Secret, TokenUrl, Transport,
};
use progenitor_client::RequestBuilderExt as _;
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Serialize, Serializer};

use crate::credentials::values::{ClientCredentials, CredentialSource};
use crate::token::endpoint::{TokenEndpoint, host};
use crate::token::error::token_error::TokenError;
use crate::token::identity::EndpointIdentity;
use crate::token::response::TokenResponse;
use crate::token::scope::Scope;
use crate::vendor::rotation;

/// The parameters that the endpoint sets itself.
const OWN_PARAMETERS: [&str; 4] = ["grant_type", "scope", "client_id", "client_secret"];

/// How a client authenticates to the token endpoint (RFC 6749 section 2.3.1).
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

/// The token endpoint of any authorization server that has the client credentials grant of RFC 6749.
///
/// No code is generated or written for the server: only its token URL is needed, and how clients authenticate. For a
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
    url: TokenUrl,
    transport: Transport,
    credentials: S,
    authentication: ClientAuthentication,
    parameters: Vec<(String, Secret)>,
}

impl<S: CredentialSource<ClientCredentials>> OAuth2TokenEndpoint<S> {
    /// An endpoint at `token_url` with an HTTP client of its own. Default: [`ClientAuthentication::Basic`], no further
    /// parameters.
    ///
    /// The URL may have a query, which is sent unchanged (RFC 6749 section 3.2).
    ///
    /// # Errors
    /// [`BuildError`] if the URL is not `https` (`http` is allowed for loopback addresses), has a fragment or user
    /// information, or if the HTTP client cannot be built.
    pub fn new(token_url: &str, credentials: S) -> Result<Self, BuildError> {
        let url = TokenUrl::parse(token_url)?;
        let transport = Transport::to(url.base_url())?;
        Ok(Self::at(url, transport, credentials))
    }

    /// An endpoint at `token_url` over the given transport.
    ///
    /// # Errors
    /// [`BuildError`] if the URL is not `https` (`http` is allowed for loopback addresses), or has a fragment or user
    /// information.
    pub fn over(token_url: &str, transport: Transport, credentials: S) -> Result<Self, BuildError> {
        Ok(Self::at(TokenUrl::parse(token_url)?, transport, credentials))
    }

    fn at(url: TokenUrl, transport: Transport, credentials: S) -> Self {
        Self { url, transport, credentials, authentication: ClientAuthentication::default(), parameters: vec![] }
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
    pub fn of_flow(flow: &ClientCredentialsFlow, credentials: S) -> Result<Self, BuildError> {
        Self::new(flow.token_url, credentials)
    }

    /// The same endpoint with another kind of client authentication.
    #[must_use]
    pub fn with_authentication(mut self, authentication: ClientAuthentication) -> Self {
        self.authentication = authentication;
        self
    }

    /// Adds a parameter to the form of every request, such as `audience` or `resource` (RFC 8707). A name can be added
    /// several times. Values are redacted in `Debug`.
    ///
    /// # Errors
    /// [`TokenError::Request`] for `grant_type`, `scope`, `client_id` and `client_secret`, which the endpoint sets
    /// itself.
    pub fn with_parameter(mut self, name: impl Into<String>, value: impl Into<Secret>) -> Result<Self, TokenError> {
        let name = name.into();
        if OWN_PARAMETERS.contains(&name.as_str()) {
            return Err(TokenError::Request(
                "the endpoint sets `grant_type`, `scope`, `client_id` and `client_secret` itself",
            ));
        }
        self.parameters.push((name, value.into()));
        Ok(self)
    }

    async fn request_with(&self, credentials: ClientCredentials, scope: &Scope) -> Result<TokenResponse, TokenError> {
        let (id, secret) = (credentials.client_id(), credentials.client_secret());
        let call = Call::new(&self.transport).expecting_object();
        let basic = || BasicCredentials::new(id, secret.clone());
        let call = match self.authentication {
            ClientAuthentication::Basic => call.with_basic(&basic()),
            ClientAuthentication::BasicRaw => call.with_basic(&basic().raw()),
            ClientAuthentication::Form => call,
        };
        let in_form = (self.authentication == ClientAuthentication::Form).then_some((id, secret));
        let form = Form { scope, credentials: in_form, parameters: &self.parameters };
        let send = async {
            let request = call.client().post(self.url.url().clone()).header("accept", "application/json");
            let response = call.execute(request.form_urlencoded(&form)?.build()?).await?;
            if response.status().is_success() {
                call.read::<Answer, ()>(response).await
            } else {
                Err(progenitor_client::Error::UnexpectedResponse(response))
            }
        };
        let answer = call.clone().finish(send).await;
        let secrets: Vec<&Secret> =
            [secret].into_iter().chain(self.parameters.iter().map(|(_, value)| value)).collect();
        let answer = answer.map_err(|error| TokenError::from_call(error, |()| None, &secrets))?.into_inner();
        let mut response = TokenResponse::of_success(answer.access_token, answer.error.as_deref(), &secrets)?;
        response.token_type = answer.token_type;
        response.expires_in = answer.expires_in;
        response.scope = answer.scope;
        Ok(response)
    }
}

impl<S: CredentialSource<ClientCredentials>> TokenEndpoint for OAuth2TokenEndpoint<S> {
    async fn request_token(&self, scope: &Scope) -> Result<TokenResponse, TokenError> {
        let send = |credentials| self.request_with(credentials, scope);
        rotation::request_with(&self.credentials, ClientCredentials::is_same, send).await
    }

    async fn identity(&self) -> Result<EndpointIdentity, TokenError> {
        let credentials = self.credentials.credentials().await?;
        let identity = EndpointIdentity::new(self.url.as_str(), credentials.client_id(), credentials.client_secret());
        let parameters = self.parameters.iter();
        Ok(parameters.fold(identity, |identity, (name, value)| identity.with_parameter(name, value)))
    }

    fn issuer_name(&self) -> &str {
        host(self.url.as_str())
    }
}

/// The form of a request (RFC 6749 section 4.4.2).
struct Form<'a> {
    scope: &'a Scope,
    credentials: Option<(&'a str, &'a Secret)>,
    parameters: &'a [(String, Secret)],
}

impl Serialize for Form<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut form = serializer.serialize_map(None)?;
        form.serialize_entry("grant_type", "client_credentials")?;
        if !self.scope.is_empty() {
            form.serialize_entry("scope", self.scope.as_str())?;
        }
        if let Some((id, secret)) = self.credentials {
            form.serialize_entry("client_id", id)?;
            form.serialize_entry("client_secret", secret)?;
        }
        for (name, value) in self.parameters {
            form.serialize_entry(name, value)?;
        }
        form.end()
    }
}

/// The members of a success that are read (RFC 6749 section 5.1), and the error that some servers send as a success.
#[derive(Deserialize)]
struct Answer {
    access_token: Secret,
    token_type: Option<String>,
    expires_in: Option<ExpiresIn>,
    scope: Option<String>,
    error: Option<String>,
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
            assert_eq!(endpoint(url).unwrap().url.as_str(), url);
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
