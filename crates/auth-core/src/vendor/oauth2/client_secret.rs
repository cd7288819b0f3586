//! Clients that authenticate with a secret (RFC 6749 section 2.3.1).

use auth_transport::BasicCredentials;

use crate::credentials::error::CredentialError;
use crate::credentials::values::{ClientCredentials, CredentialSource};
use crate::token::identity::EndpointIdentity;
use crate::vendor::oauth2::authentication::ClientAuthentication;
use crate::vendor::oauth2::client::{Authenticate, Presented};
use crate::vendor::oauth2::metadata::Requirement;

impl<S: CredentialSource<ClientCredentials>> Authenticate for S {
    type Credentials = ClientCredentials;

    async fn current(&self) -> Result<ClientCredentials, CredentialError> {
        self.credentials().await
    }

    fn is_same(one: &ClientCredentials, other: &ClientCredentials) -> bool {
        one.is_same(other)
    }

    fn requirement(
        &self,
        _: &ClientCredentials,
        authentication: ClientAuthentication,
    ) -> Result<Requirement, CredentialError> {
        let methods: &[&str] = match authentication {
            ClientAuthentication::Basic | ClientAuthentication::BasicRaw => &["client_secret_basic"],
            ClientAuthentication::Form => &["client_secret_post"],
        };
        Ok(Requirement { methods, algorithm: None, certificate: false })
    }

    fn present(
        &self,
        credentials: &ClientCredentials,
        authentication: ClientAuthentication,
        _token_url: &str,
    ) -> Result<Presented, CredentialError> {
        let (id, secret) = (credentials.client_id(), credentials.client_secret());
        let basic = || BasicCredentials::new(id, secret.clone());
        Ok(match authentication {
            ClientAuthentication::Basic => Presented::Basic(basic(), secret.clone()),
            ClientAuthentication::BasicRaw => Presented::Basic(basic().raw(), secret.clone()),
            ClientAuthentication::Form => Presented::Secret(id.to_owned(), secret.clone()),
        })
    }

    fn identity(&self, credentials: &ClientCredentials, issuer: &str) -> EndpointIdentity {
        EndpointIdentity::new(issuer, credentials.client_id(), credentials.client_secret())
    }
}
