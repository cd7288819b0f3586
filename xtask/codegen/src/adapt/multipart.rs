//! Multipart bodies: an object with a member for each part, whose files are of the type `FilePart`.
//!
//! | before | after |
//! |---|---|
//! | `multipart/form-data: { schema: { properties: { photo: { type: string, format: binary } } } }` | `application/json: { schema: { properties: { photo: { type: string, format: auth-transport-file } } } }` |

use std::collections::BTreeMap;

use openapi::operations::METHODS;
use openapi::reference::{referred, resolve, schemas, schemas_mut, to_schema};
use serde_json::{Map, Value, json};

use super::forms::is_text_or_json;
use crate::conversion::FILE;
use crate::media::{essence, rank};

/// The schemas of multipart bodies that become components.
#[derive(Default)]
pub(super) struct Multipart {
    /// By the name of a schema, how often it is referred to, and how often as a multipart body.
    uses: BTreeMap<String, (usize, usize)>,
    /// By the name of a schema and what it becomes, the name of the schema with files.
    known: BTreeMap<(String, String), String>,
    changed: Vec<(String, Value)>,
}

impl Multipart {
    /// Counts what a document refers to.
    pub(super) fn new(document: &Value) -> Self {
        let mut all = Self::default();
        all.count(document);
        for (_, item) in document.get("paths").and_then(Value::as_object).into_iter().flatten() {
            let bodies =
                METHODS.iter().filter_map(|method| item.get(*method)?.pointer("/requestBody/content")?.as_object());
            for content in bodies {
                let first = content.iter().min_by_key(|(name, _)| rank(name));
                if let Some((_, media)) = first.filter(|(name, _)| is_multipart(name))
                    && let Some(name) = media.get("schema").and_then(referred)
                {
                    all.uses.entry(name).or_default().1 += 1;
                }
            }
        }
        all
    }

    fn count(&mut self, value: &Value) {
        match value {
            Value::Object(object) => {
                if let Some(name) = referred(value) {
                    self.uses.entry(name).or_default().0 += 1;
                }
                object.values().for_each(|inner| self.count(inner));
            }
            Value::Array(list) => list.iter().for_each(|inner| self.count(inner)),
            _ => {}
        }
    }

    /// The schema of a multipart body, whose binary members are files. Without a schema, it has any members, which are files.
    pub(super) fn schema(&mut self, document: &Value, media: &Value) -> Value {
        let Some(schema) = media.get("schema") else {
            let any = json!({ "type": "object", "additionalProperties": file(&Value::Null) });
            return self.component(document, "Parts", String::new(), any, false);
        };
        let encoding = media.get("encoding").and_then(Value::as_object).cloned().unwrap_or_default();
        let (new, has_files) = with_files(document, schema, &encoding, 0);
        match referred(schema).filter(|_| has_files) {
            Some(name) => {
                let only_here = self.uses.get(&name).is_some_and(|(all, here)| all == here);
                self.component(document, &name, new.to_string(), new, only_here)
            }
            // Files are recognized in properties and in components.
            None if has_files && new.get("properties").is_none() => {
                self.component(document, "Parts", new.to_string(), new.clone(), false)
            }
            None => new,
        }
    }

    /// Makes a schema a component of this name, or of one like it unless it takes the place of the one there.
    fn component(&mut self, document: &Value, name: &str, key: String, new: Value, in_place: bool) -> Value {
        let key = (name.to_owned(), key);
        if let Some(known) = self.known.get(&key) {
            return to_schema(known);
        }
        let is_taken = |own: &str| schemas(document).is_some_and(|all| all.contains_key(own));
        let mut own = name.to_owned();
        let mut in_place = in_place;
        while !in_place && is_taken(&own) || self.is_changed(&own) {
            in_place = false;
            own.push_str("Multipart");
        }
        self.known.insert(key, own.clone());
        self.changed.push((own.clone(), new));
        to_schema(&own)
    }

    fn is_changed(&self, name: &str) -> bool {
        self.changed.iter().any(|(changed, _)| changed == name)
    }

    /// Writes the changed schemas into the document.
    pub(super) fn write(self, value: &mut Value) {
        if self.changed.is_empty() {
            return;
        }
        if schemas(value).is_none() && value.is_object() {
            value["components"]["schemas"] = json!({});
        }
        if let Some(all) = schemas_mut(value) {
            all.extend(self.changed);
        }
    }
}

/// Whether a media type is that of parts.
pub(super) fn is_multipart(name: &str) -> bool {
    essence(name).starts_with("multipart/")
}

/// The names of members with headers of their own.
pub(super) fn with_headers(encoding: &Map<String, Value>) -> Vec<&str> {
    let has_headers = |one: &&Value| one.get("headers").and_then(Value::as_object).is_some_and(|all| !all.is_empty());
    encoding.iter().filter(|(_, one)| has_headers(one)).map(|(name, _)| name.as_str()).collect()
}

/// A schema whose binary members are files, and whether there are any.
fn with_files(document: &Value, schema: &Value, encoding: &Map<String, Value>, depth: usize) -> (Value, bool) {
    let Some(mut new) = resolve(document, schema).filter(|_| depth < 8).cloned() else {
        return (schema.clone(), false);
    };
    let mut has_files = false;
    for (name, property) in new.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
        let kind = encoding.get(name).and_then(|one| one.get("contentType")).and_then(Value::as_str);
        if let Some(file) = as_file(document, property, kind) {
            *property = file;
            has_files = true;
        }
    }
    if let Some(further) = new.get_mut("additionalProperties").filter(|further| further.is_object())
        && let Some(file) = as_file(document, further, None)
    {
        *further = file;
        has_files = true;
    }
    for key in ["allOf", "anyOf", "oneOf"] {
        for member in new.get_mut(key).and_then(Value::as_array_mut).into_iter().flatten() {
            let (inner, inside) = with_files(document, member, encoding, depth + 1);
            if inside {
                *member = inner;
                has_files = true;
            }
        }
    }
    if has_files { (new, true) } else { (schema.clone(), false) }
}

/// A member that is a file, or a list of files.
fn as_file(document: &Value, schema: &Value, content_type: Option<&str>) -> Option<Value> {
    let resolved = resolve(document, schema)?;
    let kind = resolved.get("type").and_then(Value::as_str);
    if kind == Some("array") {
        let items = as_file(document, resolved.get("items")?, content_type.filter(|kind| !is_text_or_json(kind)))?;
        let mut list = resolved.clone();
        list["items"] = items;
        return Some(list);
    }
    let format = resolved.get("format").and_then(Value::as_str);
    let is_binary = format == Some("binary") && kind.is_none_or(|kind| kind == "string");
    // The caller encodes what is not text.
    let is_encoded = content_type.is_some_and(|kind| !is_text_or_json(kind))
        && !matches!(kind, Some("integer" | "number" | "boolean"))
        && format.is_none()
        && resolved.get("enum").is_none();
    (is_binary || is_encoded).then(|| file(resolved))
}

fn file(schema: &Value) -> Value {
    let mut file = json!({ "type": "string", "format": FILE });
    for key in ["description", "nullable"] {
        if let Some(value) = schema.get(key) {
            file[key] = value.clone();
        }
    }
    file
}
