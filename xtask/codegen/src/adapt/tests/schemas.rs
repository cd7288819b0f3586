//! Keywords of schemas.

use serde_json::Map;

use super::*;

#[test]
fn a_document_has_a_limited_number_of_patterns_that_take_time_to_compile() {
    let property = |i: usize, count: usize| {
        (format!("p{i}"), json!({ "type": "string", "pattern": format!(r"^\p{{L}}{{{}}}$", 20 + i % count) }))
    };
    let lost = |count: usize| {
        let properties = (0..2 * count).map(|i| property(i, count)).collect::<Map<_, _>>();
        let mut value = with_schema(json!({ "type": "object", "properties": properties }), json!({}));
        let done = adapt(&mut value, &Home::alone());
        let lost = done.rules.iter().filter(|rule| rule.name == "large-pattern" && rule.loses_meaning);
        lost.map(|rule| rule.pointer.rsplit('/').next().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(lost(32), Vec::<String>::new());
    assert_eq!(lost(34), ["p32", "p33", "p66", "p67"]);
}

#[test]
fn keywords_that_stop_the_generator_are_dropped() {
    for (before, after, rule) in [
        (json!({ "type": "array", "format": "x", "items": {} }), json!({ "type": "array", "items": {} }), "format"),
        (json!({ "type": "number", "format": "float" }), json!({ "type": "number" }), "format"),
        (
            json!({ "type": "string", "format": "decimal", "pattern": "^[0-9]$" }),
            json!({ "type": "string", "format": "decimal" }),
            "decimal!",
        ),
        (json!({ "type": "string", "items": {} }), json!({ "type": "string" }), "foreign-keyword"),
        (json!({ "type": "string", "pattern": "(" }), json!({ "type": "string" }), "pattern!"),
        (json!({ "type": "string", "not": { "enum": ["a"] } }), json!({ "type": "string" }), "not!"),
        (json!({ "type": "string", "minLength": -1 }), json!({ "type": "string" }), "wrong-value!"),
        (json!({ "type": "object", "required": ["a", {}] }), json!({ "type": "object" }), "wrong-value!"),
        (
            json!({ "type": "array", "items": {}, "minItems": 99, "maxItems": 99 }),
            json!({ "type": "array", "items": {}, "description": "99 items." }),
            "limit!",
        ),
        (json!({ "type": "string", "minLength": 0 }), json!({ "type": "string" }), "no-limit"),
        (
            json!({ "type": "object", "properties": { "x": true } }),
            json!({ "type": "object", "properties": { "x": {} } }),
            "boolean-members",
        ),
        (
            json!({ "uniqueItems": false, "properties": { "a": { "type": "string" } } }),
            json!({ "properties": { "a": { "type": "string" } } }),
            "no-limit",
        ),
        (json!({ "type": "string", "x-rust-type": {} }), json!({ "type": "string" }), "rust-type"),
        (
            json!({ "nullable": true, "maxLength": 9 }),
            json!({ "nullable": true, "maxLength": 9, "type": "string" }),
            "untyped-nullable",
        ),
    ] {
        let (found, rows) = schema(before.clone(), json!({}));
        if rule == "untyped-nullable" {
            assert_eq!(rows[0], rule);
            assert_eq!(found, json!({ "nullable": true, "allOf": [{ "$ref": "#/components/schemas/AValue" }] }));
            continue;
        }
        assert_eq!((found, rows), (after, vec![rule.to_owned()]), "{before}");
    }
}

#[test]
fn lists_of_values_that_cannot_be_a_rust_enum_are_dropped() {
    for (before, after, rule) in [
        (json!({ "type": "string", "enum": ["asc", "ASC"] }), json!({ "type": "string" }), "enum!"),
        (json!({ "type": "string", "enum": ["a", 1] }), json!({ "type": "string" }), "enum!"),
        (json!({ "enum": ["a", 1] }), json!({}), "enum!"),
        (json!({ "type": "boolean", "enum": [true] }), json!({ "type": "boolean" }), "enum!"),
        (json!({ "type": "string", "enum": ["a", "a"] }), json!({ "type": "string", "enum": ["a"] }), "enum-values"),
        (json!({ "enum": ["a"] }), json!({ "enum": ["a"], "type": "string" }), "enum-values"),
    ] {
        assert_eq!(schema(before.clone(), json!({})), (after, vec![rule.to_owned()]), "{before}");
    }
}

#[test]
fn inline_types_get_unique_names() {
    let inner = |name: &str| json!({ "type": "object", "title": "Same", "properties": { name: { "type": "string" } } });
    let mut value = with_schema(
        json!({ "type": "object", "properties": { "b": inner("x"), "c": inner("y") } }),
        json!({ "AB": { "type": "string" } }),
    );
    let done = adapt(&mut value, &Home::alone());
    assert_eq!(rules(&done), ["title", "title", "hoist", "hoist"]);
    assert_eq!(value["components"]["schemas"]["A"]["properties"]["b"], json!({ "$ref": "#/components/schemas/AB_2" }));
    assert_eq!(value["components"]["schemas"]["AC"]["properties"], json!({ "y": { "type": "string" } }));
}

#[test]
fn a_property_named_like_a_credential_is_a_secret() {
    let before = json!({ "type": "object", "properties": {
        "api_key": { "type": "string", "description": "d" }, "tokens": { "type": "array", "items": { "type": "string" } },
        "token_count": { "type": "integer" },
    } });
    let (after, rows) = schema(before.clone(), json!({}));
    assert_eq!(rows, ["credential", "credential"]);
    let secret = json!({ "type": "string", "format": "password" });
    assert_eq!(after["properties"]["tokens"]["items"], secret);
    assert_eq!(after["properties"]["api_key"]["description"], "d");
    let mut value = with_schema(before.clone(), json!({}));
    assert!(adapt(&mut value, &Home::Workspace).rules.is_empty(), "documents of the workspace are for the lint");
}

#[test]
fn a_password_outside_an_object_is_a_plain_string() {
    let list = json!({ "type": "object", "additionalProperties": { "type": "string", "format": "password" } });
    let (after, rows) = schema(list, json!({}));
    assert_eq!(rows, ["secret-place!"]);
    assert_eq!(after, json!({ "type": "object", "additionalProperties": { "type": "string" } }));
}

#[test]
fn numbers_outside_their_type_are_no_list_of_values() {
    for (values, beside) in [
        (json!([1, 9_223_372_036_854_775_808_u64]), json!({})),
        (json!([1, 3_000_000_000_u64]), json!({ "format": "int32" })),
        (json!([-1]), json!({ "minimum": 0 })),
        (json!([300]), json!({ "maximum": 255 })),
    ] {
        let mut before = json!({ "type": "integer", "enum": values });
        if let (Some(all), Value::Object(beside)) = (before.as_object_mut(), beside) {
            all.extend(beside);
        }
        let (after, rules) = schema(before.clone(), json!({}));
        assert!(after.get("enum").is_none() && rules.contains(&"enum!".to_owned()), "{before}: {after} {rules:?}");
    }
    let (after, _) = schema(json!({ "type": "integer", "minimum": 0, "enum": [0, 1] }), json!({}));
    assert_eq!(after["enum"], json!([0, 1]));
}

#[test]
fn an_object_that_explicitly_allows_further_members_keeps_them() {
    let before = |more: Value| json!({ "type": "object", "properties": { "a": {} }, "additionalProperties": more });
    for (more, after, rows) in [
        (json!(true), json!({}), vec!["further-members"]),
        (json!({ "description": "d", "nullable": true }), json!({}), vec!["further-members"]),
        (json!({ "type": "string" }), json!({ "type": "string" }), vec![]),
        (json!(false), json!(false), vec![]),
    ] {
        let found = schema(before(more), json!({}));
        assert_eq!(found, (before(after), rows.into_iter().map(str::to_owned).collect()));
    }
    // Without properties, it is a map.
    let map = json!({ "type": "object", "additionalProperties": true });
    assert_eq!(schema(map.clone(), json!({})), (map, vec![]));
}

#[test]
fn a_part_that_allows_further_members_opens_the_whole_unless_another_forbids_them() {
    let part =
        |name: &str, more: Value| json!({ "type": "object", "properties": { name: {} }, "additionalProperties": more });
    let plain = json!({ "type": "object", "properties": { "b": {} } });
    for (one, other, expected) in [
        (part("a", json!(true)), plain.clone(), json!({})),
        (plain, part("a", json!(true)), json!({})),
        (part("a", json!(true)), part("b", json!({ "type": "string" })), json!({ "type": "string" })),
        (part("a", json!(true)), part("b", json!(false)), json!(false)),
        (part("a", json!(false)), part("b", json!(true)), json!(false)),
    ] {
        let (after, _) = schema(json!({ "allOf": [one, other] }), json!({}));
        assert_eq!(after["additionalProperties"], expected, "{one} {other}");
    }
}

#[test]
fn a_limit_that_is_not_checked_is_reported_once_where_the_document_has_it() {
    let few = json!({ "type": "object", "properties": { "n": { "type": "integer", "description": "How many.", "maximum": 9 } } });
    let more = |name: &str| json!({ "allOf": [{ "$ref": "#/components/schemas/A" }, { "properties": { name: {} } }] });
    let (after, rows) = schema(few, json!({ "B": more("b"), "C": more("c") }));
    assert_eq!(rows.iter().filter(|row| *row == "limit!").count(), 1, "{rows:?}");
    assert_eq!(after["properties"]["n"]["description"], "How many.\n\nAt most 9.");
}

#[test]
fn a_limit_of_one_side_does_not_limit_the_other() {
    let (after, rows) = schema(json!({ "type": "integer", "maximum": 255 }), json!({}));
    assert_eq!((after, rows), (json!({ "type": "integer", "description": "At most 255." }), vec!["limit!".to_owned()]));
}

#[test]
fn the_length_of_a_secret_is_not_checked() {
    let text = json!({ "type": "string", "minLength": 8, "pattern": "^a" });
    let (_, rows) = schema(json!({ "type": "object", "properties": { "client_secret": text } }), json!({}));
    assert_eq!(rows, ["limit!", "credential"]);
    let text = json!({ "type": "string", "format": "password", "minLength": 8 });
    let (_, rows) = schema(json!({ "type": "object", "properties": { "pin": text } }), json!({}));
    assert_eq!(rows, ["limit!"]);
}

#[test]
fn the_limit_of_a_shared_parameter_is_reported_once() {
    let operation = |id: &str| {
        json!({ "operationId": id, "parameters": [{ "$ref": "#/components/parameters/Limit" }],
        "responses": { "204": { "description": "", "headers": { "X": { "schema": { "type": "integer", "maximum": 3 } } } } } })
    };
    let mut value = with_schema(json!({ "type": "string" }), json!({}));
    value["components"]["parameters"] = json!({ "Limit": { "name": "limit", "in": "query", "schema": { "type": "integer", "minimum": 1, "maximum": 100 } } });
    value["paths"] = json!({ "/a": { "get": operation("a") }, "/b": { "get": operation("b") } });
    let done = adapt(&mut value, &Home::alone());
    assert_eq!(rules(&done), ["limit!"]);
    assert_eq!(done.rules[0].pointer, "/components/parameters/Limit/schema");
    assert_eq!(value["paths"]["/b"]["get"]["parameters"][0]["description"], "At most 100.");
}
