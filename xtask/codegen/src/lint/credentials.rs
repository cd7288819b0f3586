//! Finds strings that look like credentials and are not marked.
//!
//! `format: password` is what becomes `Secret`, which never shows its value. A credential without it would be a plain
//! `String` in a struct that derives `Debug`.

use diagnostics::Problem;
use openapi::Document;
use openapi::pointer::{child, parts};
use openapi::reference::follow;
use openapi::walk::{self, NodeKind};
use serde_json::Value;

use crate::credential::{OPT_OUT, is_plain_text, looks_like_credential, plain_texts};
use crate::requests::OWN_PLACE;

/// Every credential that is not marked, or is in a place where it cannot be protected.
pub(super) fn check(document: &Document, value: &Value) -> Vec<Problem> {
    let mut found = Vec::new();
    walk::visit(value, NodeKind::Document, "", &mut |inner, node, pointer| match node {
        NodeKind::Schema => {
            for (_, place, _) in unmarked(value, inner, pointer) {
                let message = format!("{} looks like a credential but is not `format: password`", title(&place));
                found.push(document.problem(&place, message).remedy(remedy(&document.file)));
            }
        }
        NodeKind::Parameter => {
            let name = inner.get("name").and_then(Value::as_str).unwrap_or_default();
            let schema = inner.get("schema").unwrap_or(&Value::Null);
            let marked = follow(value, schema).get("format").is_some_and(|format| format == "password");
            let meant = looks_like_credential(name) && inner.get(OPT_OUT) != Some(&Value::Bool(false));
            if marked || meant && is_plain_text(value, schema) {
                let place = inner.get(OWN_PLACE).or(inner.get("in")).and_then(Value::as_str).unwrap_or("unknown");
                let message = format!("the {place} parameter `{name}` is a credential, which is not supported yet");
                found.push(document.problem(pointer, message).remedy(of_parameter(place, marked)));
            }
        }
        _ => {}
    });
    found
}

/// What to do about a parameter that is a credential and could not become a security scheme, by what it is in.
fn of_parameter(place: &str, is_marked: bool) -> String {
    let own = if is_marked { "remove its `format: password` and set" } else { "set" };
    match place {
        "path" => format!(
            "{own} `{OPT_OUT}: false` on it with an overlay if it is not a credential; otherwise ask the vendor for another way, since \
             paths are written into logs"
        ),
        _ => {
            format!(
                "describe it as a security scheme with an overlay; or {own} `{OPT_OUT}: false` on it if it is not a credential"
            )
        }
    }
}

/// The properties of a schema that are called like credentials and not marked: their names, where they stand, and the
/// schemas that would have to be marked.
pub(crate) fn unmarked<'a>(document: &Value, schema: &'a Value, pointer: &str) -> Vec<(&'a str, String, Vec<String>)> {
    let properties = schema.get("properties").and_then(Value::as_object);
    let named = properties.into_iter().flatten().filter(|(name, _)| looks_like_credential(name));
    let found = named.map(|(name, property)| {
        let place = child(&child(pointer, "properties"), name);
        let texts = plain_texts(document, property, &place);
        (name.as_str(), place, texts)
    });
    found.filter(|(_, _, texts)| !texts.is_empty()).collect()
}

fn remedy(file: &str) -> String {
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    format!(
        "add an action to {stem}.overlay.yaml that sets `format: password`; or `{OPT_OUT}: false` if it is not a credential"
    )
}

/// `TokenRequest.client_secret` for a property of a named schema, else the property's name.
fn title(pointer: &str) -> String {
    let parts = parts(pointer);
    match parts.as_slice() {
        [components, schemas, schema, properties, name]
            if components == "components" && schemas == "schemas" && properties == "properties" =>
        {
            format!("{schema}.{name}")
        }
        other => other.last().map(|name| format!("`{name}`")).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn run(value: &Value) -> Vec<String> {
        let document = Document::parse("specs/a.json", value.to_string()).expect("valid JSON");
        check(&document, value).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn names_of_credentials_are_recognized_in_every_way_of_writing() {
        for name in [
            "client_secret",
            "clientSecret",
            "client-secret",
            "SECRET",
            "secret_key",
            "password",
            "newPassword",
            "passwd",
            "passphrase",
            "api_key",
            "apiKey",
            "X-API-Key",
            "apikey",
            "private_key",
            "privateKey",
            "access_token",
            "accessToken",
            "refresh-token",
            "id_token",
            "token",
            "Token",
            "device_token",
            "api_tokens",
            "clientsecret",
        ] {
            assert!(looks_like_credential(name), "{name}");
        }
    }

    #[test]
    fn names_of_other_things_are_not() {
        for name in [
            "token_type",
            "tokenType",
            "page_token",
            "nextToken",
            "next_page_token",
            "continuationToken",
            "csrf_token",
            "expires_in",
            "key",
            "public_key",
            "tokenizer",
            "secretary",
            "client_id",
            "keys",
            "",
        ] {
            assert!(!looks_like_credential(name), "{name}");
        }
    }

    #[test]
    fn an_unmarked_string_is_found_in_every_place() {
        let plain = json!({ "type": "object", "properties": { "token": { "type": "string" } } });
        let value = json!({
            "paths": { "/a": { "post": {
                "requestBody": { "content": { "application/json": { "schema": { "type": "array", "items": plain } } } },
            } } },
            "components": { "schemas": {
                "A": plain,
                "B": { "properties": { "secret": { "$ref": "#/components/schemas/Text" } } },
                "C": { "properties": { "tokens": { "type": "array", "items": { "type": "string" } } } },
                "D": { "properties": { "password": { "nullable": true, "allOf": [{ "type": "string" }] } } },
                "E": { "properties": { "api_key": {} } },
                "Text": { "type": "string" },
            } },
        });
        let found = run(&value);
        assert_eq!(found.len(), 6, "{found:?}");
        assert!(found[1].contains("A.token looks like a credential but is not `format: password`"), "{found:?}");
        assert!(found[1].contains("specs/a.json:1 (#/components/schemas/A/properties/token)"), "{found:?}");
        assert!(found[1].contains("add an action to specs/a.overlay.yaml that sets `format: password`"), "{found:?}");
    }

    #[test]
    fn alternatives_that_refer_to_each_other_are_looked_at_once() {
        let all = json!((0..40).map(|_| json!({ "$ref": "#/components/schemas/A" })).collect::<Vec<_>>());
        let schemas = json!({ "A": { "anyOf": all }, "B": { "properties": { "secret": { "oneOf": all } } } });
        assert_eq!(run(&json!({ "components": { "schemas": schemas } })), [""; 0]);
    }

    #[test]
    fn marked_strings_and_other_types_are_accepted() {
        let value = json!({ "components": { "schemas": {
            "A": { "properties": {
                "token": { "type": "string", "format": "password" },
                "secret": { "type": "boolean" },
                "password": { "type": "object", "properties": { "hash": { "type": "string" } } },
                "api_key": { "$ref": "#/components/schemas/Marked" },
                "id_token": { "type": "string", "enum": ["none"] },
                "device_token": { "type": "string", "x-credential": false },
            } },
            "Marked": { "type": "string", "format": "password" },
        } } });
        assert_eq!(run(&value), [""; 0]);
    }

    #[test]
    fn a_credential_in_a_parameter_is_refused_marked_or_not() {
        let parameter = |name: &str, schema: Value| json!({ "name": name, "in": "header", "schema": schema });
        let value = json!({ "paths": { "/a": { "get": { "parameters": [
            parameter("X-Api-Key", json!({ "type": "string" })),
            parameter("other", json!({ "type": "string", "format": "password" })),
            parameter("page_token", json!({ "type": "string" })),
        ] } } } });
        let found = run(&value);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].contains("the header parameter `X-Api-Key` is a credential"), "{found:?}");
    }
}
