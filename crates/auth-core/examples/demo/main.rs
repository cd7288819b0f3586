//! A demonstration of the token cache: it requests tokens from both vendors once, reads them from the cache 1,000 times, and
//! calls an API of each. Run it with `cargo xtask demo`.
//!
//! By default it uses an embedded sandbox. If `LEAN_CLIENT_ID`, `LEAN_CLIENT_SECRET`, `LEAN_AUTH_URL` and `LEAN_CUSTOMER_ID` are
//! set, it uses that Lean server; if `LEANIX_API_TOKEN` and `LEANIX_URL` are set, that SAP LeanIX instance.
#![allow(clippy::print_stdout, reason = "a program that shows its result")]

mod counted;
mod failure;
mod job;
mod report;
mod settings;
mod subject;
mod table;

use std::error::Error;
use std::process::ExitCode;

use auth_sandbox::Sandbox;
use clap::Parser;
use settings::Settings;

/// Demonstrate the token cache: request tokens from both vendors once, read them from the cache 1,000 times, call their APIs
///
/// By default it uses an embedded sandbox, where it also creates a customer. For each vendor whose environment variables
/// are set, it uses the real server instead; set all variables of a vendor or none. No API of a real Lean server is called.
///
///   Lean: LEAN_CLIENT_ID, LEAN_CLIENT_SECRET, LEAN_AUTH_URL, LEAN_CUSTOMER_ID
///   SAP LeanIX: LEANIX_API_TOKEN, LEANIX_URL
///
/// `cargo xtask demo --fleet` shows eight programs that share one token instead.
#[derive(Parser)]
#[command(name = "demo", bin_name = "cargo xtask demo", verbatim_doc_comment)]
struct Arguments {}

#[tokio::main]
async fn main() -> ExitCode {
    let Arguments {} = Arguments::parse();
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let settings = Settings::from_environment(|name| std::env::var(name).ok())?;
    let sandbox = Sandbox::builder().known_customers_only().start().await?;
    let report = job::run(&settings.targets(&sandbox)).await?;
    println!("{}", table::render(&report));
    let (lean, leanix) = (sandbox.lean(), sandbox.leanix());
    println!(
        "the sandbox itself counted {} token requests and {} API calls",
        lean.requests() + leanix.requests(),
        lean.resource_requests() + leanix.resource_requests(),
    );
    sandbox.shutdown().await;
    Ok(())
}
