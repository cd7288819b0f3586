//! Calls an API of SAP LeanIX, with a token in every request: `cargo run -p auth-core --example leanix_quick_start`.
#![allow(clippy::print_stdout, reason = "a program that shows its result")]

use std::error::Error;

use auth_core::leanix::Client;
use auth_core::{ApiToken, BearerClient, LeanixTokenEndpoint, Scope, TokenCache};
use auth_sandbox::Sandbox;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // It stands for SAP LeanIX here. Your program has the API token of a technical user, and `Client::instance("app")`.
    let sandbox = Sandbox::start().await?;
    let (instance, api_token) = (Client::new(sandbox.base_url())?, ApiToken::new(sandbox.leanix_api_token())?);
    let base_url = instance.base_url().clone();
    let tokens = TokenCache::new(LeanixTokenEndpoint::new(instance, api_token));
    let api = BearerClient::new(tokens.handle(&Scope::empty()), base_url.as_str())?;
    for _ in 0..3 {
        let answer = api.get("/services/poll/v2/pollRuns").send().await?.error_for_status()?;
        println!("GET /services/poll/v2/pollRuns: {}, {} bytes", answer.status(), answer.bytes().await?.len());
    }
    let requests = tokens.stats().requests;
    println!("3 calls, {requests} token request");
    if requests == 1 { Ok(()) } else { Err("one token should have done".into()) }
}
