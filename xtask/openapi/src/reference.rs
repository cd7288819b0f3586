//! The targets of references inside a document.

use serde_json::{Map, Value};

use crate::pointer::{child, parts};

/// How many references are followed before a chain counts as a cycle.
const HOPS: usize = 32;

/// The target of a reference, or the value itself; `None` if the references form a cycle or have no target.
pub fn resolve<'a>(document: &'a Value, mut value: &'a Value) -> Option<&'a Value> {
    for _ in 0..HOPS {
        match value.get("$ref").and_then(Value::as_str) {
            Some(reference) => value = target(document, reference)?,
            None => return Some(value),
        }
    }
    None
}

/// The target of a reference and the pointer to it, or the value itself and its own pointer.
///
/// A chain of references that is a cycle or has no target is followed as far as possible.
pub fn resolve_at<'a>(document: &'a Value, value: &'a Value, pointer: &str) -> (&'a Value, String) {
    let (mut value, mut pointer) = (value, pointer.to_owned());
    for _ in 0..HOPS {
        let target = value.get("$ref").and_then(Value::as_str).and_then(|text| text.strip_prefix('#'));
        match target.and_then(|place| Some((document.pointer(place)?, place))) {
            Some((next, place)) => (value, pointer) = (next, place.to_owned()),
            None => break,
        }
    }
    (value, pointer)
}

/// The target of a reference, or the value itself; see [`resolve_at`].
pub fn follow<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    resolve_at(document, value, "").0
}

/// The component schemas.
pub fn schemas(value: &Value) -> Option<&Map<String, Value>> {
    value.pointer("/components/schemas").and_then(Value::as_object)
}

/// The component schemas; adds `components` and `schemas` if they are missing.
pub fn schemas_mut(value: &mut Value) -> Option<&mut Map<String, Value>> {
    let components = value.as_object_mut()?.entry("components").or_insert_with(|| Map::new().into());
    components.as_object_mut()?.entry("schemas").or_insert_with(|| Map::new().into()).as_object_mut()
}

/// The name of the component schema that a schema refers to.
pub fn referred(schema: &Value) -> Option<String> {
    let pointer = schema.get("$ref")?.as_str()?.strip_prefix("#/components/schemas/")?;
    (!pointer.contains('/')).then(|| pointer.replace("~1", "/").replace("~0", "~"))
}

/// Creates a reference to a component schema.
pub fn to_schema(name: &str) -> Value {
    serde_json::json!({ "$ref": child("#/components/schemas", name) })
}

/// How many references the pointer of one reference may pass through.
const JUMPS: usize = 32;

/// The target of a reference of the form `#/…`.
pub fn target<'a>(document: &'a Value, reference: &str) -> Option<&'a Value> {
    document.pointer(reference.strip_prefix('#')?)
}

/// The real pointer of a node, after following the references in the segments of `pointer`.
pub fn locate(document: &Value, pointer: &str) -> Option<String> {
    let mut wanted = parts(pointer);
    wanted.reverse();
    let mut at = String::new();
    let mut value = document;
    let mut jumps = 0;
    while let Some(part) = wanted.pop() {
        let next = match value {
            Value::Object(object) => object.get(&part),
            Value::Array(list) => part.parse::<usize>().ok().and_then(|index| list.get(index)),
            _ => None,
        };
        if let Some(next) = next {
            value = next;
            at = child(&at, &part);
            continue;
        }
        let reference = value.get("$ref").and_then(Value::as_str)?;
        jumps += 1;
        if jumps > JUMPS {
            return None;
        }
        wanted.push(part);
        wanted.extend(parts(&decoded(reference.strip_prefix('#')?)?).into_iter().rev());
        value = document;
        at.clear();
    }
    Some(at)
}

/// Decodes the percent-encoding of a fragment.
pub fn decoded(fragment: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(fragment.len());
    let mut rest = fragment.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let hex = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
        match (first, hex(tail.first()), hex(tail.get(1))) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(u8::try_from(high * 16 + low).ok()?);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_pointer_may_pass_through_references() {
        let document = json!({ "a": { "b": { "$ref": "#/c" } }, "c": [{ "d~": 1 }], "e": { "$ref": "#/e" } });
        for (pointer, found) in [
            ("/a/b", Some("/a/b")),
            ("/a/b/0", Some("/c/0")),
            ("/a/b/0/d~0", Some("/c/0/d~0")),
            ("/a/b/1", None),
            ("/e/x", None),
            ("", Some("")),
        ] {
            assert_eq!(locate(&document, pointer).as_deref(), found, "{pointer}");
        }
    }

    #[test]
    fn percent_signs_are_decoded() {
        assert_eq!(decoded("/paths/~1a~1%7Bid%7D").as_deref(), Some("/paths/~1a~1{id}"));
        assert_eq!(decoded("100%").as_deref(), Some("100%"));
        assert_eq!(decoded("%FF"), None);
    }
}
