//! The known secrets of the tests.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use crate::Markers;

/// Secrets of which no eight consecutive characters occur anywhere else.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct TestSecrets {
    /// Lean's client secret.
    pub client_secret: &'static str,
    /// SAP LeanIX's API token.
    pub api_token: &'static str,
    /// The customer in the claims of the access token. Not a UUID, whose parts could occur in any random number.
    pub customer_id: &'static str,
    /// The text of responses in places without a credential or token, since no bytes of a response may be shown either.
    pub body: &'static str,
    /// The password of a proxy.
    pub proxy_password: &'static str,
    /// An access token that is not a JWT.
    opaque: Option<&'static str>,
}

impl TestSecrets {
    /// Secrets whose text names their origin.
    pub const MIXED: Self = Self {
        client_secret: "MARKER7q2ZxV9kLmW4tB8d",
        api_token: "LXT_MARKERp5RgY3nHs6Jc1F",
        customer_id: "d3k9w7z1-5q2x-4y86-9v0m-7t41p8h26j53",
        body: "MARKERw0XfQ6uTb2KiZs5",
        proxy_password: "MARKERn8EyU1oGd7PvC3a",
        opaque: None,
    };

    /// A secret of lower-case letters only, which could be an error code. Every server receives it, in any request.
    pub const LETTERS: Self = Self {
        client_secret: "qzxvkwjhygpbmfdtnrcslo",
        api_token: "qzxvkwjhygpbmfdtnrcslo",
        opaque: Some("qzxvkwjhygpbmfdtnrcslo"),
        body: "wvqjzkxhbgyfpmcdlrntsu",
        ..Self::MIXED
    };

    /// An access token: a JWT with the customer in its claims, or an opaque token.
    #[must_use]
    pub fn access_token(&self) -> String {
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","typ":"JWT"}"#);
        self.opaque.map_or_else(|| format!("{header}.{}", self.claims_and_signature()), str::to_owned)
    }

    /// The value of the `Authorization` header for the API token, without its scheme.
    #[must_use]
    pub fn basic(&self) -> String {
        STANDARD.encode(format!("apitoken:{}", self.api_token))
    }

    /// All secrets in one text, as if a server repeated everything that it received and sent.
    #[must_use]
    pub fn echo(&self) -> String {
        let Self { client_secret, api_token, customer_id, body, .. } = self;
        let (basic, access_token) = (self.basic(), self.access_token());
        format!("client_secret={client_secret} {api_token} Basic {basic} {access_token} customer.{customer_id} {body}")
    }

    /// A secret in forms that a server could send in place of a word: whole, in part, in capital letters, in pieces.
    #[must_use]
    pub fn words(secret: &str) -> Vec<String> {
        let part = &secret[5..secret.len() - 2];
        let pieces = |separator: &str| {
            let pieces = part.as_bytes().chunks(3).map(String::from_utf8_lossy);
            pieces.collect::<Vec<_>>().join(separator)
        };
        vec![secret.to_owned(), part.to_owned(), part.to_ascii_uppercase(), pieces("_"), pieces("-.").to_lowercase()]
    }

    /// The search for all secrets.
    #[must_use]
    pub fn markers(&self) -> Markers {
        Markers::new(self.named())
    }

    /// All secrets with their names.
    fn named(&self) -> [(&'static str, String); 7] {
        [
            ("the client secret", self.client_secret.to_owned()),
            ("the API token", self.api_token.to_owned()),
            ("the Basic header", self.basic()),
            // Without the header of the JWT, which is not secret.
            ("the access token", self.opaque.map_or_else(|| self.claims_and_signature(), str::to_owned)),
            ("the customer id", self.customer_id.to_owned()),
            ("a body", self.body.to_owned()),
            ("the proxy's password", self.proxy_password.to_owned()),
        ]
    }

    fn claims_and_signature(&self) -> String {
        let customer = self.customer_id;
        let claims = format!(
            r#"{{"sub":"{customer}","scope":["customer.{customer}"],"principal":{{"id":"{customer}","permission":{{"workspaceId":"{customer}","workspaceName":"{customer}"}}}}}}"#
        );
        format!("{}.{}", URL_SAFE_NO_PAD.encode(claims), URL_SAFE_NO_PAD.encode("MARKERe4WhM2rDx9NqA6l"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markers::SHORTEST_LEAK_BYTES;

    /// Logs of TLS contain random numbers and certificates in hexadecimal, and in a megabyte of them any eight digits
    /// may occur.
    #[test]
    fn no_part_of_a_test_secret_could_be_digits_of_a_random_number() {
        for (name, secret) in [TestSecrets::MIXED, TestSecrets::LETTERS].iter().flat_map(TestSecrets::named) {
            let letters: Vec<u8> = secret.bytes().filter(u8::is_ascii_alphanumeric).collect();
            for part in letters.windows(SHORTEST_LEAK_BYTES) {
                assert!(!part.iter().all(u8::is_ascii_hexdigit), "{name}: {}", String::from_utf8_lossy(part));
            }
        }
    }
}
