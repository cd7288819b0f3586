//! Gets a token for a command.

use std::io::{self, Write as _};
use std::time::Duration;

use auth_core::{AccessToken, Scope, Secret, TokenError};
use chrono::{DateTime, Utc};
use clap::Args;
use serde_json::json;
use tokio::time::timeout;

use crate::config::Config;
use crate::failure::{ErrorFormat, Failure};
use crate::printable::printable;
use crate::tokens::{self, ProfileTokens};

/// Time by which the whole may take longer than the request in it.
const GRACE: Duration = Duration::from_millis(500);

/// Which token.
#[derive(Args, Debug)]
pub(crate) struct TokenArguments {
    /// Profile of the configuration
    pub(crate) profile: String,

    /// Scope of the token, several scopes separated by spaces [default: that of the profile]
    #[arg(long, value_name = "SCOPE")]
    pub(crate) scope: Option<Scope>,

    /// Minimum remaining lifetime of the token, such as 90s, 10m or 1h
    #[arg(long, value_name = "DURATION", value_parser = crate::duration::parse, default_value = "0s")]
    pub(crate) min_validity: Duration,

    /// Maximum time to wait for a token, including waits that the server asks for
    #[arg(long, value_name = "DURATION", value_parser = crate::duration::parse_positive, default_value = "30s")]
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

/// What is wrong with a token without a lifetime.
pub(crate) const EXPIRED: &str =
    "the token has already expired; the server issues it without a lifetime, or the clock of this machine is wrong";

impl Issued {
    pub(crate) fn has_expired(&self) -> bool {
        self.expires_at <= Utc::now()
    }
}

/// A token as the arguments ask for it: from a sidecar if one runs, which needs no configuration, otherwise from the cache.
pub(crate) async fn token(
    config: &Result<Config, Failure>,
    arguments: &TokenArguments,
    errors: ErrorFormat,
) -> Result<Issued, Failure> {
    if let Some(issued) = from_sidecar(arguments).await? {
        return Ok(issued);
    }
    let (tokens, scope) = opened(config.as_ref().map_err(Failure::clone)?, arguments)?;
    let token = valid_for(&tokens, &scope, arguments).await;
    warn_of(&tokens, errors);
    let token = token.map_err(|error| Failure::from(&error).of_profile(&tokens.name))?;
    Ok(Issued {
        token: Secret::from(token.expose()),
        expires_at: token.expires_at(),
        scope: token.scope().as_str().to_owned(),
    })
}

/// A token of the sidecar; `None` if none runs that has it for this user.
#[cfg(feature = "sidecar")]
async fn from_sidecar(arguments: &TokenArguments) -> Result<Option<Issued>, Failure> {
    use crate::sidecar::client::{self, SidecarRequest, SidecarToken};

    if arguments.no_sidecar {
        return Ok(None);
    }
    let request = SidecarRequest {
        profile: &arguments.profile,
        scope: arguments.scope.as_ref(),
        min_validity: arguments.min_validity,
        skip_cache: false,
        timeout: arguments.timeout,
    };
    let issued = client::token(request).await?;
    Ok(issued.map(|SidecarToken { access_token, expires_at, scope }| Issued { token: access_token, expires_at, scope }))
}

#[cfg(not(feature = "sidecar"))]
async fn from_sidecar(_: &TokenArguments) -> Result<Option<Issued>, Failure> {
    Ok(None)
}

/// The tokens of the profile, and the scope of the one that is asked for.
pub(crate) fn opened(config: &Config, arguments: &TokenArguments) -> Result<(ProfileTokens, Scope), Failure> {
    let tokens = tokens::open_within(config, &arguments.profile, arguments.timeout)?;
    let scope = arguments.scope.clone().unwrap_or_else(|| tokens.default_scope.clone());
    Ok((tokens, scope))
}

/// A token that is valid for as long as the arguments ask for, within their time.
pub(crate) async fn valid_for(
    tokens: &ProfileTokens,
    scope: &Scope,
    arguments: &TokenArguments,
) -> Result<AccessToken, TokenError> {
    let TokenArguments { min_validity, timeout: after, .. } = arguments;
    let token = async {
        let token = tokens.cache.access_token(scope).await?;
        if token.remaining() >= *min_validity {
            return Ok(token);
        }
        // The store may have had one that does not last. The cache replaces it, and fails if a new one does not last either.
        tokens.cache.access_token_for(scope, *min_validity).await
    };
    // The cache keeps the limit for requests, and says more about them.
    let late = |_| Err(TokenError::Timeout { after: *after });
    timeout(*after + GRACE, token).await.unwrap_or_else(late)
}

/// Says if tokens are not shared: the command works, but each one costs a request.
pub(crate) fn warn_of(tokens: &ProfileTokens, errors: ErrorFormat) {
    if let Some(trouble) = tokens.trouble() {
        warn("not_cached", &format!("tokens are not cached for other processes: {trouble}"), &tokens.name, errors);
    }
}

/// Says if the token is of no use.
pub(crate) fn warn_if_expired(issued: &Issued, profile: &str, errors: ErrorFormat) {
    if issued.has_expired() {
        warn("expired", EXPIRED, profile, errors);
    }
}

fn warn(warning: &str, message: &str, profile: &str, errors: ErrorFormat) {
    let line = match errors {
        ErrorFormat::Text => format!("access-token: warning: {}", printable(message)),
        ErrorFormat::Json => json!({ "warning": warning, "message": message, "profile": profile }).to_string(),
    };
    // A warning that nobody can read is no reason to fail.
    let _ = writeln!(io::stderr().lock(), "{line}");
}
