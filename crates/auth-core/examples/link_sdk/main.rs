//! The backend of a page that opens Lean's LinkSDK. It provides the page of a user with a token for that user's
//! customer. The client secret and the tokens for Lean's APIs never leave the backend.
//!
//! `cargo run -p auth-core --example link_sdk` prints the URL of the page and the login; an argument such as
//! `127.0.0.1:8080` sets the address to listen on. If `LEAN_CLIENT_ID`, `LEAN_CLIENT_SECRET` and `LEAN_AUTH_URL` are
//! set, it uses that authorization server, otherwise an embedded sandbox.
#![allow(clippy::print_stdout, reason = "a program that shows where it listens")]

mod app;
mod users;

use std::env;
use std::error::Error;

use auth_core::lean::Client;
use auth_core::{ClientCredentials, LeanTokenEndpoint, TokenCache};
use auth_sandbox::Sandbox;
use tokio::net::TcpListener;
use users::Users;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::start().await?;
    let tokens = TokenCache::new(endpoint(&sandbox)?);
    let users = Users::two()?;

    let address = env::args().nth(1).unwrap_or_else(|| "127.0.0.1:0".to_owned());
    let listener = TcpListener::bind(address).await?;
    println!("open http://{}", listener.local_addr()?);
    for user in users.iter() {
        println!("log in as {} with {}", user.name, user.password);
    }
    axum::serve(listener, app::router(tokens, users)).await?;
    Ok(())
}

fn endpoint(sandbox: &Sandbox) -> Result<LeanTokenEndpoint, Box<dyn Error>> {
    let (client, credentials) = match env::var("LEAN_AUTH_URL") {
        Ok(url) => {
            let (id, secret) = (env::var("LEAN_CLIENT_ID")?, env::var("LEAN_CLIENT_SECRET")?);
            (Client::new(&url)?, ClientCredentials::new(id, secret)?)
        }
        Err(_) => {
            let credentials = ClientCredentials::new(sandbox.lean_client_id(), sandbox.lean_client_secret())?;
            (Client::new(sandbox.base_url())?, credentials)
        }
    };
    Ok(LeanTokenEndpoint::new(client, credentials))
}
