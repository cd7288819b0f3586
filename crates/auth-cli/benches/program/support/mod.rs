//! Shared code of the benchmarks.

pub(crate) mod bare;
pub(crate) mod connection;
pub(crate) mod home;
#[path = "../../../../auth-fleet/benches/fleet/support/percentiles.rs"]
pub(crate) mod percentiles;
#[path = "../../../../auth-core/benches/support/report.rs"]
pub(crate) mod report;
#[path = "../../../../auth-core/benches/support/rounds.rs"]
pub(crate) mod rounds;
