//! What the tests share: keys, names, stores, and waiting with a deadline.

use std::future::Future;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use auth_core::Secret;
use auth_fleet::{Grant, Keys, Lease, Name, Owner, Published, RedisStore, Seen, Store, StoreError};

use crate::redis_server::Server;

/// A lifetime that no test survives.
pub(crate) const LONG: Duration = Duration::from_secs(60);

/// What a busy machine may need.
pub(crate) const SOON: Duration = Duration::from_secs(10);

/// Two keys.
pub(crate) const KEYS: &str =
    "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=\nQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkI=\n";

/// These keys.
pub(crate) fn keys() -> Keys {
    Keys::new(Secret::from(KEYS))
}

/// A store on the server.
pub(crate) async fn store(server: &Server) -> RedisStore {
    RedisStore::connect(server.url(), keys()).await.unwrap()
}

/// A name that differs from those of other calls.
pub(crate) fn name() -> Name {
    Name::new([next(); 32])
}

/// An owner that differs from those of other calls.
pub(crate) fn owner() -> Owner {
    Owner([next(); 16])
}

fn next() -> u8 {
    static NEXT: AtomicU8 = AtomicU8::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Leases the entry and publishes a value.
pub(crate) async fn publish(store: &impl Store, name: &Name, seen: Seen, value: &[u8]) -> Result<Grant, StoreError> {
    let lease = store.lease(name, owner(), seen, LONG).await?;
    let Lease::Granted(grant) = lease else { panic!("{lease:?}") };
    assert_eq!(store.publish(name, grant, value, LONG).await?, Published::Stored);
    Ok(grant)
}

/// The value of the entry.
pub(crate) async fn value(store: &impl Store, name: &Name) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(store.get(name).await?.map(|entry| entry.value))
}

/// Repeats this until it succeeds, and returns how it failed before.
pub(crate) async fn until_ok<T, F>(mut operation: impl FnMut() -> F) -> (T, Vec<StoreError>)
where
    F: Future<Output = Result<T, StoreError>>,
{
    let (started, mut errors) = (Instant::now(), Vec::new());
    loop {
        match operation().await {
            Ok(outcome) => return (outcome, errors),
            Err(error) => errors.push(error),
        }
        assert!(started.elapsed() < SOON, "{errors:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// What this returns, soon.
pub(crate) async fn soon<T>(operation: impl Future<Output = T>) -> T {
    tokio::time::timeout(SOON, operation).await.expect("it takes too long")
}
