//! A profile: whose tokens, and from where.

use auth_core::{Origins, Scope};

use crate::config::cache::CacheSettings;
use crate::config::provider::Provider;
use crate::config::table::Value;
use crate::failure::Failure;

/// A profile of the configuration.
#[derive(Clone, Debug)]
pub(crate) struct Profile {
    pub(crate) name: String,
    pub(crate) provider: Provider,
    /// The scope of tokens for which none is named.
    pub(crate) scope: Scope,
    /// Whether the sidecar renews the token of that scope before anybody asks for it.
    #[cfg_attr(not(feature = "sidecar"), allow(dead_code, reason = "for the sidecar"))]
    pub(crate) keep_warm: bool,
    /// Origins that `call` may send the tokens to, besides those of the provider.
    pub(crate) origins: Vec<String>,
    /// Where the tokens are cached, if not where those of other profiles are.
    pub(crate) cache: Option<CacheSettings>,
}

impl Profile {
    pub(super) fn read(name: &str, value: Value) -> Result<Self, Failure> {
        check_name(name).map_err(|problem| value.failure(problem))?;
        let mut table = value.table()?;
        let provider = Provider::read(&mut table)?;
        let scope = table.take("scope").map(|value| value.parsed(str::parse)).transpose()?;
        let keep_warm = table.take("keep_warm").map(|value| value.boolean()).transpose()?;
        let origins = table.take("origins").map(origins).transpose()?;
        let cache = table.take("cache").map(|value| CacheSettings::read(value.table()?)).transpose()?;
        table.finish()?;
        Ok(Self {
            name: name.to_owned(),
            scope: scope.unwrap_or_else(|| provider.default_scope()),
            provider,
            keep_warm: keep_warm.unwrap_or(false),
            origins: origins.unwrap_or_default(),
            cache,
        })
    }
}

/// Origins that tokens may be sent to.
fn origins(value: Value) -> Result<Vec<String>, Failure> {
    let origin = |value: &Value| value.parsed(|text| Origins::of(text).map(|_| text.to_owned()));
    value.list()?.iter().map(origin).collect()
}

/// A name is also that of a folder and a part of URLs.
pub(crate) fn check_name(name: &str) -> Result<(), &'static str> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let begins = name.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    if begins && name.len() <= 64 && name.bytes().all(allowed) {
        Ok(())
    } else {
        Err(
            "the name of a profile has at most 64 letters of ASCII, digits, `.`, `_` and `-`, and begins with a letter or digit",
        )
    }
}
