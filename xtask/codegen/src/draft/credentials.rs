//! Credentials that the document does not mark.

use openapi::walk::{self, NodeKind};
use serde_json::{Value, json};

use super::action::{Action, OPEN};
use crate::credential::{OPT_OUT, is_plain_text, looks_like_credential};
use crate::lint::unmarked;

/// An action that marks each of them, and one for each parameter that would be a credential in a path.
pub(super) fn actions(value: &Value) -> Vec<Action> {
    let mut found = Vec::new();
    walk::visit(value, NodeKind::Document, "", &mut |inner, node, pointer| {
        if node == NodeKind::Parameter {
            found.extend(in_path(value, inner, pointer));
        }
        if node != NodeKind::Schema {
            return;
        }
        for (name, _, texts) in unmarked(value, inner, pointer) {
            for place in texts {
                let has_type = value.pointer(&place).is_some_and(|schema| schema.get("type").is_some());
                let mark = if has_type {
                    json!({ "format": "password" })
                } else {
                    json!({ "type": "string", "format": "password" })
                };
                found.push(Action::new(place, reason(name), mark));
            }
        }
    });
    found
}

/// An action that says that a parameter in a path is no credential.
fn in_path(value: &Value, parameter: &Value, pointer: &str) -> Option<Action> {
    let name = parameter.get("name").and_then(Value::as_str).filter(|name| looks_like_credential(name))?;
    let is_in_path = parameter.get("in").is_some_and(|place| place == "path") && parameter.get(OPT_OUT).is_none();
    let is_meant = is_in_path && is_plain_text(value, parameter.get("schema")?);
    let reason = format!(
        "{OPEN}whether `{name}` is a credential. It has the name of one, and paths are written into logs. If it is one, ask \
         the vendor for another way."
    );
    is_meant.then(|| Action::new(pointer, reason, json!({ OPT_OUT: false })))
}

/// Why a property of this name is a credential.
fn reason(name: &str) -> String {
    let known = match name {
        "access_token" => "The access token is a credential, and whoever bears it may use it (RFC 6750 section 1).",
        "client_assertion" => "With it, the client proves who it is (RFC 7521 section 4.2).",
        "client_secret" => "The client secret is a credential (RFC 6749 section 2.3.1).",
        "id_token" => "The ID token is accepted as proof of who a person is (OpenID Connect Core 1.0 section 2).",
        "password" => "The password of a resource owner is a credential (RFC 6749 section 4.3.2).",
        "refresh_token" => {
            "The refresh token is a credential, as it is good for access tokens (RFC 6749 section 10.4)."
        }
        _ => {
            return format!(
                "{OPEN}what `{name}` is for. It has the name of a credential. If it is not one, put `x-credential` with \
                 the value false in place of the format, and say why."
            );
        }
    };
    format!("{known} The format makes it a type that never shows its value.")
}
