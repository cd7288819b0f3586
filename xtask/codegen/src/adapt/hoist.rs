//! Gives unique names to inline types, so that progenitor invents none.

use std::collections::HashMap;

use openapi::operations::each_operation;
use openapi::pointer::child;
use openapi::reference::{schemas, schemas_mut, to_schema};
use serde_json::{Map, Value, json};

use super::annotations::is_wrapper;
use crate::by_status::Outcome;
use crate::names::{UsedNames, free, pascal};
use crate::rule::Adapted;

/// Members that stay where a schema was.
const AT_SITE: [&str; 7] =
    ["nullable", "description", "default", "readOnly", "writeOnly", "deprecated", "x-credential"];

/// Applies rule `hoist`.
pub(super) fn apply(value: &mut Value, done: &mut Adapted) {
    let names = schemas(value).map(|all| all.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
    let mut hoist = Hoist { taken: UsedNames::new(pascal, ["Ok", "Err", "Some", "None"]), new: vec![], done };
    for name in &names {
        hoist.taken.take(name);
    }
    for name in &names {
        let place = child("/components/schemas", name);
        let Some(mut schema) = schemas_mut(value).and_then(|all| all.get_mut(name)).map(Value::take) else { continue };
        hoist.inside(&mut schema, name, &place, true);
        if schema.get("nullable") == Some(&Value::Bool(true)) && makes_type(&schema) {
            hoist.put(&mut schema, &format!("{name}Value"), &place);
        }
        if let Some(slot) = schemas_mut(value).and_then(|all| all.get_mut(name)) {
            *slot = schema;
        }
    }
    each_operation(value, &mut |_, _, pointer, operation| {
        let id = pascal(operation.get("operationId").and_then(Value::as_str).unwrap_or_default());
        let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
        for (index, parameter) in parameters.into_iter().flatten().enumerate() {
            let name = format!("{id}{}", pascal(parameter.get("name").and_then(Value::as_str).unwrap_or_default()));
            let place = child(&child(&child(pointer, "parameters"), &index.to_string()), "schema");
            if let Some(schema) = parameter.get_mut("schema") {
                hoist.one(schema, &name, &place, false);
            }
        }
        if let Some(content) = operation.pointer_mut("/requestBody/content").and_then(Value::as_object_mut) {
            for (name, media) in content {
                let place = child(&child(&child(&child(pointer, "requestBody"), "content"), name), "schema");
                if let Some(schema) = media.get_mut("schema") {
                    hoist.one(schema, &format!("{id}Body"), &place, false);
                }
            }
        }
        hoist.responses(operation, &id, &child(pointer, "responses"));
    });
    let new = std::mem::take(&mut hoist.new);
    if let Some(all) = schemas_mut(value).filter(|_| !new.is_empty()) {
        all.extend(new);
    }
}

/// Whether the generator makes a type with a name of a schema.
pub(super) fn makes_type(schema: &Value) -> bool {
    let Some(schema) = schema.as_object() else { return false };
    if schema.contains_key("$ref") || is_wrapper(schema) {
        return false;
    }
    let filled = |key: &str| match schema.get(key) {
        Some(Value::Object(map)) => !map.is_empty(),
        Some(Value::Array(list)) => !list.is_empty(),
        _ => false,
    };
    let text = schema.get("format").is_none_or(|format| format != "password");
    ["properties", "enum", "allOf", "anyOf", "oneOf", "required"].into_iter().any(filled)
        || text && ["minLength", "maxLength", "pattern"].into_iter().any(|key| schema.contains_key(key))
        || schema.get("additionalProperties") == Some(&Value::Bool(false))
}

struct Hoist<'a> {
    taken: UsedNames,
    new: Vec<(String, Value)>,
    done: &'a mut Adapted,
}

impl Hoist<'_> {
    /// One success and one error body for each operation; the same body of several statuses is one type.
    fn responses(&mut self, operation: &mut Value, id: &str, pointer: &str) {
        let mut known: HashMap<(char, Value), Value> = HashMap::new();
        let by_status = operation.get("operationId").and_then(Value::as_str).and_then(|id| self.done.by_status.get(id));
        let told_apart = by_status.is_some_and(|by_status| !by_status.of(Outcome::Success).is_empty());
        let of_success = if told_apart { "Success" } else { "Response" };
        let responses = operation.get_mut("responses").and_then(Value::as_object_mut);
        for (status, response) in responses.into_iter().flatten() {
            let success = status.starts_with('2');
            let name = format!("{id}{}", if success { of_success } else { "Error" });
            let group = if success { '2' } else { '4' };
            let Some(content) = response.get_mut("content").and_then(Value::as_object_mut) else { continue };
            for (media, content) in content {
                let place = child(&child(&child(&child(pointer, status), "content"), media), "schema");
                let Some(schema) = content.get_mut("schema") else { continue };
                let before = (group, schema.clone());
                if let Some(after) = known.get(&before) {
                    *schema = after.clone();
                    continue;
                }
                self.one(schema, &name, &place, false);
                known.insert(before, schema.clone());
            }
        }
    }

    /// What is inside a schema with this name.
    fn inside(&mut self, schema: &mut Value, name: &str, place: &str, of_component: bool) {
        let Some(object) = schema.as_object_mut() else { return };
        let plain = of_component && object.get("nullable") != Some(&Value::Bool(true));
        if let Some(properties) = object.get_mut("properties").and_then(Value::as_object_mut) {
            let place = child(place, "properties");
            for (key, property) in properties {
                self.one(property, &format!("{name}{}", pascal(key)), &child(&place, key), plain);
            }
        }
        for (key, suffix) in [("items", "Item"), ("additionalProperties", "Value")] {
            if let Some(inner) = object.get_mut(key).filter(|inner| inner.is_object()) {
                self.one(inner, &format!("{name}{suffix}"), &child(place, key), false);
            }
        }
        // Parts are merged later and get their name as a whole; the properties in them get theirs now.
        for key in ["allOf", "anyOf"] {
            let members = object.get_mut(key).and_then(Value::as_array_mut).into_iter().flatten();
            for (index, member) in members.enumerate() {
                self.inside(member, name, &child(&child(place, key), &index.to_string()), false);
            }
        }
        let based = object.contains_key("properties") || object.contains_key("allOf");
        let members = object.get_mut("oneOf").and_then(Value::as_array_mut).into_iter().flatten();
        for (index, member) in members.enumerate() {
            let place = child(&child(place, "oneOf"), &index.to_string());
            if based {
                self.inside(member, name, &place, false);
            } else {
                self.one(member, &format!("{name}Variant{index}"), &place, false);
            }
        }
    }

    /// One schema at a place where it has no name.
    fn one(&mut self, schema: &mut Value, name: &str, place: &str, of_component: bool) {
        if !makes_type(schema) {
            self.inside(schema, name, place, false);
            return;
        }
        // The generator gives it just this name, and nothing else has it.
        let is_enum = schema.get("enum").is_some() && schema.get("type").is_some_and(|kind| kind == "string");
        let simple = is_enum && schema.get("nullable") != Some(&Value::Bool(true)) && schema.get("default").is_none();
        if of_component && simple && self.taken.take(name) {
            return;
        }
        self.put(schema, name, place);
    }

    /// Gives a schema a name, and leaves a reference in its place.
    fn put(&mut self, schema: &mut Value, name: &str, place: &str) {
        let name = free(name, &mut self.taken);
        let mut site = Map::new();
        if let Some(object) = schema.as_object_mut() {
            for key in AT_SITE {
                if let Some(value) = object.get(key).cloned() {
                    site.insert(key.to_owned(), value);
                    if key != "description" {
                        object.shift_remove(key);
                    }
                }
            }
        }
        let mut inner = schema.take();
        self.inside(&mut inner, &name, place, true);
        *schema = to_schema(&name);
        if !site.is_empty() {
            site.insert("allOf".to_owned(), json!([schema.take()]));
            *schema = site.into();
        }
        self.done.applied("hoist", place, format!("the inline type is named `{name}`"));
        self.done.places.insert(name.clone(), place.to_owned());
        self.new.push((name, inner));
    }
}
