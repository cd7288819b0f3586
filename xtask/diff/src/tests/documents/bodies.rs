//! Kinds of changes of request bodies and responses.

use serde_json::{Value, json};

use super::{A, B, Change, at, base};

pub(super) fn table() -> Vec<Change> {
    let none = || Value::Null;
    let json_text = || json!({ "application/json": { "schema": { "type": "string" } } });
    let both_media = || json!({ "text/plain": {}, "application/json": { "schema": { "type": "integer" } } });
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
