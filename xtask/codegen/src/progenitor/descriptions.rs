//! The descriptions of a document, before the generator puts them together: what begins in one ends in it.

use diagnostics::text::Markdown;
use openapi::walk::{self, NodeKind};
use serde_json::Value;

/// Renders every description that becomes documentation.
pub(super) fn render(value: &mut Value) {
    walk::change(value, NodeKind::Document, "", &mut |value, node, _| {
        let Some(object) = value.as_object_mut() else { return };
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
            NodeKind::Parameter => render("description", Markdown::item),
            NodeKind::Schema => render("description", Markdown::description),
            _ => {}
        }
    });
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
        assert_eq!(parameter["description"], "a\n\n  ```text\n  let b;\n  ```");
        assert_eq!(parameter["schema"], json!({ "description": closed, "default": open }));
        let property = &value["components"]["schemas"]["A"]["properties"]["description"];
        assert_eq!(property["description"], closed);
    }
}
