//! One of the programs.

use std::error::Error;
use std::io::stdin;
use std::time::{Duration, Instant};

use auth_core::lean::{Client, Scope};
use auth_core::{LeanTokenEndpoint, SecretVariable, TokenCache};
use auth_fleet::{FleetStats, Keys, RedisStore, Shared, Store};
use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The variables of a program.
pub(crate) const ISSUER: &str = "FLEET_ISSUER";
pub(crate) const CLIENT_ID: &str = "FLEET_CLIENT_ID";
pub(crate) const CLIENT_SECRET: &str = "FLEET_CLIENT_SECRET";
pub(crate) const KEYS: &str = "FLEET_KEYS";
pub(crate) const FOLDER: &str = "FLEET_FOLDER";
pub(crate) const REDIS_URL: &str = "FLEET_REDIS_URL";

/// Whether this process is one of the programs.
pub(crate) fn is_one() -> bool {
    std::env::var_os(ISSUER).is_some()
}

/// Two random keys, as two calls of `openssl rand -base64 32` print them.
pub(crate) fn new_keys() -> Result<String, Box<dyn Error>> {
    let mut keys = [[0; 32]; 2];
    for key in &mut keys {
        rand::fill(key)?;
    }
    Ok(keys.map(|key| STANDARD.encode(key)).join("\n"))
}

pub(crate) async fn run() -> Result<(), Box<dyn Error>> {
    let keys = Keys::new(SecretVariable::new(KEYS).permit_line_breaks());
    match std::env::var(REDIS_URL) {
        Ok(url) => with_store(RedisStore::connect(url, keys).await?).await,
        Err(_) => in_folder(keys).await,
    }
}

#[cfg(unix)]
async fn in_folder(keys: Keys) -> Result<(), Box<dyn Error>> {
    with_store(auth_fleet::FileStore::open(std::env::var(FOLDER)?, keys)?).await
}

#[cfg(not(unix))]
async fn in_folder(_: Keys) -> Result<(), Box<dyn Error>> {
    Err("programs cannot share a folder on this system; give the URL of a Redis server".into())
}

async fn with_store(store: impl Store) -> Result<(), Box<dyn Error>> {
    let client = Client::new(&std::env::var(ISSUER)?)?;
    let credentials = SecretVariable::new(CLIENT_SECRET).for_client(std::env::var(CLIENT_ID)?);
    let endpoint = Shared::builder(LeanTokenEndpoint::new(client, credentials), store)
        // The default of 50 ms is for machines that do not start many programs at this moment.
        .store_timeout(Duration::from_secs(2))
        .build();
    let shared = endpoint.clone();
    let tokens = TokenCache::new(endpoint);
    let scope = Scope::Api.into();

    println!("ready");
    while stdin().read_line(&mut String::new())? > 0 {
        let (before, start) = (shared.stats(), Instant::now());
        let token = tokens.access_token(&scope).await?;
        println!("a token after {} ms, {}", start.elapsed().as_millis(), source(before, shared.stats()));
        // As if an API had answered with 401. The next token will be another one, for all programs.
        tokens.reject(&token);
    }
    Ok(())
}

/// Where the token came from.
fn source(before: FleetStats, after: FleetStats) -> &'static str {
    if after.led > before.led {
        "requested for all"
    } else if after.waited > before.waited {
        "from the store, as soon as another program had requested it"
    } else if after.hits > before.hits {
        "from the store"
    } else {
        "requested without the store"
    }
}
