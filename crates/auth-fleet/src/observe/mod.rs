//! What happens to shared tokens, for observers: `event` has the events, `observers` counts them and passes them on, `tracing` and
//! `metrics` report them.

pub(crate) mod event;
#[cfg(feature = "metrics")]
mod metrics;
pub(crate) mod observers;
#[cfg(feature = "tracing")]
mod tracing;
