//! Rules for security.

use super::*;

/// A document with these schemes, whose operation has these members.
fn run_with(home: &Home, schemes: Value, members: Value) -> (Value, Adapted) {
    let mut value = with_schema(json!({ "type": "string" }), json!({}));
    value["components"]["securitySchemes"] = schemes;
    let mut operation = json!({ "operationId": "doIt", "responses": { "204": { "description": "" } } });
    operation.as_object_mut().expect("a mapping").extend(members.as_object().expect("a mapping").clone());
    value["paths"]["/a"]["post"] = operation;
    let done = adapt(&mut value, home);
    (value, done)
}

fn bearer() -> Value {
    json!({ "bearerAuth": { "type": "http", "scheme": "bearer" } })
}

#[test]
fn a_scheme_that_is_not_defined_is_what_its_name_says_or_a_guess() {
    for (name, rule, definition) in [
        ("bearer", "undefined-scheme", json!({ "$ref": "#/components/securitySchemes/bearerAuth" })),
        ("OAuth2", "undefined-scheme!", json!({ "$ref": "#/components/securitySchemes/bearerAuth" })),
    ] {
        let members = || json!({ "security": [{ name: ["api"] }] });
        let (value, done) = run_with(&Home::alone(), bearer(), members());
        assert_eq!((rules(&done), &value["components"]["securitySchemes"][name]), (vec![rule.to_owned()], &definition));
        assert_eq!(done.rules[0].pointer, "/paths/~1a/post/security");
        let (value, done) = run_with(&Home::Workspace, bearer(), members());
        assert_eq!((rules(&done), &value["components"]["securitySchemes"]), (vec![], &bearer()), "an overlay does it");
    }
}

#[test]
fn an_operation_whose_credential_no_client_can_send_is_left_out() {
    let schemes = json!({
        "digest": { "type": "http", "scheme": "Digest" }, "mutual": { "type": "mutualTLS" },
        "token": { "type": "http", "scheme": "Token" }, "basic": { "type": "http", "scheme": "basic" },
    });
    for (security, reason) in [
        (json!([{ "digest": [] }]), Some("`digest` (http digest)")),
        (json!([{ "basic": [], "digest": [] }]), Some("`digest` (http digest)")),
        (json!([{ "hmac": [] }]), Some("`hmac` (not defined)")),
        (json!([{ "digest": [] }, { "basic": [] }]), None),
        (json!([{ "digest": [] }, {}]), None),
        (json!([{ "mutual": [] }]), None),
        (json!([{ "token": [] }]), None),
        (json!([]), None),
    ] {
        let (value, done) = run_with(&Home::alone(), schemes.clone(), json!({ "security": security }));
        let left =
            reason.map(|it| ("POST /a".to_owned(), format!("it requires a credential that no client can send: {it}")));
        assert_eq!(done.left_out, Vec::from_iter(left), "{security}");
        assert_eq!(value["paths"]["/a"].get("post").is_none(), reason.is_some(), "{security}");
        let is_undefined = security[0].get("hmac").is_some();
        let (_, done) = run_with(&Home::Workspace, schemes.clone(), json!({ "security": security }));
        assert_eq!(
            done.left_out.is_empty(),
            reason.is_none() || is_undefined,
            "{security}: the lint refuses what is not defined"
        );
    }
}

#[test]
fn a_credential_in_a_header_is_required_beside_the_others() {
    let header = |required: bool| json!({ "name": "app-token", "in": "header", "required": required, "description": " Who. ", "schema": { "type": "string", "format": "uuid" } });
    let other = json!({ "name": "limit", "in": "query", "schema": { "type": "integer" } });
    for (security, required, expected) in [
        (json!([{ "bearerAuth": [] }]), true, json!([{ "bearerAuth": [], "app-token": [] }])),
        (json!([{ "bearerAuth": [] }]), false, json!([{ "bearerAuth": [], "app-token": [] }, { "bearerAuth": [] }])),
        (json!([{}, { "bearerAuth": [] }]), true, json!([{ "bearerAuth": [], "app-token": [] }, { "app-token": [] }])),
        (json!([]), true, json!([{ "app-token": [] }])),
        (json!([]), false, json!([{ "app-token": [] }, {}])),
    ] {
        let members = json!({ "security": security, "parameters": [header(required), other] });
        let (value, done) = run_with(&Home::Workspace, bearer(), members);
        assert_eq!(rules(&done), ["credential-parameter"]);
        assert_eq!(done.rules[0].pointer, "/paths/~1a/post/parameters/0");
        let operation = &value["paths"]["/a"]["post"];
        assert_eq!((&operation["security"], &operation["parameters"]), (&expected, &json!([other])));
        let scheme = json!({ "type": "apiKey", "in": "header", "name": "app-token", "description": "Who." });
        assert_eq!(value["components"]["securitySchemes"]["app-token"], scheme);
    }
}

#[test]
fn a_parameter_that_a_scheme_describes_already_is_that_scheme() {
    let schemes = json!({ "key": { "type": "apiKey", "in": "header", "name": "X-Api-Key" } });
    let parameter = json!({ "name": "x-api-key", "in": "header", "required": true, "schema": { "type": "string" } });
    let (value, _) =
        run_with(&Home::Workspace, schemes.clone(), json!({ "security": [{ "key": [] }], "parameters": [parameter] }));
    assert_eq!(value["paths"]["/a"]["post"]["security"], json!([{ "key": [] }]));
    assert_eq!(value["components"]["securitySchemes"], schemes);
}

#[test]
fn what_is_no_credential_of_a_client_stays_a_parameter() {
    for parameter in [
        json!({ "name": "page_token", "in": "header", "schema": { "type": "string" } }),
        json!({ "name": "api_key", "in": "header", "x-credential": false, "schema": { "type": "string" } }),
        json!({ "name": "api_key", "in": "header", "schema": { "type": "string", "enum": ["a"] } }),
        json!({ "name": "token_count", "in": "header", "schema": { "type": "integer" } }),
    ] {
        let (value, done) = run_with(&Home::Workspace, bearer(), json!({ "parameters": [parameter] }));
        assert!(!rules(&done).contains(&"credential-parameter".to_owned()), "{parameter}");
        assert_eq!(value["paths"]["/a"]["post"]["parameters"].as_array().map(Vec::len), Some(1), "{parameter}");
    }
}

#[test]
fn a_credential_in_the_query_belongs_to_one_call() {
    let parameter = json!({ "name": "token", "in": "query", "required": true, "schema": { "type": "string" } });
    let (value, _) = run_with(&Home::alone(), bearer(), json!({ "parameters": [parameter] }));
    assert_eq!(value["components"]["securitySchemes"]["token"]["x-per-call"], true);
    let cookie = json!({ "name": "session_token", "in": "cookie", "required": true, "schema": { "type": "string" } });
    let (value, _) = run_with(&Home::alone(), bearer(), json!({ "parameters": [cookie] }));
    let expected = json!({ "type": "apiKey", "in": "cookie", "name": "session_token" });
    assert_eq!(value["components"]["securitySchemes"]["session_token"], expected);
}
