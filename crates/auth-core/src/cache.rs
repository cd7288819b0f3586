//! The cache that programs talk to.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::endpoint::TokenEndpoint;
use crate::entry::{Entry, Step};
use crate::flight::Issuer;
use crate::{AccessToken, Scope, TokenError};

/// Requests that one caller waits for before it gives up, when they keep getting lost.
const ATTEMPTS: usize = 3;

/// No request is given longer than this.
const LONGEST_DEADLINE: Duration = Duration::from_secs(24 * 60 * 60);

/// Access tokens of one authorization server, fetched once per scope however many callers ask.
///
/// A token is handed out until shortly before it expires, and renewed in the background ahead of that while it is in
/// use. Callers for one scope share one request; callers for different scopes do not wait for each other. A request
/// goes on when its callers give up, and its token is there for the next. After a failed request the scope rests, from
/// half a second up to a minute, and callers get the error at once.
///
/// Cloning is cheap and shares everything. Nothing runs in the background while nobody asks. Requests are made on the
/// Tokio runtime of the caller that starts them, with I/O and time enabled; [`TokenCache::cached`] needs none. A runtime
/// that stays alive but is not driven any more, such as a single-threaded one between two calls of `block_on`, delays
/// those who wait for its request until the request's deadline.
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
}

struct Shared {
    issuer: Arc<Issuer>,
    entries: papaya::HashMap<Scope, Arc<Entry>>,
}

impl TokenCache {
    /// A cache over `endpoint` with the defaults of [`TokenCacheBuilder`].
    #[must_use]
    pub fn new(endpoint: impl TokenEndpoint) -> Self {
        Self::builder(endpoint).build()
    }

    /// A cache over `endpoint` with settings of your own.
    pub fn builder(endpoint: impl TokenEndpoint) -> TokenCacheBuilder {
        TokenCacheBuilder { issuer: Issuer { endpoint: Box::new(endpoint), deadline: Duration::from_secs(45) } }
    }

    /// A token for `scope`, from the cache or from the authorization server.
    ///
    /// # Errors
    /// [`TokenError`] if there is no usable token and none can be had.
    pub async fn access_token(&self, scope: &Scope) -> Result<AccessToken, TokenError> {
        self.handle(scope).access_token().await
    }

    /// A token for `scope` that lives for at least `min_validity` more; each call makes one request at the most.
    ///
    /// # Errors
    /// [`TokenError::ValidityTooShort`] if a new token does not live that long, [`TokenError`] as with
    /// [`access_token`](Self::access_token) otherwise.
    pub async fn access_token_for(&self, scope: &Scope, min_validity: Duration) -> Result<AccessToken, TokenError> {
        self.handle(scope).access_token_for(min_validity).await
    }

    /// The token for `scope` if it is in the cache and usable. Never waits.
    ///
    /// A token that is due for renewal is renewed in the background if the caller is on a Tokio runtime.
    #[must_use]
    pub fn cached(&self, scope: &Scope) -> Option<AccessToken> {
        let entries = self.shared.entries.pin();
        entries.get(scope).and_then(|entry| entry.cached(&self.shared.issuer))
    }

    /// Drops a token that a resource server did not accept, so that the next caller gets a new one.
    ///
    /// Only the very token is dropped: a late rejection, when it has been replaced already, changes nothing.
    pub fn reject(&self, token: &AccessToken) -> Rejection {
        let entries = self.shared.entries.pin();
        entries.get(token.scope()).map_or(Rejection::Outdated, |entry| entry.reject(token))
    }

    /// A handle for `scope` that spares each later call looking the scope up.
    #[must_use]
    pub fn handle(&self, scope: &Scope) -> TokenHandle {
        let entries = self.shared.entries.pin();
        let entry = match entries.get(scope) {
            Some(entry) => entry,
            None => entries.get_or_insert_with(scope.clone(), || Arc::new(Entry::new(scope.clone()))),
        };
        TokenHandle { entry: Arc::clone(entry), issuer: Arc::clone(&self.shared.issuer) }
    }
}

impl fmt::Debug for TokenCache {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("TokenCache").field("scopes", &self.shared.entries.len()).finish_non_exhaustive()
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

/// Settings of a [`TokenCache`].
#[must_use]
pub struct TokenCacheBuilder {
    issuer: Issuer,
}

impl TokenCacheBuilder {
    /// Time after which a request is given up, whatever its endpoint does. Default: 45 seconds; a day at most.
    pub fn request_deadline(mut self, deadline: Duration) -> Self {
        self.issuer.deadline = deadline.min(LONGEST_DEADLINE);
        self
    }

    /// The cache.
    #[must_use]
    pub fn build(self) -> TokenCache {
        let entries = papaya::HashMap::new();
        TokenCache { shared: Arc::new(Shared { issuer: Arc::new(self.issuer), entries }) }
    }
}

impl fmt::Debug for TokenCacheBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let deadline = &self.issuer.deadline;
        formatter.debug_struct("TokenCacheBuilder").field("request_deadline", deadline).finish_non_exhaustive()
    }
}

/// One scope of a [`TokenCache`], looked up once. Cloning is cheap.
#[derive(Clone)]
pub struct TokenHandle {
    entry: Arc<Entry>,
    issuer: Arc<Issuer>,
}

impl TokenHandle {
    /// The scope.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        self.entry.scope()
    }

    /// See [`TokenCache::access_token`].
    ///
    /// # Errors
    /// As there.
    pub async fn access_token(&self) -> Result<AccessToken, TokenError> {
        self.access_token_for(Duration::ZERO).await
    }

    /// See [`TokenCache::access_token_for`].
    ///
    /// # Errors
    /// As there.
    pub async fn access_token_for(&self, min_validity: Duration) -> Result<AccessToken, TokenError> {
        for _ in 0..ATTEMPTS {
            let flight = match self.entry.step(&self.issuer, min_validity) {
                Step::Ready(token) => return Ok(token),
                Step::Failed(error) => return Err(error),
                Step::Wait(flight) => flight,
            };
            // A lost request is nobody's answer: decide again.
            if let Some(result) = flight.wait().await {
                let token = result?;
                let available = token.remaining();
                return if available < min_validity {
                    Err(TokenError::ValidityTooShort { available })
                } else {
                    Ok(token)
                };
            }
        }
        Err(TokenError::Interrupted)
    }

    /// See [`TokenCache::cached`].
    #[must_use]
    pub fn cached(&self) -> Option<AccessToken> {
        self.entry.cached(&self.issuer)
    }

    /// See [`TokenCache::reject`].
    pub fn reject(&self, token: &AccessToken) -> Rejection {
        self.entry.reject(token)
    }
}

impl fmt::Debug for TokenHandle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("TokenHandle").field("scope", self.scope()).finish_non_exhaustive()
    }
}
