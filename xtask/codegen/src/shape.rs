//! What a schema says about the JSON of its values: the types, members and listed values that tell the members of unions apart.

use std::collections::{BTreeMap, BTreeSet};

use openapi::reference::{referred, schemas};
use openapi::work::step;
use serde_json::{Map, Value};

/// The keyword in which adapting notes what the alternatives of a schema lose when they become one `oneOf`.
pub(crate) const UNION: &str = "x-union";

/// The keyword in which adapting notes that the alternatives of a discriminator extend one of them: its value for that one.
pub(crate) const BASE: &str = "x-base";

/// What a schema says about the JSON of its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Any,
    Null,
    Boolean,
    Integer,
    Number,
    String,
    /// The JSON texts of the listed values.
    Listed(Vec<String>),
    List(Box<Shape>),
    Object(Object),
    Union(Union),
    /// The shape of a component schema.
    Named(String),
}

/// An object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Object {
    /// The members by their names on the wire: whether each is required, and its shape.
    pub(crate) properties: BTreeMap<String, (bool, Shape)>,
    pub(crate) others: Others,
}

/// The members of an object that are not listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Others {
    /// The document says nothing about them.
    Dropped,
    /// The document forbids them.
    Forbidden,
    /// The document allows them.
    Kept(Box<Shape>),
}

/// Alternatives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Union {
    pub(crate) members: Vec<Shape>,
    pub(crate) tag: Option<Tag>,
    /// Whether a value may be of several members, as with `anyOf`.
    pub(crate) is_any: bool,
}

/// A discriminator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tag {
    pub(crate) property: String,
    /// The values of the property that select each member; the first is written.
    pub(crate) values: Vec<Vec<String>>,
    /// The member that all others extend.
    pub(crate) base: Option<usize>,
}

/// The shapes of a document.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shapes {
    /// By the name of the component schema: all unions, and all that they consist of.
    pub(crate) named: BTreeMap<String, Shape>,
}

/// The component schemas, and what adapting noted about them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source<'a> {
    pub(crate) schemas: &'a Map<String, Value>,
    /// The names of properties in the code and on the wire, by the name of the schema.
    pub(crate) properties: &'a BTreeMap<String, BTreeMap<String, String>>,
    /// The schemas that had `additionalProperties: false`.
    pub(crate) closed: &'a BTreeSet<String>,
}

impl Shapes {
    /// The shapes of all unions of an adapted document, and of the schemas that these refer to.
    pub(crate) fn read(
        value: &Value,
        properties: &BTreeMap<String, BTreeMap<String, String>>,
        closed: &BTreeSet<String>,
    ) -> Self {
        let Some(schemas) = schemas(value) else { return Self::default() };
        let source = Source { schemas, properties, closed };
        let mut open = schemas.iter().filter(|(_, schema)| schema.get("oneOf").is_some());
        let mut open = open.by_ref().map(|(name, _)| name.clone()).collect::<BTreeSet<_>>();
        let mut named = BTreeMap::new();
        while let Some(name) = open.pop_first() {
            let Some(schema) = schemas.get(&name).filter(|_| !named.contains_key(&name)) else { continue };
            let shape = source.shape(schema, Some(&name), &mut open);
            named.insert(name, shape);
        }
        Self { named }
    }

    /// The shape itself, which is not a name.
    pub(crate) fn resolve<'a>(&'a self, mut shape: &'a Shape) -> &'a Shape {
        for _ in 0..=self.named.len() {
            match shape {
                Shape::Named(name) => shape = self.named.get(name).unwrap_or(&Shape::Any),
                other => return other,
            }
        }
        &Shape::Any
    }
}

impl Source<'_> {
    /// The shape of a schema; the schemas that it refers to are added to `open`.
    fn shape(&self, schema: &Value, name: Option<&str>, open: &mut BTreeSet<String>) -> Shape {
        step(1);
        let shape = self.not_null(schema, name, open);
        if schema.get("nullable") != Some(&Value::Bool(true)) || shape == Shape::Any {
            return shape;
        }
        Shape::Union(Union { members: vec![shape, Shape::Null], tag: None, is_any: false })
    }

    fn not_null(&self, schema: &Value, name: Option<&str>, open: &mut BTreeSet<String>) -> Shape {
        let list = |key: &str| schema.get(key).and_then(Value::as_array).filter(|list| !list.is_empty());
        let reference = referred(schema).or_else(|| match list("allOf")?.as_slice() {
            [only] => referred(only),
            _ => None,
        });
        if let Some(reference) = reference {
            if !self.schemas.contains_key(&reference) {
                return Shape::Any;
            }
            open.insert(reference.clone());
            return Shape::Named(reference);
        }
        if let Some(members) = list("oneOf") {
            let tag = schema.get(UNION).and_then(|note| Tag::read(note, members.len()));
            let is_any = schema.get(UNION).and_then(|note| note.get("anyOf")).is_some_and(|is_any| *is_any == true);
            let members = members.iter().map(|member| self.shape(member, None, open)).collect();
            return Shape::Union(Union { members, tag, is_any });
        }
        if let Some(values) = list("enum") {
            return Shape::Listed(values.iter().map(Value::to_string).collect());
        }
        if ["allOf", "anyOf"].iter().any(|key| schema.get(*key).is_some()) {
            return Shape::Any;
        }
        match schema.get("type").and_then(Value::as_str) {
            Some("boolean") => Shape::Boolean,
            Some("string") => Shape::String,
            Some("number") => Shape::Number,
            // Its type reads texts, too.
            Some("integer") if schema.get("format").is_some_and(|format| format == "expires-in") => Shape::Any,
            Some("integer") => Shape::Integer,
            Some("array") => {
                let items = schema.get("items").map_or(Shape::Any, |items| self.shape(items, None, open));
                Shape::List(items.into())
            }
            Some("object") => self.object(schema, name, open),
            None if schema.get("properties").is_some() => self.object(schema, name, open),
            _ => Shape::Any,
        }
    }

    fn object(&self, schema: &Value, name: Option<&str>, open: &mut BTreeSet<String>) -> Shape {
        let renamed = name.and_then(|name| self.properties.get(name));
        let on_wire = |name: &str| renamed.and_then(|all| all.get(name)).map_or(name, String::as_str).to_owned();
        let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
        let required = required.filter_map(Value::as_str).map(on_wire).collect::<BTreeSet<_>>();
        let known = schema.get("properties").and_then(Value::as_object);
        let mut properties = BTreeMap::new();
        for (key, property) in known.into_iter().flatten() {
            let key = on_wire(key);
            let shape = self.shape(property, None, open);
            properties.insert(key.clone(), (required.contains(&key), shape));
        }
        let is_map = properties.is_empty();
        for key in required {
            properties.entry(key).or_insert((true, Shape::Any));
        }
        let is_closed = name.is_some_and(|name| self.closed.contains(name));
        let others = match schema.get("additionalProperties") {
            Some(Value::Bool(false)) => Others::Forbidden,
            _ if is_closed => Others::Forbidden,
            Some(Value::Bool(true)) => Others::Kept(Shape::Any.into()),
            Some(inner) => Others::Kept(self.shape(inner, None, open).into()),
            // The type is a map.
            None if is_map => Others::Kept(Shape::Any.into()),
            None => Others::Dropped,
        };
        Shape::Object(Object { properties, others })
    }
}

impl Tag {
    /// The discriminator in a note of adapting.
    fn read(note: &Value, members: usize) -> Option<Self> {
        let texts = |list: &Value| {
            let list = list.as_array().into_iter().flatten();
            list.filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>()
        };
        let values = note.get("tags")?.as_array().filter(|values| values.len() == members)?;
        let values = values.iter().map(texts).collect::<Vec<_>>();
        let base = note.get(BASE).and_then(Value::as_str);
        let base = base.and_then(|base| values.iter().position(|tags| tags.iter().any(|tag| tag == base)));
        Some(Self { property: note.get("property")?.as_str()?.to_owned(), values, base })
    }
}
