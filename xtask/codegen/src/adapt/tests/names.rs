//! Names that are not unique or not valid in Rust.

use super::*;

#[test]
fn a_required_name_in_another_spelling_adds_no_field() {
    let properties = json!({ "Name": { "type": "string" } });
    let (after, rows) =
        schema(json!({ "type": "object", "required": ["name", "other"], "properties": properties }), json!({}));
    assert_eq!(after["required"], json!(["other"]));
    assert_eq!(rows, ["required-name!"]);
}

#[test]
fn a_schema_called_string_leaves_the_name_to_the_texts_of_rust() {
    let text = json!({ "$ref": "#/components/schemas/String" });
    let (after, rows) = schema(text, json!({ "String": { "type": "string" } }));
    assert_eq!(after, json!({ "$ref": "#/components/schemas/String_2" }));
    assert_eq!(rows, ["component-name"]);
}

#[test]
fn a_property_named_like_the_field_for_other_members_has_its_own_field() {
    let before = |more: Value| json!({ "type": "object", "required": ["extra"], "properties": { "extra": {} }, "additionalProperties": more });
    let (after, rows) = schema(before(json!({ "type": "integer" })), json!({}));
    // It gets its name back once the other field has another.
    assert_eq!(rows, [""; 0]);
    assert_eq!((&after["properties"], &after["required"]), (&json!({ "extra-2": {} }), &json!(["extra-2"])));
    let (after, rows) = schema(before(json!(false)), json!({}));
    assert_eq!((after, rows), (before(json!(false)), vec![]));
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
