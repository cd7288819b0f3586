//! Checks the root of a document, which cannot be left out.

use diagnostics::{Problem, Result};
use openapi::Document;
use openapi::pointer::child;
use openapiv3::Info;
use serde_json::Value;
use serde_path_to_error::Segment;

/// Checks `info`, `paths` and `components`.
///
/// # Errors
///
/// Fails with the member that has another type than it may have.
pub(super) fn check(document: &Document, prepared: &Value) -> Result<()> {
    let refuse = |pointer: &str, what: String| -> Problem {
        document.problem(pointer, what).remedy("correct it with an overlay action")
    };
    if let Some(info) = prepared.get("info") {
        serde_path_to_error::deserialize::<_, Info>(info).map_err(|error| {
            let pointer = error.path().iter().fold("/info".to_owned(), |pointer, segment| match segment {
                Segment::Map { key } => child(&pointer, key),
                Segment::Seq { index } => child(&pointer, &index.to_string()),
                Segment::Enum { .. } | Segment::Unknown => pointer,
            });
            refuse(&pointer, format!("not valid OpenAPI: {}", error.inner()))
        })?;
    }
    for pointer in ["/paths", "/components", "/components/schemas"] {
        if prepared.pointer(pointer).is_some_and(|value| !value.is_object()) {
            return Err(refuse(pointer, "not valid OpenAPI: this must be a mapping".to_owned()).into());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_belongs_to_no_operation_is_refused_at_its_place() {
        let info = json!({ "title": "t", "version": "1" });
        for (value, place, words) in [
            (json!({ "info": { "title": [], "version": "1" } }), "(#/info/title)", "expected a string"),
            (json!({ "info": "" }), "(#/info)", "expected struct Info"),
            (json!({ "info": { "title": "t" } }), "(#/info)", "missing field `version`"),
            (json!({ "info": info, "paths": "" }), "(#/paths)", "this must be a mapping"),
            (json!({ "info": info, "components": [] }), "(#/components)", "this must be a mapping"),
            (
                json!({ "info": info, "components": { "schemas": 1 } }),
                "(#/components/schemas)",
                "this must be a mapping",
            ),
        ] {
            let document = Document::parse("specs/a.json", value.to_string()).expect("valid JSON");
            let text = check(&document, &value).expect_err(words).to_string();
            assert!(text.contains(place) && text.contains(words), "{text}");
        }
        let value = json!({ "info": info, "paths": {} });
        let document = Document::parse("specs/a.json", value.to_string()).expect("valid JSON");
        assert_eq!(check(&document, &value), Ok(()));
    }
}
