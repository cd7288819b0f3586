//! The operations of a document as the steps after the lint know them, each with the credentials that it needs.

use serde_json::Value;

use crate::security::Security;

/// One operation that becomes a method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Operation {
    /// Its `operationId`.
    pub id: String,
    /// `POST` and the like.
    pub method: String,
    /// Its path template.
    pub path: String,
    /// JSON pointer to the operation.
    pub pointer: String,
    /// The required credentials.
    pub security: Security,
    /// The error answers that the document names: status and description.
    pub errors: Vec<(String, String)>,
    /// The redirects that it names: their statuses, `304` and the like or `3XX`.
    pub redirects: Vec<String>,
    /// Whether it is a token endpoint (RFC 6749 section 3.2), with the limits of one: a `POST` whose form has a `grant_type`.
    pub requests_tokens: bool,
    /// Whether the document marks it as deprecated.
    pub is_deprecated: bool,
}

/// Whether the document marks this, an operation or anything else, as deprecated.
pub(crate) fn is_deprecated(value: &Value) -> bool {
    value.get("deprecated") == Some(&Value::Bool(true))
}

#[cfg(test)]
impl Operation {
    /// A `GET` operation without credentials.
    pub(crate) fn get(id: &str, path: &str) -> Self {
        Self {
            id: id.to_owned(),
            method: "GET".to_owned(),
            path: path.to_owned(),
            pointer: format!("/paths/{}/get", path.replace('/', "~1")),
            security: Security::default(),
            errors: vec![],
            redirects: vec![],
            requests_tokens: false,
            is_deprecated: false,
        }
    }
}
