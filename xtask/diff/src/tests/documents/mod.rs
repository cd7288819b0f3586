//! Kinds of changes of everything that is no schema; each row sets one place of a document.

mod bodies;

use serde_json::{Value, json};

use super::{Case, around, check};

/// A document with some of everything.
fn base() -> Value {
    let mut value = around(&json!({ "type": "object", "properties": { "p": { "type": "string" } } }));
    value["servers"] = json!([{ "url": "https://{zone}.a.example", "description": "One", "variables": {
        "zone": { "default": "eu", "enum": ["eu", "us"] } } }]);
    value["components"]["securitySchemes"] = json!({
        "basic": { "type": "http", "scheme": "basic" },
        "key": { "type": "apiKey", "in": "header", "name": "k" },
        "oauth": { "type": "oauth2", "flows": { "clientCredentials": {
            "tokenUrl": "https://a.example/token", "scopes": { "read": "r", "write": "w" } } } },
    });
    value["webhooks"] = json!({ "h": { "post": {} } });
    value["paths"]["/b/{id}"] = json!({
        "parameters": [{ "name": "id", "in": "path", "required": true, "schema": { "type": "string" } }],
        "get": {
            "operationId": "b",
            "security": [{ "oauth": ["read"] }, { "basic": [] }],
            "parameters": [{ "name": "q", "in": "query", "schema": { "type": "integer" } }],
            "responses": {
                "200": { "description": "d", "headers": { "X": { "schema": { "type": "string" } } }, "content": {
                    "application/json": { "schema": { "type": "string" } } } },
                "204": { "description": "d" },
                "400": { "description": "d", "content": { "application/json": { "schema": { "type": "string" } } } },
                "404": { "description": "d" },
            },
            "callbacks": { "c": { "{$request.body#/u}": { "post": {} } } },
        },
    });
    value
}

fn set(document: &mut Value, pointer: &str, value: &Value) {
    let (parent, last) = pointer.rsplit_once('/').expect("a pointer");
    let last = last.replace("~1", "/");
    match document.pointer_mut(parent).unwrap_or_else(|| panic!("{pointer}")) {
        Value::Array(list) => list[last.parse::<usize>().expect("a number")] = value.clone(),
        parent if value.is_null() => drop(parent.as_object_mut().expect("an object").shift_remove(&last)),
        parent => parent[&last] = value.clone(),
    }
}

const A: &str = "/paths/~1a/post/";
const B: &str = "/paths/~1b~1{id}/get/";

/// A pointer below an operation.
fn at(one: &str, two: &str) -> &'static str {
    Box::leak(format!("{one}{two}").into_boxed_str())
}

/// Place, value before, value after (null for none), ids of the findings.
type Change = (&'static str, Value, Value, &'static [&'static str]);

fn table() -> Vec<Change> {
    const ARGUMENTS: &str = "credential-arguments-changed";
    let none = || Value::Null;
    let server = |url: &str, name: &str| json!([{ "url": url, "description": name }]);
    let variables = |zone: Value| json!({ "zone": zone });
    let q = |more: Value| {
        let mut parameter = json!({ "name": "q", "in": "query", "schema": { "type": "integer" } });
        parameter.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        json!([parameter])
    };
    let [key, oauth] = ["key", "oauth"].map(|name| move || json!([{ name: [] }]));
    let get = |id: &str, security: &Value| {
        let responses = json!({ "204": { "description": "d" } });
        json!({ "get": { "operationId": id, "security": security, "responses": responses } })
    };
    let flow = "/components/securitySchemes/oauth/flows/clientCredentials/";
    let mut rows: Vec<Change> = vec![
        ("/openapi", json!("3.0.3"), json!("3.1.0"), &["openapi-version-changed"]),
        ("/info/title", json!("a"), json!("b"), &["title-changed"]),
        ("/info/version", json!("1"), json!("2"), &["api-version-changed"]),
        ("/info/description", none(), json!("b"), &["info-description-changed"]),
        ("/info/contact", none(), json!({ "name": "n" }), &["contact-changed"]),
        ("/info/license", none(), json!({ "name": "n" }), &["license-changed"]),
        ("/info/termsOfService", none(), json!("n"), &["terms-changed"]),
        ("/tags", none(), json!([{ "name": "n" }]), &["tags-changed"]),
        (at(A, "tags"), none(), json!(["n"]), &["tags-changed"]),
        (at(A, "externalDocs"), none(), json!({ "url": "u" }), &["external-docs-changed"]),
        ("/x-more", none(), json!(1), &["other-changed"]),
        ("/servers", json!([]), server("https://a.example", "One"), &["server-added"]),
        ("/servers", server("https://a.example", "One"), json!([]), &["server-removed"]),
        ("/servers", server("https://a.example", "One"), server("https://b.example", "One"), &["server-url-changed"]),
        ("/servers", server("https://a.example", "One"), server("https://a.example/", "Two"), &["server-renamed"]),
        (
            "/servers",
            server("https://a.example", "One"),
            json!([{ "url": "https://{zone}.a.example", "description": "One",
                "variables": variables(json!({ "default": "eu" })) }]),
            &["server-url-changed", "server-variable-added"],
        ),
        ("/servers/0/variables", variables(json!({ "default": "eu" })), json!({}), &["server-variable-removed"]),
        ("/servers/0/variables/zone/default", json!("eu"), json!("us"), &["server-variable-default-changed"]),
        ("/servers/0/variables/zone/enum", json!(["eu"]), json!(["eu", "us"]), &["server-variable-value-added"]),
        ("/servers/0/variables/zone/enum", json!(["eu", "us"]), json!(["eu"]), &["server-variable-value-removed"]),
        ("/components/securitySchemes/key", none(), json!({ "type": "mutualTLS" }), &["security-scheme-added"]),
        ("/components/securitySchemes/key", json!({ "type": "mutualTLS" }), none(), &["security-scheme-removed"]),
        (
            "/components/securitySchemes",
            json!({ "old": { "type": "mutualTLS" } }),
            json!({ "new": { "type": "mutualTLS", "description": "d" } }),
            &["security-scheme-renamed"],
        ),
        ("/components/securitySchemes/key/in", json!("header"), json!("query"), &["security-scheme-changed"]),
        (
            "/components/securitySchemes/oauth",
            json!({ "type": "oauth2" }),
            json!({ "type": "http", "scheme": "basic" }),
            &["credential-type-changed", "credential-arguments-changed", "token-source-dropped"],
        ),
        ("/components/securitySchemes/oauth/flows/implicit", none(), json!({}), &["oauth-flow-added"]),
        ("/components/securitySchemes/oauth/flows/implicit", json!({}), none(), &["oauth-flow-removed"]),
        (at(flow, "tokenUrl"), json!("https://a.example"), json!("https://b.example"), &["oauth-url-changed"]),
        (at(flow, "scopes"), json!({}), json!({ "read": "r" }), &["oauth-scope-added"]),
        (at(flow, "scopes"), json!({ "read": "r" }), json!({}), &["oauth-scope-removed"]),
        (at(A, "security"), none(), key(), &["credential-required", ARGUMENTS, "client-key-added"]),
        (at(A, "security"), key(), json!([]), &["credential-dropped", ARGUMENTS, "client-key-removed"]),
        ("/security", none(), key(), &["credential-required", ARGUMENTS, "client-key-added"]),
        (
            "/paths",
            json!({ "/c": get("c", &key()) }),
            json!({ "/c": get("c", &json!([{ "key": [] }, {}])) }),
            &["credential-optional", ARGUMENTS, "constructor-keys-changed"],
        ),
        (at(A, "security"), key(), json!([{}, { "key": [] }]), &["credential-optional", ARGUMENTS]),
        (at(A, "security"), key(), json!([{ "key": [] }, { "basic": [] }]), &["security-alternative-added"]),
        (
            at(A, "security"),
            key(),
            json!([{ "basic": [] }, { "key": [] }]),
            &["security-alternative-added", ARGUMENTS, "client-key-removed"],
        ),
        (
            at(A, "security"),
            json!([{ "key": [] }, { "basic": [] }]),
            json!([{ "basic": [] }]),
            &["security-alternative-removed", ARGUMENTS, "client-key-removed"],
        ),
        (at(A, "security"), json!([{ "key": [] }, { "basic": [] }]), key(), &["security-alternative-removed"]),
        // Another operation wants a token already.
        (at(A, "security"), none(), oauth(), &["credential-required"]),
        (at(A, "security"), oauth(), json!([]), &["credential-dropped"]),
        (at(A, "security"), oauth(), json!([{ "oauth": [] }, {}]), &["credential-optional"]),
        (
            at(A, "security"),
            key(),
            json!([{ "oauth": [] }, { "key": [] }]),
            &["security-alternative-added", ARGUMENTS, "client-key-removed"],
        ),
        (
            at(A, "security"),
            json!([{ "key": [] }, {}]),
            json!([{ "oauth": [], "key": [] }, {}]),
            &["security-alternative-added", "security-alternative-removed", ARGUMENTS],
        ),
        (at(B, "security"), json!([]), oauth(), &["credential-required", "token-source-required"]),
        (at(B, "security"), oauth(), json!([]), &["credential-dropped", "token-source-dropped"]),
        (at(B, "security"), json!([{ "key": [] }, { "oauth": [] }]), key(), &["security-alternative-removed"]),
        (
            "/paths",
            json!({ "/c": get("c", &json!([])) }),
            json!({ "/c": get("c", &json!([])), "/d": get("d", &oauth()) }),
            &["operation-added", "token-source-required"],
        ),
        (
            "/paths",
            json!({ "/c": get("c", &json!([])), "/d": get("d", &oauth()) }),
            json!({ "/c": get("c", &json!([])) }),
            &["operation-removed", "token-source-dropped"],
        ),
        (at(B, "security/0/oauth"), json!(["read"]), json!(["read", "write"]), &["scope-required"]),
        (at(B, "security/0/oauth"), json!(["read"]), json!([]), &["scope-dropped"]),
        ("/paths/~1c", none(), json!({ "get": { "responses": {} } }), &["operation-added"]),
        ("/paths/~1c", json!({ "get": { "responses": {} } }), none(), &["operation-removed"]),
        (
            "/paths",
            json!({ "/c": { "get": { "operationId": "c" } } }),
            json!({ "/d": { "get": { "operationId": "c" } } }),
            &["operation-moved"],
        ),
        (at(A, "operationId"), json!("a"), json!("b2"), &["operation-renamed"]),
        (at(A, "deprecated"), none(), json!(true), &["operation-deprecated"]),
        (at(A, "deprecated"), json!(true), json!(false), &["operation-undeprecated"]),
        (at(A, "summary"), none(), json!("s"), &["operation-description-changed"]),
        ("/paths/~1a/description", none(), json!("s"), &["operation-description-changed"]),
        (at(B, "callbacks/d"), none(), json!({}), &["callback-added"]),
        (at(B, "callbacks/c"), json!({}), none(), &["callback-removed"]),
        (at(B, "callbacks/c"), json!({}), json!({ "/x": {} }), &["callback-changed"]),
        ("/webhooks/i", none(), json!({}), &["webhook-added"]),
        ("/webhooks/h", json!({}), none(), &["webhook-removed"]),
        ("/webhooks/h", json!({}), json!({ "get": {} }), &["webhook-changed"]),
        (at(B, "parameters"), json!([]), q(json!({ "required": true })), &["required-parameter-added"]),
        (at(B, "parameters"), json!([]), q(json!({})), &["optional-parameter-added"]),
        (at(B, "parameters"), q(json!({})), json!([]), &["parameter-removed"]),
        (at(B, "parameters"), q(json!({})), q(json!({ "in": "header" })), &["parameter-moved"]),
        (at(B, "parameters"), q(json!({})), q(json!({ "required": true })), &["parameter-became-required"]),
        (at(B, "parameters"), q(json!({ "required": true })), q(json!({})), &["parameter-became-optional"]),
        (at(B, "parameters"), q(json!({})), q(json!({ "explode": false })), &["parameter-style-changed"]),
        (at(B, "parameters"), q(json!({})), q(json!({ "explode": true, "style": "form" })), &["other-changed"]),
        (
            at(B, "parameters"),
            q(json!({})),
            q(json!({ "schema": { "type": "integer", "default": 1 } })),
            &["parameter-default-changed"],
        ),
        (at(B, "parameters"), q(json!({})), q(json!({ "deprecated": true })), &["parameter-deprecated"]),
        (at(B, "parameters"), q(json!({ "deprecated": true })), q(json!({})), &["parameter-undeprecated"]),
        (at(B, "parameters"), q(json!({})), q(json!({ "description": "d" })), &["parameter-description-changed"]),
        (at(B, "parameters"), q(json!({})), q(json!({ "schema": { "type": "string" } })), &["request-type-changed"]),
        (
            "/components/schemas",
            json!({ "S": {}, "my-thing": { "type": "string" } }),
            json!({ "S": {}, "MyThing": { "type": "string" } }),
            &["schema-respelled"],
        ),
        ("/components/schemas/N", none(), json!({}), &["unused-schema-added"]),
        ("/components/schemas/N", json!({}), none(), &["unused-schema-removed"]),
        (
            "/components/schemas/T",
            json!({ "type": "string" }),
            json!({ "type": "integer" }),
            &["unused-schema-changed"],
        ),
    ];
    rows.extend(bodies::table());
    rows
}

pub(super) fn rows() -> Vec<Case> {
    let rows = table().into_iter().map(|(pointer, old, new, ids)| {
        let (mut before, mut after) = (base(), base());
        set(&mut before, pointer, &old);
        set(&mut after, pointer, &new);
        Case { before, after, ids: ids.iter().map(|id| (*id).to_owned()).collect() }
    });
    let (before, mut after) = (base(), base());
    let mut item = after["paths"].as_object_mut().and_then(|paths| paths.shift_remove("/b/{id}")).expect("the path");
    item["parameters"][0]["name"] = json!("key");
    after["paths"]["/b/{key}"] = item;
    rows.chain([Case { before, after, ids: vec!["path-parameter-renamed".to_owned()] }]).collect()
}

#[test]
fn every_kind_of_change_of_a_document_is_found() {
    check(&rows());
}

#[test]
fn the_order_of_servers_and_members_is_no_change() {
    let mut before = base();
    let one = json!({ "url": "https://one.example", "description": "1" });
    let two = json!({ "url": "https://two.example" });
    before["servers"] = json!([one, two]);
    let mut after = before.clone();
    after["servers"] = json!([two, one]);
    assert!(super::ids(&before, &after).is_empty());
}
