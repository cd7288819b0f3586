//! Operations: their paths, their names, and everything they refer to brought into them.

use std::collections::HashSet;

use openapi::operations::{METHODS, each_operation, title};
use openapi::pointer::child;
use openapi::reference::resolve;
use serde_json::{Map, Value, json};

use crate::names::TAKEN;
use crate::names::{UsedNames, free, snake};
use crate::rule::Adapted;

/// Applies the rules of operations.
pub(super) fn apply(value: &mut Value, done: &mut Adapted) {
    paths(value, done);
    item_references(value, done);
    inline(value, done);
    item_parameters(value);
    super::path_variables::apply(value, done);
    extensions(value, done);
    names(value, done);
}

/// Rules `path-slash` and `leave-out`: a path begins with `/` and is nothing but a path.
fn paths(value: &mut Value, done: &mut Adapted) {
    let Some(paths) = value.get_mut("paths").and_then(Value::as_object_mut) else { return };
    let old = std::mem::take(paths);
    for (path, item) in old {
        let pointer = child("/paths", &path);
        if path.starts_with("x-") {
            paths.insert(path, item);
            continue;
        }
        if !item.is_object() {
            done.lost("leave-out", &pointer, format!("`{path}` was left out: it is not a mapping"));
            continue;
        }
        let with_slash = if path.starts_with('/') { path.clone() } else { format!("/{path}") };
        let fragment = with_slash.split_once('#').map_or("", |(_, fragment)| fragment);
        let trouble = if fragment.contains('{') {
            Some("a variable of its path is in a fragment, which HTTP does not send")
        } else if path.contains(char::is_control) {
            Some("its path contains a control character")
        } else if path.matches('{').count() != path.matches('}').count() || path.contains("{}") {
            Some("the braces of its path do not match")
        } else if paths.contains_key(&with_slash) {
            Some("another path differs only in the leading `/`")
        } else {
            None
        };
        if let Some(reason) = trouble {
            for method in METHODS.into_iter().filter(|method| item.get(*method).is_some()) {
                done.leave_out(&title(method, &path), &child(&pointer, method), reason);
            }
            continue;
        }
        if with_slash.contains('#') {
            done.applied(
                "path-fragment",
                &pointer,
                format!("HTTP does not send the fragment `#{fragment}` of the path"),
            );
        }
        if with_slash != path {
            done.applied("path-slash", &pointer, format!("`{path}` became `{with_slash}`"));
        }
        paths.insert(with_slash, operations_of(&pointer, item, done));
    }
}

/// Rule `leave-out`: drops a value that is not an operation.
fn operations_of(pointer: &str, mut item: Value, done: &mut Adapted) -> Value {
    if let Some(object) = item.as_object_mut() {
        object.retain(|key, operation| {
            let fits = operation.is_object() || !METHODS.contains(&key.as_str());
            if !fits {
                done.lost("leave-out", &child(pointer, key), format!("`{key}` was left out: it is not a mapping"));
            }
            fits
        });
    }
    item
}

/// Rule `path-reference`: what a path item refers to is put in its place.
fn item_references(value: &mut Value, done: &mut Adapted) {
    let snapshot = value.clone();
    let Some(paths) = value.get_mut("paths").and_then(Value::as_object_mut) else { return };
    for (path, item) in paths.iter_mut() {
        if item.get("$ref").is_some()
            && let Some(target) = resolve(&snapshot, item)
        {
            done.applied("path-reference", &child("/paths", path), "the reference was replaced by its target");
            *item = target.clone();
        }
    }
}

/// Puts what parameters, bodies and responses refer to into the operations; they then are in one form.
fn inline(value: &mut Value, done: &mut Adapted) {
    let snapshot = value.clone();
    let put = |inner: &mut Value| {
        if inner.get("$ref").is_some()
            && let Some(target) = resolve(&snapshot, inner)
        {
            *inner = target.clone();
        }
    };
    for (_, item) in value.get_mut("paths").and_then(Value::as_object_mut).into_iter().flatten() {
        item.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten().for_each(put);
    }
    each_operation(value, &mut |_, _, pointer, operation| {
        operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten().for_each(put);
        if let Some(body) = operation.get_mut("requestBody") {
            put(body);
        }
        operation.get_mut("responses").and_then(Value::as_object_mut).into_iter().for_each(|responses| {
            responses.values_mut().for_each(put);
            responses.values_mut().for_each(without_null);
        });
        operation.get_mut("requestBody").into_iter().for_each(without_null);
        if operation.as_object_mut().is_some_and(|object| object.shift_remove("callbacks").is_some()) {
            done.applied(
                "callbacks",
                &child(pointer, "callbacks"),
                "callbacks were dropped: a client does not receive them",
            );
        }
    });
    if let Some(components) = value.get_mut("components").and_then(Value::as_object_mut) {
        components.retain(|key, _| matches!(key.as_str(), "schemas" | "securitySchemes"));
    }
}

/// A response or a schema that is `null`, as in `schema:` without anything, says as little as an empty one.
fn without_null(inner: &mut Value) {
    if inner.is_null() {
        *inner = json!({ "description": "" });
    }
    let content = inner.get_mut("content").and_then(Value::as_object_mut);
    for media in content.into_iter().flatten().filter_map(|(_, media)| media.as_object_mut()) {
        media.retain(|key, value| key != "schema" || !value.is_null());
    }
}

/// Parameters of a path item become those of its operations, unless an operation has its own.
fn item_parameters(value: &mut Value) {
    let Some(paths) = value.get_mut("paths").and_then(Value::as_object_mut) else { return };
    for (_, item) in paths.iter_mut().filter(|(path, _)| !path.starts_with("x-")) {
        let Some(item) = item.as_object_mut() else { continue };
        let Some(Value::Array(common)) = item.shift_remove("parameters") else { continue };
        for method in METHODS {
            let Some(operation) = item.get_mut(method).and_then(Value::as_object_mut) else { continue };
            let own = operation.entry("parameters").or_insert_with(|| Value::Array(vec![]));
            let Some(own) = own.as_array_mut() else { continue };
            let key = |parameter: &Value| (parameter.get("name").cloned(), parameter.get("in").cloned());
            let known = own.iter().map(key).collect::<HashSet<_>>();
            let added = common.iter().filter(|parameter| !known.contains(&key(parameter)));
            let added = added.cloned().collect::<Vec<_>>();
            own.splice(0..0, added);
        }
    }
}

/// Rule `extension`: drops extensions that change the output of progenitor.
fn extensions(value: &mut Value, done: &mut Adapted) {
    each_operation(value, &mut |_, _, pointer, operation| {
        let Some(object) = operation.as_object_mut() else { return };
        let gone = object.keys().filter(|key| key.starts_with("x-dropshot")).cloned().collect::<Vec<_>>();
        for key in gone {
            object.shift_remove(&key);
            done.applied("extension", &child(pointer, &key), format!("`{key}` was dropped"));
        }
    });
}

/// Rules `operation-id` and `operation-name`: gives each operation a name that is unique in Rust.
fn names(value: &mut Value, done: &mut Adapted) {
    let servers = crate::servers::functions(value);
    let mut taken = UsedNames::new(snake, TAKEN.iter().copied().chain(servers.iter().map(String::as_str)));
    let id = |operation: &Map<String, Value>| {
        let id = operation.get("operationId").and_then(Value::as_str).unwrap_or_default();
        (!id.trim().is_empty()).then(|| id.to_owned())
    };
    // Names that are given come first, so that derived ones give way.
    each_operation(value, &mut |_, _, pointer, operation| {
        let Some(operation) = operation.as_object_mut() else { return };
        let Some(old) = id(operation) else { return };
        let new = free(&old, &mut taken);
        if new != old {
            done.applied(
                "operation-name",
                &child(pointer, "operationId"),
                format!("`{old}` is in use; the operation was renamed to `{new}`"),
            );
            operation.insert("operationId".to_owned(), new.into());
        }
    });
    each_operation(value, &mut |path, method, pointer, operation| {
        let Some(operation) = operation.as_object_mut() else { return };
        if id(operation).is_none() {
            let new = free(&derived(method, path), &mut taken);
            done.applied(
                "operation-id",
                pointer,
                format!("{} had no `operationId`; it was named `{new}`", title(method, path)),
            );
            operation.insert("operationId".to_owned(), new.into());
        }
    });
}

/// `get_pets_by_id` for `GET /pets/{id}`.
fn derived(method: &str, path: &str) -> String {
    let words = path.split('/').filter(|part| !part.is_empty()).map(|part| {
        let plain =
            |text: &str| text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect::<String>();
        match part.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            Some(name) => format!("by_{}", snake(&plain(name))),
            None => snake(&plain(part)),
        }
    });
    std::iter::once(method.to_owned()).chain(words).collect::<Vec<_>>().join("_")
}
