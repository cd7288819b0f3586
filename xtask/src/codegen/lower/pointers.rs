//! Where a reference inside a document leads.

use serde_json::Value;

use crate::codegen::positions::{child, parts};

/// How many references one reference may lead through.
const JUMPS: usize = 32;

/// What a reference of the form `#/…` leads to.
pub(super) fn target<'a>(document: &'a Value, reference: &str) -> Option<&'a Value> {
    document.pointer(reference.strip_prefix('#')?)
}

/// The pointer under which a pointer's node really lies, going through the references on its way.
pub(super) fn locate(document: &Value, pointer: &str) -> Option<String> {
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

/// A fragment without its percent-encoding.
pub(super) fn decoded(fragment: &str) -> Option<String> {
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
    fn a_pointer_goes_through_references() {
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
