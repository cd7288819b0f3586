//! Makes the schemas of hand-written types match exactly.
//!
//! progenitor compares the whole schema: a `minLength` or an `x-` key beside `format: password` would turn the field
//! into a plain `String`, in silence.

use diagnostics::{Problems, Result};
use openapi::Document;
use openapi::pointer::parts;
use openapi::walk::{self, NodeKind};
use serde_json::Value;

use crate::conversion::{CONVERSIONS, Converted};

/// Members that do not count in the comparison.
const KEPT: [&str; 5] = ["type", "format", "nullable", "title", "description"];

/// Strips the schemas of all conversions in place; returns the conversions.
pub(super) fn prepare(document: &Document, value: &mut Value) -> Result<Vec<Converted>> {
    let mut conversions = Vec::new();
    let mut problems = Vec::new();
    walk::change(value, NodeKind::Document, "", &mut |value, node, pointer| {
        let Some(schema) = value.as_object_mut().filter(|_| node == NodeKind::Schema) else {
            return;
        };
        let text = |key: &str| schema.get(key).and_then(Value::as_str);
        let Some(conversion) = CONVERSIONS.into_iter().find(|conversion| text("format") == Some(conversion.format))
        else {
            return;
        };
        if text("type") != Some(conversion.kind) {
            problems.push(
                document
                    .problem(pointer, format!("`format: {}` is not on a {}", conversion.format, conversion.kind))
                    .remedy(format!("set `type: {}` with an overlay action, or remove the format", conversion.kind)),
            );
            return;
        }
        schema.retain(|key, _| KEPT.contains(&key.as_str()));
        match Converted::at(conversion, pointer) {
            Some(converted) => conversions.push(converted),
            None => {
                let remedy = if is_of_parameter(pointer) {
                    "remove the format with an overlay action, and describe the parameter as a security scheme if it is a \
                     credential"
                } else {
                    "make it a property of an object, or a named schema, with an overlay action"
                };
                let message = format!("`format: {}` is not supported yet at this place", conversion.format);
                problems.push(document.problem(pointer, message).remedy(remedy));
            }
        }
    });
    Problems::check(problems)?;
    Ok(conversions)
}

/// Whether a schema is that of a parameter or a header, where a named schema does not help either.
fn is_of_parameter(pointer: &str) -> bool {
    let parts = parts(pointer);
    let is = |section: &str, part: &String| part == section;
    let ends = |section: &str| parts.iter().rev().nth(2).is_some_and(|part| is(section, part));
    parts.last().is_some_and(|last| last == "schema") && (ends("parameters") || ends("headers"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn run(value: &mut Value) -> Result<usize> {
        let document = Document::parse("specs/a.json", value.to_string()).expect("valid JSON");
        prepare(&document, value).map(|conversions| conversions.len())
    }

    #[test]
    fn constraints_beside_the_format_are_stripped() {
        let mut value = json!({ "components": { "schemas": { "A": { "properties": {
            "p": { "type": "string", "format": "password", "minLength": 8, "x-mine": 1, "example": "e", "description": "d" },
            "e": { "type": "integer", "format": "expires-in", "minimum": 0, "nullable": true },
            "s": { "type": "string", "format": "uri", "minLength": 8 },
        } } } } });
        assert_eq!(run(&mut value), Ok(2));
        assert_eq!(
            value["components"]["schemas"]["A"]["properties"],
            json!({
                "p": { "type": "string", "format": "password", "description": "d" },
                "e": { "type": "integer", "format": "expires-in", "nullable": true },
                "s": { "type": "string", "format": "uri", "minLength": 8 },
            })
        );
    }

    #[test]
    fn a_format_at_the_wrong_place_is_refused() {
        let mut value = json!({ "components": { "schemas": { "A": { "type": "integer", "format": "password" } } } });
        assert!(run(&mut value).expect_err("refused").to_string().contains("is not on a string"));
        let mut value = json!({ "paths": { "/a": { "get": { "responses": { "200": { "content": { "application/json":
            { "schema": { "type": "string", "format": "password" } } } } } } } } });
        assert!(run(&mut value).expect_err("refused").to_string().contains("not supported yet at this place"));
    }
}
