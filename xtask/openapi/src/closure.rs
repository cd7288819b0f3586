//! Which component schemas a part of a document needs.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::reference::{referred, schemas};
use crate::walk::{self, NodeKind};

/// The component schemas that a node and its descendants refer to.
pub fn referred_schemas(value: &Value, node: NodeKind) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    walk::visit(value, node, "", &mut |inner, node, _| {
        if node == NodeKind::Schema {
            found.extend(referred(inner));
        }
    });
    found
}

/// The component schemas that these need, themselves included.
pub fn closure(document: &Value, mut open: BTreeSet<String>) -> BTreeSet<String> {
    let mut needed = BTreeSet::new();
    while let Some(name) = open.pop_first() {
        if needed.insert(name.clone())
            && let Some(schema) = schemas(document).and_then(|all| all.get(&name))
        {
            open.extend(referred_schemas(schema, NodeKind::Schema));
        }
    }
    needed
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn schemas_that_refer_to_each_other_are_needed_once() {
        let reference = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
        let document = json!({ "components": { "schemas": {
            "A": { "properties": { "b": reference("B/x".replace('/', "~1").as_str()) } },
            "B/x": { "items": reference("A"), "example": reference("C") },
            "C": {},
        } } });
        let needed = closure(&document, BTreeSet::from(["A".to_owned(), "missing".to_owned()]));
        assert_eq!(needed.iter().collect::<Vec<_>>(), ["A", "B/x", "missing"]);
    }
}
