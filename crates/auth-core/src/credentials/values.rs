//! Credentials of a client, and the trait for their sources.

use std::future::Future;

use auth_transport::Secret;

use crate::credentials::error::CredentialError;
use crate::credentials::invisible::first_invisible;

/// The credentials of an OAuth 2.0 client (RFC 6749 section 2.3.1).
#[derive(Clone, Debug)]
pub struct ClientCredentials {
    client_id: String,
    client_secret: Secret,
}

impl ClientCredentials {
    /// Creates credentials from client id and client secret.
    ///
    /// Spaces are part of the credentials, also at the beginning and end (RFC 6749 appendix A).
    ///
    /// # Errors
    /// [`CredentialError`] if one of them is empty, consists of spaces only, or holds an invisible character, such as
    /// the line break of a line read from a file.
    ///
    /// ```
    /// use auth_core::ClientCredentials;
    ///
    /// assert!(ClientCredentials::new("my-app", "s3cret").is_ok());
    /// let error = ClientCredentials::new("my-app", "s3cret\n").unwrap_err();
    /// assert_eq!(error.to_string(), "client_secret: holds U+000A (line feed) at position 7; remove it");
    /// ```
    pub fn new(client_id: impl Into<String>, client_secret: impl Into<Secret>) -> Result<Self, CredentialError> {
        let (client_id, client_secret) = (client_id.into(), client_secret.into());
        check("client_id", &client_id)?;
        check("client_secret", client_secret.expose())?;
        Ok(Self { client_id, client_secret })
    }

    /// The client id, which is not secret (RFC 6749 section 2.2).
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The client secret.
    #[must_use]
    pub fn client_secret(&self) -> &Secret {
        &self.client_secret
    }

    /// True if these are the same credentials.
    #[cfg(any(feature = "lean", feature = "oauth2"))]
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.client_id == other.client_id && self.client_secret == other.client_secret
    }
}

/// The API token of an SAP LeanIX Technical User.
///
/// <https://docs-eam.leanix.net/docs/technical-users>
#[derive(Clone, Debug)]
pub struct ApiToken(Secret);

impl ApiToken {
    /// Creates an API token from the text that the administration page shows.
    ///
    /// # Errors
    /// [`CredentialError`] if it is empty, consists of spaces only, or holds an invisible character.
    pub fn new(api_token: impl Into<Secret>) -> Result<Self, CredentialError> {
        let api_token = api_token.into();
        check("api_token", api_token.expose())?;
        Ok(Self(api_token))
    }

    /// The API token itself.
    #[must_use]
    pub fn secret(&self) -> &Secret {
        &self.0
    }

    /// True if this is the same API token.
    #[cfg(feature = "leanix")]
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

/// Refuses a value that is blank or contains an invisible character.
pub(crate) fn check(field: &'static str, value: &str) -> Result<(), CredentialError> {
    if value.trim_matches(' ').is_empty() {
        return Err(CredentialError::Empty { field });
    }
    match first_invisible(value) {
        Some((character, position)) => Err(CredentialError::Character { field, character, position }),
        None => Ok(()),
    }
}

/// A source of credentials. It is queried before each token request, so credentials can be replaced while the program
/// runs.
///
/// Credentials themselves are a source that never changes. [`SharedCredentials`](crate::SharedCredentials),
/// [`SecretFile`](crate::SecretFile) and [`SecretVariable`](crate::SecretVariable) are sources that can change. When
/// the authorization server refuses the credentials, the endpoints of Lean and SAP LeanIX query their source once more
/// and, if it returns other credentials, try these immediately. A function that returns a future is a source, too:
///
/// ```
/// use auth_core::{ApiToken, CredentialError, CredentialSource};
///
/// async fn from_vault() -> Result<ApiToken, CredentialError> {
///     # let read = || Some("LXT_1234567890");
///     let secret = read().ok_or_else(|| CredentialError::unavailable("the vault is sealed"))?;
///     ApiToken::new(secret)
/// }
///
/// fn takes_a_source(source: impl CredentialSource<ApiToken>) {}
/// takes_a_source(from_vault);
/// ```
pub trait CredentialSource<C>: Send + Sync + 'static {
    /// The credentials to use for the next request.
    ///
    /// # Errors
    /// [`CredentialError`] if the source has none. No request is sent then.
    fn credentials(&self) -> impl Future<Output = Result<C, CredentialError>> + Send;
}

impl CredentialSource<Self> for ClientCredentials {
    async fn credentials(&self) -> Result<Self, CredentialError> {
        Ok(self.clone())
    }
}

impl CredentialSource<Self> for ApiToken {
    async fn credentials(&self) -> Result<Self, CredentialError> {
        Ok(self.clone())
    }
}

impl CredentialSource<Self> for Secret {
    async fn credentials(&self) -> Result<Self, CredentialError> {
        Ok(self.clone())
    }
}

impl<C, F, A> CredentialSource<C> for F
where
    F: Fn() -> A + Send + Sync + 'static,
    A: Future<Output = Result<C, CredentialError>> + Send,
{
    fn credentials(&self) -> impl Future<Output = Result<C, CredentialError>> + Send {
        self()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unusable_credentials_are_refused_by_field() {
        let empty = |field| CredentialError::Empty { field };
        let character = |field, character, position| CredentialError::Character { field, character, position };
        for (client_id, client_secret, error) in [
            ("", "secret", empty("client_id")),
            ("id", "", empty("client_secret")),
            ("id", "  ", empty("client_secret")),
            ("i\td", "secret", character("client_id", '\t', 2)),
            ("id", "secret\r\n", character("client_secret", '\r', 7)),
            ("id", "\0", character("client_secret", '\0', 1)),
            ("id", "\u{feff}secret", character("client_secret", '\u{feff}', 1)),
            ("id", "se\u{202e}cret", character("client_secret", '\u{202e}', 3)),
        ] {
            assert_eq!(ClientCredentials::new(client_id, client_secret).unwrap_err(), error);
        }
        assert_eq!(ApiToken::new("").unwrap_err(), empty("api_token"));
        assert_eq!(ApiToken::new("LXT_1\n").unwrap_err(), character("api_token", '\n', 6));
    }

    #[test]
    fn spaces_are_part_of_a_credential() {
        let credentials = ClientCredentials::new("my id", " two  words ").unwrap();
        assert_eq!((credentials.client_id(), credentials.client_secret().expose()), ("my id", " two  words "));
        assert_eq!(ApiToken::new("LXT 1").unwrap().secret().expose(), "LXT 1");
    }

    #[cfg(all(feature = "lean", feature = "leanix"))]
    #[test]
    fn credentials_are_the_same_if_every_part_is() {
        let credentials = |client_id, client_secret| ClientCredentials::new(client_id, client_secret).unwrap();
        for (client_id, client_secret, same) in
            [("id", "secret", true), ("id", "Secret", false), ("id", "secret2", false), ("other", "secret", false)]
        {
            let other = credentials(client_id, client_secret);
            assert_eq!(credentials("id", "secret").is_same(&other), same, "{client_id} {client_secret}");
        }
        let api_token = |text| ApiToken::new(text).unwrap();
        assert!(api_token("LXT_1").is_same(&api_token("LXT_1")));
        assert!(!api_token("LXT_1").is_same(&api_token("LXT_2")));
    }

    #[test]
    fn debug_shows_no_secret() {
        let credentials = ClientCredentials::new("id", "marker").unwrap();
        let debug = format!("{credentials:?} {:?}", ApiToken::new("marker").unwrap());
        assert!(!debug.contains("marker"), "{debug}");
    }
}
