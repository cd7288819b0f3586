//! Removes a `type` beside a reference that already implies it.

use openapi::pointer::parts;
use openapi::reference::resolve;
use openapi::walk::{self, NodeKind};
use serde_json::Value;

use super::annotations::is_wrapper;
use crate::rule::Adapted;

/// How deep parts of parts are followed.
const DEPTH: usize = 8;

/// Applies rule `repeated-type`: what stays is a reference, of which the generator makes no second type.
///
/// A component keeps its type: it has a name, and needs its own members.
pub(super) fn apply(value: &mut Value, done: &mut Adapted) {
    let snapshot = value.clone();
    walk::change(value, NodeKind::Document, "", &mut |inner, node, pointer| {
        let Some(schema) = inner.as_object_mut().filter(|_| node == NodeKind::Schema && !is_component(pointer)) else {
            return;
        };
        let Some(kind) = schema.get("type").cloned() else { return };
        let mut bare = schema.clone();
        bare.shift_remove("type");
        let target = schema.get("allOf").and_then(|all| all.get(0));
        if is_wrapper(&bare) && target.is_some_and(|target| is_of(&snapshot, target, &kind, 0)) {
            *schema = bare;
            done.applied("repeated-type", pointer, format!("{kind} was dropped: the reference implies it"));
        }
    });
}

fn is_component(pointer: &str) -> bool {
    matches!(parts(pointer).as_slice(), [components, schemas, _] if components == "components" && schemas == "schemas")
}

/// Whether every value of a schema is of a type.
fn is_of(document: &Value, schema: &Value, kind: &Value, depth: usize) -> bool {
    let Some(schema) = resolve(document, schema).filter(|_| depth < DEPTH) else { return false };
    match schema.get("type") {
        // A value that may be null is not of the type alone.
        Some(own) => own == kind && schema.get("nullable") != Some(&Value::Bool(true)),
        None => {
            let mut parts = schema.get("allOf").and_then(Value::as_array).into_iter().flatten();
            parts.any(|part| is_of(document, part, kind, depth + 1))
        }
    }
}
