//! Whose tokens a profile requests, without an HTTP client.
//!
//! The identity is that of the endpoint of the library, so that Rust programs with the same store and the same keys share the tokens.

use auth_core::{CredentialError, CredentialSource as _, EndpointIdentity, Secret};

use crate::config::provider::{Client, Provider};
use crate::secrets::reference::SecretReference;

/// The user name that is sent with every API token.
const LEANIX_USER: &str = "apitoken";

/// Whether a secret that takes long to read is part of the identity, or only where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SlowSecrets {
    /// The secret itself, so that tokens of replaced credentials are not found.
    #[cfg_attr(not(feature = "redis"), allow(dead_code, reason = "for Redis"))]
    Read,
    /// Where it is. Sufficient in a store of one user on one host: tokens of a replaced secret are used until they expire.
    StandIn,
}

/// Whose tokens the provider issues.
pub(super) async fn identity(provider: &Provider, slow: SlowSecrets) -> Result<EndpointIdentity, CredentialError> {
    match provider {
        Provider::Lean { base_url, client, .. } => of_client(base_url.as_str(), client, slow).await,
        Provider::Leanix { base_url, api_token } => {
            Ok(EndpointIdentity::new(base_url.as_str(), LEANIX_USER, &secret(api_token, slow).await?))
        }
        Provider::OAuth2 { token_url, client, parameters, .. } => {
            let identity = of_client(token_url.as_str(), client, slow).await?;
            let parameters = parameters.iter();
            Ok(parameters
                .fold(identity, |identity, (name, value)| identity.with_parameter(name, &Secret::from(value.as_str()))))
        }
    }
}

async fn of_client(url: &str, client: &Client, slow: SlowSecrets) -> Result<EndpointIdentity, CredentialError> {
    let id = client.id.credentials().await?;
    Ok(EndpointIdentity::new(url, id.expose(), &secret(&client.secret, slow).await?))
}

async fn secret(reference: &SecretReference, slow: SlowSecrets) -> Result<Secret, CredentialError> {
    match reference.stand_in().filter(|_| slow == SlowSecrets::StandIn) {
        Some(stand_in) => Ok(stand_in),
        None => reference.credentials().await,
    }
}
