//! A string that must not be shown.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use http::HeaderValue;
use http::header::InvalidHeaderValue;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// A credential or a token.
///
/// `Debug` shows a placeholder, there is no `Display`, and the memory is overwritten on drop; each clone has its own
/// memory. A secret serializes only while a generated client builds a request. At any other time serializing is an
/// error, so that `serde` cannot write a struct with a secret to a log or a file.
///
/// ```
/// use auth_transport::Secret;
///
/// let secret = Secret::from("hunter2");
/// assert_eq!(format!("{secret:?}"), "Secret(..)");
/// assert_eq!(secret.expose(), "hunter2");
/// assert!(serde_json::to_string(&secret).is_err());
/// ```
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The secret in clear text. Review every call, since the secret could leak there.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The value of an HTTP header that consists of `prefix` and the secret, marked sensitive and overwritten on drop.
    ///
    /// # Errors
    /// As with [`Secret::into_header`].
    pub fn header_after(&self, prefix: &str) -> Result<HeaderValue, InvalidHeaderValue> {
        // The full capacity is reserved, since growing would leave an unwiped copy behind.
        let mut value = String::with_capacity(prefix.len() + self.0.len());
        value.push_str(prefix);
        value.push_str(&self.0);
        Self::from(value).into_header()
    }

    /// Turns the secret into the value of an HTTP header without a copy, marked sensitive and overwritten on drop.
    ///
    /// # Errors
    /// [`InvalidHeaderValue`] if it holds a control character, which is not allowed in a header.
    pub fn into_header(self) -> Result<HeaderValue, InvalidHeaderValue> {
        let mut header = HeaderValue::from_maybe_shared(Bytes::from_owner(self))?;
        header.set_sensitive(true);
        Ok(header)
    }
}

impl AsRef<[u8]> for Secret {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// The time of a comparison depends on the lengths, and not on the characters.
impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.as_ref().ct_eq(other.as_ref()).into()
    }
}

impl Eq for Secret {}

impl From<String> for Secret {
    fn from(value: String) -> Self {
        Self(Zeroizing::new(value))
    }
}

impl From<&str> for Secret {
    fn from(value: &str) -> Self {
        Self::from(value.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(..)")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Not `deserialize_string`: with that, formats put an unexpected value into their error.
        deserializer.deserialize_any(SecretVisitor)
    }
}

/// Accepts strings only, and shows no other value in errors: a secret of digits without quotes is still a secret.
struct SecretVisitor;

impl SecretVisitor {
    fn refuse<T, E: de::Error>() -> Result<T, E> {
        Err(E::custom("a secret must be a string"))
    }
}

impl<'de> Visitor<'de> for SecretVisitor {
    type Value = Secret;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a string")
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Secret, E> {
        Ok(Secret::from(value))
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<Secret, E> {
        Ok(Secret::from(value))
    }

    fn visit_bool<E: de::Error>(self, _value: bool) -> Result<Secret, E> {
        Self::refuse()
    }

    fn visit_i64<E: de::Error>(self, _value: i64) -> Result<Secret, E> {
        Self::refuse()
    }

    fn visit_i128<E: de::Error>(self, _value: i128) -> Result<Secret, E> {
        Self::refuse()
    }

    fn visit_u64<E: de::Error>(self, _value: u64) -> Result<Secret, E> {
        Self::refuse()
    }

    fn visit_u128<E: de::Error>(self, _value: u128) -> Result<Secret, E> {
        Self::refuse()
    }

    fn visit_f64<E: de::Error>(self, _value: f64) -> Result<Secret, E> {
        Self::refuse()
    }

    fn visit_bytes<E: de::Error>(self, _value: &[u8]) -> Result<Secret, E> {
        Self::refuse()
    }
}

impl JsonSchema for Secret {
    fn schema_name() -> Cow<'static, str> {
        "Secret".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "password" })
    }
}

#[cfg(test)]
mod tests {
    use serde::Serialize;

    use super::*;
    use crate::wire;

    #[derive(Serialize)]
    struct Form<'a> {
        client_secret: &'a Secret,
    }

    fn current_thread() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread().build().unwrap()
    }

    #[test]
    fn a_secret_serializes_into_a_request_and_nowhere_else() {
        let secret = Secret::from("marker");
        let form = Form { client_secret: &secret };
        assert!(serde_urlencoded::to_string(&form).is_err());
        let built = current_thread().block_on(wire::while_building(async { serde_urlencoded::to_string(&form) }));
        assert_eq!(built.unwrap(), "client_secret=marker");
        assert!(serde_json::to_string(&form).is_err(), "the permission ends with the request");
    }

    #[test]
    fn the_permission_ends_when_building_a_request_panics() {
        let panicked = std::panic::catch_unwind(|| {
            current_thread().block_on(wire::while_building(async { panic!("while building") }));
        });
        assert!(panicked.is_err());
        assert!(serde_json::to_string(&Secret::from("marker")).is_err());
    }

    #[test]
    fn a_secret_does_not_serialize_while_a_request_is_sent() {
        let secret = Secret::from("marker");
        let built = current_thread().block_on(wire::while_building(async {
            let inside = wire::while_sending(async { serde_json::to_string(&secret).is_err() }).await;
            inside && serde_json::to_string(&secret).is_ok()
        }));
        assert!(built);
    }

    #[test]
    fn anything_but_a_string_is_refused_without_being_repeated() {
        for json in ["847261905532", "-847261905532", "8.47261905532", "true", "null", "[847261905532]", "{\"a\":1}"] {
            let error = serde_json::from_str::<Secret>(json).unwrap_err().to_string();
            assert!(!error.contains("8") && !error.contains("true"), "{json}: {error}");
        }
    }

    #[test]
    fn secrets_are_equal_if_their_characters_are() {
        for (one, other, same) in [("a", "a", true), ("a", "b", false), ("a", "aa", false), ("", "", true)] {
            assert_eq!(Secret::from(one) == Secret::from(other), same, "{one} {other}");
        }
    }

    #[test]
    fn debug_shows_neither_the_secret_nor_its_length() {
        assert_eq!(format!("{:?}", Secret::from("a")), format!("{:#?}", Secret::from("a much longer one")));
    }
}
