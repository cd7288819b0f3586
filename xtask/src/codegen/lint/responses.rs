//! Bodies that one method cannot have: progenitor knows one success and one error type for each.

use serde_json::Value;

use super::resolve;
use crate::codegen::load::Document;
use crate::codegen::positions::child;
use crate::problem::Problem;

const JSON: &str = "application/json";

/// What of an operation's bodies cannot be expressed.
pub(super) fn check(document: &Document, value: &Value, operation: &Value, id: &str, pointer: &str) -> Vec<Problem> {
    let mut found = request(document, value, operation, id, pointer);
    let pointer = child(pointer, "responses");
    let responses = operation.get("responses").and_then(Value::as_object);
    let mut groups: [Vec<Option<&Value>>; 2] = [vec![], vec![]];
    for (status, response) in responses.into_iter().flatten().filter(|(status, _)| !status.starts_with("x-")) {
        let mut refuse = |message: String, remedy: &str| {
            found.push(document.problem(&child(&pointer, status), message).remedy(remedy));
        };
        let group = match status.as_bytes().first() {
            Some(b'2') => 0,
            Some(b'4' | b'5') => 1,
            Some(b'3') => continue,
            _ => {
                let remedy = "say with an overlay which statuses it stands for: `4XX`, `5XX` or single ones";
                refuse(format!("the response `{status}` of {id} is not supported yet"), remedy);
                continue;
            }
        };
        let media_types = media_types(value, response);
        match media_types.as_slice() {
            [] => groups[group].push(None),
            [(JSON, media_type)] if media_type.get("schema").is_some() => groups[group].push(media_type.get("schema")),
            other => {
                let names = other.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
                let remedy = format!("leave one `{JSON}` body with a schema, with an overlay action");
                refuse(format!("the body of `{status}` of {id} is not supported yet: {names}"), &remedy);
            }
        }
    }
    let inline = groups.iter().map(|group| group.iter().flatten().any(|schema| schema.get("$ref").is_none()));
    let both_inline = inline.filter(|inline| *inline).count() == 2 && groups[0].first() != groups[1].first();
    for (group, kind) in groups.iter().zip(["success", "error"]) {
        if group.windows(2).any(|pair| pair[0] != pair[1]) {
            found.push(
                document
                    .problem(
                        &pointer,
                        format!("{id} has {kind} answers with different bodies, which is not supported yet"),
                    )
                    .remedy("give them one body with overlay actions"),
            );
        }
    }
    if both_inline {
        found.push(
            document
                .problem(&pointer, format!("the unnamed bodies of {id} would become one type"))
                .remedy("move them to `components/schemas` under names of their own, with overlay actions"),
        );
    }
    found
}

fn request(document: &Document, value: &Value, operation: &Value, id: &str, pointer: &str) -> Vec<Problem> {
    let Some(body) = operation.get("requestBody") else {
        return vec![];
    };
    let pointer = child(pointer, "requestBody");
    let mut found = Vec::new();
    let mut refuse = |message: String, remedy: &str| found.push(document.problem(&pointer, message).remedy(remedy));
    let media_types = media_types(value, body);
    if let [(_, media_type)] = media_types.as_slice() {
        if media_type.get("schema").is_none() || media_type.get("encoding").is_some() {
            let message =
                format!("the request body of {id} has no schema, or an `encoding`, which is not supported yet");
            refuse(message, "correct it with an overlay action");
        }
    } else {
        let count = media_types.len();
        let remedy = "remove all but one with overlay actions";
        refuse(format!("the request body of {id} has {count} media types; one is supported yet"), remedy);
    }
    if resolve(value, body).get("required") != Some(&Value::Bool(true)) {
        let message = format!("the request body of {id} is optional, which is not supported yet");
        refuse(message, "set `required: true` with an overlay action, if requests always have a body");
    }
    found
}

/// The media types of a request body or a response, by name.
fn media_types<'a>(document: &'a Value, body: &'a Value) -> Vec<(&'a str, &'a Value)> {
    let content = resolve(document, body).get("content").and_then(Value::as_object);
    content.into_iter().flatten().map(|(name, media_type)| (name.as_str(), media_type)).collect()
}

/// Status and description of the error answers.
pub(super) fn errors(value: &Value, operation: &Value) -> Vec<(String, String)> {
    let responses = operation.get("responses").and_then(Value::as_object);
    let errors = responses.into_iter().flatten().filter(|(status, _)| status.starts_with(['4', '5']));
    errors
        .map(|(status, response)| {
            let description = resolve(value, response).get("description").and_then(Value::as_str).unwrap_or_default();
            (status.clone(), description.to_owned())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn run(operation: &Value) -> Vec<String> {
        let value = json!({ "components": { "schemas": { "A": {}, "B": {} } } });
        let document = Document::parse("specs/a.json", value.to_string()).expect("valid JSON");
        check(&document, &value, operation, "getIt", "/paths/~1a/get").iter().map(ToString::to_string).collect()
    }

    fn body(schema: Value) -> Value {
        json!({ "description": "", "content": { "application/json": { "schema": schema } } })
    }

    #[test]
    fn one_body_for_success_and_one_for_errors_is_fine() {
        let (a, b) =
            (body(json!({ "$ref": "#/components/schemas/A" })), body(json!({ "$ref": "#/components/schemas/B" })));
        assert_eq!(run(&json!({ "responses": { "200": a, "201": a, "302": {}, "400": b, "5XX": b } })), [""; 0]);
        assert_eq!(run(&json!({ "responses": { "204": {}, "404": {} } })), [""; 0]);
    }

    #[test]
    fn what_one_method_cannot_have_is_refused_by_name() {
        let (a, b) =
            (body(json!({ "$ref": "#/components/schemas/A" })), body(json!({ "$ref": "#/components/schemas/B" })));
        let inline = |name: &str| body(json!({ "type": "object", "properties": { name: {} } }));
        let problem = json!({ "content": { "application/problem+json": { "schema": {} } } });
        for (responses, words) in [
            (json!({ "200": a, "default": b }), "the response `default` of getIt is not supported yet"),
            (json!({ "200": a, "201": b }), "success answers with different bodies"),
            (json!({ "200": a, "204": {} }), "success answers with different bodies"),
            (json!({ "400": a, "401": {} }), "error answers with different bodies"),
            (json!({ "200": inline("a"), "400": inline("b") }), "would become one type"),
            (json!({ "400": problem }), "the body of `400` of getIt is not supported yet: application/problem+json"),
        ] {
            let found = run(&json!({ "responses": responses }));
            assert_eq!(found.len(), 1, "{found:?}");
            assert!(found[0].contains(words) && found[0].contains("#/paths/~1a/get/responses"), "{found:?}");
        }
    }

    #[test]
    fn a_request_has_one_body_that_is_required() {
        let content = json!({ "application/json": { "schema": {} } });
        for (body, words) in [
            (
                json!({ "required": true, "content": { "a/b": { "schema": {} }, "c/d": { "schema": {} } } }),
                "2 media types",
            ),
            (json!({ "required": true, "content": {} }), "0 media types"),
            (json!({ "required": true, "content": { "application/json": {} } }), "no schema"),
            (json!({ "content": content }), "is optional"),
        ] {
            let found = run(&json!({ "requestBody": body, "responses": {} }));
            assert_eq!(found.len(), 1, "{found:?}");
            assert!(found[0].contains(words), "{found:?}");
        }
    }
}
