//! What the tests of this package share: the vendors' authorization servers, servers that answer with given bytes,
//! clocks that are moved by hand, and recordings of events and of all logs.

mod endpoints;
mod hand_clock;
mod issuers;
mod logs;
mod servers;
mod told;

pub use endpoints::Endpoint;
pub use hand_clock::HandClock;
pub use issuers::{Issuer, all_ended, api, callers, customer, ended};
pub use logs::Logs;
pub use servers::{answering, responding};
pub use told::Told;

/// The examples of the workspace's README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
#[doc = include_str!("../../crates/auth-core/README.md")]
pub struct Readme;
