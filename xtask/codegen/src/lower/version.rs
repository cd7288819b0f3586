//! The OpenAPI version of a document, and the formats of files without one.

use diagnostics::Problem;
use openapi::Document;
use serde_json::Value;

/// The version of a document, if it is one that can be lowered: 3.0 or 3.1, with or without a patch version.
pub(super) fn read(document: &Document, value: &Value) -> Result<String, Problem> {
    let version = match value.get("openapi") {
        Some(Value::String(version)) if !version.is_empty() => version.clone(),
        Some(Value::Number(version)) => version.to_string(),
        Some(_) => {
            return Err(document
                .problem("/openapi", "`openapi` is not a version")
                .remedy("write the version of the specification, `openapi: 3.0.3` or `openapi: 3.1.0`"));
        }
        None => return Err(unversioned(document, value)),
    };
    let minor = version.split('.').take(2).collect::<Vec<_>>().join(".");
    if minor == "3.0" || minor == "3.1" {
        return Ok(version);
    }
    let remedy = match version.split('.').next() {
        Some("3") => "ask the vendor for the document in version 3.1 or 3.0, or convert it",
        _ => "name a document of OpenAPI 3.0 or 3.1, `openapi: 3.1.0`",
    };
    Err(document.problem("/openapi", format!("OpenAPI {version} is not supported")).remedy(remedy))
}

/// What to do with a document of the version before OpenAPI 3.
const CONVERT: &str = "convert it to OpenAPI 3, for example with `npx swagger2openapi OLD -o NEW`, or at \
                       https://editor.swagger.io with `Edit`, `Convert to OpenAPI 3`";

/// The problem for a document that is not OpenAPI 3; names its format.
fn unversioned(document: &Document, value: &Value) -> Problem {
    let postman = value.pointer("/info/schema").and_then(Value::as_str).is_some_and(|it| it.contains("postman"));
    let known = [
        ("swaggerVersion", "a Swagger 1 document, a format before OpenAPI 3", CONVERT),
        ("overlay", "an OpenAPI overlay", "name the document, and its overlay with `--overlay FILE`"),
        ("asyncapi", "an AsyncAPI document", "name an OpenAPI document: only those can be generated from"),
        ("arazzo", "an Arazzo document", "name the OpenAPI document that it describes workflows of"),
        ("$schema", "a JSON Schema", "name an OpenAPI document, which has operations besides schemas"),
    ];
    if postman {
        return document.problem("/info/schema", "this is a Postman collection, not an OpenAPI document").remedy(
            "convert it, for example with `npx postman-to-openapi`, or ask the vendor for an OpenAPI document",
        );
    }
    match known.iter().find(|(key, ..)| value.get(key).is_some()) {
        Some((key, what, remedy)) => {
            document.problem(&format!("/{key}"), format!("this is {what}, not OpenAPI 3")).remedy(*remedy)
        }
        None => document.problem("", "the document does not state its version of OpenAPI").remedy(
            "add `openapi: 3.1.0` or `openapi: 3.0.3`; or name another file if this is not an OpenAPI document",
        ),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_version_is_taken_with_or_without_its_patch() {
        for version in [json!("3.0.3"), json!("3.1"), json!(3.1), json!("3.0"), json!("3.1.0-rc1")] {
            let value = json!({ "openapi": version });
            let document = Document::parse("a.json", value.to_string()).expect("valid JSON");
            assert!(read(&document, &value).is_ok(), "{version}");
        }
    }

    #[test]
    fn what_is_no_openapi_3_is_told_by_what_it_is() {
        for (value, message, remedy) in [
            (json!({ "swaggerVersion": "1.2" }), "a Swagger 1 document", "`npx swagger2openapi"),
            (json!({ "overlay": "1.0.0" }), "an OpenAPI overlay", "`--overlay FILE`"),
            (json!({ "asyncapi": "3.0.0" }), "an AsyncAPI document", "name an OpenAPI document"),
            (json!({ "$schema": "x" }), "a JSON Schema", "name an OpenAPI document"),
            (
                json!({ "info": { "schema": "https://schema.getpostman.com/json/collection/v2.1.0/" } }),
                "a Postman collection",
                "convert it",
            ),
            (json!({ "info": {} }), "does not state its version", "add `openapi: 3.1.0`"),
            (json!({ "openapi": "3.2.0" }), "OpenAPI 3.2.0 is not supported", "version 3.1 or 3.0"),
            (json!({ "openapi": "3.10.0" }), "OpenAPI 3.10.0 is not supported", "version 3.1 or 3.0"),
            (json!({ "openapi": "2.0" }), "OpenAPI 2.0 is not supported", "of OpenAPI 3.0 or 3.1"),
            (json!({ "openapi": [3] }), "`openapi` is not a version", "`openapi: 3.0.3`"),
            (json!({ "openapi": "" }), "`openapi` is not a version", "`openapi: 3.0.3`"),
        ] {
            let document = Document::parse("a.json", value.to_string()).expect("valid JSON");
            let text = read(&document, &value).expect_err(message).to_string();
            let (said, advice) = text.split_once("remedy: ").expect("a remedy");
            assert!(said.contains(message) && advice.contains(remedy), "{value}: {text}");
        }
    }
}
