//! One cause is one finding, and what generates the same is no change of the API.

use serde_json::{Value, json};

use super::around;
use crate::document::compare;
use crate::finding::Finding;
use crate::level::Level;

/// A document whose text is that of another one but for a word.
fn replaced(document: &Value, from: &str, to: &str) -> Value {
    serde_json::from_str(&document.to_string().replace(from, to)).expect("JSON")
}

fn findings_of(before: &Value, after: &Value) -> Vec<(String, Level, usize)> {
    let findings = compare(before, after);
    findings.iter().map(|it| (it.id(), it.level(), it.all_places().len())).collect()
}

/// Operations that share whatever documents share.
fn many(count: usize) -> Value {
    let mut document = around(&json!({
        "type": "object",
        "properties": { "error": { "$ref": "#/components/schemas/my-error" } },
        "required": ["error"],
    }));
    document["components"]["schemas"]["my-error"] = json!({
        "type": "object",
        "properties": { "cause": { "$ref": "#/components/schemas/my-error" }, "code": { "type": "string" } },
    });
    document["components"]["schemas"]["Choice"] = json!({
        "oneOf": [{ "$ref": "#/components/schemas/my-error" }, { "$ref": "#/components/schemas/U" }],
        "not": { "$ref": "#/components/schemas/my-error" },
    });
    document["components"]["securitySchemes"] = json!({ "oldKey": { "type": "apiKey", "in": "header", "name": "k" } });
    document["components"]["parameters"] =
        json!({ "limit": { "name": "limit", "in": "query", "schema": { "type": "integer" } } });
    for index in 0..count {
        document["paths"][format!("/m{index}")] = json!({ "get": {
            "operationId": format!("m{index}"),
            "tags": ["oldTag"],
            "security": [{ "oldKey": [] }],
            "servers": [{ "url": "https://old.example", "description": "One" }],
            "parameters": [{ "$ref": "#/components/parameters/limit" }],
            "responses": { "200": { "description": "d", "content": { "application/json": {
                "schema": { "$ref": "#/components/schemas/my-error" } } } } },
        } });
    }
    document
}

#[test]
fn another_spelling_of_a_schema_that_gives_the_same_type_changes_no_api() {
    let before = many(5);
    for name in ["MyError", "my_error", "myError", "My-Error", "my.error"] {
        let after = replaced(&before, "my-error", name);
        assert_eq!(findings_of(&before, &after), [("schema-respelled".to_owned(), Level::Documentation, 9)], "{name}");
        assert_eq!(compare(&after, &before).len(), 1, "{name}");
    }
}

#[test]
fn a_spelling_whose_rust_name_is_taken_is_another_type() {
    let before = around(&json!({ "properties": { "p": { "$ref": "#/components/schemas/T" } } }));
    let mut after = replaced(&before, "schemas/T\"", "schemas/t\"");
    after["components"]["schemas"]["t"] = json!({ "type": "string" });
    let found = findings_of(&before, &after);
    assert!(found.iter().any(|(id, level, _)| id == "schema-renamed" && *level == Level::Breaking), "{found:?}");
}

#[test]
fn a_schema_that_is_respelled_and_changed_has_the_findings_of_the_change() {
    let before = around(&json!({ "properties": { "p": { "$ref": "#/components/schemas/my-thing" } } }));
    let (mut before, mut after) = (before.clone(), replaced(&before, "my-thing", "MyThing"));
    before["components"]["schemas"]["my-thing"] = json!({ "properties": { "a": {} } });
    after["components"]["schemas"]["MyThing"] = json!({ "properties": { "a": {}, "b": {} } });
    let findings = compare(&before, &after);
    let ids = findings.iter().map(Finding::id).collect::<Vec<_>>();
    let both = ["request-optional-property-added", "response-optional-property-added", "schema-respelled"];
    assert_eq!(ids, both);
    assert_eq!(findings[0].new.as_deref(), Some("/components/schemas/MyThing/properties/b"));
    assert_eq!(findings[2].old.as_deref(), Some("/components/schemas/my-thing"));
}

#[test]
fn a_discriminator_tells_by_name_so_that_a_spelling_breaks_the_wire() {
    let document = |name: &str, mapping: Value| {
        let reference = format!("#/components/schemas/{name}");
        let mut value = around(&json!({
            "oneOf": [{ "$ref": reference }, { "$ref": "#/components/schemas/U" }],
            "discriminator": { "propertyName": "k", "mapping": mapping },
        }));
        value["components"]["schemas"][name] = json!({ "type": "object", "properties": { "k": {}, "a": {} } });
        value
    };
    let explicit = |name: &str| json!({ "tag": format!("#/components/schemas/{name}"), "u": "U" });
    let (before, after) = (document("my-thing", json!({ "u": "U" })), document("MyThing", json!({ "u": "U" })));
    let found = findings_of(&before, &after);
    assert!(found.iter().any(|(id, ..)| id == "response-discriminator-changed"), "{found:?}");
    let (before, after) = (document("my-thing", explicit("my-thing")), document("MyThing", explicit("MyThing")));
    assert_eq!(findings_of(&before, &after).len(), 1);
}

#[test]
fn a_renamed_schema_is_one_finding_with_its_uses() {
    let before = many(5);
    let after = replaced(&before, "my-error", "Failure");
    assert_eq!(findings_of(&before, &after), [("schema-renamed".to_owned(), Level::Breaking, 9)]);
    let finding = compare(&before, &after).remove(0);
    assert_eq!(finding.summary(), "the schema `my-error` is named `Failure` now; it is used in 9 places");
}

#[test]
fn all_schemas_with_a_prefix_are_one_finding_each() {
    let mut before = many(3);
    // Two that say the same.
    before["components"]["schemas"]["Other2"] = json!({ "type": "string" });
    before["components"]["schemas"]["Other"] =
        json!({ "properties": { "e": { "$ref": "#/components/schemas/my-error" } } });
    let after = replaced(&before, "schemas/", "schemas/V2");
    let mut after = after;
    let schemas = before["components"]["schemas"].as_object().expect("schemas").clone();
    let renamed = schemas.into_iter().map(|(name, it)| (format!("V2{name}"), replaced(&it, "schemas/", "schemas/V2")));
    after["components"]["schemas"] = Value::Object(renamed.collect());
    let found = findings_of(&before, &after);
    assert_eq!(found.len(), before["components"]["schemas"].as_object().map_or(0, serde_json::Map::len), "{found:?}");
    assert!(found.iter().all(|(id, ..)| id == "schema-renamed"), "{found:?}");
}

#[test]
fn a_renamed_security_scheme_is_one_finding_that_breaks_nothing() {
    let before = many(111);
    let after = replaced(&before, "oldKey", "newKey");
    assert_eq!(findings_of(&before, &after), [("security-scheme-renamed".to_owned(), Level::Documentation, 111)]);
}

#[test]
fn another_credential_in_many_operations_is_one_finding_of_each_kind() {
    let before = many(111);
    let mut after = replaced(&before, "oldKey", "newKey");
    after["components"]["securitySchemes"]["newKey"] = json!({ "type": "http", "scheme": "basic" });
    let found = findings_of(&before, &after);
    let count = |id: &str| found.iter().filter(|(other, ..)| other == id).map(|it| it.2).collect::<Vec<_>>();
    for id in ["security-alternative-added", "security-alternative-removed", "credential-arguments-changed"] {
        assert_eq!(count(id), [111], "{found:?}");
    }
    assert_eq!(found.len(), 6, "{found:?}");
}

#[test]
fn a_server_a_tag_and_a_parameter_of_many_operations_are_one_finding_each() {
    let before = many(7);
    for (from, to, ids) in [
        ("https://old.example", "https://new.example", vec!["server-url-changed"]),
        ("\"One\"", "\"Two\"", vec!["server-renamed"]),
        ("oldTag", "newTag", vec!["tags-changed"]),
        (
            "\"in\":\"query\",\"schema\"",
            "\"in\":\"query\",\"required\":true,\"schema\"",
            vec!["parameter-became-required"],
        ),
        ("\"name\":\"limit\"", "\"name\":\"size\"", vec!["optional-parameter-added", "parameter-removed"]),
    ] {
        let found = findings_of(&before, &replaced(&before, from, to));
        let mut found_ids = found.iter().map(|(id, ..)| id.as_str()).collect::<Vec<_>>();
        found_ids.sort_unstable();
        assert_eq!(found_ids, ids, "{found:?}");
        assert!(found.iter().all(|(.., count)| *count == 7), "{found:?}");
    }
}

#[test]
fn the_same_kind_with_another_cause_is_another_finding() {
    let mut before = many(2);
    before["paths"]["/m1"]["get"]["tags"] = json!(["other"]);
    let mut after = before.clone();
    after["paths"]["/m0"]["get"]["tags"] = json!(["newTag"]);
    after["paths"]["/m1"]["get"]["tags"] = json!(["newTag"]);
    assert_eq!(findings_of(&before, &after).len(), 2);
    let list = |names: &[&str]| {
        let properties: serde_json::Map<String, Value> = names.iter().map(|it| ((*it).to_owned(), json!({}))).collect();
        around(&json!({ "type": "object", "properties": properties }))
    };
    assert_eq!(findings_of(&list(&["a"]), &list(&["a", "b", "c"])).len(), 4);
}

#[test]
fn a_long_chain_of_renamed_schemas_is_followed_to_its_end() {
    let document = |prefix: &str| {
        let mut value =
            around(&json!({ "properties": { "p": { "$ref": format!("#/components/schemas/{prefix}0") } } }));
        for index in 0..5000 {
            let next = format!("#/components/schemas/{prefix}{}", index + 1);
            value["components"]["schemas"][format!("{prefix}{index}")] =
                json!({ "properties": { "n": { "$ref": next } } });
        }
        value["components"]["schemas"][format!("{prefix}5000")] = json!({ "type": "string" });
        value
    };
    let found = findings_of(&document("Old"), &document("New"));
    assert_eq!(found.len(), 5001);
    assert!(found.iter().all(|it| it == &("schema-renamed".to_owned(), Level::Breaking, 1)), "{found:?}");
}

#[test]
fn the_end_of_a_long_chain_is_compared() {
    let document = |kind: &str, link: fn(Value) -> Value| {
        let mut value = around(&json!({ "properties": { "p": { "$ref": "#/components/schemas/N0" } } }));
        for index in 0..5000 {
            let next = json!({ "$ref": format!("#/components/schemas/N{}", index + 1) });
            value["components"]["schemas"][format!("N{index}")] = link(next);
        }
        value["components"]["schemas"]["N5000"] = json!({ "properties": { "end": { "type": kind } } });
        value
    };
    let links: [fn(Value) -> Value; 3] = [
        |next| json!({ "properties": { "n": next } }),
        |next| json!({ "type": "array", "items": next }),
        |next| json!({ "allOf": [next, { "properties": { "a": {} } }] }),
    ];
    for link in links {
        let found = compare(&document("string", link), &document("integer", link));
        assert!(found.iter().any(|it| it.id() == "request-type-changed"), "{}", link(json!({})));
    }
}
