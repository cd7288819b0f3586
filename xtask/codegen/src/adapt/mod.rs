//! Step 4: a valid OpenAPI 3.0 document to one that progenitor and typify can take, and take for what it means.
//!
//! One function per rule; what a rule does is reported, and marked where the result says less than the document. An
//! operation that cannot be expressed is left out by name. The order is that of [`STAGES`]: operations are brought into
//! one form first, because their bodies hold schemas; schemas are cleaned before they are merged, merged before they are
//! named, and named before anything counts on their names.

mod annotations;
mod bases;
mod bodies;
mod circles;
mod closed;
mod compose;
mod conversions;
mod credentials;
mod discriminator;
mod enums;
mod hoist;
mod keywords;
mod merge;
mod merge_losses;
mod names;
mod operations;
mod parameter_forms;
mod parameters;
mod path_variables;
mod patterns;
mod repeated_types;
mod responses;
mod root;
mod servers;

use serde_json::Value;

use crate::home::Home;
use crate::rule::Adapted;

type Stage = fn(&mut Value, &Home, &mut Adapted);

/// The stages in their order.
const STAGES: &[(&str, Stage)] = &[
    ("root", root::apply),
    ("servers", |value, _, done| servers::apply(value, done)),
    ("operations", |value, _, done| operations::apply(value, done)),
    ("parameters", |value, home, done| parameters::apply(value, home, done)),
    ("bodies", |value, _, done| bodies::apply(value, done)),
    ("responses", |value, _, done| responses::apply(value, done)),
    ("patterns", |value, _, done| patterns::apply(value, done)),
    ("keywords", |value, _, done| keywords::apply(value, done)),
    ("repeated types", |value, _, done| repeated_types::apply(value, done)),
    ("enums", |value, _, done| enums::apply(value, done)),
    ("names", |value, _, done| names::apply(value, done)),
    ("credentials", credentials::apply),
    ("hoist", |value, _, done| hoist::apply(value, done)),
    ("bases", |value, _, done| bases::apply(value, done)),
    ("discriminator", |value, _, done| discriminator::apply(value, done)),
    ("compose", |value, _, done| compose::apply(value, done)),
    ("hoist again", |value, _, done| hoist::apply(value, done)),
    ("closed", |value, _, done| closed::apply(value, done)),
    ("properties", |value, _, done| names::properties(value, done)),
    ("conversions", conversions::apply),
];

/// Adapts a lowered document in place.
pub(crate) fn adapt(value: &mut Value, home: &Home) -> Adapted {
    let mut done = Adapted::default();
    for (_, stage) in STAGES {
        stage(value, home, &mut done);
    }
    done
}

#[cfg(test)]
mod tests;
