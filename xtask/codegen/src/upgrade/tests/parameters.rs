//! Parameters.

use super::*;

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
