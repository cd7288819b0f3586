//! Members of answers.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::value::{BorrowedStrDeserializer, MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{DeserializeOwned, Error as _, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer, ser};
use serde_json::value::RawValue;

use super::drift::DriftKind;
use super::notes;
use super::probe::probe;

/// The name by which a reader recognizes the type.
pub(super) const RECEIVED: &str = "$auth_transport::Received";

/// The name by which `serde_json` recognizes [`RawValue`]. It is private there; a test notices if it changes.
const RAW: &str = "$serde_json::private::RawValue";

/// A member of an answer, as the server sent it.
///
/// Servers send other things than their documents say: `null` for a required member, a number for a text, a date in another form.
/// Such a member does not fail the whole answer. It dereferences to `Option<T>`: the value, if it fits the documented type.
/// Otherwise it is `None`, and [`raw`](Self::raw) has the text of what came instead, which is also written back unchanged.
///
/// ```
/// use auth_transport::Received;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Deserialize, Serialize)]
/// struct Customer {
///     id: Received<u64>,
///     #[serde(default, skip_serializing_if = "Received::is_absent")]
///     name: Received<String>,
/// }
///
/// let customer: Customer = serde_json::from_str(r#"{"id":7,"name":"Rana"}"#)?;
/// assert_eq!(*customer.id.required()?, 7);
/// assert_eq!(customer.name.as_deref(), Some("Rana"));
///
/// // The id is a text, against the document, and there is no name.
/// let customer: Customer = serde_json::from_str(r#"{"id":"7"}"#)?;
/// assert_eq!(customer.id.required().unwrap_err().to_string(), "the member is a JSON string that does not fit its type");
/// assert_eq!(customer.id.raw(), Some("\"7\""));
/// assert!(customer.name.is_absent());
/// assert_eq!(serde_json::to_string(&customer)?, r#"{"id":"7"}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// `Debug` shows the value, or the kind of what came instead, but never its text. `P` is [`Nullable`] where the document allows
/// `null`, and [`Confidential`] where the value may hold a secret.
pub struct Received<T, P = Plain> {
    value: Option<T>,
    instead: Instead,
    treatment: PhantomData<fn() -> P>,
}

/// What a member without a value is; without meaning for one with a value.
#[derive(Clone, Debug, Default)]
enum Instead {
    #[default]
    Absent,
    Null,
    Text(Box<RawValue>),
    /// Text that may hold a secret, and is not kept.
    Withheld(JsonType),
}

impl PartialEq for Instead {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Absent, Self::Absent) | (Self::Null, Self::Null) => true,
            (Self::Text(own), Self::Text(other)) => own.get() == other.get(),
            (Self::Withheld(own), Self::Withheld(other)) => own == other,
            _ => false,
        }
    }
}

/// How a [`Received`] member is treated: one of [`Plain`], [`Nullable`], [`Confidential`] and [`NullableConfidential`].
pub trait Treatment: sealed::Sealed {
    /// True if the document allows `null`, so that it is no [drift](crate::Drift).
    const NULLABLE: bool;

    /// True if text that does not fit the type is not kept, since it may hold a secret.
    const CONFIDENTIAL: bool;
}

mod sealed {
    /// Keeps the kinds of treatment in this crate.
    pub trait Sealed {}
}

macro_rules! treatments {
    ($($(#[$documentation:meta])* $name:ident: $nullable:literal, $confidential:literal;)*) => {$(
        $(#[$documentation])*
        #[derive(Debug)]
        #[non_exhaustive]
        pub struct $name;

        impl sealed::Sealed for $name {}

        impl Treatment for $name {
            const NULLABLE: bool = $nullable;
            const CONFIDENTIAL: bool = $confidential;
        }
    )*};
}

treatments! {
    /// The document does not allow `null`. Text that does not fit the type is kept.
    Plain: false, false;
    /// The document allows `null`. Text that does not fit the type is kept.
    Nullable: true, false;
    /// The document does not allow `null`. Text that does not fit the type may hold a secret and is not kept.
    Confidential: false, true;
    /// The document allows `null`. Text that does not fit the type may hold a secret and is not kept.
    NullableConfidential: true, true;
}

impl<T, P> Received<T, P> {
    const fn without_value(instead: Instead) -> Self {
        Self { value: None, instead, treatment: PhantomData }
    }

    fn with(value: T) -> Self {
        Self { value: Some(value), ..Self::default() }
    }

    /// A member with the value `null`.
    #[must_use]
    pub const fn null() -> Self {
        Self::without_value(Instead::Null)
    }

    /// True if there is no such member.
    #[must_use]
    pub const fn is_absent(&self) -> bool {
        self.value.is_none() && matches!(self.instead, Instead::Absent)
    }

    /// True if the member is `null`.
    #[must_use]
    pub const fn is_null(&self) -> bool {
        self.value.is_none() && matches!(self.instead, Instead::Null)
    }

    /// The JSON text of what came instead of a value: `null`, or JSON that does not fit the type. It is written back unchanged.
    ///
    /// `None` if there is a value or no such member. Also `None` for [`Confidential`] members: text that may hold a secret is not
    /// kept, and writing such a member is an error.
    #[must_use]
    pub fn raw(&self) -> Option<&str> {
        match &self.instead {
            Instead::Null if self.value.is_none() => Some("null"),
            Instead::Text(text) if self.value.is_none() => Some(text.get()),
            _ => None,
        }
    }

    /// The value, if there is one.
    #[must_use]
    pub fn into_option(self) -> Option<T> {
        self.value
    }

    /// The value, which the program cannot do without.
    ///
    /// # Errors
    /// [`NoValue`] if the member is absent, `null`, or does not fit its type.
    pub fn required(&self) -> Result<&T, NoValue> {
        self.value.as_ref().ok_or_else(|| self.no_value())
    }

    /// As [`required`](Self::required), by value.
    ///
    /// # Errors
    /// As with [`required`](Self::required).
    pub fn into_required(self) -> Result<T, NoValue> {
        let no_value = self.no_value();
        self.value.ok_or(no_value)
    }

    fn no_value(&self) -> NoValue {
        NoValue(match &self.instead {
            Instead::Absent => None,
            Instead::Null => Some(JsonType::Null),
            Instead::Text(text) => Some(JsonType::of(text.get())),
            Instead::Withheld(kind) => Some(*kind),
        })
    }
}

/// A member of an answer has no value of its type. Contains nothing of what came instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoValue(Option<JsonType>);

impl fmt::Display for NoValue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => formatter.write_str("the member is absent"),
            Some(JsonType::Null) => formatter.write_str("the member is null"),
            Some(kind) => write!(formatter, "the member is a JSON {} that does not fit its type", kind.as_str()),
        }
    }
}

impl std::error::Error for NoValue {}

/// A type of JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum JsonType {
    Null,
    Boolean,
    Number,
    String,
    Array,
    Object,
}

impl JsonType {
    /// The type of a JSON text.
    fn of(text: &str) -> Self {
        match text.as_bytes().first() {
            Some(b'n') => Self::Null,
            Some(b't' | b'f') => Self::Boolean,
            Some(b'"') => Self::String,
            Some(b'[') => Self::Array,
            Some(b'{') => Self::Object,
            _ => Self::Number,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "boolean",
            Self::Number => "number",
            Self::String => "string",
            Self::Array => "array",
            Self::Object => "object",
        }
    }
}

impl<T, P> Deref for Received<T, P> {
    type Target = Option<T>;

    fn deref(&self) -> &Option<T> {
        &self.value
    }
}

impl<T, P> From<T> for Received<T, P> {
    fn from(value: T) -> Self {
        Self::with(value)
    }
}

/// `None` is absent.
impl<T, P> From<Option<T>> for Received<T, P> {
    fn from(value: Option<T>) -> Self {
        Self { value, ..Self::default() }
    }
}

impl<T, P> From<Received<T, P>> for Option<T> {
    fn from(received: Received<T, P>) -> Self {
        received.value
    }
}

/// Absent.
impl<T, P> Default for Received<T, P> {
    fn default() -> Self {
        Self::without_value(Instead::Absent)
    }
}

impl<T: Clone, P> Clone for Received<T, P> {
    fn clone(&self) -> Self {
        Self { value: self.value.clone(), instead: self.instead.clone(), treatment: PhantomData }
    }
}

impl<T: PartialEq, P> PartialEq for Received<T, P> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value && self.instead == other.instead
    }
}

impl<T: Eq, P> Eq for Received<T, P> {}

impl<T: fmt::Debug, P> fmt::Debug for Received<T, P> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.value, self.no_value().0) {
            (Some(value), _) => value.fmt(formatter),
            (None, None) => formatter.write_str("absent"),
            (None, Some(kind)) => formatter.write_str(kind.as_str()),
        }
    }
}

impl<T: Serialize, P> Serialize for Received<T, P> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (&self.value, &self.instead) {
            (Some(value), _) => value.serialize(serializer),
            (None, Instead::Text(text)) => text.serialize(serializer),
            (None, Instead::Absent | Instead::Null) => serializer.serialize_none(),
            (None, Instead::Withheld(_)) => {
                Err(ser::Error::custom("a member that may have held a secret was not kept"))
            }
        }
    }
}

impl<T: JsonSchema, P> JsonSchema for Received<T, P> {
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }

    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

impl<'de, T: DeserializeOwned, P: Treatment> Deserialize<'de> for Received<T, P> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut is_present = false;
        let visitor = Member { is_present: &mut is_present, kind: PhantomData };
        deserializer.deserialize_newtype_struct(RECEIVED, visitor).or_else(|error| {
            // Derived types ask a type for the value of an absent member with a deserializer that only fails.
            let text = if is_present { String::new() } else { error.to_string() };
            let name = text.strip_prefix("missing field `").and_then(|rest| rest.rsplit_once('`'));
            let (name, _) = name.ok_or(error)?;
            notes::note_absent(name);
            Ok(Self::default())
        })
    }
}

/// Reads a member.
struct Member<'present, T, P> {
    is_present: &'present mut bool,
    kind: PhantomData<fn() -> (T, P)>,
}

impl<T: DeserializeOwned, P: Treatment> Member<'_, T, P> {
    /// The member with this JSON text.
    fn text(text: &str) -> Received<T, P> {
        if text == "null" {
            return Self::null();
        }
        match probe::<T>(text) {
            Ok(probe) => Received::with(probe.accept()),
            Err(failure) => {
                let kind = failure.kind();
                notes::note_at(failure.path, kind);
                Received::without_value(match RawValue::from_string(text.to_owned()) {
                    Ok(text) if !P::CONFIDENTIAL => Instead::Text(text),
                    _ => Instead::Withheld(JsonType::of(text)),
                })
            }
        }
    }

    fn null() -> Received<T, P> {
        if !P::NULLABLE {
            notes::note(DriftKind::Null);
        }
        Received::null()
    }

    fn value<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Received<T, P>, D::Error> {
        T::deserialize(deserializer).map(Received::with)
    }
}

/// Visits of formats that have no newtypes.
macro_rules! take {
    ($($method:ident: $value:ty),*) => {$(
        fn $method<E: serde::de::Error>(self, value: $value) -> Result<Received<T, P>, E> {
            *self.is_present = true;
            Self::value(value.into_deserializer())
        }
    )*};
}

impl<'de, T: DeserializeOwned, P: Treatment> Visitor<'de> for Member<'_, T, P> {
    type Value = Received<T, P>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a member of an answer")
    }

    /// `null`, from a reader.
    fn visit_unit<E: serde::de::Error>(self) -> Result<Received<T, P>, E> {
        *self.is_present = true;
        Ok(Self::null())
    }

    /// A value that must fit, from a reader.
    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Received<T, P>, D::Error> {
        *self.is_present = true;
        Self::value(deserializer)
    }

    /// The text of a value that may be kept, from a reader.
    fn visit_borrowed_bytes<E: serde::de::Error>(self, text: &'de [u8]) -> Result<Received<T, P>, E> {
        *self.is_present = true;
        std::str::from_utf8(text).map(Self::text).map_err(E::custom)
    }

    /// A value from any other deserializer.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Received<T, P>, D::Error> {
        *self.is_present = true;
        deserializer.deserialize_newtype_struct(RAW, Unread { kind: self.kind })
    }

    take! { visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str, visit_string: String }

    fn visit_none<E: serde::de::Error>(self) -> Result<Received<T, P>, E> {
        self.visit_unit()
    }

    fn visit_borrowed_str<E: serde::de::Error>(self, value: &'de str) -> Result<Received<T, P>, E> {
        *self.is_present = true;
        Self::value(BorrowedStrDeserializer::new(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, elements: A) -> Result<Received<T, P>, A::Error> {
        *self.is_present = true;
        Self::value(SeqAccessDeserializer::new(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Received<T, P>, A::Error> {
        *self.is_present = true;
        Self::value(MapAccessDeserializer::new(members))
    }
}

/// Takes the text of a value from `serde_json`, or the value from other deserializers, such as those of untagged enums.
struct Unread<T, P> {
    kind: PhantomData<fn() -> (T, P)>,
}

impl<'de, T: DeserializeOwned, P: Treatment> Visitor<'de> for Unread<T, P> {
    type Value = Received<T, P>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Received<T, P>, A::Error> {
        match members.next_key::<Cow<'de, str>>()? {
            Some(name) if name == RAW => members.next_value::<String>().map(|text| Member::text(&text)),
            _ => Err(A::Error::custom("members of answers are read from JSON")),
        }
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Received<T, P>, D::Error> {
        deserializer.deserialize_option(self)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Received<T, P>, D::Error> {
        Member::<T, P>::value(deserializer)
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<Received<T, P>, E> {
        Ok(Member::<T, P>::null())
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Received<T, P>, E> {
        self.visit_none()
    }
}
