//! Credentials and their sources, which are queried before every token request.
//!
//! `values` has the credentials, which are checked when they are created, and the trait for sources. The credentials of
//! other sources can change while the program runs: shared values and environment variables (`sources`), and files
//! (`file`). `place` describes where a secret is stored, and `content` reads it.
//!
//! This folder does not depend on tokens. No error contains a secret.

pub(crate) mod content;
pub(crate) mod error;
pub(crate) mod file;
pub(crate) mod invisible;
pub(crate) mod place;
pub(crate) mod sources;
pub(crate) mod values;
