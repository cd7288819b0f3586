//! Schemas and references to them.

use super::*;

#[test]
fn definitions_and_references_move_to_components() {
    let pet = json!({ "type": "object", "properties": {
        "owner": { "$ref": "#/definitions/Owner" }, "$ref": { "type": "string" }, "tag": { "$ref": "Tag" },
    }, "example": { "$ref": "#/definitions/x" } });
    let members = json!({ "definitions": { "Pet": pet, "Owner": {}, "Tag": {} } });
    check(
        members,
        &[
            ("/components/schemas/Pet/properties/owner", json!({ "$ref": "#/components/schemas/Owner" })),
            ("/components/schemas/Pet/properties/tag", json!({ "$ref": "#/components/schemas/Tag" })),
            ("/components/schemas/Pet/properties/$ref", json!({ "type": "string" })),
            ("/components/schemas/Pet/example", json!({ "$ref": "#/definitions/x" })),
            ("/definitions", Value::Null),
        ],
        &[],
    );
}

#[test]
fn schemas_say_in_openapi_3_what_tools_for_swagger_write() {
    for (before, after, rules) in [
        (
            json!({ "discriminator": "kind" }),
            json!({ "discriminator": { "propertyName": "kind" } }),
            &["discriminator"][..],
        ),
        (
            json!({ "type": "string", "x-nullable": true }),
            json!({ "type": "string", "nullable": true }),
            &["extension"],
        ),
        (json!({ "x-oneOf": [{}] }), json!({ "oneOf": [{}] }), &["extension"]),
        (json!({ "type": ["string", "null"] }), json!({ "type": "string", "nullable": true }), &["types"]),
        (
            json!({ "type": ["string", "integer"] }),
            json!({ "anyOf": [{ "type": "string" }, { "type": "integer" }] }),
            &["types"],
        ),
        (json!({ "type": "object", "readOnly": true }), json!({ "type": "object", "readOnly": true }), &[]),
    ] {
        check(json!({ "definitions": { "A": before } }), &[("/components/schemas/A", after)], rules);
    }
}
