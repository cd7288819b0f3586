//! `cargo xtask contract`: what clients and servers really send, compared with the documents as published.
#![allow(clippy::print_stdout, reason = "a program that shows its result")]

use std::path::PathBuf;
use std::process::ExitCode;

use auth_contract::{Documents, Report, RunError, Severity, Target, agreement, live, local};
use auth_sandbox::Sandbox;
use clap::{Parser, ValueEnum};

/// Checks what the clients and a server really send against the vendors' documents as published, and against the same
/// documents after their overlays.
///
/// Ends with status 0 if they agree, with 2 if they do not, with 1 if that cannot be said: because the server was not reached or is in
/// trouble, because it does not accept our credentials, or after an error. Without `--live` the server is the embedded
/// sandbox.
#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask contract",
    bin_name = "cargo xtask contract",
    override_usage = "cargo xtask contract [OPTIONS]"
)]
struct Arguments {
    /// Ask a real server, with credentials from the environment: never more than four requests.
    #[arg(long, value_name = "NAME")]
    live: Option<Target>,

    /// With `--live`: ask for refusals as well, with a scope that cannot be known and with wrong credentials. Some servers
    /// lock accounts after a number of these.
    #[arg(long, requires = "live")]
    errors: bool,

    /// Write the report into this file: as a page (.html), as JSON (.json), as SARIF 2.1.0 (.sarif) or as JUnit XML (.xml). Can be
    /// given more than once.
    #[arg(long, value_name = "FILE")]
    report: Vec<PathBuf>,

    /// What to end with status 2 for. The sandbox has to keep to the documents in everything, so without `--live` it is
    /// always `drift`.
    #[arg(long, value_name = "WHAT", default_value = "violation", requires = "live")]
    fail_on: FailOn,

    /// Folder of the documents as JSON; `cargo xtask contract` sets it.
    #[arg(long, value_name = "DIR", hide = true)]
    documents: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// Something that no document mentions, and violations.
    Drift,
    /// Something other than a document says.
    Violation,
}

impl From<FailOn> for Severity {
    fn from(fail_on: FailOn) -> Self {
        match fail_on {
            FailOn::Drift => Self::Drift,
            FailOn::Violation => Self::Violation,
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(told) => {
            let _ = told.print();
            // Status 2 is for a contract that is not kept.
            return if told.use_stderr() { ExitCode::FAILURE } else { ExitCode::SUCCESS };
        }
    };
    match run(&arguments).await {
        Ok(report) => {
            println!("{}", report.table());
            ExitCode::from(report.status().exit_code())
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<Report, RunError> {
    let documents = Documents::read(&arguments.documents)?;
    let report = match arguments.live {
        Some(target) => {
            let mut report = live(&documents, target, arguments.errors, |name| std::env::var(name).ok()).await?;
            report.fail_on = arguments.fail_on.into();
            report
        }
        None => {
            let sandbox = Sandbox::start().await?;
            let mut report = local(&documents, &sandbox).await?.report;
            report.types = agreement(&documents)?;
            sandbox.shutdown().await;
            report
        }
    };
    for file in &arguments.report {
        report.write(file)?;
    }
    Ok(report)
}
