//! The token endpoint of a profile. Its HTTP client is built for the first request, because reading the root certificates takes longer
//! than finding a cached token.

use auth_core::{
    BuildError, EndpointIdentity, LeanTokenEndpoint, LeanixTokenEndpoint, OAuth2TokenEndpoint, Replaced, Scope,
    TokenEndpoint, TokenError, TokenResponse, lean, leanix,
};
use tokio::sync::OnceCell;

use crate::config::provider::Provider;
use crate::tokens::credentials::{ApiTokenSource, ClientSource};
use crate::tokens::identity::{SlowSecrets, identity};

/// The token endpoint of a profile.
pub(super) struct ProfileEndpoint {
    provider: Provider,
    slow: SlowSecrets,
    issuer: String,
    built: OnceCell<Built>,
}

/// The endpoint of the library.
enum Built {
    Lean(LeanTokenEndpoint<ClientSource>),
    Leanix(LeanixTokenEndpoint<ApiTokenSource>),
    OAuth2(OAuth2TokenEndpoint<ClientSource>),
}

impl ProfileEndpoint {
    pub(super) fn new(provider: &Provider, slow: SlowSecrets) -> Self {
        let url = match provider {
            Provider::Lean { base_url, .. } | Provider::Leanix { base_url, .. } => base_url.url(),
            Provider::OAuth2 { token_url, .. } => token_url.url(),
        };
        let host = url.host_str().unwrap_or_default();
        let issuer = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        Self { provider: provider.clone(), slow, issuer, built: OnceCell::new() }
    }

    async fn built(&self) -> Result<&Built, TokenError> {
        self.built.get_or_try_init(|| std::future::ready(build(&self.provider))).await
    }
}

impl TokenEndpoint for ProfileEndpoint {
    async fn request_token(&self, scope: &Scope) -> Result<TokenResponse, TokenError> {
        match self.built().await? {
            Built::Lean(endpoint) => endpoint.request_token(scope).await,
            Built::Leanix(endpoint) => endpoint.request_token(scope).await,
            Built::OAuth2(endpoint) => endpoint.request_token(scope).await,
        }
    }

    async fn replace_token(&self, scope: &Scope, replaced: &Replaced<'_>) -> Result<TokenResponse, TokenError> {
        match self.built().await? {
            Built::Lean(endpoint) => endpoint.replace_token(scope, replaced).await,
            Built::Leanix(endpoint) => endpoint.replace_token(scope, replaced).await,
            Built::OAuth2(endpoint) => endpoint.replace_token(scope, replaced).await,
        }
    }

    async fn identity(&self) -> Result<EndpointIdentity, TokenError> {
        Ok(identity(&self.provider, self.slow).await?)
    }

    fn issuer_name(&self) -> &str {
        &self.issuer
    }
}

fn build(provider: &Provider) -> Result<Built, TokenError> {
    match provider.clone() {
        Provider::Lean { base_url, client, .. } => {
            let lean = lean::Client::new(base_url.as_str()).map_err(|error| unbuilt(&error))?;
            Ok(Built::Lean(LeanTokenEndpoint::new(lean, ClientSource(client))))
        }
        Provider::Leanix { base_url, api_token } => {
            let leanix = leanix::Client::new(base_url.as_str()).map_err(|error| unbuilt(&error))?;
            Ok(Built::Leanix(LeanixTokenEndpoint::new(leanix, ApiTokenSource(api_token))))
        }
        Provider::OAuth2 { token_url, authentication, client, parameters } => {
            let endpoint = OAuth2TokenEndpoint::new(token_url.as_str(), ClientSource(client));
            let endpoint = endpoint.map_err(|error| unbuilt(&error))?.with_authentication(authentication);
            let endpoint = parameters
                .into_iter()
                .try_fold(endpoint, |endpoint, (name, value)| endpoint.with_parameter(name, value))?;
            Ok(Built::OAuth2(endpoint))
        }
    }
}

/// The error of a client that cannot be built. Its addresses were checked when the configuration was read.
fn unbuilt(error: &BuildError) -> TokenError {
    TokenError::Request(match error {
        BuildError::NoRootCertificates => {
            "no root certificates were found; install the package `ca-certificates`, or set SSL_CERT_FILE or SSL_CERT_DIR to \
             their location"
        }
        BuildError::TooManyOpenFiles => {
            "the root certificates cannot be read: too many open files; raise the limit of the process (`ulimit -n`)"
        }
        _ => "the HTTP client cannot be set up",
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use auth_core::{ClientCredentials, Secret};
    use zeroize::Zeroizing;

    use super::*;
    use crate::config::Config;
    use crate::config::file::File;

    fn config(text: &str) -> Config {
        let text = Zeroizing::new(text.to_owned());
        Config::of(File { path: Path::new("/config.toml").to_owned(), text, mode: 0o600 }).unwrap()
    }

    fn bytes(identity: &EndpointIdentity) -> Vec<u8> {
        let mut bytes = Vec::new();
        identity.feed(|part| bytes.extend_from_slice(part));
        bytes
    }

    /// Rust programs that share the store must find the tokens of the program, and the other way round.
    #[tokio::test]
    async fn profiles_have_the_identities_of_the_endpoints_of_the_library() {
        let config = config(
            "[profiles.lean]\nprovider = \"lean\"\nregion = \"sa\"\nenvironment = \"sandbox\"\nclient_id = \"id\"\nclient_secret = \
             \"s3cret\"\n[profiles.leanix]\nprovider = \"leanix\"\ninstance = \"acme\"\napi_token = \"s3cret\"\n[profiles.other]\nprovider \
             = \"oauth2\"\ntoken_url = \"https://a.example/token?b=c\"\nclient_id = \"id\"\nclient_secret = \"s3cret\"\nparameters = { \
             resource = [\"x\", \"y\"], audience = \"z\" }\n",
        );
        for profile in config.profiles.values() {
            let own = ProfileEndpoint::new(&profile.provider, SlowSecrets::StandIn);
            let (built, issuer) = match own.built().await.unwrap() {
                Built::Lean(endpoint) => (endpoint.identity().await, endpoint.issuer_name()),
                Built::Leanix(endpoint) => (endpoint.identity().await, endpoint.issuer_name()),
                Built::OAuth2(endpoint) => (endpoint.identity().await, endpoint.issuer_name()),
            };
            assert_eq!(bytes(&own.identity().await.unwrap()), bytes(&built.unwrap()), "{}", profile.name);
            assert_eq!(own.issuer_name(), issuer);
        }
        let credentials = ClientCredentials::new("id", Secret::from("s3cret")).unwrap();
        let program = LeanTokenEndpoint::new(lean::Client::sandbox_ksa().unwrap(), credentials);
        let own = ProfileEndpoint::new(&config.profiles["lean"].provider, SlowSecrets::Read);
        assert_eq!(bytes(&own.identity().await.unwrap()), bytes(&program.identity().await.unwrap()));
    }
}
