//! The operations of a document, and what each of them needs to become a method.

use std::collections::HashMap;

use diagnostics::Problem;
use openapi::Document;
use openapi::operations::METHODS;
use openapi::pointer::child;
use openapi::reference::follow;
use serde_json::Value;

use super::{responses, security};
use crate::home::Home;
use crate::media::{FORM, essence};
use crate::operation::{Operation, is_deprecated};
use crate::security::Security;

/// Reads the operations; appends their errors to `problems`.
pub(super) fn read(document: &Document, value: &Value, home: &Home, problems: &mut Vec<Problem>) -> Vec<Operation> {
    let mut operations = Vec::new();
    let paths = value.get("paths").and_then(Value::as_object);
    for (path, item) in paths.into_iter().flatten().filter(|(path, _)| !path.starts_with("x-")) {
        let pointer = child("/paths", path);
        if !path.starts_with('/') {
            problems.push(
                document
                    .problem(&pointer, format!("the path `{path}` does not start with `/`"))
                    .remedy("correct it with an overlay action"),
            );
        }
        refuse_servers(document, &pointer, item, problems);
        for method in METHODS {
            if let Some(operation) = item.get(method) {
                let pointer = child(&pointer, method);
                refuse_servers(document, &pointer, operation, problems);
                operations.push(read_one(document, value, operation, method, path, pointer, home, problems));
            }
        }
    }
    if operations.is_empty() && home.is_workspace() {
        problems.push(
            document
                .problem("/paths", "the document has no operations")
                .remedy("name a document with operations in `paths`; of `webhooks` alone no client can be made"),
        );
    }
    duplicates(document, &operations, problems);
    operations
}

#[allow(clippy::too_many_arguments, reason = "each argument is independent")]
fn read_one(
    document: &Document,
    value: &Value,
    operation: &Value,
    method: &str,
    path: &str,
    pointer: String,
    home: &Home,
    problems: &mut Vec<Problem>,
) -> Operation {
    let method = method.to_ascii_uppercase();
    let id = operation.get("operationId").and_then(Value::as_str).unwrap_or_default().to_owned();
    if id.is_empty() {
        problems.push(
            document
                .problem(&pointer, format!("{method} {path} has no `operationId`"))
                .remedy("add one with an overlay action; it becomes the method's name"),
        );
    }
    if let Some(key) = operation.as_object().and_then(|object| object.keys().find(|key| key.starts_with("x-dropshot")))
    {
        problems.push(
            document
                .problem(&child(&pointer, key), format!("`{key}` of {id} is not supported yet"))
                .remedy("remove it with an overlay action"),
        );
    }
    let security = security::read(document, value, operation, &id, &pointer, home).unwrap_or_else(|problem| {
        problems.push(problem);
        Security::default()
    });
    let errors = responses::errors(value, operation);
    let redirects = responses::redirects(operation);
    let requests_tokens = method == "POST" && has_grant_type(value, operation);
    let is_deprecated = is_deprecated(operation);
    let path = path.to_owned();
    Operation { id, method, path, pointer, security, errors, redirects, requests_tokens, is_deprecated }
}

/// Whether the body of an operation is a form with a `grant_type`.
fn has_grant_type(value: &Value, operation: &Value) -> bool {
    let body = operation.get("requestBody").map(|body| follow(value, body));
    let content = body.and_then(|body| body.get("content")).and_then(Value::as_object);
    let forms = content.into_iter().flatten().filter(|(kind, _)| essence(kind) == FORM);
    let mut schemas = forms.filter_map(|(_, media)| Some(follow(value, media.get("schema")?)));
    schemas.any(|schema| schema.pointer("/properties/grant_type").is_some())
}

/// Servers of their own would be ignored: the request would go to the wrong one.
fn refuse_servers(document: &Document, pointer: &str, value: &Value, problems: &mut Vec<Problem>) {
    if value.get("servers").and_then(Value::as_array).is_some_and(|servers| !servers.is_empty()) {
        problems.push(
            document
                .problem(&child(pointer, "servers"), "servers for single paths or operations are not supported yet")
                .remedy(
                    "remove them with an overlay action, if the servers of the document serve these operations too",
                ),
        );
    }
}

fn duplicates(document: &Document, operations: &[Operation], problems: &mut Vec<Problem>) {
    let mut visited: HashMap<&str, &Operation> = HashMap::new();
    for operation in operations.iter().filter(|operation| !operation.id.is_empty()) {
        if let Some(first) = visited.insert(&operation.id, operation) {
            let message = format!("`operationId: {}` is already used by {} {}", operation.id, first.method, first.path);
            problems.push(
                document.problem(&operation.pointer, message).remedy("give it another one with an overlay action"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn run(value: &Value) -> (Vec<Operation>, Vec<String>) {
        let document = Document::parse("specs/a.json", value.to_string()).expect("valid JSON");
        let mut problems = Vec::new();
        let operations = read(&document, value, &Home::Workspace, &mut problems);
        (operations, problems.iter().map(ToString::to_string).collect())
    }

    fn operation(id: &str) -> Value {
        json!({ "operationId": id, "responses": { "200": { "description": "ok" }, "404": { "description": "no" } } })
    }

    #[test]
    fn operations_come_in_the_order_of_the_methods() {
        let value = json!({ "paths": { "/a": { "post": operation("b"), "get": operation("a") } } });
        let (operations, problems) = run(&value);
        assert_eq!(problems, [""; 0]);
        assert_eq!(operations.iter().map(|operation| operation.id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(operations[1].method, "POST");
        assert_eq!(operations[0].errors, [("404".to_owned(), "no".to_owned())]);
    }

    #[test]
    fn a_post_of_a_form_with_a_grant_type_is_a_token_endpoint() {
        let form = |kind: &str, property: &str| {
            let schema = json!({ "properties": { property: { "type": "string" } } });
            let mut operation = operation("a");
            operation["requestBody"] =
                json!({ "content": { kind: { "schema": { "$ref": "#/components/schemas/S" } } } });
            (operation, json!({ "schemas": { "S": schema } }))
        };
        for (method, kind, property, is_one) in [
            ("post", "application/x-www-form-urlencoded", "grant_type", true),
            ("post", "application/x-www-form-urlencoded", "name", false),
            ("post", "application/json", "grant_type", false),
            ("put", "application/x-www-form-urlencoded", "grant_type", false),
        ] {
            let (operation, components) = form(kind, property);
            let (operations, _) = run(&json!({ "paths": { "/a": { method: operation } }, "components": components }));
            assert_eq!(operations[0].requests_tokens, is_one, "{method} {kind} {property}");
        }
    }

    #[test]
    fn what_stops_or_misleads_the_generator_is_found_first() {
        let ok = operation("a");
        let mut dropshot = ok.clone();
        dropshot["x-dropshot-websocket"] = json!({});
        let mut servers = ok.clone();
        servers["servers"] = json!([{ "url": "https://b" }]);
        for (paths, words) in [
            (json!({ "/a": { "get": { "responses": {} } } }), "GET /a has no `operationId`"),
            (json!({ "a": { "get": ok } }), "does not start with `/`"),
            (json!({ "/a": { "get": ok, "put": ok } }), "is already used by GET /a"),
            (json!({ "/a": { "get": dropshot } }), "`x-dropshot-websocket` of a"),
            (json!({ "/a": { "get": servers } }), "servers for single paths"),
            (json!({}), "no operations"),
        ] {
            let (_, problems) = run(&json!({ "paths": paths }));
            assert_eq!(problems.len(), 1, "{problems:?}");
            assert!(problems[0].contains(words), "{problems:?}");
        }
    }
}
