//! `cargo xtask contract`: compares the traffic of clients and servers with the documents as published.
#![allow(clippy::print_stdout, reason = "a program that shows its result")]

use std::path::PathBuf;
use std::process::ExitCode;

use auth_contract::{Documents, Report, RunError, Severity, Target, agreement, live, local};
use auth_sandbox::Sandbox;
use clap::{Parser, ValueEnum};

/// Checks real traffic of the clients and a server against the vendors' documents, as published and after their
/// overlays.
///
/// Exits with status 0 if they agree, and with 2 if they do not. Exits with 1 after an error or if the result is
/// inconclusive: the server is unreachable, reports an outage, or does not accept the credentials. Without `--live` the
/// server is the embedded sandbox.
#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask contract",
    bin_name = "cargo xtask contract",
    override_usage = "cargo xtask contract [OPTIONS]"
)]
struct Arguments {
    /// Check a real server, with credentials from the environment. Sends at most four requests.
    #[arg(long, value_name = "NAME")]
    live: Option<Target>,

    /// With `--live`: also provoke refusals, with wrong credentials and, for Lean, an unknown scope. Some servers lock accounts after
    /// several of these.
    #[arg(long, requires = "live")]
    errors: bool,

    /// Write the report to this file: HTML (.html), JSON (.json), SARIF 2.1.0 (.sarif) or JUnit XML (.xml). Can be given more than
    /// once.
    #[arg(long, value_name = "FILE")]
    report: Vec<PathBuf>,

    /// The lowest severity that makes the run exit with status 2. Without `--live` it is always `drift`.
    #[arg(long, value_name = "WHAT", default_value = "violation", requires = "live")]
    fail_on: FailOn,

    /// Folder of the documents as JSON; `cargo xtask contract` sets it.
    #[arg(long, value_name = "DIR", hide = true)]
    documents: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// Traffic that no document mentions or that contradicts RFC 6749, and violations.
    Drift,
    /// Traffic that contradicts a document.
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
        Err(error) => {
            let _ = error.print();
            // Status 2 means that the contract is not kept.
            return if error.use_stderr() { ExitCode::FAILURE } else { ExitCode::SUCCESS };
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
