//! The token endpoint of a profile. Its HTTP client is built for the first request, because reading the root certificates takes longer
//! than finding a cached token.

use auth_core::{
    BuildError, ClientCertificate, CredentialSource as _, EndpointIdentity, LeanTokenEndpoint, LeanixTokenEndpoint,
    OAuth2TokenEndpoint, PrivateKeyJwt, Replaced, Scope, TokenEndpoint, TokenError, TokenResponse, lean, leanix,
};
use tokio::sync::OnceCell;

use crate::config::oauth2::{OAuth2, OAuth2Client, OAuth2Server, PrivateKey};
use crate::config::provider::Provider;
use crate::secrets::reference::SecretReference;
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
    Secret(OAuth2TokenEndpoint<ClientSource>),
    PrivateKey(OAuth2TokenEndpoint<PrivateKeyJwt<SecretReference>>),
    Certificate(OAuth2TokenEndpoint<ClientCertificate<SecretReference, SecretReference>>),
}

/// Does the same with each of them.
macro_rules! with {
    ($built:expr, $endpoint:ident => $do:expr) => {
        match $built {
            Built::Lean($endpoint) => $do,
            Built::Leanix($endpoint) => $do,
            Built::Secret($endpoint) => $do,
            Built::PrivateKey($endpoint) => $do,
            Built::Certificate($endpoint) => $do,
        }
    };
}

impl ProfileEndpoint {
    pub(super) fn new(provider: &Provider, slow: SlowSecrets) -> Self {
        let url = match provider {
            Provider::Lean { base_url, .. } | Provider::Leanix { base_url, .. } => base_url.url(),
            Provider::OAuth2(oauth2) => match &oauth2.server {
                OAuth2Server::TokenUrl(url) => url.url(),
                OAuth2Server::Issuer(issuer) => issuer.url(),
            },
        };
        let host = url.host_str().unwrap_or_default();
        let issuer = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        Self { provider: provider.clone(), slow, issuer, built: OnceCell::new() }
    }

    async fn built(&self) -> Result<&Built, TokenError> {
        self.built.get_or_try_init(|| build(&self.provider)).await
    }
}

impl TokenEndpoint for ProfileEndpoint {
    async fn request_token(&self, scope: &Scope) -> Result<TokenResponse, TokenError> {
        with!(self.built().await?, endpoint => endpoint.request_token(scope).await)
    }

    async fn replace_token(&self, scope: &Scope, replaced: &Replaced<'_>) -> Result<TokenResponse, TokenError> {
        with!(self.built().await?, endpoint => endpoint.replace_token(scope, replaced).await)
    }

    async fn identity(&self) -> Result<EndpointIdentity, TokenError> {
        Ok(identity(&self.provider, self.slow).await?)
    }

    fn issuer_name(&self) -> &str {
        &self.issuer
    }
}

async fn build(provider: &Provider) -> Result<Built, TokenError> {
    match provider.clone() {
        Provider::Lean { base_url, client, .. } => {
            let lean = lean::Client::new(base_url.as_str()).map_err(|error| unbuilt(&error))?;
            Ok(Built::Lean(LeanTokenEndpoint::new(lean, ClientSource(client))))
        }
        Provider::Leanix { base_url, api_token } => {
            let leanix = leanix::Client::new(base_url.as_str()).map_err(|error| unbuilt(&error))?;
            Ok(Built::Leanix(LeanixTokenEndpoint::new(leanix, ApiTokenSource(api_token))))
        }
        Provider::OAuth2(oauth2) => match oauth2.client.clone() {
            OAuth2Client::Secret { client, authentication } => {
                let endpoint = oauth2_endpoint(&oauth2, ClientSource(client))?;
                Ok(Built::Secret(endpoint.with_authentication(authentication)))
            }
            OAuth2Client::PrivateKey(PrivateKey { id, key, key_id, algorithm, audience }) => {
                let mut client = PrivateKeyJwt::new(id.credentials().await?.expose(), key);
                if let Some(key_id) = key_id {
                    client = client.with_key_id(key_id);
                }
                if let Some(algorithm) = algorithm {
                    client = client.with_algorithm(algorithm);
                }
                if let Some(audience) = audience {
                    client = client.with_audience(audience);
                }
                Ok(Built::PrivateKey(oauth2_endpoint(&oauth2, client)?))
            }
            OAuth2Client::Certificate { id, chain, key } => {
                let client = ClientCertificate::new(id.credentials().await?.expose(), chain, key);
                Ok(Built::Certificate(oauth2_endpoint(&oauth2, client)?))
            }
        },
    }
}

/// The endpoint of any server, with the parameters of the profile.
fn oauth2_endpoint<C: auth_core::OAuth2Client>(
    oauth2: &OAuth2,
    client: C,
) -> Result<OAuth2TokenEndpoint<C>, TokenError> {
    let endpoint = match &oauth2.server {
        OAuth2Server::TokenUrl(url) => OAuth2TokenEndpoint::new(url.as_str(), client),
        OAuth2Server::Issuer(issuer) => OAuth2TokenEndpoint::discover(issuer.as_str(), client),
    };
    let endpoint = endpoint.map_err(|error| unbuilt(&error))?;
    let mut parameters = oauth2.parameters.iter();
    parameters.try_fold(endpoint, |endpoint, (name, value)| endpoint.with_parameter(name, value.as_str()))
}

/// The error of a client that cannot be built. Its addresses were checked when the configuration was read.
fn unbuilt(error: &BuildError) -> TokenError {
    TokenError::Request(problem(error))
}

/// Why a client cannot be built, and what to do about it.
pub(crate) fn problem(error: &BuildError) -> &'static str {
    match error {
        BuildError::NoRootCertificates => {
            "no root certificates were found; install the package `ca-certificates`, or set SSL_CERT_FILE or SSL_CERT_DIR to \
             their location"
        }
        BuildError::TooManyOpenFiles => {
            "the root certificates cannot be read: too many open files; raise the limit of the process (`ulimit -n`)"
        }
        _ => "the HTTP client cannot be set up",
    }
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
        let folder = tempfile::tempdir().unwrap();
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = rcgen::CertificateParams::new(["a.example".to_owned()]).unwrap().self_signed(&key).unwrap();
        for (name, text) in [("key.pem", key.serialize_pem()), ("chain.pem", certificate.pem())] {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        }
        let folder = folder.path().display();
        let secret = "client_id = \"id\"\nclient_secret = \"s3cret\"";
        let config = config(&format!(
            "[profiles.lean]\nprovider = \"lean\"\nregion = \"sa\"\nenvironment = \"sandbox\"\n{secret}\n\
             [profiles.leanix]\nprovider = \"leanix\"\ninstance = \"acme\"\napi_token = \"s3cret\"\n\
             [profiles.other]\nprovider = \"oauth2\"\ntoken_url = \"https://a.example/token?b=c\"\n{secret}\n\
             parameters = {{ resource = [\"x\", \"y\"], audience = \"z\" }}\n\
             [profiles.issuer]\nprovider = \"oauth2\"\nissuer = \"https://a.example/tenant\"\n{secret}\n\
             [profiles.key]\nprovider = \"oauth2\"\nissuer = \"https://a.example\"\nauthentication = \"private_key_jwt\"\n\
             client_id = \"id\"\nprivate_key = {{ file = \"{folder}/key.pem\" }}\nkey_id = \"k\"\nalgorithm = \"ES256\"\n\
             [profiles.certificate]\nprovider = \"oauth2\"\ntoken_url = \"https://a.example/token\"\n\
             authentication = \"certificate\"\nclient_id = \"id\"\ncertificate = \"{folder}/chain.pem\"\n\
             private_key = {{ file = \"{folder}/key.pem\" }}\nparameters = {{ audience = \"z\" }}\n"
        ));
        for profile in config.profiles.values() {
            let own = ProfileEndpoint::new(&profile.provider, SlowSecrets::StandIn);
            let built = own.built().await.unwrap();
            let (built, issuer) = with!(built, endpoint => (endpoint.identity().await, endpoint.issuer_name()));
            assert_eq!(bytes(&own.identity().await.unwrap()), bytes(&built.unwrap()), "{}", profile.name);
            assert_eq!(own.issuer_name(), issuer);
        }
        let credentials = ClientCredentials::new("id", Secret::from("s3cret")).unwrap();
        let program = LeanTokenEndpoint::new(lean::Client::sandbox_ksa().unwrap(), credentials);
        let own = ProfileEndpoint::new(&config.profiles["lean"].provider, SlowSecrets::Read);
        assert_eq!(bytes(&own.identity().await.unwrap()), bytes(&program.identity().await.unwrap()));
    }
}
