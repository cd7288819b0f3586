//! Credentials in documents outside the workspace.

use openapi::pointer::child;
use openapi::reference::resolve;
use openapi::walk::{self, NodeKind};
use serde_json::{Map, Value};

use super::limits;
use crate::credential::{is_plain_text, looks_like_credential};
use crate::home::Home;
use crate::rule::Adapted;

/// Applies rule `credential`: a property with the name of a credential gets `format: password`.
pub(super) fn apply(value: &mut Value, home: &Home, done: &mut Adapted) {
    if home.is_workspace() {
        return;
    }
    let snapshot = value.clone();
    walk::change(value, NodeKind::Document, "", &mut |inner, node, pointer| {
        if node != NodeKind::Schema {
            return;
        }
        let Some(properties) = inner.get_mut("properties").and_then(Value::as_object_mut) else { return };
        for (name, property) in properties {
            if !looks_like_credential(name) || !is_plain_text(&snapshot, property) {
                continue;
            }
            let place = child(&child(pointer, "properties"), name);
            let target = resolve(&snapshot, property).and_then(Value::as_object);
            // A password is reported where the limits of all other schemas are.
            let text = target.filter(|it| it.get("format").is_none_or(|format| format != "password"));
            let lost = text.into_iter().flat_map(limits::lengths).collect::<Vec<_>>();
            if mark(&snapshot, property) {
                if !lost.is_empty() {
                    limits::report(&lost, &place, done);
                }
                done.applied(
                    "credential",
                    &place,
                    format!("`{name}` has the name of a credential: its type is `Secret`"),
                );
            } else {
                done.lost(
                    "credential",
                    &place,
                    format!("`{name}` has the name of a credential, but is not a plain string: it is not redacted"),
                );
            }
        }
    });
}

/// Marks a text, or the texts of a list.
fn mark(document: &Value, schema: &mut Value) -> bool {
    let Some(target) = resolve(document, schema).cloned() else { return false };
    let kind = target.get("type").and_then(Value::as_str);
    if kind == Some("array") {
        let mut list = target.clone();
        let marked = list.get_mut("items").is_some_and(|items| mark(document, items));
        if marked {
            *schema = list;
        }
        return marked;
    }
    let mut texts = kind == Some("string");
    let mut nullable = target.get("nullable") == Some(&Value::Bool(true));
    for key in ["allOf", "anyOf", "oneOf"] {
        for member in target.get(key).and_then(Value::as_array).into_iter().flatten() {
            let member = resolve(document, member);
            texts |= member.is_some_and(|member| member.get("type").is_some_and(|kind| kind == "string"));
            nullable |= member.is_some_and(|member| member.get("nullable") == Some(&Value::Bool(true)));
            if member.is_none_or(|member| member.get("type").is_none_or(|kind| kind != "string")) {
                return false;
            }
        }
    }
    if !texts {
        return false;
    }
    let mut new = Map::new();
    new.insert("type".to_owned(), "string".into());
    new.insert("format".to_owned(), "password".into());
    if nullable {
        new.insert("nullable".to_owned(), true.into());
    }
    let text = schema.get("description").or_else(|| target.get("description")).cloned();
    new.extend(text.map(|text| ("description".to_owned(), text)));
    *schema = new.into();
    true
}
