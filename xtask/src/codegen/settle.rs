//! Accommodation until the generator takes the document: what it stops at in spite of all rules is left out by name.

use serde_json::{Map, Value};

use super::accommodate::{Accommodated, Origin};
use super::generate::{self, Culprit, GENERATOR, Taken};
use super::load::Document;
use super::positions::child;
use crate::problem::{Problem, Result};

/// How many schemas and operations may be left out before the document is given up.
const MOST: usize = 500;

/// Runs the generator on an accommodated document until it takes it; what is left out is removed in place.
///
/// # Errors
///
/// Fails if the generator cannot take a part of a document of the workspace, which is named, or if no part is to blame.
pub(super) fn settle(document: &Document, value: &mut Value, origin: Origin, done: &mut Accommodated) -> Result<Taken> {
    for _ in 0..MOST {
        let culprit = match generate::take(document, value)? {
            Ok(taken) => return Ok(taken),
            Err(culprit) => culprit,
        };
        let refuse = |place: &str, what: String| -> Problem {
            document
                .problem(place, what)
                .remedy("find the construct that it means, and replace it with an overlay action")
        };
        match culprit {
            Culprit::Schema(name, said) => {
                let place = child("/components/schemas", &name);
                if origin == Origin::Workspace {
                    return Err(refuse(&place, format!("{GENERATOR} cannot take the schema `{name}`: {said}")).into());
                }
                let schema = value.pointer_mut("/components/schemas").and_then(|all| all.get_mut(&name));
                let Some(schema) = schema.filter(|schema| schema.as_object().is_some_and(|it| !it.is_empty())) else {
                    return Err(refuse(&place, format!("{GENERATOR} cannot take the schema `{name}`: {said}")).into());
                };
                *schema = Map::new().into();
                done.leave_schema_out(&name, &place, &said);
            }
            Culprit::Operation(path, method, said) => {
                let place = child(&child("/paths", &path), &method);
                let title = format!("{} {path}", method.to_ascii_uppercase());
                if origin == Origin::Workspace {
                    return Err(refuse(&place, format!("{GENERATOR} cannot take {title}: {said}")).into());
                }
                if let Some(item) =
                    value.pointer_mut("/paths").and_then(|all| all.get_mut(&path)).and_then(Value::as_object_mut)
                {
                    item.shift_remove(&method);
                }
                done.leave_out(&title, &place, &said);
            }
            Culprit::Document(said) => {
                return Err(refuse("", format!("{GENERATOR} cannot take the document: {said}")).into());
            }
        }
    }
    Err(document.problem("", format!("{GENERATOR} stops at more than {MOST} parts of the document")).into())
}
