//! The error for output of progenitor that a step of patching does not recognize.

use diagnostics::Problem;
use openapi::Document;

use crate::progenitor::GENERATOR;

/// `step` is the file of the step in this folder, such as `errors.rs`.
pub(super) fn unexpected(document: &Document, step: &str, what: &str) -> Problem {
    document
        .problem("", format!("the output of {GENERATOR} is not as expected: {what}"))
        .remedy(format!("this is a fault of the generator: look at xtask/codegen/src/patch/{step}"))
}
