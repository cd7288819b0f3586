//! Every rule with a document before and after it, and the rules that are reported; `!` marks a loss.

use serde_json::{Value, json};

use super::*;

/// A document with these members beside `swagger`, `info` and `paths`.
fn document(members: Value) -> Value {
    let mut value = json!({ "swagger": "2.0", "info": { "title": "T", "version": "1" }, "paths": {} });
    for (key, member) in members.as_object().cloned().unwrap_or_default() {
        value[key] = member;
    }
    value
}

/// The upgraded value, and the rules that were applied beside `swagger`.
#[track_caller]
fn run(mut value: Value) -> (Value, Vec<String>) {
    let parsed = Document::parse("a.json", value.to_string()).expect("valid JSON");
    let upgraded = upgrade(&parsed, &mut value).expect("upgraded").expect("Swagger 2.0");
    let name = |rule: &AppliedRule| format!("{}{}", rule.name, if rule.loses_meaning { "!" } else { "" });
    let rules = upgraded.rules.iter().filter(|rule| rule.name != "swagger").map(name).collect();
    assert_eq!(value["openapi"], "3.0.3");
    assert!(value.get("swagger").is_none());
    (value, rules)
}

/// Compares members of the upgraded document by pointer, and the rules.
#[track_caller]
fn check(members: Value, expected: &[(&str, Value)], rules: &[&str]) {
    let (value, found) = run(document(members.clone()));
    for (pointer, expected) in expected {
        assert_eq!(value.pointer(pointer).unwrap_or(&Value::Null), expected, "{pointer} of {members}\n{value:#}");
    }
    assert_eq!(found, rules, "{members}");
}

/// One operation, `POST /a`, with these members.
fn operation(members: Value) -> Value {
    let mut operation = json!({ "operationId": "a", "responses": { "204": { "description": "d" } } });
    for (key, member) in members.as_object().cloned().unwrap_or_default() {
        operation[key] = member;
    }
    json!({ "paths": { "/a": { "post": operation } } })
}

const OPERATION: &str = "/paths/~1a/post";

#[track_caller]
fn check_operation(members: Value, expected: &[(&str, Value)], rules: &[&str]) {
    let expected = expected.iter().map(|(pointer, value)| (format!("{OPERATION}{pointer}"), value.clone()));
    let expected = expected.collect::<Vec<_>>();
    let expected = expected.iter().map(|(pointer, value)| (pointer.as_str(), value.clone())).collect::<Vec<_>>();
    check(operation(members), &expected, rules);
}

#[test]
fn documents_of_openapi_3_are_not_changed() {
    for version in ["3.0.3", "3.1.0"] {
        let mut value = json!({ "openapi": version, "host": "a", "definitions": {} });
        let parsed = Document::parse("a.json", value.to_string()).expect("valid JSON");
        assert!(upgrade(&parsed, &mut value).expect("valid").is_none());
        assert_eq!(value, parsed.value);
    }
}

#[test]
fn other_versions_of_swagger_are_refused_with_their_line() {
    for (version, message) in [(json!("1.2"), "Swagger 1.2 is not supported"), (json!(3), "Swagger 3 is not supported")]
    {
        let mut value = document(json!({ "swagger": version }));
        let parsed = Document::parse("a.json", value.to_string()).expect("valid JSON");
        let error = upgrade(&parsed, &mut value).expect_err("refused").to_string();
        assert!(error.contains(message) && error.contains("a.json:1 (#/swagger)"), "{error}");
    }
    let mut value = document(json!({ "openapi": "3.0.0" }));
    let parsed = Document::parse("a.json", value.to_string()).expect("valid JSON");
    let error = upgrade(&parsed, &mut value).expect_err("refused").to_string();
    assert!(error.contains("both `swagger` and `openapi`"), "{error}");
    // YAML reads a version without quotes as a number.
    run(document(json!({ "swagger": 2.0 })));
}

#[test]
fn schemes_host_and_base_path_become_servers() {
    for (members, servers, rules) in [
        (json!({}), Value::Null, &[][..]),
        (
            json!({ "host": "a.example", "basePath": "/v1/", "schemes": ["http", "https"] }),
            json!([{ "url": "https://a.example/v1" }]),
            &["servers"],
        ),
        (
            json!({ "host": "a.example:8080", "schemes": ["http"] }),
            json!([{ "url": "http://a.example:8080" }]),
            &["servers"],
        ),
        (json!({ "host": "a.example" }), json!([{ "url": "https://a.example" }]), &["servers"]),
        (json!({ "basePath": "v1" }), json!([{ "url": "/v1" }]), &["servers"]),
        (
            json!({ "host": "a.example", "schemes": ["wss", "https"] }),
            json!([{ "url": "https://a.example" }]),
            &["scheme!", "servers"],
        ),
    ] {
        check(members, &[("/servers", servers), ("/host", Value::Null), ("/schemes", Value::Null)], rules);
    }
}

#[test]
fn definitions_and_references_move_to_components() {
    let pet = json!({ "type": "object", "properties": {
        "owner": { "$ref": "#/definitions/Owner" }, "$ref": { "type": "string" }, "tag": { "$ref": "Tag" },
    }, "example": { "$ref": "#/definitions/x" } });
    let members = json!({ "definitions": { "Pet": pet, "Owner": {}, "Tag": {} } });
    check(
        members,
        &[
            ("/components/schemas/Pet/properties/owner", json!({ "$ref": "#/components/schemas/Owner" })),
            ("/components/schemas/Pet/properties/tag", json!({ "$ref": "#/components/schemas/Tag" })),
            ("/components/schemas/Pet/properties/$ref", json!({ "type": "string" })),
            ("/components/schemas/Pet/example", json!({ "$ref": "#/definitions/x" })),
            ("/definitions", Value::Null),
        ],
        &[],
    );
}

#[test]
fn parameters_get_a_schema_and_a_style() {
    let list = |extra: Value| {
        let mut parameter = json!({ "name": "p", "in": "query", "type": "array", "items": { "type": "string" } });
        parameter.as_object_mut().expect("an object").extend(extra.as_object().cloned().unwrap_or_default());
        json!({ "parameters": [parameter] })
    };
    let schema = json!({ "type": "array", "items": { "type": "string" } });
    let with = |place: &str, style: &str, explode: bool| json!({ "name": "p", "in": place, "style": style, "explode": explode, "schema": schema });
    let formats = |mut parameter: Value, formats: Value| {
        parameter["x-collection-formats"] = formats;
        parameter
    };
    for (extra, expected, rules) in [
        (json!({}), with("query", "form", false), &[][..]),
        (json!({ "collectionFormat": "multi" }), with("query", "form", true), &[]),
        (json!({ "collectionFormat": "ssv" }), with("query", "spaceDelimited", false), &[]),
        (json!({ "collectionFormat": "pipes" }), with("query", "pipeDelimited", false), &[]),
        (
            json!({ "collectionFormat": "tsv" }),
            formats(with("query", "form", false), json!(["tsv"])),
            &["collection-format"],
        ),
        (
            json!({ "in": "path", "collectionFormat": "pipes" }),
            formats(with("path", "simple", false), json!(["pipes"])),
            &["collection-format"],
        ),
        (json!({ "collectionFormat": "odd" }), with("query", "form", false), &["collection-format!"]),
        (json!({ "in": "header" }), with("header", "simple", false), &[]),
        (
            json!({ "in": "header", "collectionFormat": "multi" }),
            with("header", "simple", false),
            &["collection-format!"],
        ),
    ] {
        check_operation(list(extra), &[("/parameters/0", expected)], rules);
    }
    check_operation(
        json!({ "parameters": [
            { "name": "p", "in": "query", "required": true, "type": "integer", "format": "int32", "minimum": 1, "default": 2,
              "description": "d", "x-example": 3, "x-own": 4 },
        ] }),
        &[(
            "/parameters/0",
            json!({ "name": "p", "in": "query", "required": true, "description": "d", "x-own": 4, "example": 3,
                    "schema": { "type": "integer", "format": "int32", "default": 2, "minimum": 1 } }),
        )],
        &[],
    );
    let inner = json!({ "type": "array", "collectionFormat": "pipes", "items": { "type": "string" } });
    check_operation(
        list(json!({ "items": inner })),
        &[
            ("/parameters/0/schema/items", json!({ "type": "array", "items": { "type": "string" } })),
            ("/parameters/0/x-collection-formats", json!(["csv", "pipes"])),
        ],
        &["collection-format"],
    );
}

#[test]
fn the_parameter_in_the_body_becomes_the_request_body() {
    let schema = json!({ "$ref": "#/definitions/P" });
    let body = json!({ "in": "body", "name": "b", "description": "d", "required": true, "schema": schema });
    let new = json!({ "$ref": "#/components/schemas/P" });
    for (consumes, kinds) in [
        (Value::Null, &["application/json"][..]),
        (json!(["application/xml", "application/json"]), &["application/xml", "application/json"]),
        (json!(["multipart/form-data"]), &["application/json"]),
    ] {
        let content =
            kinds.iter().map(|kind| ((*kind).to_owned(), json!({ "schema": new }))).collect::<serde_json::Map<_, _>>();
        let mut members = json!({ "parameters": [{ "name": "q", "in": "query", "type": "string" }, body] });
        if !consumes.is_null() {
            members["consumes"] = consumes;
        }
        check_operation(
            members,
            &[
                ("/requestBody", json!({ "description": "d", "content": content, "required": true })),
                ("/parameters", json!([{ "name": "q", "in": "query", "schema": { "type": "string" } }])),
                ("/consumes", Value::Null),
            ],
            &["body"],
        );
    }
    check_operation(
        json!({ "parameters": [body, { "in": "body", "name": "c", "schema": {} }] }),
        &[("/requestBody/content", json!({ "application/json": { "schema": new } }))],
        &["second-body!", "body"],
    );
}

#[test]
fn fields_of_a_form_become_a_request_body() {
    let field = |name: &str, kind: &str| json!({ "in": "formData", "name": name, "type": kind });
    let form =
        |kind: &str, properties: Value| json!({ kind: { "schema": { "type": "object", "properties": properties } } });
    let a = json!({ "a": { "type": "string" } });
    for (consumes, kind) in [
        (json!([]), "application/x-www-form-urlencoded"),
        (json!(["multipart/form-data"]), "multipart/form-data"),
        (json!(["multipart/form-data", "application/x-www-form-urlencoded"]), "application/x-www-form-urlencoded"),
    ] {
        let members = json!({ "consumes": consumes, "parameters": [field("a", "string")] });
        check_operation(
            members,
            &[("/requestBody/content", form(kind, a.clone())), ("/parameters", Value::Null)],
            &["form"],
        );
    }
    let file = json!({ "in": "formData", "name": "f", "type": "file", "required": true, "description": "d" });
    let properties = json!({ "f": { "type": "string", "format": "binary", "description": "d" } });
    let schema = json!({ "type": "object", "properties": properties, "required": ["f"] });
    check_operation(
        json!({ "parameters": [file] }),
        &[("/requestBody", json!({ "content": { "multipart/form-data": { "schema": schema } }, "required": true }))],
        &["form"],
    );
    let csv = Some(json!({ "l": { "style": "form", "explode": false } }));
    for (format, encoding, rules) in [
        (json!({}), csv.clone(), &["form"][..]),
        (json!({ "collectionFormat": "csv" }), csv, &["form"]),
        (json!({ "collectionFormat": "multi" }), None, &["form"]),
        (
            json!({ "collectionFormat": "pipes" }),
            Some(json!({ "l": { "style": "pipeDelimited", "explode": false } })),
            &["form"],
        ),
        (
            json!({ "collectionFormat": "tsv" }),
            Some(json!({ "l": { "style": "form", "explode": false, "x-collection-formats": ["tsv"] } })),
            &["collection-format", "form"],
        ),
    ] {
        let mut list = json!({ "in": "formData", "name": "l", "type": "array", "items": { "type": "string" } });
        list.as_object_mut().expect("an object").extend(format.as_object().cloned().expect("an object"));
        check_operation(
            json!({ "parameters": [list] }),
            &[("/requestBody/content/application~1x-www-form-urlencoded/encoding", encoding.unwrap_or_default())],
            rules,
        );
    }
}

#[test]
fn responses_have_the_media_types_that_are_produced() {
    let schema = json!({ "type": "string" });
    let respond = |members: Value| json!({ "responses": { "200": members } });
    for (members, produces, content) in [
        (json!({ "description": "d" }), json!([]), Value::Null),
        (
            json!({ "description": "d", "schema": schema }),
            json!([]),
            json!({ "application/json": { "schema": schema } }),
        ),
        (
            json!({ "description": "d", "schema": schema, "examples": { "text/plain": "x" } }),
            json!(["text/plain", "text/html"]),
            json!({ "text/plain": { "schema": schema, "example": "x" }, "text/html": { "schema": schema } }),
        ),
        (
            json!({ "description": "d", "schema": schema, "examples": { "text/plain": "x" } }),
            json!([]),
            json!({ "text/plain": { "schema": schema, "example": "x" } }),
        ),
    ] {
        let mut members = respond(members);
        members["produces"] = produces;
        check_operation(members, &[("/responses/200/content", content), ("/produces", Value::Null)], &[]);
    }
    check_operation(
        respond(json!({ "description": "d", "schema": { "type": "file" } })),
        &[(
            "/responses/200/content",
            json!({ "application/octet-stream": { "schema": { "type": "string", "format": "binary" } } }),
        )],
        &["file"],
    );
    check_operation(
        respond(json!({ "description": "d", "headers": { "X-A": { "description": "h", "type": "integer" } } })),
        &[("/responses/200/headers", json!({ "X-A": { "description": "h", "schema": { "type": "integer" } } }))],
        &[],
    );
}

#[test]
fn media_types_of_the_document_are_those_of_operations_without_their_own() {
    let mut members = operation(json!({
        "parameters": [{ "in": "body", "name": "b", "schema": {} }],
        "responses": { "200": { "description": "d", "schema": {} } },
    }));
    members["consumes"] = json!(["application/a+json"]);
    members["produces"] = json!(["application/b+json"]);
    let body = format!("{OPERATION}/requestBody/content");
    let response = format!("{OPERATION}/responses/200/content");
    check(
        members,
        &[
            (&body, json!({ "application/a+json": { "schema": {} } })),
            (&response, json!({ "application/b+json": { "schema": {} } })),
            ("/consumes", Value::Null),
        ],
        &["body"],
    );
}

#[test]
fn shared_parameters_and_those_of_a_path_are_found() {
    let value = json!({
        "parameters": {
            "Body": { "in": "body", "name": "b", "schema": { "type": "string" } },
            "Page": { "in": "query", "name": "page", "type": "integer" },
        },
        "responses": { "Gone": { "description": "d", "schema": { "type": "string" } } },
        "paths": { "/a": {
            "parameters": [{ "in": "formData", "name": "f", "type": "string" }, { "in": "query", "name": "q", "type": "string" }],
            "post": { "parameters": [{ "$ref": "#/parameters/Page" }], "responses": { "410": { "$ref": "#/responses/Gone" } } },
            "put": { "parameters": [{ "$ref": "#/parameters/Body" }], "responses": {} },
        } },
    });
    check(
        value,
        &[
            (
                "/components/parameters",
                json!({ "Page": { "in": "query", "name": "page", "schema": { "type": "integer" } } }),
            ),
            ("/components/responses/Gone/content", json!({ "application/json": { "schema": { "type": "string" } } })),
            ("/paths/~1a/parameters", json!([{ "in": "query", "name": "q", "schema": { "type": "string" } }])),
            ("/paths/~1a/post/parameters", json!([{ "$ref": "#/components/parameters/Page" }])),
            ("/paths/~1a/post/responses/410", json!({ "$ref": "#/components/responses/Gone" })),
            ("/paths/~1a/put/requestBody/content", json!({ "application/json": { "schema": { "type": "string" } } })),
            (
                "/paths/~1a/post/requestBody/content/application~1x-www-form-urlencoded/schema/properties",
                json!({ "f": { "type": "string" } }),
            ),
        ],
        &["second-body!", "body", "form"],
    );
}

#[test]
fn security_schemes_are_those_of_openapi_3() {
    let flow = |flow: &str, extra: Value| {
        let mut scheme = json!({ "type": "oauth2", "flow": flow, "scopes": { "s": "d" }, "description": "e" });
        scheme.as_object_mut().expect("an object").extend(extra.as_object().cloned().unwrap_or_default());
        scheme
    };
    let url = "https://a.example";
    for (before, after, rules) in [
        (json!({ "type": "basic" }), json!({ "type": "http", "scheme": "basic" }), &["security-scheme"][..]),
        (
            json!({ "type": "apiKey", "in": "header", "name": "X" }),
            json!({ "type": "apiKey", "in": "header", "name": "X" }),
            &[],
        ),
        (
            flow("application", json!({ "tokenUrl": url })),
            json!({ "type": "oauth2", "description": "e",
                    "flows": { "clientCredentials": { "tokenUrl": url, "scopes": { "s": "d" } } } }),
            &["security-scheme"],
        ),
        (
            flow("accessCode", json!({ "tokenUrl": url, "authorizationUrl": url })),
            json!({ "type": "oauth2", "description": "e", "flows": { "authorizationCode":
                    { "authorizationUrl": url, "tokenUrl": url, "scopes": { "s": "d" } } } }),
            &["security-scheme"],
        ),
    ] {
        check(json!({ "securityDefinitions": { "a": before } }), &[("/components/securitySchemes/a", after)], rules);
    }
}

#[test]
fn schemas_say_in_openapi_3_what_tools_for_swagger_write() {
    for (before, after, rules) in [
        (
            json!({ "discriminator": "kind" }),
            json!({ "discriminator": { "propertyName": "kind" } }),
            &["discriminator"][..],
        ),
        (
            json!({ "type": "string", "x-nullable": true }),
            json!({ "type": "string", "nullable": true }),
            &["extension"],
        ),
        (json!({ "x-oneOf": [{}] }), json!({ "oneOf": [{}] }), &["extension"]),
        (json!({ "type": ["string", "null"] }), json!({ "type": "string", "nullable": true }), &["types"]),
        (
            json!({ "type": ["string", "integer"] }),
            json!({ "anyOf": [{ "type": "string" }, { "type": "integer" }] }),
            &["types"],
        ),
        (json!({ "type": "object", "readOnly": true }), json!({ "type": "object", "readOnly": true }), &[]),
    ] {
        check(json!({ "definitions": { "A": before } }), &[("/components/schemas/A", after)], rules);
    }
}

#[test]
fn schemes_of_an_operation_are_reported_as_lost() {
    check_operation(json!({ "schemes": ["https"] }), &[("/schemes", Value::Null)], &["operation-schemes!"]);
}

#[test]
fn moved_nodes_are_found_in_the_text_of_the_document() {
    let text = "\
swagger: '2.0'
info: { title: T, version: '1' }
host: a.example
definitions:
  Pet:
    properties:
      name:
        type: string
paths:
  /a:
    post:
      parameters:
        - { in: query, name: q, type: string }
        - in: body
          name: b
          schema:
            $ref: '#/definitions/Pet'
        - { in: query, name: r, type: string }
      responses:
        200:
          description: d
          schema:
            type: string
";
    let document = Document::parse("a.yaml", text.to_owned()).expect("valid YAML");
    let mut value = document.value.clone();
    let Upgraded { origins, .. } = upgrade(&document, &mut value).expect("upgraded").expect("Swagger");
    let document = document.rewritten(value.clone(), origins);
    for (pointer, line) in [
        ("/components/schemas/Pet/properties/name/type", 8),
        ("/servers/0/url", 3),
        ("/paths/~1a/post/parameters/0/schema", 13),
        ("/paths/~1a/post/parameters/1/schema", 18),
        ("/paths/~1a/post/requestBody", 14),
        ("/paths/~1a/post/requestBody/content/application~1json/schema/$ref", 17),
        ("/paths/~1a/post/responses/200/content/application~1json/schema/type", 23),
    ] {
        assert!(value.pointer(pointer).is_some(), "{pointer}\n{value:#}");
        assert_eq!(document.line(pointer), Some(line), "{pointer}");
    }
}
