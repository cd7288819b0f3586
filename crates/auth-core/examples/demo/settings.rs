//! Which servers the demo talks to.

use auth_core::Secret;
use auth_sandbox::Sandbox;

pub(crate) const LEAN_AUTH_URL: &str = "LEAN_AUTH_URL";
pub(crate) const LEAN_CUSTOMER_ID: &str = "LEAN_CUSTOMER_ID";
pub(crate) const LEANIX_API_TOKEN: &str = "LEANIX_API_TOKEN";
pub(crate) const LEANIX_URL: &str = "LEANIX_URL";

/// The variables of Lean's client credentials.
pub(crate) const LEAN_CREDENTIALS: &str = "LEAN_CLIENT_ID, LEAN_CLIENT_SECRET";

/// The variables for a Lean server, in the order of [`Settings::lean`].
const LEAN: [&str; 4] = ["LEAN_CLIENT_ID", "LEAN_CLIENT_SECRET", LEAN_AUTH_URL, LEAN_CUSTOMER_ID];

/// The variables for an SAP LeanIX instance, in the order of [`Settings::leanix`].
const LEANIX: [&str; 2] = [LEANIX_API_TOKEN, LEANIX_URL];

/// The settings from the environment; `None` means the sandbox.
pub(crate) struct Settings {
    lean: Option<[String; 4]>,
    leanix: Option<[String; 2]>,
}

/// The servers to use, and how.
pub(crate) struct Targets {
    pub lean: Lean,
    pub leanix: Leanix,
}

pub(crate) struct Lean {
    pub server: String,
    pub auth_url: String,
    pub client_id: String,
    pub client_secret: Secret,
    pub customers: Vec<String>,
    /// The base URL of the Customers API. Lean's APIs are on other hosts than its authorization server, so there is none for a
    /// real server, and nothing is created there.
    pub api: Option<String>,
}

pub(crate) struct Leanix {
    pub server: String,
    pub url: String,
    pub api_token: Secret,
}

impl Settings {
    /// Reads the variables; of each vendor, all or none must be set.
    pub(crate) fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        Ok(Self { lean: all_or_none(LEAN, &variable)?, leanix: all_or_none(LEANIX, &variable)? })
    }

    pub(crate) fn targets(self, sandbox: &Sandbox) -> Targets {
        let lean = match self.lean {
            Some([client_id, client_secret, auth_url, customer]) => Lean {
                server: auth_url.clone(),
                auth_url,
                client_id,
                client_secret: client_secret.into(),
                customers: vec![customer],
                api: None,
            },
            None => Lean {
                server: "embedded sandbox".to_owned(),
                auth_url: sandbox.base_url().to_owned(),
                client_id: sandbox.lean_client_id(),
                client_secret: sandbox.lean_client_secret().into(),
                // The sandbox starts with this one; another is created.
                customers: vec!["a1b2c3d4-e5f6-7890-abcd-ef0123456789".to_owned()],
                api: Some(sandbox.base_url().to_owned()),
            },
        };
        let leanix = match self.leanix {
            Some([api_token, url]) => Leanix { server: url.clone(), url, api_token: api_token.into() },
            None => Leanix {
                server: "embedded sandbox".to_owned(),
                url: sandbox.base_url().to_owned(),
                api_token: sandbox.leanix_api_token().into(),
            },
        };
        Targets { lean, leanix }
    }
}

fn all_or_none<const N: usize>(
    names: [&str; N],
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Option<[String; N]>, String> {
    let values = names.map(|name| variable(name).filter(|value| !value.is_empty()));
    let missing: Vec<&str> =
        names.iter().zip(&values).filter(|(_, value)| value.is_none()).map(|(name, _)| *name).collect();
    if missing.len() == N {
        return Ok(None);
    }
    if !missing.is_empty() {
        let set: Vec<&str> = names.iter().filter(|name| !missing.contains(name)).copied().collect();
        return Err(format!(
            "missing variables: {}; set them as well, or unset {}",
            missing.join(", "),
            set.join(", ")
        ));
    }
    Ok(Some(values.map(Option::unwrap_or_default)))
}
