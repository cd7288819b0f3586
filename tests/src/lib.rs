//! Shared code of the tests: the vendors' authorization servers, servers that send given bytes, clocks that tests set
//! by hand, recordings of events, logs and panics, and a search for secrets in all of them.

mod closed_port;
mod deadlines;
mod endpoints;
mod fixed;
mod hostile;
mod issuers;
mod logs;
mod manual_clock;
mod markers;
mod memory;
mod numbered;
mod panics;
mod recording_observer;
mod rendered;
mod requests;
#[cfg(target_os = "linux")]
pub mod searched;
mod secret_file;
mod servers;
mod test_secrets;

pub use closed_port::ClosedPort;
pub use deadlines::{cargo_output, joined, output, until, within, within_blocking};
pub use endpoints::Endpoint;
pub use fixed::Fixed;
pub use hostile::{Hostile, hostile};
pub use issuers::{Issuer, api, callers, customer};
pub use logs::Logs;
pub use manual_clock::ManualClock;
pub use markers::{Leak, Markers};
pub use memory::memory;
pub use numbered::Numbered;
pub use panics::Panics;
pub use recording_observer::RecordingObserver;
pub use rendered::Rendered;
pub use requests::{all_ended, ended, reached};
pub use secret_file::write_secret;
pub use servers::{answering, responding};
pub use test_secrets::TestSecrets;

/// Compiles the examples of the workspace's documents.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
#[doc = include_str!("../../crates/auth-core/README.md")]
#[doc = include_str!("../../crates/auth-fleet/README.md")]
#[cfg_attr(any(target_os = "linux", target_vendor = "apple"), doc = include_str!("../../docs/fleet.md"))]
pub struct Readme;
