//! Annotations: keywords that describe a schema and restrict no value.

use openapi::reference::referred;
use serde_json::{Map, Value};

type Schema = Map<String, Value>;

/// The annotations that a merge keeps from the outermost schema that has them.
pub(super) const ANNOTATIONS: [&str; 8] =
    ["title", "description", "default", "example", "readOnly", "writeOnly", "deprecated", "externalDocs"];

/// Whether a schema has only such annotations.
pub(super) fn says_nothing(schema: &Value) -> bool {
    schema.as_object().is_some_and(|schema| schema.keys().all(|key| ANNOTATIONS.contains(&key.as_str())))
}

/// A schema without such annotations and without `nullable`.
pub(super) fn bare(schema: Option<&Schema>) -> Schema {
    let mut schema = schema.cloned().unwrap_or_default();
    schema.retain(|key, _| !ANNOTATIONS.contains(&key.as_str()) && key != "nullable");
    schema
}

/// Whether a keyword is an annotation, or `nullable`, which may be beside a reference as well.
pub(super) fn is_annotation(key: &str) -> bool {
    key.starts_with("x-")
        || matches!(
            key,
            "title"
                | "description"
                | "default"
                | "example"
                | "readOnly"
                | "writeOnly"
                | "deprecated"
                | "externalDocs"
                | "xml"
                | "nullable"
        )
}

/// A reference with annotations beside it, in the only form that 3.0 has.
pub(super) fn is_wrapper(schema: &Schema) -> bool {
    let one = schema.get("allOf").and_then(Value::as_array).filter(|all| all.len() == 1);
    one.is_some_and(|all| referred(&all[0]).is_some()) && schema.keys().all(|key| key == "allOf" || is_annotation(key))
}
