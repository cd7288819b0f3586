//! `access-token logout`: drops cached tokens.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use crate::commands::runtime::block_on;
use crate::config::Config;
use crate::config::cache::CacheSettings;
use crate::config::profile::Profile;
use crate::failure::Failure;
use crate::tokens::folder::{self, NoFolder};
use crate::tokens::key::CacheKey;

/// Whose tokens are dropped.
#[derive(Args, Debug)]
pub(crate) struct LogoutArguments {
    /// Profile whose tokens are dropped
    #[arg(required_unless_present = "all")]
    profile: Option<String>,

    /// Drop the tokens of all profiles, and the key that seals them
    #[arg(long, conflicts_with = "profile")]
    all: bool,
}

/// Drops the tokens of a profile, or of all.
pub(crate) fn run(config: Option<&Path>, arguments: &LogoutArguments) -> Result<ExitCode, Failure> {
    let config = Config::load(config)?;
    match &arguments.profile {
        Some(name) => of_profile(&config, config.profile(name)?).map_err(|failure| failure.of_profile(name))?,
        None => block_on(of_all(&config))??,
    }
    Ok(ExitCode::SUCCESS)
}

fn of_profile(config: &Config, profile: &Profile) -> Result<(), Failure> {
    match config.cache_of(profile) {
        CacheSettings::Folder(named) => match existing(named.as_deref())? {
            Some(folder) => remove(&folder::of_profile(&folder, &profile.name)),
            None => Ok(()),
        },
        CacheSettings::Redis(_) => Err(Failure::usage(
            "the tokens are in Redis, where other hosts use them as well; they end when they expire, or for all hosts when the \
             first of the keys is replaced",
        )),
    }
}

async fn of_all(config: &Config) -> Result<(), Failure> {
    let settings = config.profiles.values().map(|profile| config.cache_of(profile)).chain([&config.cache]);
    let mut folders = BTreeSet::new();
    for settings in settings {
        if let CacheSettings::Folder(named) = settings {
            folders.extend(existing(named.as_deref())?);
        }
    }
    for folder in folders {
        remove(&folder.join("tokens"))?;
        let removed = CacheKey::new(folder.clone(), Duration::ZERO).remove().await;
        removed
            .map_err(|error| Failure::other(format!("the key in {} cannot be removed: {error}", folder.display())))?;
    }
    Ok(())
}

/// The folder of the cache if it exists.
fn existing(named: Option<&Path>) -> Result<Option<PathBuf>, Failure> {
    let folder = match folder::path(named) {
        Ok(folder) => folder,
        // There is no place at which tokens could have been cached.
        Err(NoFolder::Unavailable(_)) => return Ok(None),
        Err(NoFolder::Unsafe(failure)) => return Err(failure),
    };
    if fs::symlink_metadata(&folder).is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
        return Ok(None);
    }
    folder::check(&folder)?;
    Ok(Some(folder))
}

fn remove(folder: &Path) -> Result<(), Failure> {
    // A process may create a file while the folder is being removed.
    for _ in 0..3 {
        match fs::remove_dir_all(folder) {
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => {}
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Failure::other(format!("the folder {} cannot be removed: {error}", folder.display())));
            }
            _ => return Ok(()),
        }
    }
    Err(Failure::other(format!(
        "the folder {} cannot be removed: other processes keep writing to it; try again",
        folder.display()
    )))
}
