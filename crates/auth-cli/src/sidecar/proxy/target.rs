//! Addresses of the upstream, and what they are for callers of the proxy.

use auth_core::Origins;
use auth_transport::{BaseUrl, BuildError};
use http::{HeaderValue, Uri};
use percent_encoding::percent_decode;
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

    /// The `Location` of a response to the request for `url`: a path of this proxy if it leads to an address below the base URL,
    /// otherwise the whole address, for which the caller does not ask this proxy. `None` if it is no address.
    pub(super) fn location(&self, url: &Url, location: &HeaderValue) -> Option<HeaderValue> {
        let target = url.join(location.to_str().ok()?).ok()?;
        let Some(path) = self.inside(&target) else { return HeaderValue::from_str(target.as_str()).ok() };
        let mut path = path.to_owned();
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
        let is_below = path.is_empty() || path.starts_with('/');
        let stays = base.is_empty() || !may_lead_up(path);
        (self.origins.permit(url) && is_below && stays).then_some(path)
    }
}

/// True if a server may read a segment of this path as `..`: one that decodes separators or decodes more than once, one that takes `\`
/// for a separator, or one that cuts parameters (`..;a=b`) or control characters off.
fn may_lead_up(path: &str) -> bool {
    let mut path = path.as_bytes().to_vec();
    loop {
        let mut segments = path.split(|byte| matches!(byte, b'/' | b'\\'));
        let is_up = |segment: &[u8]| {
            let name = segment.split(|byte| *byte == b';').next().unwrap_or_default();
            name.iter().filter(|byte| !(byte.is_ascii_control() || **byte == b' ')).eq(b"..")
        };
        if segments.any(is_up) {
            return true;
        }
        let decoded: Vec<u8> = percent_decode(&path).collect();
        // Each decoding makes it shorter.
        if decoded == path {
            return false;
        }
        path = decoded;
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
            ("/..%2fadmin", None),
            ("/a%2F..%2F..%2Fadmin", None),
            ("/..%5c..%5cadmin", None),
            ("/..;/admin", None),
            ("/..;a=b/admin", None),
            ("/.%2e%3bx/admin", None),
            ("/%252e%252e/admin", None),
            ("/%25252e%25252e%25252fadmin", None),
            ("/a%2f..", None),
            ("/..%00/admin", None),
            ("/group%2Fproject", Some("https://api.example/v1/group%2Fproject")),
            ("/100%25/..a/b..;c/...", Some("https://api.example/v1/100%25/..a/b..;c/...")),
            ("/a?path=..%2f", Some("https://api.example/v1/a?path=..%2f")),
            ("*", None),
            ("evil.example:443", None),
        ] {
            assert_eq!(url("https://api.example/v1", target).as_deref(), wanted, "{target}");
        }
        assert_eq!(url("https://api.example", "/../a").as_deref(), Some("https://api.example/a"));
        // Every path is below this one.
        assert_eq!(url("https://api.example", "/..%2fa").as_deref(), Some("https://api.example/..%2fa"));
        assert_eq!(url("https://api.example", "/.evil.example").as_deref(), Some("https://api.example/.evil.example"));
        for base in ["http://api.example", "ftp://api.example", "https://api.example?a", "api.example", ""] {
            assert!(Upstream::parse(base).is_err(), "{base}");
        }
    }

    #[test]
    fn a_redirect_inside_the_upstream_is_one_of_the_proxy_and_another_is_an_address() {
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
            // Elsewhere: the proxy is not asked for these.
            ("/x", Some("https://api.example/x")),
            ("/v10", Some("https://api.example/v10")),
            ("../../x", Some("https://api.example/x")),
            ("http://api.example/v1/x", Some("http://api.example/v1/x")),
            ("https://api.example:8443/v1/x", Some("https://api.example:8443/v1/x")),
            ("https://evil.example/v1/x", Some("https://evil.example/v1/x")),
            ("//evil.example/v1/x", Some("https://evil.example/v1/x")),
            ("https://user@api.example/v1/x", Some("https://user@api.example/v1/x")),
            ("/v1/..%2fx", Some("https://api.example/v1/..%2fx")),
            ("https://[", None),
        ] {
            let value = upstream.location(&url, &HeaderValue::from_str(location).unwrap());
            assert_eq!(value.as_ref().map(|value| value.to_str().unwrap()), wanted, "{location}");
        }
    }
}
