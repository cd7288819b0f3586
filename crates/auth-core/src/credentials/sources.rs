//! Sources of credentials that change while the program runs.

use std::env;
use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;
use auth_transport::Secret;
use zeroize::Zeroizing;

use crate::credentials::content::{Content, secret};
use crate::credentials::error::CredentialError;
use crate::credentials::place::{SecretPlace, SecretProblem};
use crate::credentials::values::{ApiToken, ClientCredentials, CredentialSource};

/// Credentials that the program replaces while it runs.
///
/// Clones share the credentials: give one to the token endpoint and keep the other to replace them.
///
/// ```
/// use auth_core::leanix::Client;
/// use auth_core::{ApiToken, LeanixTokenEndpoint, SharedCredentials, TokenCache};
///
/// # fn example(new_token: String) -> Result<(), Box<dyn std::error::Error>> {
/// let credentials = SharedCredentials::new(ApiToken::new("LXT_1234567890")?);
/// let tokens = TokenCache::new(LeanixTokenEndpoint::new(Client::instance("app")?, credentials.clone()));
/// // Later; the next request for a token uses it.
/// credentials.replace(ApiToken::new(new_token)?);
/// # Ok(())
/// # }
/// ```
pub struct SharedCredentials<C>(Arc<ArcSwap<C>>);

impl<C> SharedCredentials<C> {
    /// A source that returns these credentials until they are replaced.
    #[must_use]
    pub fn new(credentials: C) -> Self {
        Self(Arc::new(ArcSwap::from_pointee(credentials)))
    }

    /// Replaces the credentials of all clones. A request in flight continues with the old ones; if they are refused,
    /// the new ones are tried.
    pub fn replace(&self, credentials: C) {
        self.0.store(Arc::new(credentials));
    }
}

impl<C> Clone for SharedCredentials<C> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<C> fmt::Debug for SharedCredentials<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SharedCredentials").finish_non_exhaustive()
    }
}

impl<C: Clone + Send + Sync + 'static> CredentialSource<C> for SharedCredentials<C> {
    async fn credentials(&self) -> Result<C, CredentialError> {
        Ok(C::clone(&self.0.load()))
    }
}

/// An environment variable that holds a secret; it is read again for every token request.
///
/// One byte order mark at the beginning and one line break at the end are not part of the secret. Spaces are part of
/// it.
///
/// ```
/// use auth_core::leanix::Client;
/// use auth_core::{LeanixTokenEndpoint, SecretVariable, TokenCache};
///
/// # fn example() -> Result<(), auth_core::BuildError> {
/// let api_token = SecretVariable::new("LEANIX_API_TOKEN");
/// let tokens = TokenCache::new(LeanixTokenEndpoint::new(Client::instance("app")?, api_token));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct SecretVariable {
    name: String,
    content: Content,
}

impl SecretVariable {
    /// The environment variable of this name, which need not be set yet. Errors show the name.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), content: Content::Line }
    }

    /// Accepts a secret of several lines, such as a list of keys. Default: a line break inside the secret is refused.
    #[must_use]
    pub fn permit_line_breaks(mut self) -> Self {
        self.content = Content::Lines;
        self
    }

    /// A source of client credentials: this client id, and the secret from the variable.
    #[must_use]
    pub fn for_client(self, client_id: impl Into<String>) -> ForClient<Self> {
        ForClient { client_id: client_id.into(), secret: self }
    }
}

impl CredentialSource<Secret> for SecretVariable {
    async fn credentials(&self) -> Result<Secret, CredentialError> {
        let value = env::var_os(&self.name).map(|value| Zeroizing::new(value.into_encoded_bytes()));
        let secret = value.ok_or(SecretProblem::Missing).and_then(|value| secret(&value, self.content));
        secret.map_err(|problem| CredentialError::Place { place: SecretPlace::Variable(self.name.clone()), problem })
    }
}

impl CredentialSource<ApiToken> for SecretVariable {
    async fn credentials(&self) -> Result<ApiToken, CredentialError> {
        ApiToken::new(CredentialSource::<Secret>::credentials(self).await?)
    }
}

/// A source of client credentials with a fixed client id and a secret from `S`.
///
/// Created by [`SecretFile::for_client`](crate::SecretFile::for_client) and [`SecretVariable::for_client`].
#[derive(Clone, Debug)]
pub struct ForClient<S> {
    pub(crate) client_id: String,
    pub(crate) secret: S,
}

impl<S: CredentialSource<Secret>> CredentialSource<ClientCredentials> for ForClient<S> {
    async fn credentials(&self) -> Result<ClientCredentials, CredentialError> {
        ClientCredentials::new(self.client_id.clone(), self.secret.credentials().await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn api_token(source: impl CredentialSource<ApiToken>) -> Result<ApiToken, CredentialError> {
        source.credentials().await
    }

    #[tokio::test]
    async fn every_clone_returns_the_replaced_credentials() {
        let source = SharedCredentials::new(ApiToken::new("one").unwrap());
        let clone = source.clone();
        source.replace(ApiToken::new("two").unwrap());
        assert_eq!(clone.credentials().await.unwrap().secret().expose(), "two");
        assert_eq!(format!("{clone:?}"), "SharedCredentials { .. }");
    }

    #[tokio::test]
    async fn a_variable_that_is_not_set_is_named() {
        for name in ["AUTH_CORE_NEVER_SET", "", "A=B", "A\0B"] {
            let unset = SecretVariable::new(name).for_client("id").credentials().await.unwrap_err();
            let place = SecretPlace::Variable(name.to_owned());
            assert_eq!(unset, CredentialError::Place { place, problem: SecretProblem::Missing });
        }
    }

    #[tokio::test]
    async fn a_variable_gives_credentials_of_both_kinds() {
        let variable = SecretVariable::new("CARGO_PKG_NAME");
        assert_eq!(api_token(variable.clone()).await.unwrap().secret().expose(), "auth-core");
        let credentials = variable.clone().for_client("id").credentials().await.unwrap();
        assert_eq!((credentials.client_id(), credentials.client_secret().expose()), ("id", "auth-core"));
        let error = variable.for_client("").credentials().await.unwrap_err();
        assert_eq!(error, CredentialError::Empty { field: "client_id" });
    }
}
