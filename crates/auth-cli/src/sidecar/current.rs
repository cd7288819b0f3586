//! What the configuration says at the moment.

use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::config::Config;
use crate::failure::Failure;
use crate::sidecar::callers::Callers;
use crate::sidecar::limits::Limits;
use crate::sidecar::metrics::Metrics;
use crate::sidecar::profiles::Profiles;
use crate::sidecar::settings::{Places, Settings};

/// Reads the configuration.
pub(crate) type Load = Arc<dyn Fn() -> Result<Config, Failure> + Send + Sync>;

/// What can be replaced while the process runs. It is replaced as a whole.
pub(super) struct Current {
    pub(super) callers: Callers,
    pub(super) profiles: Profiles,
}

/// What is read only at the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fixed {
    pub(super) places: Places,
    pub(super) limits: Limits,
}

/// What all requests share.
pub(super) struct Shared {
    pub(super) current: ArcSwap<Current>,
    pub(super) limits: Limits,
    pub(super) metrics: Metrics,
}

impl Current {
    /// Opens what the configuration says: only the profile `only`, if there is one, otherwise all. Profiles that are the same as in
    /// `previous` keep their tokens.
    ///
    /// Must be called in a runtime.
    ///
    /// # Errors
    /// What is wrong with the configuration.
    pub(super) fn read(
        mut config: Config,
        only: Option<&str>,
        previous: Option<&Self>,
    ) -> Result<(Self, Fixed), Failure> {
        let names: Vec<&str> = config.profiles.keys().map(String::as_str).collect();
        let own_user = rustix::process::geteuid().as_raw();
        let Settings { places, callers, limits } = Settings::read(config.serve.take(), &names, own_user)?;
        if let Some(only) = only {
            config.profiles.retain(|name, _| name == only);
        }
        let profiles = Profiles::open(config, previous.map(|current| &current.profiles))?;
        Ok((Self { callers, profiles }, Fixed { places, limits }))
    }
}
