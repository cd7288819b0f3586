//! URLs of token endpoints, checked before a client is built.

use std::fmt;

use url::Url;

use crate::{BaseUrl, BaseUrlProblem, BuildError, TokenUrlProblem};

/// The URL of a token endpoint, which may have a query (RFC 6749 section 3.2).
///
/// Without its query, it follows the rules of a [`BaseUrl`]. The query is sent exactly as written. A fragment is not permitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenUrl {
    text: String,
    url: Url,
    base_url: BaseUrl,
}

impl TokenUrl {
    /// Parses the URL of a token endpoint.
    ///
    /// # Errors
    /// [`BuildError::TokenUrl`] says which rule the text breaks. It does not repeat the text.
    ///
    /// ```
    /// use auth_transport::TokenUrl;
    ///
    /// let url = "https://auth.example.com/token?tenant=a";
    /// assert_eq!(TokenUrl::parse(url)?.as_str(), url);
    /// assert!(TokenUrl::parse("https://auth.example.com/token#a").is_err());
    /// # Ok::<(), auth_transport::BuildError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, BuildError> {
        Self::check(text).map_err(BuildError::TokenUrl)
    }

    fn check(text: &str) -> Result<Self, TokenUrlProblem> {
        if text.contains('#') {
            return Err(TokenUrlProblem::Fragment);
        }
        let (address, query) = text.split_once('?').map_or((text, None), |(address, query)| (address, Some(query)));
        let base_url = BaseUrl::check(address).map_err(TokenUrlProblem::Url)?;
        let url = Url::parse(text).map_err(|_| TokenUrlProblem::Url(BaseUrlProblem::NotAUrl))?;
        // The URL standard encodes some characters and drops others.
        if url.query() != query {
            return Err(TokenUrlProblem::Query);
        }
        Ok(Self { text: text.to_owned(), url, base_url })
    }

    /// The URL as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The parsed URL.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The URL without its query and without a trailing slash, for [`Transport::to`](crate::Transport::to).
    #[must_use]
    pub fn base_url(&self) -> &BaseUrl {
        &self.base_url
    }
}

impl fmt::Display for TokenUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_url_is_kept_as_written_with_its_query() {
        for text in [
            "https://a.example/token",
            "https://a.example/token/",
            "https://a.example/token?tenant=a%20b&c",
            "https://a.example/token?",
            "https://a.example?a=/../b?c",
            "http://127.0.0.1:1/token",
        ] {
            let url = TokenUrl::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!((url.as_str(), url.to_string()), (text, text.to_owned()));
            assert_eq!(url.url().query(), text.split_once('?').map(|(_, query)| query), "{text}");
            assert_eq!(url.base_url().as_str(), text.split('?').next().unwrap().trim_end_matches('/'));
        }
    }

    #[test]
    fn urls_that_are_no_token_urls_are_refused_by_rule_and_not_repeated() {
        use BaseUrlProblem::{NotAUrl, NotAsWritten, NotHttps, UserInformation};
        use TokenUrlProblem::{Fragment, Query, Url};
        for (text, problem) in [
            ("MARKER", Url(NotAUrl)),
            ("http://a.example/MARKER", Url(NotHttps)),
            ("https://u:MARKER@a.example/token", Url(UserInformation)),
            ("https://a.example/MARKER/../b", Url(NotAsWritten)),
            ("https://a.example/token\n?MARKER", Url(NotAUrl)),
            ("https://a.example/token#MARKER", Fragment),
            ("https://a.example/token?a=1#MARKER", Fragment),
            ("https://a.example/token?MARKER=\u{e9}", Query),
            ("https://a.example/token?MARKER a", Query),
            ("https://a.example/token?MARKER\n", Query),
            ("https://a.example/token?MARKER'", Query),
            ("https://a.example/token?MARKER\"", Query),
        ] {
            let error = TokenUrl::parse(text).expect_err(text);
            assert!(error.to_string().starts_with("token URL: ") && !format!("{error} {error:?}").contains("MARKER"));
            assert!(matches!(error, BuildError::TokenUrl(found) if found == problem), "{text}: {error:?}");
        }
    }
}
