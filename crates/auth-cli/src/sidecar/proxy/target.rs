//! Addresses of the upstream, and what they are for callers of the proxy.

use auth_core::Origins;
use auth_transport::{BaseUrl, BuildError};
use http::{HeaderValue, Uri};
use url::Url;

/// The one server that requests are forwarded to.
#[derive(Clone, Debug)]
pub(super) struct Upstream {
    base: BaseUrl,
    origins: Origins,
}

impl Upstream {
    /// A base URL: `https`, or `http` on a loopback address.
    ///
    /// # Errors
    /// If it is something else.
    pub(super) fn parse(text: &str) -> Result<Self, BuildError> {
        Ok(Self { base: BaseUrl::parse(text)?, origins: Origins::of(text)? })
    }

    pub(super) fn base(&self) -> &BaseUrl {
        &self.base
    }

    /// The address that the target of a request stands for: the base URL, then its path and query. `None` if the path leads out of
    /// that of the base URL, or if there is none.
    pub(super) fn url(&self, target: &Uri) -> Option<Url> {
        let path = target.path_and_query()?.as_str();
        if !path.starts_with('/') {
            return None;
        }
        let url = Url::parse(&format!("{}{path}", self.base.as_str())).ok()?;
        self.inside(&url).is_some().then_some(url)
    }

    /// The `Location` of a response to the request for `url`, as a path of this proxy. `None` if it leads to another origin, or out of
    /// the path of the base URL.
    pub(super) fn location(&self, url: &Url, location: &HeaderValue) -> Option<HeaderValue> {
        let target = url.join(location.to_str().ok()?).ok()?;
        let mut path = self.inside(&target)?.to_owned();
        // `//host` would be another origin.
        if path.starts_with("//") {
            path.insert_str(0, "/.");
        }
        if path.is_empty() {
            path.push('/');
        }
        for (mark, part) in [('?', target.query()), ('#', target.fragment())] {
            if let Some(part) = part {
                path.push(mark);
                path.push_str(part);
            }
        }
        HeaderValue::from_str(&path).ok()
    }

    /// The path of an address below that of the base URL.
    fn inside<'url>(&self, url: &'url Url) -> Option<&'url str> {
        let base = self.base.url().path().trim_end_matches('/');
        let path = url.path().strip_prefix(base)?;
        (self.origins.permit(url) && (path.is_empty() || path.starts_with('/'))).then_some(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_an_address_below_the_base_url() {
        let url = |base: &str, target: &str| {
            let target = target.parse().ok()?;
            Upstream::parse(base).unwrap().url(&target).map(String::from)
        };
        for (target, wanted) in [
            ("/", Some("https://api.example/v1/")),
            ("/customers?a=b%20c", Some("https://api.example/v1/customers?a=b%20c")),
            ("http://localhost:7000/a", Some("https://api.example/v1/a")),
            ("/a/../b", Some("https://api.example/v1/b")),
            ("//evil.example/a", Some("https://api.example/v1//evil.example/a")),
            ("/@evil.example/", Some("https://api.example/v1/@evil.example/")),
            ("/a:b@c", Some("https://api.example/v1/a:b@c")),
            ("/..", None),
            ("/../admin", None),
            ("/%2e%2e/admin", None),
            ("/a/..%2f../../../../admin", None),
            ("*", None),
            ("evil.example:443", None),
        ] {
            assert_eq!(url("https://api.example/v1", target).as_deref(), wanted, "{target}");
        }
        assert_eq!(url("https://api.example", "/../a").as_deref(), Some("https://api.example/a"));
        assert_eq!(url("https://api.example", "/.evil.example").as_deref(), Some("https://api.example/.evil.example"));
        for base in ["http://api.example", "ftp://api.example", "https://api.example?a", "api.example", ""] {
            assert!(Upstream::parse(base).is_err(), "{base}");
        }
    }

    #[test]
    fn a_redirect_inside_the_upstream_is_one_of_the_proxy_and_another_is_none() {
        let upstream = Upstream::parse("https://api.example/v1").unwrap();
        let url = "https://api.example/v1/a/b".parse().unwrap();
        for (location, wanted) in [
            ("c?d=e#f", Some("/a/c?d=e#f")),
            ("/v1/", Some("/")),
            ("/v1", Some("/")),
            ("https://api.example/v1/x", Some("/x")),
            ("https://API.example:443/v1/x", Some("/x")),
            ("https://api.example/v1//evil.example/", Some("/.//evil.example/")),
            ("../../v1/x", Some("/x")),
            ("/x", None),
            ("/v10", None),
            ("../../x", None),
            ("http://api.example/v1/x", None),
            ("https://api.example:8443/v1/x", None),
            ("https://evil.example/v1/x", None),
            ("//evil.example/v1/x", None),
            ("https://user@api.example/v1/x", None),
            ("javascript:alert(1)", None),
        ] {
            let value = upstream.location(&url, &HeaderValue::from_str(location).unwrap());
            assert_eq!(value.as_ref().map(|value| value.to_str().unwrap()), wanted, "{location}");
        }
    }
}
