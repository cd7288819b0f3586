//! The descriptions of a document, before the generator puts them together: what begins in one ends in it.
//!
//! The default of a schema becomes a part of its description. typify would make it the value of every member that a caller
//! does not set, and the client would send it. The default of a named enum stays as well: it is the `Default` of the type,
//! and of no member.

use diagnostics::text::Markdown;
use openapi::pointer::parts;
use openapi::walk::{self, NodeKind, Visit};
use serde_json::{Map, Value};

/// Renders every description that becomes documentation.
pub(super) fn render(value: &mut Value) {
    walk::rewrite(value, NodeKind::Document, "", &mut |value, node, pointer, visit| {
        let Some(object) = value.as_object_mut().filter(|_| visit == Visit::Enter) else { return };
        let mut render = |key: &str, by: fn(&str) -> Markdown| {
            if let Some(Value::String(text)) = object.get_mut(key) {
                *text = by(text).into_string();
            }
        };
        match node {
            NodeKind::Info => {
                render("title", Markdown::plain);
                render("description", Markdown::description);
            }
            NodeKind::Operation => {
                render("summary", Markdown::line);
                render("description", Markdown::description);
            }
            // It is an item of the list of arguments.
            NodeKind::Parameter => {
                render("description", Markdown::item);
                let default = object.get("schema").and_then(|schema| schema.get("default")).cloned();
                say_default(object, default, "  ");
            }
            NodeKind::Schema => {
                render("description", Markdown::description);
                let default = object.get("default").cloned();
                if !(is_named(pointer) && is_listed(object)) {
                    object.shift_remove("default");
                }
                say_default(object, default, "");
            }
            _ => {}
        }
    });
}

/// Whether this is the pointer of a component schema.
fn is_named(pointer: &str) -> bool {
    matches!(parts(pointer).as_slice(), [components, schemas, _] if components == "components" && schemas == "schemas")
}

/// Whether the default of a schema is one of the values that it lists.
fn is_listed(schema: &Map<String, Value>) -> bool {
    let values = schema.get("enum").and_then(Value::as_array);
    schema.get("default").zip(values).is_some_and(|(default, values)| default.is_string() && values.contains(default))
}

/// Adds a paragraph with the default to a rendered description.
fn say_default(object: &mut Map<String, Value>, default: Option<Value>, indent: &str) {
    let Some(default) = default else { return };
    let default = format!("Default: {}.", Markdown::code(&default.to_string()).as_str());
    let text = match object.get("description").and_then(Value::as_str).filter(|text| !text.is_empty()) {
        Some(text) => format!("{text}\n\n{indent}{default}"),
        None => default,
    };
    object.insert("description".to_owned(), text.into());
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_block_that_is_not_closed_ends_with_its_description() {
        let open = "a\n\n```rust\nlet b;";
        let mut value = json!({ "info": { "title": "<t>", "description": open }, "paths": { "/a": { "get": {
            "summary": "S\n# T", "description": open,
            "parameters": [{ "name": "description", "description": open, "schema": { "description": open, "default": open } }],
            "responses": {},
        } } }, "components": { "schemas": { "A": { "properties": { "description": { "description": open } } } } } });
        render(&mut value);
        let closed = "a\n\n```text\nlet b;\n```";
        assert_eq!(value["info"], json!({ "title": "\\<t>", "description": closed }));
        let operation = &value["paths"]["/a"]["get"];
        assert_eq!((&operation["summary"], &operation["description"]), (&json!("S T"), &json!(closed)));
        let parameter = &operation["parameters"][0];
        let default = r#"Default: ````"a\n\n```rust\nlet b;"````."#;
        assert_eq!(parameter["description"], format!("a\n\n  ```text\n  let b;\n  ```\n\n  {default}"));
        assert_eq!(parameter["schema"], json!({ "description": format!("{closed}\n\n{default}") }));
        let property = &value["components"]["schemas"]["A"]["properties"]["description"];
        assert_eq!(property["description"], closed);
    }

    #[test]
    fn a_default_becomes_a_part_of_the_description() {
        for (before, after) in [
            (
                json!({ "type": "integer", "default": 100 }),
                json!({ "type": "integer", "description": "Default: `100`." }),
            ),
            (json!({ "default": null, "description": "D." }), json!({ "description": "D.\n\nDefault: `null`." })),
            (
                json!({ "properties": { "default": { "default": [{ "a": "`" }] } } }),
                json!({ "properties": { "default": { "description": "Default: ``[{\"a\":\"`\"}]``." } } }),
            ),
            (
                json!({ "enum": ["a"], "default": "a" }),
                json!({ "enum": ["a"], "default": "a", "description": "Default: `\"a\"`." }),
            ),
            (json!({ "enum": ["a"], "default": "b" }), json!({ "enum": ["a"], "description": "Default: `\"b\"`." })),
            (
                json!({ "items": { "enum": ["a"], "default": "a" } }),
                json!({ "items": { "enum": ["a"], "description": "Default: `\"a\"`." } }),
            ),
        ] {
            let mut value = json!({ "components": { "schemas": { "A": before } } });
            render(&mut value);
            assert_eq!(value["components"]["schemas"]["A"], after);
        }
    }
}
