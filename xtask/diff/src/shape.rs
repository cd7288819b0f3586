//! The normal form of a schema: references, `allOf`, null members and the spellings of 3.0 and 3.1 are resolved.
//!
//! Two schemas that mean the same have the same shape, so that a vendor's change of style is no finding.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::node::Node;

/// Keywords that say nothing about which values are valid.
pub(super) const ANNOTATIONS: [&str; 13] = [
    "$comment",
    "$id",
    "$schema",
    "default",
    "deprecated",
    "description",
    "example",
    "examples",
    "externalDocs",
    "readOnly",
    "title",
    "writeOnly",
    "xml",
];

/// The normal form of a schema.
#[derive(Debug)]
pub(super) struct Shape<'a> {
    /// Name of the component that it is.
    pub(super) name: Option<String>,
    /// The place, references resolved.
    pub(super) pointer: String,
    /// Its types but for null; empty for any.
    pub(super) types: BTreeSet<&'a str>,
    /// Whether null is allowed beside the types.
    pub(super) nullable: bool,
    /// The values it is limited to, null left out.
    pub(super) values: Option<Vec<&'a Value>>,
    /// Properties by name.
    pub(super) properties: BTreeMap<&'a str, Node<'a>>,
    /// Names of required properties.
    pub(super) required: BTreeSet<&'a str>,
    /// The schema of further properties, if it is stated.
    pub(super) additional: Option<Node<'a>>,
    /// The schema of items, if it is stated.
    pub(super) items: Option<Node<'a>>,
    /// `oneOf` or `anyOf`, if there is a choice.
    pub(super) union: Option<&'a str>,
    /// What there is to choose from, null left out.
    pub(super) variants: Vec<Node<'a>>,
    /// What further parts of an `allOf` say about the same properties and items, by their names in a subject.
    pub(super) further: Vec<(String, Node<'a>)>,
    /// All other keywords but annotations and extensions.
    pub(super) rest: BTreeMap<&'a str, &'a Value>,
}

impl<'a> Shape<'a> {
    /// The shape of the schema at this place.
    pub(super) fn of(node: &Node<'a>) -> Self {
        let mut shape = Shape {
            name: name(node, 0),
            pointer: place(node),
            types: BTreeSet::new(),
            nullable: false,
            values: None,
            properties: BTreeMap::new(),
            required: BTreeSet::new(),
            additional: None,
            items: None,
            union: None,
            variants: Vec::new(),
            further: Vec::new(),
            rest: BTreeMap::new(),
        };
        shape.absorb(node);
        shape.infer();
        shape
    }

    /// Takes in what a schema says and what it refers to, in the order of the document, each schema once.
    fn absorb(&mut self, node: &Node<'a>) {
        let mut visited = BTreeSet::new();
        // An explicit stack, because chains of references can be long.
        let mut open = vec![(node.clone(), None)];
        while let Some((node, member)) = open.pop() {
            let Some((key, member)) = member else {
                if visited.insert(node.pointer.clone()) {
                    open.extend(node.all().into_iter().rev().map(|member| (node.clone(), Some(member))));
                }
                continue;
            };
            let parts = self.member(&node, key, member);
            open.extend(parts.into_iter().rev().map(|part| (part, None)));
        }
    }

    /// Takes in one member; gives the schemas that say the rest of it.
    fn member(&mut self, node: &Node<'a>, key: &'a str, member: Node<'a>) -> Vec<Node<'a>> {
        match key {
            "$ref" => {
                let target = node.resolved();
                if target.pointer != node.pointer {
                    return vec![target];
                }
                self.rest.entry(key).or_insert(member.value);
            }
            "type" => self.restrict(member.value),
            "nullable" => self.nullable |= member.value == &Value::Bool(true),
            "const" => self.limit(vec![member.value]),
            "enum" => self.limit(member.value.as_array().into_iter().flatten().collect()),
            "properties" => {
                for (name, property) in node.named("properties") {
                    match self.properties.entry(name) {
                        Entry::Vacant(entry) => drop(entry.insert(property)),
                        Entry::Occupied(_) => self.further.push((format!(".{name}"), property)),
                    }
                }
            }
            "required" => self.required.extend(strings(member.value)),
            "additionalProperties" | "unevaluatedProperties" => {
                self.additional.get_or_insert(member);
            }
            "items" if self.items.is_none() => self.items = Some(member),
            "items" => self.further.push(("[]".to_owned(), member)),
            "allOf" => return node.items("allOf"),
            "anyOf" | "oneOf" => return self.choose(key, member.value, node.items(key)),
            key if ANNOTATIONS.contains(&key) => {}
            key => {
                self.rest.entry(key).or_insert(member.value);
            }
        }
        Vec::new()
    }

    fn restrict(&mut self, types: &'a Value) {
        let mut list: BTreeSet<&str> = strings(types).chain(types.as_str()).collect();
        self.nullable |= list.len() > 1 && list.remove("null");
        if self.types.is_empty() {
            self.types = list;
        } else {
            self.types.retain(|name| list.contains(name));
        }
    }

    fn limit(&mut self, mut values: Vec<&'a Value>) {
        let count = values.len();
        values.retain(|value| !value.is_null());
        self.nullable |= values.len() < count;
        self.values.get_or_insert(values);
    }

    fn choose(&mut self, key: &'a str, whole: &'a Value, mut members: Vec<Node<'a>>) -> Vec<Node<'a>> {
        let count = members.len();
        members.retain(|member| member.value.get("type").is_none_or(|name| name != "null"));
        self.nullable |= members.len() < count;
        if members.len() == 1 {
            return members;
        }
        if let Some(values) = members.iter().map(|member| member.value.get("const")).collect::<Option<Vec<_>>>() {
            self.limit(values);
            return Vec::new();
        }
        if self.union.is_none() {
            self.union = Some(key);
            self.variants = members;
        } else {
            self.rest.entry(key).or_insert(whole);
        }
        Vec::new()
    }

    /// The type that a schema means without saying it.
    fn infer(&mut self) {
        if !self.types.is_empty() {
            return;
        }
        if !self.properties.is_empty() || !self.required.is_empty() || self.additional.is_some() {
            self.types.insert("object");
        } else if self.items.is_some() {
            self.types.insert("array");
        }
        for value in self.values.iter().flatten() {
            self.types.insert(match value {
                Value::Bool(_) => "boolean",
                Value::Number(number) if number.is_f64() => "number",
                Value::Number(_) => "integer",
                Value::String(_) => "string",
                Value::Array(_) => "array",
                _ => "object",
            });
        }
    }

    /// A number among the other keywords.
    pub(super) fn number(&self, key: &str) -> Option<f64> {
        self.rest.get(key).and_then(|value| value.as_f64())
    }

    /// A text among the other keywords.
    pub(super) fn text(&self, key: &str) -> Option<&'a str> {
        self.rest.get(key).and_then(|value| value.as_str())
    }

    /// The lower or upper limit, and whether the limit itself is left out.
    pub(super) fn limit_of(&self, key: &str, exclusive: &str) -> Option<(f64, bool)> {
        let marked = self.rest.get(exclusive) == Some(&&Value::Bool(true));
        let inclusive = self.number(key).map(|limit| (limit, marked));
        let Some(limit) = self.number(exclusive) else { return inclusive };
        let stricter = |other: f64| if key == "minimum" { limit >= other } else { limit <= other };
        match inclusive {
            Some((other, _)) if !stricter(other) => inclusive,
            _ => Some((limit, true)),
        }
    }
}

fn strings(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// The name of a component that a schema is, or that it is but for texts and null.
fn name(node: &Node<'_>, depth: usize) -> Option<String> {
    let target = node.resolved();
    if let Some(name) = target.component().filter(|_| target.value.is_object()) {
        return Some(name);
    }
    let object = target.value.as_object().filter(|_| depth < 8)?;
    let says = |key: &&String| !ANNOTATIONS.contains(&key.as_str()) && !key.starts_with("x-") && *key != "nullable";
    let mut keys = object.keys().filter(says);
    let (Some(key @ ("allOf" | "anyOf" | "oneOf")), None) = (keys.next().map(String::as_str), keys.next()) else {
        return None;
    };
    let mut members = target.items(key);
    members.retain(|member| member.value.get("type").is_none_or(|name| name != "null"));
    if let [only] = members.as_slice() { name(only, depth + 1) } else { None }
}

/// The place of a schema: the target of its reference, unless it has further keywords.
fn place(node: &Node<'_>) -> String {
    let says_more = node.all().iter().any(|(key, _)| *key != "$ref" && !ANNOTATIONS.contains(key));
    if says_more { node.pointer.clone() } else { node.resolved().pointer }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn two_spellings_of_one_meaning_have_one_shape() {
        for (one, other) in [
            (json!({ "type": ["string", "null"] }), json!({ "type": "string", "nullable": true })),
            (json!({ "anyOf": [{ "type": "string" }, { "type": "null" }] }), json!({ "type": ["null", "string"] })),
            (json!({ "const": "a" }), json!({ "type": "string", "enum": ["a"] })),
            (json!({ "oneOf": [{ "const": 1 }, { "const": 2 }] }), json!({ "enum": [1, 2] })),
            (
                json!({ "allOf": [{ "type": "string" }, { "maxLength": 3 }] }),
                json!({ "type": "string", "maxLength": 3 }),
            ),
            (json!({ "properties": { "a": true } }), json!({ "type": "object", "properties": { "a": true } })),
            (json!({ "$ref": "#/t" }), json!({ "type": "string" })),
        ] {
            let document = json!({ "t": { "type": "string" }, "one": one, "other": other });
            let root = Node::root(&document);
            let said = |key: &str| {
                let shape = Shape::of(&root.get(key).expect(key));
                let names: Vec<String> = shape.properties.keys().map(|name| (*name).to_owned()).collect();
                format!("{:?} {} {:?} {names:?} {:?}", shape.types, shape.nullable, shape.values, shape.rest)
            };
            assert_eq!(said("one"), said("other"), "{document}");
        }
    }

    #[test]
    fn limits_of_both_versions_are_the_same() {
        for (schema, limit) in [
            (json!({ "minimum": 5 }), Some((5.0, false))),
            (json!({ "minimum": 5, "exclusiveMinimum": true }), Some((5.0, true))),
            (json!({ "exclusiveMinimum": 5 }), Some((5.0, true))),
            (json!({ "minimum": 7, "exclusiveMinimum": 5 }), Some((7.0, false))),
            (json!({}), None),
        ] {
            assert_eq!(Shape::of(&Node::root(&schema)).limit_of("minimum", "exclusiveMinimum"), limit, "{schema}");
        }
    }

    #[test]
    fn a_schema_that_holds_itself_has_a_shape() {
        let document = json!({ "allOf": [{ "$ref": "#" }, { "$ref": "#/allOf/0" }], "type": "object" });
        assert!(Shape::of(&Node::root(&document)).types.contains("object"));
    }
}
