//! Lowering does what others do: the TypeSpec compiler writes one source as 3.1 and as 3.0, and its 3.1, lowered, is its
//! 3.0, but for [`UNDERSTOOD`].

use serde_json::{Map, Value, json};

use super::*;
use crate::codegen::positions::child;

const EMITTED_3_0: &str = include_str!("../../../tests/fixtures/typespec/openapi-3.0.0.json");
const EMITTED_3_1: &str = include_str!("../../../tests/fixtures/typespec/openapi-3.1.0.json");

/// A way in which a lowered document differs, and why that is right.
struct Difference {
    reason: &'static str,
    /// Puts a value of the lowered document, which is given as a whole, too, as the compiler puts it.
    restate: fn(&mut Value, &Value),
    /// Where.
    places: &'static [&'static str],
}

const UNDERSTOOD: &[Difference] = &[
    Difference {
        reason: "documents are lowered to the last 3.0, and the compiler writes the first",
        restate: |version, _| *version = "3.0.0".into(),
        places: &["/openapi"],
    },
    Difference {
        reason: "`summary` is no member of a 3.0 Info Object; the compiler leaves it there",
        restate: |info, _| drop(set(info, "summary", "Ships and berths".into())),
        places: &["/info"],
    },
    Difference {
        reason: "the compiler writes a copy of a model that is inlined in a tuple, to which nothing refers, in 3.1 alone",
        restate: |schemas, _| drop(object(schemas).shift_remove("Harbour.Point")),
        places: &["/components/schemas"],
    },
    Difference {
        reason: "a part without schema may be anything in 3.1, where its media type says what it is; no client is made \
                 of multipart bodies",
        restate: |schema, _| *schema = json!({ "type": "string", "format": "binary" }),
        places: &[
            "/paths/~1files~1parts/post/requestBody/content/multipart~1form-data/schema/properties/picture",
            "/paths/~1files~1parts/post/requestBody/content/multipart~1form-data/schema/properties/more/items",
            "/paths/~1files~1parts/post/requestBody/content/multipart~1form-data/schema/properties/raw",
        ],
    },
    Difference {
        reason: "the type beside `nullable` repeats that of the schema that is referred to",
        restate: repeat_type,
        places: &[
            "/components/schemas/Beside/properties/deprecatedOrNull",
            "/components/schemas/Beside/properties/documentedOrNull",
            "/components/schemas/Beside/properties/exampledOrNull",
            "/components/schemas/Beside/properties/extendedOrNull",
            "/components/schemas/Beside/properties/optionalOrNull",
            "/components/schemas/Beside/properties/plainOrNull",
            "/components/schemas/Beside/properties/readOnlyOrNull",
            "/components/schemas/Dog/properties/friend",
            "/components/schemas/Lists/properties/nullablePoints/items",
            "/components/schemas/Numbers/properties/heading",
            "/components/schemas/Ping/properties/pong",
            "/components/schemas/Pong/properties/ping",
            "/components/schemas/Texts/properties/idOrNull",
            "/components/schemas/Tree/properties/named/additionalProperties",
            "/components/schemas/Tree/properties/right",
            "/paths/~1files~1several/post/responses/200/content/application~1json/schema",
            "/paths/~1misc~1anonymous/post/responses/200/content/application~1json/schema/properties/list/items",
            "/paths/~1ships~1{id}/put/requestBody/content/application~1json/schema",
        ],
    },
    Difference {
        reason: "an `enum` that does not list `null` rules it out, says 3.0.3, and some read it so",
        restate: |schema, _| object(schema)["enum"].as_array_mut().expect("a list").retain(|value| !value.is_null()),
        places: &[
            "/components/schemas/EnumWithNull",
            "/components/schemas/Literals/properties/kindOrNull",
            "/components/schemas/Literals/properties/optionalSpeed",
            "/paths/~1misc~1anonymous/post/requestBody/content/application~1json/schema/properties/b",
            "/paths/~1misc~1default/get/responses/200/content/application~1json/schema",
        ],
    },
    Difference {
        reason: "without an `enum` of `null`, what is only ever `null` might be anything",
        restate: |schema, _| drop(object(schema).shift_remove("enum")),
        places: &[
            "/components/schemas/Members/properties/nothing",
            "/components/schemas/MembersCreateOrUpdate/properties/nothing",
            "/components/schemas/Unions/properties/onlyNull",
        ],
    },
    Difference {
        reason: "`null` is accepted by the union, and not once more by every member of it",
        restate: nullable_members,
        places: &[
            "/components/schemas/Pong/properties/all/items",
            "/components/schemas/UnionWithNull",
            "/components/schemas/Unions/properties/modelOrTextOrNull",
            "/components/schemas/Unions/properties/modelsOrNull",
        ],
    },
];

/// What loses its meaning: 3.0 has no tuples, which the compiler's 3.0 does not tell.
const LOST: [(&str, &str); 2] = [
    ("prefix-items", "/components/schemas/Lists/properties/tuple/prefixItems"),
    ("prefix-items", "/components/schemas/Lists/properties/tupleOfModels/prefixItems"),
];

#[test]
fn a_lowered_document_is_what_the_typespec_compiler_writes_as_3_0() {
    let (mut lowered, _) = lowered();
    let emitted: Value = serde_json::from_str(EMITTED_3_0).expect("valid JSON");
    let whole = lowered.clone();
    for Difference { reason, restate, places } in UNDERSTOOD {
        for place in *places {
            let value = lowered.pointer_mut(place).unwrap_or_else(|| panic!("{place} is gone: {reason}"));
            let before = value.clone();
            restate(value, &whole);
            assert_ne!(*value, before, "{place} is no longer different: {reason}");
        }
    }
    let mut found = Vec::new();
    compare(Some(&lowered), Some(&emitted), "", &mut found);
    assert!(found.is_empty(), "differences that nobody has understood:\n{}", found.join("\n"));
}

#[test]
fn what_the_typespec_compiler_writes_loses_no_meaning_but_that_of_tuples() {
    let (_, report) = lowered();
    let lost = report.rows.iter().filter(|row| row.loses_meaning).map(|row| (row.rule, row.pointer.as_str()));
    assert_eq!(lost.collect::<Vec<_>>(), LOST);
}

#[test]
fn a_difference_is_found_wherever_it_is() {
    let mut found = Vec::new();
    let one = json!({ "a": [1, { "b/c": 1 }], "d": [1], "e": 1, "same": [{}] });
    let other = json!({ "same": [{}], "a": [1, { "b/c": 2 }], "d": [1, 2], "f": null });
    compare(Some(&one), Some(&other), "", &mut found);
    let expected = [
        "/a/1/b~1c: lowered 1, the compiler 2",
        "/d: lowered [1], the compiler [1,2]",
        "/e: lowered 1, the compiler nothing",
        "/f: lowered nothing, the compiler null",
    ];
    assert_eq!(found, expected);
}

/// The compiler's 3.1, lowered.
fn lowered() -> (Value, Lowered) {
    let document = Document::parse("specs/typespec.json", EMITTED_3_1.to_owned()).expect("valid JSON");
    let mut value = document.value.clone();
    let report = lower(&document, &mut value).expect("can be lowered");
    (value, report)
}

/// Finds the differences between two values, as deep inside as they are.
fn compare(one: Option<&Value>, other: Option<&Value>, pointer: &str, found: &mut Vec<String>) {
    match (one, other) {
        (Some(Value::Object(a)), Some(Value::Object(b))) => {
            for key in a.keys().chain(b.keys().filter(|key| !a.contains_key(*key))) {
                compare(a.get(key), b.get(key), &child(pointer, key), found);
            }
        }
        (Some(Value::Array(a)), Some(Value::Array(b))) if a.len() == b.len() => {
            for (index, (a, b)) in a.iter().zip(b).enumerate() {
                compare(Some(a), Some(b), &child(pointer, &index.to_string()), found);
            }
        }
        _ if one == other => {}
        _ => {
            let told = |value: Option<&Value>| value.map_or("nothing".to_owned(), Value::to_string);
            found.push(format!("{pointer}: lowered {}, the compiler {}", told(one), told(other)));
        }
    }
}

/// Adds the type of the schema that is referred to.
fn repeat_type(schema: &mut Value, document: &Value) {
    let reference = schema["allOf"][0]["$ref"].as_str().and_then(|text| text.strip_prefix('#')).expect("a reference");
    let named = document.pointer(reference).expect("a schema");
    set(schema, "type", named["type"].clone());
}

/// Moves `nullable` into the members of a union.
fn nullable_members(schema: &mut Value, document: &Value) {
    object(schema).shift_remove("nullable");
    for member in schema["anyOf"].as_array_mut().expect("members") {
        if member.get("$ref").is_some() {
            *member = json!({ "allOf": [member] });
            repeat_type(member, document);
        }
        set(member, "nullable", true.into());
    }
}

fn set(value: &mut Value, key: &str, member: Value) -> Option<Value> {
    object(value).insert(key.to_owned(), member)
}

fn object(value: &mut Value) -> &mut Map<String, Value> {
    value.as_object_mut().expect("an object")
}
