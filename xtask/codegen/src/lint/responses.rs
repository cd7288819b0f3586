//! The answers that a document names besides successes: errors, for the documentation of a method, and redirects.

use openapi::reference::follow;
use serde_json::Value;

/// Status and description of the error answers.
pub(super) fn errors(value: &Value, operation: &Value) -> Vec<(String, String)> {
    let responses = operation.get("responses").and_then(Value::as_object);
    let errors = responses.into_iter().flatten().filter(|(status, _)| status.starts_with(['4', '5']));
    errors
        .map(|(status, response)| {
            let description = follow(value, response).get("description").and_then(Value::as_str).unwrap_or_default();
            (status.clone(), description.to_owned())
        })
        .collect()
}

/// Statuses of the redirects, `304` and the like or `3XX`.
pub(super) fn redirects(operation: &Value) -> Vec<String> {
    let responses = operation.get("responses").and_then(Value::as_object);
    let statuses = responses.into_iter().flatten().map(|(status, _)| status);
    statuses.filter(|status| status.starts_with('3')).cloned().collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn errors_are_told_with_their_descriptions() {
        let value = json!({ "components": { "responses": { "R": { "description": "no" } } } });
        let operation = json!({ "responses": {
            "200": { "description": "ok" }, "404": { "$ref": "#/components/responses/R" }, "5XX": {}, "default": {},
        } });
        assert!(redirects(&operation).is_empty());
        assert_eq!(redirects(&json!({ "responses": { "200": {}, "304": {}, "3XX": {} } })), ["304", "3XX"]);
        let expected = [("404".to_owned(), "no".to_owned()), ("5XX".to_owned(), String::new())];
        assert_eq!(errors(&value, &operation), expected);
    }
}
