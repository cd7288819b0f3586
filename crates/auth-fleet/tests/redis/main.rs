//! `RedisStore` on real servers.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

#[allow(dead_code, reason = "each test uses a part")]
#[path = "../support/endpoint.rs"]
mod endpoint;
#[allow(dead_code, reason = "each test uses a part")]
#[path = "../support/redis_proxy.rs"]
mod redis_proxy;
#[path = "../support/redis_server.rs"]
mod redis_server;

mod access;
mod busy;
mod certificates;
#[cfg(feature = "redis-cluster")]
mod cluster;
mod contract;
mod leaks;
mod network;
#[cfg(feature = "redis-sentinel")]
mod sentinel;
mod support;
mod trouble;
mod waiting;
