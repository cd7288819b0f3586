//! Where the metadata document of an issuer is.

use auth_transport::{BaseUrl, BuildError, TokenUrl};

/// An issuer, and the URLs of its metadata document in the order in which they are tried.
#[derive(Clone, Debug)]
pub(crate) struct Issuer {
    text: String,
    base_url: BaseUrl,
    documents: [TokenUrl; 2],
}

impl Issuer {
    /// The issuer with this identifier: a URL without query and fragment (RFC 8414 section 2).
    pub(crate) fn parse(text: &str) -> Result<Self, BuildError> {
        let base_url = BaseUrl::parse(text)?;
        let documents = urls(&base_url).map(|url| TokenUrl::parse(&url));
        let [oauth, openid] = documents;
        Ok(Self { text: text.to_owned(), documents: [oauth?, openid?], base_url })
    }

    /// The identifier as it was written.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    pub(crate) fn base_url(&self) -> &BaseUrl {
        &self.base_url
    }

    pub(crate) fn documents(&self) -> &[TokenUrl; 2] {
        &self.documents
    }
}

/// RFC 8414 section 3.1 puts the well-known path before the path of the issuer, OpenID Connect Discovery 1.0 section 4
/// after it.
fn urls(issuer: &BaseUrl) -> [String; 2] {
    let (text, path) = (issuer.as_str(), issuer.url().path().trim_end_matches('/'));
    let origin = &text[..text.len() - path.len()];
    [
        format!("{origin}/.well-known/oauth-authorization-server{path}"),
        format!("{text}/.well-known/openid-configuration"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_well_known_path_is_before_the_path_of_the_issuer_or_after_it() {
        for (issuer, oauth, openid) in [
            (
                "https://a.example",
                "https://a.example/.well-known/oauth-authorization-server",
                "https://a.example/.well-known/openid-configuration",
            ),
            (
                "https://a.example/",
                "https://a.example/.well-known/oauth-authorization-server",
                "https://a.example/.well-known/openid-configuration",
            ),
            (
                "https://a.example:8443/tenant/one",
                "https://a.example:8443/.well-known/oauth-authorization-server/tenant/one",
                "https://a.example:8443/tenant/one/.well-known/openid-configuration",
            ),
            (
                "https://a.example/tenant/",
                "https://a.example/.well-known/oauth-authorization-server/tenant",
                "https://a.example/tenant/.well-known/openid-configuration",
            ),
        ] {
            let parsed = Issuer::parse(issuer).unwrap();
            assert_eq!(parsed.documents().each_ref().map(TokenUrl::as_str), [oauth, openid]);
            assert_eq!(parsed.as_str(), issuer);
        }
    }

    #[test]
    fn an_issuer_has_no_query_and_no_fragment_and_uses_tls() {
        for issuer in ["http://a.example", "https://a.example?a", "https://a.example#a", "a.example", ""] {
            assert!(matches!(Issuer::parse(issuer), Err(BuildError::BaseUrl(_))), "{issuer}");
        }
    }
}
