//! The secrets that the tests plant.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use crate::Markers;

/// Secrets that show where they come from, and in which no eight characters occur anywhere else.
#[derive(Clone, Copy, Debug)]
pub struct Planted;

impl Planted {
    /// Lean's client secret.
    pub const CLIENT_SECRET: &str = "MARKER7q2ZxV9kLmW4tB8d";
    /// SAP LeanIX's API token.
    pub const API_TOKEN: &str = "LXT_MARKERp5RgY3nHs6Jc1F";
    /// The customer whom the claims of the access token name.
    pub const CUSTOMER_ID: &str = "d3a9c7e1-5b2f-4c86-9e0d-7f41b8a26c53";
    /// Stands in answers where neither a credential nor a token is: bytes of an answer must not show up either.
    pub const BODY: &str = "MARKERw0XfQ6uTb2KiZs5";
    /// The password of a proxy.
    pub const PROXY_PASSWORD: &str = "MARKERn8EyU1oGd7PvC3a";

    /// An access token, a JWT in whose claims the customer is named.
    #[must_use]
    pub fn access_token() -> String {
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","typ":"JWT"}"#);
        format!("{header}.{}", Self::claims_and_signature())
    }

    /// The value of the `Authorization` header that proves the API token, without its scheme.
    #[must_use]
    pub fn basic() -> String {
        STANDARD.encode(format!("apitoken:{}", Self::API_TOKEN))
    }

    /// All of them in one text, as a server repeats what it was sent and what it sends.
    #[must_use]
    pub fn echo() -> String {
        let (secret, api_token, customer, body) = (Self::CLIENT_SECRET, Self::API_TOKEN, Self::CUSTOMER_ID, Self::BODY);
        let (basic, access_token) = (Self::basic(), Self::access_token());
        format!("client_secret={secret} {api_token} Basic {basic} {access_token} customer.{customer} {body}")
    }

    /// The search for all of them.
    #[must_use]
    pub fn markers() -> Markers {
        Markers::new([
            ("the client secret", Self::CLIENT_SECRET),
            ("the API token", Self::API_TOKEN),
            ("the Basic header", &Self::basic()),
            // Without the header of the JWT, which is no secret.
            ("the access token", &Self::claims_and_signature()),
            ("the customer id", Self::CUSTOMER_ID),
            ("a body", Self::BODY),
            ("the proxy's password", Self::PROXY_PASSWORD),
        ])
    }

    fn claims_and_signature() -> String {
        let customer = Self::CUSTOMER_ID;
        let claims = format!(
            r#"{{"sub":"{customer}","scope":["customer.{customer}"],"principal":{{"id":"{customer}","permission":{{"workspaceId":"{customer}","workspaceName":"{customer}"}}}}}}"#
        );
        format!("{}.{}", URL_SAFE_NO_PAD.encode(claims), URL_SAFE_NO_PAD.encode("MARKERe4WhM2rDx9NqA6l"))
    }
}
