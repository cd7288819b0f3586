//! Processes that share a store, while they are killed and stopped, and while the store fails.
//!
//! `scale` says how many there are; `issuer` is the authorization server and records what it issues; `worker` is what each process
//! does; `fleet` starts, kills, stops and hears the processes, and `account` notes what they say; `records` counts duplicates;
//! `outcome` is what every test checks and prints. Each other file is one kind of trouble.
#![cfg(all(feature = "file", feature = "redis", target_os = "linux"))]
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]
#![allow(clippy::print_stdout, reason = "processes talk to their test")]

mod account;
mod boot_clock;
mod failing_store;
mod fleet;
mod issuer;
mod keys;
mod killed_leaders;
mod markers;
mod outcome;
mod records;
mod rejections;
mod scale;
mod worker;

#[allow(dead_code, reason = "each test uses a part")]
#[path = "../support/process.rs"]
mod process;
#[allow(dead_code, reason = "each test uses a part")]
#[path = "../support/redis_proxy.rs"]
mod redis_proxy;
#[allow(dead_code, reason = "each test uses a part")]
#[path = "../support/redis_server.rs"]
mod redis_server;
