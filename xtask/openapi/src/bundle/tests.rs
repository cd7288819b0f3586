//! Documents of several files, in memory.

use std::collections::BTreeMap;

use diagnostics::{Problem, Result};
use serde_json::{Value, json};

use super::*;

/// Files by their paths, and how often each was read.
struct InMemory<'a>(BTreeMap<&'a str, &'a str>, Vec<String>);

impl Files for InMemory<'_> {
    fn read(&mut self, path: &str) -> Result<File, Problem> {
        self.1.push(path.to_owned());
        let text = self.0.get(path).ok_or_else(|| Problem::new("no such file").remedy("check the name"))?;
        Ok(File { path: path.to_owned(), name: format!("dir/{path}"), text: (*text).to_owned() })
    }
}

fn run(files: &[(&str, &str)]) -> Result<Document> {
    let mut others = InMemory(files.iter().copied().collect(), vec![]);
    let document = Document::parse("dir/api.yaml", files[0].1.to_owned())?;
    let bundled = bundle(document, Some("api.yaml"), &mut others)?;
    let mut read = others.1;
    read.sort();
    let count = read.len();
    read.dedup();
    assert_eq!(read.len(), count, "each file is read once");
    Ok(bundled)
}

#[track_caller]
fn value(files: &[(&str, &str)]) -> Value {
    run(files).unwrap_or_else(|problems| panic!("{problems}")).value
}

#[track_caller]
fn error(files: &[(&str, &str)]) -> String {
    run(files).expect_err("refused").to_string()
}

const ROOT: &str = "\
openapi: 3.0.3
paths:
  /pets:
    $ref: paths/pets.yaml
  /tags:
    get:
      parameters:
        - $ref: 'parameters.yaml#/limit'
      responses:
        default:
          $ref: ./responses.yaml#/Error
components:
  schemas:
    Pet:
      $ref: schemas/pet.yaml
";

const PETS: &str = "\
get:
  parameters:
    - $ref: ../parameters.yaml#/limit
  responses:
    '200':
      description: pets
      content:
        application/json:
          schema:
            type: array
            items:
              $ref: ../schemas/pet.yaml
    default:
      $ref: ../responses.yaml#/Error
";

const PET: &str = "\
type: object
properties:
  tag:
    $ref: './tag.json'
  parent:
    $ref: '#'
  friends:
    type: array
    items:
      $ref: ../api.yaml#/components/schemas/Pet
";

const FILES: [(&str, &str); 6] = [
    ("api.yaml", ROOT),
    ("paths/pets.yaml", PETS),
    ("schemas/pet.yaml", PET),
    ("schemas/tag.json", "{\"type\": \"string\",\n \"description\": \"t\"}"),
    ("parameters.yaml", "limit: { name: limit, in: query, schema: { $ref: '#/number' } }\nnumber: { type: integer }\n"),
    (
        "responses.yaml",
        "Error:\n  description: an error\n  content:\n    application/json:\n      schema: { $ref: schemas/pet.yaml }\n",
    ),
];

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
fn every_node_has_the_line_of_its_file() {
    let document = run(&FILES).expect("bundled");
    for (pointer, file, line) in [
        ("/paths/~1tags/get/parameters/0", "dir/api.yaml", 8),
        ("/paths/~1pets/get/responses/200/description", "dir/paths/pets.yaml", 6),
        ("/components/schemas/Pet/properties/parent", "dir/schemas/pet.yaml", 5),
        ("/components/schemas/tag/description", "dir/schemas/tag.json", 2),
        ("/components/parameters/limit/schema", "dir/parameters.yaml", 1),
        ("/components/responses/Error/content", "dir/responses.yaml", 3),
    ] {
        let source = document.source(pointer);
        assert_eq!((source.file, source.line), (file, Some(line)), "{pointer}");
    }
    let text = document.problem("/components/schemas/Pet/properties/tag", "wrong").to_string();
    assert!(text.contains("--> dir/schemas/pet.yaml:3 (#/properties/tag)"), "{text}");
}

#[test]
fn a_document_without_references_into_files_is_not_changed() {
    let text = "openapi: 3.0.3\npaths: {}\ncomponents: { schemas: { A: { $ref: '#/components/schemas/B' }, B: {} } }\n";
    let document = run(&[("api.yaml", text)]).expect("bundled");
    assert_eq!(document.value, Document::parse("api.yaml", text.to_owned()).expect("valid").value);
    assert_eq!((document.parts().len(), document.parts_sha256()), (0, None));
}

#[test]
fn the_checksum_of_the_files_is_that_of_their_contents() {
    let sum = run(&FILES).expect("bundled").parts_sha256();
    let mut changed = FILES;
    changed[3].1 = "{\"type\": \"string\"}";
    assert!(sum.is_some());
    assert_ne!(run(&changed).expect("bundled").parts_sha256(), sum);
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

#[test]
fn what_cannot_be_followed_is_an_error_with_the_line_of_its_file() {
    let root = |text: &str| format!("openapi: 3.1.0\ncomponents:\n  schemas:\n    A:\n      $ref: {text}\n");
    for (text, files, words) in [
        ("missing.yaml", &[][..], &["`missing.yaml`: no such file", "dir/api.yaml:5", "remedy: check the name"][..]),
        ("b.yaml#/X", &[("b.yaml", "A: {}\n")], &["`b.yaml#/X` has no target", "dir/api.yaml:5"]),
        ("b.yaml#x", &[("b.yaml", "A: {}\n")], &["`b.yaml#x` has no target"]),
        ("b.yaml", &[("b.yaml", "A: [\n")], &["not valid YAML", "dir/b.yaml:1"]),
        ("b.json", &[("b.json", "{\"a\": 1, \"a\": 2}")], &["duplicate key", "dir/b.json:1"]),
        ("b.yaml", &[("b.yaml", "- A\n")], &["another type than its place requires", "dir/api.yaml:5"]),
        (
            "b.yaml",
            &[("b.yaml", "x: 1\nproperties:\n  c: { $ref: c/d.yaml }\n")],
            &["`c/d.yaml`", "dir/b.yaml:3 (#/properties/c/$ref)"],
        ),
        ("b.yaml", &[("b.yaml", "$ref: c.yaml\n"), ("c.yaml", "$ref: b.yaml\n")], &["`b.yaml` refers to itself"]),
    ] {
        let root = root(text);
        let said = error(&[&[("api.yaml", root.as_str())][..], files].concat());
        for word in words {
            assert!(said.contains(word), "no {word} in {said}");
        }
        assert!(said.contains("remedy: "), "{said}");
    }
    let item = "openapi: 3.1.0\npaths: { /a: { $ref: a.yaml } }\n";
    let own = "get: { callbacks: { c: { '{$url}': { $ref: a.yaml } } } }\n";
    assert!(error(&[("api.yaml", item), ("a.yaml", own)]).contains("refers to itself"));
}

#[test]
fn one_missing_file_is_one_error() {
    let root = "openapi: 3.0.3\ncomponents: { schemas: { A: { $ref: 'x.yaml#/A' }, B: { $ref: 'x.yaml#/B' } } }\n";
    assert_eq!(error(&[("api.yaml", root)]).matches("error: ").count(), 1);
}

#[test]
fn the_number_of_files_and_of_copied_nodes_is_limited() {
    let names = (0..=MAX_FILES).map(|index| format!("f{index}.yaml")).collect::<Vec<_>>();
    let list = names.iter().map(|name| format!("{{ $ref: {name} }}")).collect::<Vec<_>>().join(", ");
    let root = format!("openapi: 3.0.3\ncomponents: {{ schemas: {{ A: {{ oneOf: [{list}] }} }} }}\n");
    let files =
        [("api.yaml", root.as_str())].into_iter().chain(names.iter().map(|name| (name.as_str(), "type: string\n")));
    let said = error(&files.collect::<Vec<_>>());
    assert!(said.contains(&format!("more than {MAX_FILES} files")), "{said}");
    // Each file has two copies of the next.
    let names = (0..40).map(|index| format!("f{index}.yaml")).collect::<Vec<_>>();
    let texts = (1..=40).map(|next| {
        let item = format!("{{ $ref: f{next}.yaml }}");
        format!("get: {{ callbacks: {{ a: {{ x: {item}, y: {item} }} }} }}\n")
    });
    let texts = texts.collect::<Vec<_>>();
    let root = "openapi: 3.0.3\npaths: { /a: { $ref: f0.yaml } }\n";
    let mut files = vec![("api.yaml", root), ("f40.yaml", "get: {}\n")];
    files.extend(names.iter().map(String::as_str).zip(texts.iter().map(String::as_str)));
    let said = error(&files);
    assert!(said.contains("nested more than 128 deep") || said.contains("nodes"), "{said}");
}
