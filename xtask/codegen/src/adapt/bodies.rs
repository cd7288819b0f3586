//! Request bodies: one media type with a schema.

use std::collections::BTreeSet;

use openapi::operations::{each_operation, remove_operations, title};
use openapi::pointer::child;
use openapi::reference::resolve;
use serde_json::{Map, Value, json};

use super::forms::{is_flat, is_object, members};
use super::multipart::{Multipart, is_multipart, with_headers};
use crate::media::{BINARY, FORM, essence, is_json};
use crate::media::{JSON, TEXT, rank};
use crate::names::{UsedNames, free, snake};
use crate::requests::BodyForm;
use crate::rule::Adapted;

/// Applies the rules of request bodies.
pub(super) fn apply(value: &mut Value, done: &mut Adapted) {
    let snapshot = value.clone();
    let mut multipart = Multipart::new(&snapshot);
    let mut gone = BTreeSet::new();
    each_operation(value, &mut |path, method, pointer, operation| {
        let pointer = child(pointer, "requestBody");
        let Some(object) = operation.as_object_mut() else { return };
        let Some(body) = object.get("requestBody") else { return };
        let required = body.get("required") == Some(&Value::Bool(true));
        let content = body.get("content").and_then(Value::as_object).cloned().unwrap_or_default();
        let mut names = content.keys().cloned().collect::<Vec<_>>();
        names.sort_by_key(|name| rank(name));
        let Some(name) = names.first().cloned() else {
            object.shift_remove("requestBody");
            done.applied("body-empty", &pointer, "a body without a media type was dropped");
            return;
        };
        if method == "trace" {
            let why = "HTTP forbids a body in a `TRACE` request";
            if required {
                done.leave_out(&title(method, path), &pointer, why);
                gone.insert((path.to_owned(), method.to_owned()));
            } else {
                object.shift_remove("requestBody");
                done.lost("body", &pointer, format!("the optional body was dropped: {why}"));
            }
            return;
        }
        let media = &content[&name];
        let Body { media: kind, schema, content_type, form, of_caller } =
            express(&snapshot, &name, media, &mut multipart);
        if names.len() > 1 {
            let others = names[1..].iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            let same = names[1..].iter().all(|other| content[other].get("schema") == media.get("schema"));
            let note = format!("the body is sent as `{name}`; {others} is not used");
            if same {
                done.applied("body-media-type", &pointer, note)
            } else {
                done.lost("body-media-type", &pointer, note)
            }
        } else if of_caller {
            done.applied(
                "body-media-type",
                &pointer,
                format!("the caller encodes the body and names its type: `{name}`"),
            );
        } else if content_type.is_some() {
            done.applied("body-media-type", &pointer, format!("the `Content-Type` header is `{name}`"));
        }
        let encoding = media.get("encoding").and_then(Value::as_object).filter(|all| !all.is_empty());
        match (&form, encoding) {
            (None, Some(_)) => {
                done.applied("body-encoding", &pointer, "`encoding` was dropped: it does not change the body")
            }
            (Some(BodyForm::Multipart(..)), Some(encoding)) => {
                for name in with_headers(encoding) {
                    done.lost("part-headers", &pointer, format!("the headers of the part `{name}` are not sent"));
                }
            }
            _ => {}
        }
        if media.get("schema").is_none() {
            done.applied("body-schema", &pointer, "a body without a schema may have any value of its media type");
        }
        if !required {
            done.applied("body-optional", &pointer, "the body is optional: its argument is an `Option`");
        }
        if of_caller {
            add_content_type(object, required, done);
        }
        let id = object.get("operationId").and_then(Value::as_str).unwrap_or_default().to_owned();
        if content_type.is_some() || !required || form.is_some() {
            let wire = done.wire.entry(id).or_default();
            wire.content_type = content_type;
            wire.optional_body = !required;
            wire.form = form;
        }
        let mut content = Map::new();
        content.insert(kind.to_owned(), json!({ "schema": schema }));
        object["requestBody"]["content"] = content.into();
        object["requestBody"]["required"] = true.into();
    });
    multipart.write(value);
    remove_operations(value, &gone);
}

/// A body as the generator takes it.
struct Body {
    /// The media type that the generator knows.
    media: &'static str,
    schema: Value,
    /// The name on the wire if it is another.
    content_type: Option<String>,
    /// How `auth-transport` encodes it, if it does.
    form: Option<BodyForm>,
    /// Whether the caller says what type it has.
    of_caller: bool,
}

impl Body {
    fn new(media: &'static str, schema: Value, content_type: Option<String>) -> Self {
        Self { media, schema, content_type, form: None, of_caller: false }
    }

    fn bytes(content_type: Option<String>) -> Self {
        Self::new(BINARY, json!({ "type": "string", "format": "binary" }), content_type)
    }

    fn text(content_type: Option<String>) -> Self {
        Self::new(TEXT, json!({ "type": "string" }), content_type)
    }

    fn of_caller() -> Self {
        Self { of_caller: true, ..Self::bytes(None) }
    }
}

fn express(document: &Value, name: &str, media: &Value, multipart: &mut Multipart) -> Body {
    let plain = essence(name);
    let schema = media.get("schema").cloned();
    let encoding = media.get("encoding").and_then(Value::as_object).cloned().unwrap_or_default();
    // Parameters belong to the name: `application/json; version=2` is not sent as `application/json`.
    let sendable = name.chars().all(|c| c == ' ' || c.is_ascii_graphic());
    let renamed = |to: &str| (sendable && name.trim() != to).then(|| name.trim().to_owned());
    if is_json(name) {
        return Body::new(JSON, schema.unwrap_or_else(|| json!({})), renamed(JSON));
    }
    if plain == FORM {
        let any = json!({ "type": "object", "additionalProperties": { "type": "string" } });
        let schema = schema.unwrap_or(any);
        if is_flat(document, &schema, 0) {
            return Body::new(FORM, schema, None);
        }
        if is_object(document, &schema) {
            let form = Some(BodyForm::Form(members(document, &schema, &encoding)));
            return Body { form, ..Body::new(FORM, schema, None) };
        }
        return Body::text(Some(FORM.to_owned()));
    }
    if is_multipart(name) && !plain.contains('*') {
        if schema.as_ref().is_some_and(|schema| !is_object(document, schema)) {
            return Body::of_caller();
        }
        let members = schema.map(|schema| members(document, &schema, &encoding)).unwrap_or_default();
        let form = Some(BodyForm::Multipart(plain, members));
        return Body { form, ..Body::new(JSON, multipart.schema(document, media), None) };
    }
    if plain == "*/*" || plain == "application/*" {
        let structured = schema.as_ref().and_then(|schema| resolve(document, schema)).is_some_and(|schema| {
            schema.get("type").is_none_or(|kind| kind != "string")
                && schema.as_object().is_some_and(|it| !it.is_empty())
        });
        if structured {
            return Body::new(JSON, schema.unwrap_or_default(), None);
        }
    }
    if plain.contains('*') || !plain.contains('/') {
        return Body::of_caller();
    }
    if plain.starts_with("text/") {
        return Body::text(renamed(TEXT));
    }
    Body::bytes(renamed(BINARY))
}

/// Adds an argument for the media type of the body.
fn add_content_type(operation: &mut Map<String, Value>, required: bool, done: &mut Adapted) {
    let id = operation.get("operationId").and_then(Value::as_str).unwrap_or_default().to_owned();
    let Some(parameters) = operation.entry("parameters").or_insert_with(|| json!([])).as_array_mut() else { return };
    let mut taken = UsedNames::new(snake, []);
    for parameter in parameters.iter() {
        taken.take(parameter["name"].as_str().unwrap_or_default());
    }
    let name = free(CONTENT_TYPE, &mut taken);
    parameters.push(json!({
        "name": name,
        "in": "header",
        "required": required,
        "description": "The media type of the body.",
        "schema": { "type": "string" },
    }));
    if name != CONTENT_TYPE {
        done.wire.entry(id).or_default().parameters.insert(name, CONTENT_TYPE.to_owned());
    }
}

const CONTENT_TYPE: &str = "Content-Type";
