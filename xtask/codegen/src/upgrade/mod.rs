//! Rewrites Swagger 2.0 as OpenAPI 3.0.3. Documents of other versions are not changed.
//!
//! - Entry: [`upgrade`] takes a document and its value after the overlay, changes the value in place, and returns [`Upgraded`].
//! - Assumes: the value is a mapping.
//! - Guarantees: nothing of Swagger 2.0 is left, and the meaning is the same unless a loss is reported. [`Upgraded`] has the
//!   rules that were applied, and where each moved node was, so that later steps name the lines of the vendor's file.
//!
//! | before | after |
//! |---|---|
//! | `host: api.example.com`, `basePath: /v1` | `servers: [{ url: https://api.example.com/v1 }]` |
//! | `definitions: { Pet: … }` | `components: { schemas: { Pet: … } }` |
//! | `parameters: [{ in: body, name: pet, schema: … }]` | `requestBody: { content: { application/json: { schema: … } } }` |
//!
//! The order is that of the functions called in [`upgrade`]: references first, so that later rules find what they refer to.

mod bodies;
mod change;
mod operations;
mod parameters;
mod references;
mod responses;
mod root;
mod schemas;
mod security;
mod servers;

use diagnostics::{Problem, Result};
use openapi::{Document, Origins};
use serde_json::Value;

use crate::rule::AppliedRule;
use change::Change;

/// The version of the documents that this step rewrites.
pub(crate) const SWAGGER: &str = "2.0";

/// What the step did to a document.
#[derive(Debug)]
pub(crate) struct Upgraded {
    /// The rules that were applied, in their order; the pointers are those of the rewritten document.
    pub(crate) rules: Vec<AppliedRule>,
    /// Where nodes of the rewritten document were in the vendor's.
    pub(crate) origins: Origins,
}

/// Rewrites a Swagger 2.0 document as OpenAPI 3.0.3; returns `None` for documents of other versions.
///
/// # Errors
///
/// Fails if the document is of an older version of Swagger, or if a member of it has a type that Swagger does not allow there.
pub(crate) fn upgrade(document: &Document, value: &mut Value) -> Result<Option<Upgraded>> {
    let Some(version) = value.get("swagger").cloned() else { return Ok(None) };
    let text = version.as_str().map_or_else(|| version.to_string(), str::to_owned);
    if !is_swagger(value) {
        let problem = document.problem("/swagger", format!("Swagger {text} is not supported"));
        return Err(problem.remedy("name a document of Swagger 2.0 or of OpenAPI 3").into());
    }
    if value.get("openapi").is_some() {
        return Err(two_versions(document).into());
    }
    Ok(Some(rewrite(value)))
}

/// Returns true if a value says that it is of Swagger 2.0.
pub(crate) fn is_swagger(value: &Value) -> bool {
    value.get("swagger").is_some_and(|version| version == SWAGGER || version == 2.0 || version == 2)
}

/// Rewrites a value of Swagger 2.0.
pub(crate) fn rewrite(value: &mut Value) -> Upgraded {
    let mut change = Change::default();
    root::apply(value, &mut change);
    references::apply(value, &mut change);
    servers::apply(value, &mut change);
    security::apply(value, &mut change);
    operations::apply(value, &mut change);
    schemas::apply(value, &mut change);
    Upgraded { rules: change.rules, origins: change.origins }
}

/// Rewrites a Swagger 2.0 document and its value after the overlay as OpenAPI 3.0.3; other documents are not changed.
///
/// # Errors
///
/// Fails if the document is of an older version of Swagger.
pub fn as_openapi_3(document: Document, value: &mut Value) -> Result<Document> {
    let Some(Upgraded { mut origins, .. }) = upgrade(&document, value)? else { return Ok(document) };
    let mut own = document.value.clone();
    if let Some(of_own) = upgrade(&document, &mut own)? {
        origins = of_own.origins;
    }
    Ok(document.rewritten(own, origins))
}

fn two_versions(document: &Document) -> Problem {
    let problem = document.problem("/swagger", "the document has both `swagger` and `openapi`");
    problem.remedy("remove the one that does not apply, with an overlay action")
}

#[cfg(test)]
mod tests;
