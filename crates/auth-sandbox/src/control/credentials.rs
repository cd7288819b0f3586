//! Replacing the credentials that a provider accepts.

use serde::Deserialize;

use super::{failure::Failure, json::parse};
use crate::{Vendor, credentials::Credentials};

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
        Vendor::Lean => "client_secret",
        Vendor::LeanIx => "api_token",
    }
}

/// Replaces the credential of a provider by that of a document.
pub(super) fn replace(accepted: &mut Credentials, vendor: Vendor, body: &[u8]) -> Result<(), Failure> {
    match vendor {
        Vendor::Lean => accepted.lean_client_secret = parse::<ClientSecret>(body)?.client_secret.0,
        Vendor::LeanIx => accepted.leanix_api_token = parse::<ApiToken>(body)?.api_token.0,
    }
    Ok(())
}
