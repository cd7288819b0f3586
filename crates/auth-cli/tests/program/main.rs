//! The program against the sandbox: every command, format and exit code, and what can go wrong on a host.

#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

mod home;

mod call;
mod configuration;
mod documents;
mod exec;

mod faults;
mod get;
mod inspect;
mod logout;
mod processes;

mod secrets;
