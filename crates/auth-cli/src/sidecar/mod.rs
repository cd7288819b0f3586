//! `access-token serve` and `access-token proxy`: tokens for programs of this host that are not written in Rust.
//!
//! `listeners` and `connections` accept connections; `screening` refuses requests of pages in browsers; `callers` says who has sent a
//! request, and `rights` what they may have; `api` answers. `client` is for the commands that ask a sidecar that is running.

mod accounts;
mod admission;
mod answer;
mod api;
mod caller_tokens;
mod callers;
pub(crate) mod client;
mod connections;
mod current;
mod daemon;
mod in_progress;
mod limits;
mod listeners;
mod log;
mod manager;
mod metrics;
mod newcomers;
mod place;
mod presented;
mod profiles;
pub(crate) mod proxy;
mod refusals;
mod rights;
mod screening;
pub(crate) mod serve;
mod settings;
mod socket;

pub(crate) use self::current::Load;
