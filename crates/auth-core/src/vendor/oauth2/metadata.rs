//! The metadata document of an authorization server (RFC 8414 section 2), and what it says about a client.

use auth_transport::{BaseUrlProblem, BuildError, SigningAlgorithm, TokenUrl, TokenUrlProblem};
use serde::Deserialize;

use crate::token::error::metadata::MetadataProblem;

/// The members of a document that are read.
#[derive(Debug, Deserialize)]
pub(crate) struct Document {
    issuer: String,
    token_endpoint: Option<String>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    token_endpoint_auth_signing_alg_values_supported: Option<Vec<String>>,
    mtls_endpoint_aliases: Option<Aliases>,
}

/// RFC 8705 section 5.
#[derive(Debug, Deserialize)]
struct Aliases {
    token_endpoint: Option<String>,
}

/// What a document says about the token endpoint.
#[derive(Debug)]
pub(crate) struct Metadata {
    token_endpoint: TokenUrl,
    /// The URL for clients with a certificate, if it is another one.
    with_certificate: Option<TokenUrl>,
    methods: Option<Vec<String>>,
    algorithms: Option<Vec<String>>,
}

/// What a client needs from the server.
#[derive(Clone, Copy, Debug)]
pub struct Requirement {
    /// The client authentication as registered names (RFC 8414 section 2), one of which the server must accept.
    pub(crate) methods: &'static [&'static str],
    /// The algorithm of its assertions.
    pub(crate) algorithm: Option<SigningAlgorithm>,
    /// Whether it presents a certificate.
    pub(crate) certificate: bool,
}

/// The client authentications that this crate has, by their registered names.
const KNOWN: [&str; 5] =
    ["client_secret_basic", "client_secret_post", "private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth"];

impl Metadata {
    /// Checks the document of this issuer (RFC 8414 section 3.3).
    pub(crate) fn new(document: Document, issuer: &str) -> Result<Self, MetadataProblem> {
        if document.issuer != issuer {
            let end = |text: &str| text.trim_end_matches('/').to_owned();
            return Err(MetadataProblem::Issuer { differs_in_slash: end(&document.issuer) == end(issuer) });
        }
        let url = |text: &str| token_url(text, issuer).map_err(MetadataProblem::TokenEndpoint);
        let token_endpoint = url(&document.token_endpoint.ok_or(MetadataProblem::NoTokenEndpoint)?)?;
        let alias = document.mtls_endpoint_aliases.and_then(|aliases| aliases.token_endpoint);
        Ok(Self {
            token_endpoint,
            with_certificate: alias.as_deref().map(url).transpose()?,
            methods: document.token_endpoint_auth_methods_supported,
            algorithms: document.token_endpoint_auth_signing_alg_values_supported,
        })
    }

    /// The URL of the token endpoint for a client, if the server accepts how it authenticates. A server that does not say what
    /// it accepts is not checked: many leave it out, although they accept more than the default of RFC 8414.
    pub(crate) fn url_for(&self, requirement: &Requirement) -> Result<&TokenUrl, MetadataProblem> {
        if let Some(accepted) = &self.methods {
            let is_accepted = |name: &&str| accepted.iter().any(|accepted| accepted == name);
            if !requirement.methods.iter().any(is_accepted) {
                let configured = requirement.methods.first().copied().unwrap_or_default();
                let accepted = KNOWN.into_iter().filter(is_accepted).collect();
                return Err(MetadataProblem::ClientAuthentication { configured, accepted });
            }
        }
        if let (Some(algorithm), Some(accepted)) = (requirement.algorithm, &self.algorithms)
            && !accepted.iter().any(|accepted| accepted == algorithm.as_str())
        {
            return Err(MetadataProblem::Algorithm(algorithm));
        }
        let alias = self.with_certificate.as_ref().filter(|_| requirement.certificate);
        Ok(alias.unwrap_or(&self.token_endpoint))
    }
}

/// The URL of a token endpoint, which may be without TLS only if the issuer is.
fn token_url(text: &str, issuer: &str) -> Result<TokenUrl, TokenUrlProblem> {
    match TokenUrl::parse(text) {
        Ok(url) if issuer.starts_with("https:") && !url.base_url().is_https() => {
            Err(TokenUrlProblem::Url(BaseUrlProblem::NotHttps))
        }
        Ok(url) => Ok(url),
        Err(BuildError::TokenUrl(problem)) => Err(problem),
        Err(_) => Err(TokenUrlProblem::Url(BaseUrlProblem::NotAUrl)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const ISSUER: &str = "https://a.example/tenant";
    const TOKEN_URL: &str = "https://b.example/token?tenant=a";

    fn metadata(change: Value) -> Result<Metadata, MetadataProblem> {
        let mut document = json!({ "issuer": ISSUER, "token_endpoint": TOKEN_URL });
        document.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        Metadata::new(serde_json::from_value(document).unwrap(), ISSUER)
    }

    const BASIC: Requirement = Requirement { methods: &["client_secret_basic"], algorithm: None, certificate: false };

    #[test]
    fn the_token_endpoint_may_be_on_another_host() {
        assert_eq!(metadata(json!({})).unwrap().url_for(&BASIC).unwrap().as_str(), TOKEN_URL);
    }

    #[test]
    fn the_issuer_must_be_the_same_character_by_character() {
        for (issuer, differs_in_slash) in [
            ("https://a.example/tenant/", true),
            ("https://a.example/Tenant", false),
            ("https://A.example/tenant", false),
            ("https://a.example:443/tenant", false),
            ("https://a.example", false),
            ("", false),
        ] {
            let problem = metadata(json!({ "issuer": issuer })).unwrap_err();
            assert_eq!(problem, MetadataProblem::Issuer { differs_in_slash }, "{issuer}");
        }
    }

    #[test]
    fn a_token_endpoint_that_could_misdirect_credentials_is_refused() {
        use BaseUrlProblem::{NotAUrl, NotHttps, UserInformation};
        for (url, problem) in [
            ("http://b.example/token", TokenUrlProblem::Url(NotHttps)),
            // Loopback, but the issuer is not.
            ("http://127.0.0.1:1/token", TokenUrlProblem::Url(NotHttps)),
            ("https://user@b.example/token", TokenUrlProblem::Url(UserInformation)),
            ("/token", TokenUrlProblem::Url(NotAUrl)),
            ("https://b.example/token#a", TokenUrlProblem::Fragment),
        ] {
            for document in
                [json!({ "token_endpoint": url }), json!({ "mtls_endpoint_aliases": { "token_endpoint": url } })]
            {
                assert_eq!(metadata(document).unwrap_err(), MetadataProblem::TokenEndpoint(problem), "{url}");
            }
        }
        assert_eq!(metadata(json!({ "token_endpoint": null })).unwrap_err(), MetadataProblem::NoTokenEndpoint);
        let plain = json!({ "issuer": "http://127.0.0.1:1", "token_endpoint": "http://127.0.0.1:2/token" });
        assert!(Metadata::new(serde_json::from_value(plain).unwrap(), "http://127.0.0.1:1").is_ok());
    }

    #[test]
    fn a_client_authentication_that_is_not_accepted_is_refused_with_what_is() {
        let accepting = |methods: Value| metadata(json!({ "token_endpoint_auth_methods_supported": methods })).unwrap();
        let refused = |accepted: &[&'static str]| MetadataProblem::ClientAuthentication {
            configured: "client_secret_basic",
            accepted: accepted.to_vec(),
        };
        for (methods, wanted) in [
            (json!(["client_secret_post", "client_secret_basic"]), None),
            (Value::Null, None),
            (
                json!(["none", "client_secret_post", "MARKER", "private_key_jwt"]),
                Some(&["client_secret_post", "private_key_jwt"][..]),
            ),
            (json!([]), Some(&[])),
        ] {
            let found = accepting(methods.clone()).url_for(&BASIC).map(drop);
            assert_eq!(found, wanted.map_or(Ok(()), |accepted| Err(refused(accepted))), "{methods}");
        }
    }

    #[test]
    fn the_algorithm_of_assertions_is_checked_if_the_server_names_some() {
        let requirement =
            Requirement { methods: &["private_key_jwt"], algorithm: Some(SigningAlgorithm::Es256), certificate: false };
        for (algorithms, wanted) in [
            (json!(["RS256", "ES256"]), Ok(())),
            (Value::Null, Ok(())),
            (json!(["RS256", "es256"]), Err(MetadataProblem::Algorithm(SigningAlgorithm::Es256))),
        ] {
            let found = metadata(json!({ "token_endpoint_auth_signing_alg_values_supported": algorithms })).unwrap();
            assert_eq!(found.url_for(&requirement).map(drop), wanted, "{algorithms}");
        }
    }

    #[test]
    fn a_client_with_a_certificate_uses_the_alias() {
        let alias = "https://mtls.b.example/token";
        let with_alias = metadata(json!({ "mtls_endpoint_aliases": { "token_endpoint": alias } })).unwrap();
        let without = metadata(json!({ "mtls_endpoint_aliases": {} })).unwrap();
        let certificate = Requirement { methods: &["tls_client_auth"], algorithm: None, certificate: true };
        assert_eq!(with_alias.url_for(&certificate).unwrap().as_str(), alias);
        assert_eq!(with_alias.url_for(&BASIC).unwrap().as_str(), TOKEN_URL);
        assert_eq!(without.url_for(&certificate).unwrap().as_str(), TOKEN_URL);
    }
}
