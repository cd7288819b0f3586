//! Proxies: which one is used for a server, and why it opened no tunnel.

use std::error::Error as StdError;
use std::fmt;

use http::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use url::Url;
use zeroize::Zeroizing;

use crate::ProxyProblem;

/// The proxies of a client, for error messages.
pub(crate) enum Proxies {
    /// The proxies of the environment, read when the client was built, as `reqwest` does.
    Environment(Box<Matcher>),
    /// A proxy that the program set: host and port, and whether it is used for every server.
    Set { address: Option<String>, is_for_all: bool },
}

impl Proxies {
    pub(crate) fn of_environment() -> Self {
        Self::Environment(Box::new(Matcher::from_system()))
    }

    /// The proxy that a program set.
    pub(crate) fn set(proxy: &reqwest::Proxy) -> Self {
        // `reqwest` shows the address only in `Debug`. A test detects a change of the format.
        let debug = Zeroizing::new(format!("{proxy:?}"));
        let is_for_all = ["Proxy(Https(", "Proxy(All("].iter().any(|start| debug.starts_with(start));
        Self::Set { address: address(&debug), is_for_all: is_for_all && debug.ends_with(", None)") }
    }

    /// For a client without proxies.
    pub(crate) fn none() -> Self {
        Self::Set { address: None, is_for_all: false }
    }

    /// Host and port of the proxy for `url`, if one is used for certain.
    pub(crate) fn certainly_to(&self, url: &Url) -> Option<String> {
        if let Self::Set { is_for_all: false, .. } = self { None } else { self.to(url) }
    }

    /// Host and port of the proxy for `url`, without user and password, provided that one is used.
    pub(crate) fn to(&self, url: &Url) -> Option<String> {
        match self {
            Self::Set { address, .. } => address.clone(),
            Self::Environment(matcher) => {
                let proxy = matcher.intercept(&url.as_str().parse().ok()?)?;
                host_and_port(proxy.uri())
            }
        }
    }
}

impl fmt::Debug for Proxies {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Proxies").finish_non_exhaustive()
    }
}

fn host_and_port(proxy: &Uri) -> Option<String> {
    let default = if proxy.scheme_str() == Some("https") { 443 } else { 80 };
    Some(format!("{}:{}", proxy.host()?, proxy.port_u16().unwrap_or(default)))
}

/// Host and port of `Url { scheme: "http", .., host: Some(Domain("proxy.example.com")), port: Some(3128), .. }`.
fn address(debug: &str) -> Option<String> {
    let member = |name: &str| {
        let rest = debug.split_once(&format!(" {name}: Some("))?.1;
        Some(rest.split_once("), ")?.0)
    };
    let (kind, host) = member("host")?.split_once('(')?;
    let host = host.trim_end_matches(')').trim_matches('"');
    let host = if kind == "Ipv6" { format!("[{host}]") } else { host.to_owned() };
    let scheme = debug.split_once("scheme: \"")?.1.split('"').next()?;
    let port = member("port").map(|port| format!(":{port}")).unwrap_or_default();
    host_and_port(&format!("{scheme}://{host}{port}/").parse().ok()?)
}

/// Why a proxy opened no tunnel, if `cause` states it.
pub(crate) fn problem(cause: &(dyn StdError + 'static)) -> Option<ProxyProblem> {
    // The type in hyper-util is private. A test detects a change of the wording.
    let text = cause.to_string();
    match text.strip_prefix("tunnel error: ")? {
        "proxy authorization required" => Some(ProxyProblem::Authentication),
        "failed to create underlying connection" => Some(ProxyProblem::Connect),
        _ => Some(ProxyProblem::Tunnel),
    }
}

#[cfg(test)]
mod tests {
    use reqwest::{NoProxy, Proxy};

    use super::*;

    #[test]
    fn a_proxy_is_named_by_host_and_port_alone() {
        let url = Url::parse("https://auth.example.com/a").unwrap();
        for (text, address) in [
            ("http://proxy.example.com:3128", "proxy.example.com:3128"),
            ("http://user:s3cret@proxy.example.com:3128/path?query", "proxy.example.com:3128"),
            ("http://user@proxy.example.com", "proxy.example.com:80"),
            ("https://proxy.example.com", "proxy.example.com:443"),
            ("https://proxy.example.com:8443", "proxy.example.com:8443"),
            ("http://10.0.0.1:3128", "10.0.0.1:3128"),
            ("http://[::1]:3128", "[::1]:3128"),
            ("proxy.example.com:3128", "proxy.example.com:3128"),
            ("http://a:, host: Some(b)@proxy.example.com", "proxy.example.com:80"),
        ] {
            for proxy in [Proxy::https(text).unwrap(), Proxy::all(text).unwrap().basic_auth("other", "s3cret")] {
                assert_eq!(Proxies::set(&proxy).to(&url).as_deref(), Some(address), "{text}");
            }
        }
        let proxy = || Proxy::https("http://proxy.example.com").unwrap();
        let several = Proxy::custom(|_| Some("http://proxy.example.com"));
        let not_for_all = proxy().no_proxy(NoProxy::from_string("internal.example.com"));
        let for_http = Proxy::http("http://proxy.example.com").unwrap();
        for (proxy, named, is_certain) in [
            (proxy(), true, true),
            (Proxy::all("http://proxy.example.com").unwrap(), true, true),
            (not_for_all, true, false),
            (for_http, true, false),
            (several, false, false),
        ] {
            let proxies = Proxies::set(&proxy);
            assert_eq!(
                (proxies.to(&url).is_some(), proxies.certainly_to(&url).is_some()),
                (named, is_certain),
                "{proxy:?}"
            );
        }
        let matcher =
            Matcher::builder().https("http://user:s3cret@proxy.example.com").no("internal.example.com").build();
        let proxies = Proxies::Environment(Box::new(matcher));
        assert_eq!(proxies.certainly_to(&url).as_deref(), Some("proxy.example.com:80"));
        assert_eq!(proxies.certainly_to(&Url::parse("https://internal.example.com").unwrap()), None);
        assert!(!format!("{proxies:?}").contains("s3cret"));
    }
}
