//! Gets a token for a command.

use std::io::{self, Write as _};
use std::time::Duration;

use auth_core::{AccessToken, Scope, Secret, TokenError};
use chrono::{DateTime, Utc};
use clap::Args;
use serde_json::json;

use crate::config::Config;
use crate::failure::{ErrorFormat, Failure};
use crate::tokens::{self, ProfileTokens};

/// Which token.
#[derive(Args, Debug)]
pub(crate) struct TokenArguments {
    /// Profile of the configuration
    pub(crate) profile: String,

    /// Scope of the token, several scopes separated by spaces [default: that of the profile]
    #[arg(long, value_name = "SCOPE")]
    pub(crate) scope: Option<Scope>,

    /// How long the token must be valid at least, such as 90s, 10m or 1h
    #[arg(long, value_name = "DURATION", value_parser = crate::duration::parse, default_value = "0s")]
    pub(crate) min_validity: Duration,

    /// How long to wait for a token at most, also if the server asks to wait
    #[arg(long, value_name = "DURATION", value_parser = crate::duration::parse, default_value = "30s")]
    pub(crate) timeout: Duration,

    /// Do not ask a running sidecar
    #[arg(long)]
    pub(crate) no_sidecar: bool,
}

/// A token for a command.
#[derive(Debug)]
pub(crate) struct Issued {
    pub(crate) token: Secret,
    pub(crate) expires_at: DateTime<Utc>,
    /// The scope that it was requested for.
    pub(crate) scope: String,
}

/// A token as the arguments ask for it.
pub(crate) async fn token(config: &Config, arguments: &TokenArguments, errors: ErrorFormat) -> Result<Issued, Failure> {
    let tokens = tokens::open_within(config, &arguments.profile, arguments.timeout)?;
    let scope = arguments.scope.as_ref().unwrap_or(&tokens.default_scope);
    let token = valid_for(&tokens, scope, arguments.min_validity).await;
    if let Some(trouble) = tokens.trouble() {
        warn(&tokens.name, &trouble, errors);
    }
    let token = token.map_err(|error| Failure::from(&error).of_profile(&tokens.name))?;
    Ok(Issued {
        token: Secret::from(token.expose()),
        expires_at: token.expires_at(),
        scope: token.scope().as_str().to_owned(),
    })
}

/// A token that is valid for this long.
async fn valid_for(tokens: &ProfileTokens, scope: &Scope, min_validity: Duration) -> Result<AccessToken, TokenError> {
    let token = tokens.cache.access_token(scope).await?;
    if token.remaining() >= min_validity {
        return Ok(token);
    }
    // The store may have had one that does not last. The cache replaces it, and fails if a new one does not last either.
    tokens.cache.access_token_for(scope, min_validity).await
}

/// Says that tokens are not shared: the command works, but each one costs a request.
fn warn(profile: &str, trouble: &str, errors: ErrorFormat) {
    let text = format!("tokens are not cached for other processes: {trouble}");
    let line = match errors {
        ErrorFormat::Text => format!("access-token: warning: {text}"),
        ErrorFormat::Json => json!({ "warning": "not_cached", "message": text, "profile": profile }).to_string(),
    };
    // A warning that nobody can read is no reason to fail.
    let _ = writeln!(io::stderr().lock(), "{line}");
}
