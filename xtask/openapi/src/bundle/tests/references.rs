//! What references may lead to and stand at.

use super::*;

#[test]
fn maps_lists_and_operations_may_be_in_files() {
    let root = "\
openapi: 3.1.0
paths:
  $ref: paths.yaml
components:
  schemas:
    $ref: schemas/index.yaml
";
    let paths = "\
/a:
  get: { $ref: get.yaml }
  post:
    parameters: { $ref: 'list.yaml' }
    responses: { 200: { description: d, content: { $ref: 'content.yaml' } } }
";
    let content = "application/json: { schema: { $ref: 'api.yaml#/components/schemas/Pet' } }\n";
    let index = "Pet: { $ref: pet.yaml }\nTag: { type: string }\n";
    let pet = "properties: { tag: { $ref: 'index.yaml#/Tag' }, pet: { $ref: '#' } }\n";
    let value = value(&[
        ("api.yaml", root),
        ("paths.yaml", paths),
        ("get.yaml", "responses: { 200: { description: d } }\n"),
        ("list.yaml", "- { name: q, in: query }\n"),
        ("content.yaml", content),
        ("schemas/index.yaml", index),
        ("schemas/pet.yaml", pet),
    ]);
    assert_eq!(value["paths"]["/a"]["get"]["responses"]["200"]["description"], "d", "{value:#}");
    let post = &value["paths"]["/a"]["post"];
    assert_eq!(post["parameters"], json!([{ "name": "q", "in": "query" }]));
    let schema = &post["responses"]["200"]["content"]["application/json"]["schema"];
    assert_eq!(schema, &json!({ "$ref": "#/components/schemas/Pet" }));
    let schemas = json!({
        "Pet": { "properties": {
            "tag": { "$ref": "#/components/schemas/Tag" },
            "pet": { "$ref": "#/components/schemas/Pet" },
        } },
        "Tag": { "type": "string" },
    });
    assert_eq!(value["components"]["schemas"], schemas);
}

#[test]
fn references_keep_their_siblings_and_pass_through_files() {
    let root = "\
openapi: 3.1.0
paths: { /a: { $ref: 'a.yaml#/items/~1a', summary: mine } }
components:
  schemas:
    A: { $ref: 'a.yaml#/A/properties/b/properties/c', description: mine }
    B: { $ref: 'a.yaml#pet' }
    C: { $ref: 'a.yaml#/spaced%20name' }
    D: { oneOf: [{ $ref: 'b.yaml' }], discriminator: { propertyName: t, mapping: { b: b.yaml, x: '#/components/schemas/A' } } }
    E: { $ref: 'https://a.example/e.yaml' }
    F: { $id: 'https://a.example/f', properties: { g: { $ref: g.yaml } } }
    G: { $id: 'https://a.example/g.yaml' }
";
    let a = "\
items: { /a: { summary: theirs, get: {} } }
A: { properties: { b: { $ref: b.yaml } } }
Pet: { $anchor: pet, type: string }
spaced name: { type: integer }
";
    let value = value(&[("api.yaml", root), ("a.yaml", a), ("b.yaml", "properties: { c: { type: number } }\n")]);
    assert_eq!(value["paths"]["/a"], json!({ "summary": "mine", "get": {} }));
    let schemas = &value["components"]["schemas"];
    assert_eq!(schemas["A"], json!({ "$ref": "#/components/schemas/bC", "description": "mine" }), "{schemas:#}");
    assert_eq!(schemas["bC"], json!({ "type": "number" }));
    assert_eq!(schemas["B"], json!({ "$anchor": "pet", "type": "string" }));
    assert_eq!(schemas["C"], json!({ "type": "integer" }));
    let mapping = json!({ "b": "#/components/schemas/b2", "x": "#/components/schemas/A" });
    assert_eq!(schemas["D"]["discriminator"]["mapping"], mapping);
    assert_eq!(schemas["E"]["$ref"], "https://a.example/e.yaml");
    assert_eq!(schemas["F"]["properties"]["g"]["$ref"], "g.yaml");
}
