//! The origins that a token may be sent to.

use http::Uri;
use url::Url;

use crate::base_url::{is_protected, read};
use crate::{BaseUrl, BuildError};

/// The origins that a token may be sent to: scheme, host and port together (RFC 6454 section 4).
///
/// Anyone who has a bearer token can use it. Clients therefore send a token only to the servers that it is for, and refuse requests
/// to any other URL, whether it is a mistake or an attack.
///
/// ```
/// use auth_transport::Origins;
///
/// let origins = Origins::of("https://api.example.com/v1")?.and("https://files.example.com")?;
/// assert!(origins.permit(&"https://api.example.com/v2?a=b".parse()?));
/// assert!(!origins.permit(&"https://api.example.com.evil.com/v2".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origins(Vec<Url>);

impl Origins {
    /// The origin of this base URL; its path is ignored.
    ///
    /// # Errors
    /// [`BuildError::BaseUrl`] as with [`BaseUrl::parse`].
    pub fn of(base_url: &str) -> Result<Self, BuildError> {
        Self(Vec::new()).and(base_url)
    }

    /// Adds the origin of another base URL.
    ///
    /// # Errors
    /// [`BuildError::BaseUrl`] as with [`BaseUrl::parse`].
    pub fn and(mut self, base_url: &str) -> Result<Self, BuildError> {
        self.0.push(BaseUrl::parse(base_url)?.url().clone());
        Ok(self)
    }

    /// True if a token may be sent to this URL.
    #[must_use]
    pub fn permit(&self, url: &Url) -> bool {
        let has_user = !url.username().is_empty() || url.password().is_some();
        !has_user && is_protected(url) && self.0.iter().any(|own| is_same_origin(own, url))
    }

    /// True if a token may be sent to this URI.
    ///
    /// HTTP clients parse the host of a [`Uri`] by their own rules. A URI that matches an origin only by the rules of the URL
    /// standard, such as `http://127.0.0.1./`, is not permitted.
    #[must_use]
    pub fn permit_uri(&self, uri: &Uri) -> bool {
        read(&uri.to_string()).is_ok_and(|(url, _)| self.permit(&url))
    }
}

/// Compares origins without the copies that [`Url::origin`] makes.
fn is_same_origin(one: &Url, other: &Url) -> bool {
    let ports = one.port_or_known_default() == other.port_or_known_default();
    ports && one.scheme() == other.scheme() && one.host() == other.host()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_elsewhere_is_refused_however_it_is_written() {
        let origins = Origins::of("https://api.example.com/v1/").unwrap().and("http://127.0.0.1:8080").unwrap();
        for (address, permitted) in [
            ("https://api.example.com", true),
            ("https://API.EXAMPLE.com:443/anything?a#b", true),
            ("http://127.0.0.1:8080/", true),
            ("http://api.example.com/v1", false),
            ("https://api.example.com:8443/v1", false),
            ("https://example.com/v1", false),
            ("https://api.example.com.evil.com/v1", false),
            ("https://evil.com/?https://api.example.com", false),
            ("https://evil.com#@api.example.com", false),
            ("https://evil.com\\@api.example.com", false),
            ("https://api.example.com@evil.com/", false),
            ("https://user@api.example.com/", false),
            ("http://127.0.0.1:8081/", false),
            ("https://127.0.0.1:8080/", false),
            ("data:,https://api.example.com", false),
        ] {
            assert_eq!(Url::parse(address).is_ok_and(|url| origins.permit(&url)), permitted, "{address}");
            if let Ok(uri) = address.parse::<Uri>() {
                // A URI has no fragment; it is removed before.
                assert_eq!(origins.permit_uri(&uri), permitted, "{address}");
            }
        }
        assert!(!origins.permit_uri(&Uri::from_static("/v1")), "relative");
        assert!(Origins::of("http://api.example.com").is_err());
    }

    /// HTTP clients parse the host of a `Uri` by their own rules, so it must be in normal form.
    #[test]
    fn a_uri_is_permitted_only_if_its_host_is_written_as_in_the_origin() {
        let origins = Origins::of("https://api.example.com").unwrap().and("http://127.0.0.1:8080").unwrap();
        let origins = origins.and("http://127.0.0.1").unwrap().and("http://[::1]").unwrap();
        for (address, permitted) in [
            ("https://api.example.com/a/../b?c={d}", true),
            ("HTTPS://Api.Example.com", true),
            ("http://127.0.0.1:80/", true),
            ("http://[::1]/", true),
            ("https:api.example.com", false),
            ("https:/api.example.com", false),
            ("api.example.com", false),
            ("api.example.com:443", false),
            ("//api.example.com", false),
            ("https:///api.example.com", false),
            ("https://api.example.com:", false),
            ("https://api.example.com:0443/", false),
            ("https://%61pi.example.com/", false),
            ("https://api.example.com./", false),
            ("https://@api.example.com/", false),
            ("http://127.0.0.1./", false),
            ("http://127.1/", false),
            ("http://0177.0.0.1:8080/", false),
            ("http://0x7f000001:8080/", false),
            ("http://2130706433/", false),
            ("http://[0:0:0:0:0:0:0:1]/", false),
        ] {
            if let Ok(uri) = address.parse::<Uri>() {
                assert_eq!(origins.permit_uri(&uri), permitted, "{address}");
            } else {
                assert!(!permitted, "{address}");
            }
        }
    }
}
