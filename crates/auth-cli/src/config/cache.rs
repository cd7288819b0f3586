//! Where tokens are cached.

use std::path::PathBuf;

use auth_core::Secret;

use crate::config::secret::secret;
use crate::config::table::{Table, Value};
use crate::failure::Failure;
use crate::secrets::reference::{Lines, SecretReference};

/// Where tokens are cached.
#[derive(Clone, Debug)]
pub(crate) enum CacheSettings {
    /// In this folder, or in the usual one.
    Folder(Option<PathBuf>),
    /// In Redis or Valkey.
    #[cfg_attr(not(feature = "redis"), allow(dead_code, reason = "read, and then refused"))]
    Redis(RedisSettings),
}

/// A store on Redis or Valkey.
#[cfg_attr(not(feature = "redis"), allow(dead_code, reason = "read, and then refused"))]
#[derive(Clone, Debug)]
pub(crate) struct RedisSettings {
    pub(crate) url: Secret,
    pub(crate) keys: SecretReference,
    pub(crate) user: Option<String>,
    pub(crate) password: Option<SecretReference>,
    pub(crate) prefix: Option<String>,
}

impl Default for CacheSettings {
    fn default() -> Self {
        Self::Folder(None)
    }
}

impl CacheSettings {
    /// The secrets, or where they are.
    pub(super) fn secrets(&self) -> Vec<&SecretReference> {
        match self {
            Self::Folder(_) => Vec::new(),
            Self::Redis(settings) => [&settings.keys].into_iter().chain(&settings.password).collect(),
        }
    }

    pub(super) fn read(mut table: Table) -> Result<Self, Failure> {
        let Some(url) = table.take("redis") else {
            let folder = table.take("folder").map(|value| value.path()).transpose()?;
            table.finish()?;
            return Ok(Self::Folder(folder));
        };
        if cfg!(not(feature = "redis")) {
            return Err(url.failure("this program was built without the feature `redis`"));
        }
        let settings = RedisSettings {
            url: address(&url)?,
            keys: secret(table.need("keys")?, Lines::Many)?,
            user: table.take("user").map(|value| value.text().map(str::to_owned)).transpose()?,
            password: table.take("password").map(|value| secret(value, Lines::One)).transpose()?,
            prefix: table.take("prefix").map(|value| value.text().map(str::to_owned)).transpose()?,
        };
        table.finish()?;
        Ok(Self::Redis(settings))
    }
}

/// The URL, which is a secret if it holds a password.
fn address(value: &Value) -> Result<Secret, Failure> {
    let text = value.text()?;
    let authority = text.split_once("://").map_or(text, |(_, rest)| rest.split(['/', '?']).next().unwrap_or(rest));
    let has_password = authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':'));
    if has_password { value.secret() } else { Ok(Secret::from(text)) }
}
