//! Builds the value of the bundle.

use std::collections::HashMap;

use diagnostics::Problem;
use serde_json::{Map, Value};

use super::discover::{Found, Link, Target};
use super::parts::{Parts, Place};
use super::shape::{self, Dialect};
use crate::origins::Origins;
use crate::parse::MAX_DEPTH;
use crate::pointer::{child, enter};
use crate::walk::{Holds, NodeKind};
use crate::work::step;

/// Builds the document's value with the components that the targets become.
///
/// # Errors
///
/// Fails if copies would contain themselves, or if the value would exceed a limit.
pub(super) fn assemble(
    parts: &mut Parts<'_>,
    found: &Found,
    names: &HashMap<Target, String>,
    dialect: Dialect,
) -> Result<(Value, Origins), Problem> {
    let mut assembly = Assembly { parts, found, names, dialect, origins: Origins::default(), copies: vec![], depth: 0 };
    let mut root = (*assembly.parts.value(0)).clone();
    let places = [(Holds::One(NodeKind::Document), String::new())];
    for (shape, pointer) in places.iter().chain(&found.extra) {
        if let Some(value) = root.pointer_mut(pointer) {
            assembly.rewrite(value, *shape, &mut (0, pointer.clone()), &mut pointer.clone())?;
        }
    }
    let mut added = found.targets.iter().collect::<Vec<_>>();
    added.sort_by_key(|(target, _)| (target.home, names.get(target)));
    for (target, node) in added {
        if !found.taken.contains_key(target) {
            assembly.add(&mut root, target, *node)?;
        }
    }
    Ok((root, assembly.origins))
}

struct Assembly<'a, 'b> {
    parts: &'a mut Parts<'b>,
    found: &'a Found,
    names: &'a HashMap<Target, String>,
    dialect: Dialect,
    origins: Origins,
    /// The places whose copies are being rewritten.
    copies: Vec<Place>,
    depth: usize,
}

impl Assembly<'_, '_> {
    /// The pointer to the component that a target becomes.
    fn pointer(&self, target: &Target) -> String {
        child(target.home, self.names.get(target).map_or("", String::as_str))
    }

    /// Adds the component that a target becomes.
    fn add(&mut self, root: &mut Value, target: &Target, node: NodeKind) -> Result<(), Problem> {
        let mut pointer = self.pointer(target);
        let Some(mut value) = self.parts.value(target.file).pointer(&target.pointer).cloned() else { return Ok(()) };
        self.parts.count(&value)?;
        self.origins.add_from(pointer.clone(), target.file, target.pointer.clone());
        let mut source = (target.file, target.pointer.clone());
        self.rewrite(&mut value, Holds::One(node), &mut source, &mut pointer)?;
        let mut folder = root;
        for key in target.home.split('/').skip(1) {
            let Some(object) = folder.as_object_mut() else {
                let problem =
                    self.parts.document(0).problem(target.home, format!("`{}` is not a mapping", target.home));
                return Err(problem.remedy("make it a mapping: it gets the targets of references into other files"));
            };
            folder = object.entry(key).or_insert_with(|| Map::new().into());
        }
        if let Some(object) = folder.as_object_mut() {
            object.insert(self.names.get(target).cloned().unwrap_or_default(), value);
        }
        Ok(())
    }

    /// Rewrites the references in a value that was read at `source` and is now at `at`.
    fn rewrite(&mut self, value: &mut Value, shape: Holds, source: &mut Place, at: &mut String) -> Result<(), Problem> {
        step(1);
        if self.depth > MAX_DEPTH {
            let message =
                format!("with the targets of its references, the document is nested more than {MAX_DEPTH} deep");
            let problem = self.parts.document(source.0).problem(&source.1, message);
            return Err(problem.remedy("name the inner parts in `components`, and refer to them"));
        }
        self.depth += 1;
        let found = self.found;
        let link = found.links.get(&(shape, source.clone())).filter(|_| shape::reference(value).is_some());
        let whole = link.and_then(|link| self.whole(link, at));
        if shape == Holds::One(NodeKind::Schema) {
            self.rewrite_mapping(value, source);
        }
        for (key, inner) in children(value) {
            let Some(shape) = self.dialect.child(shape, &key) else { continue };
            let lengths = (source.1.len(), at.len());
            enter(&mut source.1, &key);
            enter(at, &key);
            self.rewrite(inner, shape, source, at)?;
            source.1.truncate(lengths.0);
            at.truncate(lengths.1);
        }
        match (whole, link) {
            (Some(from), _) => self.copy(value, shape, &from, source, at)?,
            (None, Some(link)) => {
                if let Some(text) = self.text(link) {
                    value["$ref"] = text.into();
                }
            }
            (None, None) => {}
        }
        self.depth -= 1;
        Ok(())
    }

    /// The place whose contents replace the reference at `at`, if they do.
    fn whole(&self, link: &Link, at: &str) -> Option<Place> {
        match link {
            Link::Own(_) => None,
            Link::Copied(from) => Some(from.clone()),
            Link::Named(target) => (self.pointer(target) == at).then(|| (target.file, target.pointer.clone())),
        }
    }

    /// The new text of a reference.
    fn text(&self, link: &Link) -> Option<String> {
        match link {
            Link::Own(pointer) => Some(format!("#{}", pointer.replace('%', "%25"))),
            Link::Named(target) => Some(format!("#{}", self.pointer(target))),
            Link::Copied(_) => None,
        }
    }

    /// Rewrites the places in `discriminator.mapping`.
    fn rewrite_mapping(&self, schema: &mut Value, source: &Place) {
        let names = shape::mapping(schema).map(|(name, _)| name.clone()).collect::<Vec<_>>();
        for name in names {
            let place = (source.0, shape::mapped(&source.1, &name));
            let link = self.found.links.get(&(Holds::One(NodeKind::Schema), place));
            if let (Some(text), Some(value)) =
                (link.and_then(|link| self.text(link)), schema.pointer_mut(&shape::mapped("", &name)))
            {
                *value = text.into();
            }
        }
    }

    /// Replaces a reference by a copy of its target; members beside the reference take precedence.
    fn copy(
        &mut self,
        value: &mut Value,
        shape: Holds,
        from: &Place,
        source: &Place,
        at: &mut String,
    ) -> Result<(), Problem> {
        if self.copies.contains(from) {
            let problem =
                self.parts.document(source.0).problem(&child(&source.1, "$ref"), "the reference refers to itself");
            return Err(problem.remedy("write out its target"));
        }
        let Some(mut copy) = self.parts.value(from.0).pointer(&from.1).cloned() else { return Ok(()) };
        self.parts.count(&copy)?;
        self.copies.push(from.clone());
        self.rewrite(&mut copy, shape, &mut from.clone(), at)?;
        self.copies.pop();
        self.origins.add_from(at.clone(), from.0, from.1.clone());
        if let (Some(own), Some(object)) = (value.as_object_mut().map(std::mem::take), copy.as_object_mut()) {
            for (key, inner) in own.into_iter().filter(|(key, _)| key != "$ref") {
                self.origins.add_from(child(at, &key), source.0, child(&source.1, &key));
                object.insert(key, inner);
            }
        }
        *value = copy;
        Ok(())
    }
}

/// The children of a value by key.
fn children(value: &mut Value) -> Vec<(String, &mut Value)> {
    match value {
        Value::Object(object) => object.iter_mut().map(|(key, inner)| (key.clone(), inner)).collect(),
        Value::Array(list) => list.iter_mut().enumerate().map(|(index, inner)| (index.to_string(), inner)).collect(),
        _ => vec![],
    }
}
