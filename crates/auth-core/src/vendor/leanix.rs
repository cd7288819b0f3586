//! SAP LeanIX: access tokens for its APIs.
//!
//! <https://docs-eam.leanix.net/reference/authentication>

use auth_transport::{BasicCredentials, Secret};
pub use leanix_auth::Client;
use leanix_auth::types::{self, AccessTokenRequest, AccessTokenRequestGrantType};

use crate::credentials::values::{ApiToken, CredentialSource};
use crate::token::endpoint::{TokenEndpoint, host};
use crate::token::error::not_a_token::NotAToken;
use crate::token::error::token_error::TokenError;
use crate::token::identity::EndpointIdentity;
use crate::token::response::TokenResponse;
use crate::token::scope::Scope;
use crate::vendor::rotation;

/// The user name that is sent with every API token.
const USER: &str = "apitoken";

/// The token endpoint of SAP LeanIX.
///
/// SAP LeanIX has no scopes: the Technical User determines what a token permits. Request [`Scope::empty`].
///
/// ```no_run
/// use auth_core::leanix::Client;
/// use auth_core::{ApiToken, LeanixTokenEndpoint, Scope, TokenCache};
///
/// # async fn example(api_token: String) -> Result<(), Box<dyn std::error::Error>> {
/// let endpoint = LeanixTokenEndpoint::new(Client::instance("app")?, ApiToken::new(api_token)?);
/// let tokens = TokenCache::new(endpoint);
/// let token = tokens.access_token(&Scope::empty()).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct LeanixTokenEndpoint<S = ApiToken> {
    client: Client,
    credentials: S,
}

impl<S: CredentialSource<ApiToken>> LeanixTokenEndpoint<S> {
    /// An endpoint that requests tokens from the server of `client` with the API token from `credentials`.
    #[must_use]
    pub fn new(client: Client, credentials: S) -> Self {
        Self { client, credentials }
    }

    async fn request_with(&self, api_token: ApiToken) -> Result<TokenResponse, TokenError> {
        let secret = api_token.secret();
        let request = AccessTokenRequest::new(AccessTokenRequestGrantType::ClientCredentials);
        let credentials = BasicCredentials::new(USER, secret.clone());
        let answer = self.client.create_access_token(&credentials, &request).await;
        let answer = answer.map_err(|error| TokenError::from_call(error, |body| body.error.as_deref(), &[secret]))?;
        response(answer.into_inner(), secret)
    }
}

/// Converts the documented success; an error code that repeats `secret` or the token becomes `unknown`.
pub(crate) fn response(answer: types::AccessTokenResponse, secret: &Secret) -> Result<TokenResponse, TokenError> {
    let mut response = TokenResponse::of_success(answer.access_token, answer.error.as_deref(), &[secret])?;
    if answer.expired == Some(true) {
        return Err(TokenError::NotAToken(NotAToken::Expired));
    }
    response.token_type = answer.token_type;
    response.expires_in = answer.expires_in;
    response.scope = answer.scope;
    Ok(response)
}

impl<S: CredentialSource<ApiToken>> TokenEndpoint for LeanixTokenEndpoint<S> {
    async fn request_token(&self, scope: &Scope) -> Result<TokenResponse, TokenError> {
        if !scope.is_empty() {
            return Err(TokenError::Request("SAP LeanIX has no scopes; request `Scope::empty()`"));
        }
        rotation::request_with(
            || self.credentials.credentials(),
            ApiToken::is_same,
            |api_token| self.request_with(api_token),
        )
        .await
    }

    async fn identity(&self) -> Result<EndpointIdentity, TokenError> {
        let api_token = self.credentials.credentials().await?;
        Ok(EndpointIdentity::new(self.client.base_url().as_str(), USER, api_token.secret()))
    }

    fn issuer_name(&self) -> &str {
        host(self.client.base_url().as_str())
    }
}
