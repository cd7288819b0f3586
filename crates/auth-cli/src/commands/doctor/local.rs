//! Checks of this machine: the secrets and the cache.

use auth_core::CredentialSource as _;

use crate::commands::doctor::report::{Check, Report};
use crate::config::Config;
use crate::config::cache::CacheSettings;
use crate::config::profile::Profile;
use crate::failure::{Failure, Kind};
use crate::secrets::reference::SecretReference;
use crate::tokens;
use crate::tokens::folder::{self, NoFolder};
use crate::tokens::key::{self, CacheKey};
use crate::tokens::store::FOLDER_TIMEOUT;

pub(super) async fn check(config: &Config, profile: &Profile, report: &mut Report) {
    for (field, secret) in profile.provider.secrets() {
        // A client id is not secret, and in the configuration it is at hand.
        if field != "client_id" || !matches!(secret, SecretReference::Text(_)) {
            report.add(of_secret(field, secret).await);
        }
    }
    report.add(match config.cache_of(profile) {
        CacheSettings::Folder(named) => match of_folder(named.as_deref()).await {
            Ok(detail) => Check::ok("cache", detail),
            Err(NoFolder::Unsafe(failure)) => {
                Check::of_failure("cache", &failure, "correct the folder as the message says")
            }
            Err(NoFolder::Unavailable(problem)) => Check::warning(
                "cache",
                format!("{problem}; each call requests a token of its own"),
                "set `folder` in the table `cache` to a folder that this user may write",
            ),
        },
        CacheSettings::Redis(_) => match tokens::open(config, &profile.name) {
            Ok(_) => Check::ok("cache", "Redis, which is asked with the first token"),
            Err(failure) => Check::of_failure("cache", &failure, "correct the table `cache`"),
        },
    });
}

async fn of_secret(field: &str, secret: &SecretReference) -> Check {
    let (check, place) = match secret {
        SecretReference::Text(_) => return Check::ok("secret", format!("{field} is in the configuration itself")),
        SecretReference::File { path, .. } => ("file", format!("{path:?}")),
        SecretReference::Variable { name, .. } => ("variable", format!("{name:?}")),
        SecretReference::Command(command, _) => {
            ("command", format!("{:?}", command.words().first().copied().unwrap_or_default()))
        }
        SecretReference::Keyring(name, _) => ("keyring", format!("{name:?}")),
    };
    match secret.credentials().await {
        Ok(_) => Check::ok(check, format!("{field} is in {place}")),
        Err(error) => {
            let failure = Failure::from(&auth_core::TokenError::Credentials(error));
            let remedy = match secret {
                SecretReference::File { .. } => {
                    "create the file for this user alone (`chmod 600`), or name another one"
                }
                SecretReference::Variable { .. } => "set the variable in the environment of the program",
                SecretReference::Command(..) => "run the program by hand, and correct what it reports",
                SecretReference::Text(_) | SecretReference::Keyring(..) => {
                    "unlock the keyring and add the entry, or name a file, a variable or a command instead"
                }
            };
            Check::failed(check, Kind::Usage, failure.message, remedy)
        }
    }
}

/// Creates the folder and the key as the first `get` would.
async fn of_folder(named: Option<&std::path::Path>) -> Result<String, NoFolder> {
    let folder = folder::path(named)?;
    folder::create(&folder)?;
    match CacheKey::new(folder.clone(), FOLDER_TIMEOUT).credentials().await {
        Ok(_) => Ok(folder.display().to_string()),
        Err(error) => Err(NoFolder::Unavailable(key::explained(&error.to_string()))),
    }
}
