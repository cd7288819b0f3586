//! A token source that keeps the header of the last token.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use auth_transport::TokenSource;
use http::HeaderValue;

/// Builds the header of a token once instead of for each request.
pub(crate) struct Prepared<S: TokenSource> {
    source: S,
    last: ArcSwapOption<Ready<S::Token>>,
}

/// A token and its header.
pub(crate) struct Ready<T> {
    token: T,
    authorization: HeaderValue,
}

impl<S: TokenSource> Prepared<S> {
    pub(crate) fn new(source: S) -> Self {
        Self { source, last: ArcSwapOption::empty() }
    }
}

impl<S: TokenSource> TokenSource for Prepared<S> {
    type Token = Arc<Ready<S::Token>>;
    type Error = S::Error;

    async fn token(&self) -> Result<Self::Token, S::Error> {
        let token = self.source.token().await?;
        if let Some(last) = self.last.load_full().filter(|last| S::is_same(&last.token, &token)) {
            return Ok(last);
        }
        let authorization = self.source.authorization(&token)?;
        let ready = Arc::new(Ready { token, authorization });
        self.last.store(Some(Arc::clone(&ready)));
        Ok(ready)
    }

    fn authorization(&self, token: &Self::Token) -> Result<HeaderValue, S::Error> {
        Ok(token.authorization.clone())
    }

    fn reject(&self, token: &Self::Token) {
        self.source.reject(&token.token);
        self.last.store(None);
    }
}
