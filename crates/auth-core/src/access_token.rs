//! A token as programs use it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use auth_transport::Secret;
use chrono::{DateTime, Utc};
use http::HeaderValue;

use crate::Scope;
use crate::clock::Moment;
use crate::decide::TokenView;
use crate::lifetime::Lifetime;

/// Scheme and separator of the ready-made header value (RFC 6750 section 2.1).
const SCHEME: &str = "Bearer ";

/// An access token, ready to be sent.
///
/// Cloning is cheap. `Debug` does not show the token, there is no `Display` and no `Serialize`; the memory is wiped
/// when the last clone is dropped.
///
/// ```
/// # fn example(token: auth_core::AccessToken, client: reqwest::Client) -> reqwest::RequestBuilder {
/// client.get("https://api.example.com/").header("Authorization", token.authorization())
/// # }
/// ```
#[derive(Clone)]
pub struct AccessToken(pub(crate) Arc<Issued>);

/// What all clones of a token share.
pub(crate) struct Issued {
    authorization: HeaderValue,
    scope: Scope,
    times: TokenView,
    generation: u64,
}

impl AccessToken {
    /// A token that was requested at `started`, dead already without a `lifetime`. `None` if the text is no bearer token
    /// (RFC 6750 section 2.1).
    pub(crate) fn new(
        token: &Secret,
        scope: Scope,
        started: Moment,
        lifetime: Option<Lifetime>,
        generation: u64,
    ) -> Option<Self> {
        if !is_bearer_token(token.expose()) {
            return None;
        }
        let times = match lifetime {
            Some(Lifetime { expires, usable, refresh }) => TokenView {
                expires: started.after(expires),
                usable: started.after(usable),
                refresh: started.after(refresh),
            },
            None => TokenView { expires: started, usable: started, refresh: started },
        };
        let authorization = token.header_after(SCHEME).ok()?;
        Some(Self(Arc::new(Issued { authorization, scope, times, generation })))
    }

    /// The value of the `Authorization` header, marked sensitive.
    #[must_use]
    pub fn authorization(&self) -> &HeaderValue {
        &self.0.authorization
    }

    /// The token itself, for the rare receiver that wants it outside a header, such as Lean's LinkSDK.
    #[must_use]
    pub fn expose(&self) -> &str {
        // Made of ASCII in `new`, so neither the conversion nor the slice can fail.
        self.0.authorization.to_str().map_or("", |value| &value[SCHEME.len()..])
    }

    /// The scope it was requested for.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.0.scope
    }

    /// When it expires: the start of its request plus `expires_in` (RFC 6749 section 5.1).
    #[must_use]
    pub fn expires_at(&self) -> DateTime<Utc> {
        self.0.times.expires.wall
    }

    /// How long it still lives; zero if it has expired. Of wall and monotonic clock the stricter one counts.
    #[must_use]
    pub fn remaining(&self) -> Duration {
        self.0.times.expires.remaining(Moment::now())
    }
}

impl Issued {
    pub(crate) fn times(&self) -> &TokenView {
        &self.times
    }

    /// Number of the request that brought the token, counted per scope.
    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("AccessToken")
            .field("scope", &self.0.scope)
            .field("expires_at", &self.expires_at())
            .finish_non_exhaustive()
    }
}

/// True for the `b64token` of RFC 6750 section 2.1.
fn is_bearer_token(text: &str) -> bool {
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
}
