//! Members of which `null` is a value.

use serde::{Deserialize, Deserializer};

/// Reads a member that is present: `null` is read as a value of `T`, and not as an absent member.
///
/// It is for fields with `#[serde(default)]`, for which serde does not call it if the member is absent.
///
/// # Errors
///
/// Fails if the value is not a `T`.
pub fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    struct Pet {
        #[serde(default, deserialize_with = "present")]
        nick: Option<Option<String>>,
        #[serde(default, deserialize_with = "present")]
        any: Option<serde_json::Value>,
    }

    #[test]
    fn null_is_told_from_an_absent_member() {
        for (text, pet) in [
            ("{}", Pet::default()),
            (r#"{"nick":null}"#, Pet { nick: Some(None), any: None }),
            (r#"{"nick":"Rex"}"#, Pet { nick: Some(Some("Rex".to_owned())), any: None }),
            (r#"{"any":null}"#, Pet { nick: None, any: Some(serde_json::Value::Null) }),
        ] {
            assert_eq!(serde_json::from_str::<Pet>(text).unwrap(), pet, "{text}");
        }
    }
}
