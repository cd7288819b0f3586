//! The contract run, as a library and as the program.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

mod addresses;
mod bytes;
/// A port that refuses connections, shared with the integration tests.
#[allow(unreachable_pub, reason = "it is a crate's own there")]
#[path = "../../../../tests/src/closed_port.rs"]
mod closed_port;
mod common;
mod drift;
mod formats;
mod hostile;
mod live;
mod local;
mod mutations;
mod outages;
mod page;
mod program;
mod rules;
mod secrets;
