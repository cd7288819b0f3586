//! Programs that share one token: `cargo run -p auth-fleet --example fleet`, with the URL of a Redis server as an argument if you
//! have one. It starts itself again for each program; `program.rs` is what each of them does.
#![allow(clippy::print_stdout, reason = "a program that shows its result")]

mod program;
mod server;
mod started;

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use auth_sandbox::{Sandbox, Step};
use clap::Parser;

use crate::server::RedisServer;
use crate::started::{Place, Started};

/// Start programs that share one token, on a folder or on a Redis server
#[derive(Parser)]
#[command(name = "fleet")]
struct Arguments {
    /// How many programs
    #[arg(long, default_value_t = 2, value_name = "NUMBER", overrides_with = "programs")]
    programs: usize,
    /// Start a `redis-server` for the time of the demonstration, if it is installed
    #[arg(long, conflicts_with = "redis_url")]
    own_redis: bool,
    /// A Redis or Valkey server, such as `redis://127.0.0.1`; without it, the programs share a folder
    redis_url: Option<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let outcome = if program::is_one() { program::run().await } else { show(Arguments::parse()).await };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn show(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    // The sandbox replaces Lean here, and takes as long to answer as a server elsewhere.
    let sandbox = Sandbox::start().await?;
    sandbox.lean().script().always(Step::token().after(Duration::from_millis(200)));
    let folder = tempfile::tempdir()?;
    let server = if arguments.own_redis { RedisServer::start(folder.path())? } else { None };
    let place = match arguments.redis_url.or_else(|| server.as_ref().map(RedisServer::url)) {
        Some(url) => Place::Redis(url),
        None => Place::Folder(folder.path().join("tokens")),
    };
    println!("{} programs share {}", arguments.programs, place.description());

    let keys = program::new_keys()?;
    let start = |_| Started::start(&sandbox, &keys, &place);
    let mut programs = (0..arguments.programs).map(start).collect::<Result<Vec<_>, _>>()?;
    for program in &mut programs {
        program.hear()?;
    }
    for (event, requests) in [("all of them need a token", 1), ("an API rejects the token of all of them", 2)] {
        println!("\n{event}:");
        for program in &mut programs {
            program.tell()?;
        }
        for (number, program) in programs.iter_mut().enumerate() {
            println!("  program {}: {}", number + 1, program.hear()?);
        }
        let sent = sandbox.lean().requests();
        println!("token requests so far: {sent}");
        if sent != requests {
            return Err("one request was expected for each token".into());
        }
    }
    sandbox.shutdown().await;
    Ok(())
}
