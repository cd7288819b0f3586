//! Security schemes.

use super::*;

#[test]
fn security_schemes_are_those_of_openapi_3() {
    let flow = |flow: &str, extra: Value| {
        let mut scheme = json!({ "type": "oauth2", "flow": flow, "scopes": { "s": "d" }, "description": "e" });
        scheme.as_object_mut().expect("an object").extend(extra.as_object().cloned().unwrap_or_default());
        scheme
    };
    let url = "https://a.example";
    for (before, after, rules) in [
        (json!({ "type": "basic" }), json!({ "type": "http", "scheme": "basic" }), &["security-scheme"][..]),
        (
            json!({ "type": "apiKey", "in": "header", "name": "X" }),
            json!({ "type": "apiKey", "in": "header", "name": "X" }),
            &[],
        ),
        (
            flow("application", json!({ "tokenUrl": url })),
            json!({ "type": "oauth2", "description": "e",
                    "flows": { "clientCredentials": { "tokenUrl": url, "scopes": { "s": "d" } } } }),
            &["security-scheme"],
        ),
        (
            flow("accessCode", json!({ "tokenUrl": url, "authorizationUrl": url })),
            json!({ "type": "oauth2", "description": "e", "flows": { "authorizationCode":
                    { "authorizationUrl": url, "tokenUrl": url, "scopes": { "s": "d" } } } }),
            &["security-scheme"],
        ),
    ] {
        check(json!({ "securityDefinitions": { "a": before } }), &[("/components/securitySchemes/a", after)], rules);
    }
}
