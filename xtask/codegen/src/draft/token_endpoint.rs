//! Corrections of token endpoints: what RFC 6749 requires and the document omits.

use openapi::pointer::child;
use openapi::reference::resolve_at;
use serde_json::{Map, Value, json};

use super::action::Action;
use crate::media::{FORM, is_json};

/// The actions for each token endpoint: a `POST` whose form has a `grant_type`.
pub(super) fn actions(value: &Value) -> Vec<Action> {
    let mut found = Vec::new();
    for (path, item) in value.get("paths").and_then(Value::as_object).into_iter().flatten() {
        let Some(operation) = item.get("post") else { continue };
        let pointer = child(&child("/paths", path), "post");
        let body = Place { value: operation, pointer: pointer.clone() }.member(value, "requestBody");
        let form = body.and_then(|body| body.schema(value, |kind| kind.eq_ignore_ascii_case(FORM)));
        let Some(form) = form.filter(|form| form.has("grant_type")) else { continue };
        found.extend(request(&form));
        let Some(responses) = (Place { value: operation, pointer }).member(value, "responses") else { continue };
        let success = responses.members(value, |status| status.starts_with('2'));
        if let Some(answer) = success.iter().find_map(|success| success.schema(value, is_json)) {
            found.extend(answers(value, &answer));
        }
        found.extend(errors(value, &responses));
    }
    found
}

/// A node and its pointer.
struct Place<'a> {
    value: &'a Value,
    pointer: String,
}

impl<'a> Place<'a> {
    /// A member, or what it refers to.
    fn member(&self, document: &'a Value, key: &str) -> Option<Self> {
        let (value, pointer) = resolve_at(document, self.value.get(key)?, &child(&self.pointer, key));
        Some(Self { value, pointer })
    }

    /// The members whose names are so.
    fn members(&self, document: &'a Value, wanted: impl Fn(&str) -> bool) -> Vec<Self> {
        let names = self.value.as_object().into_iter().flat_map(Map::keys);
        names.filter(|name| wanted(name)).filter_map(|name| self.member(document, name)).collect()
    }

    /// The schema of the first media type that is so.
    fn schema(&self, document: &'a Value, wanted: impl Fn(&str) -> bool) -> Option<Self> {
        self.member(document, "content")?.members(document, wanted).first()?.member(document, "schema")
    }

    /// Whether a schema has this property.
    fn has(&self, property: &str) -> bool {
        self.value.get("properties").is_some_and(|properties| properties.get(property).is_some())
    }

    /// Those of these properties that the schema has and does not require.
    fn not_required(&self, properties: &[&'static str]) -> Vec<&'static str> {
        let required = self.value.get("required").and_then(Value::as_array);
        let is_required = |name: &str| required.is_some_and(|required| required.iter().any(|it| it == name));
        properties.iter().copied().filter(|name| self.has(name) && !is_required(name)).collect()
    }
}

/// The form of a token request.
fn request(form: &Place<'_>) -> Vec<Action> {
    let mut found = Vec::new();
    let missing = form.not_required(&["grant_type"]);
    if !missing.is_empty() {
        let reason = "RFC 6749 section 4.4.2 makes grant_type REQUIRED in every token request.";
        found.push(Action::new(&form.pointer, reason, json!({ "required": missing })));
    }
    if !form.has("scope") {
        let reason = "RFC 6749 section 4.4.2 lets a token request name a scope. The document does not mention it.";
        let scope = text("Requested scope, tokens with a space between them.");
        found.push(Action::new(child(&form.pointer, "properties"), reason, json!({ "scope": scope })));
    }
    found
}

/// The successful answer.
fn answers(document: &Value, answer: &Place<'_>) -> Vec<Action> {
    let mut found = Vec::new();
    if !answer.has("access_token") {
        return found;
    }
    let missing = answer.not_required(&["access_token", "token_type"]);
    if !missing.is_empty() {
        let reason = "RFC 6749 section 5.1 makes access_token and token_type REQUIRED in every successful answer. An \
                      answer without them is no token.";
        found.push(Action::new(&answer.pointer, reason, json!({ "required": missing })));
    }
    found.extend(lifetime(document, answer));
    let properties = child(&answer.pointer, "properties");
    let mut more = Map::new();
    if !answer.has("expires_in") {
        let lifetime = json!({ "type": "integer", "format": "expires-in", "description": EXPIRES_IN });
        more.insert("expires_in".to_owned(), lifetime);
    }
    if !answer.has("scope") {
        more.insert("scope".to_owned(), text(SCOPE));
    }
    if !more.is_empty() {
        let reason = "RFC 6749 section 5.1 has more members in a successful answer than the document mentions.";
        found.push(Action::new(&properties, reason, more.into()));
    }
    if !answer.has("error") {
        let reason = "RFC 6749 section 5.2 has an error member where there is no token. Some servers send it with a status \
                      that says otherwise, and the document does not mention it.";
        found.push(Action::new(&properties, reason, json!({ "error": text(ERROR) })));
    }
    found
}

const EXPIRES_IN: &str = "Lifetime of the access token in seconds.";
const SCOPE: &str = "Granted scope, if the server names it. Absent or empty means as requested.";
const ERROR: &str = "Present only if the server reports an error in spite of its status.";

/// A text with this description.
fn text(description: &str) -> Value {
    json!({ "type": "string", "description": description })
}

/// `expires_in` in every form that servers send.
fn lifetime(document: &Value, answer: &Place<'_>) -> Option<Action> {
    let properties = answer.value.get("properties")?;
    let place = child(&child(&answer.pointer, "properties"), "expires_in");
    let (schema, place) = resolve_at(document, properties.get("expires_in")?, &place);
    let format = "expires-in";
    if schema.get("format").is_some_and(|own| own == format) {
        return None;
    }
    let update = match schema.get("type") {
        Some(Value::String(kind)) if kind == "integer" => json!({ "format": format }),
        // An overlay can replace a type, but not take one out of a list.
        Some(Value::Array(all)) if all.iter().any(|kind| kind == "integer") => json!({ "format": format }),
        Some(Value::String(kind)) if kind == "number" || kind == "string" => {
            json!({ "type": "integer", "format": format })
        }
        None => json!({ "type": "integer", "format": format }),
        _ => return None,
    };
    let reason = "Servers send the lifetime (RFC 6749 section 5.1) as a number, as a decimal fraction, as a string of \
                  digits or as null. This format reads all of them, so that a working token is not thrown away over a \
                  detail.";
    Some(Action::new(place, reason, update))
}

/// The body of errors, if the document declares none for any of them.
fn errors(document: &Value, responses: &Place<'_>) -> Vec<Action> {
    let is_error = |status: &str| status.starts_with(['4', '5']) || status == "default";
    let declared = responses.members(document, is_error);
    if declared.iter().any(|response| response.value.get("content").is_some()) {
        return vec![];
    }
    let schemas = document.pointer("/components/schemas");
    let mut name = "OAuthError".to_owned();
    while schemas.is_some_and(|schemas| schemas.get(&name).is_some()) {
        name.push('_');
    }
    let body = json!({ "application/json": { "schema": { "$ref": format!("#/components/schemas/{name}") } } });
    let reason = "The document declares no error body. An OAuth 2.0 authorization server answers with the members of RFC \
                  6749 section 5.2.";
    let mut found = vec![Action::new("", reason, json!({ "components": { "schemas": { name: error() } } }))];
    for (status, description) in [("400", "The request is refused"), ("401", "The client is not accepted")] {
        let reason = format!("RFC 6749 section 5.2 gives the status {status} this body.");
        match responses.member(document, status) {
            Some(response) if response.value.is_object() => {
                found.push(Action::new(response.pointer, reason, json!({ "content": body })));
            }
            None if responses.value.is_object() => {
                let response = json!({ status: { "description": description, "content": body } });
                found.push(Action::new(&responses.pointer, reason, response));
            }
            // What is no response is the lint's.
            _ => {}
        }
    }
    // A body that nothing has is of no use.
    if found.len() > 1 { found } else { vec![] }
}

/// The members of an error answer.
fn error() -> Value {
    json!({
        "type": "object",
        "description": "Error answer of a token endpoint (RFC 6749 section 5.2).",
        "required": ["error"],
        "properties": {
            "error": text("Error code, for example invalid_client or invalid_scope."),
            "error_description": text("Text for developers. May repeat what was sent, so treat it with care."),
            "error_uri": text("Address of a page about the error."),
        },
    })
}
