//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::commands::get::GetArguments;
use crate::commands::logout::LogoutArguments;
use crate::failure::ErrorFormat;

/// OAuth 2.0 access tokens for shells, other languages and hosts, from a shared cache
///
/// Tokens are cached and shared by all processes of the user. Secrets are never given on the command line: the configuration names
/// files, variables, commands or entries of the keyring that have them.
#[derive(Debug, Parser)]
#[command(name = "access-token", version, propagate_version = true)]
pub(crate) struct Arguments {
    /// Configuration to read [default: the one that ACCESS_TOKEN_CONFIG names, otherwise
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
    /// Drop cached tokens
    Logout(LogoutArguments),
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
