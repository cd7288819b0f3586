//! Calls an API of SAP LeanIX, with a token in every request: `cargo run -p auth-core --example leanix_quick_start`.
#![allow(clippy::print_stdout, reason = "a program that shows its result")]

use std::error::Error;

use auth_core::leanix::Client;
use auth_core::{ApiToken, BearerClient, LeanixTokenEndpoint, Scope, TokenCache};
use auth_sandbox::Sandbox;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // The sandbox replaces SAP LeanIX here. Your program uses the API token of a technical user, `Client::instance("app")`, and
    // `https://app.leanix.net` as the base URL of the API.
    let sandbox = Sandbox::start().await?;
    let api_token = ApiToken::new(sandbox.leanix_api_token())?;
    let cache = TokenCache::new(LeanixTokenEndpoint::new(Client::new(sandbox.base_url())?, api_token));

    // Through a client that was generated from the API's document.
    let tokens = cache.handle(&Scope::empty());
    let runs = leanix_poll::Client::new(sandbox.base_url(), tokens.clone())?.list_poll_runs().await?;
    println!("list_poll_runs: {} poll runs", runs.data.as_ref().map_or(0, Vec::len));
    // Through plain `reqwest`.
    let api = BearerClient::new(tokens, sandbox.base_url())?;
    let answer = api.get("/services/poll/v2/pollRuns").send().await?.error_for_status()?;
    println!("GET /services/poll/v2/pollRuns: {}", answer.status());

    let requests = cache.stats().requests;
    println!("2 calls, {requests} token request");
    if requests == 1 { Ok(()) } else { Err("one token should have been enough".into()) }
}
