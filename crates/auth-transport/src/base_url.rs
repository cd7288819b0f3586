//! Where requests go: checked before any client exists.

use std::fmt;

use url::{Host, Url};

use crate::BuildError;

/// The address that the paths of a document are appended to.
///
/// `https` only, except for loopback addresses (`127.0.0.0/8`, `[::1]`, `localhost`); with a host in ASCII; without user
/// information, query and fragment, which have no place in the address of an authorization server (RFC 6749
/// section 3.2, RFC 9700 section 2.6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl(String);

impl BaseUrl {
    /// Reads a base URL, with or without a path and a trailing slash.
    ///
    /// # Errors
    /// [`BuildError::BaseUrl`] says which rule the text breaks. The text itself is not repeated.
    ///
    /// ```
    /// use auth_transport::BaseUrl;
    ///
    /// assert_eq!(BaseUrl::parse("https://auth.example.com/")?.as_str(), "https://auth.example.com");
    /// assert!(BaseUrl::parse("http://auth.example.com").is_err());
    /// # Ok::<(), auth_transport::BuildError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, BuildError> {
        Self::check(text).map_err(BuildError::BaseUrl)
    }

    fn check(text: &str) -> Result<Self, BaseUrlProblem> {
        // The URL standard drops these in silence; an address that holds them was not meant like this.
        if text.chars().any(|character| character.is_control() || character.is_whitespace()) {
            return Err(BaseUrlProblem::NotAUrl);
        }
        // A letter that looks like another leads elsewhere, and the URL standard turns some into the other in silence.
        if !authority(text).is_ascii() {
            return Err(BaseUrlProblem::NotAscii);
        }
        let url = Url::parse(text).map_err(|_| BaseUrlProblem::NotAUrl)?;
        if !url.has_host() {
            return Err(BaseUrlProblem::NotAUrl);
        }
        if !url.username().is_empty() || url.password().is_some() || authority(text).contains('@') {
            return Err(BaseUrlProblem::UserInformation);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(BaseUrlProblem::QueryOrFragment);
        }
        if !is_protected(&url) {
            return Err(BaseUrlProblem::NotHttps);
        }
        Ok(Self(url.as_str().trim_end_matches('/').to_owned()))
    }

    /// True unless it is a loopback address without TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https:")
    }

    /// The address, without a trailing slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// What stands between `//` and the path, as written.
fn authority(text: &str) -> &str {
    let rest = text.split_once("//").map_or(text, |(_, rest)| rest);
    rest.split(['/', '?', '#', '\\']).next().unwrap_or(rest)
}

/// True if nobody on the network can read what is sent to `url`, provided that plain `http` uses no proxy.
pub(crate) fn is_protected(url: &Url) -> bool {
    match url.scheme() {
        "https" => true,
        "http" => match url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        },
        _ => false,
    }
}

/// The rule that a base URL breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BaseUrlProblem {
    /// It is not an absolute URL with a host.
    NotAUrl,
    /// It is neither `https` nor `http` to a loopback address.
    NotHttps,
    /// Its host holds a letter beyond ASCII.
    NotAscii,
    /// It holds a user name or a password.
    UserInformation,
    /// It holds a query or a fragment.
    QueryOrFragment,
}

impl fmt::Display for BaseUrlProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NotAUrl => "not an absolute URL with a host, such as https://auth.example.com",
            Self::NotHttps => "not https; plain http is accepted for loopback addresses only",
            Self::NotAscii => "the host holds letters beyond ASCII; write an international name in its `xn--` form",
            Self::UserInformation => "holds a user name or password; give credentials separately",
            Self::QueryOrFragment => "holds a query or fragment; leave out everything from `?` or `#` on",
        })
    }
}

/// Checks a value that becomes one label of a host name, and gives it back.
///
/// A label is one to 63 of the letters `a-z`, `A-Z`, digits and hyphens, without a hyphen at either end (RFC 1123
/// section 2.1). Nothing that passes can end the host name, start a port, a path or user information.
///
/// # Errors
/// [`BuildError::Variable`] names `variable` and the rule. The value itself is not repeated.
///
/// ```
/// assert_eq!(auth_transport::dns_label("subdomain", "demo-eu")?, "demo-eu");
/// assert!(auth_transport::dns_label("subdomain", "evil.com/").is_err());
/// # Ok::<(), auth_transport::BuildError>(())
/// ```
pub fn dns_label<'value>(variable: &'static str, value: &'value str) -> Result<&'value str, BuildError> {
    let problem = if value.is_empty() {
        LabelProblem::Empty
    } else if !value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        LabelProblem::Character
    } else if value.len() > 63 {
        LabelProblem::TooLong
    } else if value.starts_with('-') || value.ends_with('-') {
        LabelProblem::Hyphen
    } else {
        return Ok(value);
    };
    Err(BuildError::Variable { name: variable, problem })
}

/// The rule that a label of a host name breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LabelProblem {
    /// There is nothing in it.
    Empty,
    /// It has more than 63 characters.
    TooLong,
    /// It holds something other than ASCII letters, digits and hyphens.
    Character,
    /// It starts or ends with a hyphen.
    Hyphen,
}

impl fmt::Display for LabelProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Empty => "empty",
            Self::TooLong => "longer than 63 characters",
            Self::Character => "holds something other than ASCII letters, digits and hyphens",
            Self::Hyphen => "starts or ends with a hyphen",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_is_https_or_loopback() {
        for (text, kept) in [
            ("https://auth.leantech.me", "https://auth.leantech.me"),
            ("https://auth.leantech.me/", "https://auth.leantech.me"),
            ("https://auth.leantech.me/tenant/", "https://auth.leantech.me/tenant"),
            ("HTTPS://AUTH.leantech.me:443", "https://auth.leantech.me"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://127.9.9.9", "http://127.9.9.9"),
            ("http://[::1]:8080", "http://[::1]:8080"),
            ("http://localhost:8080", "http://localhost:8080"),
        ] {
            assert_eq!(BaseUrl::parse(text).unwrap().as_str(), kept, "{text}");
        }
    }

    #[test]
    fn what_could_send_credentials_astray_is_refused_by_rule() {
        for (text, problem) in [
            ("", BaseUrlProblem::NotAUrl),
            ("auth.leantech.me", BaseUrlProblem::NotAUrl),
            ("https://", BaseUrlProblem::NotAUrl),
            ("https://auth.leantech.me\n", BaseUrlProblem::NotAUrl),
            ("mailto:a@b.c", BaseUrlProblem::NotAUrl),
            ("http://auth.leantech.me", BaseUrlProblem::NotHttps),
            ("http://127.0.0.1.evil.com", BaseUrlProblem::NotHttps),
            ("http://localhost.evil.com", BaseUrlProblem::NotHttps),
            ("http://0.0.0.0", BaseUrlProblem::NotHttps),
            ("ftp://127.0.0.1", BaseUrlProblem::NotHttps),
            ("https://\u{430}uth.leantech.me", BaseUrlProblem::NotAscii),
            ("https://\u{ff41}uth.leantech.me", BaseUrlProblem::NotAscii),
            ("https://user:password@auth.leantech.me", BaseUrlProblem::UserInformation),
            ("https://@auth.leantech.me", BaseUrlProblem::UserInformation),
            ("http://127.0.0.1@evil.com", BaseUrlProblem::UserInformation),
            ("https://auth.leantech.me?tenant=a", BaseUrlProblem::QueryOrFragment),
            ("https://auth.leantech.me#a", BaseUrlProblem::QueryOrFragment),
        ] {
            match BaseUrl::parse(text) {
                Err(BuildError::BaseUrl(found)) => assert_eq!(found, problem, "{text}"),
                other => panic!("{text}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_label_cannot_leave_its_place_in_the_host_name() {
        let longest = "a".repeat(63);
        for value in ["app", "demo-eu", "us-2", "A1", longest.as_str()] {
            assert_eq!(dns_label("subdomain", value).unwrap(), value);
        }
        let too_long = "a".repeat(64);
        for (value, problem) in [
            ("", LabelProblem::Empty),
            (too_long.as_str(), LabelProblem::TooLong),
            ("-x", LabelProblem::Hyphen),
            ("x-", LabelProblem::Hyphen),
            ("evil.com/", LabelProblem::Character),
            ("app.leanix.net@evil.com", LabelProblem::Character),
            ("a#", LabelProblem::Character),
            ("a:1", LabelProblem::Character),
            ("a\n", LabelProblem::Character),
            ("\u{430}pp", LabelProblem::Character),
        ] {
            match dns_label("subdomain", value) {
                Err(BuildError::Variable { name: "subdomain", problem: found }) => {
                    assert_eq!(found, problem, "{value}")
                }
                other => panic!("{value}: {other:?}"),
            }
        }
    }
}
