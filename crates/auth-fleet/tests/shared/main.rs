//! Processes that share tokens, as tasks with a store in memory and a clock that stands still.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

#[path = "../support/endpoint.rs"]
mod endpoint;
#[path = "../support/memory.rs"]
mod memory;

mod bursts;
#[cfg(feature = "store-contract")]
mod contract;
mod failures;
mod leaders;
mod model;
mod processes;
mod stores;
mod tokens;
