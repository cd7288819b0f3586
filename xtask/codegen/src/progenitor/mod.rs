//! Runs progenitor. What it cannot take in spite of all rules is left out by name, or is an error.
//!
//! - Entry: [`run`] takes the adapted value and returns [`ProgenitorOutput`], the code as progenitor writes it. What is left
//!   out is removed from the value in place.
//! - Assumes: the value is adapted.
//! - Guarantees: every schema with a [`Conversion`](crate::conversion::Conversion) matches it exactly, progenitor's panics do
//!   not leave this step, and an error names the schema or the operation that progenitor stops at.
//!
//! | before | after |
//! |---|---|
//! | `paths: { /pets: { get: { operationId: listPets, … } } }` | `pub async fn list_pets(&self) -> …` |
//!
//! Documents of the workspace must be taken whole; for other documents, up to [`MAX_LEFT_OUT`] parts are left out.

mod bisect;
mod check;
mod conversions;
mod descriptions;
mod generate;
mod patterns;
mod prepare;
mod root;
mod skeleton;

use diagnostics::{Problem, Problems, Result};
use openapi::Document;
use openapi::operations::has_operations;
use openapi::pointer::child;
use serde_json::{Map, Value};

pub(crate) use conversions::check as check_conversions;
pub(crate) use generate::{ExtraCrate, GENERATOR, ProgenitorOutput};
pub(crate) use patterns::show as restore_patterns;

use crate::home::Home;
use crate::rule::{Adapted, AppliedRule};
use bisect::Stop;

/// How many schemas and operations may be left out before the document is given up.
const MAX_LEFT_OUT: usize = 500;

/// Runs the generator on an adapted document until it takes it; what is left out is removed in place.
///
/// # Errors
///
/// Fails if the generator cannot take a part of a document of the workspace, which is named, or if no part is to blame.
pub(crate) fn run(document: &Document, value: &mut Value, home: &Home, done: &mut Adapted) -> Result<ProgenitorOutput> {
    for _ in 0..MAX_LEFT_OUT {
        let stop = match generate::take(document, value)? {
            Ok(output) if home.is_workspace() => return left(document, value, done).map(|()| output),
            Ok(output) => return Ok(output),
            Err(stop) => stop,
        };
        let refuse = |place: &str, what: String| -> Problem {
            document
                .problem(place, what)
                .remedy("find the construct in the message, and replace it with an overlay action")
        };
        match stop {
            Stop::Schema(name, said) => {
                let place = child("/components/schemas", &name);
                if home.is_workspace() {
                    return Err(refuse(&place, format!("{GENERATOR} cannot take the schema `{name}`: {said}")).into());
                }
                let schema = value.pointer_mut("/components/schemas").and_then(|all| all.get_mut(&name));
                let Some(schema) = schema.filter(|schema| schema.as_object().is_some_and(|it| !it.is_empty())) else {
                    return Err(refuse(&place, format!("{GENERATOR} cannot take the schema `{name}`: {said}")).into());
                };
                *schema = Map::new().into();
                done.leave_schema_out(&name, &place, &said);
            }
            Stop::Operation(path, method, said) => {
                let place = child(&child("/paths", &path), &method);
                let title = format!("{} {path}", method.to_ascii_uppercase());
                if home.is_workspace() {
                    return Err(refuse(&place, format!("{GENERATOR} cannot take {title}: {said}")).into());
                }
                if let Some(item) =
                    value.pointer_mut("/paths").and_then(|all| all.get_mut(&path)).and_then(Value::as_object_mut)
                {
                    item.shift_remove(&method);
                }
                done.leave_out(&title, &place, &said);
            }
            Stop::Document(said) => {
                return Err(refuse("", format!("{GENERATOR} cannot take the document: {said}")).into());
            }
        }
    }
    Err(document
        .problem("", format!("{GENERATOR} stops at more than {MAX_LEFT_OUT} parts of the document"))
        .remedy("remove with an overlay the parts that the client does not need")
        .into())
}

/// How many reasons are reported.
const MAX_REASONS_SHOWN: usize = 5;

/// Fails if no operation of the document is left, with the reasons.
fn left(document: &Document, value: &Value, done: &Adapted) -> Result<()> {
    let is_left_out = |rule: &&AppliedRule| rule.name == "leave-out" && rule.pointer.starts_with("/paths/");
    let mut reasons = done.rules.iter().filter(is_left_out);
    if has_operations(value) || reasons.clone().next().is_none() {
        return Ok(());
    }
    let shown = reasons.by_ref().take(MAX_REASONS_SHOWN).map(|rule| {
        document
            .problem(&rule.pointer, &*rule.note)
            .remedy("replace it with an overlay action by something that can be generated")
    });
    let shown: Vec<Problem> = shown.collect();
    let message = match reasons.count() {
        0 => "no operation of the document can be generated".to_owned(),
        more => format!("no operation of the document can be generated, for the reasons above and {more} more"),
    };
    let whole = document.problem("/paths", message).remedy("correct at least one operation with an overlay");
    Problems::check(shown.into_iter().chain([whole]).collect())
}
