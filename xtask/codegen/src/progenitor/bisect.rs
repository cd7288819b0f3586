//! Finds the schema or the operation at which progenitor fails without naming it.

use std::collections::BTreeSet;

use openapi::closure::closure;
use openapi::operations::METHODS;
use serde_json::{Map, Value};

use super::skeleton::only;
use crate::names::pascal;

/// What the generator cannot take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The schema with this name, and what the generator said.
    Schema(String, String),
    /// The operation at this path and method, and what the generator said.
    Operation(String, String, String),
    /// Nothing smaller than the document.
    Document(String),
}

/// Finds a schema or an operation that fails alone.
pub(super) fn find(value: &Value, said: String, attempt: &dyn Fn(&Value) -> Result<(), String>) -> Stop {
    let names = value.pointer("/components/schemas").and_then(Value::as_object);
    let names = names.map(|all| all.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
    // The output names the type that it is about.
    if let Some(name) = said.strip_prefix("type ").and_then(|rest| rest.split(':').next())
        && let Some(found) = names.iter().find(|schema| pascal(schema) == name)
    {
        return Stop::Schema(found.clone(), said.clone());
    }
    if attempt(&only(value, &[], &names)).is_err() {
        let mut failing = names.clone();
        // Halves first, as long as one of them fails alone.
        while failing.len() > 1 {
            let (left, right) = failing.split_at(failing.len() / 2);
            if attempt(&only(value, &[], left)).is_err() {
                failing = left.to_vec();
            } else if attempt(&only(value, &[], right)).is_err() {
                failing = right.to_vec();
            } else {
                break;
            }
        }
        if let [root] = failing.as_slice() {
            let small = only(value, &[], &failing);
            let said = attempt(&small).err().unwrap_or(said);
            let inner = closure(value, BTreeSet::from([root.clone()]));
            let guilty = inner.iter().find(|name| attempt(&without(&small, name)).is_ok());
            return Stop::Schema(guilty.unwrap_or(root).clone(), said);
        }
        return Stop::Document(said);
    }
    let mut operations = Vec::new();
    for (path, item) in value.get("paths").and_then(Value::as_object).into_iter().flatten() {
        let methods = METHODS.into_iter().filter(|method| item.get(*method).is_some());
        operations.extend(methods.map(|method| (path.clone(), method.to_owned())));
    }
    while operations.len() > 1 {
        let (left, right) = operations.split_at(operations.len() / 2);
        if attempt(&only(value, left, &[])).is_err() {
            operations = left.to_vec();
        } else if attempt(&only(value, right, &[])).is_err() {
            operations = right.to_vec();
        } else {
            return Stop::Document(said);
        }
    }
    match operations.pop() {
        Some((path, method)) => {
            let alone = attempt(&only(value, &[(path.clone(), method.clone())], &[]));
            Stop::Operation(path, method, alone.err().unwrap_or(said))
        }
        None => Stop::Document(said),
    }
}

/// The document with any JSON in the place of a schema.
fn without(value: &Value, name: &str) -> Value {
    let mut value = value.clone();
    if let Some(schema) = value.pointer_mut("/components/schemas").and_then(|all| all.get_mut(name)) {
        *schema = Map::new().into();
    }
    value
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn value() -> Value {
        let get = |name: &str| {
            json!({ "get": { "responses": { "200": { "content": { "application/json": {
            "schema": { "$ref": format!("#/components/schemas/{name}") } } } } } } })
        };
        json!({
            "paths": { "/a": get("A"), "/b": get("B") },
            "components": { "schemas": {
                "A": { "properties": { "x": { "$ref": "#/components/schemas/Bad" } } }, "B": {}, "Bad": { "type": "string" },
            } },
        })
    }

    #[test]
    fn a_schema_that_fails_alone_is_named() {
        let attempt = |value: &Value| match value.pointer("/components/schemas/Bad/type") {
            Some(_) => Err("no".to_owned()),
            None => Ok(()),
        };
        let found = find(&value(), "said".to_owned(), &attempt);
        assert_eq!(found, Stop::Schema("Bad".to_owned(), "no".to_owned()));
    }

    #[test]
    fn a_type_that_the_output_names_is_that_of_its_schema() {
        let found = find(&value(), "type Bad: it has no values".to_owned(), &|_| Ok(()));
        assert_eq!(found, Stop::Schema("Bad".to_owned(), "type Bad: it has no values".to_owned()));
    }

    #[test]
    fn an_operation_that_fails_alone_is_named() {
        let attempt = |value: &Value| match value.pointer("/paths/~1b/get") {
            Some(_) => Err("no".to_owned()),
            None => Ok(()),
        };
        let found = find(&value(), "said".to_owned(), &attempt);
        assert_eq!(found, Stop::Operation("/b".to_owned(), "get".to_owned(), "no".to_owned()));
    }

    #[test]
    fn what_fails_only_as_a_whole_is_the_document() {
        let attempt = |value: &Value| match (value.pointer("/paths/~1a/get"), value.pointer("/paths/~1b/get")) {
            (Some(_), Some(_)) => Err("no".to_owned()),
            _ => Ok(()),
        };
        assert_eq!(find(&value(), "said".to_owned(), &attempt), Stop::Document("said".to_owned()));
    }
}
