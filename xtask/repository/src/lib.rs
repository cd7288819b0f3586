//! The repository that the commands work on: files, git, cargo, and the network.
//!
//! [`Workspace`] finds the files. [`files`] reads them, and writes all changes of a command or none.

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
