//! Kinds of changes of request bodies and responses.

use serde_json::{Value, json};

use super::{A, B, Change, at, base};

pub(super) fn table() -> Vec<Change> {
    let none = || Value::Null;
    let json_text = || json!({ "application/json": { "schema": { "type": "string" } } });
    let both_media = || json!({ "text/plain": {}, "application/json": { "schema": { "type": "integer" } } });
    let object = |more: Value| {
        let mut properties = json!({ "p": { "type": "string" } });
        properties.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        json!({ "type": "object", "properties": properties })
    };
    let response =
        |schema: Value| json!({ "description": "d", "content": { "application/json": { "schema": schema } } });
    // Several bodies, of successes and of errors, and one more response.
    let with = |code: &str, schema: Value| {
        let text = || response(json!({ "type": "string" }));
        let mut all =
            json!({ "200": response(object(json!({}))), "202": text(), "400": text(), "404": response(json!({})) });
        all[code] = if schema.is_null() { json!({ "description": "d" }) } else { response(schema) };
        all
    };
    let told = |more: &[&str]| match more {
        [code] => with(code, Value::Null),
        _ => with("404", json!({})),
    };
    let body = |required: bool| json!({ "required": required, "content": json_text() });
    vec![
        (at(A, "requestBody"), none(), body(true), &["required-request-body-added"]),
        (at(A, "requestBody"), none(), body(false), &["optional-request-body-added"]),
        (at(A, "requestBody"), body(true), none(), &["request-body-removed"]),
        (at(A, "requestBody"), body(false), body(true), &["request-body-became-required"]),
        (at(A, "requestBody"), body(true), body(false), &["request-body-became-optional"]),
        (at(A, "requestBody/description"), none(), json!("d"), &["request-body-description-changed"]),
        (at(A, "requestBody/content/text~1plain"), none(), json!({}), &["request-media-type-added"]),
        (at(A, "requestBody/content/text~1plain"), json!({}), none(), &["request-media-type-withdrawn"]),
        (at(B, "responses/200/content/text~1plain"), none(), json!({}), &["response-media-type-added"]),
        (at(B, "responses/200/content/text~1plain"), json!({}), none(), &["response-media-type-withdrawn"]),
        (at(A, "requestBody/content"), json!({ "text/plain": {} }), both_media(), &["request-media-type-preferred"]),
        (at(A, "requestBody/content"), both_media(), json!({ "text/plain": {} }), &["request-media-type-removed"]),
        (at(B, "responses/200/content"), json!({ "text/plain": {} }), both_media(), &["response-media-type-preferred"]),
        (at(B, "responses/200/content"), both_media(), json!({ "text/plain": {} }), &["response-media-type-removed"]),
        (at(A, "responses/200/content"), none(), json_text(), &["response-body-added"]),
        (at(A, "responses/200/content"), json_text(), none(), &["response-body-removed"]),
        (
            at(A, "requestBody/content/application~1json/encoding"),
            none(),
            json!({ "p": {} }),
            &["request-encoding-changed"],
        ),
        (
            at(B, "responses/200/content/application~1json/encoding"),
            none(),
            json!({ "p": {} }),
            &["response-encoding-changed"],
        ),
        (
            at(A, "requestBody/content/application~1json/example"),
            none(),
            json!({}),
            &["request-media-type-example-changed"],
        ),
        (
            at(B, "responses/200/content/application~1json/example"),
            none(),
            json!({}),
            &["response-media-type-example-changed"],
        ),
        (at(B, "responses/202"), none(), json!({ "description": "d" }), &["success-added"]),
        (at(B, "responses/202"), json!({ "description": "d" }), none(), &["success-removed"]),
        (
            at(A, "responses/204"),
            none(),
            json!({ "description": "d" }),
            &["success-added", "response-body-became-optional"],
        ),
        (
            at(A, "responses/204"),
            json!({ "description": "d" }),
            none(),
            &["success-removed", "response-body-became-required"],
        ),
        (
            at(A, "responses/304"),
            none(),
            json!({ "description": "d", "content": json_text() }),
            &["success-added", "response-body-became-optional"],
        ),
        (
            at(A, "responses/304"),
            json!({ "description": "d" }),
            none(),
            &["success-removed", "response-body-became-required"],
        ),
        (
            at(A, "responses/409"),
            none(),
            json!({ "description": "d", "content": { "text/plain": {} } }),
            &["error-added"],
        ),
        (at(A, "responses/201"), none(), base()["paths"]["/a"]["post"]["responses"]["200"].clone(), &["success-added"]),
        (
            at(A, "responses/201"),
            none(),
            json!({ "description": "d", "content": json_text() }),
            &["success-added", "response-body-added"],
        ),
        (
            at(B, "responses/409"),
            json!({ "description": "d", "content": { "application/json": { "schema": { "type": "integer" } } } }),
            none(),
            &["error-removed", "response-body-removed"],
        ),
        (at(B, "responses/409"), none(), json!({ "description": "d" }), &["error-added"]),
        (at(B, "responses/409"), json!({ "description": "d" }), none(), &["error-removed"]),
        (
            at(A, "responses/409"),
            none(),
            json!({ "description": "d", "content": json_text() }),
            &["error-added", "response-body-added"],
        ),
        (
            at(A, "responses/409"),
            json!({ "description": "d", "content": json_text() }),
            none(),
            &["error-removed", "response-body-removed"],
        ),
        (at(A, "responses"), told(&[]), told(&["204"]), &["success-added"]),
        (at(A, "responses"), told(&["204"]), told(&[]), &["success-removed", "response-variant-removed"]),
        (at(A, "responses"), told(&["302"]), told(&[]), &["success-removed", "response-variant-removed"]),
        (at(A, "responses"), told(&["409"]), told(&[]), &["error-removed", "response-variant-removed"]),
        (at(A, "responses"), told(&[]), told(&["409"]), &["error-added"]),
        (at(A, "responses"), told(&[]), with("203", json!({ "type": "boolean" })), &["success-added"]),
        (
            at(A, "responses"),
            with("203", json!({ "type": "boolean" })),
            told(&[]),
            &["success-removed", "response-body-removed"],
        ),
        (
            at(A, "responses"),
            told(&[]),
            with("202", object(json!({}))),
            &["response-type-changed", "response-bodies-merged"],
        ),
        (
            at(A, "responses"),
            with("202", object(json!({}))),
            with("202", object(json!({ "q": { "type": "string" } }))),
            &["response-optional-property-added", "response-bodies-split"],
        ),
        (at(B, "responses/204/content"), none(), json_text(), &["response-body-added"]),
        (at(B, "responses/204/content"), json_text(), none(), &["response-body-removed"]),
        (at(B, "responses/204/description"), json!("d"), json!("e"), &["response-description-changed"]),
        (at(B, "responses/200/headers/Y"), none(), json!({}), &["response-header-added"]),
        (at(B, "responses/200/headers/Y"), json!({}), none(), &["response-header-removed"]),
        (at(B, "responses/200/headers/X/required"), json!(true), none(), &["response-header-became-optional"]),
        (at(B, "responses/200/headers/X/required"), none(), json!(true), &["response-header-became-required"]),
        (
            at(B, "responses/200/headers/X/schema"),
            json!({ "type": "string" }),
            json!({ "type": "integer" }),
            &["response-header-changed"],
        ),
        (at(B, "responses/200/links"), none(), json!({ "l": {} }), &["links-changed"]),
    ]
}
