//! Rules for security schemes and requirements.

use openapi::pointer::child;
use openapi::walk::{self, NodeKind};
use serde_json::Value;

use crate::rule::AppliedRule;

/// Applies the rules for security to a document.
pub(super) fn apply(document: &mut Value, applied: &mut Vec<AppliedRule>) {
    let gone = mutual_tls(document, applied);
    let kinds = document.pointer("/components/securitySchemes").cloned().unwrap_or_default();
    walk::change(document, NodeKind::Document, "", &mut |value, node, pointer| {
        if !matches!(node, NodeKind::Document | NodeKind::Operation) {
            return;
        }
        let Some(list) = value.get_mut("security").and_then(Value::as_array_mut) else { return };
        let pointer = child(pointer, "security");
        without(list, &gone, &pointer, applied);
        roles(list, &kinds, &pointer, applied);
    });
}

/// Rule `mutual-tls`: 3.0 does not know such schemes; returns their names.
fn mutual_tls(document: &mut Value, applied: &mut Vec<AppliedRule>) -> Vec<String> {
    let schemes = document.pointer_mut("/components/securitySchemes").and_then(Value::as_object_mut);
    let Some(schemes) = schemes else { return vec![] };
    let is_mutual = |scheme: &Value| scheme.get("type").is_some_and(|name| name == "mutualTLS");
    let gone = schemes.iter().filter(|(_, scheme)| is_mutual(scheme)).map(|(name, _)| name.clone()).collect::<Vec<_>>();
    schemes.retain(|name, _| !gone.contains(name));
    for name in &gone {
        applied.push(AppliedRule {
            name: "mutual-tls",
            pointer: child("/components/securitySchemes", name),
            loses_meaning: true,
            note: format!(
                "`{name}` was dropped: 3.0 has no mutual TLS; the program must configure the client certificate"
            ),
        });
    }
    gone
}

/// Rule `mutual-tls`: nothing asks for a scheme that is gone. Of alternatives, one that asked for nothing else is dropped.
fn without(list: &mut Vec<Value>, gone: &[String], pointer: &str, applied: &mut Vec<AppliedRule>) {
    let asks = |requirement: &Value| gone.iter().any(|name| requirement.get(name).is_some());
    if !list.iter().any(asks) {
        return;
    }
    list.retain_mut(|requirement| {
        if !asks(requirement) {
            return true;
        }
        let Some(requirement) = requirement.as_object_mut() else { return true };
        requirement.retain(|name, _| !gone.contains(name));
        !requirement.is_empty()
    });
    let note = "the requirement of mutual TLS was dropped".to_owned();
    applied.push(AppliedRule { name: "mutual-tls", pointer: pointer.to_owned(), loses_meaning: true, note });
}

/// Rule `security-roles`: only OAuth 2.0 and OpenID Connect have scopes in 3.0.
fn roles(list: &mut [Value], kinds: &Value, pointer: &str, applied: &mut Vec<AppliedRule>) {
    let entries = list.iter_mut().enumerate().filter_map(|(index, entry)| Some((index, entry.as_object_mut()?)));
    for (index, requirement) in entries {
        for (name, scopes) in requirement.iter_mut() {
            let kind = kinds.get(name).and_then(|scheme| scheme.get("type")).and_then(Value::as_str);
            let Some(scopes) = scopes.as_array_mut().filter(|scopes| !scopes.is_empty()) else { continue };
            if matches!(kind, Some("http" | "apiKey")) {
                let roles = Value::from(scopes.clone());
                let note =
                    format!("the roles {roles} of `{name}` were dropped: 3.0 has no roles for this kind of scheme");
                let pointer = child(&child(pointer, &index.to_string()), name);
                applied.push(AppliedRule { name: "security-roles", pointer, loses_meaning: false, note });
                scopes.clear();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn mutual_tls_is_dropped_and_the_rest_stays() {
        let mut document = json!({
            "security": [{ "m": [] }, { "b": [] }, { "m": [], "o": ["s"] }],
            "paths": { "/a": { "get": { "security": [{ "m": [] }] }, "put": { "security": [{ "b": ["role"] }] } } },
            "components": { "securitySchemes": {
                "m": { "type": "mutualTLS" }, "b": { "type": "http", "scheme": "bearer" }, "o": { "type": "oauth2" },
            } },
        });
        let mut rows = Vec::new();
        apply(&mut document, &mut rows);
        assert_eq!(document["security"], json!([{ "b": [] }, { "o": ["s"] }]));
        assert_eq!(document["paths"]["/a"]["get"]["security"], json!([]));
        assert_eq!(document["paths"]["/a"]["put"]["security"], json!([{ "b": [] }]));
        assert_eq!(document["components"]["securitySchemes"].as_object().map(serde_json::Map::len), Some(2));
        // Roles are not on the wire.
        assert!(rows.iter().all(|rule| rule.loses_meaning == (rule.name == "mutual-tls")));
        assert_eq!(
            rows.iter().map(|rule| (rule.name, rule.pointer.as_str())).collect::<Vec<_>>(),
            [
                ("mutual-tls", "/components/securitySchemes/m"),
                ("mutual-tls", "/paths/~1a/get/security"),
                ("security-roles", "/paths/~1a/put/security/0/b"),
                ("mutual-tls", "/security"),
            ]
        );
    }
}
