//! The nodes that a path selects, and what may be done to them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};

use serde_json::Value;
use serde_json_path::JsonPath;

use super::keys::Version;
use crate::pointer::parts;

/// Why nodes may not be changed, and what to do.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) message: String,
    pub(super) remedy: &'static str,
}

/// Kinds of nodes that the specification tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Object,
    List,
    Primitive,
}

impl Kind {
    pub(super) fn of(value: &Value) -> Self {
        match value {
            Value::Object(_) => Self::Object,
            Value::Array(_) => Self::List,
            _ => Self::Primitive,
        }
    }
}

/// JSON pointers to the nodes that a path selects, each once, in the order of the path.
pub(super) fn nodes(path: &JsonPath, value: &Value) -> Vec<String> {
    let mut seen = HashSet::new();
    let located = path.query_located(value);
    let pointers = located.locations().map(|location| location.to_json_pointer());
    pointers.filter(|pointer| seen.insert(pointer.clone())).collect()
}

/// Whether these nodes may be removed.
///
/// Overlay 1.0 selects objects and lists; its own examples remove members that are neither, which is allowed here as
/// well. Items of a list that are neither cannot be removed one by one before 1.1.
pub(super) fn removable(version: Version, value: &Value, pointers: &[String]) -> Result<(), Fault> {
    for pointer in pointers {
        let Some((parent, _)) = pointer.rsplit_once('/') else {
            return Err(Fault {
                message: "the whole document cannot be removed".to_owned(),
                remedy: "select a part of it",
            });
        };
        let is_value = value.pointer(pointer).is_some_and(|node| Kind::of(node) == Kind::Primitive);
        if version == Version::V1_0 && is_value && value.pointer(parent).is_some_and(Value::is_array) {
            return Err(Fault {
                message: format!(
                    "the target selects #{pointer}, a plain value in a list, which overlay 1.0 cannot remove"
                ),
                remedy: "write `overlay: 1.1.0`, or remove the whole list and add it again",
            });
        }
    }
    Ok(())
}

/// Whether something may be merged into these nodes.
pub(super) fn mergeable(version: Version, value: &Value, pointers: &[String]) -> Result<(), Fault> {
    let mut first = None;
    for pointer in pointers {
        let Some(kind) = value.pointer(pointer).map(Kind::of) else { continue };
        match (version, kind, *first.get_or_insert(kind)) {
            (Version::V1_0, Kind::Primitive, _) => {
                return Err(Fault {
                    message: format!("the target selects #{pointer}, which is no object or array"),
                    remedy: "select the object that holds it, and name the member in `update`; or write `overlay: 1.1.0`",
                });
            }
            (Version::V1_1, kind, first) if kind != first => {
                return Err(Fault {
                    message: format!("the target selects nodes of several kinds: {}", list(&two(pointers, pointer))),
                    remedy: "select objects only, lists only, or plain values only; write one action for each",
                });
            }
            _ => {}
        }
    }
    Ok(())
}

fn two(pointers: &[String], other: &String) -> [String; 2] {
    [pointers.first().unwrap_or(other).clone(), other.clone()]
}

/// Removes nodes.
///
/// Deep before shallow, so that a removal moves nothing that is still to be removed; those of one object or list at once.
pub(super) fn remove(value: &mut Value, pointers: Vec<String>) {
    let mut holders: BTreeMap<(Reverse<usize>, String), HashSet<String>> = BTreeMap::new();
    for pointer in pointers {
        let (holder, _) = pointer.rsplit_once('/').unwrap_or_default();
        let mut parts = parts(&pointer);
        let last = parts.pop().unwrap_or_default();
        holders.entry((Reverse(parts.len()), holder.to_owned())).or_default().insert(last);
    }
    for ((_, holder), gone) in holders {
        match value.pointer_mut(&holder) {
            Some(Value::Object(object)) => object.retain(|key, _| !gone.contains(key)),
            Some(Value::Array(list)) => {
                let mut index = 0;
                list.retain(|_| {
                    index += 1;
                    !gone.contains(&(index - 1_usize).to_string())
                });
            }
            _ => {}
        }
    }
}

/// A few of these pointers, for a message.
pub(super) fn list(pointers: &[String]) -> String {
    let shown = pointers.iter().take(3).map(|pointer| format!("#{pointer}")).collect::<Vec<_>>().join(", ");
    if pointers.len() > 3 { format!("{shown} and more") } else { shown }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(path: &str, value: &Value) -> Vec<String> {
        nodes(&JsonPath::parse(path).expect(path), value)
    }

    #[test]
    fn a_node_that_is_selected_twice_is_named_once() {
        let value = json!({ "a": { "b": {} } });
        assert_eq!(found("$['a','a']", &value), ["/a"]);
        assert_eq!(found("$..*..*", &value), ["/a/b"]);
    }

    #[test]
    fn names_are_escaped_as_json_pointers_are() {
        let value = json!({ "a/b~c'": { "é \"": [0] } });
        assert_eq!(found("$..[0]", &value), ["/a~1b~0c'/é \"/0"]);
        assert!(value.pointer("/a~1b~0c'/é \"/0").is_some());
    }

    #[test]
    fn members_are_removed_whatever_they_are_called() {
        let mut value = json!({ "7": 1, "0": { "1": 1, "10": 2 }, "l": [[0, 1], [2, 3]] });
        remove(&mut value, ["/7", "/0/10", "/l/0/0", "/l/1/1", "/l/1/0", "/l/1"].map(str::to_owned).into());
        assert_eq!(value, json!({ "0": { "1": 1 }, "l": [[1]] }));
    }
}
