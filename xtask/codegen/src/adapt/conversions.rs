//! Formats of hand-written types in places where such a type is not possible.

use openapi::walk::{self, NodeKind};
use serde_json::Value;

use crate::conversion::can_be_converted;
use crate::home::Home;
use crate::rule::Adapted;

/// Applies rule `secret-place`: a password that is not a member of an object becomes a plain string.
pub(super) fn apply(value: &mut Value, home: &Home, done: &mut Adapted) {
    if home.is_workspace() {
        return;
    }
    walk::change(value, NodeKind::Document, "", &mut |inner, node, pointer| {
        let Some(schema) = inner.as_object_mut().filter(|_| node == NodeKind::Schema) else { return };
        if schema.get("format").is_some_and(|format| format == "expires-in") {
            schema.shift_remove("format");
        }
        if schema.get("format").is_some_and(|format| format == "password") && !can_be_converted(pointer) {
            schema.shift_remove("format");
            done.lost("secret-place", pointer, "a password outside an object is a plain string, which is not redacted");
        }
    });
}
