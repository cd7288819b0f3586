//! Bodies of requests and responses.

use serde_json::Map;

use super::*;
use crate::by_status::Outcome;
use crate::requests::{BodyForm, Member, Style};

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
        (vec!["text/csv"], false, "text/plain", vec!["body-media-type", "body-optional"]),
        (vec!["*/*"], true, "application/octet-stream", vec!["body-media-type"]),
        (vec!["image/*"], true, "application/octet-stream", vec!["body-media-type"]),
        (vec!["multipart/form-data"], true, "application/octet-stream", vec!["body-media-type"]),
    ] {
        let (value, done) = run("/a", body(&names, required));
        assert_eq!(rules(&done), rows, "{names:?}");
        let content = value["paths"]["/a"]["post"]["requestBody"]["content"].as_object().expect("content");
        assert_eq!(content.keys().collect::<Vec<_>>(), [media], "{names:?}");
    }
    let (_, done) = run("/a", body(&["application/merge-patch+json"], false));
    assert_eq!(done.wire["doIt"].content_type.as_deref(), Some("application/merge-patch+json"));
    assert!(done.wire["doIt"].optional_body);
    let (value, done) = run("/a", body(&["image/*"], false));
    assert!(done.wire["doIt"].optional_body);
    let parameters = &value["paths"]["/a"]["post"]["parameters"];
    assert_eq!((&parameters[0]["name"], &parameters[0]["required"]), (&json!("Content-Type"), &json!(false)));
}

#[test]
fn a_body_in_a_trace_request_is_dropped_or_drops_the_operation() {
    for (required, rule, left) in [(false, "body!", true), (true, "leave-out!", false)] {
        let mut value = with_schema(json!({ "type": "string" }), json!({}));
        let body = json!({ "required": required, "content": { "text/plain": {} } });
        value["paths"]["/a"] = json!({ "trace": operation("requestBody", body) });
        let done = adapt(&mut value, &Home::alone());
        assert_eq!(rules(&done), [rule]);
        assert_eq!(
            value["paths"]["/a"].get("trace").map(|trace| trace.get("requestBody").is_none()),
            left.then_some(true)
        );
    }
}

fn form_of(value: Value) -> Option<BodyForm> {
    let (_, mut done) = run("/a", operation("requestBody", value));
    done.wire.remove("doIt").and_then(|wire| wire.form)
}

#[test]
fn a_form_with_lists_or_objects_is_encoded_member_by_member() {
    let body = |schema: Value, encoding: Value| {
        json!({ "required": true, "content": {
        "application/x-www-form-urlencoded": { "schema": schema, "encoding": encoding } } })
    };
    let with = |property: Value| json!({ "type": "object", "properties": { "x": property } });
    let text = json!({ "type": "string" });
    assert_eq!(form_of(body(with(text.clone()), json!({}))), None);
    let (_, done) = run("/a", operation("requestBody", body(with(text), json!({ "x": { "explode": false } }))));
    assert_eq!(rules(&done), ["body-encoding", "hoist"]);
    let member = |style| BodyForm::Form(vec![Member { name: "x".to_owned(), content_type: None, style }]);
    for (property, encoding, style) in [
        (json!({ "type": "array" }), json!({}), None),
        (json!({}), json!({}), None),
        (json!({ "type": "array" }), json!({ "x": { "explode": false } }), Some((Style::Form, false))),
        (json!({ "type": "object" }), json!({ "x": { "style": "deepObject" } }), Some((Style::DeepObject, false))),
    ] {
        assert_eq!(form_of(body(with(property.clone()), encoding)), Some(member(style)), "{property}");
    }
    assert_eq!(form_of(body(json!({ "type": "object" }), json!({}))), Some(BodyForm::Form(vec![])));
    let (value, _) = run("/a", operation("requestBody", body(json!({ "type": "array" }), json!({}))));
    assert!(value["paths"]["/a"]["post"]["requestBody"]["content"].get("text/plain").is_some());
}

#[test]
fn files_of_a_multipart_body_have_a_type_of_their_own() {
    let file = json!({ "type": "string", "format": "auth-transport-file" });
    let binary = json!({ "type": "string", "format": "binary" });
    let properties = json!({ "a": { "type": "string" }, "b": binary, "c": { "type": "array", "items": binary },
        "d": { "type": "object" }, "e": { "type": "string" }, "f": {} });
    let encoding = json!({
        "b": { "contentType": "image/png" }, "d": { "contentType": "application/xml" }, "e": { "contentType": "image/*" },
        "f": { "contentType": "text/csv", "headers": { "X": {} } },
    });
    let schema = json!({ "type": "object", "properties": properties });
    let body = |schema: &Value| json!({ "required": true, "content": { "multipart/form-data": { "schema": schema, "encoding": encoding } } });
    let (value, done) = run("/a", operation("requestBody", body(&schema)));
    assert_eq!(rules(&done), ["part-headers!", "hoist"]);
    let kinds = &value["components"]["schemas"]["DoItBody"]["properties"];
    let expected = [
        json!({ "type": "string" }),
        file.clone(),
        json!({ "type": "array", "items": file }),
        file.clone(),
        file.clone(),
        json!({}),
    ];
    assert_eq!(["a", "b", "c", "d", "e", "f"].map(|name| kinds[name].clone()), expected);
    let Some(BodyForm::Multipart(kind, members)) = &done.wire["doIt"].form else { panic!("{:?}", done.wire) };
    let types = members.iter().map(|member| member.content_type.as_deref()).collect::<Vec<_>>();
    assert_eq!(
        (kind.as_str(), types),
        ("multipart/form-data", vec![None, Some("image/png"), None, Some("application/xml"), None, Some("text/csv")])
    );
    // A schema that only such bodies have becomes theirs; one that others have stays.
    let reference = json!({ "$ref": "#/components/schemas/F" });
    let mut value = with_schema(json!({ "type": "string" }), json!({ "F": schema }));
    let operation = |id: &str| json!({ "operationId": id, "requestBody": body(&reference), "responses": {} });
    value["paths"] = json!({ "/a": { "post": operation("one"), "put": operation("two") } });
    let mut other = value.clone();
    adapt(&mut value, &Home::alone());
    assert_eq!(value["components"]["schemas"]["F"]["properties"]["b"], file);
    other["components"]["schemas"]["A"] = json!({ "type": "array", "items": reference });
    adapt(&mut other, &Home::alone());
    let schemas = &other["components"]["schemas"];
    assert_eq!(schemas["F"]["properties"]["b"], binary);
    assert_eq!(schemas["FMultipart"]["properties"]["b"], file);
    for method in ["post", "put"] {
        let schema = &other["paths"]["/a"][method]["requestBody"]["content"]["application/json"]["schema"];
        assert_eq!(schema, &json!({ "$ref": "#/components/schemas/FMultipart" }));
    }
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
        let errors = done.by_status.get("doIt").map(|it| it.of(Outcome::Error).to_vec()).unwrap_or_default();
        let told = errors
            .iter()
            .map(|it| (it.name.as_str(), it.answers.iter().map(String::as_str).collect::<Vec<_>>(), it.has_body));
        assert_eq!(told.collect::<Vec<_>>(), expected, "{responses}");
        assert!(errors.iter().all(|it| it.description.is_empty() || it.description == "d"), "{errors:?}");
        assert_eq!(rules(&done).contains(&"error-by-status".to_owned()), !expected.is_empty(), "{responses}");
    }
}

#[test]
fn successes_with_several_bodies_are_told_apart_by_their_status() {
    let with = |content: Value| json!({ "description": " d ", "content": content });
    let json = |name: &str| {
        with(json!({ "application/json": { "schema": { "$ref": format!("#/components/schemas/{name}") } } }))
    };
    let (empty, text) = (json!({ "description": "" }), with(json!({ "text/plain": {} })));
    for (responses, kept, expected, rows) in [
        (
            json!({ "200": json("A"), "201": json("A"), "202": json("B"), "204": empty, "302": empty, "404": json("B") }),
            vec!["200", "201", "202", "302", "404"],
            vec![("200", true), ("201", true), ("202", true), ("204", false), ("302", false)],
            vec!["success-by-status"],
        ),
        (
            json!({ "200": json("A"), "2XX": json("B"), "default": json("A") }),
            vec!["200", "2XX", "4XX", "5XX"],
            vec![("200", true), ("2XX", true)],
            vec!["default-response", "success-by-status"],
        ),
        (
            json!({ "200": json("A"), "202": json("B"), "203": text }),
            vec!["200", "202"],
            vec![("200", true), ("202", true)],
            vec!["success-by-status", "one-body!"],
        ),
        (json!({ "200": json("A"), "201": json("A"), "204": empty }), vec!["200", "201"], vec![], vec!["one-body"]),
        (json!({ "200": json("A"), "302": json("B") }), vec!["200", "302"], vec![], vec!["status"]),
    ] {
        let mut value = with_schema(json!({ "type": "object" }), json!({ "B": { "type": "array", "items": {} } }));
        value["paths"]["/a"]["post"] = json!({ "operationId": "doIt", "responses": responses });
        let done = adapt(&mut value, &Home::alone());
        let found = value["paths"]["/a"]["post"]["responses"].as_object().expect("responses");
        assert_eq!(found.keys().map(String::as_str).collect::<Vec<_>>(), kept, "{responses}");
        let successes = done.by_status.get("doIt").map(|it| it.of(Outcome::Success).to_vec()).unwrap_or_default();
        let told = successes.iter().map(|it| (it.name.as_str(), it.has_body));
        assert_eq!(told.collect::<Vec<_>>(), expected, "{responses}");
        let rows = rows.iter().chain(if expected.is_empty() { &[][..] } else { &["hoist"] });
        assert_eq!(rules(&done), rows.copied().collect::<Vec<_>>(), "{responses}");
        let schemas = value["components"]["schemas"].as_object().expect("schemas");
        assert_eq!(schemas.contains_key("DoItSuccess"), !expected.is_empty(), "{responses}");
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
