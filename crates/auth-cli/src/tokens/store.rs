//! The store of a profile, between its endpoint and its cache.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use auth_core::{TokenCache, TokenCacheBuilder, TokenEndpoint};
use auth_fleet::{FileStore, Health, Keys, Shared, Store, StoreError, StoreErrorKind};

use crate::config::cache::CacheSettings;
use crate::config::profile::Profile;
use crate::failure::Failure;
use crate::tokens::endpoint::ProfileEndpoint;
use crate::tokens::folder::{self, NoFolder};
use crate::tokens::identity::SlowSecrets;
use crate::tokens::key::{self, CacheKey};

/// How long an operation of the store in a folder may take. With hundreds of processes at a time, it is the processor that takes long.
pub(crate) const FOLDER_TIMEOUT: Duration = Duration::from_secs(10);
/// How long an operation of Redis may take, which includes opening the connection.
#[cfg(feature = "redis")]
const REDIS_TIMEOUT: Duration = Duration::from_secs(2);

/// What keeps the tokens of a profile from being shared.
#[derive(Clone)]
pub(super) struct Trouble(Arc<dyn Fn() -> Option<String> + Send + Sync>);

impl Trouble {
    pub(super) fn message(&self) -> Option<String> {
        (self.0)()
    }
}

impl fmt::Debug for Trouble {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Trouble").field(&self.message()).finish()
    }
}

/// The cache of a profile.
pub(super) fn open(
    settings: &CacheSettings,
    profile: &Profile,
    deadline: Duration,
) -> Result<(TokenCache, Trouble), Failure> {
    match settings {
        CacheSettings::Folder(named) => match file_store(named.as_deref(), &profile.name, deadline) {
            Ok(store) => {
                let endpoint = ProfileEndpoint::new(&profile.provider, SlowSecrets::StandIn);
                Ok(shared(endpoint, store, [FOLDER_TIMEOUT, deadline], of_folder))
            }
            Err(NoFolder::Unsafe(failure)) => Err(failure),
            Err(NoFolder::Unavailable(problem)) => {
                let endpoint = ProfileEndpoint::new(&profile.provider, SlowSecrets::StandIn);
                let cache = observed(TokenCache::builder(endpoint)).request_deadline(deadline).build();
                Ok((cache, Trouble(Arc::new(move || Some(problem.clone())))))
            }
        },
        #[cfg(feature = "redis")]
        CacheSettings::Redis(settings) => {
            let store = redis_store(settings)?;
            // Hosts may have different secrets at the same place.
            let endpoint = ProfileEndpoint::new(&profile.provider, SlowSecrets::Read);
            Ok(shared(endpoint, store, [REDIS_TIMEOUT, deadline], StoreError::to_string))
        }
        #[cfg(not(feature = "redis"))]
        CacheSettings::Redis(_) => Err(Failure::usage("this program was built without the feature `redis`")),
    }
}

/// The same cache, whose events a sidecar counts and logs.
#[cfg(feature = "sidecar")]
fn observed(cache: TokenCacheBuilder) -> TokenCacheBuilder {
    cache.observer(auth_core::TracingObserver::default()).observer(auth_core::MetricsObserver::default())
}

#[cfg(not(feature = "sidecar"))]
fn observed(cache: TokenCacheBuilder) -> TokenCacheBuilder {
    cache
}

fn shared(
    endpoint: impl TokenEndpoint,
    store: impl Store,
    [timeout, deadline]: [Duration; 2],
    describe: fn(&StoreError) -> String,
) -> (TokenCache, Trouble) {
    // One half for a request, the other for waiting for those of other processes.
    let half = deadline / 2;
    let shared = Shared::builder(endpoint, store).store_timeout(timeout).request_deadline(half).longest_wait(half);
    #[cfg(feature = "sidecar")]
    let shared = shared.observer(auth_core::TracingObserver::default()).observer(auth_core::MetricsObserver::default());
    let shared = shared.build();
    let health = shared.clone();
    let trouble = Trouble(Arc::new(move || match health.health() {
        Health::Alone { error, .. } => Some(describe(&error)),
        _ => None,
    }));
    (observed(TokenCache::builder(shared)).request_deadline(deadline).build(), trouble)
}

/// What is wrong with the store in a folder. The user has not configured its keys, and gets a remedy of this program.
fn of_folder(error: &StoreError) -> String {
    let text = error.to_string();
    let Some(problem) = text.strip_prefix("the store cannot be used as configured: ") else { return text };
    key::explained(problem)
}

fn file_store(named: Option<&std::path::Path>, profile: &str, deadline: Duration) -> Result<FileStore, NoFolder> {
    let folder = folder::path(named)?;
    folder::create(&folder)?;
    // One half is for the token, which is requested without the cache if there is no key.
    let keys = Keys::new(CacheKey::new(folder.clone(), FOLDER_TIMEOUT.min(deadline / 2)));
    FileStore::open(folder::of_profile(&folder, profile), keys).map_err(|error| match error.kind() {
        StoreErrorKind::Configuration => NoFolder::Unsafe(Failure::usage(error.to_string())),
        _ => NoFolder::Unavailable(error.to_string()),
    })
}

#[cfg(feature = "redis")]
fn redis_store(settings: &crate::config::cache::RedisSettings) -> Result<auth_fleet::RedisStore, Failure> {
    let crate::config::cache::RedisSettings { url, keys, user, password, prefix } = settings;
    let mut builder = auth_fleet::RedisStore::builder(url.clone()).keys(Keys::new(keys.clone()));
    if let Some(prefix) = prefix {
        builder = builder.prefix(prefix);
    }
    if let Some(user) = user {
        builder = builder.user(user);
    }
    if let Some(password) = password {
        builder = builder.password(password.clone());
    }
    // The words of the configuration instead of those of the library.
    let in_words =
        |text: String| text.replace("call `password`", "set `password`").replace(", or call `plain_text_allowed`", "");
    builder.build().map_err(|error| Failure::usage(in_words(error.to_string())))
}
