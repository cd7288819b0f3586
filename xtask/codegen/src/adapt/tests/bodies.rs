//! Bodies of requests and responses.

use serde_json::Map;

use super::*;

#[test]
fn an_answer_goes_before_an_upgrade() {
    let both = json!({ "101": { "description": "" }, "200": { "description": "", "content": {
        "application/json": { "schema": { "type": "string" } } } } });
    let (value, done) = run("/a", json!({ "operationId": "doIt", "responses": both }));
    let responses = value["paths"]["/a"]["post"]["responses"].as_object().expect("an object");
    assert_eq!(responses.keys().collect::<Vec<_>>(), ["200"]);
    assert_eq!(rules(&done), ["status!"]);
}

#[test]
fn beside_an_upgrade_an_error_is_json_or_nothing() {
    let responses = json!({ "101": { "description": "" }, "404": { "description": "", "content": {
        "text/plain": { "schema": { "type": "string" } } } } });
    let (value, done) = run("/a", json!({ "operationId": "doIt", "responses": responses }));
    assert!(value["paths"]["/a"]["post"]["responses"]["404"]["content"].is_null());
    assert_eq!(rules(&done), ["upgrade!"]);
}

#[test]
fn an_answer_to_head_has_no_body() {
    let mut value = with_schema(json!({ "type": "object" }), json!({}));
    let body = json!({ "application/json": { "schema": { "$ref": "#/components/schemas/A" } } });
    let responses = json!({ "200": { "description": "", "content": body }, "404": { "description": "" } });
    let operation = json!({ "operationId": "a", "responses": responses });
    value["paths"]["/a"] = json!({ "head": operation, "get": { "operationId": "b", "responses": responses } });
    let mut after = value.clone();
    let done = adapt(&mut after, &Home::alone());
    value["paths"]["/a"]["head"]["responses"]["200"] = json!({ "description": "" });
    assert_eq!((after, rules(&done)), (value, vec!["head".to_owned()]));
}

#[test]
fn bodies_have_one_media_type_that_can_be_sent() {
    let schema = json!({ "schema": { "$ref": "#/components/schemas/A" } });
    let body = |names: &[&str], required: bool| {
        let content = names.iter().map(|name| ((*name).to_owned(), schema.clone())).collect::<Map<_, _>>();
        operation("requestBody", json!({ "required": required, "content": content }))
    };
    for (names, required, media, rows) in [
        (vec!["text/plain", "application/json"], true, "application/json", vec!["body-media-type"]),
        (vec!["application/merge-patch+json"], true, "application/json", vec!["body-media-type"]),
        (vec!["application/json"], false, "application/json", vec!["body-optional"]),
        (vec!["application/xml"], true, "application/octet-stream", vec!["body-media-type"]),
        (vec!["text/csv"], false, "text/plain", vec!["body-media-type", "body-optional!"]),
        (vec!["*/*"], true, "application/octet-stream", vec![]),
    ] {
        let (value, done) = run("/a", body(&names, required));
        assert_eq!(rules(&done), rows, "{names:?}");
        let content = value["paths"]["/a"]["post"]["requestBody"]["content"].as_object().expect("content");
        assert_eq!(content.keys().collect::<Vec<_>>(), [media], "{names:?}");
    }
    let (_, done) = run("/a", body(&["application/merge-patch+json"], false));
    assert_eq!(done.wire["doIt"].content_type.as_deref(), Some("application/merge-patch+json"));
    assert!(done.wire["doIt"].optional_body);
    assert_eq!(rules(&run("/a", body(&["multipart/form-data"], true)).1), ["leave-out!"]);
    assert_eq!(rules(&run("/a", body(&["multipart/form-data"], false)).1), ["body!"]);
    let form = json!({ "type": "object", "properties": { "x": { "type": "object" } } });
    let form = json!({ "required": true, "content": { "application/x-www-form-urlencoded": { "schema": form } } });
    let (_, done) = run("/a", operation("requestBody", form));
    assert_eq!(done.left_out[0].1, "its body is a form whose field `x` is a list or an object");
}

#[test]
fn an_invalid_response_does_not_stop_the_generator() {
    let stream = json!({ "description": "", "content": { "application/xml": {} } });
    let (value, _) = run("/a", json!({ "operationId": "doIt", "responses": { "200": stream, "201": "odd" } }));
    let responses = &value["paths"]["/a"]["post"]["responses"];
    assert_eq!(responses["201"], "odd");
    assert_eq!(responses["200"]["content"], json!({ "application/octet-stream": {} }));
}

#[test]
fn answers_have_one_body_for_success_and_one_for_errors() {
    let json = |name: &str| json!({ "description": "", "content": { "application/json": { "schema": { "$ref": format!("#/components/schemas/{name}") } } } });
    let problem =
        json!({ "description": "", "content": { "application/problem+json": { "schema": { "type": "object" } } } });
    let empty = json!({ "description": "" });
    let text = json!({ "description": "", "content": { "text/plain": { "schema": { "type": "string" } } } });
    for (responses, statuses, rows) in [
        (json!({ "200": json("A"), "default": empty }), vec!["200", "4XX", "5XX"], vec!["default-response"]),
        (json!({ "default": json("A") }), vec!["2XX", "4XX", "5XX"], vec!["default-response"]),
        (json!({ "200": json("A"), "204": empty }), vec!["200"], vec!["one-body"]),
        (json!({ "200": json("A"), "204": text }), vec!["200"], vec!["one-body!"]),
        (json!({ "204": empty, "400": json("A"), "401": empty }), vec!["204", "400"], vec!["one-body"]),
        (json!({ "204": empty, "400": problem }), vec!["204", "400"], vec!["response-media-type"]),
        (json!({ "200": json("A"), "201": json("A") }), vec!["200", "201"], vec![]),
        (json!({ "2xx": json("A"), "nope": empty }), vec!["2XX"], vec!["status!"]),
    ] {
        let (value, done) = run("/a", json!({ "operationId": "doIt", "responses": responses }));
        assert_eq!(rules(&done), rows, "{responses}");
        let found = value["paths"]["/a"]["post"]["responses"].as_object().expect("responses");
        assert_eq!(found.keys().map(String::as_str).collect::<Vec<_>>(), statuses);
    }
    let inline = |name: &str| json!({ "description": "", "content": { "application/json": { "schema": { "type": "object", "properties": { name: {} } } } } });
    let (value, done) = run(
        "/a",
        json!({ "operationId": "doIt", "responses": { "200": inline("a"), "400": inline("b"), "404": json("A") } }),
    );
    assert_eq!(rules(&done), ["error-by-status", "hoist", "hoist", "hoist"]);
    let schemas = value["components"]["schemas"].as_object().expect("schemas");
    assert_eq!(schemas.keys().collect::<Vec<_>>(), ["A", "DoItResponse", "DoItErrorStatus400", "DoItError"]);
}

#[test]
fn errors_with_several_bodies_are_told_apart_by_their_status() {
    let with = |content: Value| json!({ "description": " d ", "content": content });
    let json = |name: &str| {
        with(json!({ "application/json": { "schema": { "$ref": format!("#/components/schemas/{name}") } } }))
    };
    let (empty, text) = (json!({ "description": "" }), with(json!({ "text/plain": {} })));
    for (responses, kept, expected) in [
        (
            json!({ "204": empty, "400": json("A"), "404": empty, "409": json("A"), "429": text, "default": json("B") }),
            vec!["204", "400", "409", "4XX", "5XX"],
            vec![
                ("400", vec!["400"], true),
                ("404", vec!["404"], false),
                ("409", vec!["409"], true),
                ("429", vec!["429"], false),
                ("default", vec!["4XX", "5XX"], true),
            ],
        ),
        (
            json!({ "204": empty, "400": json("A"), "4XX": json("B"), "default": empty }),
            vec!["204", "400", "4XX"],
            vec![("400", vec!["400"], true), ("4XX", vec!["4XX"], true), ("default", vec!["5XX"], false)],
        ),
        (json!({ "204": empty, "400": json("A"), "404": json("A"), "409": empty }), vec!["204", "400", "404"], vec![]),
        (json!({ "200": json("A"), "201": json("B"), "400": json("A") }), vec!["200", "201", "400"], vec![]),
    ] {
        let mut value = with_schema(json!({ "type": "object" }), json!({ "B": { "type": "array", "items": {} } }));
        value["paths"]["/a"]["post"] = json!({ "operationId": "doIt", "responses": responses });
        let done = adapt(&mut value, &Home::alone());
        let found = value["paths"]["/a"]["post"]["responses"].as_object().expect("responses");
        assert_eq!(found.keys().map(String::as_str).collect::<Vec<_>>(), kept, "{responses}");
        let errors = done.errors.get("doIt").cloned().unwrap_or_default();
        let told = errors.iter().map(|it| {
            (it.name.as_str(), it.answers.iter().map(String::as_str).collect::<Vec<_>>(), it.has_body)
        });
        assert_eq!(told.collect::<Vec<_>>(), expected, "{responses}");
        assert!(errors.iter().all(|it| it.description.is_empty() || it.description == "d"), "{errors:?}");
        assert_eq!(rules(&done).contains(&"error-by-status".to_owned()), !expected.is_empty(), "{responses}");
    }
}

#[test]
fn only_responses_may_have_more_members_than_the_document() {
    let closed = json!({ "type": "object", "properties": { "x": {} }, "additionalProperties": false });
    let mut value = with_schema(closed.clone(), json!({ "B": closed }));
    let content =
        |name: &str| json!({ "application/json": { "schema": { "$ref": format!("#/components/schemas/{name}") } } });
    value["paths"]["/a"]["post"] = json!({ "operationId": "a", "requestBody": { "required": true, "content": content("B") },
        "responses": { "200": { "description": "", "content": content("A") } } });
    let done = adapt(&mut value, &Home::alone());
    assert_eq!(rules(&done), ["closed-answer"]);
    assert!(value["components"]["schemas"]["A"].get("additionalProperties").is_none());
    assert_eq!(value["components"]["schemas"]["B"], closed);
}
