//! Tests on real sockets, in one program, since each separate test file would be linked separately.
#![cfg(test)]

/// A browser, shared with the tests of `auth-core`.
#[allow(dead_code, reason = "these tests do not follow links")]
#[path = "../../../auth-core/tests/browser/mod.rs"]
mod browser;
mod certificates;
mod common;
mod control;
mod customers;
/// Waits with a deadline, shared with the integration tests.
#[allow(dead_code, unreachable_pub, reason = "the integration tests use all of it, and from other crates")]
#[path = "../../../../tests/src/deadlines.rs"]
mod deadlines;
mod faults;
mod http;
mod oauth2;
mod other_languages;
mod page;
mod process;
mod program;
mod resources;
mod sandbox;
mod scripts;
mod strictness;
