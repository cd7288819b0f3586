//! Bodies of requests and responses.

use super::*;

#[test]
fn the_parameter_in_the_body_becomes_the_request_body() {
    let schema = json!({ "$ref": "#/definitions/P" });
    let body = json!({ "in": "body", "name": "b", "description": "d", "required": true, "schema": schema });
    let new = json!({ "$ref": "#/components/schemas/P" });
    for (consumes, kinds) in [
        (Value::Null, &["application/json"][..]),
        (json!(["application/xml", "application/json"]), &["application/xml", "application/json"]),
        (json!(["multipart/form-data"]), &["application/json"]),
    ] {
        let content =
            kinds.iter().map(|kind| ((*kind).to_owned(), json!({ "schema": new }))).collect::<serde_json::Map<_, _>>();
        let mut members = json!({ "parameters": [{ "name": "q", "in": "query", "type": "string" }, body] });
        if !consumes.is_null() {
            members["consumes"] = consumes;
        }
        check_operation(
            members,
            &[
                ("/requestBody", json!({ "description": "d", "content": content, "required": true })),
                ("/parameters", json!([{ "name": "q", "in": "query", "schema": { "type": "string" } }])),
                ("/consumes", Value::Null),
            ],
            &["body"],
        );
    }
    check_operation(
        json!({ "parameters": [body, { "in": "body", "name": "c", "schema": {} }] }),
        &[("/requestBody/content", json!({ "application/json": { "schema": new } }))],
        &["second-body!", "body"],
    );
}

#[test]
fn fields_of_a_form_become_a_request_body() {
    let field = |name: &str, kind: &str| json!({ "in": "formData", "name": name, "type": kind });
    let form =
        |kind: &str, properties: Value| json!({ kind: { "schema": { "type": "object", "properties": properties } } });
    let a = json!({ "a": { "type": "string" } });
    for (consumes, kind) in [
        (json!([]), "application/x-www-form-urlencoded"),
        (json!(["multipart/form-data"]), "multipart/form-data"),
        (json!(["multipart/form-data", "application/x-www-form-urlencoded"]), "application/x-www-form-urlencoded"),
    ] {
        let members = json!({ "consumes": consumes, "parameters": [field("a", "string")] });
        check_operation(
            members,
            &[("/requestBody/content", form(kind, a.clone())), ("/parameters", Value::Null)],
            &["form"],
        );
    }
    let file = json!({ "in": "formData", "name": "f", "type": "file", "required": true, "description": "d" });
    let properties = json!({ "f": { "type": "string", "format": "binary", "description": "d" } });
    let schema = json!({ "type": "object", "properties": properties, "required": ["f"] });
    check_operation(
        json!({ "parameters": [file] }),
        &[("/requestBody", json!({ "content": { "multipart/form-data": { "schema": schema } }, "required": true }))],
        &["form"],
    );
    let csv = Some(json!({ "l": { "style": "form", "explode": false } }));
    for (format, encoding, rules) in [
        (json!({}), csv.clone(), &["form"][..]),
        (json!({ "collectionFormat": "csv" }), csv, &["form"]),
        (json!({ "collectionFormat": "multi" }), None, &["form"]),
        (
            json!({ "collectionFormat": "pipes" }),
            Some(json!({ "l": { "style": "pipeDelimited", "explode": false } })),
            &["form"],
        ),
        (
            json!({ "collectionFormat": "tsv" }),
            Some(json!({ "l": { "style": "form", "explode": false, "x-collection-formats": ["tsv"] } })),
            &["collection-format", "form"],
        ),
    ] {
        let mut list = json!({ "in": "formData", "name": "l", "type": "array", "items": { "type": "string" } });
        list.as_object_mut().expect("an object").extend(format.as_object().cloned().expect("an object"));
        check_operation(
            json!({ "parameters": [list] }),
            &[("/requestBody/content/application~1x-www-form-urlencoded/encoding", encoding.unwrap_or_default())],
            rules,
        );
    }
}

#[test]
fn responses_have_the_media_types_that_are_produced() {
    let schema = json!({ "type": "string" });
    let respond = |members: Value| json!({ "responses": { "200": members } });
    for (members, produces, content) in [
        (json!({ "description": "d" }), json!([]), Value::Null),
        (
            json!({ "description": "d", "schema": schema }),
            json!([]),
            json!({ "application/json": { "schema": schema } }),
        ),
        (
            json!({ "description": "d", "schema": schema, "examples": { "text/plain": "x" } }),
            json!(["text/plain", "text/html"]),
            json!({ "text/plain": { "schema": schema, "example": "x" }, "text/html": { "schema": schema } }),
        ),
        (
            json!({ "description": "d", "schema": schema, "examples": { "text/plain": "x" } }),
            json!([]),
            json!({ "text/plain": { "schema": schema, "example": "x" } }),
        ),
    ] {
        let mut members = respond(members);
        members["produces"] = produces;
        check_operation(members, &[("/responses/200/content", content), ("/produces", Value::Null)], &[]);
    }
    check_operation(
        respond(json!({ "description": "d", "schema": { "type": "file" } })),
        &[(
            "/responses/200/content",
            json!({ "application/octet-stream": { "schema": { "type": "string", "format": "binary" } } }),
        )],
        &["file"],
    );
    check_operation(
        respond(json!({ "description": "d", "headers": { "X-A": { "description": "h", "type": "integer" } } })),
        &[("/responses/200/headers", json!({ "X-A": { "description": "h", "schema": { "type": "integer" } } }))],
        &[],
    );
}

#[test]
fn media_types_of_the_document_are_those_of_operations_without_their_own() {
    let mut members = operation(json!({
        "parameters": [{ "in": "body", "name": "b", "schema": {} }],
        "responses": { "200": { "description": "d", "schema": {} } },
    }));
    members["consumes"] = json!(["application/a+json"]);
    members["produces"] = json!(["application/b+json"]);
    let body = format!("{OPERATION}/requestBody/content");
    let response = format!("{OPERATION}/responses/200/content");
    check(
        members,
        &[
            (&body, json!({ "application/a+json": { "schema": {} } })),
            (&response, json!({ "application/b+json": { "schema": {} } })),
            ("/consumes", Value::Null),
        ],
        &["body"],
    );
}
