//! Operations, their paths, parameters and servers.

use super::*;
use crate::requests::{Place, Style};

#[test]
fn a_path_that_no_request_line_takes_is_left_out() {
    let (_, done) = run("/a\u{0}b", operation("description", json!("d")));
    assert_eq!(done.left_out[0].1, "its path contains a control character");
}

#[test]
fn paths_and_operations_get_unique_names() {
    let (value, done) = run("a", json!({ "responses": { "204": { "description": "" } } }));
    assert_eq!(rules(&done), ["path-slash", "operation-id"]);
    assert_eq!(value["paths"]["/a"]["post"]["operationId"], "post_a");
    let (value, done) = run("/a?b#c", operation("tags", json!([])));
    assert_eq!(rules(&done), ["path-fragment"]);
    assert!(value["paths"].get("/a?b#c").is_some());
    let (_, done) = run("/a#{c}", operation("tags", json!([])));
    let why = "a variable of its path is in a fragment, which HTTP does not send";
    assert_eq!(done.left_out, [("POST /a#{c}".to_owned(), why.to_owned())]);
    let mut value = with_schema(json!({}), json!({}));
    let same = operation("tags", json!([]));
    value["paths"] =
        json!({ "/a": { "get": same, "put": same }, "/b": { "get": { "operationId": "new", "responses": {} } } });
    let done = adapt(&mut value, &Home::alone());
    assert_eq!(rules(&done), ["operation-name", "operation-name"]);
    assert_eq!(value["paths"]["/a"]["put"]["operationId"], "doIt_2");
    assert_eq!(value["paths"]["/b"]["get"]["operationId"], "new_2");
}

#[test]
fn a_value_that_is_not_an_operation_is_left_out() {
    let mut value = with_schema(json!({}), json!({}));
    value["paths"] = json!({ "/a": "nothing", "/b": { "get": true, "x-a": 1 }, "x-c": 1 });
    let done = adapt(&mut value, &Home::alone());
    assert_eq!(rules(&done), ["leave-out!", "leave-out!"]);
    assert_eq!(value["paths"], json!({ "/b": { "x-a": 1 }, "x-c": 1 }));
}

#[test]
fn parameters_that_cannot_be_sent_are_dropped_or_drop_the_operation() {
    for parameter in [
        json!({ "name": "p;q", "in": "cookie", "schema": { "type": "string" } }),
        json!({ "name": "p q", "in": "header", "schema": { "type": "string" } }),
        json!({ "name": "", "in": "query", "schema": { "type": "string" } }),
        json!({ "name": "p", "in": "body", "schema": { "type": "string" } }),
    ] {
        let (value, done) = run("/a", operation("parameters", json!([parameter])));
        assert_eq!(rules(&done), ["parameter!"], "{parameter}");
        assert_eq!(value["paths"]["/a"]["post"]["parameters"], json!([]));
        let mut required = parameter.clone();
        required["required"] = true.into();
        let (value, done) = run("/a", operation("parameters", json!([required])));
        assert_eq!(rules(&done), ["leave-out!"], "{parameter}");
        assert_eq!(value["paths"]["/a"], json!({}));
    }
}

#[test]
fn parameters_that_the_generator_would_write_otherwise_have_a_style() {
    use Place::{Cookie, Header, Path, Query};
    use Style::{DeepObject, Form, Json, Label, PipeDelimited, Simple, SpaceDelimited};
    let list = json!({ "type": "array", "items": { "type": "string" } });
    let object = json!({ "type": "object", "properties": { "a": { "type": "string" } } });
    let nested = json!({ "type": "object", "properties": { "a": list } });
    let text = json!({ "type": "string" });
    let choice = json!({ "anyOf": [{ "type": "integer" }, { "type": "string" }] });
    let json = json!({ "application/json": { "schema": object } });
    for (parameter, expected, rows) in [
        (json!({ "in": "query", "schema": text }), None, vec![]),
        (json!({ "in": "query", "schema": list }), None, vec![]),
        (json!({ "in": "header", "schema": text }), None, vec![]),
        (json!({ "in": "cookie", "schema": text }), Some((Cookie, Form, true)), vec![]),
        (json!({ "in": "query", "schema": list, "explode": false }), Some((Query, Form, false)), vec![]),
        (
            json!({ "in": "query", "schema": list, "style": "spaceDelimited" }),
            Some((Query, SpaceDelimited, false)),
            vec![],
        ),
        (
            json!({ "in": "query", "schema": list, "style": "pipeDelimited" }),
            Some((Query, PipeDelimited, false)),
            vec![],
        ),
        (json!({ "in": "query", "schema": object }), Some((Query, Form, true)), vec!["hoist"]),
        (
            json!({ "in": "query", "schema": object, "style": "deepObject" }),
            Some((Query, DeepObject, false)),
            vec!["hoist"],
        ),
        (
            json!({ "in": "query", "schema": nested, "style": "deepObject" }),
            Some((Query, DeepObject, false)),
            vec!["parameter-nesting", "hoist"],
        ),
        (json!({ "in": "query", "schema": nested }), Some((Query, Form, true)), vec!["parameter-nesting!", "hoist"]),
        (json!({ "in": "query", "content": json }), Some((Query, Json, false)), vec!["hoist"]),
        (
            json!({ "in": "query", "content": { "application/xml": {} } }),
            Some((Query, Form, true)),
            vec!["parameter-media-type!"],
        ),
        (json!({ "in": "query", "content": { "text/plain": {} } }), Some((Query, Form, true)), vec![]),
        (json!({ "in": "query", "schema": choice }), Some((Query, Form, true)), vec!["hoist"]),
        (json!({ "in": "query", "schema": text, "style": "simple" }), None, vec!["parameter-style!"]),
        (json!({ "in": "query" }), None, vec!["parameter-text"]),
        (json!({ "in": "header", "schema": list }), Some((Header, Simple, false)), vec![]),
        (json!({ "in": "header", "schema": object, "explode": true }), Some((Header, Simple, true)), vec!["hoist"]),
        (json!({ "in": "path", "schema": list, "required": true }), Some((Path, Simple, false)), vec![]),
        (
            json!({ "in": "path", "schema": text, "style": "label", "required": true }),
            Some((Path, Label, false)),
            vec![],
        ),
    ] {
        let mut named = parameter.clone();
        named["name"] = "p".into();
        let path = if parameter["in"] == "path" { "/a/{p}" } else { "/a" };
        let (value, done) = run(path, operation("parameters", json!([named])));
        assert_eq!(rules(&done), rows, "{parameter}");
        let found = done.wire.get("doIt").and_then(|wire| wire.styled.get("p"));
        let found = found.map(|styled| (styled.place, styled.style.clone(), styled.explode));
        assert_eq!(found, expected, "{parameter}");
        let after = &value["paths"][path]["post"]["parameters"][0];
        assert!(
            ["content", "style", "explode"].iter().all(|key| after.get(*key).is_none())
                && after.get("schema").is_some(),
            "{after}"
        );
    }
}

#[test]
fn parameters_match_the_path_and_have_unique_names() {
    let text = json!({ "type": "string" });
    let (value, done) = run(
        "/a/{id}/{other}",
        operation(
            "parameters",
            json!([
                { "name": "gone", "in": "path", "required": true, "schema": text },
                { "name": "id", "in": "query", "schema": text },
                { "name": "Accept", "in": "header", "schema": text },
                { "name": "id", "in": "path", "schema": { "type": "string", "format": "date-time", "minLength": 20 } },
                { "name": "api_key", "in": "header", "schema": text },
                { "name": "other", "in": "path", "required": true, "schema": { "type": "string", "format": "password" } },
            ]),
        ),
    );
    let expected = [
        "credential-parameter",
        "path-parameter",
        "ignored-header",
        "path-parameter",
        "parameter-text",
        "credential-parameter!",
        "parameter-name",
    ];
    assert_eq!(rules(&done), expected);
    let parameters = value["paths"]["/a/{id}/{other}"]["post"]["parameters"].as_array().expect("a list");
    let names = parameters.iter().map(|it| format!("{} {}", it["in"], it["name"]).replace('"', "")).collect::<Vec<_>>();
    assert_eq!(names, ["query id_2", "path id", "path other"]);
    assert_eq!(parameters[1]["schema"], json!({ "type": "string", "format": "date-time" }));
    assert_eq!(done.rules[5].pointer, "/paths/~1a~1{id}~1{other}/post/parameters/5");
    assert_eq!(done.wire["doIt"].parameters["id_2"], "id");
}

#[test]
fn reserved_characters_of_a_parameter_are_not_encoded() {
    let parameter = json!({ "name": "q", "in": "query", "allowReserved": true, "schema": { "type": "string" } });
    let (value, done) = run("/a", operation("parameters", json!([parameter])));
    assert_eq!(rules(&done), [""; 0]);
    assert!(done.wire["doIt"].styled["q"].reserved);
    assert!(value["paths"]["/a"]["post"]["parameters"][0].get("allowReserved").is_none());
}

#[test]
fn a_cookie_and_a_parameter_of_the_query_with_one_name_are_two() {
    let one = |place: &str| json!({ "name": "p", "in": place, "schema": { "type": "string" } });
    let (value, done) = run("/a", operation("parameters", json!([one("cookie"), one("query")])));
    let names = value["paths"]["/a"]["post"]["parameters"].as_array().expect("a list");
    assert_eq!(names.iter().map(|it| it["name"].clone()).collect::<Vec<_>>(), ["p", "p_2"]);
    assert_eq!(rules(&done), ["parameter-name"]);
    assert_eq!(done.wire["doIt"].styled.keys().collect::<Vec<_>>(), ["p"]);
}

#[test]
fn the_style_matrix_sends_the_name_of_the_document() {
    let one = |name: &str| json!({ "name": name, "in": "path", "style": "matrix", "required": true, "schema": { "type": "string" } });
    let (_, done) = run("/a/{user-id}/{user_id}", operation("parameters", json!([one("user-id"), one("user_id")])));
    assert_eq!(done.wire["doIt"].styled["user_id_2"].name, "user_id");
}

#[test]
fn servers_are_absolute_and_their_variables_are_labels() {
    let mut value = with_schema(json!({}), json!({}));
    let variables = json!({ "v": { "default": "v1" }, "tenant": { "default": "app" } });
    value["servers"] = json!([
        { "url": "https://{tenant}.a.example/{v}", "variables": variables }, { "url": "/v1" }, { "url": "http://a.example" },
    ]);
    let mut own = operation("tags", json!([]));
    own["servers"] = json!([{ "url": "https://files.example" }]);
    value["paths"]["/a"]["post"] = own;
    let done = adapt(&mut value, &Home::alone());
    assert_eq!(rules(&done), ["own-server!", "server-variable!", "server-url!", "server-url!"]);
    let urls =
        value["servers"].as_array().expect("a list").iter().map(|server| server["url"].clone()).collect::<Vec<_>>();
    assert_eq!(urls, [json!("https://{tenant}.a.example/v1"), json!("https://files.example")]);
}

#[test]
fn path_variables_that_collide_in_rust_are_renamed() {
    let parameter =
        |name: &str| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } });
    let parameters = json!([parameter("userId"), parameter("user_id"), parameter("x")]);
    let (value, done) = run("/a/{userId}/{user_id}/{x}", operation("parameters", parameters.clone()));
    let names = |value: &Value, path: &str| {
        let list = value["paths"][path]["post"]["parameters"].as_array().cloned().unwrap_or_default();
        list.iter().map(|parameter| parameter["name"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&value, "/a/{userId}/{user_id_2}/{x}"), ["userId", "user_id_2", "x"]);
    assert_eq!(rules(&done), ["path-variable"]);
    let (value, _) = run("/a/{body}", operation("parameters", json!([parameter("body")])));
    assert_eq!(names(&value, "/a/{body_2}"), ["body_2"]);
    let (value, done) = run("/a/{userId}/{x}/{user_idx}", operation("parameters", json!([])));
    assert_eq!(names(&value, "/a/{userId}/{x}/{user_idx}"), ["userId", "x", "user_idx"]);
    assert!(!rules(&done).contains(&"path-variable".to_owned()));
}

#[test]
fn a_path_with_a_control_character_is_left_out() {
    for path in ["\u{0}", "/a\nb"] {
        let (value, done) = run(path, json!({ "operationId": "doIt", "responses": { "204": { "description": "" } } }));
        assert_eq!(value["paths"], json!({}), "{path:?}");
        assert_eq!(done.left_out, [(format!("POST {path}"), "its path contains a control character".to_owned())]);
    }
}

#[test]
fn a_path_with_an_empty_part_is_kept() {
    for path in ["//", "/a//b"] {
        let (value, done) = run(path, json!({ "operationId": "doIt", "responses": { "204": { "description": "" } } }));
        assert!(value["paths"].get(path).is_some() && done.left_out.is_empty(), "{path}");
    }
}

#[test]
fn callbacks_and_extensions_of_the_generator_are_dropped() {
    let (value, done) =
        run("/a", operation("callbacks", json!({ "c": { "{$url}": { "post": { "responses": {} } } } })));
    assert_eq!(rules(&done), ["callbacks"]);
    assert_eq!(done.rules[0].pointer, "/paths/~1a/post/callbacks");
    assert!(value["paths"]["/a"]["post"].get("callbacks").is_none());
    let (value, done) = run("/a", operation("x-dropshot-websocket", json!({})));
    assert_eq!(rules(&done), ["extension"]);
    assert_eq!(done.rules[0].pointer, "/paths/~1a/post/x-dropshot-websocket");
    assert!(value["paths"]["/a"]["post"].get("x-dropshot-websocket").is_none());
}

#[test]
fn a_path_that_refers_to_another_one_has_its_operations() {
    let mut value = with_schema(json!({ "type": "string" }), json!({}));
    value["components"]["pathItems"] = json!({ "P": { "post": operation("tags", json!([])) } });
    value["paths"]["/a"] = json!({ "$ref": "#/components/pathItems/P" });
    let done = adapt(&mut value, &Home::alone());
    assert_eq!(rules(&done), ["path-reference"]);
    assert_eq!(done.rules[0].pointer, "/paths/~1a");
    assert_eq!(value["paths"]["/a"]["post"]["operationId"], "doIt");
}
