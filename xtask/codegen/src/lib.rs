//! A crate from an OpenAPI document, in memory.
//!
//! [`run`] takes the document through the steps and returns the files of its crate. The steps are folders, in this order:
//!
//! | step | takes | gives |
//! |---|---|---|
//! | `upgrade` | the document's value, of any version | a value of OpenAPI 3.0 or 3.1 |
//! | `lower` | a value of OpenAPI 3.0 or 3.1 | a value of OpenAPI 3.0.3 |
//! | `adapt` | a valid value of 3.0.3 | a value that progenitor can take and that keeps its meaning in the code |
//! | `progenitor` | the adapted value | the code as progenitor writes it |
//! | `lint` | the value that progenitor took | its operations, or what must not be generated |
//! | `patch` | the code and the operations | the corrected code and the methods of its client |
//! | `emit` | all of that | the files of the crate |
//!
//! A step uses only steps before it and the files beside the folders, which hold what several steps share. [`draft`] writes
//! the overlay that a new document begins with.

mod adapt;
mod answers;
mod attributes;
mod by_status;
mod conversion;
mod credential;
pub mod draft;
mod emit;
mod examples;
#[cfg(test)]
mod fuzz;
mod home;
mod integer;
mod lint;
mod losses;
mod lower;
pub mod mark;
pub mod media;
pub mod names;
mod operation;
mod patch;
mod pattern;
mod pipeline;
#[cfg(test)]
mod placements;
mod progenitor;
mod report;
mod requests;
mod rule;
mod security;
mod servers;
mod shape;
mod undefined_schemes;
mod upgrade;

pub use answers::Answers;
pub use home::{Alone, Files, Home, Transport};
pub use integer::Integer;
pub use pipeline::{Output, Target, check, run};
pub use report::Counts;
pub use security::{Kind, Requirement, Security, client_keys};
pub use upgrade::as_openapi_3;
