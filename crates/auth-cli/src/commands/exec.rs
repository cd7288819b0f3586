//! `access-token exec`: runs a program with a token in its environment.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, ExitCode};

use clap::Args;

use crate::commands::request::{TokenArguments, token, warn_if_expired};
use crate::commands::runtime::block_on;
use crate::commands::variable;
use crate::config::{Config, file};
use crate::failure::{ErrorFormat, Failure};

/// Which program.
#[derive(Args, Debug)]
pub(crate) struct ExecArguments {
    #[command(flatten)]
    token: TokenArguments,

    /// Name of the variable that has the token
    #[arg(long, value_name = "NAME", default_value = variable::DEFAULT, value_parser = variable::parse)]
    variable: String,

    /// Program and its arguments, after `--`
    #[arg(last = true, required = true, value_name = "PROGRAM")]
    program: Vec<OsString>,
}

/// Replaces this process by the program: its signals and its exit code are those of the program, and nothing is left behind.
pub(crate) fn run(config: Option<&Path>, errors: ErrorFormat, arguments: ExecArguments) -> Result<ExitCode, Failure> {
    let named = config;
    let config = Config::load(named);
    // A sidecar has the token, but only the configuration says which variables hold secrets.
    if let Err(failure) = &config
        && file::is_expected(named)
    {
        return Err(failure.clone());
    }
    let issued = block_on(token(&config, &arguments.token, errors))??;
    warn_if_expired(&issued, &arguments.token.profile, errors);
    let mut words = arguments.program.into_iter();
    let program = words.next().unwrap_or_default();
    let mut command = Command::new(&program);
    // The program gets the token instead of the secrets.
    for secret in config.iter().flat_map(Config::secrets) {
        if let Some(name) = secret.variable_name() {
            command.env_remove(name);
        }
    }
    let error = command.args(words).env(&arguments.variable, issued.token.expose()).exec();
    let failure = Failure::usage(format!("the program {} cannot be run: {error}", program.display()));
    // If standard error is closed, the exit code says enough.
    let _ = failure.print(errors, &mut io::stderr().lock());
    Ok(ExitCode::from(match error.kind() {
        io::ErrorKind::NotFound => 127,
        _ => 126,
    }))
}
