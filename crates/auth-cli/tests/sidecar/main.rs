//! The program as a sidecar, against the sandbox.
#![cfg(all(unix, feature = "sidecar"))]
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

mod http;
mod running;

mod abuse;
mod api;
mod callers;
mod commands;
mod deployment;
mod examples;
mod generated_client;
mod life;
mod outages;
mod proxy;
