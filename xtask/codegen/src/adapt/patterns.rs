//! Limits the number of patterns that take a noticeable time to compile.

use std::collections::HashSet;

use openapi::walk::{self, NodeKind};
use serde_json::Value;

use crate::pattern::is_large;
use crate::rule::Adapted;

/// How many such patterns a document may have.
const LARGE: usize = 32;

/// Rule `large-pattern`: those beyond that number are not checked.
pub(super) fn apply(value: &mut Value, done: &mut Adapted) {
    let (mut small, mut large) = (HashSet::new(), HashSet::new());
    walk::change(value, NodeKind::Document, "", &mut |inner, node, pointer| {
        let Some(schema) = inner.as_object_mut().filter(|_| node == NodeKind::Schema) else { return };
        let Some(pattern) = schema.get("pattern").and_then(Value::as_str).map(str::to_owned) else { return };
        if small.contains(&pattern) || large.contains(&pattern) {
            return;
        }
        if !is_large(&pattern) {
            small.insert(pattern);
        } else if large.len() < LARGE {
            large.insert(pattern);
        } else {
            schema.shift_remove("pattern");
            let note = format!(
                "the pattern `{pattern}` is not checked, and was dropped: the document has more than {LARGE} patterns \
                 that are as large when they are compiled"
            );
            done.lost("large-pattern", pointer, note);
        }
    });
}
