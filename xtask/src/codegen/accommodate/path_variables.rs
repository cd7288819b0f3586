//! Variables of a path whose names are one in Rust. A server never sees them.

use std::collections::BTreeSet;

use serde_json::Value;

use super::names::{free, snake};
use super::{Accommodated, METHODS};
use crate::codegen::positions::child;

/// Rule `path-variable`: variables of one path become arguments, whose names are different.
pub(super) fn apply(value: &mut Value, done: &mut Accommodated) {
    let Some(paths) = value.get_mut("paths").and_then(Value::as_object_mut) else { return };
    for (path, mut item) in std::mem::take(paths) {
        let renamed = renamed(&path);
        let new = rewritten(&path, &renamed);
        if path.starts_with("x-") || renamed.is_empty() || paths.contains_key(&new) {
            paths.insert(path, item);
            continue;
        }
        let operations = METHODS.into_iter().filter(|method| item.get(*method).is_some()).collect::<Vec<_>>();
        for method in operations {
            let parameters = item[method].get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten();
            for parameter in parameters.filter(|parameter| parameter["in"] == "path") {
                if let Some((_, new)) = renamed.iter().find(|(old, _)| parameter["name"] == *old) {
                    parameter["name"] = new.as_str().into();
                }
            }
        }
        for (old, new) in &renamed {
            let note = format!("the variable `{old}` becomes the argument `{}`", snake(new));
            done.did("path-variable", &child("/paths", &path), note);
        }
        paths.insert(new, item);
    }
}

/// The variables that need another name, with that name.
fn renamed(path: &str) -> Vec<(String, String)> {
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in path.split('{').skip(1).filter_map(|rest| rest.split_once('}')) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    // The method has its own argument of this name.
    let mut taken = BTreeSet::from(["body".to_owned()]);
    let all = names.into_iter().map(|name| (name.to_owned(), free(name, snake, &mut taken)));
    all.filter(|(old, new)| old != new).collect()
}

/// The path with these names.
fn rewritten(path: &str, renamed: &[(String, String)]) -> String {
    renamed.iter().fold(path.to_owned(), |path, (old, new)| path.replace(&format!("{{{old}}}"), &format!("{{{new}}}")))
}
