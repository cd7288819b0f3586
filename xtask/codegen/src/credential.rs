//! Recognizes credentials: by the names of properties, and by schemas whose values would be printed.

use std::collections::BTreeSet;

use openapi::pointer::child;
use openapi::reference::resolve_at;
use serde_json::Value;

/// The extension for names that look like a credential but are not: `x-credential: false`.
pub(crate) const OPT_OUT: &str = "x-credential";

/// Whether values of this schema may be strings that would be printed.
pub(crate) fn is_plain_text(document: &Value, schema: &Value) -> bool {
    !plain_texts(document, schema, "").is_empty()
}

/// The schemas through which values of this one may be strings that would be printed: itself, its reference, its
/// alternatives, or those of its items.
pub(crate) fn plain_texts(document: &Value, schema: &Value, pointer: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut visited = BTreeSet::new();
    collect(document, schema, pointer, 0, &mut visited, &mut found);
    found
}

fn collect(
    document: &Value,
    schema: &Value,
    pointer: &str,
    depth: usize,
    visited: &mut BTreeSet<String>,
    found: &mut Vec<String>,
) {
    let (schema, pointer) = resolve_at(document, schema, pointer);
    // Alternatives may refer to each other in any way.
    if depth > 8 || schema.get(OPT_OUT) == Some(&Value::Bool(false)) || !visited.insert(pointer.clone()) {
        return;
    }
    let mut below = |schema: &Value, place: &str| collect(document, schema, place, depth + 1, visited, found);
    let alternatives = ["allOf", "anyOf", "oneOf"].map(|key| (key, schema.get(key).and_then(Value::as_array)));
    let members = alternatives.into_iter().flat_map(|(key, list)| {
        let place = child(&pointer, key);
        list.into_iter().flatten().enumerate().map(move |(index, it)| (it, child(&place, &index.to_string())))
    });
    let members = members.collect::<Vec<_>>();
    if schema.get("type").is_none() && !members.is_empty() {
        members.iter().for_each(|(member, place)| below(member, place));
        return;
    }
    let is_plain = schema.get("enum").is_none()
        && schema.get("properties").is_none()
        && schema.get("format").is_none_or(|format| !["password", "date", "date-time"].iter().any(|it| format == it));
    match (kind(schema), schema.get("items")) {
        (Some("string") | None, _) if is_plain => found.push(pointer),
        (Some("array"), Some(items)) => below(items, &child(&pointer, "items")),
        _ => {}
    }
}

/// The type of a schema; of several, as OpenAPI 3.1 has them, the one that may hold a text.
fn kind(schema: &Value) -> Option<&str> {
    match schema.get("type") {
        Some(Value::Array(all)) => {
            let mut all = all.iter().filter_map(Value::as_str);
            let first = all.clone().find(|kind| *kind != "null");
            all.find(|kind| matches!(*kind, "string" | "array")).or(first)
        }
        kind => kind.and_then(Value::as_str),
    }
}

/// Whether a name, in any way of writing it, is one that credentials have.
pub(crate) fn looks_like_credential(name: &str) -> bool {
    let words = words(name);
    let words = words.iter().map(String::as_str).collect::<Vec<_>>();
    let anywhere = words.iter().any(|word| {
        matches!(*word, "password" | "passwd" | "passphrase" | "secret" | "apikey" | "privatekey")
            || word.ends_with("secret")
            || word.ends_with("password")
    });
    let at_the_end = match words.as_slice() {
        [.., before, "token"] => !matches!(
            *before,
            "page"
                | "next"
                | "previous"
                | "prev"
                | "continuation"
                | "continue"
                | "cursor"
                | "csrf"
                | "xsrf"
                | "sync"
                | "pagination"
        ),
        [.., "token" | "accesstoken" | "refreshtoken" | "idtoken"] => true,
        [.., "api" | "private", "key"] => true,
        _ => false,
    };
    anywhere || at_the_end
}

/// The words of a name: `clientSecret`, `client-secret` and `ClientSecrets` are all `client`, `secret`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut after_small = false;
    for c in name.chars() {
        if !c.is_alphanumeric() {
            words.push(String::new());
        } else {
            if c.is_uppercase() && after_small {
                words.push(String::new());
            }
            words.last_mut().expect("never empty").extend(c.to_lowercase());
        }
        after_small = c.is_lowercase() || c.is_numeric();
    }
    words.retain(|word| !word.is_empty());
    for word in &mut words {
        if matches!(word.as_str(), "secrets" | "passwords" | "tokens" | "keys") {
            word.pop();
        }
    }
    words
}
