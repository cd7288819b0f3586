//! Base URLs of servers, checked before a client is built.

use std::fmt;

use url::{Host, Url};

use crate::{BaseUrlProblem, BuildError, LabelProblem};

/// The URL of a server, to which the paths of a document are appended.
///
/// It must be `https`, except for loopback addresses (`127.0.0.0/8`, `[::1]`, `localhost`). Its host must be ASCII. User
/// information, query and fragment are not permitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl {
    text: String,
    url: Url,
}

impl BaseUrl {
    /// Parses a base URL, with or without a path and a trailing slash.
    ///
    /// # Errors
    /// [`BuildError::BaseUrl`] says which rule the text breaks. It does not repeat the text.
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

    pub(crate) fn check(text: &str) -> Result<Self, BaseUrlProblem> {
        let (mut url, rest) = read(text)?;
        if url.query().is_some() || url.fragment().is_some() {
            return Err(BaseUrlProblem::QueryOrFragment);
        }
        if !is_protected(&url) {
            return Err(BaseUrlProblem::NotHttps);
        }
        if url.path() != if rest.is_empty() { "/" } else { rest } {
            return Err(BaseUrlProblem::NotAsWritten);
        }
        url.set_path(rest.trim_end_matches('/'));
        Ok(Self { text: url.as_str().trim_end_matches('/').to_owned(), url })
    }

    /// True if the scheme is `https`; false for a loopback address without TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// The URL as text, without a trailing slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The parsed URL.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

/// Parses an absolute URL whose scheme, host and port are exactly as written, and returns the text after them.
///
/// The URL standard silently repairs URLs: it adds and drops slashes, treats backslashes as slashes, decodes the host,
/// and reads numbers as IP addresses. A URL that it would change is a mistake or an attack.
pub(crate) fn read(text: &str) -> Result<(Url, &str), BaseUrlProblem> {
    if text.chars().any(|character| character.is_control() || character.is_whitespace()) {
        return Err(BaseUrlProblem::NotAUrl);
    }
    let (scheme, rest) = text.split_once("://").ok_or(BaseUrlProblem::NotAUrl)?;
    let (authority, rest) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    // A letter may look like an ASCII letter but name another host, and the URL standard converts some letters into
    // ASCII.
    if !authority.is_ascii() {
        return Err(BaseUrlProblem::NotAscii);
    }
    if authority.contains('@') {
        return Err(BaseUrlProblem::UserInformation);
    }
    let url = Url::parse(text).map_err(|_| BaseUrlProblem::NotAUrl)?;
    let host = url.host_str().filter(|_| !authority.is_empty()).ok_or(BaseUrlProblem::NotAUrl)?;
    let port = url.port_or_known_default().map(|port| format!("{host}:{port}"));
    let is_same = |one: &str| one.eq_ignore_ascii_case(authority);
    let is_as_written = (is_same(host) && url.port().is_none()) || port.is_some_and(|port| is_same(&port));
    if !url.scheme().eq_ignore_ascii_case(scheme) || !is_as_written {
        return Err(BaseUrlProblem::NotAsWritten);
    }
    Ok((url, rest))
}

/// True if a request to `url` cannot be read on the network, provided that plain `http` uses no proxy.
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

/// Checks a value that becomes one label of a host name, and returns it.
///
/// A label consists of one to 63 letters (`a-z`, `A-Z`), digits and hyphens, without a hyphen at either end (RFC 1123
/// section 2.1). Such a value cannot end the host name or start a port, a path or user information.
///
/// # Errors
/// [`BuildError::Variable`] names `variable` and the rule. It does not repeat the value.
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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
            ("https://localhost./", "https://localhost."),
            ("https://10.0.0.1:8443/a/b", "https://10.0.0.1:8443/a/b"),
            ("https://xn--80ak6aa92e.com", "https://xn--80ak6aa92e.com"),
            ("https://auth.leantech.me/%C3%BC/a%20b", "https://auth.leantech.me/%C3%BC/a%20b"),
        ] {
            assert_eq!(BaseUrl::parse(text).unwrap().as_str(), kept, "{text}");
        }
    }

    #[test]
    fn urls_that_could_misdirect_credentials_are_refused_by_rule() {
        use BaseUrlProblem::{NotAUrl, NotAsWritten, NotAscii, NotHttps, QueryOrFragment, UserInformation};
        for (text, problem) in [
            // Slashes and scheme.
            ("", NotAUrl),
            ("auth.leantech.me", NotAUrl),
            ("//auth.leantech.me", NotAUrl),
            ("https", NotAUrl),
            ("https:", NotAUrl),
            ("https://", NotAUrl),
            ("https:auth.leantech.me", NotAUrl),
            ("https:/auth.leantech.me", NotAUrl),
            ("https:/\u{430}uth.leantech.me", NotAUrl),
            ("https:///auth.leantech.me", NotAUrl),
            ("https:////auth.leantech.me", NotAUrl),
            ("https:///@auth.leantech.me", NotAUrl),
            ("https://?auth.leantech.me", NotAUrl),
            ("https://#auth.leantech.me", NotAUrl),
            ("https:\\\\auth.leantech.me", NotAUrl),
            ("https:/\\auth.leantech.me", NotAUrl),
            ("https:\\/auth.leantech.me", NotAUrl),
            ("https//auth.leantech.me", NotAUrl),
            ("https;//auth.leantech.me", NotAUrl),
            ("https ://auth.leantech.me", NotAUrl),
            ("mailto:a@b.c", NotAUrl),
            ("javascript://auth.leantech.me", NotHttps),
            ("ftp://127.0.0.1", NotHttps),
            ("http://auth.leantech.me", NotHttps),
            ("HTTP://auth.leantech.me", NotHttps),
            // White space, and characters that the URL standard silently drops.
            (" https://auth.leantech.me", NotAUrl),
            ("https://auth.leantech.me\n", NotAUrl),
            ("https://auth.\tleantech.me", NotAUrl),
            ("https://auth.leantech.me\0", NotAUrl),
            ("ht\ntps://auth.leantech.me", NotAUrl),
            ("https:/\n/auth.leantech.me", NotAUrl),
            ("https://auth.leantech.me\u{a0}", NotAUrl),
            // Backslashes.
            ("https://auth.leantech.me\\", NotAsWritten),
            ("https://auth.leantech.me\\.evil.com", NotAsWritten),
            ("https://evil.com\\auth.leantech.me", NotAsWritten),
            ("https://auth.leantech.me\\@evil.com", UserInformation),
            ("https://auth.leantech.me/a\\b", NotAsWritten),
            ("https://\\auth.leantech.me", NotAsWritten),
            // Letters outside ASCII, and percent-encoding of these and of other characters.
            ("https://\u{430}uth.leantech.me", NotAscii),
            ("https://\u{ff41}uth.leantech.me", NotAscii),
            ("https://auth\u{3002}leantech.me", NotAscii),
            ("https://auth.lean\u{ad}tech.me", NotAscii),
            ("https://auth.leantech.me\u{2215}.evil.com", NotAscii),
            ("https://%D0%B0uth.leantech.me", NotAsWritten),
            ("https://%61uth.leantech.me", NotAsWritten),
            ("https://auth%2eleantech.me", NotAsWritten),
            ("https://auth.leantech.me%2f.evil.com", NotAUrl),
            ("https://auth.leantech.me%40evil.com", NotAUrl),
            // User information.
            ("https://user:password@auth.leantech.me", UserInformation),
            ("https://@auth.leantech.me", UserInformation),
            ("https://:@auth.leantech.me", UserInformation),
            ("http://127.0.0.1@evil.com", UserInformation),
            ("https://auth.leantech.me:443@evil.com", UserInformation),
            // Ports.
            ("https://auth.leantech.me:", NotAsWritten),
            ("https://auth.leantech.me:0443", NotAsWritten),
            ("https://auth.leantech.me:99999", NotAUrl),
            ("https://auth.leantech.me:4a3", NotAUrl),
            // IP addresses in unusual forms, and names that look like IP addresses.
            ("http://2130706433", NotAsWritten),
            ("http://0x7f000001", NotAsWritten),
            ("http://0x7f.0.0.1", NotAsWritten),
            ("http://0177.0.0.1", NotAsWritten),
            ("http://127.1", NotAsWritten),
            ("http://127.0.0.1.", NotAsWritten),
            ("http://127.0.0.1./", NotAsWritten),
            ("https://134744072", NotAsWritten),
            ("http://127.0.0.256", NotAUrl),
            ("http://127.0.0.1.evil.com", NotHttps),
            ("http://localhost.evil.com", NotHttps),
            ("http://localhost.", NotHttps),
            ("http://a.localhost", NotHttps),
            ("http://0.0.0.0", NotHttps),
            ("http://[::1%25lo]", NotAUrl),
            ("http://[::1%lo]", NotAUrl),
            ("http://[::1", NotAUrl),
            ("http://::1", NotAUrl),
            ("http://[0:0:0:0:0:0:0:1]", NotAsWritten),
            ("http://[::ffff:127.0.0.1]", NotAsWritten),
            ("http://[::ffff:7f00:1]", NotHttps),
            // Components after the host.
            ("https://auth.leantech.me?tenant=a", QueryOrFragment),
            ("https://auth.leantech.me#a", QueryOrFragment),
            ("https://auth.leantech.me/?", QueryOrFragment),
            ("https://auth.leantech.me/a/../b", NotAsWritten),
            ("https://auth.leantech.me/./b", NotAsWritten),
            ("https://auth.leantech.me/%2e%2E/b", NotAsWritten),
            ("https://auth.leantech.me/\u{430}", NotAsWritten),
        ] {
            match BaseUrl::parse(text) {
                Err(BuildError::BaseUrl(found)) => assert_eq!(found, problem, "{text}"),
                other => panic!("{text}: {other:?}"),
            }
        }
    }

    /// The host as a person reads it: everything between `//` and the next slash, without a port.
    fn as_people_read_it(text: &str) -> String {
        let authority = text.split("//").nth(1).unwrap().split('/').next().unwrap();
        let port = authority.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
        port.map_or(authority, |(host, _)| host).to_ascii_lowercase()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4_096, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_host_of_what_is_accepted_is_the_one_that_people_read(text in anything_like_an_address()) {
            if let Ok(base_url) = BaseUrl::parse(&text) {
                let url = Url::parse(base_url.as_str()).unwrap();
                prop_assert_eq!(url.host_str().unwrap(), as_people_read_it(&text), "{}", text);
                prop_assert!(text.to_ascii_lowercase().starts_with(&format!("{}://", url.scheme())), "{}", text);
                prop_assert_eq!(url.path().trim_end_matches('/'), base_url.as_str().split('/').skip(3).fold(
                    String::new(), |path, segment| path + "/" + segment), "{}", text);
                prop_assert_eq!(BaseUrl::parse(base_url.as_str()).unwrap(), base_url);
            }
        }
    }

    /// Parts of addresses, most of them in the right position.
    fn anything_like_an_address() -> impl Strategy<Value = String> {
        const START: &[&str] = &[
            "https://",
            "https://",
            "https://",
            "http://",
            "HTTPS://",
            "https:",
            "https:/",
            "https:///",
            "https:\\\\",
        ];
        const PIECES: &[&str] = &[
            "auth",
            "a",
            "evil",
            "localhost",
            "127.0.0.1",
            "127",
            "0x7f",
            "0177",
            "1",
            ".",
            ".",
            ".",
            "com",
            "me",
            "-",
            "_",
            "xn--",
            "xn--80ak6aa92e",
            ":",
            ":443",
            ":8080",
            "/",
            "//",
            "\\",
            "@",
            "?",
            "#",
            "%",
            "%2e",
            "%61",
            "%D0%B0",
            "\u{430}",
            "\u{ad}",
            "\u{3002}",
            "\t",
            "\n",
            " ",
            "[",
            "]",
            "::1",
            "[::1]",
            "..",
            "user:word@",
            "A",
            "\0",
            ";",
            "!",
            "|",
        ];
        let pieces = prop::collection::vec(prop::sample::select(PIECES), 0..8);
        let anything = prop_oneof![9 => Just(String::new()), 1 => any::<String>()];
        (prop::sample::select(START), pieces, anything)
            .prop_map(|(start, pieces, rest)| format!("{start}{}{rest}", pieces.concat()))
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
