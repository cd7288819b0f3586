//! Replacing the credentials that a provider accepts.

use serde::Deserialize;

use super::{failure::Failure, json::parse};
use crate::{Vendor, state::Shared};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClientSecret {
    client_secret: Secret,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ApiToken {
    api_token: Secret,
}

/// A value that clients can send: an empty one counts as omitted (RFC 6749 section 3.2).
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Secret(String);

impl TryFrom<String> for Secret {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.is_empty() { Err("must not be empty") } else { Ok(Self(text)) }
    }
}

/// The name of the credential of a provider that can be replaced.
pub(super) fn name(vendor: Vendor) -> &'static str {
    match vendor {
        Vendor::Lean | Vendor::OAuth2 => "client_secret",
        Vendor::LeanIx => "api_token",
    }
}

/// Replaces the credential of a provider by that of a document.
pub(super) fn replace(shared: &Shared, vendor: Vendor, body: &[u8]) -> Result<(), Failure> {
    let client_secret = || parse::<ClientSecret>(body).map(|document| document.client_secret.0);
    match vendor {
        Vendor::Lean => shared.credentials_mut().lean_client_secret = client_secret()?,
        Vendor::LeanIx => shared.credentials_mut().leanix_api_token = parse::<ApiToken>(body)?.api_token.0,
        Vendor::OAuth2 => shared.oauth2.registration_mut().secret = client_secret()?,
    }
    Ok(())
}
