//! The tokens of a profile: its token endpoint behind a shared store and a cache.
//!
//! `store` puts them together. `endpoint` sends requests with the `credentials` of the profile, `identity` tells profiles apart in the
//! store, `folder` is where the store is, and `key` seals it.

mod credentials;
pub(crate) mod endpoint;
pub(crate) mod folder;
mod identity;
pub(crate) mod key;
pub(crate) mod store;

use std::time::Duration;

use auth_core::{Scope, TokenCache};

use crate::config::Config;
use crate::config::profile::Profile;
use crate::failure::Failure;
use crate::tokens::endpoint::ProfileEndpoint;
use crate::tokens::identity::SlowSecrets;
use crate::tokens::store::Trouble;

/// The tokens of a profile.
#[derive(Clone, Debug)]
pub(crate) struct ProfileTokens {
    /// The cache. Its first request builds the HTTP client; before that, nothing is built.
    pub(crate) cache: TokenCache,
    /// The scope of tokens for which none is named.
    pub(crate) default_scope: Scope,
    /// The name of the profile.
    pub(crate) name: String,
    trouble: Trouble,
}

/// How long a request for a token may take in a sidecar, with its retries.
const DEADLINE: Duration = Duration::from_secs(45);

/// The tokens of the profile with this name. Sends nothing.
pub(crate) fn open(config: &Config, name: &str) -> Result<ProfileTokens, Failure> {
    open_within(config, name, DEADLINE)
}

/// The same with another limit for the time of a request, its retries and the waits that a server asks for.
pub(crate) fn open_within(config: &Config, name: &str, deadline: Duration) -> Result<ProfileTokens, Failure> {
    let profile = config.profile(name)?;
    let (cache, trouble) =
        store::open(config.cache_of(profile), profile, deadline).map_err(|failure| failure.of_profile(name))?;
    Ok(ProfileTokens { cache, default_scope: profile.scope.clone(), name: profile.name.clone(), trouble })
}

/// Tokens that no store keeps, and whose requests are not retried.
pub(crate) fn uncached(profile: &Profile, deadline: Duration) -> TokenCache {
    let endpoint = ProfileEndpoint::new(&profile.provider, SlowSecrets::Read);
    TokenCache::builder(endpoint).request_deadline(deadline).retries(0).build()
}

impl ProfileTokens {
    /// Why tokens are not shared with other processes, if they are not.
    pub(crate) fn trouble(&self) -> Option<String> {
        self.trouble.message()
    }
}
