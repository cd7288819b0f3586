//! Step 3: OpenAPI 3.1 to 3.0.3, because progenitor and openapiv3 read 3.0 only.
//!
//! One function per rule. What a rule does is reported; what no rule takes is an error. The order is: check that
//! everything is within reach ([`unsupported`]), then the rules of the document ([`document`]), then those of each schema
//! ([`schema`]) from the inside out, then a look at the result, so that nothing of 3.1 gets past unnoticed.

mod document;
mod references;
mod schema;
mod unsupported;

use serde_json::Value;

use super::load::Document;
use super::node::{self, Node};
use crate::problem::{Problems, Result};

/// The version that documents are lowered to.
pub(crate) const LOWERED: &str = "3.0.3";

/// One thing that a rule did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// The rule's name.
    pub(crate) rule: &'static str,
    /// Where, in the document before lowering.
    pub(crate) pointer: String,
    /// Whether the lowered document says less about what is on the wire.
    pub(crate) loses_meaning: bool,
    /// What was done, in words.
    pub(crate) note: String,
}

/// What lowering did to a document.
#[derive(Debug)]
pub(crate) struct Lowered {
    /// The version that the document was written in.
    pub(crate) source_version: String,
    /// What the rules did, in the order of the document.
    pub(crate) rows: Vec<Row>,
}

/// Lowers the value of a document, overlay applied, in place. A 3.0 document stays as it is.
pub(crate) fn lower(document: &Document, value: &mut Value) -> Result<Lowered> {
    let version = value.get("openapi").and_then(Value::as_str).unwrap_or_default().to_owned();
    let is = |minor: &str| version.strip_prefix(minor).is_some_and(|patch| patch.starts_with('.'));
    Problems::check(references::check(document, value))?;
    let mut rows = Vec::new();
    if is("3.1") {
        Problems::check(unsupported::before(document, value))?;
        document::apply(value, &mut rows);
        node::change(value, Node::Document, "", &mut |value, node, pointer| match node {
            Node::Schema => schema::apply(value, pointer, &mut rows),
            _ => document::reference_siblings(value, node, pointer, &mut rows),
        });
        Problems::check(unsupported::after(document, value))?;
    } else if !is("3.0") {
        let found = if version.is_empty() { "no `openapi` version".to_owned() } else { format!("OpenAPI {version}") };
        return Err(document
            .problem("/openapi", format!("{found} is not supported yet"))
            .remedy("use a document of version 3.0 or 3.1")
            .into());
    }
    Ok(Lowered { source_version: version, rows })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn run(value: &Value) -> Result<(Value, Lowered)> {
        let document = Document::parse("specs/a.json", value.to_string()).expect("valid JSON");
        let mut value = document.value.clone();
        lower(&document, &mut value).map(|lowered| (value, lowered))
    }

    #[test]
    fn a_3_0_document_stays_as_it_is() {
        let before = json!({ "openapi": "3.0.1", "components": { "schemas": { "A": { "nullable": true } } } });
        let (after, lowered) = run(&before).expect("passes");
        assert_eq!(after, before);
        assert!(lowered.rows.is_empty());
    }

    #[test]
    fn other_versions_are_refused() {
        for version in ["3.2.0", "2.0", "3.10.0", "4", ""] {
            let error = run(&json!({ "openapi": version })).expect_err(version).to_string();
            assert!(error.contains("not supported yet") && error.contains("specs/a.json:1"), "{error}");
        }
        assert!(run(&json!({ "swagger": "2.0" })).is_err());
    }

    #[test]
    fn a_property_may_be_called_like_a_keyword() {
        let schema = json!({ "type": "object", "properties": {
            "const": { "type": "string" }, "examples": { "type": "string" }, "$ref": { "type": "string" },
            "patternProperties": { "type": "string" }, "if": { "type": "string" },
        } });
        let (after, lowered) =
            run(&json!({ "openapi": "3.1.0", "components": { "schemas": { "A": schema } } })).expect("passes");
        assert_eq!(after["components"]["schemas"]["A"], schema);
        assert_eq!(lowered.rows.iter().map(|row| row.rule).collect::<Vec<_>>(), ["version"]);
    }

    #[test]
    fn data_inside_examples_and_defaults_is_left_alone() {
        let schema =
            json!({ "type": "object", "default": { "const": 1, "$ref": "#/x" }, "example": { "examples": [1] } });
        let (after, _) =
            run(&json!({ "openapi": "3.1.0", "components": { "schemas": { "A": schema } } })).expect("passes");
        assert_eq!(after["components"]["schemas"]["A"], schema);
    }

    #[test]
    fn rules_compose_from_the_inside_out() {
        let before = json!({ "openapi": "3.1.0", "components": { "schemas": { "A": { "type": ["object", "null"],
            "properties": { "b": { "anyOf": [{ "type": ["string"], "const": "x" }, { "type": "null" }] } } } } } });
        let (after, _) = run(&before).expect("passes");
        assert_eq!(
            after["components"]["schemas"]["A"],
            json!({ "type": "object", "nullable": true,
                "properties": { "b": { "nullable": true, "type": "string", "enum": ["x"] } } })
        );
    }
}
