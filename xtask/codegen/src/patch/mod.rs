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

mod corrections;
mod empty;
mod enums;
mod errors;
mod further_members;
mod listed;
mod members;
mod methods;
mod nullable;
mod paths;
mod reached;
mod recursion;
mod requests;
mod streams;
mod success;
mod tags;
mod wire;

use diagnostics::{Problems, Result};
use openapi::Document;
use serde_json::Value;

pub(crate) use methods::Method;

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
}

/// Corrects the code that progenitor generated from a linted document.
pub(crate) fn patch(
    document: &Document,
    value: &Value,
    output: ProgenitorOutput,
    operations: &[Operation],
    adapted: &Adapted,
) -> Result<Generated> {
    let ProgenitorOutput { mut file, crates, conversions, patterns } = output;
    Problems::check(check_conversions(document, &conversions, &file))?;
    restore_patterns(&mut file, &patterns);
    errors::by_status(document, &mut file, operations, adapted)?;
    recursion::leave_out_absent_members(&mut file);
    members::tell_apart(&mut file, value);
    further_members::name(&mut file, adapted);
    enums::open(&mut file);
    corrections::correct(document, &mut file, operations, adapted)?;
    let mut methods = methods::read(document, &file, operations)?;
    for method in &mut methods {
        method.error_statuses = adapted.errors.get(&method.operation.id).cloned().unwrap_or_default();
    }
    Ok(Generated { file, methods, crates })
}
