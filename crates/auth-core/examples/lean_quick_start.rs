//! Calls an API of Lean, with a token in every request: `cargo run -p auth-core --example lean_quick_start`.
#![allow(clippy::print_stdout, reason = "a program that shows its result")]

use std::error::Error;

use auth_core::lean::{Client, Scope};
use auth_core::{BearerClient, ClientCredentials, LeanTokenEndpoint, TokenCache};
use auth_sandbox::Sandbox;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // The sandbox replaces Lean here. Your program uses the id and the secret of its application, `Client::sandbox_uae()`, and
    // `https://sandbox.ae.leantech.me` as the base URL of the API.
    let sandbox = Sandbox::start().await?;
    let credentials = ClientCredentials::new(sandbox.lean_client_id(), sandbox.lean_client_secret())?;
    let cache = TokenCache::new(LeanTokenEndpoint::new(Client::new(sandbox.base_url())?, credentials));

    // Through a client that was generated from the API's document.
    let tokens = cache.handle(&Scope::Api.into());
    let customers = lean_customers::Client::new(sandbox.base_url(), tokens.clone())?.list_customers().await?;
    println!("list_customers: {} customers", customers.len());
    // Through plain `reqwest`.
    let api = BearerClient::new(tokens, sandbox.base_url())?;
    let answer = api.get("/customers/v1").send().await?.error_for_status()?;
    println!("GET /customers/v1: {}", answer.status());

    let requests = cache.stats().requests;
    println!("2 calls, {requests} token request");
    if requests == 1 { Ok(()) } else { Err("one token should have been enough".into()) }
}
