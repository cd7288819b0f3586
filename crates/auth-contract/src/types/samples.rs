//! Bodies generated from a schema: one that is valid, and variants with one change.

use serde_json::{Map, Value, json};

use crate::pointer::child;

/// The depth up to which schemas are followed; deeper ones become a string.
const DEEPEST: usize = 4;

/// The description of an object that was changed into a list.
pub(super) const AS_A_LIST: &str = "its values as a list";

/// A body, and a description of the change that can be shown.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sample {
    pub(super) label: String,
    pub(super) value: Value,
}

/// One value of each JSON type, and values that parsers of numbers and words treat differently.
fn probes() -> Vec<(&'static str, Value)> {
    vec![
        ("null", Value::Null),
        ("true", json!(true)),
        ("0", json!(0)),
        ("-1", json!(-1)),
        ("3599", json!(3599)),
        ("3599.0", json!(3599.0)),
        ("3599.5", json!(3599.5)),
        ("2^63", json!(9_223_372_036_854_775_808_u64)),
        ("1e300", json!(1e300)),
        ("an empty text", json!("")),
        ("a word", json!("word")),
        ("digits as text", json!("3599")),
        ("client_credentials", json!("client_credentials")),
        ("text that is not ASCII", json!("\u{e9}\u{1f600}")),
        ("an empty list", json!([])),
        ("a list", json!(["word"])),
        ("an empty object", json!({})),
        ("an object", json!({ "a": 1 })),
    ]
}

/// Samples for the schema that `pointer` names in `root`.
pub(super) fn of(root: &Value, pointer: &str) -> Vec<Sample> {
    samples(root, pointer, DEEPEST).into_iter().map(|(label, value)| Sample { label, value }).collect()
}

fn samples(root: &Value, pointer: &str, depth: usize) -> Vec<(String, Value)> {
    let mut made = vec![("valid".to_owned(), fitting(root, pointer, depth))];
    made.extend(probes().into_iter().map(|(name, value)| (format!("replaced by {name}"), value)));
    let Some((pointer, schema)) = resolve(root, pointer).filter(|_| depth > 0) else { return made };
    if let (Some(properties), Value::Object(whole)) = (schema["properties"].as_object(), made[0].1.clone()) {
        let in_order = properties.keys().filter_map(|name| whole.get(name).cloned()).collect();
        made.push((AS_A_LIST.to_owned(), Value::Array(in_order)));
        let more = with(&whole, "unknownMember", json!({ "a": [1] }));
        made.push(("an additional unknown member".to_owned(), more));
        for name in properties.keys() {
            let mut less = whole.clone();
            less.remove(name);
            made.push((format!("without /{name}"), Value::Object(less)));
            for (label, value) in samples(root, &child(&child(&pointer, "properties"), name), depth - 1) {
                made.push((format!("/{name}: {label}"), with(&whole, name, value)));
            }
        }
    }
    if schema.get("items").is_some() {
        let items = samples(root, &child(&pointer, "items"), depth - 1);
        made.extend(items.into_iter().map(|(label, value)| (format!("/0: {label}"), json!([value]))));
    }
    made
}

fn with(object: &Map<String, Value>, name: &str, value: Value) -> Value {
    let mut object = object.clone();
    object.insert(name.to_owned(), value);
    Value::Object(object)
}

/// A valid value for a schema of the kinds that these documents use.
fn fitting(root: &Value, pointer: &str, depth: usize) -> Value {
    let Some((pointer, schema)) = resolve(root, pointer).filter(|_| depth > 0) else { return json!("word") };
    if let Some(value) = schema.get("const").or_else(|| schema["enum"].as_array().and_then(|list| list.first())) {
        return value.clone();
    }
    for list in ["anyOf", "oneOf", "allOf"] {
        if schema.get(list).is_some() {
            return fitting(root, &format!("{pointer}/{list}/0"), depth);
        }
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => vec![],
    };
    match types.first() {
        Some(&"object") => {
            let names = schema["properties"].as_object().into_iter().flat_map(Map::keys);
            let member =
                |name: &String| (name.clone(), fitting(root, &child(&child(&pointer, "properties"), name), depth - 1));
            Value::Object(names.map(member).collect())
        }
        Some(&"array") => json!([fitting(root, &child(&pointer, "items"), depth - 1)]),
        Some(&("integer" | "number")) => json!(3599),
        Some(&"boolean") => json!(false),
        _ => json!("word"),
    }
}

/// The node at a pointer, after following references, and its location.
fn resolve<'a>(root: &'a Value, pointer: &str) -> Option<(String, &'a Value)> {
    let mut pointer = pointer.to_owned();
    for _ in 0..DEEPEST {
        let node = root.pointer(&pointer)?;
        match node["$ref"].as_str().and_then(|reference| reference.strip_prefix('#')) {
            Some(target) => pointer = target.to_owned(),
            None => return Some((pointer, node)),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_change_one_thing_at_each_place() {
        let root = json!({ "s": {
            "type": "object",
            "properties": { "n": { "type": "integer" }, "l": { "type": "array", "items": { "$ref": "#/t" } } },
        }, "t": { "type": ["string", "null"] } });
        let made = of(&root, "/s");
        let find = |label: &str| made.iter().find(|sample| sample.label == label).map(|sample| &sample.value);
        assert_eq!(find("valid"), Some(&json!({ "n": 3599, "l": ["word"] })));
        assert_eq!(find("without /n"), Some(&json!({ "l": ["word"] })));
        assert_eq!(find("/n: replaced by true"), Some(&json!({ "n": true, "l": ["word"] })));
        assert_eq!(find("/l: /0: replaced by null"), Some(&json!({ "n": 3599, "l": [null] })));
        assert_eq!(find("its values as a list"), Some(&json!([["word"], 3599])), "in the order of names");
    }
}
