//! The nodes that a path selects, and the changes that each version allows.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};

use serde_json::Value;
use serde_json_path::JsonPath;

use super::keys::Version;
use crate::pointer::parts;

/// Why nodes cannot be changed, and the remedy.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) message: String,
    pub(super) remedy: &'static str,
}

/// The kinds of nodes that the specification distinguishes.
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

/// Returns JSON pointers to the nodes that a path selects, without duplicates, in the order of the path.
pub(super) fn nodes(path: &JsonPath, value: &Value) -> Vec<String> {
    let mut visited = HashSet::new();
    let located = path.query_located(value);
    let pointers = located.locations().map(|location| location.to_json_pointer());
    pointers.filter(|pointer| visited.insert(pointer.clone())).collect()
}

/// Checks that these nodes may be removed.
///
/// Overlay 1.0 selects objects and lists. Its own examples remove members of objects that are neither, so that is
/// allowed here. Plain values in a list cannot be removed one by one before 1.1.
pub(super) fn removable(version: Version, value: &Value, pointers: &[String]) -> Result<(), Fault> {
    for pointer in pointers {
        let Some((parent, _)) = pointer.rsplit_once('/') else {
            return Err(Fault {
                message: "the whole document cannot be removed".to_owned(),
                remedy: "select a part of the document",
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

/// Checks that a value may be merged into these nodes.
pub(super) fn mergeable(version: Version, value: &Value, pointers: &[String]) -> Result<(), Fault> {
    let mut first = None;
    for pointer in pointers {
        let Some(kind) = value.pointer(pointer).map(Kind::of) else { continue };
        match (version, kind, *first.get_or_insert(kind)) {
            (Version::V1_0, Kind::Primitive, _) => {
                return Err(Fault {
                    message: format!("the target selects #{pointer}, which is neither an object nor an array"),
                    remedy: "select the object around it, and name the member in `update`; or write `overlay: 1.1.0`",
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
/// Deeper nodes go first, so that a removal does not move nodes that are removed later; nodes of one parent go together.
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

/// The first of these pointers, for a message.
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
    fn a_node_that_is_selected_twice_is_returned_once() {
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
    fn members_with_any_name_are_removed() {
        let mut value = json!({ "7": 1, "0": { "1": 1, "10": 2 }, "l": [[0, 1], [2, 3]] });
        remove(&mut value, ["/7", "/0/10", "/l/0/0", "/l/1/1", "/l/1/0", "/l/1"].map(str::to_owned).into());
        assert_eq!(value, json!({ "0": { "1": 1 }, "l": [[1]] }));
    }
}
