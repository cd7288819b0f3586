//! Walks an OpenAPI document by kind of node.
//!
//! Rules select nodes by kind, never by the name of a key: a property may be *called* `const`, `examples` or `$ref`.

use serde_json::Value;

use crate::pointer::enter;
use crate::work::step;

/// Kinds of nodes, as the OpenAPI Specification names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NodeKind {
    /// The document itself.
    Document,
    /// An Info Object.
    Info,
    /// A License Object.
    License,
    /// The Components Object.
    Components,
    /// The Paths Object.
    Paths,
    /// A Path Item Object.
    PathItem,
    /// An Operation Object.
    Operation,
    /// A Parameter Object.
    Parameter,
    /// A Request Body Object.
    RequestBody,
    /// A Responses Object.
    Responses,
    /// A Response Object.
    Response,
    /// A Header Object.
    Header,
    /// A Media Type Object.
    MediaType,
    /// An Encoding Object.
    Encoding,
    /// A Callback Object.
    Callback,
    /// A Link Object.
    Link,
    /// An Example Object.
    Example,
    /// A Security Scheme Object.
    SecurityScheme,
    /// A Schema Object.
    Schema,
}

/// How a member contains nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Holds {
    One(NodeKind),
    Map(NodeKind),
    List(NodeKind),
}

/// The nodes that the member `key` of a node contains, if it contains any.
pub(crate) fn member(node: NodeKind, key: &str) -> Option<Holds> {
    use Holds::{List, Map, One};
    Some(match (node, key) {
        (NodeKind::Document, "info") => One(NodeKind::Info),
        (NodeKind::Document, "paths") => One(NodeKind::Paths),
        (NodeKind::Document, "webhooks") | (NodeKind::Components, "pathItems") => Map(NodeKind::PathItem),
        (NodeKind::Document, "components") => One(NodeKind::Components),
        (NodeKind::Info, "license") => One(NodeKind::License),
        (NodeKind::Components, "schemas") => Map(NodeKind::Schema),
        (NodeKind::Components, "responses") => Map(NodeKind::Response),
        (NodeKind::Components, "parameters") => Map(NodeKind::Parameter),
        (NodeKind::PathItem | NodeKind::Operation, "parameters") => List(NodeKind::Parameter),
        (NodeKind::Components | NodeKind::Parameter | NodeKind::Header | NodeKind::MediaType, "examples") => {
            Map(NodeKind::Example)
        }
        (NodeKind::Components, "requestBodies") => Map(NodeKind::RequestBody),
        (NodeKind::Components | NodeKind::Response | NodeKind::Encoding, "headers") => Map(NodeKind::Header),
        (NodeKind::Components, "securitySchemes") => Map(NodeKind::SecurityScheme),
        (NodeKind::Components | NodeKind::Response, "links") => Map(NodeKind::Link),
        (NodeKind::Components | NodeKind::Operation, "callbacks") => Map(NodeKind::Callback),
        (NodeKind::Paths | NodeKind::Callback, key) if !key.starts_with("x-") => One(NodeKind::PathItem),
        (NodeKind::PathItem, "get" | "put" | "post" | "delete" | "options" | "head" | "patch" | "trace") => {
            One(NodeKind::Operation)
        }
        (NodeKind::Operation, "requestBody") => One(NodeKind::RequestBody),
        (NodeKind::Operation, "responses") => One(NodeKind::Responses),
        (NodeKind::Responses, key) if !key.starts_with("x-") => One(NodeKind::Response),
        (NodeKind::Parameter | NodeKind::Header | NodeKind::RequestBody | NodeKind::Response, "content") => {
            Map(NodeKind::MediaType)
        }
        (NodeKind::Parameter | NodeKind::Header | NodeKind::MediaType, "schema") => One(NodeKind::Schema),
        (NodeKind::MediaType, "encoding") => Map(NodeKind::Encoding),
        (NodeKind::Schema, "properties" | "patternProperties" | "$defs" | "dependentSchemas") => Map(NodeKind::Schema),
        (NodeKind::Schema, "allOf" | "anyOf" | "oneOf" | "prefixItems") => List(NodeKind::Schema),
        (
            NodeKind::Schema,
            "items"
            | "additionalProperties"
            | "not"
            | "if"
            | "then"
            | "else"
            | "contains"
            | "propertyNames"
            | "unevaluatedItems"
            | "unevaluatedProperties"
            | "contentSchema",
        ) => One(NodeKind::Schema),
        _ => return None,
    })
}

/// Whether this node is a Reference Object, whose other members are ignored.
pub fn is_reference(node: NodeKind, value: &Value) -> bool {
    let can_be = !matches!(
        node,
        NodeKind::Document
            | NodeKind::Info
            | NodeKind::License
            | NodeKind::Components
            | NodeKind::Paths
            | NodeKind::Operation
            | NodeKind::Responses
    );
    can_be && value.get("$ref").is_some_and(Value::is_string)
}

/// Visits a node and its descendants, parents first.
pub fn visit(value: &Value, node: NodeKind, pointer: &str, see: &mut dyn FnMut(&Value, NodeKind, &str)) {
    visit_at(value, node, &mut pointer.to_owned(), see);
}

fn visit_at(value: &Value, node: NodeKind, at: &mut String, see: &mut dyn FnMut(&Value, NodeKind, &str)) {
    step(1);
    see(value, node, at);
    let Some(object) = value.as_object() else { return };
    if node != NodeKind::Schema && is_reference(node, value) {
        return;
    }
    for (key, inner) in object {
        let Some(holds) = member(node, key) else { continue };
        within(at, key, |at| match (holds, inner) {
            (Holds::One(kind), inner) => visit_at(inner, kind, at, see),
            (Holds::Map(kind), Value::Object(map)) => {
                map.iter().for_each(|(key, inner)| within(at, key, |at| visit_at(inner, kind, at, see)));
            }
            (Holds::List(kind), Value::Array(list)) => {
                let items = list.iter().enumerate();
                items.for_each(|(index, inner)| within(at, &index.to_string(), |at| visit_at(inner, kind, at, see)));
            }
            _ => {}
        });
    }
}

/// Calls `run` with the pointer of a child. The whole walk uses one string: the pointers of all nodes together may be far
/// longer than the document.
fn within(at: &mut String, key: &str, run: impl FnOnce(&mut String)) {
    let length = at.len();
    enter(at, key);
    run(at);
    at.truncate(length);
}

/// Whether a node is visited before or after its children.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visit {
    /// Before the children.
    Enter,
    /// After the children.
    Leave,
}

/// Changes a node and its descendants, children first, so that the pointers are those of the unchanged tree.
pub fn change(value: &mut Value, node: NodeKind, pointer: &str, edit: &mut dyn FnMut(&mut Value, NodeKind, &str)) {
    rewrite(value, node, pointer, &mut |value, node, pointer, step| {
        if step == Visit::Leave {
            edit(value, node, pointer);
        }
    });
}

/// Changes a node and its descendants; `edit` is called before the children and after them.
pub fn rewrite(
    value: &mut Value,
    node: NodeKind,
    pointer: &str,
    edit: &mut dyn FnMut(&mut Value, NodeKind, &str, Visit),
) {
    rewrite_at(value, node, &mut pointer.to_owned(), edit);
}

fn rewrite_at(
    value: &mut Value,
    node: NodeKind,
    at: &mut String,
    edit: &mut dyn FnMut(&mut Value, NodeKind, &str, Visit),
) {
    step(1);
    edit(value, node, at, Visit::Enter);
    let opaque = node != NodeKind::Schema && is_reference(node, value);
    if let (Some(object), false) = (value.as_object_mut(), opaque) {
        for (key, inner) in object {
            let Some(holds) = member(node, key) else { continue };
            if inner.is_boolean() && may_be_boolean(node, key) {
                continue;
            }
            within(at, key, |at| match (holds, inner) {
                (Holds::One(kind), inner) => rewrite_at(inner, kind, at, edit),
                (Holds::Map(kind), Value::Object(map)) => {
                    map.iter_mut().for_each(|(key, inner)| within(at, key, |at| rewrite_at(inner, kind, at, edit)));
                }
                (Holds::List(kind), Value::Array(list)) => {
                    let items = list.iter_mut().enumerate();
                    items.for_each(|(index, inner)| {
                        within(at, &index.to_string(), |at| rewrite_at(inner, kind, at, edit));
                    });
                }
                _ => {}
            });
        }
    }
    edit(value, node, at, Visit::Leave);
}

/// The members in which 3.0, too, allows `true` or `false` in the place of a schema.
fn may_be_boolean(node: NodeKind, key: &str) -> bool {
    node == NodeKind::Schema && matches!(key, "additionalProperties" | "unevaluatedProperties")
}

/// The section of `components` for nodes of this kind, if 3.0 has one.
pub fn section(node: NodeKind) -> Option<&'static str> {
    Some(match node {
        NodeKind::Schema => "schemas",
        NodeKind::Parameter => "parameters",
        NodeKind::Response => "responses",
        NodeKind::RequestBody => "requestBodies",
        NodeKind::Header => "headers",
        NodeKind::Example => "examples",
        NodeKind::SecurityScheme => "securitySchemes",
        NodeKind::Link => "links",
        NodeKind::Callback => "callbacks",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn schemas_are_found_by_kind_and_not_by_name() {
        let document = json!({
            "paths": { "/a": {
                "parameters": [{ "name": "p", "schema": { "type": "string" } }],
                "post": {
                    "requestBody": { "content": { "text/plain": { "schema": {} } } },
                    "responses": { "200": { "headers": { "h": { "schema": {} } } }, "x-more": { "schema": {} } },
                },
            } },
            "components": {
                "schemas": {
                    "properties": {
                        "properties": { "const": {}, "items": { "items": {} } },
                        "example": { "properties": { "no": {} } },
                        "allOf": [{}],
                    },
                },
                "responses": { "R": { "$ref": "#/components/responses/S", "content": { "a/b": { "schema": {} } } } },
            },
        });
        let mut found = Vec::new();
        visit(&document, NodeKind::Document, "", &mut |_, node, pointer| {
            if node == NodeKind::Schema {
                found.push(pointer.to_owned());
            }
        });
        assert_eq!(
            found,
            [
                "/paths/~1a/parameters/0/schema",
                "/paths/~1a/post/requestBody/content/text~1plain/schema",
                "/paths/~1a/post/responses/200/headers/h/schema",
                "/components/schemas/properties",
                "/components/schemas/properties/properties/const",
                "/components/schemas/properties/properties/items",
                "/components/schemas/properties/properties/items/items",
                "/components/schemas/properties/allOf/0",
            ]
        );
    }

    #[test]
    fn children_are_changed_before_their_parents() {
        let mut schema = json!({ "items": { "items": {} } });
        let mut order = Vec::new();
        change(&mut schema, NodeKind::Schema, "", &mut |_, _, pointer| order.push(pointer.to_owned()));
        assert_eq!(order, ["/items/items", "/items", ""]);
    }
}
