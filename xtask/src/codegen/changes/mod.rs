//! What changed between two versions of a document, and what that means for the people who depend on its crate.
//!
//! [`compare`](document::compare) is a pure function of two values; [`command`] is what surrounds it. The kinds of change
//! and their levels are listed in docs/changes.md.

mod affected;
mod annotations;
mod approvals;
mod baseline;
mod bodies;
mod changelog;
mod clean;
mod command;
mod crate_versions;
mod credentials;
mod document;
mod exposure;
mod finding;
mod generated;
mod json;
mod junit;
mod kinds;
mod level;
mod limits;
mod node;
mod operation;
mod operations;
mod parameters;
mod preview;
mod releases;
mod renames;
mod report;
mod responses;
mod sarif;
mod schema;
mod security;
mod servers;
mod shape;
#[cfg(test)]
mod tests;
mod unions;
mod version_check;
mod versions;
mod write;

pub(crate) use command::{Files, Options, Output, run, run_files, summary};
pub(super) use preview::preview;
pub(crate) use report::Format;
pub(crate) use version_check::{check_versions, print_versions};
pub(super) use versions::Versions;
pub(crate) use versions::of_workspace;
