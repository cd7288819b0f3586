//! Versions, and where moved nodes are in the text.

use super::*;

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
