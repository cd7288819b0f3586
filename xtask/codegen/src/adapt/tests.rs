//! Every rule with a document before and after it, and what it reports; each fixture runs through all stages.

use std::collections::BTreeSet;

use serde_json::Map;
use serde_json::{Value, json};

use super::*;
use crate::home::Home;
use crate::rule::Adapted;

/// A document with one component schema `A`.
fn with_schema(schema: Value, more: Value) -> Value {
    let mut schemas = json!({ "A": schema });
    if let (Some(all), Value::Object(more)) = (schemas.as_object_mut(), more) {
        all.extend(more);
    }
    json!({ "openapi": "3.0.3", "info": { "title": "t", "version": "1" }, "paths": {}, "components": { "schemas": schemas } })
}

/// The schema `A` afterwards, and `rule` or `rule!` for each row, `!` for a loss.
#[track_caller]
fn schema(before: Value, more: Value) -> (Value, Vec<String>) {
    let mut value = with_schema(before, more);
    let done = adapt(&mut value, &Home::alone());
    (value["components"]["schemas"]["A"].clone(), rules(&done))
}

fn rules(done: &Adapted) -> Vec<String> {
    done.rules.iter().map(|rule| format!("{}{}", rule.name, if rule.loses_meaning { "!" } else { "" })).collect()
}

/// A document with one operation at a path.
fn run(path: &str, operation: Value) -> (Value, Adapted) {
    let mut value = with_schema(json!({ "type": "string" }), json!({}));
    value["paths"][path] = json!({ "post": operation });
    let done = adapt(&mut value, &Home::alone());
    (value, done)
}

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

fn operation(key: &str, inner: Value) -> Value {
    json!({ "operationId": "doIt", key: inner, "responses": { "204": { "description": "" } } })
}

#[test]
fn the_order_of_the_stages_is_this() {
    let names = STAGES.iter().map(|(name, _)| *name).collect::<Vec<_>>();
    assert_eq!(
        names,
        [
            "root",
            "servers",
            "operations",
            "parameters",
            "bodies",
            "responses",
            "patterns",
            "keywords",
            "repeated types",
            "enums",
            "names",
            "credentials",
            "hoist",
            "bases",
            "discriminator",
            "compose",
            "hoist again",
            "closed",
            "properties",
            "conversions"
        ]
    );
}

#[test]
fn a_document_without_findings_stays_unchanged() {
    let before = with_schema(
        json!({ "type": "object", "title": "A", "required": ["x"], "properties": {
            "x": { "type": "string", "enum": ["a", "b"] }, "y": { "type": "integer", "format": "int64", "default": 1 },
            "z": { "$ref": "#/components/schemas/A" }, "l": { "type": "array", "items": { "type": "string" } },
        } }),
        json!({}),
    );
    let mut after = before.clone();
    let done = adapt(&mut after, &Home::alone());
    assert_eq!((after, rules(&done)), (before, vec![]));
}

#[test]
fn a_type_that_its_base_lists_extends_the_base_without_the_list() {
    let all = |base: &str, kind: &str| {
        json!({ "allOf": [
            { "$ref": format!("#/components/schemas/{base}") },
            { "type": "object", "properties": { kind: { "type": "string" } } },
        ] })
    };
    let alternatives = |names: &[&str]| {
        let members = names.iter().map(|name| json!({ "$ref": format!("#/components/schemas/{name}") }));
        json!({ "type": "object", "required": ["kind"], "properties": { "kind": { "type": "string" } },
            "discriminator": { "propertyName": "kind" }, "oneOf": members.collect::<Vec<_>>() })
    };
    // One directly below the base, one below a type between them that lists it, too.
    let mut between = alternatives(&["D"]);
    between["allOf"] = all("B", "between")["allOf"].clone();
    let more = json!({ "B": alternatives(&["A", "C"]), "C": between, "D": all("C", "last") });
    let mut value = with_schema(all("B", "own"), more);
    let done = adapt(&mut value, &Home::alone());
    let schemas = &value["components"]["schemas"];
    for (name, properties) in [("A", ["kind", "own"].as_slice()), ("D", &["kind", "between", "last"])] {
        assert!(schemas[name]["oneOf"].is_null() && schemas[name]["allOf"].is_null(), "{name}: {}", schemas[name]);
        for property in properties {
            assert!(schemas[name]["properties"][property].is_object(), "{name}: {}", schemas[name]);
        }
    }
    assert_eq!(schemas["A"]["properties"]["kind"], json!({ "type": "string", "enum": ["A"] }));
    assert!(schemas["B"]["oneOf"].is_array(), "{}", schemas["B"]);
    assert_eq!(done.rules.iter().filter(|rule| rule.name == "base").count(), 3, "{:?}", done.rules);
}

#[test]
fn an_incomplete_root_is_completed_only_outside_the_workspace() {
    let mut gaps = with_schema(json!({ "type": "string" }), json!({}));
    gaps["info"] = json!({ "title": "t" });
    gaps["security"] = json!([{ "gone": [] }]);
    for (home, version, rows) in [
        (&Home::alone(), json!("0"), vec!["info-version!", "undescribed-scheme!"]),
        (&Home::Workspace, Value::Null, vec![]),
    ] {
        let mut value = gaps.clone();
        let done = adapt(&mut value, home);
        assert_eq!(
            (value["info"]["version"].clone(), rules(&done)),
            (version, rows.into_iter().map(str::to_owned).collect())
        );
    }
}

#[test]
fn a_required_name_in_another_spelling_adds_no_field() {
    let properties = json!({ "Name": { "type": "string" } });
    let (after, rows) =
        schema(json!({ "type": "object", "required": ["name", "other"], "properties": properties }), json!({}));
    assert_eq!(after["required"], json!(["other"]));
    assert_eq!(rows, ["required-name!"]);
}

#[test]
fn an_answer_goes_before_an_upgrade() {
    let both = json!({ "101": { "description": "" }, "200": { "description": "", "content": {
        "application/json": { "schema": { "type": "string" } } } } });
    let (value, done) = run("/a", json!({ "operationId": "doIt", "responses": both }));
    let responses = value["paths"]["/a"]["post"]["responses"].as_object().expect("an object");
    assert_eq!(responses.keys().collect::<Vec<_>>(), ["200"]);
    assert_eq!(rules(&done), ["status!"]);
}

#[test]
fn a_path_that_no_request_line_takes_is_left_out() {
    let (_, done) = run("/a\u{0}b", operation("description", json!("d")));
    assert_eq!(done.left_out[0].1, "its path contains a control character");
}

#[test]
fn recursive_alternatives_terminate() {
    let reference = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    let object = |key: &str, members: Value| json!({ "type": "object", "properties": { "own": { "type": "string" } }, key: members });
    let more = json!({ "required": ["own"], "type": "object", "properties": { "q": { "type": "string" } } });
    for (a, b) in [
        // Of itself, through a part of an alternative.
        (object("oneOf", json!([{ "allOf": [reference("A"), more] }, more])), json!({})),
        // Of another, whose alternatives lead back.
        (object("oneOf", json!([reference("B"), more])), object("anyOf", json!([reference("A"), reference("C")]))),
        // Of another, which has it as a part of a part.
        (
            object("anyOf", json!([reference("B"), { "allOf": [reference("A"), more] }])),
            json!({ "allOf": [{ "allOf": [reference("A")] }, { "properties": { "n": reference("A") } }] }),
        ),
    ] {
        let mut value = with_schema(a, json!({ "B": b, "C": more }));
        adapt(&mut value, &Home::alone());
        openapi::walk::visit(&value, openapi::NodeKind::Document, "", &mut |inner, _, pointer| {
            let mixed = inner.get("oneOf").is_some() && inner.get("properties").is_some();
            assert!(!mixed, "the generator would merge without end: {pointer}: {inner}");
        });
    }
}

#[test]
fn merges_within_merges_end_with_a_loss_when_they_are_too_deep() {
    let nest = |inner: Value| json!({ "type": "object", "properties": { "p": { "type": "string" } }, "oneOf": [inner, { "required": ["p"] }] });
    let deep = (0..9).fold(json!({ "required": ["p"] }), |inner, _| nest(inner));
    let (_, rows) = schema(deep, json!({}));
    assert!(rows.contains(&"too-deep!".to_owned()), "{rows:?}");
}

#[test]
fn beside_an_upgrade_an_error_is_json_or_nothing() {
    let responses = json!({ "101": { "description": "" }, "404": { "description": "", "content": {
        "text/plain": { "schema": { "type": "string" } } } } });
    let (value, done) = run("/a", json!({ "operationId": "doIt", "responses": responses }));
    assert!(value["paths"]["/a"]["post"]["responses"]["404"]["content"].is_null());
    assert_eq!(rules(&done), ["upgrade!"]);
}

#[test]
fn a_schema_called_string_leaves_the_name_to_the_texts_of_rust() {
    let text = json!({ "$ref": "#/components/schemas/String" });
    let (after, rows) = schema(text, json!({ "String": { "type": "string" } }));
    assert_eq!(after, json!({ "$ref": "#/components/schemas/String_2" }));
    assert_eq!(rows, ["component-name"]);
}

#[test]
fn keywords_that_stop_the_generator_are_dropped() {
    for (before, after, rule) in [
        (json!({ "type": "array", "format": "x", "items": {} }), json!({ "type": "array", "items": {} }), "format"),
        (json!({ "type": "string", "items": {} }), json!({ "type": "string" }), "foreign-keyword"),
        (json!({ "type": "integer", "default": "x" }), json!({ "type": "integer" }), "default"),
        (json!({ "type": "string", "pattern": "(" }), json!({ "type": "string" }), "pattern!"),
        (json!({ "type": "string", "not": { "enum": ["a"] } }), json!({ "type": "string" }), "not!"),
        (json!({ "type": "string", "minLength": -1 }), json!({ "type": "string" }), "wrong-value!"),
        (json!({ "type": "object", "required": ["a", {}] }), json!({ "type": "object" }), "wrong-value!"),
        (
            json!({ "type": "array", "items": {}, "minItems": 99, "maxItems": 99 }),
            json!({ "type": "array", "items": {} }),
            "fixed-length!",
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
fn parts_of_all_of_become_one_type() {
    let (after, rows) = schema(
        json!({ "allOf": [{ "$ref": "#/components/schemas/B" }, { "type": "object", "properties": { "y": { "type": "string" } } }],
            "required": ["y"] }),
        json!({ "B": { "type": "object", "properties": { "x": { "type": "string" } }, "required": ["x"] } }),
    );
    assert_eq!(rows, ["all-of"]);
    assert_eq!(
        after,
        json!({ "type": "object", "properties": { "x": { "type": "string" }, "y": { "type": "string" } }, "required": ["x", "y"] })
    );
    let (after, rows) = schema(json!({ "allOf": [{ "type": "string" }, { "type": "object" }] }), json!({}));
    assert_eq!((after, rows), (json!({}), vec!["all-of!".to_owned()]));
    let loops =
        json!({ "allOf": [{ "$ref": "#/components/schemas/A" }, { "type": "object", "properties": { "y": {} } }] });
    assert_eq!(schema(loops, json!({})).1, ["all-of!"]);
}

#[test]
fn members_beside_a_string_are_dropped_by_the_merge() {
    let (after, rows) = schema(
        json!({ "allOf": [{ "$ref": "#/components/schemas/B" }], "properties": { "token": { "type": "string" } } }),
        json!({ "B": { "type": "string", "enum": ["a"] } }),
    );
    assert_eq!(rows, ["credential", "all-of"]);
    assert_eq!(after, json!({ "type": "string", "enum": ["a"] }));
}

#[test]
fn alternatives_that_only_require_members_keep_the_members() {
    for key in ["anyOf", "oneOf"] {
        let (after, rows) = schema(
            json!({ "type": "object", "properties": { "a": {}, "b": {} }, key: [{ "required": ["a"] }, { "required": ["b"] }] }),
            json!({}),
        );
        assert_eq!(rows, ["alternatives!"]);
        assert_eq!(after, json!({ "type": "object", "properties": { "a": {}, "b": {} } }));
    }
    let (after, rows) =
        schema(json!({ "type": "object", "properties": { "a": {} }, "not": { "required": ["a", "b"] } }), json!({}));
    assert_eq!((after, rows), (json!({ "type": "object", "properties": { "a": {} } }), vec!["not!".to_owned()]));
}

#[test]
fn an_alternative_without_constraints_comes_last() {
    let object =
        |required: Value| json!({ "type": "object", "properties": { "x": {}, "y": {} }, "required": required });
    let reference = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    let (after, rows) = schema(
        json!({ "oneOf": [reference("Loose"), reference("Strict"), { "type": "string" }, { "type": "integer" }] }),
        json!({ "Loose": object(json!([])), "Strict": object(json!(["x"])) }),
    );
    assert_eq!(rows, ["alternatives"]);
    let expected = json!([{ "type": "integer" }, { "type": "string" }, reference("Strict"), reference("Loose")]);
    assert_eq!(after["oneOf"], expected);
}

#[test]
fn a_discriminator_gives_each_alternative_its_tag() {
    let mut value = with_schema(
        json!({ "oneOf": [{ "$ref": "#/components/schemas/B" }, { "$ref": "#/components/schemas/C" }],
            "discriminator": { "propertyName": "kind", "mapping": { "b": "#/components/schemas/B" } } }),
        json!({
            "B": { "type": "object", "properties": { "kind": { "type": "string" }, "x": { "type": "string" } } },
            "C": { "type": "object", "properties": { "kind": { "type": "string" } } },
        }),
    );
    let done = adapt(&mut value, &Home::alone());
    assert_eq!(rules(&done), ["discriminator", "discriminator"]);
    for (name, tag) in [("B", "b"), ("C", "C")] {
        let schema = &value["components"]["schemas"][name];
        assert_eq!(schema["properties"]["kind"], json!({ "type": "string", "enum": [tag] }));
        assert_eq!(schema["required"], json!(["kind"]));
    }
    let (_, rows) = schema(
        json!({ "type": "object", "properties": { "k": { "type": "string" } }, "discriminator": { "propertyName": "k" } }),
        json!({ "B": { "allOf": [{ "$ref": "#/components/schemas/A" }] } }),
    );
    assert_eq!(rows, ["discriminator!"]);
}

#[test]
fn an_answer_to_head_has_no_body() {
    let mut value = with_schema(json!({ "type": "object" }), json!({}));
    let body = json!({ "application/json": { "schema": { "$ref": "#/components/schemas/A" } } });
    let responses = json!({ "200": { "description": "", "content": body }, "404": { "description": "" } });
    let operation = json!({ "operationId": "a", "responses": responses });
    value["paths"]["/a"] = json!({ "head": operation, "get": { "operationId": "b", "responses": responses } });
    let mut after = value.clone();
    let done = adapt(&mut after, &Home::alone());
    value["paths"]["/a"]["head"]["responses"]["200"] = json!({ "description": "" });
    assert_eq!((after, rules(&done)), (value, vec!["head".to_owned()]));
}

#[test]
fn a_type_that_only_repeats_that_of_a_reference_copies_nothing() {
    let reference = || json!([{ "$ref": "#/components/schemas/B" }]);
    let more = || json!({ "B": { "type": "object", "properties": { "x": { "type": "string" } } } });
    let holder = |inner: Value| json!({ "type": "object", "properties": { "b": inner } });
    for inner in [
        json!({ "type": "object", "allOf": reference(), "nullable": true }),
        json!({ "description": "d", "type": "object", "allOf": reference() }),
    ] {
        let (after, rows) = schema(holder(inner.clone()), more());
        let mut left = inner.clone();
        left.as_object_mut().expect("an object").shift_remove("type");
        assert_eq!((after, rows), (holder(left), vec!["repeated-type".to_owned()]), "{inner}");
    }
    for (inner, rule) in [
        (json!({ "type": "object", "allOf": reference(), "required": ["x"] }), "all-of"),
        (json!({ "type": "string", "allOf": reference() }), "all-of!"),
    ] {
        let (_, rows) = schema(holder(inner.clone()), more());
        assert!(rows.contains(&rule.to_owned()) && !rows.contains(&"repeated-type".to_owned()), "{inner}: {rows:?}");
    }
}

#[test]
fn a_property_named_like_the_field_for_other_members_has_its_own_field() {
    let before = |more: Value| json!({ "type": "object", "required": ["extra"], "properties": { "extra": {} }, "additionalProperties": more });
    let (after, rows) = schema(before(json!({ "type": "integer" })), json!({}));
    assert_eq!(rows, ["property-name"]);
    assert_eq!((&after["properties"], &after["required"]), (&json!({ "extra-2": {} }), &json!(["extra-2"])));
    let (after, rows) = schema(before(json!(true)), json!({}));
    assert_eq!((after, rows), (before(json!(true)), vec![]));
}

#[test]
fn names_that_collide_in_rust_are_changed() {
    let mut value = with_schema(
        json!({ "type": "object", "required": ["x_y"], "properties": { "xY": {}, "x_y": {} } }),
        json!({ "a": { "type": "string" }, "B": { "$ref": "#/components/schemas/a" } }),
    );
    let done = adapt(&mut value, &Home::alone());
    assert_eq!(rules(&done), ["component-name", "property-name"]);
    let schemas = &value["components"]["schemas"];
    assert_eq!(schemas["B"], json!({ "$ref": "#/components/schemas/a_2" }));
    assert_eq!(schemas["A"]["required"], json!(["x_y-2"]));
    assert_eq!(done.properties["A"]["x_y-2"], "x_y");
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
            ]),
        ),
    );
    let expected = [
        "path-parameter",
        "ignored-header",
        "path-parameter",
        "parameter-text",
        "credential-parameter!",
        "path-parameter",
        "parameter-name",
    ];
    assert_eq!(rules(&done), expected);
    let parameters = value["paths"]["/a/{id}/{other}"]["post"]["parameters"].as_array().expect("a list");
    let names = parameters.iter().map(|it| format!("{} {}", it["in"], it["name"]).replace('"', "")).collect::<Vec<_>>();
    assert_eq!(names, ["query id_2", "path id", "header api_key", "path other"]);
    assert_eq!(parameters[1]["schema"], text);
    assert_eq!(done.wire["doIt"].parameters["id_2"], "id");
}

#[test]
fn bodies_have_one_media_type_that_can_be_sent() {
    let schema = json!({ "schema": { "$ref": "#/components/schemas/A" } });
    let body = |names: &[&str], required: bool| {
        let content = names.iter().map(|name| ((*name).to_owned(), schema.clone())).collect::<Map<_, _>>();
        operation("requestBody", json!({ "required": required, "content": content }))
    };
    for (names, required, media, rows) in [
        (vec!["text/plain", "application/json"], true, "application/json", vec!["body-media-type"]),
        (vec!["application/merge-patch+json"], true, "application/json", vec!["body-media-type"]),
        (vec!["application/json"], false, "application/json", vec!["body-optional"]),
        (vec!["application/xml"], true, "application/octet-stream", vec!["body-media-type"]),
        (vec!["text/csv"], false, "text/plain", vec!["body-media-type", "body-optional!"]),
        (vec!["*/*"], true, "application/octet-stream", vec![]),
    ] {
        let (value, done) = run("/a", body(&names, required));
        assert_eq!(rules(&done), rows, "{names:?}");
        let content = value["paths"]["/a"]["post"]["requestBody"]["content"].as_object().expect("content");
        assert_eq!(content.keys().collect::<Vec<_>>(), [media], "{names:?}");
    }
    let (_, done) = run("/a", body(&["application/merge-patch+json"], false));
    assert_eq!(done.wire["doIt"].content_type.as_deref(), Some("application/merge-patch+json"));
    assert!(done.wire["doIt"].optional_body);
    assert_eq!(rules(&run("/a", body(&["multipart/form-data"], true)).1), ["leave-out!"]);
    assert_eq!(rules(&run("/a", body(&["multipart/form-data"], false)).1), ["body!"]);
    let form = json!({ "type": "object", "properties": { "x": { "type": "object" } } });
    let form = json!({ "required": true, "content": { "application/x-www-form-urlencoded": { "schema": form } } });
    let (_, done) = run("/a", operation("requestBody", form));
    assert_eq!(done.left_out[0].1, "its body is a form whose field `x` is a list or an object");
}

#[test]
fn missing_parts_of_bodies_are_added_and_unused_ones_dropped() {
    let form = json!({ "schema": { "$ref": "#/components/schemas/A" }, "encoding": {} });
    for (content, after, rule) in [
        (json!({}), None, "body-empty"),
        (json!({ "application/json": form }), Some("application/json"), "body-encoding"),
        (json!({ "application/json": {} }), Some("application/json"), "body-schema"),
    ] {
        let (value, done) = run("/a", operation("requestBody", json!({ "required": true, "content": content })));
        assert_eq!(rules(&done), [rule], "{content}");
        let body = value["paths"]["/a"]["post"].get("requestBody");
        let names = body.and_then(|body| Some(body["content"].as_object()?.keys().cloned().collect::<Vec<_>>()));
        assert_eq!(names, after.map(|name| vec![name.to_owned()]), "{content}");
        assert!(body.is_none_or(|body| body["content"]["application/json"].get("encoding").is_none()), "{content}");
    }
    let responses = json!({ "200": { "description": "", "content": { "application/json": {} } } });
    let (value, done) = run("/a", json!({ "operationId": "doIt", "responses": responses }));
    assert_eq!(rules(&done), ["response-schema"]);
    let content = &value["paths"]["/a"]["post"]["responses"]["200"]["content"];
    assert_eq!(content, &json!({ "application/json": { "schema": {} } }));
}

#[test]
fn an_invalid_response_does_not_stop_the_generator() {
    let stream = json!({ "description": "", "content": { "application/xml": {} } });
    let (value, _) = run("/a", json!({ "operationId": "doIt", "responses": { "200": stream, "201": "odd" } }));
    let responses = &value["paths"]["/a"]["post"]["responses"];
    assert_eq!(responses["201"], "odd");
    assert_eq!(responses["200"]["content"], json!({ "application/octet-stream": {} }));
}

#[test]
fn answers_have_one_body_for_success_and_one_for_errors() {
    let json = |name: &str| json!({ "description": "", "content": { "application/json": { "schema": { "$ref": format!("#/components/schemas/{name}") } } } });
    let problem =
        json!({ "description": "", "content": { "application/problem+json": { "schema": { "type": "object" } } } });
    let empty = json!({ "description": "" });
    let text = json!({ "description": "", "content": { "text/plain": { "schema": { "type": "string" } } } });
    for (responses, statuses, rows) in [
        (json!({ "200": json("A"), "default": empty }), vec!["200", "4XX", "5XX"], vec!["default-response"]),
        (json!({ "default": json("A") }), vec!["2XX", "4XX", "5XX"], vec!["default-response"]),
        (json!({ "200": json("A"), "204": empty }), vec!["200"], vec!["one-body"]),
        (json!({ "200": json("A"), "204": text }), vec!["200"], vec!["one-body!"]),
        (json!({ "204": empty, "400": json("A"), "401": empty }), vec!["204", "400"], vec!["one-body"]),
        (json!({ "204": empty, "400": problem }), vec!["204", "400"], vec!["response-media-type"]),
        (json!({ "200": json("A"), "201": json("A") }), vec!["200", "201"], vec![]),
        (json!({ "2xx": json("A"), "nope": empty }), vec!["2XX"], vec!["status!"]),
    ] {
        let (value, done) = run("/a", json!({ "operationId": "doIt", "responses": responses }));
        assert_eq!(rules(&done), rows, "{responses}");
        let found = value["paths"]["/a"]["post"]["responses"].as_object().expect("responses");
        assert_eq!(found.keys().map(String::as_str).collect::<Vec<_>>(), statuses);
    }
    let inline = |name: &str| json!({ "description": "", "content": { "application/json": { "schema": { "type": "object", "properties": { name: {} } } } } });
    let (value, done) = run(
        "/a",
        json!({ "operationId": "doIt", "responses": { "200": inline("a"), "400": inline("b"), "404": json("A") } }),
    );
    assert_eq!(rules(&done), ["one-body!", "hoist", "hoist", "hoist", "alternatives"]);
    let schemas = value["components"]["schemas"].as_object().expect("schemas");
    assert_eq!(schemas.keys().collect::<Vec<_>>(), ["A", "DoItResponse", "DoItErrorVariant0", "DoItError"]);
}

#[test]
fn only_responses_may_have_more_members_than_the_document() {
    let closed = json!({ "type": "object", "properties": { "x": {} }, "additionalProperties": false });
    let mut value = with_schema(closed.clone(), json!({ "B": closed }));
    let content =
        |name: &str| json!({ "application/json": { "schema": { "$ref": format!("#/components/schemas/{name}") } } });
    value["paths"]["/a"]["post"] = json!({ "operationId": "a", "requestBody": { "required": true, "content": content("B") },
        "responses": { "200": { "description": "", "content": content("A") } } });
    let done = adapt(&mut value, &Home::alone());
    assert_eq!(rules(&done), ["closed-answer"]);
    assert!(value["components"]["schemas"]["A"].get("additionalProperties").is_none());
    assert_eq!(value["components"]["schemas"]["B"], closed);
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
fn a_version_that_is_a_number_is_a_text() {
    let mut value = with_schema(json!({ "type": "string" }), json!({}));
    value["info"]["version"] = json!(1.5);
    let done = adapt(&mut value, &Home::alone());
    assert_eq!(rules(&done), ["info-version"]);
    assert_eq!(done.rules[0].pointer, "/info/version");
    assert_eq!(value["info"]["version"], "1.5");
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

/// The rules that a file of this folder reports: the first argument of `did` and `lost`, and the names in lists of rules.
fn rules_of(tokens: proc_macro2::TokenStream, found: &mut BTreeSet<String>) {
    use proc_macro2::TokenTree::{Group, Ident, Literal, Punct};
    let tokens = tokens.into_iter().collect::<Vec<_>>();
    let text =
        |literal: &proc_macro2::Literal| Some(literal.to_string().strip_prefix('"')?.strip_suffix('"')?.to_owned());
    for (index, token) in tokens.iter().enumerate() {
        let Group(group) = token else { continue };
        let inner = group.stream().into_iter().collect::<Vec<_>>();
        let told = matches!(index.checked_sub(1).map(|before| &tokens[before]), Some(Ident(name)) if name == "did" || name == "lost");
        let rule = match inner.as_slice() {
            [Literal(first), ..] if told => text(first),
            [Literal(first), Punct(_), Ident(_)] if tokens.len() > 1 && !told => text(first),
            _ => None,
        };
        found.extend(rule.filter(|rule| !rule.contains('/')));
        rules_of(group.stream(), found);
    }
}

#[test]
fn every_rule_has_a_fixture() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/adapt");
    let mut rules = BTreeSet::new();
    for entry in std::fs::read_dir(folder).expect("the folder of the rules") {
        let path = entry.expect("a file").path();
        if path.file_name().is_some_and(|name| name != "tests.rs") {
            let text = std::fs::read_to_string(&path).expect("a text");
            rules_of(text.parse().expect("Rust"), &mut rules);
        }
    }
    assert!(rules.contains("all-of") && rules.contains("rust-type") && rules.len() > 40, "{rules:?}");
    let fixtures = include_str!("tests.rs");
    let missing = rules
        .iter()
        .filter(|rule| !fixtures.contains(&format!("\"{rule}\"")) && !fixtures.contains(&format!("\"{rule}!\"")));
    assert_eq!(missing.collect::<Vec<_>>(), Vec::<&String>::new(), "rules without a fixture");
}
