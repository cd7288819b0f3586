//! Formats that stand for a hand-written type, where no such type can be.

use serde_json::Value;

use super::{Accommodated, Origin};
use crate::codegen::generate::can_be_slot;
use crate::codegen::node::{self, Node};

/// Applies rule `secret-place`: a password that is no member of an object is a plain text.
pub(super) fn apply(value: &mut Value, origin: Origin, done: &mut Accommodated) {
    if origin == Origin::Workspace {
        return;
    }
    node::change(value, Node::Document, "", &mut |inner, node, pointer| {
        let Some(schema) = inner.as_object_mut().filter(|_| node == Node::Schema) else { return };
        if schema.get("format").is_some_and(|format| format == "expires-in") {
            schema.shift_remove("format");
        }
        if schema.get("format").is_some_and(|format| format == "password") && !can_be_slot(pointer) {
            schema.shift_remove("format");
            done.lost(
                "secret-place",
                pointer,
                "a password that is no member of an object is a plain text, which is not redacted",
            );
        }
    });
}
