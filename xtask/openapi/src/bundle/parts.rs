//! The files of a document: each is read once.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use diagnostics::{Problem, Problems};
use serde_json::Value;

use super::files::{File, Files};
use super::location;
use super::shape::alias;
use crate::document::{Document, Part};
use crate::pointer::{child, parts};
use crate::work::step;

/// How many files a document may refer to.
pub const MAX_FILES: usize = 10_000;

/// The total size of these files in bytes.
pub const MAX_BYTES: usize = 64 << 20;

/// The total number of nodes of a document with all files that it refers to.
pub const MAX_NODES: usize = 5_000_000;

/// How many references lead from one to the next before they count as a circle.
pub(super) const JUMPS: usize = 100;

/// A place in a file: the number of the file, 0 for the document itself, and the pointer.
pub(super) type Place = (usize, String);

/// Why a reference cannot be followed.
#[derive(Debug)]
pub(super) enum Fault {
    /// It leads out of the folder of the document, which a later step reports.
    Outside,
    /// It has no target.
    Nowhere,
    /// It leads to itself.
    Circle,
    /// The file cannot be read.
    Unreadable(Problem),
    /// The file has errors, or was reported before.
    Reported(Vec<Problem>),
}

/// The document and the files that were read so far.
pub(super) struct Parts<'a> {
    document: &'a Document,
    /// The document's file, without its folder; `None` if it is not in a folder.
    own: Option<&'a str>,
    files: &'a mut dyn Files,
    values: Vec<Rc<Value>>,
    parts: Vec<Arc<Part>>,
    /// The number of the file at each path, or nothing if it cannot be read.
    known: HashMap<String, Option<usize>>,
    bytes: usize,
    nodes: usize,
}

impl<'a> Parts<'a> {
    pub(super) fn new(document: &'a Document, own: Option<&'a str>, files: &'a mut dyn Files) -> Self {
        let values = vec![Rc::new(document.value.clone())];
        let known = own.map(|own| (own.to_owned(), Some(0))).into_iter().collect();
        Self { document, own, files, values, parts: vec![], known, bytes: 0, nodes: 0 }
    }

    /// The value of a file.
    pub(super) fn value(&self, file: usize) -> Rc<Value> {
        Rc::clone(&self.values[file])
    }

    /// The path of a file.
    pub(super) fn path(&self, file: usize) -> &str {
        file.checked_sub(1).map_or_else(|| self.own.unwrap_or_default(), |index| &self.parts[index].path)
    }

    /// A file as a document, which knows its lines.
    pub(super) fn document(&self, file: usize) -> &Document {
        file.checked_sub(1).map_or(self.document, |index| &self.parts[index].document)
    }

    pub(super) fn into_parts(self) -> Vec<Arc<Part>> {
        self.parts
    }

    /// The place that a reference in a file names; the place need not exist.
    fn named(&mut self, file: usize, text: &str) -> Result<Place, Fault> {
        let found = location::read(text, self.path(file)).ok_or(Fault::Outside)?;
        let file = match found.path {
            Some(path) => self.find(&path)?,
            None => file,
        };
        let pointer = match found.fragment.as_str() {
            pointer if pointer.is_empty() || pointer.starts_with('/') => Some(found.fragment),
            name => anchor(&self.values[file], name, ""),
        };
        pointer.map(|pointer| (file, pointer)).ok_or(Fault::Nowhere)
    }

    /// The target of a reference in a file, which is not a reference itself.
    pub(super) fn target(&mut self, file: usize, text: &str) -> Result<Place, Fault> {
        let (mut file, pointer) = self.named(file, text)?;
        let mut wanted = parts(&pointer);
        wanted.reverse();
        let mut at = String::new();
        let mut jumps = 0;
        loop {
            step(1);
            let value = self.value(file);
            let here = value.pointer(&at).ok_or(Fault::Nowhere)?;
            if let Some(part) = wanted.last() {
                let inner = child(&at, part);
                if value.pointer(&inner).is_some() {
                    wanted.pop();
                    at = inner;
                    continue;
                }
            }
            let next = if wanted.is_empty() { alias(here) } else { here.get("$ref").and_then(Value::as_str) };
            let Some(next) = next else {
                return if wanted.is_empty() { Ok((file, at)) } else { Err(Fault::Nowhere) };
            };
            jumps += 1;
            if jumps > JUMPS {
                return Err(Fault::Circle);
            }
            let pointer = match self.named(file, next) {
                Ok((to, pointer)) => {
                    file = to;
                    pointer
                }
                // What is left of it is reported at its own place.
                Err(Fault::Outside) if wanted.is_empty() => return Ok((file, at)),
                Err(fault) => return Err(fault),
            };
            wanted.extend(parts(&pointer).into_iter().rev());
            at.clear();
        }
    }

    /// The number of the file at a path, which is read if it is new.
    fn find(&mut self, path: &str) -> Result<usize, Fault> {
        if let Some(known) = self.known.get(path) {
            return known.ok_or(Fault::Reported(vec![]));
        }
        let read = self.read(path);
        self.known.insert(path.to_owned(), read.as_ref().ok().copied());
        read
    }

    fn read(&mut self, path: &str) -> Result<usize, Fault> {
        let File { path, name, text } = self.files.read(path).map_err(Fault::Unreadable)?;
        // Two paths may name one file.
        if let Some(known) = self.known.get(&path) {
            return known.ok_or(Fault::Reported(vec![]));
        }
        self.bytes += text.len();
        if self.parts.len() == MAX_FILES || self.bytes > MAX_BYTES {
            let (bytes, which) = (MAX_BYTES >> 20, if self.bytes > MAX_BYTES { "MiB" } else { "files" });
            let limit = if which == "MiB" { bytes } else { MAX_FILES };
            return Err(Fault::Unreadable(
                Problem::new(format!("the document refers to more than {limit} {which}"))
                    .remedy("split the document, or remove references"),
            ));
        }
        let is_json = path.ends_with(".json");
        let document = Document::parse_part(&name, text, is_json)
            .map_err(|problems| Fault::Reported(Problems::into_vec(problems)))?;
        self.count(&document.value).map_err(Fault::Unreadable)?;
        self.values.push(Rc::new(document.value.clone()));
        self.parts.push(Arc::new(Part { path: path.clone(), document }));
        self.known.insert(path, Some(self.parts.len()));
        Ok(self.parts.len())
    }

    /// Counts the nodes of a value that the bundle includes.
    pub(super) fn count(&mut self, value: &Value) -> Result<(), Problem> {
        self.nodes += nodes(value);
        if self.nodes <= MAX_NODES {
            return Ok(());
        }
        let message = format!("the document and the files that it refers to have more than {MAX_NODES} nodes");
        Err(self.document.file_problem(message).remedy("split the document, or remove references"))
    }
}

fn nodes(value: &Value) -> usize {
    step(1);
    1 + match value {
        Value::Object(object) => object.values().map(nodes).sum(),
        Value::Array(list) => list.iter().map(nodes).sum(),
        _ => 0,
    }
}

/// The pointer to the schema with an anchor.
fn anchor(value: &Value, name: &str, at: &str) -> Option<String> {
    match value {
        Value::Object(object) => {
            let is = |key: &str, text: &str| object.get(key).and_then(Value::as_str) == Some(text);
            if is("$anchor", name) || is("$id", &format!("#{name}")) {
                return Some(at.to_owned());
            }
            object.iter().find_map(|(key, inner)| anchor(inner, name, &child(at, key)))
        }
        Value::Array(list) => {
            list.iter().enumerate().find_map(|(index, inner)| anchor(inner, name, &child(at, &index.to_string())))
        }
        _ => None,
    }
}
