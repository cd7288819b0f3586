//! `FileStore`, with processes that share a folder.
#![cfg(all(feature = "file", target_os = "linux"))]
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]
#![allow(clippy::print_stdout, reason = "processes talk to their test")]

#[cfg(feature = "store-contract")]
mod contract;
mod folder;
mod processes;
mod support;

#[allow(dead_code, reason = "each test uses a part")]
#[path = "../support/process.rs"]
mod process;
