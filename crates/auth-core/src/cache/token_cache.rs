//! The public type of the cache.

use std::borrow::Borrow;
use std::fmt;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use auth_transport::TokenSource;
use http::HeaderValue;

use crate::cache::handle::{TokenHandle, due, reject};
use crate::cache::observe::Stats;
use crate::cache::scopes::{ByScope, Scopes};
use crate::cache::shared::{CacheRef, Shared};
use crate::cache::slot::Rejection;
use crate::clock::millis;
use crate::token::access_token::{AccessToken, CachedToken};
use crate::token::error::token_error::TokenError;
use crate::token::scope::Scope;

/// A cache of access tokens from one authorization server. It sends one token request per scope, regardless of the
/// number of callers.
///
/// - A token is returned until shortly before it expires. A call in the last part of its lifetime renews it in the
///   background. If renewal fails, the token is returned until it expires.
/// - Callers for one scope share one request. Callers for different scopes do not wait for each other, except at the
///   start: until the server has accepted the credentials, at most 16 requests are in flight. A request continues after
///   its callers have given up, and the next caller gets its token.
/// - A transient failure is [retried](crate::TokenCacheBuilder::retries) with exponential backoff while the scope has
///   no unexpired token. If the request still fails, the scope enters a cooldown of half a second, which doubles with
///   each consecutive failure, up to 75 seconds. During the cooldown callers get the error immediately.
/// - `Retry-After` and refused credentials suspend the requests of all scopes.
/// - Every call ends by the [deadline](crate::TokenCacheBuilder::request_deadline).
///
/// Cloning is cheap, and clones share their state. The cache has no background task of its own: only in-flight requests
/// and [`TokenHandle::keep_warm`] run in the background. A request runs on the Tokio runtime of the caller that starts
/// it. The runtime must have its I/O and time drivers enabled; without a runtime, or without timers, a call fails with
/// [`TokenError::NoRuntime`]. If the runtime of a request is not driven, such as a single-threaded one between two
/// calls of `block_on`, callers that wait for the request are delayed until the deadline.
///
/// ```
/// use auth_core::{Scope, TokenCache, TokenEndpoint, TokenError, TokenResponse};
///
/// struct Fixed;
///
/// impl TokenEndpoint for Fixed {
///     async fn request_token(&self, _scope: &Scope) -> Result<TokenResponse, TokenError> {
///         Ok(TokenResponse::new("2YotnFZFEjr1zCsicMWpAA"))
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let tokens = TokenCache::new(Fixed);
/// let scope: Scope = "read".parse()?;
/// let token = tokens.access_token(&scope).await?;
/// assert_eq!(token.authorization(), "Bearer 2YotnFZFEjr1zCsicMWpAA");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct TokenCache {
    shared: Arc<Shared>,
    scopes: Arc<Scopes>,
}

impl TokenCache {
    pub(crate) fn of(shared: Shared, most_scopes: usize) -> Self {
        Self { shared: Arc::new(shared), scopes: Arc::new(Scopes::new(most_scopes)) }
    }

    /// Returns a token for `scope`, from the cache or from the authorization server.
    ///
    /// # Errors
    /// [`TokenError`] if the cache has no usable token and cannot obtain one.
    pub async fn access_token(&self, scope: &Scope) -> Result<AccessToken, TokenError> {
        self.access_token_for(scope, Duration::ZERO).await
    }

    /// Returns a token for `scope` that is valid for at least `min_validity` from now.
    ///
    /// If a new token is not valid for that long, the call fails instead of requesting another. If the scope has an
    /// unexpired token that is not valid for that long, the call neither retries a failed request nor waits for a
    /// `Retry-After`, but returns the error.
    ///
    /// # Errors
    /// [`TokenError::ValidityTooShort`] if a new token is not valid for that long; otherwise as with
    /// [`access_token`](Self::access_token).
    pub async fn access_token_for(&self, scope: &Scope, min_validity: Duration) -> Result<AccessToken, TokenError> {
        // Creating a handle takes longer than a hit.
        match self.fresh(scope, millis(min_validity)) {
            Some(token) => Ok(token.into_access_token()),
            None => self.handle(scope).access_token_for(min_validity).await,
        }
    }

    /// Like [`access_token`](Self::access_token), for a scope given as text.
    ///
    /// A hit allocates nothing if the text is canonical: sorted scope tokens without repetition, separated by single
    /// spaces, as [`Scope::as_str`] returns them.
    ///
    /// ```
    /// # use auth_core::{TokenCache, TokenError};
    /// # async fn example(tokens: TokenCache) -> Result<(), TokenError> {
    /// let token = tokens.access_token_str("api").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`TokenError::Scope`] if the text holds a character that is not allowed in a scope (RFC 6749 section 3.3);
    /// otherwise as with [`access_token`](Self::access_token).
    pub async fn access_token_str(&self, scope: &str) -> Result<AccessToken, TokenError> {
        // Slots are keyed by canonical text, so a match is the right slot.
        match self.fresh(scope.as_bytes(), 0) {
            Some(token) => Ok(token.into_access_token()),
            None => self.access_token(&scope.parse()?).await,
        }
    }

    /// Returns the cached token of a scope if it is not due for renewal.
    fn fresh<Q>(&self, scope: &Q, min_validity: u64) -> Option<CachedToken>
    where
        ByScope: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.scopes.with(scope, |slot| slot.fresh(self.shared.clock.now(), min_validity)).flatten()
    }

    /// Like [`access_token`](Self::access_token), for programs that are not async. Requests run on a thread of the
    /// cache, which is started when it is first needed.
    ///
    /// # Errors
    /// As with [`access_token`](Self::access_token), and [`TokenError::InsideRuntime`] if the token is not cached and
    /// the caller is in async code or on a thread of `tokio::task::spawn_blocking`. On a `spawn_blocking` thread, pass
    /// `access_token` to `Handle::current().block_on` instead.
    #[cfg(feature = "blocking")]
    pub fn blocking_access_token(&self, scope: &Scope) -> Result<AccessToken, TokenError> {
        self.handle(scope).blocking_access_token()
    }

    /// Returns the token for `scope` if a usable one is cached. Never waits for a request and needs no runtime; a hit
    /// allocates nothing.
    ///
    /// If the token is due for renewal and the caller is on a Tokio runtime, a renewal starts in the background.
    #[must_use]
    pub fn cached(&self, scope: &Scope) -> Option<CachedToken> {
        self.found(scope)
    }

    /// Like [`cached`](Self::cached), for a scope given as text; `None` if the text is not a scope. A hit allocates
    /// nothing if the text is canonical, see [`access_token_str`](Self::access_token_str).
    #[must_use]
    pub fn cached_str(&self, scope: &str) -> Option<CachedToken> {
        match self.found(scope.as_bytes()) {
            Some(token) => Some(token),
            None => self.cached_otherwise_written(scope),
        }
    }

    /// Looks up a text that is not canonical.
    #[cold]
    fn cached_otherwise_written(&self, text: &str) -> Option<CachedToken> {
        let scope: Scope = text.parse().ok()?;
        if scope.as_str() == text { None } else { self.cached(&scope) }
    }

    fn found<Q>(&self, scope: &Q) -> Option<CachedToken>
    where
        ByScope: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        match self.scopes.with(scope, |slot| slot.fresh(self.shared.clock.now(), 0))? {
            Some(token) => Some(token),
            None => self.found_due(scope),
        }
    }

    /// Returns the cached token of a scope if it is due for renewal but can still be returned.
    #[cold]
    #[inline(never)]
    fn found_due<Q>(&self, scope: &Q) -> Option<CachedToken>
    where
        ByScope: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        // The slot is held, so that it is not evicted while a renewal starts.
        due(&self.scopes.held(scope)?, &CacheRef::new(&self.shared, &self.scopes))
    }

    /// Drops a token that a resource server did not accept, so that the next caller gets a new one.
    ///
    /// [`Challenge::rejects_token`](crate::Challenge::rejects_token) recognizes such responses.
    ///
    /// Only this token is dropped: if it has been replaced already, nothing changes. If the next token is also rejected
    /// within two minutes, the scope enters a cooldown of one second, which doubles with each further rejection, up to
    /// a minute.
    pub fn reject(&self, token: &AccessToken) -> Rejection {
        let reject = |slot: &triomphe::Arc<_>| reject(slot, &self.shared, token);
        self.scopes.with(token.scope(), reject).unwrap_or(Rejection::Outdated)
    }

    /// Returns a handle for `scope`, whose calls do not look the scope up again.
    #[must_use]
    pub fn handle(&self, scope: &Scope) -> TokenHandle {
        let (slot, evicted) = self.scopes.slot(scope, self.shared.clock.now(), &self.shared.nothing);
        self.shared.notify_evicted(&evicted);
        TokenHandle::new(slot, CacheRef::new(&self.shared, &self.scopes))
    }

    /// Informs the cache that the credentials have been replaced. Cooldowns end, and refusals of the old credentials no
    /// longer suspend requests.
    ///
    /// This is needed only if new credentials are to be used before such a cooldown or suspension ends: a
    /// [`CredentialSource`](crate::CredentialSource) is asked before every request anyway. A `Retry-After` still
    /// applies. Callers that wait for an in-flight request get its result.
    pub fn rotate(&self, old_tokens: OldTokens) {
        self.shared.breaker.replace_credentials();
        self.scopes.for_each(|slot| slot.rotate(old_tokens == OldTokens::Drop, &self.shared.nothing));
    }

    /// Returns counters of what has happened so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.shared.observers.stats(self.scopes.len())
    }
}

impl fmt::Debug for TokenCache {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("TokenCache").field("scopes", &self.scopes.len()).finish_non_exhaustive()
    }
}

/// Provides a token with the scopes of each operation to a generated client. If the document names no scopes, the token has
/// the empty scope; for another scope, use [`TokenCache::handle`].
impl TokenSource for TokenCache {
    type Token = AccessToken;
    type Error = TokenError;

    async fn token(&self) -> Result<AccessToken, TokenError> {
        self.access_token(&Scope::empty()).await
    }

    async fn token_for(&self, scopes: &'static [&'static str]) -> Result<AccessToken, TokenError> {
        self.access_token_str(&scopes.join(" ")).await
    }

    fn authorization(&self, token: &AccessToken) -> Result<HeaderValue, TokenError> {
        Ok(token.authorization())
    }

    fn is_same(one: &AccessToken, other: &AccessToken) -> bool {
        triomphe::Arc::ptr_eq(&one.0, &other.0)
    }

    fn reject(&self, token: &AccessToken) {
        TokenCache::reject(self, token);
    }
}

/// What [`TokenCache::rotate`] does with tokens that were issued for the old credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OldTokens {
    /// They are used until they expire.
    Keep,
    /// They are dropped. If a request is in flight, only the callers that already wait for it get its token.
    Drop,
}

#[cfg(all(test, not(shuttle)))]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::UNIX_EPOCH;

    use auth_transport::ExpiresIn;
    use tokio::task::yield_now;

    use super::*;
    use crate::clock::{Clock, Moment};
    use crate::token::endpoint::TokenEndpoint;
    use crate::token::response::TokenResponse;

    /// A clock that the test sets, in seconds.
    #[derive(Clone, Default)]
    struct Seconds(Arc<AtomicU64>);

    impl Clock for Seconds {
        fn now(&self) -> Moment {
            let seconds = Duration::from_secs(self.0.load(Ordering::SeqCst));
            Moment::new(seconds, UNIX_EPOCH + seconds)
        }
    }

    /// Counts the requests it answers.
    #[derive(Clone, Default)]
    struct Counting(Arc<AtomicU64>);

    impl TokenEndpoint for Counting {
        async fn request_token(&self, _scope: &Scope) -> Result<TokenResponse, TokenError> {
            let mut response = TokenResponse::new(format!("token-{}", self.0.fetch_add(1, Ordering::SeqCst)));
            response.expires_in = Some(ExpiresIn::from_secs(60));
            Ok(response)
        }
    }

    #[tokio::test]
    async fn a_token_that_expires_before_its_caller_resumes_is_not_returned() {
        let (clock, endpoint) = (Seconds::default(), Counting::default());
        let tokens = TokenCache::builder(endpoint.clone()).clock(clock.clone()).build();
        let scope = Scope::empty();
        let sleep_through_its_life = async {
            while tokens.cached(&scope).is_none() {
                yield_now().await;
            }
            clock.0.store(3_600, Ordering::SeqCst);
        };
        let both = async { tokio::join!(biased; sleep_through_its_life, tokens.access_token(&scope)) };
        let ((), token) = tokio::time::timeout(Duration::from_secs(60), both).await.expect("a token within a minute");
        assert_eq!((token.unwrap().expose(), endpoint.0.load(Ordering::SeqCst)), ("token-1", 2));
    }
}
