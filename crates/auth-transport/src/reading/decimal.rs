//! Decimal numbers with the digits that they were read with.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

use rust_decimal::Decimal;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use serde_json::value::RawValue;

use super::verbatim::{InvalidText, Verbatim};

/// A decimal number that is a JSON number, and that is written back with the digits that it was read with: `10.50` stays
/// `10.50`.
///
/// It dereferences to [`Verbatim<Decimal>`](Verbatim), which is the same for decimal numbers in JSON strings, and which
/// dereferences to [`Decimal`]. A `Decimal` has at most 28 decimal places, to which further digits are rounded; the text keeps
/// all of them. A number beyond 96 bits is refused. Only `serde_json` is supported, from a text.
///
/// ```
/// use auth_transport::{Decimal, DecimalNumber};
///
/// let price: DecimalNumber = serde_json::from_str("10.50")?;
/// assert_eq!(**price + Decimal::ONE, "11.5".parse().unwrap());
/// assert_eq!(serde_json::to_string(&price)?, "10.50");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DecimalNumber(Verbatim<Decimal>);

impl DecimalNumber {
    /// The value without its digits.
    #[must_use]
    pub fn into_inner(self) -> Decimal {
        self.0.into_inner()
    }
}

/// Whether a text is a number in JSON (RFC 8259 section 6).
fn is_number(text: &str) -> bool {
    text.starts_with(|c: char| c == '-' || c.is_ascii_digit()) && serde_json::from_str::<&RawValue>(text).is_ok()
}

impl From<Decimal> for DecimalNumber {
    fn from(value: Decimal) -> Self {
        Self(value.into())
    }
}

impl From<DecimalNumber> for Decimal {
    fn from(value: DecimalNumber) -> Self {
        value.into_inner()
    }
}

impl FromStr for DecimalNumber {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        if !is_number(text) {
            return Err(InvalidText);
        }
        text.parse().map(Self)
    }
}

impl Deref for DecimalNumber {
    type Target = Verbatim<Decimal>;

    fn deref(&self) -> &Verbatim<Decimal> {
        &self.0
    }
}

impl fmt::Debug for DecimalNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for DecimalNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Serialize for DecimalNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let number = RawValue::from_string(self.0.text().into_owned()).map_err(ser::Error::custom)?;
        number.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for DecimalNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Box::<RawValue>::deserialize(deserializer)?.get().parse().map_err(de::Error::custom)
    }
}

impl JsonSchema for DecimalNumber {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "DecimalNumber".into()
    }

    fn json_schema(_generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number", "format": "decimal" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_kept() {
        for number in [
            "10.50",
            "0.00",
            "-0.10",
            "1",
            "1E+2",
            "9007199254740993",
            "79228162514264337593543950335",
            "0.1000000000000000055511151231257827021181583404541015625",
        ] {
            let read: DecimalNumber = serde_json::from_str(number).expect(number);
            assert_eq!(serde_json::to_string(&read).expect("JSON"), number);
            assert_eq!(read.to_string(), number);
            let json = format!("\"{number}\"");
            let text: Verbatim<Decimal> = serde_json::from_str(&json).expect(number);
            assert_eq!((serde_json::to_string(&text).expect("JSON"), &text), (json, &*read));
        }
        let one: Decimal = "1.10".parse().expect("a number");
        assert_eq!(serde_json::to_string(&DecimalNumber::from(one)).expect("JSON"), "1.10");
        assert_eq!(*Verbatim::from(one), DecimalNumber::from(one).into_inner());
    }

    #[test]
    fn what_is_not_such_a_number_is_refused() {
        for json in ["\"1\"", "null", "true", "[1]", "79228162514264337593543950336", "1e999"] {
            assert!(serde_json::from_str::<DecimalNumber>(json).is_err(), "{json}");
        }
        for text in ["", "1_000", "+1", ".5", "1.", "01", " 1", "NaN", "1,5"] {
            assert_eq!(text.parse::<DecimalNumber>(), Err(InvalidText), "{text}");
        }
    }
}
