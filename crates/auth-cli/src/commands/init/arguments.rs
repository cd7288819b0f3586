//! The options of `init`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::config::profile::check_name;

/// What the profile is to be. What is missing is asked if standard input is a terminal.
#[derive(Args, Debug)]
pub(crate) struct InitArguments {
    /// Name of the new profile
    #[arg(value_parser = name)]
    pub(super) profile: Option<String>,

    /// Provider
    #[arg(long, value_name = "PROVIDER", value_enum)]
    pub(super) provider: Option<ProviderName>,

    /// Region of the application at Lean
    #[arg(long, value_name = "REGION", value_parser = ["sa", "ae"])]
    pub(super) region: Option<String>,

    /// Environment of the application at Lean
    #[arg(long, value_name = "ENVIRONMENT", value_parser = ["sandbox", "production"])]
    pub(super) environment: Option<String>,

    /// Instance of SAP LeanIX, such as acme.leanix.net
    #[arg(long, value_name = "HOST")]
    pub(super) instance: Option<String>,

    /// Token URL of any other server
    #[arg(long, value_name = "URL", conflicts_with = "issuer")]
    pub(super) token_url: Option<String>,

    /// Issuer of any other server, whose metadata names its token URL
    #[arg(long, value_name = "URL")]
    pub(super) issuer: Option<String>,

    /// How the secret is sent to any other server
    #[arg(long, value_name = "WAY", value_parser = ["basic", "basic_raw", "form"])]
    pub(super) authentication: Option<String>,

    /// Client id
    #[arg(long, value_name = "ID")]
    pub(super) client_id: Option<String>,

    /// Default scope
    #[arg(long, value_name = "SCOPE")]
    pub(super) scope: Option<String>,

    #[command(flatten)]
    pub(super) secret: SecretArguments,
}

/// Where the secret is. It is never an argument itself.
#[derive(Args, Debug)]
#[group(multiple = false)]
pub(super) struct SecretArguments {
    /// File that has the secret
    #[arg(long, value_name = "FILE")]
    pub(super) secret_file: Option<PathBuf>,

    /// Variable that has the secret
    #[arg(long, value_name = "NAME")]
    pub(super) secret_variable: Option<String>,

    /// Program that prints the secret, and its arguments
    #[arg(long, value_name = "WORD", num_args = 1..)]
    pub(super) secret_command: Option<Vec<String>>,

    /// Entry of the keyring that has the secret
    #[arg(long, value_name = "NAME")]
    pub(super) secret_keyring: Option<String>,

    /// Read the secret from standard input, and keep it in the keyring, or in a file if there is none
    #[arg(long)]
    pub(super) secret_stdin: bool,
}

/// A provider, as the configuration names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ProviderName {
    /// Lean Technologies
    Lean,
    /// SAP LeanIX
    Leanix,
    /// Any server that follows RFC 6749
    #[value(name = "oauth2")]
    OAuth2,
}

fn name(text: &str) -> Result<String, &'static str> {
    check_name(text).map(|()| text.to_owned())
}
