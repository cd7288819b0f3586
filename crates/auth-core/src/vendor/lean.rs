//! Lean Technologies: access tokens for backends and for customers.
//!
//! <https://docs.leantech.me/docs/authentication>

use std::fmt;
use std::str::FromStr;

use auth_transport::Secret;
pub use lean_auth::Client;
use lean_auth::types::{self, TokenRequest, TokenRequestGrantType};

use crate::credentials::values::{ClientCredentials, CredentialSource};
use crate::token::endpoint::{TokenEndpoint, host};
use crate::token::error::not_a_token::NotAToken;
use crate::token::error::token_error::TokenError;
use crate::token::identity::EndpointIdentity;
use crate::token::response::TokenResponse;
use crate::vendor::rotation;

/// The prefix of a customer's scope.
const CUSTOMER: &str = "customer.";

/// For the credentials of the other region, the servers return the same error as for wrong credentials.
const HINT: &str = "check the credentials and the region (UAE or KSA)";

/// The token endpoint of a Lean authorization server.
///
/// ```no_run
/// use auth_core::lean::{self, Client};
/// use auth_core::{ClientCredentials, LeanTokenEndpoint, TokenCache};
///
/// # async fn example(client_secret: String) -> Result<(), Box<dyn std::error::Error>> {
/// let credentials = ClientCredentials::new("my-application-id", client_secret)?;
/// let tokens = TokenCache::new(LeanTokenEndpoint::new(Client::sandbox_uae()?, credentials));
/// let token = tokens.access_token(&lean::Scope::Api.into()).await?;
/// # Ok(())
/// # }
/// ```
///
/// Each region has its own servers and credentials: `Client::production_uae` and `sandbox_uae` for the United Arab
/// Emirates, `Client::production_ksa` and `sandbox_ksa` for Saudi Arabia. The servers of one region refuse the
/// credentials of the other with `invalid_client`.
#[derive(Clone, Debug)]
pub struct LeanTokenEndpoint<S = ClientCredentials> {
    client: Client,
    credentials: S,
}

impl<S: CredentialSource<ClientCredentials>> LeanTokenEndpoint<S> {
    /// An endpoint that requests tokens from the server of `client` with the credentials from `credentials`.
    #[must_use]
    pub fn new(client: Client, credentials: S) -> Self {
        Self { client, credentials }
    }

    async fn request_with(
        &self,
        credentials: ClientCredentials,
        scope: &crate::Scope,
    ) -> Result<TokenResponse, TokenError> {
        let secret = credentials.client_secret();
        let grant_type = TokenRequestGrantType::ClientCredentials;
        let request = TokenRequest::new(credentials.client_id(), secret.clone(), grant_type, scope.as_str());
        let answer = self.client.generate_access_token(&request).await;
        let answer = answer
            .map_err(|error| TokenError::from_call(error, |body| Some(&body.error), &[secret]).with_hint(HINT))?;
        response(answer.into_inner(), scope, secret)
    }
}

/// Converts the documented success for a request for `requested`; an error code that repeats `secret` or the token
/// becomes `unknown`.
pub(crate) fn response(
    answer: types::TokenResponse,
    requested: &crate::Scope,
    secret: &Secret,
) -> Result<TokenResponse, TokenError> {
    let mut response = TokenResponse::of_success(answer.access_token, answer.error.as_deref(), &[secret])?;
    if answer.scope.as_deref().is_some_and(|granted| names_another_customer(granted, requested)) {
        return Err(TokenError::NotAToken(NotAToken::AnotherCustomer));
    }
    response.token_type = Some(answer.token_type);
    response.expires_in = answer.expires_in;
    response.scope = answer.scope;
    Ok(response)
}

impl<S: CredentialSource<ClientCredentials>> TokenEndpoint for LeanTokenEndpoint<S> {
    async fn request_token(&self, scope: &crate::Scope) -> Result<TokenResponse, TokenError> {
        if scope.is_empty() {
            return Err(TokenError::Request("Lean requires a scope, `api` or `customer.` followed by a customer id"));
        }
        let send = |credentials| self.request_with(credentials, scope);
        rotation::request_with(|| self.credentials.credentials(), ClientCredentials::is_same, send).await
    }

    async fn identity(&self) -> Result<EndpointIdentity, TokenError> {
        let credentials = self.credentials.credentials().await?;
        let (id, secret) = (credentials.client_id(), credentials.client_secret());
        Ok(EndpointIdentity::new(self.client.base_url().as_str(), id, secret))
    }

    fn issuer_name(&self) -> &str {
        host(self.client.base_url().as_str())
    }
}

/// True if a token with the scope `granted` is for a customer that was not `requested`.
fn names_another_customer(granted: &str, requested: &crate::Scope) -> bool {
    let mut customers = granted.split_ascii_whitespace().filter(|token| token.starts_with(CUSTOMER));
    customers.any(|customer| requested.tokens().all(|token| token != customer))
}

/// The scopes that Lean documents.
///
/// ```
/// use auth_core::lean::{CustomerId, Scope};
///
/// let customer: CustomerId = "a1b2c3d4-e5f6-7890-abcd-ef0123456789".parse()?;
/// let scope: auth_core::Scope = Scope::Customer(customer).into();
/// assert_eq!(scope.as_str(), "customer.a1b2c3d4-e5f6-7890-abcd-ef0123456789");
/// # Ok::<(), auth_core::lean::CustomerIdError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Scope {
    /// Calls from your backend to Lean's APIs.
    Api,
    /// Lean's LinkSDK, on behalf of one customer.
    Customer(CustomerId),
}

impl From<Scope> for crate::Scope {
    fn from(scope: Scope) -> Self {
        let token = match scope {
            Scope::Api => "api".to_owned(),
            Scope::Customer(customer) => format!("{CUSTOMER}{customer}"),
        };
        // A single token of characters that `CustomerId` allows is canonical.
        Self::token(&token)
    }
}

/// The id that Lean assigned to a customer: one to 64 ASCII letters, digits, `-` and `_`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CustomerId(String);

impl FromStr for CustomerId {
    type Err = CustomerIdError;

    /// Parses an id as Lean returns it, usually a UUID.
    ///
    /// # Errors
    /// [`CustomerIdError`] for anything that could change the meaning of the scope it becomes part of.
    fn from_str(text: &str) -> Result<Self, CustomerIdError> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if (1..=64).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(CustomerIdError)
        }
    }
}

impl fmt::Display for CustomerId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The text is not a customer id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("customer id: must be one to 64 ASCII letters, digits, hyphens and underscores")]
pub struct CustomerIdError;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customer_id_cannot_become_another_scope() {
        for text in ["", " ", "a b", "a.b", "a\n", "\u{430}", &"a".repeat(65)] {
            assert_eq!(text.parse::<CustomerId>(), Err(CustomerIdError), "{text:?}");
        }
        let scope: crate::Scope = Scope::Customer("a-1_B".parse().unwrap()).into();
        assert_eq!(scope, "customer.a-1_B".parse().unwrap());
        assert_eq!(crate::Scope::from(Scope::Api), "api".parse().unwrap());
    }
}
