//! What the tests of this package share: a server that answers with given bytes, and a recording of all logs.

mod logs;
mod raw_server;

pub use logs::Logs;
pub use raw_server::RawServer;

/// The examples of the workspace's README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
#[doc = include_str!("../../crates/auth-core/README.md")]
pub struct Readme;
