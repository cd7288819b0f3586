//! A program that is not async: `cargo run -p auth-core --example blocking --features blocking`.
#![allow(clippy::print_stdout, reason = "a program that shows its result")]

use std::error::Error;

use auth_core::lean::{Client, Scope};
use auth_core::{ClientCredentials, LeanTokenEndpoint, TokenCache};
use auth_sandbox::Sandbox;
use tokio::runtime::Runtime;

fn main() -> Result<(), Box<dyn Error>> {
    // The sandbox replaces Lean here, on a runtime that the rest of the program does not use.
    let runtime = Runtime::new()?;
    let sandbox = runtime.block_on(Sandbox::start())?;
    let credentials = ClientCredentials::new(sandbox.lean_client_id(), sandbox.lean_client_secret())?;
    let tokens = TokenCache::new(LeanTokenEndpoint::new(Client::new(sandbox.base_url())?, credentials));
    let scope = Scope::Api.into();

    // Requests within one machine must not go through a proxy. Your program does not need this.
    let client = reqwest::blocking::Client::builder().no_proxy().build()?;
    for _ in 0..3 {
        let token = tokens.blocking_access_token(&scope)?;
        let call = client.get(sandbox.lean().resource_url()).header("Authorization", token.authorization());
        let answer = call.send()?.error_for_status()?;
        println!("GET /customers/v1: {}, {} bytes", answer.status(), answer.bytes()?.len());
    }
    let requests = tokens.stats().requests;
    println!("3 calls, {requests} token request");
    if requests == 1 { Ok(()) } else { Err("one token should have been enough".into()) }
}
