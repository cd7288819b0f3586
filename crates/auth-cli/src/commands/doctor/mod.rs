//! `access-token doctor`: says what is wrong, and what to do about it.
//!
//! The checks run in order, and stop where the later ones would only repeat what an earlier one found. `local` looks at this machine,
//! `network` at the way to the server, `credentials` at what the server says. `report` is what they found.

mod credentials;
mod local;
mod network;
mod report;

use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

use auth_core::Scope;
use clap::Args;

use crate::commands::doctor::report::{Check, Report};
use crate::commands::runtime::block_on;
use crate::config::Config;
use crate::failure::Failure;

/// Which profile is checked.
#[derive(Args, Debug)]
pub(crate) struct DoctorArguments {
    /// Profile of the configuration
    profile: String,

    /// Scope to request, several scopes separated by spaces [default: that of the profile]
    #[arg(long, value_name = "SCOPE")]
    scope: Option<Scope>,

    /// Print one line of JSON
    #[arg(long)]
    json: bool,
}

/// Checks a profile. The exit code is that of the first failure.
pub(crate) fn run(config: Option<&Path>, arguments: &DoctorArguments) -> Result<ExitCode, Failure> {
    let mut report = Report::new(&arguments.profile);
    match Config::load(config)
        .and_then(|config| config.profile(&arguments.profile).cloned().map(|profile| (config, profile)))
    {
        Err(failure) => report.add(Check::of_failure("configuration", &failure, "correct the configuration")),
        Ok((config, profile)) => {
            report.add(Check::ok("configuration", config.path.display().to_string()));
            let scope = arguments.scope.as_ref().unwrap_or(&profile.scope);
            block_on(async {
                local::check(&config, &profile, &mut report).await;
                if !report.has_failed() {
                    network::check(&profile, &mut report).await;
                }
                if !report.has_failed() {
                    credentials::check(&profile, scope, &mut report).await;
                }
            })?;
        }
    }
    let text = if arguments.json { report.json() } else { report.lines() };
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(ExitCode::from(report.code()))
}
