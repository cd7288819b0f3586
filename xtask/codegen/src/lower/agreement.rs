//! Compares schemas before and after lowering: random 3.1 schemas, random values, and a
//! validator for JSON Schema 2020-12.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Map, Value, json};

use super::*;

/// How many schemas are tried, each with [`VALUES`] values.
const SCHEMAS: u32 = 400;
const VALUES: usize = 24;

#[test]
fn a_value_that_was_valid_stays_valid_and_without_loss_no_other_becomes_valid() {
    let config = Config { cases: SCHEMAS, failure_persistence: None, max_global_rejects: SCHEMAS, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let schemas = (schema(), schema(), prop::collection::vec(value(), VALUES));
    let (mut valid, mut exact) = (std::cell::Cell::new(0_u32), std::cell::Cell::new(0_u32));
    let outcome = runner.run(&schemas, |(a, b, values)| {
        // `B: { not: B }` has no meaning that two judges could agree on.
        let text = b.to_string();
        let paradox = ["\"not\"", "\"oneOf\"", "\"if\""].iter().any(|key| text.contains(key));
        prop_assume!(!(paradox && text.contains("schemas/B")));
        let before = json!({ "openapi": "3.1.0", "components": { "schemas": { "A": a, "B": b } } });
        let document = Document::parse("specs/a.json", before.to_string()).expect("valid JSON");
        let mut after = before.clone();
        let Ok(lowered) = lower(&document, &mut after) else {
            // `B: { $ref: B }` has no meaning.
            return Err(TestCaseError::reject("a reference to itself"));
        };
        let lossless = lowered.rules.iter().all(|rule| !rule.loses_meaning);
        exact.set(exact.get() + u32::from(lossless));
        let (old, new) = (judge(&before, |schema| schema.clone()), judge(&after, as_json_schema));
        for value in values {
            let (was, is) = (old.is_valid(&value), new.is_valid(&value));
            valid.set(valid.get() + u32::from(was));
            let details = || format!("{value}\nbefore: {before}\nafter: {after}\n{:#?}", lowered.rules);
            prop_assert!(!was || is, "is no longer accepted: {}", details());
            prop_assert!(was || !is || !lossless, "was not accepted: {}", details());
        }
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    // The test would say nothing if nothing were ever valid, or everything lost.
    assert!(*valid.get_mut() > SCHEMAS && *exact.get_mut() > SCHEMAS / 4, "{valid:?} valid, {exact:?} without loss");
}

/// A validator for the schema `A` of a document.
fn judge(document: &Value, translate: fn(&Value) -> Value) -> jsonschema::Validator {
    let schemas = document["components"]["schemas"].as_object().expect("schemas");
    let schemas = schemas.iter().map(|(name, schema)| (name.clone(), translate(schema))).collect::<Map<_, _>>();
    let schema = json!({ "$ref": "#/components/schemas/A", "components": { "schemas": schemas } });
    jsonschema::draft202012::new(&schema).expect("a valid schema")
}

/// What a schema of 3.0 says, in the words of JSON Schema 2020-12.
fn as_json_schema(schema: &Value) -> Value {
    let mut schema = schema.clone();
    walk::change(&mut schema, NodeKind::Schema, "", &mut |value, _, _| {
        let Some(schema) = value.as_object_mut() else { return };
        for (mark, limit) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
            if schema.shift_remove(mark) == Some(Value::Bool(true)) {
                let limit = schema.shift_remove(limit).expect("a limit");
                schema.insert(mark.to_owned(), limit);
            }
        }
        if schema.shift_remove("nullable") == Some(Value::Bool(true)) {
            *value = json!({ "anyOf": [{ "type": "null" }, schema] });
        }
    });
    schema
}

const NAMES: [&str; 3] = ["a", "b", "ab"];

fn value() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((prop::sample::select(&NAMES[..]), inner), 0..4).prop_map(object),
        ]
    })
}

fn scalar() -> impl Strategy<Value = Value> {
    let all = [
        json!(null),
        json!(null),
        json!(true),
        json!(0),
        json!(1),
        json!(2),
        json!(3),
        json!(1.5),
        json!(""),
        json!("a"),
        json!("ab"),
        json!("abc"),
    ];
    prop::sample::select(all.to_vec())
}

fn object(members: Vec<(&'static str, Value)>) -> Value {
    Value::Object(members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

/// A 3.1 schema made of the constructs that are lowered.
fn schema() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        6 => keyword_of_scalars().prop_map(|pair| object(vec![pair])),
        2 => types().prop_map(|types| json!({ "type": types })),
        1 => any::<bool>().prop_map(Value::Bool),
        1 => prop::sample::select(vec!["#/components/schemas/A/items", "#/components/schemas/B"])
            .prop_map(|to| if to.ends_with('B') { json!({ "$ref": to }) } else { json!({ "type": "null" }) }),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let keyword = prop_oneof![3 => keyword_of_scalars(), 5 => keyword_of_schemas(inner)];
        (prop::collection::vec(keyword, 1..4), prop::option::weighted(0.5, types())).prop_map(|(mut pairs, types)| {
            pairs.extend(types.map(|types| ("type", types)));
            object(pairs)
        })
    })
}

fn types() -> impl Strategy<Value = Value> {
    let names = vec!["string", "integer", "number", "boolean", "array", "object", "null", "null"];
    prop::collection::vec(prop::sample::select(names), 1..4).prop_map(|mut names| {
        names.sort_unstable();
        names.dedup();
        if let [only] = names.as_slice() { json!(only) } else { json!(names) }
    })
}

fn keyword_of_scalars() -> impl Strategy<Value = (&'static str, Value)> {
    let number = || prop::sample::select(vec![json!(0), json!(1), json!(1.5), json!(2)]);
    let count = || (0_u32..3).prop_map(Value::from);
    let names = || prop::collection::vec(prop::sample::select(&NAMES[..]), 0..2).prop_map(Value::from);
    let values = prop::collection::vec(scalar(), 1..4).prop_map(|values| {
        let mut distinct: Vec<Value> = Vec::new();
        values.into_iter().for_each(|value| {
            if !distinct.contains(&value) {
                distinct.push(value)
            }
        });
        Value::from(distinct)
    });
    prop_oneof![
        prop::sample::select(vec!["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"])
            .prop_flat_map(move |key| number().prop_map(move |value| (key, value))),
        prop::sample::select(vec![
            "minLength",
            "maxLength",
            "minItems",
            "maxItems",
            "minProperties",
            "maxProperties",
            "minContains",
        ])
        .prop_flat_map(move |key| count().prop_map(move |value| (key, value))),
        names().prop_map(|value| ("required", value)),
        names().prop_map(|value| ("dependentRequired", json!({ "a": value }))),
        scalar().prop_map(|value| ("const", value)),
        values.prop_map(|value| ("enum", value)),
        scalar().prop_map(|value| ("examples", json!([value]))),
        Just(("contentEncoding", json!("base64"))),
    ]
}

fn keyword_of_schemas(
    inner: impl Strategy<Value = Value> + Clone + 'static,
) -> impl Strategy<Value = (&'static str, Value)> {
    let list = prop::collection::vec(inner.clone(), 1..4).prop_map(Value::from);
    let map = prop::collection::vec((prop::sample::select(&NAMES[..]), inner.clone()), 1..3).prop_map(object);
    let patterns =
        prop::collection::vec((prop::sample::select(vec!["^a", "b$", ".*"]), inner.clone()), 1..3).prop_map(object);
    let one = prop::sample::select(vec![
        "items",
        "additionalProperties",
        "not",
        "contains",
        "propertyNames",
        "if",
        "then",
        "else",
        "unevaluatedItems",
        "unevaluatedProperties",
    ]);
    let null = inner.clone().prop_map(|member| json!([member, { "type": "null" }]));
    let consts = prop::collection::vec(scalar(), 2..4)
        .prop_map(|values| values.into_iter().map(|value| json!({ "const": value })).collect::<Vec<_>>().into());
    prop_oneof![
        4 => (one, inner.clone()),
        2 => (prop::sample::select(vec!["allOf", "anyOf", "oneOf", "prefixItems"]), list),
        2 => (prop::sample::select(vec!["anyOf", "oneOf"]), null),
        1 => (prop::sample::select(vec!["anyOf", "oneOf"]), consts),
        2 => (Just("properties"), map.clone()),
        1 => (Just("dependentSchemas"), map),
        1 => (Just("patternProperties"), patterns),
        1 => (Just("$ref"), Just(json!("#/components/schemas/B"))),
        1 => (Just("additionalProperties"), Just(json!(false))),
    ]
}
