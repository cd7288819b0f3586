//! What changed between two versions of an OpenAPI document, and what that means for the programs that use its crate.
//!
//! [`compare`] is a pure function of two [`Revision`]s. A [`Report`] shows its findings, a [`Survey`] derives from them which
//! version each crate needs, and [`changelog`] what users should read. The kinds of change and their levels are listed in
//! docs/changes.md.

mod affected;
mod annotations;
mod approvals;
mod bodies;
pub mod changelog;
mod clean;
mod comparison;
mod credentials;
mod document;
mod exposure;
mod finding;
mod format;
mod generated;
mod json;
mod junit;
mod kinds;
mod level;
mod limits;
mod node;
mod operation;
mod operations;
mod pair;
mod parameters;
mod renames;
mod report;
mod responses;
mod revision;
mod sarif;
mod schema;
mod security;
mod servers;
mod shape;
pub mod survey;
#[cfg(test)]
mod tests;
mod text;
mod unions;
pub mod versions;
mod waiting;

pub use approvals::Approvals;
pub use comparison::findings as compare;
pub use exposure::{Snapshots, bump};
pub use finding::Finding;
pub use format::Format;
pub use level::{Direction, Level, Section};
pub use report::Report;
pub use revision::Revision;
pub use survey::{CrateVersion, Kept, Survey, Unknown};
pub use text::summary;
