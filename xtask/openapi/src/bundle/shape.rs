//! How the parts of a document contain references.

use serde_json::Value;

use crate::walk::{self, Holds, NodeKind};

/// The members of nodes in a version of the specification, and its names of components.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dialect {
    /// Whether the document is of Swagger 2.0.
    pub(super) is_swagger: bool,
}

impl Dialect {
    pub(super) fn of(document: &Value) -> Self {
        Self { is_swagger: document.get("swagger").is_some() }
    }

    /// What a member of a node contains.
    fn member(self, node: NodeKind, key: &str) -> Option<Holds> {
        if self.is_swagger {
            match (node, key) {
                (NodeKind::Document, "definitions") => return Some(Holds::Map(NodeKind::Schema)),
                (NodeKind::Document, "parameters") => return Some(Holds::Map(NodeKind::Parameter)),
                (NodeKind::Document, "responses") => return Some(Holds::Map(NodeKind::Response)),
                (NodeKind::Response, "schema") => return Some(Holds::One(NodeKind::Schema)),
                _ => {}
            }
        }
        walk::member(node, key)
    }

    /// The pointer to the named components for what is contained like this; `None` if the specification has no names for it.
    pub(super) fn home(self, shape: Holds) -> Option<&'static str> {
        let Holds::One(node) = shape else { return None };
        Some(match (self.is_swagger, node) {
            (true, NodeKind::Schema) => "/definitions",
            (true, NodeKind::Parameter) => "/parameters",
            (true, NodeKind::Response) => "/responses",
            (true, _) => return None,
            (false, NodeKind::Schema) => "/components/schemas",
            (false, NodeKind::Parameter) => "/components/parameters",
            (false, NodeKind::Response) => "/components/responses",
            (false, NodeKind::RequestBody) => "/components/requestBodies",
            (false, NodeKind::Header) => "/components/headers",
            (false, NodeKind::Example) => "/components/examples",
            (false, NodeKind::SecurityScheme) => "/components/securitySchemes",
            (false, NodeKind::Link) => "/components/links",
            (false, NodeKind::Callback) => "/components/callbacks",
            (false, _) => return None,
        })
    }

    /// The shape of a child.
    pub(super) fn child(self, shape: Holds, key: &str) -> Option<Holds> {
        match shape {
            Holds::One(node) => self.member(node, key),
            Holds::Map(node) | Holds::List(node) => Some(Holds::One(node)),
        }
    }
}

/// The text of the reference in place of a value.
pub(super) fn reference(value: &Value) -> Option<&str> {
    value.as_object()?.get("$ref")?.as_str()
}

/// The reference that a value consists of.
pub(super) fn alias(value: &Value) -> Option<&str> {
    reference(value).filter(|_| value.as_object().is_some_and(|object| object.len() == 1))
}

/// Whether a value can be what a reference in this place wants.
pub(super) fn fits(shape: Holds, value: &Value) -> bool {
    match shape {
        Holds::One(NodeKind::Schema) => value.is_object() || value.is_boolean(),
        Holds::One(_) | Holds::Map(_) => value.is_object(),
        Holds::List(_) => value.is_array(),
    }
}

/// The children of a value that the shape contains, by key.
pub(super) fn children(value: &Value) -> Vec<(String, &Value)> {
    match value {
        Value::Object(object) => object.iter().map(|(key, inner)| (key.clone(), inner)).collect(),
        Value::Array(list) => list.iter().enumerate().map(|(index, inner)| (index.to_string(), inner)).collect(),
        _ => vec![],
    }
}

/// The values of `discriminator.mapping` that name files or places, by their names.
pub(super) fn mapping(schema: &Value) -> impl Iterator<Item = (&String, &str)> {
    let mapping = schema.pointer("/discriminator/mapping").and_then(Value::as_object);
    let values = mapping.into_iter().flatten().filter_map(|(name, value)| Some((name, value.as_str()?)));
    values.filter(|(_, text)| {
        text.contains(['#', '/']) || [".yaml", ".yml", ".json"].iter().any(|end| text.ends_with(end))
    })
}

/// The pointer to the value of a name in `discriminator.mapping`.
pub(super) fn mapped(schema: &str, name: &str) -> String {
    crate::pointer::child(&format!("{schema}/discriminator/mapping"), name)
}
