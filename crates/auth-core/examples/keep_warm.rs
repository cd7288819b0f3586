//! A scope whose callers never wait for a token: `cargo run -p auth-core --example keep_warm`. Takes some seconds.
#![allow(clippy::print_stdout, reason = "a program that shows its result")]

use std::error::Error;
use std::time::Duration;

use auth_core::lean::{Client, Scope};
use auth_core::{ClientCredentials, Event, EventContext, LeanTokenEndpoint, Observer, TokenCache};
use auth_sandbox::Sandbox;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

/// Reports each issued token to the program.
struct Issued(UnboundedSender<Duration>);

impl Observer for Issued {
    fn on_event(&self, _context: &EventContext<'_>, event: &Event<'_>) {
        if let Event::Issued { lifetime, .. } = event {
            let _ = self.0.send(*lifetime);
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // The sandbox replaces Lean here, whose tokens have a longer lifetime.
    let sandbox = Sandbox::builder().lifetime(Duration::from_secs(4)).start().await?;
    let credentials = ClientCredentials::new(sandbox.lean_client_id(), sandbox.lean_client_secret())?;
    let endpoint = LeanTokenEndpoint::new(Client::new(sandbox.base_url())?, credentials);
    let (sender, mut issued) = unbounded_channel();
    let tokens = TokenCache::builder(endpoint).observer(Issued(sender)).build().handle(&Scope::Api.into());

    let kept_warm = tokens.keep_warm()?;
    for number in 1..=3 {
        let lifetime = issued.recv().await.ok_or("the cache was dropped")?;
        println!("token {number} is valid for {} seconds and was issued without a call", lifetime.as_secs());
    }
    // From here on, a token is renewed only while it is in use.
    drop(kept_warm);

    let token = tokens.cached().ok_or("a token should be cached")?;
    println!("the first call returns it without waiting: {token:?}");
    Ok(())
}
