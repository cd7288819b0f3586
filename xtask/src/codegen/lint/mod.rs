//! Step 5: what would compile and be wrong, or stop the generator without saying where.
//!
//! All findings of a document are reported together.

mod credentials;
mod operations;
mod responses;
mod security;
mod tokens;

use serde_json::Value;

pub(crate) use credentials::{is_plain_text, looks_like_credential, unmarked};
pub(crate) use operations::Operation;
pub(crate) use security::{Kind, Requirement, Security, kind, out_of_reach};
pub(crate) use tokens::one_source;

use super::accommodate::Origin;
use super::load::Document;
use crate::problem::{Problem, Problems, Result};

/// Checks a lowered document; returns its operations in the order in which progenitor makes methods of them.
pub(crate) fn lint(document: &Document, value: &Value, origin: Origin) -> Result<Vec<Operation>> {
    let mut problems = version(document, value);
    if origin == Origin::Workspace {
        problems.extend(credentials::check(document, value));
    }
    let operations = operations::read(document, value, origin, &mut problems);
    Problems::check(problems)?;
    Ok(operations)
}

/// `info.version` becomes a constant of the client.
fn version(document: &Document, value: &Value) -> Vec<Problem> {
    match value.pointer("/info/version") {
        Some(version) if is_version(version) => vec![],
        Some(version) => vec![
            document
                .problem("/info/version", format!("`info.version` is no printable ASCII text: {version}"))
                .remedy("set a plain version with an overlay action on `$.info`"),
        ],
        None => vec![document.problem("/info", "`info.version` is missing").remedy("add it with an overlay action")],
    }
}

/// Whether a version is one that a header can carry.
pub(crate) fn is_version(version: &Value) -> bool {
    version.as_str().is_some_and(|text| text.chars().all(|c| c.is_ascii_graphic() || c == ' '))
}

/// What a Reference Object refers to, or the value itself.
fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    resolve_at(document, value, "").0
}

/// What a Reference Object refers to and where that stands, or the value itself and its place.
pub(crate) fn resolve_at<'a>(document: &'a Value, value: &'a Value, pointer: &str) -> (&'a Value, String) {
    let (mut value, mut pointer) = (value, pointer.to_owned());
    // References have been checked to lead somewhere, but they may lead in a circle.
    for _ in 0..16 {
        let target = value.get("$ref").and_then(Value::as_str).and_then(|text| text.strip_prefix('#'));
        match target.and_then(|place| Some((document.pointer(place)?, place))) {
            Some((next, place)) => (value, pointer) = (next, place.to_owned()),
            None => break,
        }
    }
    (value, pointer)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_version_has_to_be_printable_ascii() {
        let document = Document::parse("specs/a.json", "{}".to_owned()).expect("valid JSON");
        let faults = |info: Value| version(&document, &json!({ "info": info })).len();
        assert_eq!(faults(json!({ "version": "1.0 beta" })), 0);
        assert_eq!(faults(json!({ "version": "1.0 β" })), 1);
        assert_eq!(faults(json!({ "version": "1\n" })), 1);
        assert_eq!(faults(json!({ "version": 1.0 })), 1);
        assert_eq!(faults(json!({})), 1);
    }

    #[test]
    fn references_in_a_circle_end() {
        let document = json!({ "a": { "$ref": "#/b" }, "b": { "$ref": "#/a" }, "c": { "$ref": "#/d" }, "d": 1 });
        assert_eq!(resolve(&document, &document["c"]), &json!(1));
        assert!(resolve(&document, &document["a"]).get("$ref").is_some());
    }
}
