use crate::{StartError, oauth2::registration::State, random};

/// The credentials that the authorization servers of the two vendors accept.
#[derive(Clone)]
pub(crate) struct Credentials {
    pub(crate) lean_client_id: String,
    pub(crate) lean_client_secret: String,
    pub(crate) leanix_api_token: String,
}

/// Requested credentials; those that are not set are random.
#[derive(Default)]
pub(crate) struct Wanted {
    pub(crate) lean_client_id: Option<String>,
    pub(crate) lean_client_secret: Option<String>,
    pub(crate) leanix_api_token: Option<String>,
    pub(crate) oauth2_client_id: Option<String>,
    pub(crate) oauth2_client_secret: Option<String>,
}

impl Wanted {
    pub(crate) fn resolve(self) -> Result<(Credentials, State), StartError> {
        let resolve = |name, wanted: Option<String>, random: fn() -> Result<String, StartError>| match wanted {
            Some(empty) if empty.is_empty() => Err(StartError::EmptyCredential(name)),
            Some(wanted) => Ok(wanted),
            None => random(),
        };
        let oauth2 = State::new(
            resolve("OAuth 2.0 client id", self.oauth2_client_id, || Ok(random::uuid()?.to_string()))?,
            resolve("OAuth 2.0 client secret", self.oauth2_client_secret, || random::alphanumeric(48))?,
        );
        let credentials = Credentials {
            lean_client_id: resolve("Lean client id", self.lean_client_id, || Ok(random::uuid()?.to_string()))?,
            lean_client_secret: resolve("Lean client secret", self.lean_client_secret, || random::alphanumeric(48))?,
            leanix_api_token: resolve("LeanIX API token", self.leanix_api_token, || {
                Ok(format!("LXT_{}", random::alphanumeric(40)?))
            })?,
        };
        Ok((credentials, oauth2))
    }
}
