//! Objects with properties that explicitly allow further members.

use openapi::pointer::child;
use openapi::walk::{self, NodeKind};
use serde_json::{Map, Value};

use super::annotations::is_annotation;
use crate::rule::Adapted;

/// Rule `further-members`: the generator keeps the members that a schema speaks of, but takes `true` for no schema.
pub(super) fn apply(value: &mut Value, done: &mut Adapted) {
    walk::change(value, NodeKind::Document, "", &mut |inner, node, pointer| {
        let Some(schema) = inner.as_object_mut().filter(|_| node == NodeKind::Schema) else { return };
        let is_struct = ["properties", "required"].iter().any(|key| is_filled(schema.get(*key)));
        let Some(more) = schema.get_mut("additionalProperties").filter(|more| is_struct && is_any(more)) else {
            return;
        };
        *more = Map::new().into();
        let place = child(pointer, "additionalProperties");
        done.applied("further-members", &place, "members that the schema does not name are kept");
    });
}

fn is_filled(value: Option<&Value>) -> bool {
    match value {
        Some(Value::Object(map)) => !map.is_empty(),
        Some(Value::Array(list)) => !list.is_empty(),
        _ => false,
    }
}

/// Whether a schema accepts any value.
fn is_any(schema: &Value) -> bool {
    match schema {
        Value::Object(schema) => schema.keys().all(|key| is_annotation(key)),
        other => *other == Value::Bool(true),
    }
}
