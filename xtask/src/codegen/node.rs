//! What kind of thing stands where in an OpenAPI document.
//!
//! Everything that looks for something in a document walks by kind of node, never by the name of a key: a property may
//! well be *called* `const`, `examples` or `$ref`.

use serde_json::Value;

use super::positions::enter;
use super::steps::step;

/// Kinds of nodes, as the OpenAPI Specification names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Node {
    /// The document itself.
    Document,
    Info,
    License,
    Components,
    Paths,
    PathItem,
    Operation,
    Parameter,
    RequestBody,
    Responses,
    Response,
    Header,
    MediaType,
    Encoding,
    Callback,
    Link,
    Example,
    SecurityScheme,
    Schema,
}

/// How a member holds nodes.
enum Holds {
    One(Node),
    Map(Node),
    List(Node),
}

/// What the member `key` of a `node` holds, if it holds nodes.
fn member(node: Node, key: &str) -> Option<Holds> {
    use Holds::{List, Map, One};
    Some(match (node, key) {
        (Node::Document, "info") => One(Node::Info),
        (Node::Document, "paths") => One(Node::Paths),
        (Node::Document, "webhooks") | (Node::Components, "pathItems") => Map(Node::PathItem),
        (Node::Document, "components") => One(Node::Components),
        (Node::Info, "license") => One(Node::License),
        (Node::Components, "schemas") => Map(Node::Schema),
        (Node::Components, "responses") => Map(Node::Response),
        (Node::Components, "parameters") => Map(Node::Parameter),
        (Node::PathItem | Node::Operation, "parameters") => List(Node::Parameter),
        (Node::Components | Node::Parameter | Node::Header | Node::MediaType, "examples") => Map(Node::Example),
        (Node::Components, "requestBodies") => Map(Node::RequestBody),
        (Node::Components | Node::Response | Node::Encoding, "headers") => Map(Node::Header),
        (Node::Components, "securitySchemes") => Map(Node::SecurityScheme),
        (Node::Components | Node::Response, "links") => Map(Node::Link),
        (Node::Components | Node::Operation, "callbacks") => Map(Node::Callback),
        (Node::Paths | Node::Callback, key) if !key.starts_with("x-") => One(Node::PathItem),
        (Node::PathItem, "get" | "put" | "post" | "delete" | "options" | "head" | "patch" | "trace") => {
            One(Node::Operation)
        }
        (Node::Operation, "requestBody") => One(Node::RequestBody),
        (Node::Operation, "responses") => One(Node::Responses),
        (Node::Responses, key) if !key.starts_with("x-") => One(Node::Response),
        (Node::Parameter | Node::Header | Node::RequestBody | Node::Response, "content") => Map(Node::MediaType),
        (Node::Parameter | Node::Header | Node::MediaType, "schema") => One(Node::Schema),
        (Node::MediaType, "encoding") => Map(Node::Encoding),
        (Node::Schema, "properties" | "patternProperties" | "$defs" | "dependentSchemas") => Map(Node::Schema),
        (Node::Schema, "allOf" | "anyOf" | "oneOf" | "prefixItems") => List(Node::Schema),
        (
            Node::Schema,
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
        ) => One(Node::Schema),
        _ => return None,
    })
}

/// Whether this node is a Reference Object, beside which nothing else counts.
pub(crate) fn is_reference(node: Node, value: &Value) -> bool {
    let can_be = !matches!(
        node,
        Node::Document
            | Node::Info
            | Node::License
            | Node::Components
            | Node::Paths
            | Node::Operation
            | Node::Responses
    );
    can_be && value.get("$ref").is_some_and(Value::is_string)
}

/// Visits a node and everything in it, parents first.
pub(crate) fn visit(value: &Value, node: Node, pointer: &str, see: &mut dyn FnMut(&Value, Node, &str)) {
    visit_at(value, node, &mut pointer.to_owned(), see);
}

fn visit_at(value: &Value, node: Node, at: &mut String, see: &mut dyn FnMut(&Value, Node, &str)) {
    step(1);
    see(value, node, at);
    let Some(object) = value.as_object() else { return };
    if node != Node::Schema && is_reference(node, value) {
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

/// Runs this with the pointer of a child. One text serves the whole walk: the pointers of all nodes together may be far
/// longer than the document.
fn within(at: &mut String, key: &str, run: impl FnOnce(&mut String)) {
    let length = at.len();
    enter(at, key);
    run(at);
    at.truncate(length);
}

/// Whether a node is about to be entered, or everything in it has been seen to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Before the children.
    Enter,
    /// After the children.
    Leave,
}

/// Changes a node and everything in it, children first, so that the pointers are those of the untouched tree.
pub(crate) fn change(value: &mut Value, node: Node, pointer: &str, edit: &mut dyn FnMut(&mut Value, Node, &str)) {
    rewrite(value, node, pointer, &mut |value, node, pointer, step| {
        if step == Step::Leave {
            edit(value, node, pointer);
        }
    });
}

/// Changes a node and everything in it, with a chance to edit before the children and one after them.
pub(crate) fn rewrite(
    value: &mut Value,
    node: Node,
    pointer: &str,
    edit: &mut dyn FnMut(&mut Value, Node, &str, Step),
) {
    rewrite_at(value, node, &mut pointer.to_owned(), edit);
}

fn rewrite_at(value: &mut Value, node: Node, at: &mut String, edit: &mut dyn FnMut(&mut Value, Node, &str, Step)) {
    step(1);
    edit(value, node, at, Step::Enter);
    let opaque = node != Node::Schema && is_reference(node, value);
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
    edit(value, node, at, Step::Leave);
}

/// Where 3.0, too, has `true` or `false` in the place of a schema.
fn may_be_boolean(node: Node, key: &str) -> bool {
    node == Node::Schema && matches!(key, "additionalProperties" | "unevaluatedProperties")
}

/// The folder of `components` in which nodes of this kind have names, if 3.0 has one.
pub(crate) fn section(node: Node) -> Option<&'static str> {
    Some(match node {
        Node::Schema => "schemas",
        Node::Parameter => "parameters",
        Node::Response => "responses",
        Node::RequestBody => "requestBodies",
        Node::Header => "headers",
        Node::Example => "examples",
        Node::SecurityScheme => "securitySchemes",
        Node::Link => "links",
        Node::Callback => "callbacks",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn schemas_are_found_by_place_and_not_by_name() {
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
        visit(&document, Node::Document, "", &mut |_, node, pointer| {
            if node == Node::Schema {
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
        change(&mut schema, Node::Schema, "", &mut |_, _, pointer| order.push(pointer.to_owned()));
        assert_eq!(order, ["/items/items", "/items", ""]);
    }
}
