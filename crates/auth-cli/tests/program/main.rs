//! The program against the sandbox: every command, format and exit code, and what can go wrong on a host.

#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

mod home;

mod configuration;

mod faults;
mod get;
mod logout;
mod processes;

mod secrets;
