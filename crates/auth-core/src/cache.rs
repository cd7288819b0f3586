//! The cache that programs talk to.

use std::borrow::Borrow;
use std::fmt;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use crate::access_token::{AccessToken, CachedToken};
use crate::builder::TokenCacheBuilder;
use crate::clock::millis;
use crate::endpoint::TokenEndpoint;
use crate::handle::{TokenHandle, due, reject};
use crate::issuer::{CacheRef, Issuer};
use crate::observe::Stats;
use crate::scopes::{Scopes, Slot};
use crate::{Scope, TokenError};

/// Access tokens of one authorization server, fetched once per scope however many callers ask.
///
/// A token is handed out until shortly before it expires, and renewed in the background ahead of that while it is in
/// use. Callers for one scope share one request; callers for different scopes do not wait for each other. A request
/// goes on when its callers give up, and its token is there for the next. A failed request is repeated, a little later
/// each time, if that is promising and nobody has a token that lives; after that the scope rests, from half a second up
/// to a minute and a quarter, and callers get the error at once. When the server asks to be left alone, or does not
/// accept the credentials, all scopes rest. Whatever happens, a call ends by the
/// [deadline](TokenCacheBuilder::request_deadline).
///
/// Cloning is cheap and shares everything. Nothing runs in the background while nobody asks. Requests are made on the
/// Tokio runtime of the caller that starts them, with I/O and time enabled, and fail with
/// [`TokenError::NoRuntime`] without; [`TokenCache::cached`] needs none. A runtime that stays alive but is not driven any
/// more, such as a single-threaded one between two calls of `block_on`, delays those who wait for its request until the
/// request's deadline.
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
    issuer: Arc<Issuer>,
    scopes: Arc<Scopes>,
}

impl TokenCache {
    /// A cache over `endpoint` with the defaults of [`TokenCacheBuilder`].
    #[must_use]
    pub fn new(endpoint: impl TokenEndpoint) -> Self {
        Self::builder(endpoint).build()
    }

    /// A cache over `endpoint` with settings of your own.
    pub fn builder(endpoint: impl TokenEndpoint) -> TokenCacheBuilder {
        TokenCacheBuilder::new(Box::new(endpoint))
    }

    pub(crate) fn of(issuer: Issuer, most_scopes: usize) -> Self {
        Self { issuer: Arc::new(issuer), scopes: Arc::new(Scopes::new(most_scopes)) }
    }

    /// A token for `scope`, from the cache or from the authorization server.
    ///
    /// # Errors
    /// [`TokenError`] if there is no usable token and none can be had.
    pub async fn access_token(&self, scope: &Scope) -> Result<AccessToken, TokenError> {
        self.access_token_for(scope, Duration::ZERO).await
    }

    /// A token for `scope` that lives for at least `min_validity` more; each call makes one request at the most, apart
    /// from repeating one that failed. While a token lives that is only too near its end for this caller, none is repeated,
    /// and none waits for a server that asked to be left alone.
    ///
    /// # Errors
    /// [`TokenError::ValidityTooShort`] if a new token does not live that long, [`TokenError`] as with
    /// [`access_token`](Self::access_token) otherwise.
    pub async fn access_token_for(&self, scope: &Scope, min_validity: Duration) -> Result<AccessToken, TokenError> {
        // A handle costs more than a hit.
        match self.fresh(scope, millis(min_validity)) {
            Some(token) => Ok(token.into_access_token()),
            None => self.handle(scope).access_token_for(min_validity).await,
        }
    }

    /// As [`access_token`](Self::access_token), for a scope that is given as text. A hit allocates nothing if the text is
    /// canonical: its tokens in order, each once, separated by single spaces, as [`Scope::as_str`] writes them.
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
    /// [`TokenError::Scope`] if the text holds a character that no scope has (RFC 6749 section 3.3), [`TokenError`] as with
    /// [`access_token`](Self::access_token) otherwise.
    pub async fn access_token_str(&self, scope: &str) -> Result<AccessToken, TokenError> {
        // Whatever is found by a text is found by its canonical form.
        match self.fresh(scope.as_bytes(), 0) {
            Some(token) => Ok(token.into_access_token()),
            None => self.access_token(&scope.parse()?).await,
        }
    }

    /// The token of a scope if it is not due for renewal.
    fn fresh<Q>(&self, scope: &Q, min_validity: u64) -> Option<CachedToken>
    where
        Slot: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.scopes.with(scope, |entry| entry.fresh(self.issuer.clock.now(), min_validity)).flatten()
    }

    /// As [`access_token`](Self::access_token), for programs that are not async. Requests are made on a thread of the
    /// cache's own, which the first call that needs it begins.
    ///
    /// # Errors
    /// As there, and [`TokenError::InsideRuntime`] if the token is not at hand and the caller is in async code or on a
    /// thread of `tokio::task::spawn_blocking`, where `Handle::current().block_on` can wait for `access_token`.
    #[cfg(feature = "blocking")]
    pub fn blocking_access_token(&self, scope: &Scope) -> Result<AccessToken, TokenError> {
        self.handle(scope).blocking_access_token()
    }

    /// The token for `scope` if it is in the cache and usable. Never waits, allocates nothing, needs no runtime.
    ///
    /// A token that is due for renewal is renewed in the background if the caller is on a Tokio runtime.
    #[must_use]
    pub fn cached(&self, scope: &Scope) -> Option<CachedToken> {
        self.found(scope)
    }

    /// As [`cached`](Self::cached), for a scope that is given as text. Allocates nothing if the text is canonical, as with
    /// [`access_token_str`](Self::access_token_str); `None` if it holds a character that no scope has.
    #[must_use]
    pub fn cached_str(&self, scope: &str) -> Option<CachedToken> {
        match self.found(scope.as_bytes()) {
            Some(token) => Some(token),
            None => self.cached_otherwise_written(scope),
        }
    }

    /// What is cached for a text that is not canonical.
    #[cold]
    fn cached_otherwise_written(&self, text: &str) -> Option<CachedToken> {
        let scope: Scope = text.parse().ok()?;
        if scope.as_str() == text { None } else { self.cached(&scope) }
    }

    fn found<Q>(&self, scope: &Q) -> Option<CachedToken>
    where
        Slot: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        match self.scopes.with(scope, |entry| entry.fresh(self.issuer.clock.now(), 0))? {
            Some(token) => Some(token),
            None => self.found_due(scope),
        }
    }

    /// The token of a scope if it is good, but due for renewal or worse.
    #[cold]
    #[inline(never)]
    fn found_due<Q>(&self, scope: &Q) -> Option<CachedToken>
    where
        Slot: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        // A request that is due begins in an entry that is held, or it might be evicted together with its entry.
        due(&self.scopes.held(scope)?, &CacheRef::new(&self.issuer, &self.scopes))
    }

    /// Drops a token that a resource server did not accept, so that the next caller gets a new one.
    ///
    /// [`Challenge::rejects_token`](crate::Challenge::rejects_token) tells such an answer from others.
    ///
    /// Only the very token is dropped: a late rejection, when it has been replaced already, changes nothing. When the
    /// next token is rejected as well, within two minutes, the scope rests for a second before it gets another, and
    /// twice as long each further time, up to a minute.
    pub fn reject(&self, token: &AccessToken) -> Rejection {
        let reject = |entry: &triomphe::Arc<_>| reject(entry, &self.issuer, token);
        self.scopes.with(token.scope(), reject).unwrap_or(Rejection::Outdated)
    }

    /// A handle for `scope` that spares each later call looking the scope up.
    #[must_use]
    pub fn handle(&self, scope: &Scope) -> TokenHandle {
        let (entry, evicted) = self.scopes.entry(scope, self.issuer.clock.now(), &self.issuer.nothing);
        self.issuer.tell_evicted(&evicted);
        TokenHandle::new(entry, CacheRef::new(&self.issuer, &self.scopes))
    }

    /// Says that the credentials have been replaced, so that failures of the old ones stand in nobody's way.
    ///
    /// [`CredentialSource`](crate::CredentialSource)s are asked for each request anyway. What the server asked for by
    /// `Retry-After` still counts. Callers who wait for a request that is under way get what becomes of it.
    pub fn rotate(&self, old_tokens: OldTokens) {
        self.issuer.gate.replace_credentials();
        self.scopes.for_each(|entry| entry.rotate(old_tokens == OldTokens::Drop, &self.issuer.nothing));
    }

    /// What has happened so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.issuer.observers.stats(self.scopes.len())
    }
}

impl fmt::Debug for TokenCache {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("TokenCache").field("scopes", &self.scopes.len()).finish_non_exhaustive()
    }
}

/// What became of a rejection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rejection {
    /// The token was dropped; the next caller gets a new one.
    Dropped,
    /// The token was not in the cache any more; nothing changed.
    Outdated,
}

/// What becomes of tokens that were issued to credentials that have been replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OldTokens {
    /// They are used until they expire.
    Keep,
    /// They are dropped; those on their way go to nobody but those who wait for them already.
    Drop,
}
