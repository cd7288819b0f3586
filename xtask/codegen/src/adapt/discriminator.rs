//! Discriminators without alternatives: those of base types that nothing extends by its name.

use std::collections::BTreeSet;

use openapi::walk::{self, NodeKind};
use serde_json::Value;

use super::annotations::is_wrapper;
use crate::rule::Adapted;

/// Applies rule `discriminator` to schemas without alternatives.
pub(super) fn apply(value: &mut Value, done: &mut Adapted) {
    let mut extended = BTreeSet::new();
    walk::visit(value, NodeKind::Document, "", &mut |schema, _, _| {
        let all = schema.as_object().filter(|schema| !is_wrapper(schema)).and_then(|schema| schema.get("allOf"));
        let all = all.and_then(Value::as_array).into_iter().flatten();
        extended.extend(all.filter_map(|part| part.get("$ref")?.as_str()?.strip_prefix('#').map(str::to_owned)));
    });
    walk::change(value, NodeKind::Document, "", &mut |inner, node, pointer| {
        let Some(schema) = inner.as_object_mut().filter(|_| node == NodeKind::Schema) else { return };
        if ["oneOf", "anyOf"].iter().any(|key| schema.contains_key(*key)) {
            return;
        }
        if schema.get("discriminator").is_none_or(|discriminator| discriminator.get("propertyName").is_none()) {
            return;
        }
        schema.shift_remove("discriminator");
        if extended.contains(pointer) {
            done.lost("discriminator", pointer, "a value of this type loses the members of the types that extend it");
        } else {
            done.applied("discriminator", pointer, "a discriminator without alternatives was dropped");
        }
    });
}
