//! Members of answers.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer, ser};
use serde_json::Value;
use serde_json::value::RawValue;

use super::json::Json;
use super::no_value::{JsonType, NoValue};
use super::treatment::Plain;

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
/// `Debug` shows the value, or the kind of what came instead, but never its text. `P` is [`Nullable`](crate::Nullable) where the document allows
/// `null`, and [`Confidential`](crate::Confidential) where the value may hold a secret.
pub struct Received<T, P = Plain> {
    value: Option<T>,
    instead: Instead,
    treatment: PhantomData<fn() -> P>,
}

/// What a member without a value is; without meaning for one with a value.
#[derive(Clone, Debug, Default)]
pub(super) enum Instead {
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

impl<T, P> Received<T, P> {
    pub(super) const fn without_value(instead: Instead) -> Self {
        Self { value: None, instead, treatment: PhantomData }
    }

    pub(super) fn with(value: T) -> Self {
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
    /// `None` if there is a value or no such member. Also `None` for [`Confidential`](crate::Confidential) members: text that may hold a secret is not
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
        NoValue::of(match &self.instead {
            Instead::Absent => None,
            Instead::Null => Some(JsonType::Null),
            Instead::Text(text) => Some(JsonType::of(text.get())),
            Instead::Withheld(kind) => Some(*kind),
        })
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

impl<P> From<Value> for Received<Json, P> {
    fn from(value: Value) -> Self {
        Self::with(value.into())
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
        match (&self.value, self.no_value().kind()) {
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
