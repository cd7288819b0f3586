//! Validates values against the schemas of a document, by JSON Schema 2020-12.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use jsonschema::error::{ValidationError, ValidationErrorKind};
use jsonschema::{Draft, Registry, Validator};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use crate::{names, pointer};

/// The most mismatches that are kept for one value, and the most names that one of them lists, since a hostile response
/// could cause any number.
const MOST_MISMATCHES: usize = 50;
const MOST_NAMES: usize = 10;

/// The base URI of a document for the validator. It is never fetched.
const BASE_URI: &str = "https://document.invalid/openapi";

/// One difference between a value and a schema. It contains no part of the value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mismatch {
    /// JSON pointer into the value.
    pub(crate) at: String,
    /// JSON pointer into the document.
    pub(crate) pointer: String,
    /// The deviation.
    pub(crate) says: String,
    /// True if the schema neither forbids nor mentions it.
    pub(crate) unmentioned: bool,
}

/// The schemas of a document, each compiled once.
#[derive(Debug)]
pub(crate) struct Schemas {
    root: Value,
    ready: Mutex<HashMap<(String, bool), Arc<Validator>>>,
}

impl Schemas {
    /// The schemas in `root`.
    pub(crate) fn new(root: Value) -> Self {
        Self { root, ready: Mutex::default() }
    }

    /// The document.
    pub(crate) fn root(&self) -> &Value {
        &self.root
    }

    /// The differences between `value` and the schema at `pointer`, up to a limit.
    pub(crate) fn mismatches(&self, pointer: &str, value: &Value) -> Result<Vec<Mismatch>, String> {
        for closed in [false, true] {
            let validator = self.validator(pointer, closed)?;
            let found: BTreeSet<Mismatch> =
                validator.iter_errors(value).take(MOST_MISMATCHES).map(|it| mismatch(&it, pointer, closed)).collect();
            if !found.is_empty() {
                return Ok(found.into_iter().collect());
            }
        }
        Ok(Vec::new())
    }

    /// A compiled schema; if `closed`, it refuses members that it does not mention.
    fn validator(&self, pointer: &str, closed: bool) -> Result<Arc<Validator>, String> {
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (pointer.to_owned(), closed);
        if let Some(validator) = ready.get(&key) {
            return Ok(Arc::clone(validator));
        }
        let mut root = self.root.clone();
        if closed {
            close(&mut root);
        }
        let broken = |problem: String| format!("the schema {pointer} cannot be used: {problem}");
        let registry = Registry::new().draft(Draft::Draft202012).add(BASE_URI, &root).and_then(|it| it.prepare());
        let registry = registry.map_err(|error| broken(error.to_string()))?;
        let schema = json!({ "$ref": format!("{BASE_URI}#{}", pointer::in_url(pointer)) });
        let options = jsonschema::options().with_draft(Draft::Draft202012).with_registry(&registry);
        let validator = Arc::new(options.build(&schema).map_err(|error| broken(error.masked().to_string()))?);
        ready.insert(key, Arc::clone(&validator));
        Ok(validator)
    }
}

fn mismatch(error: &ValidationError<'_>, pointer: &str, unmentioned: bool) -> Mismatch {
    let location = error.absolute_keyword_location().map(ToString::to_string);
    let named = location.and_then(|location| location.split_once('#').map(|(_, pointer)| pointer.to_owned()));
    let decoded = |pointer: String| percent_decode_str(&pointer).decode_utf8_lossy().into_owned();
    let pointer = named.map_or_else(|| pointer.to_owned(), decoded);
    let says = match error.kind() {
        ValidationErrorKind::Required { property } => {
            format!("`{}` is missing", names::redacted(property.as_str().unwrap_or_default()))
        }
        ValidationErrorKind::UnevaluatedProperties { unexpected }
        | ValidationErrorKind::AdditionalProperties { unexpected } => {
            let quoted = |name: &String| format!("`{}`", names::redacted(name));
            let mut list: Vec<String> = unexpected.iter().take(MOST_NAMES).map(quoted).collect();
            if unexpected.len() > MOST_NAMES {
                list.push(format!("and {} more", unexpected.len() - MOST_NAMES));
            }
            format!("{} {} not mentioned", list.join(", "), if list.len() == 1 { "is" } else { "are" })
        }
        ValidationErrorKind::Type { .. } => "has the wrong type".to_owned(),
        ValidationErrorKind::Enum { .. } | ValidationErrorKind::Constant { .. } => {
            "is not one of the listed values".to_owned()
        }
        _ => format!("violates `{}`", error.kind().keyword()),
    };
    Mismatch { at: named_path(error.instance_path().as_str()), pointer, says, unmentioned }
}

/// A path into a value, whose names may be chosen by the server.
fn named_path(path: &str) -> String {
    path.split('/').map(names::redacted).collect::<Vec<_>>().join("/")
}

/// Keywords whose value is one schema, a list of schemas, or schemas by name.
const SINGLE_SCHEMA_KEYWORDS: [&str; 9] =
    ["items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames", "unevaluatedItems"];
const SCHEMA_LIST_KEYWORDS: [&str; 4] = ["allOf", "anyOf", "oneOf", "prefixItems"];
const SCHEMA_MAP_KEYWORDS: [&str; 4] = ["properties", "patternProperties", "dependentSchemas", "$defs"];

/// Makes every schema of a document refuse members that it does not mention, unless it already restricts them.
fn close(document: &mut Value) {
    let schemas = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut);
    schemas.into_iter().flat_map(Map::values_mut).for_each(|schema| close_schema(schema, false));
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    for media_type in paths.into_iter().flat_map(Map::values_mut).flat_map(media_types) {
        if let Some(schema) = media_type.get_mut("schema") {
            close_schema(schema, false);
        }
    }
}

/// The media types of the requests and responses of a path's operations.
fn media_types(path: &mut Value) -> Vec<&mut Value> {
    let operations = path.as_object_mut().map(|path| path.values_mut().collect::<Vec<_>>()).unwrap_or_default();
    let mut found = Vec::new();
    for operation in operations.into_iter().filter_map(Value::as_object_mut) {
        for (key, part) in operation {
            let contents: Vec<&mut Value> = match key.as_str() {
                "requestBody" => part.get_mut("content").into_iter().collect(),
                "responses" => part
                    .as_object_mut()
                    .into_iter()
                    .flat_map(Map::values_mut)
                    .filter_map(|r| r.get_mut("content"))
                    .collect(),
                _ => Vec::new(),
            };
            found.extend(contents.into_iter().filter_map(Value::as_object_mut).flat_map(Map::values_mut));
        }
    }
    found
}

/// Closes a schema and the schemas inside it. Parts of a composition remain open, since one part may mention the
/// members of another.
fn close_schema(schema: &mut Value, part: bool) {
    let Some(schema) = schema.as_object_mut() else { return };
    for key in SINGLE_SCHEMA_KEYWORDS {
        if let Some(inner) = schema.get_mut(key) {
            close_schema(inner, matches!(key, "not" | "if" | "then" | "else"));
        }
    }
    for key in SCHEMA_LIST_KEYWORDS {
        let inner = schema.get_mut(key).and_then(Value::as_array_mut);
        inner.into_iter().flatten().for_each(|inner| close_schema(inner, key != "prefixItems"));
    }
    for key in SCHEMA_MAP_KEYWORDS {
        let inner = schema.get_mut(key).and_then(Value::as_object_mut);
        inner.into_iter().flat_map(Map::values_mut).for_each(|inner| close_schema(inner, key == "dependentSchemas"));
    }
    let speaks = ["additionalProperties", "unevaluatedProperties"].iter().any(|key| schema.contains_key(*key));
    let mentions = ["properties", "patternProperties"].iter().any(|key| schema.contains_key(*key));
    if mentions && !part && !speaks {
        schema.insert("unevaluatedProperties".to_owned(), Value::Bool(false));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> Value {
        json!({
            "openapi": "3.1.0",
            "paths": { "/a{b}": { "post": { "responses": { "200": { "content": { "application/json": {
                "schema": { "$ref": "#/components/schemas/Answer" } } } } } } } },
            "components": { "schemas": {
                "Answer": {
                    "type": "object",
                    "required": ["kind"],
                    "properties": {
                        "kind": { "const": "a" },
                        "count": { "type": "integer" },
                        "list": { "type": "array", "items": { "$ref": "#/components/schemas/Item" } },
                    },
                },
                "Item": { "allOf": [{ "properties": { "x": true } }, { "properties": { "y": true } }] },
                "Free": { "properties": { "x": true }, "additionalProperties": { "type": "string" } },
            } },
        })
    }

    fn found(pointer: &str, value: Value) -> Vec<(String, String, bool)> {
        let found = Schemas::new(document()).mismatches(pointer, &value).expect("a schema");
        found.into_iter().map(|found| (found.at, found.pointer, found.unmentioned)).collect()
    }

    #[test]
    fn a_mismatch_names_its_place_in_the_value_and_in_the_document() {
        let pointer = "/paths/~1a{b}/post/responses/200/content/application~1json/schema";
        let answer = "/components/schemas/Answer";
        assert_eq!(found(pointer, json!({ "kind": "a", "count": 3.0, "list": [{ "x": 1, "y": 2 }] })), []);
        for (value, at, keyword) in [
            (json!({}), "", "/required"),
            (json!([]), "", "/type"),
            (json!({ "kind": "b" }), "/kind", "/properties/kind/const"),
            (json!({ "kind": "a", "count": "3" }), "/count", "/properties/count/type"),
        ] {
            assert_eq!(
                found(pointer, value.clone()),
                [(at.to_owned(), format!("{answer}{keyword}"), false)],
                "{value}"
            );
        }
    }

    #[test]
    fn unmentioned_members_are_distinguished_from_forbidden_ones() {
        let answer = "/components/schemas/Answer";
        let unknown = found(answer, json!({ "kind": "a", "more": 1 }));
        assert_eq!(unknown, [(String::new(), format!("{answer}/unevaluatedProperties"), true)]);
        assert_eq!(found("/components/schemas/Free", json!({ "more": "text" })), []);
        assert_eq!(found("/components/schemas/Free", json!({ "more": 1 })).len(), 1);
        let found = Schemas::new(document()).mismatches(answer, &json!({ "kind": "a", "eyJhbGciOi.J9": 1 }));
        let findings = found.expect("a schema");
        assert_eq!(findings[0].says, "`<13 bytes>` is not mentioned");
    }
}
