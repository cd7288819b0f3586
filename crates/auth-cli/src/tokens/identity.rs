//! Whose tokens a profile requests, without an HTTP client.
//!
//! The identity is that of the endpoint of the library, so that Rust programs with the same store and the same keys share the tokens.

use auth_core::{CredentialError, CredentialSource as _, EndpointIdentity, Secret};
use auth_transport::SigningKey;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::config::client::Client;
use crate::config::oauth2::{OAuth2, OAuth2Client, PrivateKey};
use crate::config::provider::Provider;
use crate::secrets::reference::SecretReference;

/// The user name that is sent with every API token.
const LEANIX_USER: &str = "apitoken";

/// Whether a secret that takes long to read is part of the identity, or only where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SlowSecrets {
    /// The secret itself, so that tokens of replaced credentials are not found.
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
        Provider::OAuth2(oauth2) => {
            let identity = of_oauth2(oauth2, slow).await?;
            let parameters = oauth2.parameters.iter();
            Ok(parameters
                .fold(identity, |identity, (name, value)| identity.with_parameter(name, &Secret::from(value.as_str()))))
        }
    }
}

async fn of_oauth2(oauth2: &OAuth2, slow: SlowSecrets) -> Result<EndpointIdentity, CredentialError> {
    let server = oauth2.server.as_str();
    let of = |id: Secret, credential: Secret, kind: &str| {
        let identity = EndpointIdentity::new(server, id.expose(), &credential);
        identity.with_parameter("client authentication", &Secret::from(kind))
    };
    match &oauth2.client {
        OAuth2Client::Secret { client, .. } => of_client(server, client, slow).await,
        OAuth2Client::PrivateKey(PrivateKey { id, key, .. }) => {
            let pem = secret(key, slow).await?;
            // The same key in another encoding is the same key. A stand-in is none.
            let public = SigningKey::from_pem(pem.as_ref()).ok().and_then(|key| key.public_key());
            let credential = public.map_or(pem, |key| Secret::from(URL_SAFE_NO_PAD.encode(key)));
            Ok(of(id.credentials().await?, credential, "private_key_jwt"))
        }
        OAuth2Client::Certificate { id, chain, .. } => {
            Ok(of(id.credentials().await?, secret(chain, slow).await?, "tls_client_auth"))
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
