//! The operations of a document.

use super::node::Node;

/// What an operation can be called in a path item.
pub(super) const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// An operation and its place.
#[derive(Clone, Debug)]
pub(super) struct Operation<'a> {
    /// Its path, with the names of its parameters.
    pub(super) path: &'a str,
    /// Its method, in small letters.
    pub(super) method: &'a str,
    /// The path item.
    pub(super) item: Node<'a>,
    /// The operation.
    pub(super) node: Node<'a>,
}

impl Operation<'_> {
    /// `POST /path`.
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.method.to_uppercase(), self.path)
    }

    /// Method and path without the names of parameters.
    pub(super) fn key(&self) -> String {
        let mut key = format!("{} ", self.method);
        let mut inside = false;
        for c in self.path.chars() {
            inside &= c != '}';
            if !inside {
                key.push(c);
            }
            inside |= c == '{';
        }
        key
    }

    pub(super) fn id(&self) -> Option<&str> {
        self.node.text("operationId")
    }
}

/// The operations of a document.
pub(super) fn all<'a>(root: &Node<'a>) -> Vec<Operation<'a>> {
    let mut found = Vec::new();
    for (path, item) in root.members("paths") {
        let item = item.resolved();
        for (method, node) in item.all() {
            if METHODS.contains(&method) {
                found.push(Operation { path, method, item: item.clone(), node });
            }
        }
    }
    found
}
