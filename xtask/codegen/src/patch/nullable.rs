//! How a property can be `null`.

use std::collections::BTreeMap;

use openapi::reference::{referred, schemas};
use serde_json::{Map, Value};

use crate::names::pascal;

/// Where `null` is among the values of a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Null {
    /// It is not.
    Never,
    /// The property is nullable: its type is an `Option`.
    BesideItsType,
    /// The type of the property has it among its values.
    OfItsType,
}

/// How many references and parts are followed.
const MAX_DEPTH: usize = 16;

/// How each property of each component schema can be `null`, by the name of the schema's type.
pub(super) fn of_properties(value: &Value) -> BTreeMap<String, BTreeMap<&str, Null>> {
    let mut nulls = BTreeMap::new();
    let Some(all) = schemas(value) else { return nulls };
    for (name, schema) in all {
        let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
        let own = properties.map(|(property, schema)| (property.as_str(), null(all, schema)));
        nulls.insert(pascal(name), own.collect());
    }
    nulls
}

/// How a property with this schema can be `null`.
pub(super) fn null(all: &Map<String, Value>, schema: &Value) -> Null {
    if schema.get("$ref").is_none() && schema.get("nullable") == Some(&Value::Bool(true)) {
        Null::BesideItsType
    } else if has_null(all, schema, 0) {
        Null::OfItsType
    } else {
        Null::Never
    }
}

/// Whether `null` is a value of a schema.
fn has_null(all: &Map<String, Value>, schema: &Value, depth: usize) -> bool {
    if depth == MAX_DEPTH {
        return false;
    }
    if let Some(name) = referred(schema) {
        return all.get(&name).is_some_and(|target| has_null(all, target, depth + 1));
    }
    if schema.get("nullable") == Some(&Value::Bool(true)) {
        return true;
    }
    let members = |key: &str| schema.get(key).and_then(Value::as_array);
    let has = |member: &Value| has_null(all, member, depth + 1);
    match (members("allOf"), members("oneOf").or_else(|| members("anyOf"))) {
        (Some(parts), _) => parts.iter().all(has),
        (None, Some(alternatives)) => alternatives.iter().any(has),
        // Any JSON.
        (None, None) => ["type", "enum", "properties", "items", "format"].iter().all(|key| schema.get(*key).is_none()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn null_is_found_behind_references_and_among_alternatives() {
        let all = json!({
            "N": { "type": "string", "nullable": true }, "S": { "type": "string" }, "Any": { "description": "d" },
            "Loop": { "allOf": [{ "$ref": "#/components/schemas/Loop" }] },
        });
        let all = all.as_object().expect("an object");
        let reference = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
        for (schema, expected) in [
            (json!({ "type": "string" }), Null::Never),
            (json!({ "type": "string", "nullable": true }), Null::BesideItsType),
            (json!({ "allOf": [reference("S")], "nullable": true }), Null::BesideItsType),
            (reference("S"), Null::Never),
            (reference("N"), Null::OfItsType),
            (json!({ "allOf": [reference("N")], "description": "d" }), Null::OfItsType),
            (json!({ "oneOf": [reference("S"), reference("N")] }), Null::OfItsType),
            (json!({ "oneOf": [reference("S")] }), Null::Never),
            (reference("Any"), Null::OfItsType),
            (json!({}), Null::OfItsType),
            (reference("Loop"), Null::Never),
        ] {
            assert_eq!(null(all, &schema), expected, "{schema}");
        }
    }
}
