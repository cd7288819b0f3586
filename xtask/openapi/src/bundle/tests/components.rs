//! What becomes a component, and under which name.

use super::*;

#[test]
fn targets_become_components_and_path_items_are_copied() {
    let value = value(&FILES);
    assert_eq!(
        value,
        json!({
            "openapi": "3.0.3",
            "paths": {
                "/pets": { "get": {
                    "parameters": [{ "$ref": "#/components/parameters/limit" }],
                    "responses": {
                        "200": { "description": "pets", "content": { "application/json": { "schema": {
                            "type": "array", "items": { "$ref": "#/components/schemas/Pet" },
                        } } } },
                        "default": { "$ref": "#/components/responses/Error" },
                    },
                } },
                "/tags": { "get": {
                    "parameters": [{ "$ref": "#/components/parameters/limit" }],
                    "responses": { "default": { "$ref": "#/components/responses/Error" } },
                } },
            },
            "components": {
                "schemas": {
                    "Pet": { "type": "object", "properties": {
                        "tag": { "$ref": "#/components/schemas/tag" },
                        "parent": { "$ref": "#/components/schemas/Pet" },
                        "friends": { "type": "array", "items": { "$ref": "#/components/schemas/Pet" } },
                    } },
                    "number": { "type": "integer" },
                    "tag": { "type": "string", "description": "t" },
                },
                "parameters": { "limit": {
                    "name": "limit", "in": "query", "schema": { "$ref": "#/components/schemas/number" },
                } },
                "responses": { "Error": { "description": "an error", "content": { "application/json": {
                    "schema": { "$ref": "#/components/schemas/Pet" },
                } } } },
            },
        })
    );
}

#[test]
fn swagger_has_its_own_places_for_components() {
    let root = "\
swagger: '2.0'
paths:
  /a:
    get:
      parameters: [{ $ref: 'x.yaml#/parameters/P' }]
      responses:
        200: { description: d, schema: { $ref: 'x.yaml#/definitions/A' } }
        default: { $ref: 'x.yaml#/responses/R' }
";
    let x = "\
definitions: { A: { properties: { b: { $ref: '#/definitions/B' } } }, B: { type: string } }
parameters: { P: { name: b, in: body, schema: { $ref: '#/definitions/B' } } }
responses: { R: { description: r, schema: { $ref: '#/definitions/A' } } }
";
    let value = value(&[("api.yaml", root), ("x.yaml", x)]);
    for (pointer, to) in [
        ("/paths/~1a/get/parameters/0", "#/parameters/P"),
        ("/paths/~1a/get/responses/200/schema", "#/definitions/A"),
        ("/paths/~1a/get/responses/default", "#/responses/R"),
        ("/definitions/A/properties/b", "#/definitions/B"),
        ("/parameters/P/schema", "#/definitions/B"),
        ("/responses/R/schema", "#/definitions/A"),
    ] {
        assert_eq!(value.pointer(pointer), Some(&json!({ "$ref": to })), "{pointer}: {value:#}");
    }
}

#[test]
fn a_place_that_holds_no_nodes_may_have_references() {
    let root = "\
openapi: 3.0.3
paths: {}
components: { schemas: { A: { $ref: '#/definitions/A' } } }
definitions: { A: { properties: { b: { $ref: b.yaml } } } }
";
    let value = value(&[("api.yaml", root), ("b.yaml", "type: string\n")]);
    assert_eq!(value["definitions"]["A"]["properties"]["b"]["$ref"], "#/components/schemas/b");
}

#[test]
fn examples_in_missing_files_stay() {
    let root = "\
openapi: 3.0.3
paths: {}
components: { examples: { A: { $ref: missing.yaml }, B: { externalValue: 'other.json' }, C: { $ref: c.yaml } } }
";
    let value = value(&[("api.yaml", root), ("c.yaml", "value: 1\n")]);
    let examples = json!({
        "A": { "$ref": "missing.yaml" }, "B": { "externalValue": "other.json" }, "C": { "value": 1 },
    });
    assert_eq!(value["components"]["examples"], examples);
}
