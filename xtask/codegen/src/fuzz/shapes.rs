//! Documents that grow in one direction: each shape of size `n` is a document that is about `n` times as large as that of
//! size 1, and the work on it has to grow as it does.

use openapi::Document;
use openapi::{overlay, work};
use serde_json::{Map, Value, json};

use crate::adapt::adapt;
use crate::home::Home;
use crate::{lint, lower, servers};

/// A document of a size, with an overlay if the shape is one of overlays.
pub(super) type Shape = fn(usize) -> (Value, Option<Value>);

/// All shapes, by name.
pub(super) const SHAPES: &[(&str, Shape)] = &[
    ("all-of-chain", |n| schemas(n, "3.0.3", |i| json!({ "allOf": [to(i + 1, n), object(i)] }))),
    ("all-of-diamonds", |n| schemas(n, "3.0.3", |i| json!({ "allOf": [to(i + 1, n), to(i + 1, n), object(i)] }))),
    ("all-of-cycle", |n| schemas(n, "3.0.3", |i| json!({ "allOf": [around(i + 1, n), object(i)] }))),
    ("all-of-list", |n| schema("3.0.3", json!({ "allOf": list(n, object) }))),
    ("all-of-list-required", |n| {
        let part = |i: usize| {
            let mut part = object(i);
            part["required"] = json!([format!("p{i}")]);
            part
        };
        schema("3.0.3", json!({ "allOf": list(n, part) }))
    }),
    ("all-of-nested-properties", |n| {
        schemas(n, "3.0.3", |i| {
            let part =
                |own: usize| json!({ "properties": { "x": to(i + 1, n), format!("p{own}"): { "type": "string" } } });
            json!({ "allOf": [part(0), part(1)] })
        })
    }),
    ("any-of-diamonds", |n| schemas(n, "3.0.3", |i| json!({ "anyOf": [to(i + 1, n), to(i + 1, n), object(i)] }))),
    ("one-of-diamonds", |n| schemas(n, "3.0.3", |i| json!({ "oneOf": [to(i + 1, n), to(i + 1, n), object(i)] }))),
    ("one-of-cycle", |n| schemas(n, "3.0.3", |i| json!({ "oneOf": [around(i + 1, n), object(i)] }))),
    ("one-of-list", |n| schema("3.0.3", json!({ "oneOf": list(n, object) }))),
    ("one-of-references", |n| {
        let (mut value, _) = schemas(n, "3.0.3", object);
        value["components"]["schemas"]["A"] = json!({ "oneOf": list(n, |i| to(i, n)) });
        (value, None)
    }),
    ("any-of-with-base", |n| {
        schema("3.0.3", json!({ "type": "object", "properties": { "b": {} }, "anyOf": list(n, object) }))
    }),
    ("products-of-alternatives", |n| {
        let choice = |i: usize| json!({ "oneOf": [object(2 * i), object(2 * i + 1)] });
        schema("3.0.3", json!({ "allOf": list(n, choice) }))
    }),
    ("discriminator", |n| {
        let (mut value, _) = schemas(n, "3.0.3", object);
        let mapping = map(n, |i| (format!("tag{i}"), name(i).into()));
        value["components"]["schemas"]["A"] =
            json!({ "oneOf": list(n, |i| to(i, n)), "discriminator": { "propertyName": "kind", "mapping": mapping } });
        (value, None)
    }),
    ("reference-chain", |n| schemas(n, "3.0.3", |i| to(i + 1, n))),
    ("reference-chain-3.1", |n| {
        schemas(n, "3.1.0", |i| {
            let mut schema = to(i + 1, n);
            schema["description"] = format!("d{i}").into();
            schema
        })
    }),
    ("reference-cycle", |n| {
        schemas(n, "3.0.3", |i| json!({ "type": "object", "properties": { "next": around(i + 1, n) } }))
    }),
    ("reference-cycle-required", |n| {
        schemas(
            n,
            "3.0.3",
            |i| json!({ "type": "object", "required": ["next"], "properties": { "next": around(i + 1, n) } }),
        )
    }),
    ("references-into-the-middle", |n| {
        let all = map(n, |i| (format!("r{i}"), json!({ "$ref": format!("#/components/schemas/B/properties/p{i}") })));
        let (mut value, _) = schema("3.0.3", json!({ "type": "object", "properties": all }));
        let own = map(n, |i| (format!("p{i}"), object(i)));
        value["components"]["schemas"]["B"] = json!({ "type": "object", "properties": own });
        (value, None)
    }),
    ("copies-of-definitions", |n| {
        let (mut value, _) = schema("3.1.0", json!({ "$ref": "#/definitions/S0" }));
        let next =
            |i: usize| json!({ "type": "object", "properties": { "x": { "$ref": format!("#/definitions/S{i}") } } });
        value["definitions"] = map(n, |i| (format!("S{i}"), if i + 1 < n { next(i + 1) } else { object(i) }));
        (value, None)
    }),
    ("null-members-in-diamonds", |n| {
        schemas(n, "3.1.0", |i| json!({ "anyOf": [to(i + 1, n), { "items": to(i + 1, n) }, { "type": "null" }] }))
    }),
    ("lost-assertions", |n| {
        schemas(
            n,
            "3.1.0",
            |i| json!({ "oneOf": [to(i + 1, n), { "contains": { "const": i } }, { "type": "string" }] }),
        )
    }),
    ("titles", |n| {
        schemas(n, "3.0.3", |i| json!({ "title": "same", "type": "object", "properties": { format!("p{i}"): {} } }))
    }),
    ("colliding-schemas", |n| {
        let mut value = frame("3.0.3");
        value["components"]["schemas"] = map(n, |i| (collides(i), object(i)));
        value["components"]["schemas"]["A"] = object(0);
        (value, None)
    }),
    ("colliding-properties", |n| {
        let all = map(n, |i| (collides(i), json!({ "type": "string" })));
        schema("3.0.3", json!({ "type": "object", "properties": all, "required": list(n, |i| collides(i).into()) }))
    }),
    ("colliding-operations", |n| paths(n, |i| operation(&collides(i)))),
    ("colliding-parameters", |n| {
        let all = list(n, |i| json!({ "name": collides(i), "in": "query", "schema": { "type": "string" } }));
        one_operation(json!({ "parameters": all }))
    }),
    ("colliding-values", |n| schema("3.0.3", json!({ "type": "string", "enum": list(n, |i| collides(i).into()) }))),
    ("colliding-inline-types", |n| {
        let all = map(n, |i| (collides(i), json!({ "type": "array", "items": object(i) })));
        schema("3.0.3", json!({ "type": "object", "properties": all }))
    }),
    ("colliding-servers", |n| {
        let mut value = frame("3.0.3");
        let server = |i: usize| json!({ "url": format!("https://s{i}.example/v1"), "description": "same words" });
        value["servers"] = list(n, server).into();
        (value, None)
    }),
    ("servers", |n| {
        let mut value = frame("3.0.3");
        value["servers"] = list(n, |i| json!({ "url": format!("https://s{i}.example/v1") })).into();
        (value, None)
    }),
    ("servers-of-paths", |n| {
        paths(n, |i| {
            let mut one = operation(&format!("get{i}"));
            one["servers"] = json!([{ "url": format!("https://s{i}.example/v1") }]);
            one
        })
    }),
    ("server-variables", |n| {
        let mut value = frame("3.0.3");
        let url = format!(
            "https://{}example",
            list(n, |i| format!("{{v{i}}}.").into()).iter().filter_map(Value::as_str).collect::<String>()
        );
        let variables = map(n, |i| (format!("v{i}"), json!({ "default": format!("x{i}") })));
        value["servers"] = json!([{ "url": url, "variables": variables }]);
        (value, None)
    }),
    ("values-of-server-variables", |n| {
        let mut value = frame("3.0.3");
        value["servers"] = json!([{ "url": "https://{v}.example", "variables": { "v": {
            "default": "x0", "enum": list(n, |i| format!("x{i}").into()) } } }]);
        (value, None)
    }),
    ("operations", |n| paths(n, |i| operation(&format!("get{i}")))),
    ("unnamed-operations", |n| {
        paths(n, |_| json!({ "responses": { "200": { "description": "d" }, "404": { "description": "d" } } }))
    }),
    ("tags", |n| {
        let (mut value, _) = paths(n, |i| {
            let mut one = operation(&format!("get{i}"));
            one["tags"] = json!([format!("tag{i}")]);
            one
        });
        value["tags"] = list(n, |i| json!({ "name": format!("tag{i}"), "description": "words" })).into();
        (value, None)
    }),
    ("parameters", |n| {
        let all = list(n, |i| json!({ "name": format!("p{i}"), "in": "query", "schema": { "type": "string" } }));
        one_operation(json!({ "parameters": all }))
    }),
    ("headers", |n| {
        let all = list(n, |i| json!({ "name": format!("p{i}"), "in": "header", "schema": { "type": "string" } }));
        one_operation(json!({ "parameters": all }))
    }),
    ("variables-of-a-path", |n| {
        let mut value = frame("3.0.3");
        let path = list(n, |i| format!("/{{v{i}}}").into()).iter().filter_map(Value::as_str).collect::<String>();
        value["paths"] = json!({ path: { "get": operation("get") } });
        (value, None)
    }),
    ("parameters-of-a-path", |n| {
        let (mut value, _) = one_operation(json!({}));
        let one = |i: usize| json!({ "name": format!("p{i}"), "in": "query", "schema": { "type": "string" } });
        value["paths"]["/a"]["parameters"] = list(n, one).into();
        value["paths"]["/a"]["get"]["parameters"] = list(n, |i| one(i + n / 2)).into();
        (value, None)
    }),
    ("media-types", |n| {
        let body = |i: usize| (format!("application/x{i}+json"), json!({ "schema": { "type": "string" } }));
        one_operation(json!({
            "responses": { "200": { "description": "d", "content": map(n, body) } },
            "requestBody": { "content": map(n, body) },
        }))
    }),
    ("responses", |n| {
        let body = |i: usize| json!({ "description": "d", "content": { "application/json": { "schema": object(i) } } });
        paths(
            n.div_ceil(100),
            |of| json!({ "operationId": format!("get{of}"), "responses": map(100, |i| ((400 + i).to_string(), body(i))) }),
        )
    }),
    ("properties", |n| {
        let all = map(n, |i| (format!("p{i}"), json!({ "type": "string" })));
        schema("3.0.3", json!({ "type": "object", "properties": all, "required": list(n, |i| format!("p{i}").into()) }))
    }),
    ("misspelt-requirements", |n| {
        let all = map(n, |i| (format!("pet_{i}"), json!({ "type": "string" })));
        schema(
            "3.0.3",
            json!({ "type": "object", "properties": all, "required": list(n, |i| format!("pet-{i}").into()) }),
        )
    }),
    ("merged-properties", |n| {
        let part = |kind: &str| {
            let all = map(n, |i| (format!("p{i}"), json!({ "type": kind, "minimum": i })));
            json!({ "type": "object", "properties": all, "required": list(n, |i| format!("p{i}").into()) })
        };
        schema("3.0.3", json!({ "allOf": [part("number"), part("integer")] }))
    }),
    ("inline-types", |n| {
        let all = map(n, |i| (format!("p{i}"), object(i)));
        schema("3.0.3", json!({ "type": "object", "properties": all }))
    }),
    ("values", |n| schema("3.0.3", json!({ "type": "string", "enum": list(n, |i| format!("v{i}").into()) }))),
    ("numbers", |n| schema("3.0.3", json!({ "type": "integer", "enum": list(n, Value::from) }))),
    ("values-of-two-parts", |n| {
        let part = || json!({ "type": "string", "enum": list(n, |i| format!("v{i}").into()) });
        let mut other = part();
        other["enum"].as_array_mut().into_iter().for_each(|all| all.reverse());
        schema("3.0.3", json!({ "allOf": [part(), other] }))
    }),
    ("constants", |n| schema("3.1.0", json!({ "oneOf": list(n, |i| json!({ "const": format!("v{i}") })) }))),
    ("types-in-lists", |n| {
        let all = map(n, |i| (format!("p{i}"), json!({ "type": ["string", "null", "integer"] })));
        schema("3.1.0", json!({ "type": "object", "properties": all }))
    }),
    ("tuples", |n| schema("3.1.0", json!({ "type": "array", "prefixItems": list(n, object) }))),
    ("pattern-properties", |n| {
        let all = map(n, |i| (format!("^x{i}"), object(i)));
        schema("3.1.0", json!({ "type": "object", "patternProperties": all }))
    }),
    ("patterns", |n| {
        let all = map(n, |i| (format!("p{i}"), json!({ "type": "string", "pattern": format!("^(a+)+{i}$") })));
        schema("3.0.3", json!({ "type": "object", "properties": all }))
    }),
    ("security-schemes", |n| {
        let (mut value, _) = paths(n, |i| {
            let mut one = operation(&format!("get{i}"));
            one["security"] = json!([{ format!("key{i}"): [] }]);
            one
        });
        let key = |i: usize| json!({ "type": "apiKey", "in": "header", "name": format!("X-Key-{i}") });
        value["components"]["securitySchemes"] = map(n, |i| (format!("key{i}"), key(i)));
        (value, None)
    }),
    ("alternatives-of-security", |n| {
        let (mut value, _) = one_operation(json!({ "security": list(n, |i| json!({ format!("key{i}"): [] })) }));
        let key = |i: usize| json!({ "type": "apiKey", "in": "header", "name": format!("X-Key-{i}") });
        value["components"]["securitySchemes"] = map(n, |i| (format!("key{i}"), key(i)));
        (value, None)
    }),
    ("bearer-tokens", |n| {
        let (mut value, _) = paths(n, |i| {
            let mut one = operation(&format!("get{i}"));
            one["security"] = json!([{ format!("token{i}"): [] }]);
            one
        });
        value["components"]["securitySchemes"] =
            map(n, |i| (format!("token{i}"), json!({ "type": "http", "scheme": "bearer" })));
        (value, None)
    }),
    ("undescribed-schemes", |n| {
        paths(n, |i| {
            let mut one = operation(&format!("get{i}"));
            one["security"] = json!([{ format!("token{i}"): [] }]);
            one
        })
    }),
    ("credentials", |n| {
        let all = map(n, |i| (format!("p{i}_password"), json!({ "type": "string" })));
        schema("3.0.3", json!({ "type": "object", "properties": all }))
    }),
    ("broken-references", |n| schemas(n, "3.0.3", |i| json!({ "$ref": format!("#/nowhere/{i}") }))),
    ("impossible-schemas", |n| schemas(n, "3.0.3", |_| json!({ "type": "object", "required": [1] }))),
    ("nested-schemas", |n| {
        let nested = (0..n.div_ceil(40)).map(|i| {
            let deep = (0..40).fold(
                object(i),
                |inner, level| json!({ "type": "object", "properties": { format!("l{level}"): inner } }),
            );
            (name(i), deep)
        });
        let mut value = frame("3.0.3");
        value["components"]["schemas"] = Value::Object(nested.collect());
        value["components"]["schemas"]["A"] = to(0, 1);
        (value, None)
    }),
    ("path-items", |n| {
        let (mut value, _) = one_operation(json!({}));
        for i in 0..n {
            value["paths"][format!("/p{i}")] = json!({ "$ref": format!("#/paths/~1p{}", i + 1) });
        }
        value["paths"][format!("/p{n}")] = json!({ "get": operation("last") });
        (value, None)
    }),
    ("copies-of-path-items", |n| {
        let (mut value, _) = one_operation(json!({}));
        for i in 0..n {
            value["paths"][format!("/p{i}")] = json!({ "$ref": "#/paths/~1a" });
        }
        (value, None)
    }),
    ("common-parameters", |n| {
        let (mut value, _) = paths(n, |i| {
            let mut one = operation(&format!("get{i}"));
            one["parameters"] = json!([{ "$ref": format!("#/components/parameters/P{i}") }]);
            one
        });
        let one = |i: usize| json!({ "name": format!("p{i}"), "in": "query", "schema": { "type": "string" } });
        value["components"]["parameters"] = map(n, |i| (format!("P{i}"), one(i)));
        (value, None)
    }),
    ("examples", |n| {
        schema("3.1.0", json!({ "type": "object", "example": list(n, object), "examples": list(n, object) }))
    }),
    ("long-texts", |n| {
        let (mut value, _) = one_operation(json!({ "summary": "word ".repeat(n), "description": "word ".repeat(n) }));
        value["info"]["title"] = "word ".repeat(n).into();
        value["info"]["description"] = "word\n".repeat(n).into();
        value["components"]["schemas"] = json!({ "A": { "type": "string", "description": "word\n\n".repeat(n) } });
        (value, None)
    }),
    ("overlay-actions", |n| {
        let (value, _) = paths(n, |i| operation(&format!("get{i}")));
        let action = |i: usize| json!({ "target": format!("$.paths['/p{i}'].get"), "description": "why", "update": { "summary": "s" } });
        (value, Some(overlay(list(n, action))))
    }),
    ("overlay-removals", |n| {
        let (value, _) = paths(n, |i| operation(&format!("get{i}")));
        let action = json!({ "target": "$.paths[?@.get.tags]", "description": "why", "remove": true });
        (value, Some(overlay(vec![action])))
    }),
];

fn overlay(actions: Vec<Value>) -> Value {
    json!({ "overlay": "1.1.0", "info": { "title": "t", "version": "1" }, "actions": actions })
}

fn name(i: usize) -> String {
    format!("S{i}")
}

fn list(n: usize, one: impl Fn(usize) -> Value) -> Vec<Value> {
    (0..n).map(one).collect()
}

fn map(n: usize, one: impl Fn(usize) -> (String, Value)) -> Value {
    Value::Object((0..n).map(one).collect::<Map<_, _>>())
}

/// A reference to the schema with this number; past the last one there is a text.
fn to(i: usize, n: usize) -> Value {
    if i < n { json!({ "$ref": format!("#/components/schemas/{}", name(i)) }) } else { json!({ "type": "object" }) }
}

fn around(i: usize, n: usize) -> Value {
    to(i % n, n)
}

fn object(i: usize) -> Value {
    json!({ "type": "object", "properties": { format!("p{i}"): { "type": "string" } } })
}

/// Names that are one in Rust.
fn collides(i: usize) -> String {
    let mark = |at: usize| if i >> at & 1 == 0 { '_' } else { '-' };
    ('a'..='q').enumerate().flat_map(|(at, letter)| [letter, mark(at)]).chain(['z']).collect()
}

fn frame(version: &str) -> Value {
    json!({
        "openapi": version,
        "info": { "title": "t", "version": "1" },
        "servers": [{ "url": "https://a.example/v1" }],
        "paths": { "/a": { "get": operation("getA") } },
        "components": { "schemas": { "A": object(0) } },
    })
}

fn operation(id: &str) -> Value {
    json!({ "operationId": id, "tags": ["t"], "responses": { "200": { "description": "ok", "content": {
        "application/json": { "schema": { "$ref": "#/components/schemas/A" } } } } } })
}

/// One schema, which is the answer of an operation.
fn schema(version: &str, schema: Value) -> (Value, Option<Value>) {
    let mut value = frame(version);
    value["components"]["schemas"]["A"] = schema;
    (value, None)
}

/// Several schemas, the first of which is the answer of an operation.
fn schemas(n: usize, version: &str, one: impl Fn(usize) -> Value) -> (Value, Option<Value>) {
    let mut value = frame(version);
    value["components"]["schemas"] = map(n, |i| (name(i), one(i)));
    value["components"]["schemas"]["A"] = json!({ "type": "object", "properties": { "s": to(0, n) } });
    (value, None)
}

/// Operations at paths of their own.
fn paths(n: usize, one: impl Fn(usize) -> Value) -> (Value, Option<Value>) {
    let mut value = frame("3.0.3");
    value["paths"] = map(n, |i| (format!("/p{i}"), json!({ "get": one(i) })));
    (value, None)
}

/// One operation with these members.
fn one_operation(members: Value) -> (Value, Option<Value>) {
    let mut value = frame("3.0.3");
    let mut one = operation("getA");
    for (key, member) in members.as_object().into_iter().flatten() {
        one[key] = member.clone();
    }
    value["paths"]["/a"]["get"] = one;
    (value, None)
}

/// The steps between a document of this shape and one that the generator gets, with all problems and rows shown.
fn walk(shape: Shape, n: usize) {
    let (document, overlay) = shape(n);
    let document = Document::parse("a.json", document.to_string()).expect("a document");
    let overlay = overlay.map(|overlay| Document::parse("o.json", overlay.to_string()).expect("an overlay"));
    let mut value = document.value.clone();
    if let Some(overlay) = overlay {
        overlay::apply(&overlay, "a.json", &mut value).unwrap_or_else(|problems| panic!("{problems}"));
    }
    assert!(document.line("").is_some());
    let Ok(lowered) = lower::lower(&document, &mut value) else { return };
    let done = adapt(&mut value, &Home::alone());
    for rule in lowered.rules.iter().chain(&done.rules) {
        document.line(&rule.pointer);
    }
    let _ = lint::lint(&document, &value, &Home::alone());
    let _ = servers::read(&document, &value);
}

/// Runs this with a stack that is smaller than that of any first thread.
fn with_small_stack(run: impl FnOnce() + Send) {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(512 * 1024).spawn_scoped(scope, run);
        thread.expect("a thread").join().expect("no panic");
    });
}

#[test]
fn the_work_grows_linearly_with_the_document() {
    let mut failed = Vec::new();
    for (name, shape) in SHAPES {
        let count = |n: usize| work::of(|| walk(*shape, n));
        let (one, two) = (count(60), count(120));
        assert!(one > 60, "{name}: {one} steps are not all of them");
        if two * 2 > one * 5 {
            failed.push(format!("{name}: {one} steps, and {two} for twice the size"));
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
fn a_chain_of_hundreds_needs_no_deep_stack() {
    for (name, shape) in SHAPES.iter().filter(|(name, _)| name.contains("chain") || name.contains("cycle")) {
        println!("{name}");
        with_small_stack(|| walk(*shape, 800));
    }
}

#[test]
fn parts_with_many_cycles_end_with_a_reported_limit() {
    let part = |i: usize| json!({ "allOf": [around(i + 1, 20), around(i + 2, 20), object(i)] });
    let (mut value, _) = schemas(20, "3.0.3", part);
    let done = adapt(&mut value, &Home::alone());
    let notes = done.rules.iter().filter(|rule| rule.loses_meaning).map(|rule| rule.note.as_str()).collect::<String>();
    assert!(notes.contains("is merged of more than 100000 members"), "{notes}");
}

#[test]
fn schemas_that_hold_themselves_are_merged_to_an_end() {
    let node =
        |i: usize| json!({ "type": "object", "properties": { "x": to(i, 2), format!("p{i}"): { "type": "string" } } });
    let (mut value, _) = schemas(2, "3.0.3", node);
    value["components"]["schemas"]["A"] = json!({ "allOf": [to(0, 2), to(1, 2)] });
    let steps = work::of(|| drop(adapt(&mut value, &Home::alone())));
    assert!(steps < 5_000, "{steps}");
}

/// Writes each shape at `SHAPES_SIZE` and at twice that size into the folder `SHAPES_FOLDER`, for measurements.
#[test]
#[ignore = "writes files, for measurements of the program as a whole"]
fn shapes_become_files() {
    let folder = std::path::PathBuf::from(std::env::var_os("SHAPES_FOLDER").expect("SHAPES_FOLDER names a folder"));
    let size = std::env::var("SHAPES_SIZE").ok().and_then(|text| text.parse().ok()).unwrap_or(500_usize);
    std::fs::create_dir_all(&folder).expect("a folder");
    for (name, shape) in SHAPES {
        for n in [size, size * 2] {
            let (document, overlay) = shape(n);
            let write = |kind: &str, value: &Value| {
                let file = folder.join(format!("{name}.{n}{kind}.json"));
                std::fs::write(&file, value.to_string()).expect("a file that can be written");
            };
            write("", &document);
            overlay.iter().for_each(|overlay| write(".overlay", overlay));
        }
    }
}
