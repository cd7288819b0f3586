//! Whole documents: published ones, incomplete ones, and Swagger.

use super::*;

#[test]
fn the_draft_for_leans_document_matches_its_overlay() {
    let found = actions(&published("lean-auth"));
    assert!(found.iter().all(|action| !is_open(&action.reason)), "{found:#?}");
    let error =
        json!({ "content": { "application/json": { "schema": { "$ref": "#/components/schemas/OAuthError" } } } });
    let found = drafted(&published("lean-auth"));
    let at = |target: &str| {
        let found = found.iter().filter(|(own, _)| own == target).map(|(_, update)| update.clone());
        found.collect::<Vec<_>>()
    };
    let schemas = "$.components.schemas";
    let responses = "$.paths['/oauth2/token'].post.responses";
    for (target, update) in [
        (format!("{schemas}.TokenRequest.properties.client_secret"), json!({ "format": "password" })),
        (format!("{schemas}.TokenResponse.properties.access_token"), json!({ "format": "password" })),
        (format!("{schemas}.TokenResponse"), json!({ "required": ["access_token", "token_type"] })),
        (format!("{schemas}.TokenResponse.properties.expires_in"), json!({ "format": "expires-in" })),
        (format!("{responses}['400']"), error.clone()),
        (format!("{responses}['401']"), error),
    ] {
        assert_eq!(at(&target), [update], "{target}");
    }
    let names = |value: &Value| value.as_object().expect("members").keys().cloned().collect::<Vec<_>>();
    let members = at(&format!("{schemas}.TokenResponse.properties")).iter().flat_map(names).collect::<Vec<_>>();
    assert_eq!(members, ["scope", "error"]);
    assert_eq!(at("$")[0]["components"]["schemas"]["OAuthError"]["required"], json!(["error"]));
    assert_eq!(found.len(), 9, "{found:#?}");
}

#[test]
fn a_nearly_complete_document_gets_a_short_draft() {
    let form = "$.paths['/services/mtm/v1/oauth2/token'].post.requestBody";
    let found = targets(&published("leanix-auth"));
    assert_eq!(
        found,
        ["$.components.schemas.AccessTokenRequest.properties", "$.components.schemas.AccessTokenResponse"],
        "{form}"
    );
    assert_eq!(targets(&endpoint(whole(), declared())), [""; 0]);
    let other =
        json!({ "/pets": { "get": { "operationId": "pets", "responses": { "200": { "description": "x" } } } } });
    assert_eq!(targets(&document(other, json!({}))), [""; 0]);
}

#[test]
fn invalid_documents_are_left_to_the_lint() {
    for (place, odd) in [
        ("/paths/~1t/post/responses/200/content/application~1json/schema/required", json!("access_token")),
        ("/paths/~1t/post/responses/200/content/application~1json/schema/properties/expires_in/format", json!([1])),
        ("/info", json!([])),
    ] {
        let mut answer = whole();
        answer["required"] = json!(["access_token"]);
        answer["properties"]["expires_in"]["format"] = json!("int64");
        let mut value = endpoint(answer, declared());
        let count = drafted(&value).len();
        *value.pointer_mut(place).expect("there") = odd;
        assert_eq!(drafted(&value).len(), if place == "/info" { count } else { count - 1 }, "{place}");
    }
}

#[test]
fn what_is_drafted_for_swagger_stands_at_the_places_of_the_document() {
    let property = json!({ "type": "string" });
    let swagger = json!({
        "swagger": "2.0",
        "info": { "title": "A" },
        "host": "a.example",
        "paths": { "/t": { "post": {
            "consumes": ["application/x-www-form-urlencoded"],
            "parameters": [
                { "in": "header", "name": "X-Trace", "type": "string" },
                { "in": "formData", "name": "grant_type", "type": "string", "required": true },
                { "in": "formData", "name": "client_secret", "type": "string" },
            ],
            "responses": { "200": { "description": "d", "schema": { "$ref": "#/definitions/Answer" } } },
        } } },
        "definitions": { "Answer": { "type": "object", "properties": {
            "access_token": property, "token_type": property, "expires_in": { "type": "integer" },
        } } },
    });
    let found = drafted(&swagger);
    let update = |target: &str| found.iter().find(|(found, _)| found == target).map(|(_, update)| update.clone());
    assert_eq!(
        update("$.definitions.Answer.properties.access_token"),
        Some(json!({ "format": "password" })),
        "{found:#?}"
    );
    assert_eq!(update("$.paths['/t'].post.parameters[2]"), Some(json!({ "format": "password" })), "{found:#?}");
    assert!(update("$.paths['/t'].post").is_some_and(|update| update.get("operationId").is_some()), "{found:#?}");
    assert!(found.iter().all(|(target, _)| !target.contains("components")), "{found:#?}");
}
