//! `auth-sandbox`: the sandbox as a program, to test clients manually.

mod cli;
mod probe;

use std::{
    error::Error,
    fmt::Display,
    io::{self, Write as _},
    net::SocketAddr,
    process::ExitCode,
    time::Duration,
};

use auth_sandbox::{Builder, Exchange, Sandbox, Script, Step};
use clap::Parser as _;

use crate::cli::Arguments;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let mut text = format!("error: {error}");
            let mut source = error.source();
            while let Some(cause) = source {
                text.push_str(&format!(": {cause}"));
                source = cause.source();
            }
            eprintln!("{text}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    if let Some(url) = &arguments.probe {
        return Ok(probe::answers(url).await?);
    }
    let mut builder = Sandbox::builder()
        .bind(SocketAddr::from((arguments.bind, arguments.port)))
        .beyond_loopback()
        .lifetime(Duration::from_secs(arguments.lifetime))
        .observer(log);
    if let Some(id) = &arguments.lean_client_id {
        builder = builder.lean_client_id(id);
    }
    if let Some(secret) = &arguments.lean_client_secret {
        builder = builder.lean_client_secret(secret);
    }
    if let Some(token) = &arguments.leanix_api_token {
        builder = builder.leanix_api_token(token);
    }
    if let Some(id) = &arguments.oauth2_client_id {
        builder = builder.oauth2_client_id(id);
    }
    if let Some(secret) = &arguments.oauth2_client_secret {
        builder = builder.oauth2_client_secret(secret);
    }
    if arguments.known_customers_only {
        builder = builder.known_customers_only();
    }
    if arguments.is_controlled() {
        builder = arguments.control_hosts.iter().fold(builder.control_over_http(), Builder::control_host);
    }
    let sandbox = builder.start().await?;
    if !arguments.bind.is_loopback() {
        eprintln!(
            "warning: {} can be reached from other machines over plain HTTP; do not use real credentials",
            arguments.bind
        );
    }
    for provider in [sandbox.lean(), sandbox.leanix(), sandbox.oauth2()] {
        prepare(&provider.script(), &arguments);
    }
    // A signal that arrives right after the announcement must not kill the program.
    let stopped = stopping()?;
    announce(&sandbox, arguments.is_controlled())?;
    stopped.await?;
    sandbox.shutdown().await;
    Ok(())
}

/// Begins to listen for Ctrl-C, and for SIGTERM, which stops containers; the result waits for one of them.
fn stopping() -> io::Result<impl Future<Output = io::Result<()>>> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};

        let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        Ok(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            Ok(())
        })
    }
    #[cfg(not(unix))]
    Ok(tokio::signal::ctrl_c())
}

/// Adds `--delay` and `--fail` to a script.
fn prepare(script: &Script, arguments: &Arguments) {
    let delay = Duration::from_millis(arguments.delay);
    if !delay.is_zero() {
        script.always(Step::token().after(delay));
    }
    if let Some(fail) = arguments.fail {
        let step = Step::status(fail.status).after(delay);
        match fail.count {
            Some(count) => script.push_times(count, step),
            None => script.always(step),
        };
    }
}

/// Prints the settings for clients, ready to paste into a shell. The secrets are valid only for the sandbox.
fn announce(sandbox: &Sandbox, controlled: bool) -> io::Result<()> {
    let client_id = sandbox.lean_client_id();
    let secret = sandbox.lean_client_secret();
    let api_token = sandbox.leanix_api_token();
    let (client, issuer) = (sandbox.oauth2_client(), sandbox.oauth2().issuer());
    let mut out = io::stdout().lock();
    for (name, value) in [
        ("LEAN_CLIENT_ID", client_id.as_str()),
        ("LEAN_CLIENT_SECRET", &secret),
        ("LEAN_AUTH_URL", sandbox.base_url()),
        ("LEAN_CUSTOMER_ID", "a1b2c3d4-e5f6-7890-abcd-ef0123456789"),
        ("LEANIX_API_TOKEN", &api_token),
        ("LEANIX_URL", sandbox.base_url()),
        ("OAUTH2_CLIENT_ID", &client.id()),
        ("OAUTH2_CLIENT_SECRET", &client.secret()),
        ("OAUTH2_ISSUER", &issuer),
    ] {
        writeln!(out, "export {name}={}", cli::shell_quoted(value))?;
    }
    out.flush()?;
    let page = if controlled { "; open it in a browser to see requests and to set faults" } else { "" };
    eprintln!("listening on {}, Ctrl-C stops{page}", sandbox.base_url());
    Ok(())
}

/// One line for each exchange, without secrets and tokens.
fn log(exchange: &Exchange) {
    let status: &dyn Display = match &exchange.status {
        Some(status) => status,
        None => &"---",
    };
    let detail = match (exchange.error, exchange.scope.as_deref()) {
        (Some(error), _) => error,
        (None, Some(scope)) => scope,
        (None, None) => "",
    };
    let (method, path) = (&exchange.method, &exchange.path);
    let line = format!("{status} {method} {path} {} ms {detail}", exchange.took.as_millis());
    eprintln!("{}", line.trim_end());
}
