//! `access-token get`: prints a token.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;
use std::process::ExitCode;

use chrono::Utc;
use clap::Args;

use crate::commands::format::Format;
use crate::commands::request::{EXPIRED, TokenArguments, token, warn_if_expired};
use crate::commands::runtime::block_on;
use crate::commands::variable;
use crate::config::Config;
use crate::failure::{ErrorFormat, Failure, Kind};

/// What `get` prints.
#[derive(Args, Debug)]
pub(crate) struct GetArguments {
    #[command(flatten)]
    token: TokenArguments,

    /// Form in which the token is printed
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    format: Format,

    /// Name of the variable, with --format env
    #[arg(long, value_name = "NAME", default_value = variable::DEFAULT, value_parser = variable::parse)]
    variable: String,

    /// Allow printing to a terminal
    #[arg(long)]
    show: bool,
}

/// Prints a token to standard output.
pub(crate) fn run(config: Option<&Path>, errors: ErrorFormat, arguments: &GetArguments) -> Result<ExitCode, Failure> {
    let mut out = io::stdout().lock();
    if out.is_terminal() && !arguments.show {
        return Err(Failure::usage(
            "standard output is a terminal, on which others could read the token; redirect it, or add `--show`",
        )
        .of_profile(&arguments.token.profile));
    }
    let config = Config::load(config);
    let issued = block_on(token(&config, &arguments.token, errors))??;
    // Clients of Kubernetes would ask for the next one at once, without end.
    if issued.has_expired() && arguments.format == Format::ExecCredential {
        return Err(Failure::new(Kind::Unavailable, EXPIRED).of_profile(&arguments.token.profile));
    }
    warn_if_expired(&issued, &arguments.token.profile, errors);
    let text = issued.print(arguments.format, &arguments.variable, Utc::now()).map_err(io::Error::from)?;
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}
