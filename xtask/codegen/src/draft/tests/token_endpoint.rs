//! Token endpoints: their answers and errors.

use super::*;

#[test]
fn a_lifetime_is_read_in_every_form() {
    for (kind, update) in [
        (json!({ "type": "integer", "format": "int64" }), Some(json!({ "format": "expires-in" }))),
        (json!({ "type": ["integer", "null"] }), Some(json!({ "format": "expires-in" }))),
        (json!({ "type": "string" }), Some(json!({ "type": "integer", "format": "expires-in" }))),
        (json!({ "type": "number" }), Some(json!({ "type": "integer", "format": "expires-in" }))),
        (json!({}), Some(json!({ "type": "integer", "format": "expires-in" }))),
        (json!({ "type": ["number", "null"] }), None),
        (json!({ "type": "integer", "format": "expires-in" }), None),
    ] {
        let mut answer = whole();
        answer["properties"]["expires_in"] = kind.clone();
        let updates = drafted(&endpoint(answer, declared())).into_iter().map(|(_, update)| update);
        assert_eq!(updates.collect::<Vec<_>>(), update.into_iter().collect::<Vec<_>>(), "{kind}");
    }
    let mut answer = whole();
    answer["properties"].as_object_mut().expect("members").shift_remove("expires_in");
    let found = drafted(&endpoint(answer, declared()));
    assert_eq!(found[0].1["expires_in"]["format"], "expires-in", "{found:?}");
}

#[test]
fn errors_get_a_body_only_if_none_of_them_has_one() {
    let responses = "$.paths['/t'].post.responses";
    let bare = |status: &str| json!({ status: { "description": "no" } });
    for (more, found) in [
        (json!({}), vec!["$".to_owned(), responses.to_owned(), responses.to_owned()]),
        (bare("default"), vec!["$".to_owned(), responses.to_owned(), responses.to_owned()]),
        (bare("400"), vec!["$".to_owned(), format!("{responses}['400']"), responses.to_owned()]),
        (declared(), vec![]),
        (json!({ "400": "odd", "401": [] }), vec![]),
    ] {
        assert_eq!(targets(&endpoint(whole(), more.clone())), found, "{more}");
    }
    let mut taken = endpoint(whole(), json!({}));
    taken["components"] = json!({ "schemas": { "OAuthError": { "type": "string" } } });
    assert!(drafted(&taken)[0].1["components"]["schemas"].get("OAuthError_").is_some());
}

#[test]
fn the_target_of_references_is_corrected_once() {
    let ask = |id: &str| {
        json!({ "post": {
            "operationId": id,
            "requestBody": { "$ref": "#/components/requestBodies/Ask" },
            "responses": { "200": { "$ref": "#/components/responses/Token" }, "400": { "$ref": "#/components/responses/No" } },
        } })
    };
    let form = json!({ "type": "object", "properties": { "grant_type": {}, "scope": {} } });
    let content = |kind: &str, schema: Value| json!({ "description": "d", "content": { kind: { "schema": schema } } });
    let mut answer = whole();
    answer["required"] = json!(["access_token"]);
    let value = document(
        json!({ "/a": ask("a"), "/b": ask("b") }),
        json!({
            "requestBodies": { "Ask": content("application/x-www-form-urlencoded", form) },
            "responses": {
                "Token": content("application/json; charset=utf-8", json!({ "$ref": "#/components/schemas/Token" })),
                "No": { "description": "no" },
            },
            "schemas": { "Token": answer },
        }),
    );
    assert_eq!(
        targets(&value),
        [
            "$.components.requestBodies.Ask.content['application/x-www-form-urlencoded'].schema",
            "$.components.schemas.Token",
            "$",
            "$.components.responses.No",
            "$.paths['/a'].post.responses",
            "$.paths['/b'].post.responses",
        ]
    );
}
