//! The operations of a document, as values.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::pointer::child;

/// The methods of a path item, in the order in which progenitor reads them.
pub const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// Returns true if a document has an operation.
pub fn has_operations(value: &Value) -> bool {
    let items = value.get("paths").and_then(Value::as_object).into_iter().flatten();
    items.into_iter().any(|(_, item)| METHODS.iter().any(|method| item.get(method).is_some()))
}

/// Visits each operation: its path, its method, its pointer.
pub fn each_operation(value: &mut Value, edit: &mut dyn FnMut(&str, &str, &str, &mut Value)) {
    let Some(paths) = value.get_mut("paths").and_then(Value::as_object_mut) else { return };
    for (path, item) in paths.iter_mut().filter(|(path, _)| !path.starts_with("x-")) {
        let place = child("/paths", path);
        for method in METHODS {
            if let Some(operation) = item.get_mut(method) {
                edit(path, method, &child(&place, method), operation);
            }
        }
    }
}

/// Removes the operations with these paths and methods.
pub fn remove_operations(value: &mut Value, gone: &BTreeSet<(String, String)>) {
    let Some(paths) = value.get_mut("paths").and_then(Value::as_object_mut) else { return };
    for (path, method) in gone {
        if let Some(item) = paths.get_mut(path).and_then(Value::as_object_mut) {
            item.shift_remove(method);
        }
    }
}

/// The title of an operation in messages: `GET /pets`.
pub fn title(method: &str, path: &str) -> String {
    format!("{} {path}", method.to_ascii_uppercase())
}
