//! A call whose token was revoked is repeated with another one: `cargo run -p auth-core --example retry`.
#![allow(clippy::print_stdout, reason = "a program that shows its result")]

use std::error::Error;

use auth_core::lean::{Client, Scope};
use auth_core::{BearerClient, ClientCredentials, LeanTokenEndpoint, TokenCache};
use auth_sandbox::Sandbox;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // The sandbox replaces Lean here.
    let sandbox = Sandbox::start().await?;
    let credentials = ClientCredentials::new(sandbox.lean_client_id(), sandbox.lean_client_secret())?;
    let tokens = TokenCache::new(LeanTokenEndpoint::new(Client::new(sandbox.base_url())?, credentials));
    let api = BearerClient::new(tokens.handle(&Scope::Api.into()), sandbox.base_url())?;
    println!("first call: {}", api.get("/customers/v1").send().await?.status());

    sandbox.revoke_all();
    // The API answers 401 with the code `invalid_token`. The token is rejected, and the call is repeated once with another one.
    let answer = api.get("/customers/v1").send().await?.error_for_status()?;
    println!("second call, after the token was revoked: {}", answer.status());

    let (calls, requests) = (sandbox.lean().resource_requests(), sandbox.lean().requests());
    println!("{calls} API requests, {requests} token requests");
    if (calls, requests) == (3, 2) { Ok(()) } else { Err("one call should have been repeated".into()) }
}
