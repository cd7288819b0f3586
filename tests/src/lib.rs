//! Shared code of the tests: the vendors' authorization servers, servers that send given bytes, clocks that tests set
//! by hand, recordings of events, logs and panics, and a search for secrets in all of them.

mod deadlines;
mod endpoints;
mod fixed;
mod hand_clock;
mod hostile;
mod issuers;
mod logs;
mod markers;
mod memory;
mod numbered;
mod panics;
mod planted;
mod secret_file;
mod seen;
mod servers;
mod told;

pub use deadlines::{all_ended, ended, output, reached, until, within};
pub use endpoints::Endpoint;
pub use fixed::Fixed;
pub use hand_clock::HandClock;
pub use hostile::{Hostile, hostile};
pub use issuers::{Issuer, api, callers, customer};
pub use logs::Logs;
pub use markers::{Leak, Markers};
pub use memory::memory;
pub use numbered::Numbered;
pub use panics::Panics;
pub use planted::Planted;
pub use secret_file::write_secret;
pub use seen::Seen;
pub use servers::{answering, responding};
pub use told::Told;

/// Compiles the examples of the workspace's README.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
#[doc = include_str!("../../crates/auth-core/README.md")]
pub struct Readme;
