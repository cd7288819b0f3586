//! The fields of a profile for any server that follows RFC 6749.

use auth_core::{ClientAuthentication, SigningAlgorithm};
use auth_transport::{BaseUrl, TokenUrl};

use crate::config::client::Client;
use crate::config::secret::{name, secret};
use crate::config::table::{Table, Value};
use crate::failure::Failure;
use crate::secrets::reference::{Lines, SecretReference};

/// The parameters of a token request that have fields of their own, or are set by the program.
const OWN_PARAMETERS: [&str; 6] =
    ["grant_type", "scope", "client_id", "client_secret", "client_assertion", "client_assertion_type"];

/// A server that follows RFC 6749, and a client of it.
#[derive(Clone, Debug)]
pub(crate) struct OAuth2 {
    pub(crate) server: OAuth2Server,
    pub(crate) client: OAuth2Client,
    /// Further parameters of the form.
    pub(crate) parameters: Vec<(String, String)>,
}

/// Where the server is.
#[derive(Clone, Debug)]
pub(crate) enum OAuth2Server {
    /// At this token URL.
    TokenUrl(TokenUrl),
    /// Where the metadata of this issuer says (RFC 8414).
    Issuer(BaseUrl),
}

/// How the client authenticates.
#[derive(Clone, Debug)]
pub(crate) enum OAuth2Client {
    /// With a secret.
    Secret { client: Client, authentication: ClientAuthentication },
    /// With a private key (RFC 7523).
    PrivateKey(PrivateKey),
    /// With a certificate (RFC 8705).
    Certificate { id: SecretReference, chain: SecretReference, key: SecretReference },
}

/// A private key, and how assertions are signed with it.
#[derive(Clone, Debug)]
pub(crate) struct PrivateKey {
    pub(crate) id: SecretReference,
    pub(crate) key: SecretReference,
    pub(crate) key_id: Option<String>,
    pub(crate) algorithm: Option<SigningAlgorithm>,
    pub(crate) audience: Option<String>,
}

#[derive(Clone, Copy)]
enum Kind {
    Secret(ClientAuthentication),
    PrivateKey,
    Certificate,
}

impl OAuth2 {
    pub(super) fn read(table: &mut Table) -> Result<Self, Failure> {
        Ok(Self {
            server: OAuth2Server::read(table)?,
            client: OAuth2Client::read(table)?,
            parameters: table.take("parameters").map(parameters).transpose()?.unwrap_or_default(),
        })
    }
}

impl OAuth2Server {
    fn read(table: &mut Table) -> Result<Self, Failure> {
        match (table.take("token_url"), table.take("issuer")) {
            (Some(value), None) => value.parsed(TokenUrl::parse).map(Self::TokenUrl),
            (None, Some(value)) => value.parsed(BaseUrl::parse).map(Self::Issuer),
            (Some(_), Some(issuer)) => Err(issuer.failure("is given as well as `token_url`; name one of them")),
            (None, None) => Err(table.failure("`token_url` or `issuer` is missing")),
        }
    }

    /// The token URL or the issuer, as it is written.
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::TokenUrl(url) => url.as_str(),
            Self::Issuer(issuer) => issuer.as_str(),
        }
    }
}

impl OAuth2Client {
    fn read(table: &mut Table) -> Result<Self, Failure> {
        let kinds = [
            ("basic", Kind::Secret(ClientAuthentication::Basic)),
            ("basic_raw", Kind::Secret(ClientAuthentication::BasicRaw)),
            ("form", Kind::Secret(ClientAuthentication::Form)),
            ("private_key_jwt", Kind::PrivateKey),
            ("certificate", Kind::Certificate),
        ];
        let kind = table.take("authentication").map(|value| value.choice(&kinds)).transpose()?;
        match kind.unwrap_or(Kind::Secret(ClientAuthentication::default())) {
            Kind::Secret(authentication) => Ok(Self::Secret { client: Client::read(table)?, authentication }),
            Kind::PrivateKey => {
                let algorithm = |value: Value| {
                    let read = |name: &str| {
                        SigningAlgorithm::read(name).ok_or("must be one of `RS256`, `PS256`, `ES256`, `ES384`, `EdDSA`")
                    };
                    value.parsed(read)
                };
                let text = |value: Value| value.text().map(str::to_owned);
                Ok(Self::PrivateKey(PrivateKey {
                    id: name(table.need("client_id")?)?,
                    key: secret(table.need("private_key")?, Lines::Many)?,
                    key_id: table.take("key_id").map(text).transpose()?,
                    algorithm: table.take("algorithm").map(algorithm).transpose()?,
                    audience: table.take("assertion_audience").map(text).transpose()?,
                }))
            }
            Kind::Certificate => {
                let chain = table.need("certificate")?;
                // A certificate is public.
                let chain = if chain.is_text() {
                    SecretReference::file(chain.path()?, Lines::Many, true)
                } else {
                    secret(chain, Lines::Many)?
                };
                Ok(Self::Certificate {
                    id: name(table.need("client_id")?)?,
                    chain,
                    key: secret(table.need("private_key")?, Lines::Many)?,
                })
            }
        }
    }

    /// The fields that hold secrets or say where they are, and the client id.
    pub(super) fn secrets(&self) -> Vec<(&'static str, &SecretReference)> {
        match self {
            Self::Secret { client, .. } => client.secrets().to_vec(),
            Self::PrivateKey(key) => vec![("client_id", &key.id), ("private_key", &key.key)],
            Self::Certificate { id, chain, key } => {
                vec![("client_id", id), ("certificate", chain), ("private_key", key)]
            }
        }
    }
}

/// Parameters of the form, each a text or a list of texts.
fn parameters(value: Value) -> Result<Vec<(String, String)>, Failure> {
    let mut parameters = Vec::new();
    for (name, value) in value.table()?.into_fields() {
        if OWN_PARAMETERS.contains(&name.as_str()) {
            return Err(value.failure("is not set here, but by the fields of the profile"));
        }
        let values = if value.is_text() { vec![value.text()?.to_owned()] } else { value.texts()? };
        parameters.extend(values.into_iter().map(|value| (name.clone(), value)));
    }
    Ok(parameters)
}
