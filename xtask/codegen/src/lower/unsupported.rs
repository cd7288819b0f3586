//! Refuses constructs that cannot be lowered or that no rule handled: an error with the place, never a silent loss.

use diagnostics::Problem;
use openapi::Document;
use openapi::pointer::child;
use openapi::walk::{self, NodeKind};
use serde_json::Value;

const REMEDY: &str = "replace it with an overlay action by something that OpenAPI 3.0 can express";

/// What is out of reach in a 3.1 document.
pub(super) fn before(document: &Document, value: &Value) -> Vec<Problem> {
    let mut found = Vec::new();
    walk::visit(value, NodeKind::Document, "", &mut |value, node, pointer| {
        let mut refuse = |key: &str, message: String, remedy: &str| {
            found.push(document.problem(&child(pointer, key), message).remedy(remedy));
        };
        let (dialect, taken) = match node {
            NodeKind::Document => ("jsonSchemaDialect", false),
            NodeKind::Schema => ("$schema", value.get("$schema").is_some_and(is_older)),
            _ => return,
        };
        if let Some(name) = value.get(dialect).filter(|name| !taken && !is_known(name)) {
            let remedy = "if its keywords are those of JSON Schema 2020-12, remove it with an overlay action";
            refuse(dialect, format!("the dialect {name} is not supported"), remedy);
        }
        if node == NodeKind::Schema && value.get("$dynamicRef").is_some() {
            let remedy = "replace it with a `$ref` to the schema, with an overlay action";
            refuse("$dynamicRef", "`$dynamicRef` is not supported".to_owned(), remedy);
        }
    });
    found
}

/// Whether the keywords of a dialect are those of OpenAPI 3.1.
fn is_known(name: &Value) -> bool {
    bare(name).is_some_and(|name| {
        name == "json-schema.org/draft/2020-12/schema" || name.starts_with("spec.openapis.org/oas/3.1/dialect/")
    })
}

/// Whether a dialect is one that became that of OpenAPI 3.1: a schema that says so is taken with a report.
pub(super) fn is_older(name: &Value) -> bool {
    const OLDER: [&str; 6] =
        ["schema", "draft-04/schema", "draft-05/schema", "draft-06/schema", "draft-07/schema", "draft/2019-09/schema"];
    bare(name).and_then(|name| name.strip_prefix("json-schema.org/")).is_some_and(|name| OLDER.contains(&name))
}

/// The name of a dialect without what may be written in one way or another.
fn bare(name: &Value) -> Option<&str> {
    let name = name.as_str()?.trim_end_matches(['#', '/']);
    name.strip_prefix("https://").or_else(|| name.strip_prefix("http://"))
}

/// What is still 3.1 after all rules: a rule has missed it.
pub(super) fn after(document: &Document, value: &Value) -> Vec<Problem> {
    const GONE: [&str; 8] =
        ["const", "examples", "patternProperties", "prefixItems", "contains", "if", "unevaluatedProperties", "$defs"];
    let mut found = Vec::new();
    walk::visit(value, NodeKind::Document, "", &mut |value, node, pointer| {
        let Some(schema) = value.as_object().filter(|_| node == NodeKind::Schema) else {
            return;
        };
        let left = [
            ("type", schema.get("type").is_some_and(|kind| !kind.is_string() || kind == "null")),
            ("exclusiveMinimum", schema.get("exclusiveMinimum").is_some_and(|limit| !limit.is_boolean())),
            ("exclusiveMaximum", schema.get("exclusiveMaximum").is_some_and(|limit| !limit.is_boolean())),
            ("$ref", schema.contains_key("$ref") && schema.len() > 1),
        ];
        let left = left.into_iter().chain(GONE.map(|key| (key, schema.contains_key(key))));
        for (key, _) in left.filter(|(_, is_left)| *is_left) {
            let inner = &schema[key];
            found.push(
                document
                    .problem(&child(pointer, key), format!("`{key}: {inner}` is not supported at this place"))
                    .remedy(REMEDY),
            );
        }
    });
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn run(check: fn(&Document, &Value) -> Vec<Problem>, value: &Value) -> Vec<String> {
        let document = Document::parse("specs/a.json", value.to_string()).expect("valid JSON");
        check(&document, value).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_foreign_dialect_and_a_dynamic_reference_are_refused() {
        for (value, place) in [
            (json!({ "jsonSchemaDialect": "https://example.com/mine" }), "(#/jsonSchemaDialect)"),
            (
                json!({ "components": { "schemas": { "A": { "$schema": "https://example.com/mine" } } } }),
                "(#/components/schemas/A/$schema)",
            ),
            (
                json!({ "components": { "schemas": { "A": { "items": { "$dynamicRef": "#x" } } } } }),
                "(#/components/schemas/A/items/$dynamicRef)",
            ),
        ] {
            let found = run(before, &value);
            assert_eq!(found.len(), 1, "{value}: {found:?}");
            assert!(found[0].contains(place) && found[0].contains("remedy: "), "{found:?}");
        }
        for known in ["https://spec.openapis.org/oas/3.1/dialect/base", "http://json-schema.org/draft/2020-12/schema#"]
        {
            assert_eq!(run(before, &json!({ "jsonSchemaDialect": known })), [""; 0]);
        }
    }

    #[test]
    fn an_older_draft_is_taken_for_a_schema_and_not_for_the_document() {
        let older = "http://json-schema.org/draft-04/schema#";
        assert_eq!(run(before, &json!({ "components": { "schemas": { "A": { "$schema": older } } } })), [""; 0]);
        assert_eq!(run(before, &json!({ "jsonSchemaDialect": older })).len(), 1);
    }

    #[test]
    fn a_leftover_is_found() {
        for schema in [json!({ "type": "null" }), json!({ "const": null }), json!({ "exclusiveMinimum": 1 })] {
            let found = run(after, &json!({ "components": { "schemas": { "A": { "items": schema } } } }));
            assert_eq!(found.len(), 1, "{schema}");
            assert!(found[0].contains("/components/schemas/A/items/"), "{found:?}");
        }
    }
}
