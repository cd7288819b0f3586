//! Corrects the code of progenitor, and reads the methods of the generated client.
//!
//! - Entry: [`patch`] takes the final document value, progenitor's output, the operations and what adapting noted, and returns [`Generated`].
//! - Assumes: the operations are those of the output, in its order.
//! - Guarantees: every credential is a `Secret`, every path parameter is encoded into its segment, and every correction was
//!   applied exactly as often as it should be; otherwise the output of progenitor has changed, which is an error.
//!
//! | before | after |
//! |---|---|
//! | `pub fn new(baseurl: &str) -> Self { … }` | removed: it builds a client that follows redirects |

mod answers;
mod any_json;
mod bodies;
mod by_status;
mod constructors;
mod corrections;
mod deprecated;
mod empty;
mod enums;
mod further_members;
mod listed;
mod members;
mod methods;
mod nullable;
mod options;
mod parameter_style;
mod paths;
mod reached;
mod recursion;
mod request_bodies;
mod requests;
mod streams;
mod success;
mod tags;
mod types;
mod unexpected;
mod unions;
mod verbatim;
mod wire;

use diagnostics::{Problems, Result};
use openapi::Document;
use serde_json::Value;

pub(crate) use methods::Method;
pub(crate) use options::Options;
pub(crate) use types::{from_outside, items as type_items, names as type_names};

use crate::answers::Answers;
use crate::operation::Operation;
use crate::progenitor::{ExtraCrate, ProgenitorOutput, check_conversions, restore_patterns};
use crate::rule::Adapted;

/// The generated code.
#[derive(Debug)]
pub(crate) struct Generated {
    /// The types and the inner client.
    pub(crate) file: syn::File,
    /// The methods of the inner client, in the order of the operations.
    pub(crate) methods: Vec<Method>,
    /// Crates beyond the usual ones that the code uses.
    pub(crate) crates: Vec<ExtraCrate>,
    /// Whether members of answers keep what does not fit their type.
    pub(crate) keeps_answers: bool,
    /// Whether anything in it is deprecated, which is no reason for warnings in the crate itself.
    pub(crate) is_deprecated: bool,
}

/// Corrects the code that progenitor generated from a linted document, which has this value.
pub(crate) fn patch(
    document: &Document,
    value: &Value,
    output: ProgenitorOutput,
    operations: &[Operation],
    adapted: &Adapted,
    answers: Answers,
) -> Result<Generated> {
    let ProgenitorOutput { mut file, mut crates, conversions, patterns } = output;
    Problems::check(check_conversions(document, &conversions, &file))?;
    restore_patterns(&mut file, &patterns);
    by_status::tell_apart(document, &mut file, operations, adapted)?;
    verbatim::keep_texts(&mut file);
    recursion::leave_out_absent_members(&mut file);
    members::tell_apart(&mut file, value, adapted);
    any_json::keep_digits(&mut file);
    further_members::name(&mut file, adapted);
    if answers == Answers::Tolerant {
        further_members::add_to_answers(&mut file, operations);
        enums::open(&mut file);
    }
    unions::choose_members(&mut file, &adapted.shapes);
    let mut is_deprecated = deprecated::mark(&mut file, value);
    is_deprecated |= options::have_deprecated(value);
    is_deprecated |= operations.iter().any(|operation| operation.is_deprecated);
    constructors::add(&mut file);
    if answers == Answers::Tolerant {
        answers::keep(&mut file, value, operations);
    }
    let options = options::add(&mut file, value, operations);
    corrections::correct(document, &mut file, operations, adapted)?;
    further_members::keep_digits(&mut file);
    bodies::read(&mut file);
    let mut methods = methods::read(document, &file, operations, &options)?;
    for method in &mut methods {
        method.by_status = adapted.by_status.get(&method.operation.id).cloned().unwrap_or_default();
    }
    crates.retain(|extra| *extra != ExtraCrate::SerdeJson || any_json::needs_crate(&file));
    let keeps_answers = answers == Answers::Tolerant;
    Ok(Generated { file, methods, crates, is_deprecated, keeps_answers })
}
