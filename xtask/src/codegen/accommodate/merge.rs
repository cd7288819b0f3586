//! Schemas that hold at once, as one.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::keywords::foreign_keywords;
use super::{referred, resolve};

type Schema = Map<String, Value>;

/// How deep references and compositions are followed.
const DEPTH: usize = 24;

/// How many alternatives a product of alternatives may have.
const ALTERNATIVES: usize = 64;

/// Members that say nothing about values.
const ANNOTATIONS: [&str; 8] =
    ["title", "description", "default", "example", "readOnly", "writeOnly", "deprecated", "externalDocs"];

/// What was lost on the way.
#[derive(Debug, Default)]
pub(super) struct Losses(pub(super) BTreeSet<String>);

impl Losses {
    fn add(&mut self, text: impl Into<String>) {
        self.0.insert(text.into());
    }
}

/// One schema without `allOf` that says what this one says; `None` if nothing can.
pub(super) fn flatten(document: &Value, schema: &Value, open: &mut Vec<String>, losses: &mut Losses) -> Option<Schema> {
    if let Some(name) = referred(schema) {
        if open.contains(&name) || open.len() > DEPTH {
            losses.add(format!("`{name}` is made of itself; that part was dropped"));
            return Some(Schema::new());
        }
        open.push(name);
        let target = resolve(document, schema).and_then(|target| flatten(document, target, open, losses));
        open.pop();
        return target;
    }
    let mut result = schema.as_object()?.clone();
    let members = match result.shift_remove("allOf") {
        Some(Value::Array(members)) => members,
        _ => return Some(result),
    };
    let nullable = result.shift_remove("nullable");
    let outer = result.clone();
    result = Schema::new();
    for member in &members {
        let mut member = flatten(document, member, open, losses)?;
        for key in ANNOTATIONS {
            member.shift_remove(key);
        }
        member.shift_remove("nullable");
        member.shift_remove("discriminator");
        merge(document, &mut result, member, losses, 0)?;
    }
    merge(document, &mut result, outer, losses, 0)?;
    if let Some(nullable) = nullable {
        result.insert("nullable".to_owned(), nullable);
    }
    // One part may have brought the type, and another one keywords of other types.
    foreign_keywords(&mut result);
    Some(result)
}

/// Adds a schema to another; `None` if no value can be both.
fn merge(document: &Value, into: &mut Schema, other: Schema, losses: &mut Losses, depth: usize) -> Option<()> {
    for (key, value) in other {
        let Some(own) = into.get_mut(&key) else {
            into.insert(key, value);
            continue;
        };
        if *own == value {
            continue;
        }
        match key.as_str() {
            "properties" => {
                let (Some(own), Value::Object(more)) = (own.as_object_mut(), value) else { return None };
                for (name, property) in more {
                    let merged = match own.get(&name) {
                        Some(mine) if *mine != property => both(document, mine, &property, losses, depth),
                        _ => property,
                    };
                    own.insert(name, merged);
                }
            }
            "required" => {
                let (Some(own), Value::Array(more)) = (own.as_array_mut(), value) else { return None };
                for name in more {
                    if !own.contains(&name) {
                        own.push(name);
                    }
                }
            }
            "type" => match (own.as_str(), value.as_str()) {
                (Some("number"), Some("integer")) => *own = value,
                (Some("integer"), Some("number")) => {}
                _ => return None,
            },
            "enum" => {
                let (Some(own), Some(more)) = (own.as_array_mut(), value.as_array()) else { return None };
                own.retain(|entry| more.contains(entry));
                if own.is_empty() {
                    return None;
                }
            }
            "minimum" | "minLength" | "minItems" | "minProperties" => {
                if value.as_f64() > own.as_f64() {
                    *own = value;
                }
            }
            "maximum" | "maxLength" | "maxItems" | "maxProperties" => {
                if value.as_f64() < own.as_f64() {
                    *own = value;
                }
            }
            "items" => {
                let merged = both(document, own, &value, losses, depth);
                *own = merged;
            }
            "additionalProperties" => match (own.is_object(), value.is_object()) {
                (true, true) => {
                    let merged = both(document, own, &value, losses, depth);
                    *own = merged;
                }
                (false, _) if own != &Value::Bool(false) => *own = value,
                (_, false) if value != Value::Bool(false) => {}
                _ => {
                    into.shift_remove("additionalProperties");
                    losses.add("`additionalProperties: false` of one part would forbid the others; it was dropped");
                }
            },
            "oneOf" | "anyOf" => {
                let merged = product(own, &value);
                match merged {
                    Some(merged) => *own = merged,
                    None => losses.add("too many alternatives at once; some were dropped"),
                }
            }
            "nullable" | "uniqueItems" | "exclusiveMinimum" | "exclusiveMaximum" => {}
            _ if ANNOTATIONS.contains(&key.as_str()) || key.starts_with("x-") => *own = value,
            _ => losses.add(format!("`{key}` has two values; the first was kept")),
        }
    }
    Some(())
}

/// A schema for values that are of both.
fn both(document: &Value, one: &Value, other: &Value, losses: &mut Losses, depth: usize) -> Value {
    let empty =
        |schema: &Value| schema.as_object().is_some_and(|it| it.keys().all(|key| ANNOTATIONS.contains(&key.as_str())));
    if empty(other) || one == other {
        return one.clone();
    }
    if empty(one) {
        return other.clone();
    }
    let combined = json!({ "allOf": [one, other] });
    let mut inner = Losses::default();
    let merged = if depth > 4 { None } else { flatten(document, &combined, &mut Vec::new(), &mut inner) };
    match merged {
        Some(mut merged) => {
            losses.0.extend(inner.0);
            // The result says nothing that one of the two did not say alone, and that one has a name.
            for side in [other, one] {
                if let Some(target) = resolve(document, side).filter(|_| side.get("$ref").is_some())
                    && bare(target.as_object()) == bare(Some(&merged))
                {
                    return side.clone();
                }
            }
            for key in ["description"] {
                if let Some(text) = other.get(key).or_else(|| one.get(key)) {
                    merged.insert(key.to_owned(), text.clone());
                }
            }
            merged.into()
        }
        None => {
            losses.add("a property that two parts describe differently is as the last part says");
            other.clone()
        }
    }
}

fn bare(schema: Option<&Schema>) -> Schema {
    let mut schema = schema.cloned().unwrap_or_default();
    schema.retain(|key, _| !ANNOTATIONS.contains(&key.as_str()) && key != "nullable");
    schema
}

fn product(one: &Value, other: &Value) -> Option<Value> {
    let (one, other) = (one.as_array()?, other.as_array()?);
    if one.len() * other.len() > ALTERNATIVES {
        return None;
    }
    let pairs = one.iter().flat_map(|one| other.iter().map(move |other| json!({ "allOf": [one, other] })));
    Some(Value::Array(pairs.collect()))
}
