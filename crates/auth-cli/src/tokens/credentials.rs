//! The credentials of a profile as sources of the library.

use auth_core::{ApiToken, ClientCredentials, CredentialError, CredentialSource};

use crate::config::client::Client;
use crate::secrets::reference::SecretReference;

/// The credentials of a client.
#[derive(Clone, Debug)]
pub(super) struct ClientSource(pub(super) Client);

/// The API token of SAP LeanIX.
#[derive(Clone, Debug)]
pub(super) struct ApiTokenSource(pub(super) SecretReference);

impl CredentialSource<ClientCredentials> for ClientSource {
    async fn credentials(&self) -> Result<ClientCredentials, CredentialError> {
        let id = self.0.id.credentials().await?;
        ClientCredentials::new(id.expose(), self.0.secret.credentials().await?)
    }
}

impl CredentialSource<ApiToken> for ApiTokenSource {
    async fn credentials(&self) -> Result<ApiToken, CredentialError> {
        ApiToken::new(self.0.credentials().await?)
    }
}
