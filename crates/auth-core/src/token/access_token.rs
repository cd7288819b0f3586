//! The access token in the public API.

use std::fmt;
use std::ops::Deref;
use std::time::{Duration, UNIX_EPOCH};

use arc_swap::Guard;
use auth_transport::Secret;
use chrono::{DateTime, Utc};
use http::HeaderValue;
use triomphe::Arc;
use zeroize::Zeroizing;

use crate::clock::Moment;
use crate::token::lifetime::{Lifetime, Times};
use crate::token::scope::Scope;

/// Scheme and separator of the header's value.
const SCHEME: &str = "Bearer ";

/// An access token, ready to be sent.
///
/// Cloning is cheap. `Debug` does not show the token; there is no `Display` and no `Serialize`. Its memory is
/// overwritten when the last clone is dropped.
///
/// ```
/// # fn example(token: auth_core::AccessToken, client: reqwest::Client) -> reqwest::RequestBuilder {
/// client.get("https://api.example.com/").header("Authorization", token.authorization())
/// # }
/// ```
#[derive(Clone)]
pub struct AccessToken(pub(crate) Arc<Token>);

/// A token borrowed from its cache, which avoids updating a reference count that threads share.
///
/// Use it immediately and drop it: borrowing becomes slower while many are held. To keep a token, call
/// [`to_access_token`](Self::to_access_token).
pub struct CachedToken(pub(crate) Guard<Arc<Token>>);

/// The methods that [`AccessToken`] and [`CachedToken`] share.
pub struct Token {
    /// Without the header's scheme, to save memory: a program may have millions of tokens.
    text: Zeroizing<Box<str>>,
    scope: Scope,
    times: Times,
}

impl AccessToken {
    /// A token that was requested at `requested`; without a `lifetime` it has already expired. `None` if the text is
    /// not a bearer token (RFC 6750 section 2.1).
    pub(crate) fn new(token: &Secret, scope: Scope, requested: Moment, lifetime: Option<Lifetime>) -> Option<Self> {
        let text = token.expose();
        if !is_bearer_token(text) {
            return None;
        }
        let Lifetime { expires, refresh } = lifetime.unwrap_or(Lifetime { expires: 0, refresh: 0 });
        let text = Zeroizing::new(text.into());
        Some(Self(Arc::new(Token { text, scope, times: Times { requested, expires, refresh } })))
    }
}

impl CachedToken {
    pub(crate) fn of(token: AccessToken) -> Self {
        Self(Guard::from_inner(token.0))
    }

    pub(crate) fn into_access_token(self) -> AccessToken {
        AccessToken(Guard::into_inner(self.0))
    }

    /// Returns an [`AccessToken`], which can be kept.
    #[must_use]
    pub fn to_access_token(&self) -> AccessToken {
        AccessToken(Arc::clone(&self.0))
    }
}

impl Token {
    /// The placeholder of a slot without a token.
    pub(crate) fn none() -> Self {
        let times = Times { requested: Moment::new(Duration::ZERO, UNIX_EPOCH), expires: 0, refresh: 0 };
        Self { text: Zeroizing::default(), scope: Scope::empty(), times }
    }

    /// The token's times; `None` if it had expired when it was issued.
    pub(crate) fn times(&self) -> Option<Times> {
        (self.times.expires > 0).then_some(self.times)
    }

    /// The value of the `Authorization` header (RFC 6750 section 2.1), marked sensitive and overwritten on drop like
    /// the token.
    #[must_use]
    pub fn authorization(&self) -> HeaderValue {
        // The full capacity is reserved, since growing would leave an unwiped copy behind.
        let mut value = String::with_capacity(SCHEME.len() + self.text.len());
        value.push_str(SCHEME);
        value.push_str(&self.text);
        // `AccessToken::new` accepts ASCII only, so this is always a valid header value.
        Secret::from(value).into_header().unwrap_or_else(|_| HeaderValue::from_static("Bearer"))
    }

    /// The token in clear text, for receivers that accept it outside a header, such as Lean's LinkSDK.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// The scope that the token was requested for.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// When the token expires: the start of its request plus its lifetime.
    ///
    /// The lifetime is `expires_in` (RFC 6749 section 5.1; 300 seconds if the server sends none), at most 24 hours, and
    /// shorter if the token is a JWT that states a shorter one.
    #[must_use]
    pub fn expires_at(&self) -> DateTime<Utc> {
        self.times.requested.wall_after(Duration::from_millis(self.times.expires.into()))
    }

    /// The remaining lifetime by the system's wall clock; zero if the token has expired.
    ///
    /// The cache also checks the monotonic clock. For a token with a minimum remaining lifetime, call
    /// [`TokenHandle::access_token_for`](crate::TokenHandle::access_token_for).
    #[must_use]
    pub fn remaining(&self) -> Duration {
        (self.expires_at() - Utc::now()).to_std().unwrap_or_default()
    }
}

impl Deref for AccessToken {
    type Target = Token;

    fn deref(&self) -> &Token {
        &self.0
    }
}

impl Deref for CachedToken {
    type Target = Token;

    fn deref(&self) -> &Token {
        &self.0
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl fmt::Debug for CachedToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("AccessToken")
            .field("scope", &self.scope)
            .field("expires_at", &self.expires_at())
            .finish_non_exhaustive()
    }
}

/// True for the `b64token` of RFC 6750 section 2.1.
pub(crate) fn is_bearer_token(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
    !body.is_empty() && body.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_bearer_tokens_reach_a_header() {
        for text in ["a", "eyJhbGciOiJSUzI1NiJ9.eyJz.ss-q_a~P+A/", "YWJj=="] {
            assert!(is_bearer_token(text), "{text}");
        }
        for text in ["", "=", "a=b", "a b", " a", "a ", "a\r\nb", "a\0", "a\t", "\"a\"", "\u{e9}"] {
            assert!(!is_bearer_token(text), "{text:?}");
        }
    }

    #[test]
    fn a_header_is_sensitive_and_outlives_its_token() {
        let now = Moment::new(Duration::ZERO, UNIX_EPOCH);
        let token = AccessToken::new(&Secret::from("abc"), Scope::empty(), now, None).unwrap();
        let header = token.authorization();
        drop(token);
        assert_eq!((header.to_str().unwrap(), header.is_sensitive()), ("Bearer abc", true));
    }
}
