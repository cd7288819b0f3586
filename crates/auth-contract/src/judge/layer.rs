//! One layer of a document, and the findings against it.

use serde_json::Value;

use crate::pointer::child;
use crate::{ContractDocument, Finding, Layer, Severity, Side};

use crate::finding::Place;
use crate::schemas::Mismatch;

/// One layer of a document.
pub(super) struct Text<'a> {
    document: &'a ContractDocument,
    layer: Layer,
    pub(super) findings: Vec<Finding>,
}

impl<'a> Text<'a> {
    pub(super) fn new(document: &'a ContractDocument, layer: Layer) -> Self {
        Self { document, layer, findings: Vec::new() }
    }

    /// The node at a pointer; a reference is followed once.
    pub(super) fn node(&self, pointer: &str) -> Option<(String, &'a Value)> {
        let node = self.root().pointer(pointer)?;
        match node["$ref"].as_str().and_then(|reference| reference.strip_prefix('#')) {
            Some(target) => Some((target.to_owned(), self.root().pointer(target)?)),
            None => Some((pointer.to_owned(), node)),
        }
    }

    /// The names of the members of a node.
    pub(super) fn names(&self, pointer: &str) -> Vec<&'a str> {
        let members = self.root().pointer(pointer).and_then(Value::as_object);
        members.into_iter().flat_map(|members| members.keys()).map(String::as_str).collect()
    }

    pub(super) fn root(&self) -> &'a Value {
        self.document.schemas(self.layer).root()
    }

    /// True if `base_url` is one of the document's servers.
    pub(super) fn serves(&self, base_url: &str) -> bool {
        self.document.serves(base_url)
    }

    pub(super) fn violation(&mut self, side: Side, at: &str, says: impl Into<String>, pointer: &str) {
        self.find(Severity::Violation, side, at, says.into(), pointer);
    }

    pub(super) fn drift(&mut self, side: Side, at: &str, says: impl Into<String>, pointer: &str) {
        self.find(Severity::Drift, side, at, says.into(), pointer);
    }

    pub(super) fn note(&mut self, side: Side, at: &str, says: impl Into<String>, pointer: &str) {
        self.find(Severity::Note, side, at, says.into(), pointer);
    }

    /// Adds all differences between `value`, which is shown as `what`, and the schema of the media type at `pointer`.
    pub(super) fn value(&mut self, side: Side, what: &str, value: &Value, pointer: &str) {
        if self.root().pointer(pointer).is_none_or(|media_type| media_type.get("schema").is_none()) {
            return;
        }
        let pointer = child(pointer, "schema");
        match self.document.schemas(self.layer).mismatches(&pointer, value) {
            Ok(found) => {
                for Mismatch { at, pointer, says, unmentioned } in found {
                    let severity = if unmentioned { Severity::Drift } else { Severity::Violation };
                    let at = if at.is_empty() { what.to_owned() } else { format!("{what} {at}") };
                    self.find(severity, side, &at, says, &pointer);
                }
            }
            Err(problem) => self.violation(side, what, problem, &pointer),
        }
    }

    fn find(&mut self, severity: Severity, side: Side, at: &str, says: String, pointer: &str) {
        let document = match (self.layer, &self.document.overlay) {
            (Layer::Overlaid, Some(overlay)) => format!("{} after {overlay}", self.document.file),
            _ => self.document.file.clone(),
        };
        let line = if self.layer == Layer::Published { self.document.line(pointer) } else { None };
        let place = Place { document, pointer: format!("#{pointer}"), line };
        self.findings.push(Finding { severity, side, at: at.to_owned(), says, place, layer: self.layer });
    }
}
