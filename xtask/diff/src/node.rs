//! A place in a document, with its references resolved.

use openapi::pointer::child;
use serde_json::Value;

/// References that are followed before a chain of them is taken for a circle.
const HOPS: usize = 32;

/// The schema in place of a missing one: it allows everything.
pub(super) static ANYTHING: Value = Value::Bool(true);

/// A value of a document and its place.
#[derive(Clone, Debug)]
pub(super) struct Node<'a> {
    /// The document around it.
    pub(super) root: &'a Value,
    /// The value.
    pub(super) value: &'a Value,
    /// JSON pointer to it.
    pub(super) pointer: String,
}

impl<'a> Node<'a> {
    /// The document itself.
    pub(super) fn root(root: &'a Value) -> Self {
        Self { root, value: root, pointer: String::new() }
    }

    /// A part of the node, references not resolved.
    pub(super) fn get(&self, key: &str) -> Option<Self> {
        Some(self.at(key, self.value.get(key)?))
    }

    fn at(&self, key: &str, value: &'a Value) -> Self {
        Self { root: self.root, value, pointer: child(&self.pointer, key) }
    }

    /// The members of the object `key`, its extensions left out.
    pub(super) fn members(&self, key: &str) -> Vec<(&'a str, Self)> {
        self.get(key).map(|node| node.all()).unwrap_or_default()
    }

    /// The members of this object, its extensions left out.
    pub(super) fn all(&self) -> Vec<(&'a str, Self)> {
        let members = self.value.as_object().into_iter().flatten();
        let plain = members.filter(|(key, _)| !key.starts_with("x-"));
        plain.map(|(key, value)| (key.as_str(), self.at(key, value))).collect()
    }

    /// The members of the map `key`, whatever they are called.
    pub(super) fn named(&self, key: &str) -> Vec<(&'a str, Self)> {
        let Some(map) = self.get(key) else { return Vec::new() };
        let members = map.value.as_object().into_iter().flatten();
        members.map(|(key, value)| (key.as_str(), map.at(key, value))).collect()
    }

    /// The items of the list `key`.
    pub(super) fn items(&self, key: &str) -> Vec<Self> {
        let Some(list) = self.get(key) else { return Vec::new() };
        let items = list.value.as_array().into_iter().flatten().enumerate();
        items.map(|(index, value)| list.at(&index.to_string(), value)).collect()
    }

    /// The text `key`.
    pub(super) fn text(&self, key: &str) -> Option<&'a str> {
        self.value.get(key)?.as_str()
    }

    /// Whether `key` is true.
    pub(super) fn flag(&self, key: &str) -> bool {
        self.value.get(key).and_then(Value::as_bool).unwrap_or(false)
    }

    /// A schema that allows everything, in the place of one that is missing.
    pub(super) fn anything(&self, key: &str) -> Self {
        self.at(key, &ANYTHING)
    }

    /// Where its reference leads, or itself if it has none that leads anywhere.
    pub(super) fn resolved(&self) -> Self {
        let mut node = self.clone();
        for _ in 0..HOPS {
            let Some(next) = node.value.get("$ref").and_then(Value::as_str).and_then(|it| self.target(it)) else {
                return node;
            };
            node = next;
        }
        node
    }

    fn target(&self, reference: &str) -> Option<Self> {
        let pointer = decoded(reference.strip_prefix('#')?);
        let value = self.root.pointer(&pointer)?;
        Some(Self { root: self.root, value, pointer })
    }

    /// Its name, if it is a component.
    pub(super) fn component(&self) -> Option<String> {
        let name = self.pointer.strip_prefix("/components/schemas/")?;
        (!name.contains('/')).then(|| name.replace("~1", "/").replace("~0", "~"))
    }
}

/// A fragment of a URL without its percent signs; what is no escape stays.
pub(super) fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let escape = (*first == b'%').then(|| tail.get(..2)).flatten();
        let byte = escape.and_then(|it| u8::from_str_radix(std::str::from_utf8(it).ok()?, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn references_are_followed_but_never_in_a_circle() {
        let value = json!({
            "a": { "$ref": "#/b" }, "b": { "$ref": "#/c%7Bd%7D/e~1f" }, "c{d}": { "e/f": { "x": 1 } },
            "loop": { "$ref": "#/loop" }, "gone": { "$ref": "#/nowhere" }, "far": { "$ref": "other.yaml#/a" },
        });
        let root = Node::root(&value);
        for (key, pointer) in
            [("a", "/c{d}/e~1f"), ("loop", "/loop"), ("gone", "/gone"), ("far", "/far"), ("c{d}", "/c{d}")]
        {
            assert_eq!(root.get(key).expect(key).resolved().pointer, pointer, "{key}");
        }
    }

    #[test]
    fn only_a_component_has_a_name() {
        let value = json!({ "components": { "schemas": { "A": { "items": {} } } } });
        let schemas = Node::root(&value).get("components").and_then(|it| it.get("schemas")).expect("schemas");
        let component = schemas.get("A").expect("A");
        assert_eq!(component.component().as_deref(), Some("A"));
        assert_eq!(component.get("items").expect("items").component(), None);
    }
}
