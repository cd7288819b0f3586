//! Security schemes: HTTP Basic, API keys, and the four flows of OAuth 2.0.

use openapi::pointer::child;
use serde_json::{Map, Value, json};

use super::change::Change;

/// Rule `security-scheme`.
pub(super) fn apply(value: &mut Value, change: &mut Change) {
    let Some(schemes) = value.pointer_mut("/components/securitySchemes").and_then(Value::as_object_mut) else { return };
    for (name, scheme) in schemes {
        let pointer = child("/components/securitySchemes", name);
        let Some(object) = scheme.as_object_mut() else { continue };
        match object.get("type").and_then(Value::as_str) {
            Some("basic") => {
                object.insert("type".to_owned(), "http".into());
                object.insert("scheme".to_owned(), "basic".into());
                change.kept("security-scheme", &pointer, "`type: basic` became `type: http`, `scheme: basic`");
            }
            Some("oauth2") => oauth2(object, &pointer, change),
            _ => {}
        }
    }
}

/// One flow becomes a map of flows.
fn oauth2(scheme: &mut Map<String, Value>, pointer: &str, change: &mut Change) {
    let flow = scheme.shift_remove("flow");
    let new = match flow.as_ref().and_then(Value::as_str).unwrap_or_default() {
        "application" => "clientCredentials",
        "accessCode" => "authorizationCode",
        "password" => "password",
        _ => "implicit",
    };
    let mut members = Map::new();
    for key in ["authorizationUrl", "tokenUrl", "refreshUrl"] {
        members.extend(scheme.shift_remove(key).map(|url| (key.to_owned(), url)));
    }
    members.insert("scopes".to_owned(), scheme.shift_remove("scopes").unwrap_or_else(|| json!({})));
    scheme.insert("flows".to_owned(), json!({ new: members }));
    change.moved(child(&child(pointer, "flows"), new), change.source(pointer));
    change.kept("security-scheme", pointer, format!("the flow became `flows: {{ {new}: … }}`"));
}
