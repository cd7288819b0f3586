//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::commands::call::CallArguments;
use crate::commands::doctor::DoctorArguments;
use crate::commands::documents::{CompletionsArguments, ManArguments};
use crate::commands::exec::ExecArguments;
use crate::commands::get::GetArguments;
use crate::commands::init::arguments::InitArguments;
use crate::commands::inspect::InspectArguments;
use crate::commands::logout::LogoutArguments;
use crate::failure::ErrorFormat;

/// OAuth 2.0 access tokens for shells, other languages and hosts, from a shared cache
///
/// Tokens are cached and shared by all processes of the user. Secrets are never given on the command line: the configuration names
/// files, variables, commands or entries of the keyring that have them.
#[derive(Debug, Parser)]
#[command(
    name = "access-token",
    version,
    propagate_version = true,
    after_help = "Exit codes: 0 success, 2 usage, 3 refused, 4 unavailable, 5 rate limited, 1 anything else"
)]
pub(crate) struct Arguments {
    /// Configuration file [default: the one that ACCESS_TOKEN_CONFIG names, otherwise
    /// $XDG_CONFIG_HOME/access-token/config.toml or ~/.config/access-token/config.toml]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// Form of errors on standard error
    #[arg(long, global = true, value_name = "FORMAT", value_enum, default_value_t)]
    pub(crate) errors: ErrorFormat,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print a token, from the cache if it has one
    Get(GetArguments),
    /// Run a program with a token in its environment
    ///
    /// The program takes the place of this one. Variables from which the configuration takes secrets are removed from its environment.
    Exec(ExecArguments),
    /// Send one request with a token
    Call(CallArguments),
    /// Show the claims of a token on standard input, without verifying them
    Inspect(InspectArguments),
    /// Write a profile to the configuration
    Init(InitArguments),
    /// Say what is wrong with a profile, and what to do about it
    Doctor(DoctorArguments),
    /// Give tokens to programs of this host, over a Unix socket or a loopback address
    #[cfg(feature = "sidecar")]
    Serve(crate::sidecar::serve::ServeArguments),
    /// Forward requests to one server, with a token
    #[cfg(feature = "sidecar")]
    Proxy(crate::sidecar::proxy::ProxyArguments),
    /// Drop cached tokens
    Logout(LogoutArguments),
    /// Print the completions for a shell
    Completions(CompletionsArguments),
    /// Print the manual
    Man(ManArguments),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }
}
