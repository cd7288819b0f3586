//! The configuration: a TOML file with profiles, and where their tokens are cached.
//!
//! `file` finds and reads the file, `table` reads its fields, which `content` holds. `profile`, `provider`, `oauth2`, `client`, `cache` and
//! `secret` are what the fields mean.

pub(crate) mod cache;
pub(crate) mod client;
mod content;
pub(crate) mod file;
pub(crate) mod oauth2;
pub(crate) mod profile;
pub(crate) mod provider;
mod secret;
pub(crate) mod table;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::config::cache::CacheSettings;
use crate::config::file::File;
use crate::config::profile::Profile;
use crate::config::table::{Digest, Table};
use crate::failure::Failure;
use crate::secrets::reference::SecretReference;

/// The configuration.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    /// The file.
    pub(crate) path: PathBuf,
    pub(crate) profiles: BTreeMap<String, Profile>,
    /// Where profiles without settings of their own cache their tokens.
    pub(crate) cache: CacheSettings,
    /// Digests of `[profiles]` by name, and of `[cache]`, which say whether something has changed.
    #[cfg_attr(not(feature = "sidecar"), expect(dead_code, reason = "only a sidecar reads the configuration again"))]
    written: (BTreeMap<String, Digest>, Option<Digest>),
    /// The settings of the sidecar, not yet read.
    #[cfg_attr(not(feature = "sidecar"), allow(dead_code, reason = "for the sidecar"))]
    pub(crate) serve: Option<Table>,
}

impl Config {
    /// Reads the file that `named` or the environment names, or the one at the usual place.
    pub(crate) fn load(named: Option<&Path>) -> Result<Self, Failure> {
        Self::of(File::read(&file::location(named, &|name| std::env::var_os(name))?)?)
    }

    /// Reads the content of a file.
    pub(crate) fn of(file: File) -> Result<Self, Failure> {
        let File { path, text, mode } = file;
        let mut table = Table::parse(&path, text, mode)?;
        let (mut profiles, mut written) = (BTreeMap::new(), BTreeMap::new());
        if let Some(value) = table.take("profiles") {
            for (name, value) in value.table()?.into_fields() {
                written.insert(name.clone(), value.digest());
                let profile = Profile::read(&name, value)?;
                profiles.insert(name, profile);
            }
        }
        let cache = table.take("cache");
        let written = (written, cache.as_ref().map(|value| value.digest()));
        let cache = cache.map(|value| CacheSettings::read(value.table()?)).transpose()?;
        let serve = table.take("serve").map(|value| value.table()).transpose()?;
        table.finish()?;
        Ok(Self { path, profiles, cache: cache.unwrap_or_default(), written, serve })
    }

    /// The profile of this name.
    pub(crate) fn profile(&self, name: &str) -> Result<&Profile, Failure> {
        self.profiles.get(name).ok_or_else(|| {
            let path = self.path.display();
            let names = self.profiles.keys().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            let known =
                if names.is_empty() { "it has no profile".to_owned() } else { format!("its profiles are {names}") };
            Failure::usage(format!("{path} has no profile {name:?}; {known}")).of_profile(name)
        })
    }

    /// The secrets of all profiles and caches, or where they are, and the client ids.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &SecretReference> {
        let caches = self.profiles.values().filter_map(|profile| profile.cache.as_ref()).chain([&self.cache]);
        let of_profiles = self.profiles.values().flat_map(|profile| profile.provider.secrets());
        of_profiles.map(|(_, secret)| secret).chain(caches.flat_map(CacheSettings::secrets))
    }

    /// True if both say the same of the profile with this name, and of where its tokens are cached.
    #[cfg(feature = "sidecar")]
    pub(crate) fn says_the_same_of(&self, name: &str, other: &Self) -> bool {
        self.written.0.get(name) == other.written.0.get(name) && self.written.1 == other.written.1
    }

    /// Where the tokens of a profile are cached.
    pub(crate) fn cache_of<'config>(&'config self, profile: &'config Profile) -> &'config CacheSettings {
        profile.cache.as_ref().unwrap_or(&self.cache)
    }
}
