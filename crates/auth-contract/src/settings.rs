//! The settings of a run against a real server, from the environment only.

use auth_core::lean::CustomerId;
use auth_core::{ApiToken, ClientAuthentication, ClientCredentials, Scope};
use auth_transport::TokenUrl;
use clap::ValueEnum;

use crate::RunError;

/// A kind of real server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[non_exhaustive]
pub enum Target {
    /// Lean: LEAN_CLIENT_ID, LEAN_CLIENT_SECRET, LEAN_AUTH_URL, LEAN_CUSTOMER_ID.
    Lean,
    /// SAP LeanIX: LEANIX_API_TOKEN, LEANIX_URL.
    Leanix,
    /// Any server that implements RFC 6749: OAUTH2_TOKEN_URL, OAUTH2_CLIENT_ID, OAUTH2_CLIENT_SECRET, and optionally OAUTH2_SCOPE and
    /// OAUTH2_CLIENT_AUTHENTICATION (`form`, `basic` or `basic-raw`; `basic` by default).
    Oauth2,
}

/// The server of a run and its credentials.
pub(crate) enum Settings {
    Lean { base_url: String, credentials: ClientCredentials, customer: CustomerId },
    Leanix { base_url: String, api_token: ApiToken },
    OAuth2(OAuth2Server),
}

/// A server that only RFC 6749 describes.
pub(crate) struct OAuth2Server {
    pub(crate) url: TokenUrl,
    pub(crate) credentials: ClientCredentials,
    pub(crate) authentication: ClientAuthentication,
    pub(crate) scope: Scope,
}

impl Settings {
    /// Reads the variables of a target. An empty variable counts as missing.
    pub(crate) fn read(target: Target, variable: impl Fn(&str) -> Option<String>) -> Result<Self, RunError> {
        let optional = |name| variable(name).filter(|value| !value.is_empty());
        let required = |name: &'static str| {
            optional(name).ok_or_else(|| wrong(name, "is not set; a run against a real server requires it"))
        };
        match target {
            Target::Lean => {
                let (id, secret) = (required("LEAN_CLIENT_ID")?, required("LEAN_CLIENT_SECRET")?);
                let (base_url, customer) = (required("LEAN_AUTH_URL")?, required("LEAN_CUSTOMER_ID")?);
                let customer = customer.parse().map_err(|error| wrong("LEAN_CUSTOMER_ID", error))?;
                let credentials =
                    ClientCredentials::new(id, secret).map_err(|error| wrong("LEAN_CLIENT_SECRET", error))?;
                Ok(Self::Lean { base_url: checked("LEAN_AUTH_URL", &base_url)?, credentials, customer })
            }
            Target::Leanix => {
                let (api_token, base_url) = (required("LEANIX_API_TOKEN")?, required("LEANIX_URL")?);
                let api_token = ApiToken::new(api_token).map_err(|error| wrong("LEANIX_API_TOKEN", error))?;
                Ok(Self::Leanix { base_url: checked("LEANIX_URL", &base_url)?, api_token })
            }
            Target::Oauth2 => {
                let url = TokenUrl::parse(&required("OAUTH2_TOKEN_URL")?)
                    .map_err(|error| wrong("OAUTH2_TOKEN_URL", error))?;
                let (id, secret) = (required("OAUTH2_CLIENT_ID")?, required("OAUTH2_CLIENT_SECRET")?);
                let credentials =
                    ClientCredentials::new(id, secret).map_err(|error| wrong("OAUTH2_CLIENT_SECRET", error))?;
                let authentication = optional("OAUTH2_CLIENT_AUTHENTICATION")
                    .map_or(Ok(ClientAuthentication::Basic), |text| client_authentication(&text))
                    .map_err(|error| wrong("OAUTH2_CLIENT_AUTHENTICATION", error))?;
                let scope = optional("OAUTH2_SCOPE").unwrap_or_default();
                let scope = scope.parse().map_err(|error| wrong("OAUTH2_SCOPE", error))?;
                Ok(Self::OAuth2(OAuth2Server { url, credentials, authentication, scope }))
            }
        }
    }
}

fn wrong(name: &'static str, problem: impl ToString) -> RunError {
    RunError::Variable { name, problem: problem.to_string() }
}

/// An address without a trailing slash, provided that credentials may be sent to it.
fn checked(name: &'static str, url: &str) -> Result<String, RunError> {
    match auth_transport::BaseUrl::parse(url) {
        Ok(url) => Ok(url.as_str().to_owned()),
        Err(error) => Err(wrong(name, error)),
    }
}

fn client_authentication(text: &str) -> Result<ClientAuthentication, &'static str> {
    match text {
        "form" => Ok(ClientAuthentication::Form),
        "basic" => Ok(ClientAuthentication::Basic),
        "basic-raw" => Ok(ClientAuthentication::BasicRaw),
        _ => Err("must be `form`, `basic` or `basic-raw`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [(&str, &str); 9] = [
        ("LEAN_CLIENT_ID", "app"),
        ("LEAN_CLIENT_SECRET", "secret"),
        ("LEAN_AUTH_URL", "https://auth.example.com/"),
        ("LEAN_CUSTOMER_ID", "42"),
        ("LEANIX_API_TOKEN", "token"),
        ("LEANIX_URL", "http://127.0.0.1:1"),
        ("OAUTH2_TOKEN_URL", "https://auth.example.com/a/token"),
        ("OAUTH2_CLIENT_ID", "app"),
        ("OAUTH2_CLIENT_SECRET", "secret"),
    ];

    fn read(target: Target, changed: &str, value: Option<&str>) -> Result<Settings, String> {
        let set = |name: &str| {
            let found = ALL.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
            if name == changed { value.map(str::to_owned) } else { found }
        };
        Settings::read(target, set).map_err(|error| error.to_string())
    }

    #[test]
    fn every_variable_that_is_missing_or_wrong_is_named_and_its_value_is_not_shown() {
        for (name, _) in ALL {
            let target = match name.split('_').next() {
                Some("LEAN") => Target::Lean,
                Some("LEANIX") => Target::Leanix,
                _ => Target::Oauth2,
            };
            assert!(read(target, "", None).is_ok(), "{name}");
            for value in [None, Some(""), Some("wrong\nvalue")] {
                // Any text is a valid client id.
                if value.is_some_and(|value| !value.is_empty()) && name.ends_with("_CLIENT_ID") {
                    continue;
                }
                let error = read(target, name, value).err().unwrap_or_else(|| panic!("{name} {value:?}"));
                assert!(error.starts_with(&format!("{name}: ")) && !error.contains("value"), "{error}");
            }
        }
        let error = read(Target::Oauth2, "OAUTH2_CLIENT_AUTHENTICATION", Some("mtls")).err().unwrap_or_default();
        assert!(error.starts_with("OAUTH2_CLIENT_AUTHENTICATION: must be `form`"), "{error}");
    }
}
