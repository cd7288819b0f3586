//! Finds the operation of a request.

use super::layer::Text;
use crate::message::Request;
use crate::pointer::child;
use crate::{Exchange, Side};

/// An operation of a document.
pub(super) struct Operation {
    /// Pointer to its path.
    pub(super) path: String,
    /// Pointer to the operation.
    pointer: String,
}

impl Operation {
    /// Pointer to a member of the operation.
    pub(super) fn member(&self, name: &str) -> String {
        child(&self.pointer, name)
    }
}

/// The operation of this request, if the document has it.
pub(super) fn find(text: &mut Text<'_>, exchange: &Exchange, request: &Request) -> Option<Operation> {
    if !text.serves(&exchange.base_url) {
        text.note(Side::Client, "server", "is not in the document, but was configured by the user", "/servers");
    }
    let (path, query) = match request.target.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (request.target.as_str(), None),
    };
    let path = path.strip_prefix(exchange.base_path()).unwrap_or(path);
    let template = text.names("/paths").into_iter().find(|template| fits(template, path));
    let Some(template) = template else {
        text.violation(Side::Client, "path", "is not in the document", "/paths");
        return None;
    };
    let path = child("/paths", template);
    let method = request.method.to_ascii_lowercase();
    let pointer = child(&path, &method);
    if request.method != method.to_ascii_uppercase() || text.root().pointer(&pointer).is_none() {
        text.violation(Side::Client, "method", "is not documented for this path", &path);
        return None;
    }
    let operation = Operation { path, pointer };
    if exchange.query.is_some() && query != exchange.query.as_deref() {
        text.violation(Side::Client, "query", "differs from the query of the server's URL", &operation.pointer);
    } else if exchange.query.is_none() && query.is_some_and(|query| !query.is_empty()) && !takes_query(text, &operation)
    {
        text.violation(
            Side::Client,
            "query",
            "is not empty, but the document describes no query parameter",
            &operation.pointer,
        );
    }
    Some(operation)
}

fn takes_query(text: &Text<'_>, operation: &Operation) -> bool {
    [child(&operation.path, "parameters"), operation.member("parameters")].iter().any(|pointer| {
        let list = text.root().pointer(pointer).and_then(serde_json::Value::as_array);
        (0..list.map_or(0, Vec::len))
            .filter_map(|index| text.node(&child(pointer, &index.to_string())))
            .any(|(_, parameter)| parameter["in"] == "query")
    })
}

/// True if a path is an instance of a template.
fn fits(template: &str, path: &str) -> bool {
    let (mut template, mut path) = (template.split('/'), path.split('/'));
    loop {
        match (template.next(), path.next()) {
            (None, None) => return true,
            (Some(part), Some(found)) if part.starts_with('{') && part.ends_with('}') && !found.is_empty() => {}
            (Some(part), Some(found)) if part == found => {}
            _ => return false,
        }
    }
}
