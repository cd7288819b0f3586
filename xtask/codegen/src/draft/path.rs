//! JSON pointers as the JSONPaths that overlays use.

use openapi::pointer::{child, parts};
use serde_json::Value;

/// The path to the one node of a value that a pointer means (RFC 9535 section 2.3).
pub(super) fn of(value: &Value, pointer: &str) -> String {
    let mut path = "$".to_owned();
    let mut node = Some(value);
    for part in parts(pointer) {
        if node.is_some_and(Value::is_array) {
            path.push_str(&format!("[{part}]"));
        } else if is_name(&part) {
            path.push_str(&format!(".{part}"));
        } else {
            path.push_str(&format!("['{}']", escaped(&part)));
        }
        node = node.and_then(|node| node.pointer(&child("", &part)));
    }
    path
}

/// Whether a name can stand after a dot.
fn is_name(part: &str) -> bool {
    let first = |c: char| c.is_ascii_alphabetic() || c == '_';
    part.starts_with(first) && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// A name between single quotes.
fn escaped(part: &str) -> String {
    let mut text = String::new();
    for c in part.chars() {
        match c {
            '\'' | '\\' => text.extend(['\\', c]),
            c if c < ' ' => text.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use serde_json_path::JsonPath;

    use super::*;

    #[test]
    fn paths_read_well_where_they_can() {
        for (pointer, path) in [
            ("", "$"),
            ("/components/schemas/Pet_2", "$.components.schemas.Pet_2"),
            ("/paths/~1oauth2~1token/post/responses/400", "$.paths['/oauth2/token'].post.responses['400']"),
            ("/a/anyOf/1/items", "$.a.anyOf[1].items"),
            ("/a/properties/1", "$.a.properties['1']"),
        ] {
            let value = json!({ "a": { "anyOf": [{}, { "items": {} }], "properties": { "1": {} } } });
            assert_eq!(of(&value, pointer), path);
        }
    }

    #[test]
    fn a_path_selects_the_node_of_its_pointer_whatever_it_is_called() {
        for name in ["a", "a-b", "'", "\\", "\"", "a'b\\c", "~/", "é", "\n", "1", "", "$ref", "[0]", "*", ".."] {
            let value = json!({ "x": { name: 7 } });
            let path = of(&value, &child("/x", name));
            let found = JsonPath::parse(&path).expect(&path).query(&value).all();
            assert_eq!(found, [&json!(7)], "{path}");
        }
    }
}
