//! Values with the text that they were read from.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::ops::Deref;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::value::{Error as ValueError, StrDeserializer};
use serde::de::{self, DeserializeOwned, Deserializer, IntoDeserializer, Visitor};
use serde::{Deserialize, Serialize, Serializer};

/// A value that is a text in JSON, such as a date or a UUID, and that is written back as it was read.
///
/// Several texts may have the same value: `2026-01-31T10:00:00.50Z` and `2026-01-31T10:00:00.5+00:00`, or a UUID in upper and
/// in lower case. The text is kept where it differs from the one that `T` is written as; [`text`](Self::text), [`Display`] and
/// [`Serialize`] use it. Everything else is that of the value: it dereferences to `T`, and two values with different texts are
/// equal, have the same hash and the same order.
///
/// ```
/// use auth_transport::Verbatim;
/// use std::net::Ipv6Addr;
///
/// let address: Verbatim<Ipv6Addr> = serde_json::from_str(r#""0:0:0:0:0:0:0:1""#)?;
/// assert!(address.is_loopback());
/// assert_eq!(address, Verbatim::from(Ipv6Addr::LOCALHOST));
/// assert_eq!(serde_json::to_string(&address)?, r#""0:0:0:0:0:0:0:1""#);
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// [`Display`]: fmt::Display
#[derive(Clone, Default)]
pub struct Verbatim<T> {
    value: T,
    /// The text that it was read from, unless `value` is written as that.
    text: Option<Box<str>>,
}

/// The text is not a value of the type; it is not shown, since it may be confidential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidText;

impl fmt::Display for InvalidText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the text is not a value of this type")
    }
}

impl std::error::Error for InvalidText {}

impl<T> Verbatim<T> {
    /// The value without its text.
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T: Serialize> Verbatim<T> {
    /// The text that the value was read from, or the one that it is written as.
    ///
    /// It is empty if `T` is not written as a text, which no type of a generated crate is.
    pub fn text(&self) -> Cow<'_, str> {
        match &self.text {
            Some(text) => Cow::Borrowed(text),
            None => Cow::Owned(written(&self.value).unwrap_or_default()),
        }
    }
}

/// The text that a value is written as.
fn written<T: Serialize>(value: &T) -> Option<String> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => Some(text),
        _ => None,
    }
}

impl<T: DeserializeOwned + Serialize> FromStr for Verbatim<T> {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let deserializer: StrDeserializer<'_, ValueError> = text.into_deserializer();
        let value = T::deserialize(deserializer).map_err(|_| InvalidText)?;
        let is_kept = written(&value).is_none_or(|written| written != text);
        Ok(Self { value, text: is_kept.then(|| text.into()) })
    }
}

impl<T> From<T> for Verbatim<T> {
    fn from(value: T) -> Self {
        Self { value, text: None }
    }
}

impl<T> Deref for Verbatim<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> AsRef<T> for Verbatim<T> {
    fn as_ref(&self) -> &T {
        &self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Verbatim<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl<T: Serialize> fmt::Display for Verbatim<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text())
    }
}

impl<T: PartialEq> PartialEq for Verbatim<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for Verbatim<T> {}

impl<T: PartialOrd> PartialOrd for Verbatim<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.value.partial_cmp(&other.value)
    }
}

impl<T: Ord> Ord for Verbatim<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.value.cmp(&other.value)
    }
}

impl<T: Hash> Hash for Verbatim<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.value.hash(state);
    }
}

impl<T: Serialize> Serialize for Verbatim<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.text {
            Some(text) => serializer.serialize_str(text),
            None => self.value.serialize(serializer),
        }
    }
}

impl<'de, T: DeserializeOwned + Serialize> Deserialize<'de> for Verbatim<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text<T>(PhantomData<T>);

        impl<T: DeserializeOwned + Serialize> Visitor<'_> for Text<T> {
            type Value = Verbatim<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Verbatim<T>, E> {
                text.parse().map_err(E::custom)
            }
        }

        deserializer.deserialize_str(Text(PhantomData))
    }
}

impl<T: JsonSchema> JsonSchema for Verbatim<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashSet};
    use std::net::{IpAddr, Ipv6Addr};

    use super::*;

    const LONG: &str = "2001:DB8:0:0:0:0:0:1";
    const SHORT: &str = "2001:db8::1";

    fn address(text: &str) -> Verbatim<Ipv6Addr> {
        text.parse().expect(text)
    }

    #[test]
    fn a_value_is_written_as_it_was_read() {
        for text in [LONG, SHORT, "::", "::ffff:1.2.3.4"] {
            let json = format!("\"{text}\"");
            let read: Verbatim<Ipv6Addr> = serde_json::from_str(&json).expect(text);
            assert_eq!(serde_json::to_string(&read).expect("JSON"), json);
            assert_eq!((read.to_string(), &*read.text()), (text.to_owned(), text));
            assert_eq!(serde_urlencoded::to_string([("a", &read)]).expect("a form"), {
                serde_urlencoded::to_string([("a", text)]).expect("a form")
            });
            assert_eq!((read.clone().into_inner(), *read), (address(text).value, *address(text)));
        }
        assert!(address(LONG).text.is_some() && address(SHORT).text.is_none());
        assert_eq!(format!("{:>4}", Verbatim::from(Ipv6Addr::UNSPECIFIED)), "  ::");
    }

    #[test]
    fn the_value_alone_is_compared() {
        let (long, short, other) = (address(LONG), address(SHORT), address("::"));
        assert!(long == short && *long == *short && long != other && other < long);
        assert_eq!(HashSet::from([long.clone(), short.clone(), other.clone()]).len(), 2);
        assert_eq!(BTreeSet::from([long.clone(), short, other]).len(), 2);
        assert_eq!(format!("{long:?}"), SHORT);
    }

    #[test]
    fn what_is_not_a_value_is_refused_without_its_text() {
        for json in ["\"s3cret\"", "1", "null", "[1]", "{\"a\":1}", "\"\""] {
            let error = serde_json::from_str::<Verbatim<IpAddr>>(json).expect_err(json).to_string();
            assert!(!error.contains("s3cret"), "{error}");
        }
        assert_eq!("s3cret".parse::<Verbatim<IpAddr>>(), Err(InvalidText));
    }

    #[test]
    fn the_schema_is_that_of_the_value() {
        assert_eq!(schemars::schema_for!(Verbatim<Ipv6Addr>), schemars::schema_for!(Ipv6Addr));
    }
}
