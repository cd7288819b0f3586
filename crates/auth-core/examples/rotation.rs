//! A client secret in a file that is replaced while the program runs: `cargo run -p auth-core --example rotation`.
#![allow(clippy::print_stdout, reason = "a program that shows its result")]

use std::error::Error;
use std::io::{self, Write as _};
use std::path::Path;

use auth_core::lean::{Client, Scope};
use auth_core::{LeanTokenEndpoint, OldTokens, SecretFile, TokenCache};
use auth_sandbox::Sandbox;
use tempfile::NamedTempFile;

/// Writes a secret into a file that only its owner can read, and renames it over the old one, so that no reader gets half a secret.
fn replace(folder: &Path, file: &Path, secret: &str) -> io::Result<()> {
    let mut new = NamedTempFile::new_in(folder)?;
    new.write_all(secret.as_bytes())?;
    new.persist(file)?;
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // The sandbox replaces Lean here, and the folder the one where secrets are mounted.
    let sandbox = Sandbox::start().await?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("lean");
    replace(folder.path(), &file, &sandbox.lean_client_secret())?;

    let credentials = SecretFile::new(&file).for_client(sandbox.lean_client_id());
    let tokens = TokenCache::new(LeanTokenEndpoint::new(Client::new(sandbox.base_url())?, credentials));
    let scope = Scope::Api.into();
    println!("with the first secret: {:?}", tokens.access_token(&scope).await?);

    let replacement = "what-the-dashboard-of-Lean-showed-next";
    sandbox.set_lean_client_secret(replacement);
    replace(folder.path(), &file, replacement)?;

    // Optional: tokens are valid until they expire, and the file is read before each request. Do this if you replace a secret because
    // it leaked: tokens that were issued for it are then no longer used here.
    tokens.rotate(OldTokens::Drop);
    println!("with the second secret: {:?}", tokens.access_token(&scope).await?);

    let (requests, refusals) = (sandbox.lean().requests(), sandbox.lean().refusals());
    println!("{requests} token requests, {refusals} of them refused");
    if (requests, refusals) == (2, 0) { Ok(()) } else { Err("each secret should have been used once".into()) }
}
