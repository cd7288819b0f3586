//! Compositions of schemas.

use super::*;

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
    assert_eq!(schemas["A"]["properties"]["kind"], json!({ "type": "string" }));
    assert!(schemas["B"]["oneOf"].is_array(), "{}", schemas["B"]);
    assert_eq!(schemas["B"]["x-union"], json!({ "property": "kind", "tags": [["A"], ["C"]] }));
    assert_eq!(done.rules.iter().filter(|rule| rule.name == "base").count(), 3, "{:?}", done.rules);
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
    assert_eq!(rows, ["alternatives", "alternatives!"], "an object with `x` fits both");
    let expected = json!([{ "type": "integer" }, { "type": "string" }, reference("Strict"), reference("Loose")]);
    assert_eq!(after["oneOf"], expected);
}

#[test]
fn a_discriminator_stays_at_its_union() {
    let reference = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    let object = || json!({ "type": "object", "properties": { "kind": { "type": "string" } } });
    let union = |mapping: Value| json!({ "oneOf": [reference("B b"), reference("C")], "discriminator": { "propertyName": "kind", "mapping": mapping } });
    for (mapping, tags) in [
        (json!({}), json!([["B b"], ["C"]])),
        (json!({ "b": "#/components/schemas/B b" }), json!([["b", "B b"], ["C"]])),
        (json!({ "b": "B b", "c": "C", "d": "C" }), json!([["b", "B b"], ["c", "d", "C"]])),
        // Names that the mapping gives to others.
        (json!({ "C": "B b", "B b": "C" }), json!([["C"], ["B b"]])),
        // An alternative of an alternative.
        (json!({ "e": "#/components/schemas/E" }), json!([["B b"], ["e", "C"]])),
    ] {
        let members =
            json!({ "B b": object(), "C": { "oneOf": [reference("E"), { "type": "string" }] }, "E": object() });
        let mut value = with_schema(union(mapping.clone()), members);
        let done = adapt(&mut value, &Home::alone());
        let schemas = &value["components"]["schemas"];
        assert_eq!(schemas["A"]["x-union"], json!({ "property": "kind", "tags": tags }), "{mapping}");
        assert_eq!((&schemas["B_b"], &schemas["E"]), (&object(), &object()), "{mapping}");
        assert!(!done.rules.iter().any(|rule| rule.loses_meaning), "{mapping}: {:?}", done.rules);
    }
    let mut value = with_schema(union(json!({ "x": "Gone" })), json!({ "B b": object(), "C": object() }));
    let rows = rules(&adapt(&mut value, &Home::alone()));
    assert!(rows.contains(&"discriminator!".to_owned()), "{rows:?}");
}

#[test]
fn a_base_with_a_discriminator_is_a_union_of_what_extends_it() {
    let reference = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    let extend = |base: &str, member: &str| json!({ "allOf": [reference(base), { "type": "object", "properties": { member: { "type": "string" } } }] });
    let base = |mapping: Value| {
        json!({ "type": "object", "properties": { "k": { "type": "string" }, "next": reference("A"),
            "described": { "description": "d", "allOf": [reference("A")] } },
            "discriminator": { "propertyName": "k", "mapping": mapping } })
    };
    let more = || json!({ "B": extend("A", "b"), "C": extend("B", "c"), "ABase": { "type": "string" } });
    for (mapping, tags) in [
        (json!({}), json!([["A"], ["B"], ["C"]])),
        (json!({ "b": "B", "c": "#/components/schemas/C", "a": "A" }), json!([["a", "A"], ["b", "B"], ["c", "C"]])),
    ] {
        let mut value = with_schema(base(mapping.clone()), more());
        let done = adapt(&mut value, &Home::alone());
        let schemas = &value["components"]["schemas"];
        assert_eq!(schemas["A"]["oneOf"], json!([reference("ABase2"), reference("B"), reference("C")]), "{mapping}");
        let own = tags[0][0].clone();
        assert_eq!(schemas["A"]["x-union"], json!({ "property": "k", "tags": tags, "x-base": own }), "{mapping}");
        assert_eq!(schemas["ABase2"]["properties"]["next"], reference("A"));
        assert_eq!(schemas["C"]["properties"]["described"]["allOf"], json!([reference("A")]));
        let members = schemas["C"]["properties"].as_object().expect("properties").keys().cloned().collect::<Vec<_>>();
        assert_eq!(members, ["k", "next", "described", "b", "c"], "{mapping}");
        assert!(!done.rules.iter().any(|rule| rule.loses_meaning), "{mapping}: {:?}", done.rules);
    }
    let (after, rows) = schema(base(json!({})), json!({}));
    assert_eq!(rows, ["discriminator"], "nothing extends it");
    assert!(after["properties"].is_object() && after["discriminator"].is_null());
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
fn missing_parts_of_bodies_are_added_and_unused_ones_dropped() {
    let form = json!({ "schema": { "$ref": "#/components/schemas/A" }, "encoding": { "a": {} } });
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
