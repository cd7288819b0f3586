//! Shared code of the benchmarks.

pub(crate) mod calls;
pub(crate) mod issuer;
pub(crate) mod percentiles;
#[path = "../../../tests/support/redis_server.rs"]
pub(crate) mod redis_server;
#[path = "../../../../auth-core/benches/support/report.rs"]
pub(crate) mod report;
#[path = "../../../../auth-core/benches/support/rounds.rs"]
pub(crate) mod rounds;
#[path = "../../../tests/support/endpoint.rs"]
pub(crate) mod test_endpoint;

use std::path::Path;

use auth_core::{Scope, Secret};
use auth_fleet::{FileStore, Keys, RedisStore};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use redis_server::Server;

/// How many scopes a new process needs.
pub(crate) const SCOPES: usize = 10_000;

/// The scope of a customer, as long as a real one.
pub(crate) fn customer(number: usize) -> Scope {
    format!("customer.00000000-0000-4000-8000-{number:012x}").parse().unwrap()
}

/// The keys of all stores.
pub(crate) fn keys() -> Keys {
    Keys::new(Secret::from([1, 2].map(|byte| STANDARD.encode([byte; 32])).join("\n")))
}

/// A server that keeps nothing.
pub(crate) fn server() -> Server {
    Server::start().unwrap()
}

/// A store with its own connection, as another process would have it.
pub(crate) async fn redis_store(url: &str) -> RedisStore {
    RedisStore::connect(url, keys()).await.unwrap()
}

/// A store that is open on its own, as another process would have it.
pub(crate) fn file_store(folder: &Path) -> FileStore {
    FileStore::open(folder, keys()).unwrap()
}

/// A folder for a file store: in memory, if there is one.
pub(crate) fn folder() -> tempfile::TempDir {
    tempfile::TempDir::new_in("/dev/shm").or_else(|_| tempfile::TempDir::new()).unwrap()
}
