//! Who may use the page and the interface: programs, and the page itself, but no page of another site.

use std::net::IpAddr;

use http::{HeaderMap, Uri, header, uri::Authority};

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Foreign {
    /// It names another host.
    Host,
    /// A page of another site has caused it.
    Site,
}

/// The hosts under whose names the interface may be used.
///
/// A page of another site can reach the sandbox under a name of its own that resolves to a loopback address (DNS
/// rebinding). To the browser, it is then the same site. So names have to be permitted.
pub(crate) struct Access {
    hosts: Vec<String>,
}

impl Access {
    pub(super) fn new(hosts: Vec<String>) -> Self {
        Self { hosts: hosts.into_iter().map(|host| bare(&host).to_ascii_lowercase()).collect() }
    }

    /// Refuses a request that names another host than this machine or a permitted one. Ports do not matter: containers
    /// change them.
    pub(super) fn check_host(&self, target: &Uri, headers: &HeaderMap) -> Result<(), Foreign> {
        let sent = headers.get(header::HOST).and_then(|host| Authority::try_from(host.as_bytes()).ok());
        let named = sent.is_some_and(|host| self.permits(host.host()));
        // A request to a proxy names the host a second time (RFC 9112 section 3.2.2).
        let targeted = target.host().is_none_or(|host| self.permits(host));
        if named && targeted { Ok(()) } else { Err(Foreign::Host) }
    }

    fn permits(&self, host: &str) -> bool {
        let host = bare(host).to_ascii_lowercase();
        let is_loopback = host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        is_loopback || host == "localhost" || host.ends_with(".localhost") || self.hosts.contains(&host)
    }
}

/// Refuses a request that a page of another site has caused: the `Origin` is another one, or the browser says so.
pub(super) fn check_site(headers: &HeaderMap) -> Result<(), Foreign> {
    let host = headers.get(header::HOST).map(|host| host.as_bytes().to_ascii_lowercase()).unwrap_or_default();
    let is_own = |origin: &[u8]| {
        let origin = origin.to_ascii_lowercase();
        // The name of the host is permitted, and a browser does not let a page choose the scheme of its origin.
        [&b"http://"[..], b"https://"].into_iter().any(|scheme| origin.strip_prefix(scheme) == Some(host.as_slice()))
    };
    let origins = headers.get_all(header::ORIGIN).iter().all(|origin| is_own(origin.as_bytes()));
    let sites = headers.get_all("sec-fetch-site").iter().all(|site| site == "same-origin" || site == "none");
    if origins && sites { Ok(()) } else { Err(Foreign::Site) }
}

/// A host without the brackets of an IPv6 address.
fn bare(host: &str) -> &str {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn only_loopback_and_named_hosts_are_permitted() {
        let access = Access::new(vec!["Sandbox".to_owned(), "[fd00::1]".to_owned(), "172.17.0.2".to_owned()]);
        for (host, permitted) in [
            ("localhost", true),
            ("LOCALHOST:8080", true),
            ("sandbox.localhost:1", true),
            ("127.0.0.1:8080", true),
            ("127.1.2.3", true),
            ("[::1]:8080", true),
            ("sandbox:8080", true),
            ("SANDBOX", true),
            ("172.17.0.2:80", true),
            ("[fd00::1]:80", true),
            ("172.17.0.3:80", false),
            ("[fd00::2]", false),
            ("attacker.example", false),
            ("localhost.attacker.example", false),
            ("127.0.0.1.attacker.example:8080", false),
            ("localhost.", false),
            ("xsandbox", false),
            ("0.0.0.0", false),
        ] {
            let outcome = access.check_host(&Uri::from_static("/"), &headers(&[("host", host)]));
            assert_eq!(outcome.is_ok(), permitted, "{host}");
        }
        assert!(access.check_host(&Uri::from_static("/"), &headers(&[])).is_err());
        for (target, permitted) in [("http://localhost:80/", true), ("http://attacker.example/", false)] {
            let outcome = access.check_host(&Uri::from_static(target), &headers(&[("host", "localhost")]));
            assert_eq!(outcome.is_ok(), permitted, "{target}");
        }
    }

    #[test]
    fn only_programs_and_the_own_page_are_permitted() {
        for (sent, permitted) in [
            (&[][..], true),
            (&[("origin", "http://localhost:8080")], true),
            (&[("origin", "HTTP://LocalHost:8080"), ("sec-fetch-site", "same-origin")], true),
            (&[("sec-fetch-site", "none")], true),
            (&[("origin", "http://localhost:3000")], false),
            (&[("origin", "http://localhost")], false),
            (&[("origin", "http://localhost:8080"), ("origin", "http://a.example")], false),
            (&[("origin", "http://attacker.example")], false),
            (&[("origin", "null")], false),
            (&[("origin", "")], false),
            (&[("origin", "file://")], false),
            (&[("sec-fetch-site", "cross-site")], false),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("sec-fetch-site", "other")], false),
        ] {
            let mut headers = headers(&[("host", "localhost:8080")]);
            for (name, value) in sent {
                headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
            }
            assert_eq!(check_site(&headers).is_ok(), permitted, "{sent:?}");
        }
    }
}
