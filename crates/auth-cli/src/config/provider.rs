//! The authorization server of a profile, and the credentials for it.

use auth_core::{Scope, lean};
use auth_transport::{BaseUrl, BuildError, dns_label};

use crate::config::client::Client;
use crate::config::oauth2::OAuth2;
use crate::config::secret::secret;
use crate::config::table::Table;
use crate::failure::Failure;
use crate::secrets::reference::{Lines, SecretReference};

/// The authorization server of a profile, and the credentials for it.
#[derive(Clone, Debug)]
pub(crate) enum Provider {
    Lean {
        base_url: BaseUrl,
        /// `None` if the configuration names a server that is not Lean's.
        server: Option<(Region, Environment)>,
        client: Client,
    },
    Leanix {
        base_url: BaseUrl,
        api_token: SecretReference,
    },
    OAuth2(Box<OAuth2>),
}

/// The region of an application of Lean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Region {
    /// Saudi Arabia.
    Sa,
    /// The United Arab Emirates.
    Ae,
}

impl Region {
    pub(crate) fn other(self) -> Self {
        match self {
            Self::Sa => Self::Ae,
            Self::Ae => Self::Sa,
        }
    }

    /// The region as the configuration writes it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Sa => "sa",
            Self::Ae => "ae",
        }
    }
}

/// The environment of an application of Lean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Environment {
    Sandbox,
    Production,
}

#[derive(Clone, Copy)]
enum Kind {
    Lean,
    Leanix,
    OAuth2,
}

impl Provider {
    /// Takes the fields of the provider out of the table of a profile.
    pub(super) fn read(table: &mut Table) -> Result<Self, Failure> {
        let kinds = [("lean", Kind::Lean), ("leanix", Kind::Leanix), ("oauth2", Kind::OAuth2)];
        match table.need("provider")?.choice(&kinds)? {
            Kind::Lean => {
                let (base_url, server) = match table.take("base_url") {
                    Some(value) => {
                        replaced_by_base_url(table, ["region", "environment"])?;
                        (value.parsed(BaseUrl::parse)?, None)
                    }
                    None => {
                        let (region, environment) = lean_server(table)?;
                        let base_url = BaseUrl::parse(lean_url(region, environment));
                        (base_url.map_err(|error| table.failure(error))?, Some((region, environment)))
                    }
                };
                Ok(Self::Lean { base_url, server, client: Client::read(table)? })
            }
            Kind::Leanix => {
                let base_url = match table.take("base_url") {
                    Some(value) => {
                        replaced_by_base_url(table, ["instance"])?;
                        value.parsed(BaseUrl::parse)?
                    }
                    None => table.need("instance")?.parsed(leanix_url)?,
                };
                Ok(Self::Leanix { base_url, api_token: secret(table.need("api_token")?, Lines::One)? })
            }
            Kind::OAuth2 => OAuth2::read(table).map(|oauth2| Self::OAuth2(Box::new(oauth2))),
        }
    }

    /// The fields that hold secrets or say where they are, and the client id.
    pub(crate) fn secrets(&self) -> Vec<(&'static str, &SecretReference)> {
        match self {
            Self::Lean { client, .. } => client.secrets().to_vec(),
            Self::Leanix { api_token, .. } => vec![("api_token", api_token)],
            Self::OAuth2(oauth2) => oauth2.client.secrets(),
        }
    }

    /// The same client of Lean in another region.
    pub(crate) fn in_region(&self, region: Region, environment: Environment) -> Option<Self> {
        let Self::Lean { client, .. } = self else { return None };
        let base_url = BaseUrl::parse(lean_url(region, environment)).ok()?;
        Some(Self::Lean { base_url, server: Some((region, environment)), client: client.clone() })
    }

    /// The origins of the APIs that the tokens are for, as far as they are known.
    pub(crate) fn origins(&self) -> Vec<String> {
        match self {
            Self::Lean { server: Some((region, environment)), .. } => vec![lean_api(*region, *environment).to_owned()],
            // The server of the configuration has both, as the sandbox does.
            Self::Lean { base_url, .. } | Self::Leanix { base_url, .. } => {
                vec![base_url.url().origin().ascii_serialization()]
            }
            Self::OAuth2(_) => Vec::new(),
        }
    }

    /// The scope of tokens for which neither the user nor the profile names one.
    pub(super) fn default_scope(&self) -> Scope {
        match self {
            Self::Lean { .. } => lean::Scope::Api.into(),
            Self::Leanix { .. } | Self::OAuth2(_) => Scope::empty(),
        }
    }
}

/// Refuses fields that choose a server of the vendor, where `base_url` names another one.
fn replaced_by_base_url<const N: usize>(table: &mut Table, fields: [&'static str; N]) -> Result<(), Failure> {
    match fields.into_iter().find_map(|field| table.take(field)) {
        Some(value) => Err(value.failure("cannot stand next to `base_url`; remove one of them")),
        None => Ok(()),
    }
}

fn lean_server(table: &mut Table) -> Result<(Region, Environment), Failure> {
    let region = table.need("region")?.choice(&[("sa", Region::Sa), ("ae", Region::Ae)])?;
    let environments = [("sandbox", Environment::Sandbox), ("production", Environment::Production)];
    Ok((region, table.need("environment")?.choice(&environments)?))
}

/// The base URL of Lean's authorization server. The generated client has it too, but only with an HTTP client around it.
pub(crate) fn lean_url(region: Region, environment: Environment) -> &'static str {
    match (region, environment) {
        (Region::Ae, Environment::Production) => "https://auth.leantech.me",
        (Region::Ae, Environment::Sandbox) => "https://auth.sandbox.ae.leantech.me",
        (Region::Sa, Environment::Production) => "https://auth.sa.leantech.me",
        (Region::Sa, Environment::Sandbox) => "https://auth.sandbox.sa.leantech.me",
    }
}

/// The origin of Lean's APIs.
fn lean_api(region: Region, environment: Environment) -> &'static str {
    match (region, environment) {
        (Region::Ae, Environment::Production) => "https://api2.leantech.me",
        (Region::Ae, Environment::Sandbox) => "https://sandbox.ae.leantech.me",
        (Region::Sa, Environment::Production) => "https://api2.sa.leantech.me",
        (Region::Sa, Environment::Sandbox) => "https://sandbox.sa.leantech.me",
    }
}

/// The base URL of an instance of SAP LeanIX: its host name, or the first label of it.
fn leanix_url(instance: &str) -> Result<BaseUrl, BuildError> {
    let label = instance.strip_suffix(".leanix.net").unwrap_or(instance);
    BaseUrl::parse(&format!("https://{}.leanix.net", dns_label("instance", label)?))
}

#[cfg(test)]
mod tests {
    use auth_core::{lean, leanix};

    use super::*;

    #[test]
    fn the_base_urls_are_those_of_the_generated_clients() {
        for (region, environment, client) in [
            (Region::Ae, Environment::Production, lean::Client::production_uae()),
            (Region::Ae, Environment::Sandbox, lean::Client::sandbox_uae()),
            (Region::Sa, Environment::Production, lean::Client::production_ksa()),
            (Region::Sa, Environment::Sandbox, lean::Client::sandbox_ksa()),
        ] {
            assert_eq!(lean_url(region, environment), client.unwrap().base_url().as_str());
        }
        let wanted = leanix::Client::instance("acme").unwrap();
        for instance in ["acme", "acme.leanix.net"] {
            assert_eq!(leanix_url(instance).unwrap().as_str(), wanted.base_url().as_str());
        }
        for instance in ["", "acme.example.com", "acme.leanix.net.example.com", "a/b", "acme@b"] {
            assert!(leanix_url(instance).is_err(), "{instance}");
        }
    }
}
