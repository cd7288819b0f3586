//! `access-token`: OAuth 2.0 access tokens for shells, other languages and hosts.
//!
//! `program` runs the command of the command line (`arguments`); `commands` has a file for each of them. `config` reads the
//! configuration, `secrets` the secrets that it names. `tokens` opens the tokens of a profile, and `sidecar` gives them to other
//! programs. `failure` has the exit codes, `printable` makes the text of others safe for a terminal.

#[cfg(all(unix, not(any(target_os = "linux", target_os = "android", target_vendor = "apple"))))]
compile_error!("access-token runs on Linux and on Apple's systems, where processes can share a folder of tokens");

#[cfg(unix)]
mod arguments;
#[cfg(unix)]
mod commands;
#[cfg(unix)]
mod config;
#[cfg(unix)]
mod duration;
#[cfg(unix)]
mod failure;
#[cfg(unix)]
mod hardening;
#[cfg(unix)]
mod printable;
#[cfg(unix)]
mod program;
#[cfg(unix)]
mod secrets;
#[cfg(all(unix, feature = "sidecar"))]
mod sidecar;
#[cfg(unix)]
mod tokens;

#[cfg(unix)]
fn main() -> std::process::ExitCode {
    program::run()
}

#[cfg(not(unix))]
fn main() -> std::process::ExitCode {
    eprintln!("access-token runs on Linux and on Apple's systems");
    std::process::ExitCode::FAILURE
}
