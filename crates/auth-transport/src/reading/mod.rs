//! Reading JSON bodies as servers really send them.
//!
//! A body is read in up to two passes, both over its text and without a tree of values. The first one takes every member as
//! documented, which is what usually succeeds. Only if it fails, the second one keeps the text of each member that does not fit
//! its type ([`Received`]). Everything that a pass tolerates is noted as [`Drift`]: place and kind, never the value.

mod context;
#[cfg(feature = "decimal")]
mod decimal;
mod drift;
mod enums;
mod further_members;
mod integer;
mod json;
mod key;
mod member;
mod no_value;
mod notes;
mod object_reader;
mod object_writer;
mod open_enum;
mod path;
mod present;
mod probe;
mod problem;
mod raw_text;
mod read;
mod reader;
mod received;
mod treatment;
pub mod union;
mod verbatim;
mod visitors;

#[cfg(feature = "decimal")]
pub use decimal::DecimalNumber;
pub use drift::{Drift, DriftKind};
pub use further_members::FurtherMembers;
pub use json::Json;
pub use no_value::NoValue;
pub use open_enum::read_open_enum;
pub use present::present;
pub use problem::PayloadProblem;
pub(crate) use read::read_body;
pub use read::{ReadError, Reading, read_json};
pub use received::Received;
pub use treatment::{Confidential, Nullable, NullableConfidential, Plain, Treatment};
pub use verbatim::{InvalidText, Verbatim};

#[cfg(test)]
mod tests;
