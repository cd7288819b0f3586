//! Operations, their paths, parameters and servers.

use super::*;

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
    let (value, done) = run("/a?b", operation("tags", json!([])));
    assert_eq!(rules(&done), ["leave-out!"]);
    assert_eq!(done.left_out, [("POST /a?b".to_owned(), "its path contains `?` or `#`".to_owned())]);
    assert_eq!(value["paths"], json!({}));
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
        json!({ "name": "p", "in": "cookie", "schema": { "type": "string" } }),
        json!({ "name": "p", "in": "query", "style": "deepObject", "schema": { "type": "object" } }),
        json!({ "name": "p", "in": "query", "style": "pipeDelimited", "schema": { "type": "array" } }),
        json!({ "name": "p", "in": "query", "explode": false, "schema": { "type": "array" } }),
        json!({ "name": "p", "in": "query", "schema": { "type": "object" } }),
        json!({ "name": "p", "in": "query", "content": { "application/json": {} } }),
        json!({ "name": "p", "in": "header", "schema": { "type": "array", "items": { "type": "string" } } }),
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
                { "name": "id", "in": "path", "schema": { "type": "string", "format": "date-time" } },
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
    assert_eq!(parameters[1]["schema"], text);
    assert_eq!(done.rules[5].pointer, "/paths/~1a~1{id}~1{other}/post/parameters/5");
    assert_eq!(done.wire["doIt"].parameters["id_2"], "id");
}

#[test]
fn reserved_characters_of_a_parameter_are_encoded() {
    let parameter = json!({ "name": "q", "in": "query", "allowReserved": true, "schema": { "type": "string" } });
    let (value, done) = run("/a", operation("parameters", json!([parameter])));
    assert_eq!(rules(&done), ["parameter-reserved!"]);
    assert!(value["paths"]["/a"]["post"]["parameters"][0].get("allowReserved").is_none());
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
fn a_path_with_an_empty_part_is_left_out() {
    for path in ["//", "/a//b"] {
        let (value, done) = run(path, json!({ "operationId": "doIt", "responses": { "204": { "description": "" } } }));
        assert_eq!(value["paths"], json!({}), "{path}");
        assert_eq!(done.left_out, [(format!("POST {path}"), "a segment of its path is empty".to_owned())]);
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
