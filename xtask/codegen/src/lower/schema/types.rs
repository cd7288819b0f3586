//! Rule for `type`: a list of them, and `null`.

use serde_json::{Map, Value, json};

use super::effect::{Done, Effect, Schema, conjoin};
use super::null::{nullable, only_null};
use super::place::Place;

/// The types of 3.0, each with the keywords that speak of its values only.
const TYPES: [(&str, &[&str]); 6] = [
    ("string", &["minLength", "maxLength", "pattern"]),
    ("integer", NUMERIC),
    ("number", NUMERIC),
    ("boolean", &[]),
    ("array", &["items", "minItems", "maxItems", "uniqueItems"]),
    ("object", &["properties", "required", "additionalProperties", "minProperties", "maxProperties"]),
];

const NUMERIC: &[&str] = &["multipleOf", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"];

/// Formats of numbers; all others are formats of strings.
const NUMERIC_FORMATS: [&str; 12] = [
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "float",
    "double",
    "decimal",
    "decimal128",
];

/// Rule `types`: several types become `anyOf`, each with its own keywords; `null` becomes `nullable`.
pub(super) fn list(schema: &mut Schema, place: Place<'_>) -> Done {
    let named = match schema.get("type")? {
        Value::Array(list) => list.clone(),
        Value::String(name) if name != "null" => return None,
        other => vec![other.clone()],
    };
    let named = named.iter().map(|name| name.as_str().unwrap_or_default()).collect::<Vec<_>>();
    if named.is_empty() || named.iter().any(|name| *name != "null" && keywords(name).is_none()) {
        let found = schema.shift_remove("type").unwrap_or_default();
        return Some(Effect::wider(format!("`type: {found}` was dropped: it is not a type of JSON Schema")).at("type"));
    }
    let has = |name: &str| named.contains(&name);
    let types = TYPES.iter().map(|(name, _)| *name);
    let types = types.filter(|name| has(name) && !(*name == "integer" && has("number"))).collect::<Vec<_>>();
    let accepted = has("null") && place.accepts_null();
    let mut note = match types.as_slice() {
        [] => "`type: null` became an `enum` of `null`".to_owned(),
        [only] => format!("a list of types became `type: {only}`"),
        several => format!("a list of types became `anyOf` of {}", several.join(", ")),
    };
    match types.as_slice() {
        [] => only_null(schema, accepted),
        [only] => drop(schema.insert("type".to_owned(), (*only).into())),
        several => split(schema, several),
    }
    if accepted && !types.is_empty() {
        nullable(schema);
        note.push_str(" with `nullable`");
    } else if has("null") && !accepted {
        note.push_str("; another keyword excludes `null`");
    }
    Some(Effect::exact(note).at("type"))
}

/// Rule `null-name`: `type: null` in YAML is a null value; it is read as the name of the type.
pub(in crate::lower) fn null_name(schema: &mut Value) -> Option<&'static str> {
    let null = |kind: &mut Value| {
        let is_null = kind.is_null();
        if is_null {
            *kind = "null".into();
        }
        is_null
    };
    let named = match schema.get_mut("type")? {
        Value::Array(list) => list.iter_mut().map(null).fold(false, |one, other| one | other),
        kind => null(kind),
    };
    named.then_some("`null` was read as the name of the type")
}

/// The keywords of a type.
fn keywords(name: &str) -> Option<&'static [&'static str]> {
    TYPES.iter().find(|(known, _)| *known == name).map(|(_, keywords)| *keywords)
}

/// Takes a schema apart into one member per type.
fn split(schema: &mut Schema, types: &[&str]) {
    schema.shift_remove("type");
    let format = schema.shift_remove("format");
    let values = schema.get("enum").and_then(Value::as_array).cloned();
    let mut members = Vec::new();
    for name in types {
        let mut member = Map::new();
        member.insert("type".to_owned(), (*name).into());
        for key in keywords(name).unwrap_or_default() {
            if let Some(value) = schema.get(*key) {
                member.insert((*key).to_owned(), value.clone());
            }
        }
        if let Some(format) = format.as_ref().filter(|format| fits(format, name)) {
            member.insert("format".to_owned(), format.clone());
        }
        if *name == "array" {
            member.entry("items").or_insert_with(|| json!({}));
        }
        if let Some(values) = &values {
            let values = values.iter().filter(|value| is_a(value, name)).cloned().collect::<Vec<_>>();
            if values.is_empty() {
                continue;
            }
            member.insert("enum".to_owned(), values.into());
        }
        members.push(Value::Object(member));
    }
    if members.is_empty() {
        schema.insert("not".to_owned(), json!({}));
        return;
    }
    for key in TYPES.iter().flat_map(|(_, keywords)| *keywords) {
        schema.shift_remove(*key);
    }
    schema.shift_remove("enum");
    if schema.contains_key("anyOf") {
        conjoin(schema, json!({ "anyOf": members }));
    } else {
        schema.insert("anyOf".to_owned(), members.into());
    }
}

fn fits(format: &Value, name: &str) -> bool {
    let numeric = format.as_str().is_some_and(|format| NUMERIC_FORMATS.contains(&format));
    if numeric { matches!(name, "integer" | "number") } else { name == "string" }
}

/// Whether a value is of a type.
pub(super) fn is_a(value: &Value, name: &str) -> bool {
    match value {
        Value::Null => name == "null",
        Value::Bool(_) => name == "boolean",
        Value::String(_) => name == "string",
        Value::Array(_) => name == "array",
        Value::Object(_) => name == "object",
        Value::Number(number) => {
            let whole = number.as_f64().is_some_and(|number| number.fract() == 0.0);
            name == "number" || name == "integer" && whole
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::table;
    use super::*;

    #[test]
    fn a_list_of_one_type_becomes_the_type() {
        table(&[
            (json!({ "type": ["string"] }), json!({ "type": "string" }), &["types"]),
            (json!({ "type": ["string", "null"] }), json!({ "type": "string", "nullable": true }), &["types"]),
            (
                json!({ "type": ["null", "array"], "items": {} }),
                json!({ "type": "array", "items": {}, "nullable": true }),
                &["types"],
            ),
            (
                json!({ "type": ["string", "null"], "enum": ["a", null] }),
                json!({ "type": "string", "enum": ["a", null], "nullable": true }),
                &["types"],
            ),
            (
                json!({ "type": ["string", "null"], "enum": ["a"] }),
                json!({ "type": "string", "enum": ["a"] }),
                &["types"],
            ),
            (json!({ "type": ["integer", "number"] }), json!({ "type": "number" }), &["types"]),
            (json!({ "type": ["text"] }), json!({}), &["types!"]),
            (json!({ "type": { "type": "string" } }), json!({}), &["types!"]),
            (json!({ "type": 5 }), json!({}), &["types!"]),
        ]);
    }

    #[test]
    fn each_of_several_types_takes_its_keywords_along() {
        table(&[
            (
                json!({ "type": ["string", "integer", "null"], "minLength": 1, "minimum": 2, "format": "int32", "title": "t" }),
                json!({ "title": "t", "nullable": true, "anyOf": [
                    { "type": "string", "minLength": 1 }, { "type": "integer", "minimum": 2, "format": "int32" },
                ] }),
                &["types"],
            ),
            (
                json!({ "type": ["string", "boolean"], "enum": ["a", true], "anyOf": [{}] }),
                json!({ "anyOf": [{}], "allOf": [{ "anyOf": [
                    { "type": "string", "enum": ["a"] }, { "type": "boolean", "enum": [true] },
                ] }] }),
                &["types"],
            ),
            (
                json!({ "type": ["array", "string"] }),
                json!({ "anyOf": [{ "type": "string" }, { "type": "array", "items": {} }] }),
                &["types"],
            ),
        ]);
    }

    #[test]
    fn null_without_quotes_is_the_type() {
        for (mut schema, after) in [
            (json!({ "type": ["string", null] }), json!({ "type": ["string", "null"] })),
            (json!({ "type": null }), json!({ "type": "null" })),
        ] {
            assert!(null_name(&mut schema).is_some());
            assert_eq!(schema, after);
            assert_eq!(null_name(&mut schema), None);
        }
    }

    #[test]
    fn null_alone_is_an_enum() {
        let nothing = json!({ "description": "d", "nullable": true, "enum": [null] });
        table(&[
            (json!({ "type": "null", "description": "d" }), nothing.clone(), &["types"]),
            (json!({ "type": ["null"], "description": "d", "minLength": 1 }), nothing, &["types"]),
            (json!({ "type": "null", "enum": [1] }), json!({ "not": {} }), &["types"]),
        ]);
    }
}
