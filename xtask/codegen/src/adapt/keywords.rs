//! Keywords of schemas, each schema for itself, the inner ones first.

use openapi::pointer::parts;
use openapi::walk::{self, NodeKind};
use serde_json::{Map, Value};

use crate::conversion::is_decimal;
use crate::pattern::{self, translate};
use crate::rule::Adapted;

type Schema = Map<String, Value>;

/// What a rule did, if it did something: a note, and whether meaning was lost.
type Done = Option<(String, bool)>;

/// A rule for one schema.
type Rule = fn(&mut Schema) -> Done;

/// The rules in their order.
const RULES: &[(&str, Rule)] = &[
    ("boolean-members", boolean_members),
    ("wrong-value", wrong_value),
    ("no-limit", no_limit),
    ("untyped-nullable", untyped_nullable),
    ("foreign-keyword", foreign_keywords),
    ("format", format),
    ("pattern", pattern),
    ("not", not),
    ("rust-type", rust_type),
];

/// Applies the rules of keywords.
pub(super) fn apply(value: &mut Value, done: &mut Adapted) {
    walk::change(value, NodeKind::Document, "", &mut |inner, node, pointer| {
        let Some(schema) =
            inner.as_object_mut().filter(|schema| node == NodeKind::Schema && !schema.contains_key("$ref"))
        else {
            return;
        };
        for (rule, apply) in RULES {
            if let Some((note, lost)) = apply(schema) {
                if lost { done.lost(rule, pointer, note) } else { done.applied(rule, pointer, note) }
            }
        }
        let named = matches!(parts(pointer).as_slice(), [components, schemas, _] if components == "components" && schemas == "schemas");
        if !named && schema.get("title").is_some_and(|title| title != "") {
            let title = schema.shift_remove("title").unwrap_or_default();
            done.applied("title", pointer, format!("{title} does not name the type: titles need not be unique"));
        }
    });
}

/// Replaces members that are not objects, such as `true`, by the empty schema.
fn boolean_members(schema: &mut Schema) -> Done {
    let mut count = 0;
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        for property in properties.values_mut().filter(|property| !property.is_object()) {
            *property = Value::Object(Map::new());
            count += 1;
        }
    }
    for key in ["properties", "items"] {
        if schema.get(key).is_some_and(|inner| !inner.is_object()) {
            schema.shift_remove(key);
            count += 1;
        }
    }
    (count > 0).then(|| ("an invalid schema was replaced by one that accepts any value".to_owned(), false))
}

/// Values that a keyword cannot have.
fn wrong_value(schema: &mut Schema) -> Done {
    const COUNTS: [&str; 6] = ["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"];
    let mut gone = Vec::new();
    for key in COUNTS {
        let Some(value) = schema.get_mut(key) else { continue };
        match value.as_f64() {
            Some(number) if number >= 0.0 && number.fract() == 0.0 && number < f64::from(u32::MAX) => {
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                let count = number as u64;
                *value = count.into();
            }
            _ => gone.push(key),
        }
    }
    let wrong = |key: &str, fits: fn(&Value) -> bool| schema.get(key).is_some_and(|value| !fits(value));
    gone.extend(["minimum", "maximum", "multipleOf"].into_iter().filter(|key| wrong(key, Value::is_number)));
    gone.extend(
        ["exclusiveMinimum", "exclusiveMaximum", "uniqueItems", "nullable"]
            .into_iter()
            .filter(|key| wrong(key, Value::is_boolean)),
    );
    gone.extend(
        ["type", "format", "pattern", "title", "description"].into_iter().filter(|key| wrong(key, Value::is_string)),
    );
    gone.extend(["enum", "allOf", "anyOf", "oneOf"].into_iter().filter(|key| wrong(key, Value::is_array)));
    let names = |value: &Value| value.as_array().is_some_and(|names| names.iter().all(Value::is_string));
    gone.extend(["required"].into_iter().filter(|key| wrong(key, names)));
    for (exclusive, limit) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
        if schema.contains_key(exclusive) && !schema.contains_key(limit) {
            gone.push(exclusive);
        }
    }
    let readable = |value: &Value| {
        value
            .as_str()
            .is_some_and(|kind| matches!(kind, "string" | "number" | "integer" | "boolean" | "array" | "object"))
    };
    if schema.get("type").is_some_and(|kind| kind.is_string() && !readable(kind)) {
        gone.push("type");
    }
    gone.iter().for_each(|key| {
        schema.shift_remove(*key);
    });
    (!gone.is_empty()).then(|| (format!("{} was dropped: its value is not valid", gone.join(", ")), true))
}

/// A length that every text has, and a list that may say the same twice.
fn no_limit(schema: &mut Schema) -> Done {
    let mut gone = Vec::new();
    for (key, nothing) in [("minLength", Value::from(0)), ("uniqueItems", Value::from(false))] {
        if schema.get(key) == Some(&nothing) {
            schema.shift_remove(key);
            gone.push(format!("`{key}: {nothing}`"));
        }
    }
    (!gone.is_empty()).then(|| (format!("{} was dropped: it has no effect", gone.join(", ")), false))
}

/// Which type a keyword belongs to.
fn of_type(key: &str) -> Option<&'static [&'static str]> {
    Some(match key {
        "minLength" | "maxLength" | "pattern" => &["string"],
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf" => &["number", "integer"],
        "items" | "minItems" | "maxItems" | "uniqueItems" => &["array"],
        "properties" | "required" | "additionalProperties" | "minProperties" | "maxProperties" | "discriminator" => {
            &["object"]
        }
        _ => return None,
    })
}

/// The type that a schema means without saying so.
fn implied(schema: &Schema) -> Option<&'static str> {
    let by_format = match schema.get("format").and_then(Value::as_str) {
        Some("int32" | "int64") => Some("integer"),
        Some("float" | "double") => Some("number"),
        Some(_) => Some("string"),
        None => None,
    };
    schema.keys().find_map(|key| of_type(key)).map(|kinds| kinds[0]).or(by_format)
}

/// The generator would make a list or nothing at all of it.
fn untyped_nullable(schema: &mut Schema) -> Done {
    let composed = ["allOf", "anyOf", "oneOf", "enum", "type"].iter().any(|key| schema.contains_key(*key));
    let number = ["minimum", "maximum", "multipleOf"].iter().any(|key| schema.contains_key(*key));
    if composed || schema.get("nullable") != Some(&Value::Bool(true)) && !number {
        return None;
    }
    let kind = implied(schema)?;
    schema.insert("type".to_owned(), kind.into());
    Some((format!("`type: {kind}` was added: the keywords imply it"), false))
}

/// Keywords that say nothing about a value of the schema's type.
pub(super) fn foreign_keywords(schema: &mut Schema) -> Done {
    let kind = schema.get("type").and_then(Value::as_str)?.to_owned();
    let gone = schema.keys().filter(|key| of_type(key).is_some_and(|kinds| !kinds.contains(&kind.as_str())));
    let gone = gone.cloned().collect::<Vec<_>>();
    gone.iter().for_each(|key| {
        schema.shift_remove(key);
    });
    (!gone.is_empty()).then(|| (format!("{} was dropped: it has no effect on a {kind}", gone.join(", ")), false))
}

/// A format that the type cannot have.
fn format(schema: &mut Schema) -> Done {
    let format = schema.get("format").and_then(Value::as_str)?.to_owned();
    if is_decimal(schema) {
        return None;
    }
    let kind = schema.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    let numeric =
        matches!(format.as_str(), "int32" | "int64" | "uint32" | "uint64" | "float" | "double" | "expires-in");
    if (kind.as_str(), format.as_str()) == ("number", "float") {
        schema.shift_remove("format");
        return Some((
            "`format: float` was dropped: an `f32` would round the digits of a decimal number".to_owned(),
            false,
        ));
    }
    let typed = ["date", "date-time", "uuid", "ip", "ipv4", "ipv6"].contains(&format.as_str());
    let misfit = match kind.as_str() {
        "string" => numeric,
        "integer" => !numeric || matches!(format.as_str(), "float" | "double"),
        "number" => !numeric || format == "expires-in",
        // Without a type, nothing can be made of it.
        _ => true,
    };
    // Length and pattern do not apply to such a type.
    let constrained = typed
        && kind == "string"
        && ["minLength", "maxLength", "pattern", "enum"].iter().any(|key| schema.contains_key(*key));
    if constrained {
        for key in ["minLength", "maxLength", "pattern"] {
            schema.shift_remove(key);
        }
        if schema.contains_key("enum") {
            schema.shift_remove("format");
        }
        return Some((format!("length and pattern were dropped: `format: {format}` is stricter"), false));
    }
    misfit.then(|| {
        schema.shift_remove("format");
        (format!("`format: {format}` was dropped: it does not apply to the type"), false)
    })
}

/// A pattern that cannot be checked, and one beside a list of values, which says more.
pub(super) fn pattern(schema: &mut Schema) -> Done {
    let pattern = schema.get("pattern").and_then(Value::as_str)?.to_owned();
    let translated = match translate(&pattern) {
        Ok(translated) => translated,
        Err(why) => {
            schema.shift_remove("pattern");
            return Some((format!("the pattern `{pattern}` is not checked, and was dropped: it {why}"), true));
        }
    };
    // Of listed values, those that match are kept, and nothing else is left to check.
    let values = schema.get_mut("enum").and_then(Value::as_array_mut)?;
    let regex = pattern::compiled(&translated)?;
    values.retain(|value| value.as_str().is_none_or(|text| regex.is_match(text)));
    schema.shift_remove("pattern");
    Some(("the pattern was applied to the list of values".to_owned(), false))
}

/// Drops `not`: Rust has no type for it.
fn not(schema: &mut Schema) -> Done {
    schema.shift_remove("not").map(|_| ("`not` was dropped: values that it forbids are accepted".to_owned(), true))
}

/// Drops `x-rust-type`: a document must not select types of other crates.
fn rust_type(schema: &mut Schema) -> Done {
    schema.shift_remove("x-rust-type").map(|_| ("`x-rust-type` was dropped".to_owned(), false))
}
