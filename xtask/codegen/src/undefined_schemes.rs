//! Security schemes that a document requires and never defines: what their names say.

use openapi::pointer::child;
use openapi::walk::{self, NodeKind};
use serde_json::{Map, Value, json};

use crate::security::{Kind, SCHEMES};

/// A definition of a scheme that the document does not define.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Definition {
    /// The name of the scheme.
    pub(crate) name: String,
    /// The definition: a scheme, or a reference to one.
    pub(crate) scheme: Value,
    /// What the scheme is taken for.
    pub(crate) what: String,
    /// Why.
    pub(crate) why: &'static str,
    /// Whether the name alone does not say it.
    pub(crate) is_guess: bool,
}

/// The names of schemes that the document requires and does not define, each with the first requirement of it.
fn undefined(value: &Value) -> Vec<(String, String)> {
    let schemes = value.pointer(SCHEMES);
    let mut found: Vec<(String, String)> = Vec::new();
    walk::visit(value, NodeKind::Document, "", &mut |inner, node, pointer| {
        if !matches!(node, NodeKind::Document | NodeKind::Operation) {
            return;
        }
        let list = inner.get("security").and_then(Value::as_array).into_iter().flatten();
        for name in list.filter_map(Value::as_object).flat_map(Map::keys) {
            let is_defined = schemes.is_some_and(|schemes| schemes.get(name).is_some());
            if !is_defined && !found.iter().any(|(other, _)| other == name) {
                found.push((name.clone(), child(pointer, "security")));
            }
        }
    });
    found
}

/// The schemes that the document requires and does not define, each with the first requirement of it and the definition that
/// is suggested beside those of the schemes before it.
pub(crate) fn definitions(value: &Value) -> Vec<(String, String, Option<Definition>)> {
    let mut value = value.clone();
    let all = undefined(&value).into_iter().map(|(name, pointer)| {
        let found = definition(&value, &name);
        if let Some(definition) = &found {
            define(&mut value, definition);
        }
        (name, pointer, found)
    });
    all.collect()
}

/// Adds a definition to a document.
pub(crate) fn define(value: &mut Value, definition: &Definition) {
    let mut holder = value;
    for key in ["components", "securitySchemes"] {
        let Some(object) = holder.as_object_mut() else { return };
        holder = object.entry(key).or_insert_with(|| Map::new().into());
    }
    if let Some(schemes) = holder.as_object_mut() {
        schemes.insert(definition.name.clone(), definition.scheme.clone());
    }
}

/// The definition that the name of a scheme and the other schemes of the document suggest, if they suggest one.
fn definition(value: &Value, name: &str) -> Option<Definition> {
    let schemes = value.pointer(SCHEMES).and_then(Value::as_object).into_iter().flatten();
    // A scheme that refers to another is that one.
    let schemes = schemes.filter(|(_, scheme)| scheme.get("$ref").is_none());
    let defined = schemes.map(|(name, scheme)| (name.as_str(), Kind::of(scheme)));
    let defined = defined.collect::<Vec<_>>();
    let made = |scheme: Value, what: String, why: &'static str, is_guess: bool| {
        Some(Definition { name: name.to_owned(), scheme, what, why, is_guess })
    };
    let same_as = |other: &str, why: &'static str, is_guess: bool| {
        made(json!({ "$ref": child(&format!("#{SCHEMES}"), other) }), format!("`{other}`"), why, is_guess)
    };
    let only =
        |wanted: &dyn Fn(&(&str, Kind)) -> bool| match defined.iter().filter(|it| wanted(it)).collect::<Vec<_>>()[..] {
            [(other, _)] => Some(*other),
            _ => None,
        };
    let own = stem(name);
    if let Some(other) = only(&|(other, _)| !own.is_empty() && stem(other) == own) {
        return same_as(other, "the names mean the same", false);
    }
    match (said(name), only(&|(_, kind)| kind.is_token())) {
        (Said::Basic, _) => match only(&|(_, kind)| *kind == Kind::Basic) {
            Some(other) => same_as(other, "no other scheme of the document is HTTP Basic", true),
            None => {
                made(json!({ "type": "http", "scheme": "basic" }), "HTTP Basic".to_owned(), "its name says so", false)
            }
        },
        (Said::Bearer | Said::Token | Said::Nothing, Some(other)) => {
            same_as(other, "no other scheme of the document is a bearer token", true)
        }
        (Said::Bearer, None) => {
            let is_guess = !name.to_ascii_lowercase().contains("bearer");
            let what = "a bearer token (RFC 6750)".to_owned();
            made(json!({ "type": "http", "scheme": "bearer" }), what, "its name says so", is_guess)
        }
        _ => None,
    }
}

/// What the name of a scheme says about its credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    Basic,
    /// A bearer token.
    Bearer,
    /// A token of some kind.
    Token,
    /// A credential that is neither.
    Other,
    Nothing,
}

fn said(name: &str) -> Said {
    // Keycloak issues tokens of OpenID Connect.
    let text = plain(name).replace("keycloak", "openid");
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if has(&[
        "key",
        "digest",
        "hmac",
        "sign",
        "sigv4",
        "mutual",
        "tls",
        "cert",
        "cookie",
        "session",
        "negotiate",
        "ntlm",
    ]) || has(&["kerberos", "saml", "ldap", "password", "secret", "hash", "dpop", "csrf", "xsrf"])
    {
        Said::Other
    } else if has(&["basic"]) {
        Said::Basic
    } else if has(&["bearer", "oauth", "openid", "oidc", "jwt"]) {
        Said::Bearer
    } else if has(&["token"]) {
        Said::Token
    } else {
        Said::Nothing
    }
}

/// A name without case and separators.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// A name without what any scheme may be called: `bearer` for `bearerAuth` and `Bearer-Auth`.
fn stem(name: &str) -> String {
    let mut text = plain(name);
    for word in ["authentication", "authorization", "security", "scheme", "auth"] {
        text = text.strip_suffix(word).unwrap_or(&text).to_owned();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> Value {
        json!({ "components": { "securitySchemes": {} } })
    }

    /// The definition of this name beside these schemes: its reference or its scheme, and whether it is a guess.
    fn run(name: &str, schemes: &[(&str, Value)]) -> Option<(String, bool)> {
        let mut value = document();
        for (name, scheme) in schemes {
            value["components"]["securitySchemes"][*name] = scheme.clone();
        }
        let found = definition(&value, name)?;
        let text = |key: &str| found.scheme.get(key).and_then(Value::as_str).map(str::to_owned);
        let said = text("$ref").map(|it| it.rsplit('/').next().unwrap_or_default().to_owned());
        Some((said.or_else(|| text("scheme")).expect("a reference or a scheme"), found.is_guess))
    }

    #[test]
    fn the_name_or_the_one_scheme_that_fits_decides() {
        let bearer = || ("bearerAuth", json!({ "type": "http", "scheme": "bearer" }));
        let oauth = || ("login", json!({ "type": "oauth2", "flows": {} }));
        let key = || ("api_key", json!({ "type": "apiKey", "in": "header", "name": "k" }));
        let basic = || ("user", json!({ "type": "http", "scheme": "basic" }));
        for (name, schemes, expected) in [
            // Another way of writing a name that is defined.
            ("bearer", vec![bearer()], Some(("bearerAuth", false))),
            ("Bearer_Auth", vec![bearer(), oauth()], Some(("bearerAuth", false))),
            ("apiKey", vec![key(), bearer()], Some(("api_key", false))),
            // The one token that the document has.
            ("OAuth2", vec![bearer()], Some(("bearerAuth", true))),
            ("default", vec![bearer(), key()], Some(("bearerAuth", true))),
            ("accessToken", vec![oauth()], Some(("login", true))),
            ("bearerAuth", vec![oauth()], Some(("login", true))),
            // A name that says it.
            ("bearerAuth", vec![], Some(("bearer", false))),
            ("HTTPBearer", vec![key()], Some(("bearer", false))),
            ("oauth2", vec![], Some(("bearer", true))),
            ("bearer_token", vec![bearer(), oauth()], Some(("bearer", false))),
            ("basicAuth", vec![bearer()], Some(("basic", false))),
            ("basicAuth", vec![basic(), bearer()], Some(("user", true))),
            // Nothing says it.
            ("default", vec![], None),
            ("default", vec![bearer(), oauth()], None),
            ("token", vec![], None),
            ("ApiKeyAuth", vec![bearer()], None),
            ("mutualTLS", vec![bearer()], None),
            ("hmacSignature", vec![bearer()], None),
            ("keycloak", vec![], Some(("bearer", true))),
        ] {
            let found = run(name, &schemes);
            let found = found.as_ref().map(|(text, is_guess)| (text.as_str(), *is_guess));
            assert_eq!(found, expected, "{name} beside {schemes:?}");
        }
    }

    #[test]
    fn requirements_of_the_document_and_of_operations_are_found() {
        let mut value = document();
        value["security"] = json!([{ "a": [] }]);
        value["components"]["securitySchemes"]["b"] = json!({});
        value["paths"] = json!({ "/p": { "get": { "security": [{ "b": [], "c": [] }, { "a": [] }] } } });
        let found = undefined(&value);
        assert_eq!(
            found,
            [("a".to_owned(), "/security".to_owned()), ("c".to_owned(), "/paths/~1p/get/security".to_owned()),]
        );
    }
}
