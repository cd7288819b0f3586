//! Mutated values: most of what comes out is read, and reaches the steps behind the loader.

use serde_json::{Map, Value, json};

use super::text::Random;

/// Members that mean something in a document, with values that are right in some place and wrong in others.
const MEMBERS: &str = r##"[
    ["type", "array"], ["type", "object"], ["type", "string"], ["type", "integer"], ["type", "number"], ["type", "boolean"],
    ["type", ["string", "null"]], ["type", ["object", "array", "string"]], ["type", "null"], ["type", 1],
    ["nullable", true], ["enum", []], ["enum", ["a", "A", "a-", "", "é", "1"]], ["enum", [1, -1, 1.5, null]], ["enum", [{}, []]],
    ["enum", ["self", "Self", "type"]], ["const", {"a": [1]}], ["const", "x"], ["format", "password"], ["format", "uuid"],
    ["format", "date-time"], ["format", "binary"], ["format", "int32"], ["format", "uint8"], ["format", "expires-in"], ["format", "ip"],
    ["default", "x"], ["default", 1e300], ["default", {}], ["default", [null]], ["default", -9223372036854775808],
    ["minimum", 1.5], ["maximum", -1], ["minimum", 18446744073709551615], ["exclusiveMinimum", true], ["exclusiveMaximum", 0],
    ["multipleOf", 0], ["minLength", 4294967296], ["maxLength", -1], ["pattern", "("], ["pattern", "^\\p{L}+$"], ["pattern", "(?<=a)b"],
    ["minItems", 2], ["maxItems", 2], ["maxItems", 0], ["uniqueItems", true], ["items", {}], ["items", true], ["items", [{}, {}]],
    ["prefixItems", [{"type": "string"}, {}]], ["minProperties", 1], ["maxProperties", 0], ["required", ["a", "a", "gone"]], ["required", true],
    ["properties", {"a": {}, "A": {"type": "string"}, "type": {"type": "integer"}, "": {}, "é": {}, "self": {}}], ["properties", {}],
    ["properties", {"token": {"type": "string"}, "client_secret": {"type": "array", "items": {"type": "string"}}}],
    ["additionalProperties", false], ["additionalProperties", {}], ["additionalProperties", {"type": "string"}],
    ["patternProperties", {"^a": {"type": "string"}}], ["propertyNames", {"pattern": "a"}],
    ["allOf", []], ["allOf", [{}, {}]], ["allOf", [{"type": "string"}, {"type": "integer"}]], ["anyOf", [{}, {"type": "null"}]],
    ["anyOf", [{"type": "string", "format": "uuid"}, {"type": "string"}, {"type": "string"}]], ["oneOf", []], ["oneOf", [{"type": "object"}, {"type": "object"}]],
    ["oneOf", [{"type": "object", "properties": {"k": {"enum": ["a"]}}}, {"type": "object", "properties": {"k": {"enum": ["b"]}}}]],
    ["oneOf", [{"required": ["a"]}, {"required": ["b"]}]], ["not", {}], ["not", {"required": ["a"]}], ["not", {"type": "string"}],
    ["discriminator", {"propertyName": "k"}], ["discriminator", {"propertyName": "k", "mapping": {"a": "#/components/schemas/Pet", "b": "Gone"}}],
    ["title", "Pet"], ["title", "a b/é"], ["title", ""], ["description", "[a](b) `c` */ \"\n```\n#"], ["readOnly", true], ["writeOnly", true],
    ["x-rust-type", {"crate": "std", "version": "1", "path": "std::a"}], ["x-enum-varnames", ["A"]], ["x-dropshot-websocket", {}],
    ["x-dropshot-pagination", {"required": []}], ["deprecated", true], ["example", null], ["examples", [1]],
    ["$ref", "#/components/schemas/Pet"], ["$ref", "#/components/schemas/Gone"], ["$ref", "#"], ["$ref", "a.yaml"], ["$defs", {"A": {}}], ["$id", "a"],
    ["operationId", "new"], ["operationId", "a b"], ["operationId", "find"], ["operationId", "é"], ["operationId", "1"], ["operationId", "self"],
    ["in", "cookie"], ["in", "header"], ["in", "path"], ["in", "query"], ["style", "deepObject"], ["style", "simple"], ["explode", false], ["allowReserved", true],
    ["required", true], ["required", false], ["name", "id"], ["name", "type"], ["name", "body"], ["name", "a-b[]"], ["name", ""],
    ["schema", {"type": "array", "items": {"type": "object"}}], ["schema", {"anyOf": [{"type": "string"}, {"type": "integer"}]}], ["schema", {"enum": ["a", "b"]}],
    ["application/json", {"schema": {"type": "object", "title": "T", "properties": {"x": {"type": "object", "properties": {"y": {}}}}}}],
    ["application/x-www-form-urlencoded", {"schema": {"type": "object", "properties": {"x": {"type": "string"}}}, "encoding": {"x": {"style": "form"}}}],
    ["multipart/form-data", {"schema": {}}], ["text/plain", {"schema": {"type": "string"}}], ["application/octet-stream", {}], ["application/problem+json", {}], ["*/*", {}],
    ["content", {"application/json": {"schema": {"type": "string"}}}], ["content", {}], ["content", {"a": {}}], ["encoding", {"x": {}}],
    ["200", {"description": "", "content": {"application/json": {"schema": {"type": "object", "properties": {"a": {}}}}}}], ["204", {"description": ""}],
    ["default", {"description": "", "content": {"application/json": {"schema": {"type": "string"}}}}], ["4XX", {"description": ""}], ["500", {"content": {"text/html": {}}}],
    ["101", {"description": ""}], ["302", {"description": "", "content": {"application/json": {"schema": {}}}}], ["200", true],
    ["requestBody", {"content": {"application/json": {"schema": {"type": "string"}}}}], ["requestBody", {"required": true, "content": {}}],
    ["parameters", []], ["parameters", [{"name": "q", "in": "query", "schema": {"type": "string", "format": "password"}}]],
    ["parameters", [{"name": "q", "in": "query", "required": true, "schema": {}}, {"name": "q", "in": "header", "schema": {"type": "integer"}}]],
    ["get", {"responses": {}}], ["post", {}], ["query", {"responses": {}}], ["trace", {"operationId": "find", "responses": {"200": {"description": ""}}}],
    ["callbacks", {"c": {"{$url}": {"post": {"responses": {}}}}}], ["security", [{}]], ["security", [{"basic": []}]], ["security", {}],
    ["securitySchemes", {"basic": {"type": "http", "scheme": "digest"}, "key": {"type": "apiKey", "in": "query", "name": "k"}}],
    ["servers", [{"url": "/v1"}]], ["servers", [{"url": "https://{a}.{b}.example/{a}", "variables": {"a": {"default": "x", "enum": ["x"]}}}]],
    ["version", 1.0], ["version", "é"], ["version", ""], ["/{a}/{a}", {"get": {"responses": {}}}], ["/a/{b}{c}", {"get": {"responses": {}}}],
    ["//", {"get": {}}], ["a?b", {"get": {}}], ["/{}", {"put": {"responses": {"200": {"description": "d"}}}}], ["/{type}", {"get": {"responses": {}}}],
    ["headers", {"X": {"schema": {"type": "string"}}}], ["links", {}], ["if", {}], ["contains", {}], ["unevaluatedProperties", false], ["$dynamicRef", "#a"]
]"##;

/// Values that are right in few places.
const ODD: &str = r##"[null, true, false, 0, -1, 1.5, 1e308, 18446744073709551615, "", "a", "é", "type", "\u0000", "a\nb", [], {}, [[]], [{}], {"": {}}, {"type": "object"}, {"$ref": "#/components/schemas/Pet"}]"##;

/// Names that are hard to make identifiers of.
const NAMES: &[&str] = &[
    "", "a", "A", "type", "self", "Self", "crate", "é", "日本", "1", "-1", "a b", "a-b", "a_b", "aB", "a/b", "a~b",
    "$ref", "x-a", "{a}", "_", "__", "Option", "String", "Vec", "Result", "Error", "Client", "Box", "types", "error",
    "builder", "Default", "r#type", "\u{0}", "\"", "*/", "+1", "gen",
];

/// Changes values.
#[derive(Debug)]
pub(super) struct Mutator {
    members: Vec<(String, Value)>,
    odd: Vec<Value>,
}

impl Mutator {
    /// Reads the tables.
    pub(super) fn new() -> Self {
        let members: Vec<(String, Value)> = serde_json::from_str(MEMBERS).unwrap_or_default();
        let odd: Vec<Value> = serde_json::from_str(ODD).unwrap_or_default();
        assert!(!members.is_empty() && !odd.is_empty(), "the tables are JSON");
        Self { members, odd }
    }

    /// One to six changes, some of them with parts of another document.
    pub(super) fn mutate(&self, random: &mut Random, value: &Value, other: &Value) -> Value {
        let mut value = value.clone();
        for _ in 0..=random.below(6) {
            let places = places(&value);
            let place = random.pick(&places).clone();
            self.change(random, &mut value, &place, other);
        }
        if random.below(8) != 0 {
            mend(random, &mut value);
        }
        value
    }

    fn change(&self, random: &mut Random, value: &mut Value, place: &str, other: &Value) {
        match random.below(10) {
            0 => remove(value, place),
            1 => put(value, place, random.pick(&self.odd).clone()),
            2 => {
                let donor = if random.below(2) == 0 { other.clone() } else { value.clone() };
                let donors = places(&donor);
                let part = donor.pointer(random.pick::<String>(&donors)).cloned().unwrap_or_default();
                put(value, place, part);
            }
            3 => rename(random, value.pointer_mut(place)),
            4 => wrap(random, value.pointer_mut(place)),
            5 => repeat(random, value.pointer_mut(place)),
            _ => {
                let (name, member) = random.pick(&self.members);
                match value.pointer_mut(place) {
                    Some(Value::Object(object)) => drop(object.insert(name.clone(), member.clone())),
                    Some(Value::Array(list)) => list.push(member.clone()),
                    Some(plain) => *plain = member.clone(),
                    None => {}
                }
            }
        }
    }
}

/// The places of all nodes but the root.
fn places(value: &Value) -> Vec<String> {
    fn walk(value: &Value, place: &str, found: &mut Vec<String>) {
        found.push(place.to_owned());
        match value {
            Value::Array(list) => {
                list.iter().enumerate().for_each(|(index, inner)| walk(inner, &format!("{place}/{index}"), found));
            }
            Value::Object(object) => object.iter().for_each(|(key, inner)| {
                walk(inner, &openapi::pointer::child(place, key), found);
            }),
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(value, "", &mut found);
    found
}

fn put(value: &mut Value, place: &str, new: Value) {
    if let Some(node) = value.pointer_mut(place).filter(|_| !place.is_empty()) {
        *node = new;
    }
}

fn remove(value: &mut Value, place: &str) {
    let Some((parent, key)) = place.rsplit_once('/') else { return };
    match value.pointer_mut(parent) {
        Some(Value::Object(object)) => drop(object.shift_remove(&key.replace("~1", "/").replace("~0", "~"))),
        Some(Value::Array(list)) => {
            if let Some(index) = key.parse().ok().filter(|index| *index < list.len()) {
                list.remove(index);
            }
        }
        _ => {}
    }
}

/// A member gets another name, or a second one.
fn rename(random: &mut Random, node: Option<&mut Value>) {
    let Some(object) = node.and_then(Value::as_object_mut).filter(|object| !object.is_empty()) else { return };
    let at = random.below(object.len());
    let Some((old, value)) = object.iter().nth(at).map(|(key, value)| (key.clone(), value.clone())) else { return };
    let new = match random.below(4) {
        0 => old.to_uppercase(),
        1 => format!("{old}{}", random.pick(NAMES)),
        2 => old.replace(['_', '-', '/'], " "),
        _ => (*random.pick(NAMES)).to_owned(),
    };
    if random.below(2) == 0 {
        object.shift_remove(&old);
    }
    object.insert(new, value);
}

/// Copies a node into another one, sometimes deep.
fn wrap(random: &mut Random, node: Option<&mut Value>) {
    let Some(node) = node else { return };
    let depth = if random.below(8) == 0 { random.below(40) } else { 1 };
    let kind = random.below(7);
    for _ in 0..depth {
        let inner = std::mem::take(node);
        *node = match kind {
            0 => json!({ "allOf": [inner] }),
            1 => json!({ "oneOf": [inner, { "type": "string" }] }),
            2 => json!({ "anyOf": [inner, { "type": "null" }] }),
            3 => json!({ "type": "array", "items": inner }),
            4 => json!({ "type": "object", "properties": { "a": inner } }),
            5 => json!({ "additionalProperties": inner }),
            _ => json!([inner]),
        };
    }
}

/// Members and entries in another order, or there twice.
fn repeat(random: &mut Random, node: Option<&mut Value>) {
    match node {
        Some(Value::Array(list)) if !list.is_empty() => {
            let (one, two) = (random.below(list.len()), random.below(list.len()));
            list.swap(one, two);
            list.push(list[one].clone());
        }
        Some(Value::Object(object)) if !object.is_empty() => {
            let keys = object.keys().cloned().collect::<Vec<_>>();
            let (one, two) = (random.pick(&keys).clone(), random.pick(&keys).clone());
            let value = object[&one].clone();
            object.insert(two, value);
        }
        Some(Value::String(text)) => *text = random.mutate(text),
        _ => {}
    }
}

/// References that lead nowhere lead to some schema, so that other things are tried than references.
fn mend(random: &mut Random, value: &mut Value) {
    let names = value.pointer("/components/schemas").and_then(Value::as_object).map(Map::keys);
    let names = names.into_iter().flatten().cloned().collect::<Vec<_>>();
    let all = value.clone();
    walk_mut(value, &mut |object| {
        let reference = object.get("$ref").and_then(Value::as_str);
        let leads = reference.is_some_and(|text| text.strip_prefix('#').is_some_and(|it| all.pointer(it).is_some()));
        if object.contains_key("$ref") && !leads {
            object.shift_remove("$ref");
            if !names.is_empty() {
                let name = openapi::pointer::child("#/components/schemas", random.pick::<String>(&names));
                object.insert("$ref".to_owned(), name.into());
            }
        }
    });
}

fn walk_mut(value: &mut Value, change: &mut dyn FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(|inner| walk_mut(inner, change)),
        Value::Object(object) => {
            change(object);
            object.values_mut().for_each(|inner| walk_mut(inner, change));
        }
        _ => {}
    }
}
