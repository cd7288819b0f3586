//! Strict reading of JSON, with errors that name the field.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor, value::MapAccessDeserializer},
};
use serde_json::error::Category;

use super::failure::Failure;

/// Reads a JSON object. The error names the field, and the rule that its value breaks, but not the value.
pub(super) fn parse<T: for<'de> Deserialize<'de>>(body: &[u8]) -> Result<T, Failure> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let Object(value) = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let error = error.into_inner();
        if error.classify() != Category::Data {
            return Failure::syntax(format!("the body is not JSON: {error}"));
        }
        let rule = rule(&error);
        match field(&path, &rule) {
            Some(field) => Failure::field(field, rule),
            None => Failure::syntax(rule),
        }
    })?;
    json.end().map_err(|error| Failure::syntax(format!("the body is not JSON: {error}")))?;
    Ok(value)
}

/// The field that a rule concerns: that of the path, or the missing one in it. `None`: the whole document.
fn field(path: &str, rule: &str) -> Option<String> {
    let missing = rule.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`'));
    match (path, missing) {
        (".", None) => None,
        (".", Some(missing)) => Some(missing.to_owned()),
        (path, None) => Some(path.to_owned()),
        (path, Some(missing)) => Some(format!("{path}.{missing}")),
    }
}

/// The rule in an error of `serde`: the text without the value and its position.
fn rule(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    let expected = text.rsplit_once(", expected ").filter(|_| text.starts_with("invalid "));
    let Some((_, expected)) = expected else { return text.to_owned() };
    let expected = match expected {
        "u16" | "u32" | "u64" | "usize" => "a whole number",
        "a sequence" => "a list",
        "a map" => "an object",
        "a boolean" => "true or false",
        other => other,
    };
    format!("must be {expected}")
}

/// A value that must be a JSON object; `serde` also accepts a list for a struct.
pub(super) struct Object<T>(pub(super) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = T;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(members))
            }
        }

        deserializer.deserialize_map(Members(PhantomData)).map(Self)
    }
}
