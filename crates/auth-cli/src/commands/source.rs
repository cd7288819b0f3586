//! The tokens of a command that may need a second one: those of a sidecar, or those of the cache.

use auth_core::reqwest::header::HeaderValue;
use auth_core::{AccessToken, TokenHandle, TokenSource};

use crate::commands::request::{TokenArguments, opened, valid_for, warn_of};
use crate::config::Config;
use crate::failure::{ErrorFormat, Failure};

/// Where a command gets its tokens.
pub(crate) enum CommandTokens {
    /// From the cache.
    Own(TokenHandle),
    /// From a sidecar that runs.
    #[cfg(feature = "sidecar")]
    Sidecar(sidecar::Asked),
}

/// A token of [`CommandTokens`].
pub(crate) enum CommandToken {
    Own(AccessToken),
    #[cfg(feature = "sidecar")]
    Sidecar(auth_core::Secret),
}

impl CommandTokens {
    /// Gets the first token as the arguments ask for it: from a sidecar if one runs, otherwise from the cache.
    pub(crate) async fn open(
        config: &Config,
        arguments: &TokenArguments,
        errors: ErrorFormat,
    ) -> Result<Self, Failure> {
        #[cfg(feature = "sidecar")]
        if let Some(asked) = sidecar::Asked::first(arguments).await? {
            return Ok(Self::Sidecar(asked));
        }
        let (tokens, scope) = opened(config, arguments)?;
        let token = valid_for(&tokens, &scope, arguments).await;
        warn_of(&tokens, errors);
        // The handle has it now.
        token.map_err(|error| Failure::from(&error))?;
        Ok(Self::Own(tokens.cache.handle(&scope)))
    }
}

impl TokenSource for CommandTokens {
    type Token = CommandToken;
    type Error = Failure;

    async fn token(&self) -> Result<CommandToken, Failure> {
        match self {
            Self::Own(handle) => {
                Ok(CommandToken::Own(handle.access_token().await.map_err(|error| Failure::from(&error))?))
            }
            #[cfg(feature = "sidecar")]
            Self::Sidecar(asked) => Ok(CommandToken::Sidecar(asked.token().await?)),
        }
    }

    fn authorization(&self, token: &CommandToken) -> Result<HeaderValue, Failure> {
        match token {
            CommandToken::Own(token) => Ok(token.authorization()),
            #[cfg(feature = "sidecar")]
            CommandToken::Sidecar(token) => {
                TokenSource::authorization(token, token).map_err(|error| Failure::other(error.to_string()))
            }
        }
    }

    fn reject(&self, token: &CommandToken) {
        match (self, token) {
            (Self::Own(handle), CommandToken::Own(token)) => {
                handle.reject(token);
            }
            #[cfg(feature = "sidecar")]
            (Self::Sidecar(asked), _) => asked.reject(),
            #[cfg(feature = "sidecar")]
            (Self::Own(_), CommandToken::Sidecar(_)) => {}
        }
    }
}

#[cfg(feature = "sidecar")]
mod sidecar {
    use std::sync::{Mutex, PoisonError};
    use std::time::Duration;

    use auth_core::{Scope, Secret};

    use crate::commands::request::TokenArguments;
    use crate::failure::{Failure, Kind};
    use crate::sidecar::client::{self, SidecarRequest};

    /// A sidecar that has given a token.
    pub(crate) struct Asked {
        profile: String,
        scope: Option<Scope>,
        min_validity: Duration,
        timeout: Duration,
        /// The token, until a server rejects it.
        token: Mutex<Option<Secret>>,
    }

    impl Asked {
        /// Asks for a token; `None` if no sidecar runs that has it for this user.
        pub(super) async fn first(arguments: &TokenArguments) -> Result<Option<Self>, Failure> {
            let TokenArguments { profile, scope, min_validity, timeout, no_sidecar } = arguments;
            if *no_sidecar {
                return Ok(None);
            }
            let (profile, scope) = (profile.clone(), scope.clone());
            let (min_validity, timeout) = (*min_validity, *timeout);
            let asked = Self { profile, scope, min_validity, timeout, token: Mutex::new(None) };
            let token = asked.ask(false).await?;
            Ok(token.map(|token| Self { token: Mutex::new(Some(token)), ..asked }))
        }

        pub(super) async fn token(&self) -> Result<Secret, Failure> {
            let token = self.token.lock().unwrap_or_else(PoisonError::into_inner).clone();
            match token {
                Some(token) => Ok(token),
                // A server has rejected the first one.
                None => self.ask(true).await?.ok_or_else(|| {
                    Failure::new(Kind::Unavailable, "the sidecar that gave the first token gives no other one")
                }),
            }
        }

        pub(super) fn reject(&self) {
            *self.token.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }

        async fn ask(&self, skip_cache: bool) -> Result<Option<Secret>, Failure> {
            let Self { profile, scope, min_validity, timeout, token: _ } = self;
            let (min_validity, timeout) = (*min_validity, *timeout);
            let request = SidecarRequest { profile, scope: scope.as_ref(), min_validity, skip_cache, timeout };
            Ok(client::token(request).await?.map(|given| given.access_token))
        }
    }
}
