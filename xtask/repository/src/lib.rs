//! The repository that commands work on: its files, git, cargo, and the network.
//!
//! [`Workspace`] names the places. [`files`] reads, and writes the files of a command all or not at all.

pub mod command;
pub mod date;
pub mod files;
pub mod git;
pub mod metadata;
pub mod network;
mod outcome;
pub mod package;
pub mod programs;
pub mod provenance;
pub mod public_api;
mod source;
pub mod unified;
mod workspace;

pub use outcome::{Outcome, print, say, warn};
pub use source::Source;
pub use workspace::{DocumentName, Workspace, check_name};
