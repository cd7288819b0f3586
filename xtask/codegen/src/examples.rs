//! The examples of a document: the values that it shows for bodies of requests and responses.

use std::collections::BTreeMap;

use openapi::operations::METHODS;
use openapi::pointer::child;
use openapi::reference::resolve_at;
use serde_json::Value;

use crate::media::{self, is_json};

/// What an example shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    /// The body of a request.
    Request,
    /// The body of a success response.
    Success,
    /// The body of an error response.
    Error,
}

/// An example.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Example {
    pub(crate) body: Body,
    /// The status, `default` or a range; empty for a request.
    pub(crate) status: String,
    /// The pointer to the value in the document.
    pub(crate) pointer: String,
    pub(crate) value: Value,
}

/// The examples of all operations, by [`key`].
#[derive(Clone, Debug, Default)]
pub(crate) struct Examples(BTreeMap<String, Vec<Example>>);

impl Examples {
    /// Finds the examples in a document of OpenAPI 3.
    pub(crate) fn of(document: &Value) -> Self {
        let mut all: BTreeMap<String, Vec<Example>> = BTreeMap::new();
        let paths = document.get("paths").and_then(Value::as_object);
        for (path, item) in paths.into_iter().flatten() {
            let (item, at) = resolve_at(document, item, &child("/paths", path));
            for method in METHODS {
                let Some(operation) = item.get(method) else { continue };
                let found = of_operation(document, operation, &child(&at, method));
                all.entry(key(method, path)).or_default().extend(found);
            }
        }
        Self(all)
    }

    /// The examples of an operation.
    pub(crate) fn of_operation(&self, method: &str, path: &str) -> &[Example] {
        self.0.get(&key(method, path)).map_or(&[], Vec::as_slice)
    }
}

/// The name of an operation that stays the same when later steps correct its path.
fn key(method: &str, path: &str) -> String {
    let path = path.split(['?', '#']).next().unwrap_or_default().trim_start_matches('/');
    let mut plain = String::new();
    let mut in_variable = false;
    for c in path.chars() {
        match c {
            '{' => in_variable = true,
            '}' => in_variable = false,
            _ if in_variable => continue,
            _ => {}
        }
        plain.push(c);
    }
    format!("{} /{plain}", method.to_ascii_uppercase())
}

fn of_operation(document: &Value, operation: &Value, at: &str) -> Vec<Example> {
    let mut found = Vec::new();
    if let Some(body) = operation.get("requestBody") {
        let (body, at) = resolve_at(document, body, &child(at, "requestBody"));
        let kinds = body.get("content").and_then(Value::as_object);
        // The kind that is sent.
        let sent = kinds.into_iter().flatten().map(|(kind, _)| kind).min_by_key(|kind| media::rank(kind));
        if let Some(kind) = sent.filter(|kind| is_json(kind) || media::essence(kind) == media::FORM) {
            of_media(document, body, kind, &at, (Body::Request, ""), &mut found);
        }
    }
    let responses = operation.get("responses").and_then(Value::as_object);
    let has_success = responses.is_some_and(|all| all.keys().any(|status| status.starts_with('2')));
    for (status, response) in responses.into_iter().flatten() {
        let body = match status.as_bytes().first() {
            Some(b'2') => Body::Success,
            Some(b'4' | b'5') => Body::Error,
            Some(b'd') if has_success => Body::Error,
            Some(b'd') => Body::Success,
            _ => continue,
        };
        let (response, at) = resolve_at(document, response, &child(&child(at, "responses"), status));
        let kinds = response.get("content").and_then(Value::as_object).into_iter().flatten();
        for kind in kinds.map(|(kind, _)| kind).filter(|kind| is_json(kind)) {
            of_media(document, response, kind, &at, (body, status), &mut found);
        }
    }
    found
}

/// The examples of a media type: its own, its named ones, and those of its schema.
fn of_media(
    document: &Value,
    holder: &Value,
    kind: &str,
    at: &str,
    (body, status): (Body, &str),
    found: &mut Vec<Example>,
) {
    let at = child(&child(at, "content"), kind);
    let media = &holder["content"][kind];
    let mut add = |value: Option<&Value>, pointer: String| {
        // An empty member of a YAML mapping is no example.
        if let Some(value) = value.filter(|value| !value.is_null()) {
            found.push(Example { body, status: status.to_owned(), pointer, value: value.clone() });
        }
    };
    add(media.get("example"), child(&at, "example"));
    for (name, example) in media.get("examples").and_then(Value::as_object).into_iter().flatten() {
        let (example, at) = resolve_at(document, example, &child(&child(&at, "examples"), name));
        add(example.get("value"), child(&at, "value"));
    }
    if let Some(schema) = media.get("schema") {
        let (schema, at) = resolve_at(document, schema, &child(&at, "schema"));
        add(schema.get("example"), child(&at, "example"));
        for (index, value) in schema.get("examples").and_then(Value::as_array).into_iter().flatten().enumerate() {
            add(Some(value), child(&child(&at, "examples"), &index.to_string()));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_place_of_an_example_is_found() {
        let document = json!({
            "paths": { "/pets/{id}": { "put": {
                "requestBody": { "$ref": "#/components/requestBodies/Pet" },
                "responses": {
                    "200": { "content": { "application/json": {
                        "example": 1, "examples": { "a": { "value": 2 }, "b": { "$ref": "#/components/examples/B" }, "c": { "externalValue": "x" } },
                        "schema": { "$ref": "#/components/schemas/Pet" },
                    }, "text/plain": { "example": "no" } } },
                    "304": { "content": { "application/json": { "example": "no" } } },
                    "default": { "content": { "application/problem+json": { "example": 5 } } },
                },
            } } },
            "components": {
                "examples": { "B": { "value": 3 } },
                "schemas": { "Pet": { "example": 4, "examples": [6, null] } },
                "requestBodies": { "Pet": { "content": {
                    "application/xml": { "example": "no" },
                    "application/json": { "example": 0 },
                } } },
            },
        });
        let all = Examples::of(&document);
        let found = all.of_operation("PUT", "/pets/{pet_id}");
        let found = found.iter().map(|it| (it.body, it.status.as_str(), it.value.clone(), it.pointer.as_str()));
        let ok = "/paths/~1pets~1{id}/put/responses/200/content/application~1json";
        let [own, named] = ["example", "examples/a/value"].map(|end| format!("{ok}/{end}"));
        assert_eq!(
            found.collect::<Vec<_>>(),
            [
                (Body::Request, "", json!(0), "/components/requestBodies/Pet/content/application~1json/example"),
                (Body::Success, "200", json!(1), own.as_str()),
                (Body::Success, "200", json!(2), named.as_str()),
                (Body::Success, "200", json!(3), "/components/examples/B/value"),
                (Body::Success, "200", json!(4), "/components/schemas/Pet/example"),
                (Body::Success, "200", json!(6), "/components/schemas/Pet/examples/0"),
                (
                    Body::Error,
                    "default",
                    json!(5),
                    "/paths/~1pets~1{id}/put/responses/default/content/application~1problem+json/example"
                ),
            ]
        );
    }

    #[test]
    fn an_operation_is_found_when_its_path_was_corrected() {
        for (one, other) in [("pets", "/pets"), ("/a/{x}/b", "/a/{y}/b"), ("/a?b={c}", "/a"), ("/a#b", "/a")] {
            assert_eq!(key("get", one), key("GET", other));
        }
        assert_ne!(key("get", "/a/{x}"), key("get", "/a/b"));
    }
}
