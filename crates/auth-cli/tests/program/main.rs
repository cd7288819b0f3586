//! The program against the sandbox: every command, format and exit code, and what can go wrong on a host.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

mod home;
mod terminal;

mod call;
mod configuration;
mod doctor;
mod documents;
mod exec;

mod faults;
mod get;
mod init;
mod inspect;
mod keyring;
mod logout;
mod oauth2;
mod processes;
#[cfg(feature = "redis")]
mod redis;

mod region;
mod secrets;
