//! Credentials and their sources, which are asked for every request.
//!
//! `values` has the credentials themselves, which are checked when they are made, and the interface to a source. The other
//! sources can change while the program runs: shared values and environment variables (`sources`), and files (`file`).
//! `place` says where a secret comes from, and `content`
//! reads it.
//!
//! Nothing here knows tokens. No error holds a secret.

pub(crate) mod content;
pub(crate) mod error;
pub(crate) mod file;
pub(crate) mod invisible;
pub(crate) mod place;
pub(crate) mod sources;
pub(crate) mod values;
