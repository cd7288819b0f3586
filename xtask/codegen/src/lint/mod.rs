//! Refuses documents whose code would compile but be wrong: missing `operationId`s, unmarked credentials, and others.
//!
//! - Entry: [`lint`] takes the value that progenitor took and returns its operations in the order of the generated methods.
//! - Assumes: progenitor has taken the value, so what it stops at has been named already.
//! - Guarantees: every operation has a unique name and credentials that its method can send, or the report says so. All
//!   findings of a document are reported together.
//!
//! | document | finding |
//! |---|---|
//! | `properties: { client_secret: { type: string } }` | `client_secret` looks like a credential but is not `format: password` |

mod credentials;
mod operations;
mod responses;
mod security;
mod tokens;

use diagnostics::{Problem, Problems, Result};
use openapi::Document;
use serde_json::Value;

pub(crate) use credentials::unmarked;
pub(crate) use security::out_of_reach;
pub(crate) use tokens::one_source;

use crate::home::Home;
use crate::operation::Operation;

/// Checks a lowered document; returns its operations in the order in which progenitor makes methods of them.
pub(crate) fn lint(document: &Document, value: &Value, home: &Home) -> Result<Vec<Operation>> {
    let mut problems = version(document, value);
    if home.is_workspace() {
        problems.extend(credentials::check(document, value));
    }
    let operations = operations::read(document, value, home, &mut problems);
    Problems::check(problems)?;
    Ok(operations)
}

/// `info.version` becomes a constant of the client.
fn version(document: &Document, value: &Value) -> Vec<Problem> {
    match value.pointer("/info/version") {
        Some(version) if is_version(version) => vec![],
        Some(version) => vec![
            document
                .problem("/info/version", format!("`info.version` is not printable ASCII: {version}"))
                .remedy("set a plain version with an overlay action on `$.info`"),
        ],
        None => vec![document.problem("/info", "`info.version` is missing").remedy("add it with an overlay action")],
    }
}

/// Whether a version is one that a header can carry.
pub(crate) fn is_version(version: &Value) -> bool {
    version.as_str().is_some_and(|text| text.chars().all(|c| c.is_ascii_graphic() || c == ' '))
}
