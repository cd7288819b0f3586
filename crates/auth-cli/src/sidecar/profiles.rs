//! The profiles that are served.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use auth_core::{AccessToken, KeptWarm, Scope, TokenError, TokenHandle};
use tokio::time::sleep;

use crate::config::Config;
use crate::failure::Failure;
use crate::tokens::{self, ProfileTokens};

/// How long a token counts as new for callers that ask for a new one, so that they cannot make this process send requests without
/// end.
const NEW: Duration = Duration::from_secs(10);

/// How long a scope keeps a token that has replaced a rejected one, whatever servers answer to it.
const KEPT: Duration = Duration::from_secs(60);

/// The cache does not replace a token that is younger than this.
const YOUNG: Duration = Duration::from_secs(1);

/// A profile with its tokens.
pub(super) struct Served {
    tokens: ProfileTokens,
    warm: Option<(TokenHandle, KeptWarm)>,
    /// When a caller last got a new token for a scope because it asked for one, or because the one before was rejected.
    renewed: Mutex<BTreeMap<Scope, Instant>>,
}

/// All profiles by name.
pub(super) struct Profiles {
    config: Config,
    served: BTreeMap<String, Arc<Served>>,
}

impl Profiles {
    /// Opens the profiles of a configuration. Those that are the same in `previous` keep their tokens.
    ///
    /// Must be called in a runtime, which renews the tokens of profiles with `keep_warm`.
    ///
    /// # Errors
    /// What is wrong with the configuration.
    pub(super) fn open(config: Config, previous: Option<&Self>) -> Result<Self, Failure> {
        let mut served = BTreeMap::new();
        for (name, profile) in &config.profiles {
            let same = previous.filter(|previous| previous.config.says_the_same_of(name, &config));
            let same = same.and_then(|previous| previous.served.get(name).cloned());
            let opened = match same {
                Some(same) => same,
                None => Arc::new(Served::open(tokens::open(&config, name)?, profile.keep_warm)?),
            };
            served.insert(name.clone(), opened);
        }
        Ok(Self { config, served })
    }

    pub(super) fn get(&self, name: &str) -> Option<&Arc<Served>> {
        self.served.get(name)
    }

    /// The profiles whose tokens are kept warm, and whether there is a token.
    pub(super) fn warm(&self) -> impl Iterator<Item = (&str, bool)> {
        self.served.iter().filter_map(|(name, served)| served.is_warm().map(|is_warm| (name.as_str(), is_warm)))
    }
}

impl Served {
    fn open(tokens: ProfileTokens, keep_warm: bool) -> Result<Self, Failure> {
        let warm = if keep_warm {
            let handle = tokens.cache.handle(&tokens.default_scope);
            let guard = handle.keep_warm().map_err(|error| Failure::from(&error).of_profile(&tokens.name))?;
            Some((handle, guard))
        } else {
            None
        };
        Ok(Self { tokens, warm, renewed: Mutex::default() })
    }

    /// The scope of requests that name none.
    pub(super) fn default_scope(&self) -> &Scope {
        &self.tokens.default_scope
    }

    /// Whether there is a token; `None` if this profile is not kept warm.
    fn is_warm(&self) -> Option<bool> {
        self.warm.as_ref().map(|(handle, _)| handle.cached().is_some())
    }

    /// A token that is valid for at least this long.
    pub(super) async fn token(&self, scope: &Scope, min_validity: Duration) -> Result<AccessToken, TokenError> {
        let cache = &self.tokens.cache;
        let token = cache.access_token(scope).await?;
        if token.remaining() >= min_validity {
            return Ok(token);
        }
        // The store may have had one that does not last. The cache replaces it, and fails if a new one does not last either.
        cache.access_token_for(scope, min_validity).await
    }

    /// A token that the authorization server has just issued, or that it issued to another caller in the last ten seconds.
    ///
    /// If the server returns the same token again, so does this.
    pub(super) async fn new_token(&self, scope: &Scope, min_validity: Duration) -> Result<AccessToken, TokenError> {
        if self.was_renewed(scope, NEW) {
            return self.token(scope, min_validity).await;
        }
        let cached = self.tokens.cache.cached(scope).map(|token| token.to_access_token());
        let old = match cached {
            Some(old) => old,
            None => self.tokens.cache.access_token(scope).await?,
        };
        let token = self.renew(scope, &old, min_validity).await?;
        self.renewed().insert(scope.clone(), Instant::now());
        Ok(token)
    }

    /// Another token than this one, which a server has rejected; `None` if there is none now.
    ///
    /// The server may reject every token for one address. So the old token stays for other requests until there is another one, and
    /// rejections replace the token of a scope once a minute at most: one caller cannot stop the others.
    pub(super) async fn instead_of(&self, rejected: &AccessToken, scope: &Scope) -> Option<AccessToken> {
        let other = |token: AccessToken| (token.expose() != rejected.expose()).then_some(token);
        let current = self.tokens.cache.access_token(scope).await.ok().and_then(other);
        if current.is_some() || self.was_renewed(scope, KEPT) {
            return current;
        }
        let mut renewed = self.renew(scope, rejected, Duration::ZERO).await.ok()?;
        if renewed.expose() == rejected.expose() {
            sleep(YOUNG).await;
            renewed = self.renew(scope, rejected, Duration::ZERO).await.ok()?;
        }
        self.renewed().insert(scope.clone(), Instant::now());
        other(renewed)
    }

    /// Replaces a token. All share the request that do this at the same time.
    async fn renew(&self, scope: &Scope, old: &AccessToken, min_validity: Duration) -> Result<AccessToken, TokenError> {
        // The old token is not valid for that long, but a new one is. The clock of the cache is exact to some milliseconds.
        let longer = (old.remaining() + Duration::from_millis(50)).max(min_validity);
        match self.tokens.cache.access_token_for(scope, longer).await {
            Err(TokenError::ValidityTooShort { .. }) => self.token(scope, min_validity).await,
            token => token,
        }
    }

    /// True if a token was replaced, and not longer ago than this.
    fn was_renewed(&self, scope: &Scope, age: Duration) -> bool {
        self.renewed().get(scope).is_some_and(|at| at.elapsed() < age)
    }

    fn renewed(&self) -> MutexGuard<'_, BTreeMap<Scope, Instant>> {
        // The map is whole even if a thread panicked while it held the lock.
        let mut renewed = self.renewed.lock().unwrap_or_else(PoisonError::into_inner);
        renewed.retain(|_, at| at.elapsed() < KEPT);
        renewed
    }
}
