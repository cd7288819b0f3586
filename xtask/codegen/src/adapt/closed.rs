//! Responses may have more members than the document: a new member must not break a client.
//!
//! The members of unions are still told apart by the members that they may not have.

use std::collections::BTreeSet;

use openapi::operations::each_operation;
use openapi::pointer::child;
use openapi::reference::{referred, schemas_mut};
use openapi::walk::{self, NodeKind};
use serde_json::Value;

use crate::rule::Adapted;

/// Applies rule `closed-answer`.
pub(super) fn apply(value: &mut Value, done: &mut Adapted) {
    let mut open = BTreeSet::new();
    each_operation(value, &mut |_, _, pointer, operation| {
        let Some(responses) = operation.get_mut("responses") else { return };
        let place = child(pointer, "responses");
        let mut closed = false;
        walk::change(responses, NodeKind::Responses, &place, &mut |inner, node, _| {
            if node == NodeKind::Schema {
                open.extend(referred(inner));
                closed |= reopen(inner);
            }
        });
        if closed {
            done.applied(
                "closed-answer",
                &place,
                "`additionalProperties: false` was dropped: responses may have more members",
            );
        }
    });
    let mut visited = BTreeSet::new();
    while let Some(name) = open.pop_first() {
        if !visited.insert(name.clone()) {
            continue;
        }
        let Some(schema) = schemas_mut(value).and_then(|all| all.get_mut(&name)) else { continue };
        if schema.get("additionalProperties") == Some(&Value::Bool(false)) {
            done.closed.insert(name.clone());
        }
        let mut closed = false;
        walk::change(schema, NodeKind::Schema, "", &mut |inner, node, _| {
            if node == NodeKind::Schema {
                open.extend(referred(inner));
                closed |= reopen(inner);
            }
        });
        if closed {
            let place = child("/components/schemas", &name);
            done.applied(
                "closed-answer",
                &place,
                "`additionalProperties: false` was dropped: responses with this schema may have more members",
            );
        }
    }
}

fn reopen(schema: &mut Value) -> bool {
    let closed = schema.get("additionalProperties") == Some(&Value::Bool(false));
    if let Some(schema) = schema.as_object_mut().filter(|_| closed) {
        schema.shift_remove("additionalProperties");
    }
    closed
}
