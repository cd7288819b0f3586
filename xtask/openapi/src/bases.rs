//! The names of schemas in `$id` and `$anchor`.

use std::collections::HashMap;

use serde_json::Value;

use crate::walk::{self, NodeKind};

/// The schemas with `$id` or `$anchor` in a document.
#[derive(Debug, Default)]
pub struct Bases {
    /// The pointer of each schema with an `$id`, by that `$id` in full.
    resources: HashMap<String, String>,
    /// The `$id` in full of each such schema, by its pointer.
    uris: HashMap<String, String>,
    /// The pointer of each anchor, by its resource's pointer and its name.
    anchors: HashMap<(String, String), String>,
}

impl Bases {
    /// Reads the names of a document.
    pub fn read(document: &Value) -> Self {
        let mut bases = Self::default();
        walk::visit(document, NodeKind::Document, "", &mut |value, node, pointer| {
            if node != NodeKind::Schema {
                return;
            }
            let text = |key: &str| value.get(key).and_then(Value::as_str);
            if let Some(id) = text("$id").filter(|id| !id.is_empty()) {
                let above = bases.resource(pointer).to_owned();
                let uri = join(bases.uri(&above), id.trim_end_matches('#'));
                bases.resources.entry(uri.clone()).or_insert_with(|| pointer.to_owned());
                bases.uris.insert(pointer.to_owned(), uri);
            }
            if let Some(anchor) = text("$anchor") {
                let resource = bases.resource(pointer).to_owned();
                bases.anchors.entry((resource, anchor.to_owned())).or_insert_with(|| pointer.to_owned());
            }
        });
        bases
    }

    /// The pointer of the schema with an `$id` around a place, or of the document.
    pub fn resource<'a>(&self, pointer: &'a str) -> &'a str {
        let mut pointer = pointer;
        while !pointer.is_empty() && !self.uris.contains_key(pointer) {
            pointer = &pointer[..pointer.rfind('/').unwrap_or_default()];
        }
        pointer
    }

    /// The pointer of the schema that a reference without its fragment names.
    pub fn named(&self, uri: &str, resource: &str) -> Option<&str> {
        self.resources.get(&join(self.uri(resource), uri)).map(String::as_str)
    }

    /// The pointer of an anchor.
    pub fn anchor(&self, resource: &str, name: &str) -> Option<&str> {
        self.anchors.get(&(resource.to_owned(), name.to_owned())).map(String::as_str)
    }

    fn uri(&self, resource: &str) -> &str {
        self.uris.get(resource).map_or("", String::as_str)
    }
}

/// Resolves a reference against a base; `..` (RFC 3986) is not supported, since names of schemas do not have it.
fn join(base: &str, reference: &str) -> String {
    let is_full = reference.split_once(':').is_some_and(|(scheme, _)| !scheme.contains('/'));
    if is_full || base.is_empty() {
        return reference.to_owned();
    }
    let authority = base.find("://").map(|at| at + 3);
    let root = authority.map(|at| base[at..].find('/').map_or(base.len(), |slash| at + slash)).unwrap_or_default();
    let folder = match reference.strip_prefix('/') {
        Some(_) => &base[..root],
        None => base.rfind('/').filter(|slash| *slash >= root).map_or("", |slash| &base[..=slash]),
    };
    format!("{folder}{}", reference.strip_prefix("./").unwrap_or(reference))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_resolved_against_its_schema() {
        for (base, reference, full) in [
            ("", "pet", "pet"),
            ("https://a.example/s/pet", "owner", "https://a.example/s/owner"),
            ("https://a.example/s/pet", "./owner", "https://a.example/s/owner"),
            ("https://a.example/s/pet", "/owner", "https://a.example/owner"),
            ("https://a.example/s/pet", "https://b.example/x", "https://b.example/x"),
            ("https://a.example/s/pet", "urn:x:y", "urn:x:y"),
        ] {
            assert_eq!(join(base, reference), full, "{base} {reference}");
        }
    }
}
