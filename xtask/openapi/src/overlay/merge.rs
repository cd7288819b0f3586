//! What `update` and `copy` do to a node.

use serde_json::Value;

use super::keys::Version;
use super::select::Kind;
use crate::parse::MAX_DEPTH;
use crate::pointer::child;

/// Merges a value into a node that the target selected; the error is the place where they cannot be merged.
///
/// An entry is appended to a list; a list is appended as one entry by Overlay 1.0, and joined by 1.1. The members of
/// objects are merged in the same way by both.
pub(super) fn update(version: Version, node: &mut Value, update: &Value) -> Result<(), String> {
    match (node, update) {
        (Value::Array(list), Value::Array(more)) if version == Version::V1_1 => {
            list.extend(more.iter().cloned());
            Ok(())
        }
        (Value::Array(list), entry) => {
            list.push(entry.clone());
            Ok(())
        }
        (node, update) => merge(node, update),
    }
}

/// Merges a value into another one, as an overlay merges the members of an object.
///
/// Objects are merged member by member, lists are joined, plain values are replaced.
///
/// # Errors
///
/// Other pairs cannot be merged; the error is the JSON pointer of the first one. The value is then incomplete.
pub fn merge(node: &mut Value, update: &Value) -> Result<(), String> {
    merge_at(node, update, "")
}

fn merge_at(node: &mut Value, update: &Value, place: &str) -> Result<(), String> {
    match (node, update) {
        (Value::Object(object), Value::Object(update)) => {
            for (key, value) in update {
                match object.get_mut(key) {
                    Some(old) => merge_at(old, value, &child(place, key))?,
                    None => {
                        object.insert(key.clone(), value.clone());
                    }
                }
            }
            Ok(())
        }
        (Value::Array(list), Value::Array(update)) => {
            list.extend(update.iter().cloned());
            Ok(())
        }
        (node, update) if Kind::of(node) == Kind::Primitive && Kind::of(update) == Kind::Primitive => {
            *node = update.clone();
            Ok(())
        }
        _ => Err(place.to_owned()),
    }
}

/// How many nodes all actions of an overlay together may add; a dozen copies of the document into itself exceed it.
const MAX_ADDED: usize = 2_000_000;

/// Counts what an overlay has added.
///
/// A few `copy` actions, each of the whole document into itself, would fill the memory, or nest the document deeper than
/// any walk can recurse.
#[derive(Debug, Default)]
pub(super) struct Growth {
    added: usize,
}

impl Growth {
    /// Counts an addition before it is made; the error names the limit that it exceeds.
    pub(super) fn allow(&mut self, targets: &[String], update: &Value) -> Result<(), String> {
        let (nodes, depth) = size(update);
        self.added = self.added.saturating_add(nodes.saturating_mul(targets.len()));
        if self.added > MAX_ADDED {
            return Err(format!("the overlay adds more than {MAX_ADDED} nodes to the document"));
        }
        let deepest = targets.iter().map(|pointer| pointer.matches('/').count()).max().unwrap_or_default();
        if deepest + depth > MAX_DEPTH {
            return Err(format!("the action nests the document more than {MAX_DEPTH} deep"));
        }
        Ok(())
    }
}

/// The number of nodes of a value, and its depth.
fn size(value: &Value) -> (usize, usize) {
    let add = |(nodes, depth): (usize, usize), inner: &Value| {
        let (more, deep) = size(inner);
        (nodes + more, depth.max(deep))
    };
    match value {
        Value::Object(object) => {
            let (nodes, depth) = object.values().fold((1, 0), add);
            (nodes, depth + 1)
        }
        Value::Array(list) => {
            let (nodes, depth) = list.iter().fold((1, 0), add);
            (nodes, depth + 1)
        }
        _ => (1, 0),
    }
}
