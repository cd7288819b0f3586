//! What the report says about unions.

use super::*;

fn object(required: &[&str], properties: Value) -> Value {
    json!({ "type": "object", "required": required, "properties": properties })
}

fn closed(mut schema: Value) -> Value {
    schema["additionalProperties"] = false.into();
    schema
}

/// The losses of a union of two members, with this keyword.
fn losses(keyword: &str, members: [&Value; 2]) -> Vec<String> {
    let mut value = with_schema(json!({ keyword: members }), json!({}));
    let done = adapt(&mut value, &Home::alone());
    done.rules.into_iter().filter(|rule| rule.loses_meaning).map(|rule| rule.note).collect()
}

#[test]
fn members_that_fit_equally_are_reported_for_both_keywords() {
    let text = || json!({ "type": "string" });
    let number = || json!({ "type": "integer" });
    let kind = |value: &str| json!({ "type": "string", "enum": [value] });
    let a = || object(&[], json!({ "a": text() }));
    let list = |items: Value| json!({ "type": "array", "items": items });
    for (one, other, is_reported) in [
        (a(), object(&[], json!({ "b": text() })), true),
        (object(&["a"], json!({ "a": text() })), object(&[], json!({ "b": text() })), false),
        (object(&["a"], json!({ "a": text() })), object(&["b"], json!({ "b": text(), "a": text() })), false),
        (object(&["a"], json!({ "a": text() })), object(&["a"], json!({ "b": text(), "a": text() })), true),
        (object(&["a"], json!({ "a": text() })), object(&["a"], json!({ "b": text(), "a": number() })), false),
        (object(&["k"], json!({ "k": kind("x") })), object(&["k"], json!({ "k": kind("y"), "a": text() })), false),
        (object(&["k"], json!({ "k": kind("x") })), object(&["k"], json!({ "k": text(), "a": text() })), true),
        (
            object(&["a"], json!({ "a": a() })),
            object(&["a"], json!({ "a": object(&["b"], json!({ "b": text() })) })),
            false,
        ),
        (closed(a()), closed(object(&["b"], json!({ "b": text() }))), false),
        (closed(a()), closed(object(&[], json!({ "b": text() }))), true),
        (list(a()), list(object(&[], json!({ "b": text() }))), true),
        (list(a()), list(object(&["b"], json!({ "b": text() }))), false),
        (object(&["a"], json!({ "a": text() })), json!({ "type": "object", "additionalProperties": text() }), true),
        (object(&["a"], json!({ "a": text() })), json!({ "type": "object", "additionalProperties": number() }), false),
        (a(), text(), false),
        (a(), list(a()), false),
        (a(), json!({}), false),
        (number(), json!({ "type": "number" }), false),
        (kind("x"), text(), false),
    ] {
        for keyword in ["oneOf", "anyOf"] {
            let found = losses(keyword, [&one, &other]);
            let equally = found.iter().any(|note| note.contains("equally"));
            assert_eq!(equally, is_reported, "{keyword}: {one} {other}: {found:?}");
        }
    }
}

#[test]
fn a_value_of_several_members_is_reported_where_it_may_be() {
    let open = |name: &str| object(&[name], json!({ name: { "type": "string" } }));
    for (keyword, one, other, is_reported) in [
        ("anyOf", open("a"), open("b"), true),
        // The document forbids such a value.
        ("oneOf", open("a"), open("b"), false),
        ("anyOf", closed(open("a")), open("b"), false),
        // The second keeps it.
        ("anyOf", open("a"), object(&[], json!({ "a": { "type": "string" }, "b": {} })), false),
    ] {
        let found = losses(keyword, [&one, &other]);
        let splits = found.iter().any(|note| note.contains("of one only"));
        assert_eq!(splits, is_reported, "{keyword}: {one} {other}: {found:?}");
    }
}

#[test]
fn a_discriminator_tells_members_apart() {
    let members = || json!([{ "$ref": "#/components/schemas/B" }, { "$ref": "#/components/schemas/C" }]);
    let any = || object(&[], json!({ "kind": { "type": "string" } }));
    let tagged = json!({ "oneOf": members(), "discriminator": { "propertyName": "kind" } });
    let more = || json!({ "B": any(), "C": object(&[], json!({ "a": {} })) });
    assert!(!schema(tagged, more()).1.iter().any(|row| row.ends_with('!')));
    assert!(schema(json!({ "oneOf": members() }), more()).1.contains(&"alternatives!".to_owned()));
}

#[test]
fn the_report_names_the_place_and_the_number_of_pairs() {
    let member = |name: &str| object(&[], json!({ name: { "type": "string" } }));
    let schema =
        json!({ "type": "object", "properties": { "u": { "oneOf": [member("a"), member("b"), member("c")] } } });
    let mut value = with_schema(schema, json!({}));
    let done = adapt(&mut value, &Home::alone());
    let row = done.rules.iter().find(|rule| rule.loses_meaning).expect("a loss");
    assert_eq!(row.pointer, "/components/schemas/A/properties/u");
    assert_eq!(
        row.note,
        "some values fit `AUVariant0` and `AUVariant1` equally, and are read as `AUVariant0`; so do 2 more pairs of alternatives"
    );
    let many = (0..70).map(|index| member(&format!("p{index}"))).collect::<Vec<_>>();
    let found = adapt(&mut with_schema(json!({ "oneOf": many }), json!({})), &Home::alone()).rules;
    assert!(found.iter().any(|rule| rule.note.contains("after the first 64 were not compared")), "{found:?}");
}
