//! The drafts of overlays, and that they are complete.

use openapi::Document;
use openapi::overlay;
use serde_json::{Value, json};

use super::{Action, actions, add, empty_overlay, is_open, open_reasons};

/// Target and update of each action; what is drafted has to be all, so that a second draft finds nothing.
fn drafted(value: &Value) -> Vec<(String, Value)> {
    let found = actions(value);
    if !found.is_empty() {
        let mut whole = empty_overlay(value, "specs/a.json");
        add(&mut whole, value, &found);
        let overlay = Document::parse("specs/a.overlay.json", whole.to_string()).expect("valid JSON");
        let mut after = value.clone();
        overlay::apply(&overlay, "specs/a.json", &mut after).unwrap_or_else(|problems| panic!("{problems}"));
        assert_eq!(actions(&after), [], "{after:#}");
    }
    found.iter().map(|action| (action.target(value), action.update.clone())).collect()
}

fn targets(value: &Value) -> Vec<String> {
    drafted(value).into_iter().map(|(target, _)| target).collect()
}

/// A document with these paths and components.
fn document(paths: Value, components: Value) -> Value {
    json!({ "openapi": "3.1.0", "info": { "title": "A", "version": "1" }, "paths": paths, "components": components })
}

/// A token endpoint that lacks nothing, with another answer and other responses.
fn endpoint(answer: Value, more: Value) -> Value {
    let mut responses =
        json!({ "200": { "description": "ok", "content": { "application/json": { "schema": answer } } } });
    let more = more.as_object().expect("responses").clone();
    responses.as_object_mut().expect("responses").extend(more);
    let form = json!({
        "type": "object", "required": ["grant_type"],
        "properties": { "grant_type": { "type": "string" }, "scope": { "type": "string" } },
    });
    let body = json!({ "content": { "application/x-www-form-urlencoded": { "schema": form } } });
    document(
        json!({ "/t": { "post": { "operationId": "ask", "requestBody": body, "responses": responses } } }),
        json!({}),
    )
}

/// An answer that lacks nothing.
fn whole() -> Value {
    json!({ "type": "object", "required": ["access_token", "token_type"], "properties": {
        "access_token": { "type": "string", "format": "password" },
        "token_type": { "type": "string" },
        "expires_in": { "type": "integer", "format": "expires-in" },
        "scope": { "type": "string" },
        "error": { "type": "string" },
    } })
}

/// An error with a body.
fn declared() -> Value {
    json!({ "default": { "description": "no", "content": { "application/json": { "schema": { "type": "object" } } } } })
}

fn published(name: &str) -> Value {
    let file = format!("{}/../../specs/{name}.yaml", env!("CARGO_MANIFEST_DIR"));
    Document::parse(&file, std::fs::read_to_string(&file).expect("readable")).expect("valid YAML").value
}

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
fn credentials_are_marked_in_every_string() {
    let value = document(
        json!({}),
        json!({ "schemas": {
            "A": { "properties": {
                "client_secret": { "type": ["string", "null"] },
                "tokens": { "type": "array", "items": { "type": "string" } },
                "password": { "anyOf": [{ "type": "null" }, { "type": "string" }] },
                "api_key": { "$ref": "#/components/schemas/Text" },
                "access_token": { "description": "no type" },
                "secret": { "type": ["integer", "null"] },
                "id_token": { "type": "string", "format": "password" },
                "device_token": { "type": "string", "x-credential": false },
            } },
            "Text": { "type": "string" },
        } }),
    );
    let (plain, typed) = (json!({ "format": "password" }), json!({ "type": "string", "format": "password" }));
    let own = "$.components.schemas.A.properties";
    assert_eq!(
        drafted(&value),
        [
            (format!("{own}.client_secret"), plain.clone()),
            (format!("{own}.tokens.items"), plain.clone()),
            (format!("{own}.password.anyOf[1]"), plain.clone()),
            ("$.components.schemas.Text".to_owned(), plain),
            (format!("{own}.access_token"), typed),
        ]
    );
    let open = |action: &Action| is_open(&action.reason).then(|| action.target(&value));
    let open = actions(&value).iter().filter_map(open).collect::<Vec<_>>();
    assert_eq!(open, [format!("{own}.tokens.items"), "$.components.schemas.Text".to_owned()]);
}

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
fn an_unnamed_operation_gets_a_free_name_and_a_request_for_a_better_one() {
    let mut value = document(
        json!({ "/a/b": { "post": {}, "get": { "operationId": "postAB" } }, "/a-b": { "post": {} } }),
        json!({}),
    );
    for (version, plain) in
        [(json!("1 β"), "1"), (json!(2.5), "2.5"), (json!("β"), "unversioned"), (json!(null), "unversioned")]
    {
        value["info"]["version"] = version;
        let ids = |target: &str, id: &str| (format!("$.paths['{target}'].post"), json!({ "operationId": id }));
        assert_eq!(
            drafted(&value),
            [("$.info".to_owned(), json!({ "version": plain })), ids("/a/b", "postAB2"), ids("/a-b", "postAB3")]
        );
    }
    assert!(actions(&value).iter().all(|action| is_open(&action.reason)));
}

#[test]
fn a_missing_reason_is_reported_with_its_line() {
    let value = document(json!({ "/a": { "post": {} } }), json!({}));
    let mut whole = empty_overlay(&value, "specs/a.yaml");
    add(&mut whole, &value, &actions(&value));
    let overlay = Document::parse("specs/a.overlay.yaml", overlay::print("a.yaml", &whole)).expect("valid YAML");
    let messages = open_reasons(&overlay).iter().map(ToString::to_string).collect::<String>();
    assert!(messages.contains("--> specs/a.overlay.yaml:8 (#/actions/0/description)"), "{messages}");
    let said = overlay.value.to_string().replace("TO BE FILLED IN", "I know");
    let overlay = Document::parse("specs/a.overlay.json", said).expect("valid JSON");
    assert_eq!(open_reasons(&overlay), []);
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

#[test]
fn a_scheme_that_is_required_and_never_defined_is_drafted() {
    let operation = |security: Value| json!({ "operationId": "a", "security": security, "responses": {} });
    let bearer = json!({ "securitySchemes": { "bearerAuth": { "type": "http", "scheme": "bearer" } } });
    let same = json!({ "$ref": "#/components/securitySchemes/bearerAuth" });
    let plain = json!({ "type": "http", "scheme": "bearer" });
    for (security, components, target, update, open) in [
        (json!([{ "bearer": [] }]), bearer.clone(), "$.components.securitySchemes", json!({ "bearer": same }), false),
        (json!([{ "OAuth2": [] }]), bearer, "$.components.securitySchemes", json!({ "OAuth2": same }), true),
        (
            json!([{ "bearerAuth": [] }]),
            json!({}),
            "$.components",
            json!({ "securitySchemes": { "bearerAuth": plain } }),
            false,
        ),
    ] {
        let value = document(json!({ "/a": { "get": operation(security) } }), components);
        assert_eq!(drafted(&value), [(target.to_owned(), update)]);
        assert_eq!(actions(&value).iter().map(|action| is_open(&action.reason)).collect::<Vec<_>>(), [open]);
    }
    let mut value = document(json!({ "/a": { "get": operation(json!([{ "bearerAuth": [] }])) } }), json!({}));
    value.as_object_mut().expect("a mapping").shift_remove("components");
    assert_eq!(targets(&value), ["$"]);
    let unknown = document(json!({ "/a": { "get": operation(json!([{ "hmac": [] }])) } }), json!({}));
    assert_eq!(targets(&unknown), [""; 0]);
}
