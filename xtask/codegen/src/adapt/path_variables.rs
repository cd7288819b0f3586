//! Path variables whose names collide in Rust. Requests do not contain the names.

use std::collections::HashMap;

use openapi::operations::METHODS;
use openapi::pointer::child;
use serde_json::Value;

use super::parameter_styles::WIRE_NAME;
use super::parameters::variables;
use crate::names::{UsedNames, free, snake};
use crate::rule::Adapted;

/// Rule `path-variable`: variables of one path become arguments, whose names are different.
pub(super) fn apply(value: &mut Value, done: &mut Adapted) {
    let Some(paths) = value.get_mut("paths").and_then(Value::as_object_mut) else { return };
    for (path, mut item) in std::mem::take(paths) {
        let renamed = renamed(&path);
        let new = rewritten(&path, &renamed);
        if path.starts_with("x-") || renamed.is_empty() || paths.contains_key(&new) {
            paths.insert(path, item);
            continue;
        }
        let names = renamed.iter().map(|(old, new)| (old.as_str(), new)).collect::<HashMap<_, _>>();
        let operations = METHODS.into_iter().filter(|method| item.get(*method).is_some()).collect::<Vec<_>>();
        for method in operations {
            let parameters = item[method].get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten();
            for parameter in parameters.filter(|parameter| parameter["in"] == "path") {
                if let Some(new) = parameter["name"].as_str().and_then(|old| names.get(old)) {
                    // Only the style `matrix` sends a name.
                    parameter[WIRE_NAME] = parameter["name"].take();
                    parameter["name"] = new.as_str().into();
                }
            }
        }
        for (old, new) in &renamed {
            let note = format!("the variable `{old}` becomes the argument `{}`", snake(new));
            done.applied("path-variable", &child("/paths", &path), note);
        }
        paths.insert(new, item);
    }
}

/// The variables that need another name, with that name.
fn renamed(path: &str) -> Vec<(String, String)> {
    // The method has its own argument of this name.
    let mut taken = UsedNames::new(snake, ["body"]);
    let all = variables(path).into_iter().map(|name| (name.to_owned(), free(name, &mut taken)));
    all.filter(|(old, new)| old != new).collect()
}

/// The path with these names.
fn rewritten(path: &str, renamed: &[(String, String)]) -> String {
    let names = renamed.iter().map(|(old, new)| (old.as_str(), new.as_str())).collect::<HashMap<_, _>>();
    let mut parts = path.split('{');
    let mut new = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        new.push('{');
        match part.split_once('}').and_then(|(name, rest)| Some((names.get(name)?, rest))) {
            Some((name, rest)) => new.extend([*name, "}", rest]),
            None => new.push_str(part),
        }
    }
    new
}
