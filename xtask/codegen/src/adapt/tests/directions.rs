//! Properties of one direction.

use super::*;

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn content(name: &str) -> Value {
    json!({ "application/json": { "schema": reference(name) } })
}

/// The schemas of a document with an operation that sends one schema and receives another.
fn schemas_of(sent: &str, received: &str, schemas: Value) -> (Value, Value, Adapted) {
    let mut value = with_schema(json!({ "type": "string" }), schemas);
    value["paths"]["/a"]["post"] = json!({
        "operationId": "doIt",
        "requestBody": { "required": true, "content": content(sent) },
        "responses": { "200": { "description": "", "content": content(received) } },
    });
    let done = adapt(&mut value, &Home::alone());
    (value["components"]["schemas"].clone(), value["paths"]["/a"]["post"].clone(), done)
}

fn user() -> Value {
    json!({ "type": "object", "required": ["id", "name", "pin"], "properties": {
        "id": { "type": "integer", "readOnly": true },
        "name": { "type": "string" },
        "pin": { "type": "string", "writeOnly": true },
    } })
}

fn members(schema: &Value) -> Vec<String> {
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect::<Vec<_>>();
    let properties = schema["properties"].as_object().into_iter().flatten();
    properties.map(|(name, _)| format!("{name}{}", if required.contains(&name.as_str()) { "!" } else { "" })).collect()
}

#[test]
fn a_schema_of_both_directions_becomes_two() {
    let (schemas, operation, done) = schemas_of("U", "U", json!({ "U": user() }));
    assert_eq!(members(&schemas["U"]), ["id!", "name!"]);
    assert_eq!(members(&schemas["URequest"]), ["name!", "pin!"]);
    assert_eq!(operation["requestBody"]["content"], content("URequest"));
    assert_eq!(operation["responses"]["200"]["content"], content("U"));
    assert_eq!(rules(&done), ["direction", "direction", "direction"]);
}

#[test]
fn a_schema_of_one_direction_keeps_its_name() {
    let (schemas, operation, done) = schemas_of("U", "V", json!({ "U": user(), "V": user() }));
    assert_eq!(
        (members(&schemas["U"]), members(&schemas["V"])),
        (vec!["name!".into(), "pin!".into()], vec!["id!".into(), "name!".into()])
    );
    assert_eq!(operation["requestBody"]["content"], content("U"));
    assert_eq!(schemas.as_object().map(serde_json::Map::len), Some(3));
    assert_eq!(rules(&done), ["direction", "direction"]);
}

#[test]
fn schemas_that_lead_to_one_with_two_types_have_two() {
    let list = |name: &str| json!({ "type": "array", "items": reference(name) });
    let object = |properties: Value| json!({ "type": "object", "properties": properties });
    let (schemas, operation, _) = schemas_of(
        "Team",
        "Team",
        json!({
            "Team": object(json!({ "users": list("U"), "city": reference("City"), "owner": { "readOnly": true, "allOf": [reference("Owner")] } })),
            "U": user(),
            "City": object(json!({ "name": { "type": "string" } })),
            // Reached by what is read-only, and from nowhere.
            "Owner": user(),
            "Other": user(),
            "URequest": object(json!({ "taken": {} })),
        }),
    );
    assert_eq!(operation["requestBody"]["content"], content("TeamRequest"));
    assert_eq!(schemas["TeamRequest"]["properties"], json!({ "users": list("URequest_2"), "city": reference("City") }));
    assert_eq!(schemas["Team"]["properties"]["users"], list("U"));
    assert_eq!(members(&schemas["URequest"]), ["taken"]);
    assert_eq!(members(&schemas["URequest_2"]), ["name!", "pin!"]);
    assert_eq!((members(&schemas["Owner"]), members(&schemas["Other"]).len()), (vec!["id!".into(), "name!".into()], 3));
    assert!(schemas["CityRequest"].is_null() && schemas["OwnerRequest"].is_null(), "{schemas}");
}

#[test]
fn recursive_schemas_and_alternatives_have_two_types() {
    let (schemas, _, _) = schemas_of(
        "Tree",
        "Tree",
        json!({
            "Tree": { "oneOf": [reference("Leaf"), reference("Node")], "discriminator": { "propertyName": "kind" } },
            "Leaf": { "type": "object", "properties": { "kind": { "type": "string" }, "id": { "type": "integer", "readOnly": true } } },
            "Node": { "type": "object", "properties": { "kind": { "type": "string" }, "parts": { "type": "array", "items": reference("Tree") } } },
        }),
    );
    let alternatives = |name: &str| {
        let mut names = schemas[name]["oneOf"]
            .as_array()
            .expect("alternatives")
            .iter()
            .map(|it| it["$ref"].to_string())
            .collect::<Vec<_>>();
        names.sort();
        names
    };
    let names = |names: [&str; 2]| names.map(|name| reference(name)["$ref"].to_string());
    assert_eq!(alternatives("Tree"), names(["Leaf", "Node"]));
    assert_eq!(alternatives("TreeRequest"), names(["LeafRequest", "NodeRequest"]));
    assert_eq!(schemas["NodeRequest"]["properties"]["parts"]["items"], reference("TreeRequest"));
    assert_eq!(members(&schemas["LeafRequest"]), ["kind"]);
}

#[test]
fn the_direction_of_a_property_may_stand_elsewhere() {
    let base = json!({ "type": "object", "required": ["id"], "properties": {
        "id": { "type": "integer" }, "by_name": reference("ReadOnly"), "beside": { "allOf": [reference("Plain")], "readOnly": true },
        "part": { "allOf": [{ "type": "string" }, { "readOnly": true, "maxLength": 9 }] },
        "said_otherwise": { "allOf": [reference("ReadOnly")], "readOnly": false },
        "both": { "type": "string", "readOnly": true, "writeOnly": true },
        "readOnly": { "type": "boolean" },
    } });
    let (schemas, _, _) = schemas_of(
        "U",
        "V",
        json!({
            "Base": base,
            "U": { "allOf": [reference("Base"), { "properties": { "id": { "readOnly": true } } }, { "required": ["id", "part"] }] },
            "V": { "type": "string" },
            "ReadOnly": { "type": "string", "readOnly": true },
            "Plain": { "type": "string" },
        }),
    );
    assert_eq!(members(&schemas["U"]), ["said_otherwise", "both", "readOnly"]);
    assert_eq!(schemas["U"]["required"], json!([]));
}

#[test]
fn a_request_without_a_property_left_is_an_empty_object() {
    let only = |key: &str| json!({ "properties": { "id": { "type": "integer", key: true } } });
    let (schemas, _, _) = schemas_of("U", "V", json!({ "U": only("readOnly"), "V": only("writeOnly") }));
    assert_eq!(schemas["U"], json!({ "properties": {}, "type": "object", "additionalProperties": false }));
    assert_eq!(schemas["V"], json!({ "properties": {}, "type": "object" }));
}

#[test]
fn parameters_are_sent_and_headers_are_received() {
    let mut value = with_schema(user(), json!({}));
    value["paths"]["/a"]["get"] = json!({
        "operationId": "doIt",
        "parameters": [{ "name": "filter", "in": "query", "schema": { "type": "array", "items": { "type": "string" } } }],
        "responses": { "200": { "description": "", "headers": { "X-User": { "schema": reference("A") } } } },
    });
    adapt(&mut value, &Home::alone());
    assert_eq!(members(&value["components"]["schemas"]["A"]), ["id!", "name!"]);
}
