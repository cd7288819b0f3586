//! Rewrites a valid 3.0 document into one that progenitor and typify can take and whose code means the same.
//!
//! - Entry: [`adapt`] takes the lowered value, changes it in place, and returns [`Adapted`]: the rules that were applied, and
//!   what the generated code needs beyond the document.
//! - Assumes: the value is of OpenAPI 3.0.3, and every reference leads to a named component.
//! - Guarantees: no construct is left that progenitor or typify is known to reject or to misread. An operation that cannot be
//!   expressed is left out by name with the reason. It never fails.
//!
//! | before | after |
//! |---|---|
//! | `allOf: [{ properties: { a: {} } }, { properties: { b: {} } }]` | `properties: { a: {}, b: {} }` |
//!
//! One function per rule, in the order of [`STAGES`]: limits first, while each is only where the document has it; then
//! operations, because their bodies hold schemas; schemas are cleaned before they are merged, merged before they are named, and
//! named before a rule relies on their names. The rules for single keywords, such as `not`, are the rows of `RULES` in
//! [`keywords`].
//! One function per rule, in the order of [`STAGES`]: operations first, because their bodies hold schemas; schemas are cleaned
//! before they are merged, merged before they are named, and named before a rule relies on their names, such as `directions`. The rules for single
//! keywords, such as `not`, are the rows of `RULES` in [`keywords`].

mod access;
mod alternatives;
mod annotations;
mod bases;
mod bodies;
mod by_status;
mod circles;
mod closed;
mod compose;
mod context;
mod conversions;
mod credential_parameters;
mod credentials;
mod decimals;
mod directions;
mod discriminator;
mod enums;
mod forms;
mod hoist;
mod inheritance;
mod keywords;
mod limits;
mod merge;
mod merge_alternatives;
mod merge_losses;
mod multipart;
mod names;
mod note;
mod open;
mod operations;
mod parameter_forms;
mod parameter_styles;
mod parameters;
mod path_variables;
mod patterns;
mod repeated_types;
mod response_bodies;
mod responses;
mod root;
mod security;
mod servers;
mod tags;
mod unions;

use serde_json::Value;

use crate::home::Home;
use crate::rule::Adapted;

type Stage = fn(&mut Value, &Home, &mut Adapted);

/// The stages in their order.
const STAGES: &[(&str, Stage)] = &[
    ("root", root::apply),
    ("servers", |value, _, done| servers::apply(value, done)),
    ("limits", |value, _, done| limits::apply(value, done)),
    ("operations", |value, _, done| operations::apply(value, done)),
    ("security", security::apply),
    ("credential parameters", |value, _, done| credential_parameters::apply(value, done)),
    ("parameters", |value, home, done| parameters::apply(value, home, done)),
    ("bodies", |value, _, done| bodies::apply(value, done)),
    ("responses", |value, _, done| responses::apply(value, done)),
    ("patterns", |value, _, done| patterns::apply(value, done)),
    ("keywords", |value, _, done| keywords::apply(value, done)),
    ("decimals", |value, _, done| decimals::apply(value, done)),
    ("repeated types", |value, _, done| repeated_types::apply(value, done)),
    ("enums", |value, _, done| enums::apply(value, done)),
    ("inheritance", |value, _, done| inheritance::apply(value, done)),
    ("tags", |value, _, done| tags::apply(value, done)),
    ("names", |value, _, done| names::apply(value, done)),
    ("credentials", credentials::apply),
    ("hoist", |value, _, done| hoist::apply(value, done)),
    ("bases", |value, _, done| bases::apply(value, done)),
    ("discriminator", |value, _, done| discriminator::apply(value, done)),
    ("compose", |value, _, done| compose::apply(value, done)),
    ("hoist again", |value, _, done| hoist::apply(value, done)),
    ("directions", |value, _, done| directions::apply(value, done)),
    ("closed", |value, _, done| closed::apply(value, done)),
    ("open", |value, _, done| open::apply(value, done)),
    ("properties", |value, _, done| names::properties(value, done)),
    ("conversions", conversions::apply),
    ("unions", |value, _, done| unions::apply(value, done)),
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
