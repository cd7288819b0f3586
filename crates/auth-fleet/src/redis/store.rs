//! The operations of a store on Redis.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use redis::{FromRedisValue, Script};

use super::link::Link;
use super::scripts::SCRIPTS;
use super::waiting::wait;
use crate::keys::Keys;
use crate::store::error::{StoreError, StoreErrorKind};
use crate::store::name::Name;
use crate::store::{Entry, Generation, Grant, Lease, Owner, Published, Seen, Store, StoreTime};

/// The longest lifetime of entries and leases in milliseconds: a year.
const LONGEST: u64 = 365 * 24 * 60 * 60 * 1000;

/// A [`Store`] on Redis 6 or later, or on Valkey.
///
/// All commands use one connection, which is opened again when it broke. Clones share it.
///
/// | URL | connection |
/// |---|---|
/// | `rediss://host:port/database`, `valkeys://…` | TLS; the certificate of the server is checked |
/// | `redis://localhost:port/database`, `valkey://…` | plain text, only for `127.0.0.0/8`, `[::1]` and `localhost` |
/// | `unix:///path?db=database` | Unix socket |
///
/// A URL may have a user and a password, as in `rediss://user:password@host`. [`RedisStoreBuilder::password`] is better: it takes
/// a source, and the password can be changed while the program runs.
///
/// TLS uses the provider that the program installed for its process, otherwise that of aws-lc-rs.
///
/// [`RedisStoreBuilder::password`]: crate::RedisStoreBuilder::password
#[derive(Clone)]
pub struct RedisStore {
    keys: Keys,
    prefix: Arc<str>,
    link: Arc<Link>,
}

impl RedisStore {
    pub(super) fn new(keys: Keys, prefix: String, link: Arc<Link>) -> Self {
        Self { keys, prefix: prefix.into(), link }
    }

    /// Waits until there is a connection.
    pub(super) async fn connected(&self) -> Result<(), StoreError> {
        self.link.connection().await.map(drop)
    }

    /// The key of the entry, which is also the channel of its notifications. The braces make Redis Cluster store all keys of a
    /// name on the same node.
    fn key(&self, name: &Name) -> String {
        format!("{}:{{{name}}}", self.prefix)
    }

    /// Runs a script for this entry.
    async fn run<T: FromRedisValue>(
        &self,
        script: &'static Script,
        key: &str,
        arguments: &[&[u8]],
    ) -> Result<T, StoreError> {
        let lease = format!("{key}:lease");
        let mut invocation = script.prepare_invoke();
        invocation.key(key).key(lease);
        for argument in arguments {
            invocation.arg(*argument);
        }
        let invocation = &invocation;
        self.link.run(|mut connection| async move { invocation.invoke_async(&mut connection).await }).await
    }
}

impl Store for RedisStore {
    fn keys(&self) -> &Keys {
        &self.keys
    }

    async fn get(&self, name: &Name) -> Result<Option<Entry>, StoreError> {
        let answer: Option<(u64, u64, Vec<u8>)> = self.run(&SCRIPTS.get, &self.key(name), &[]).await?;
        Ok(answer.map(|(generation, remaining, value)| {
            Entry::new(Generation(generation), value, Duration::from_millis(remaining))
        }))
    }

    async fn lease(&self, name: &Name, owner: Owner, seen: Seen, duration: Duration) -> Result<Lease, StoreError> {
        let (Generation(seen), is_rejected) = match seen {
            Seen::Nothing => (Generation(0), "0"),
            Seen::Entry(generation) => (generation, "0"),
            Seen::Rejected(generation) => (generation, "1"),
        };
        let (seen, duration) = (seen.to_string(), milliseconds(duration).max(1).to_string());
        let arguments = [&owner.0, seen.as_bytes(), is_rejected.as_bytes(), duration.as_bytes()];
        let answer: (String, u64, u64) = self.run(&SCRIPTS.lease, &self.key(name), &arguments).await?;
        match (answer.0.as_str(), answer.1, answer.2) {
            ("granted", generation, at) => {
                Ok(Lease::Granted(Grant { owner, generation: Generation(generation), at: StoreTime(at) }))
            }
            ("held", remaining, _) => Ok(Lease::Held(Duration::from_millis(remaining))),
            ("changed", ..) => Ok(Lease::Changed),
            _ => Err(StoreError::new(StoreErrorKind::Protocol, "an answer that no script gives")),
        }
    }

    async fn publish(
        &self,
        name: &Name,
        grant: Grant,
        value: &[u8],
        lifetime: Duration,
    ) -> Result<Published, StoreError> {
        let [generation, lifetime, at] =
            [grant.generation.0, milliseconds(lifetime), grant.at.0].map(|number| number.to_string());
        let arguments = [&grant.owner.0, generation.as_bytes(), value, lifetime.as_bytes(), at.as_bytes()];
        let is_stored: bool = self.run(&SCRIPTS.publish, &self.key(name), &arguments).await?;
        Ok(if is_stored { Published::Stored } else { Published::Superseded })
    }

    async fn release(&self, name: &Name, owner: Owner) -> Result<(), StoreError> {
        self.run::<bool>(&SCRIPTS.release, &self.key(name), &[&owner.0]).await.map(drop)
    }

    async fn wait(&self, name: &Name, seen: Option<Generation>, at_most: Duration) -> Result<(), StoreError> {
        let (key, seen) = (&self.key(name), seen.map_or(0, |generation| generation.0));
        wait(&self.link, key, at_most, || async move {
            let (generation, is_leased): (u64, bool) = self.run(&SCRIPTS.peek, key, &[]).await?;
            Ok(generation != seen || !is_leased)
        })
        .await
    }
}

/// Whole milliseconds, rounded down.
fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(LONGEST).min(LONGEST)
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("RedisStore").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}
