//! The metrics of this process, in the text format of Prometheus.

use metrics::gauge;
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};

/// What `/metrics` shows: the counters of the requests, and those of the caches and their stores.
pub(super) struct Metrics(PrometheusHandle);

impl Metrics {
    /// Records the metrics of this process from now on. Can be called once.
    ///
    /// # Errors
    /// If the metrics are recorded already.
    pub(super) fn install() -> Result<Self, BuildError> {
        Ok(Self(PrometheusBuilder::new().install_recorder()?))
    }

    /// The page, with the profiles that are kept warm and whether there is a token.
    pub(super) fn render<'name>(&self, profiles: impl Iterator<Item = (&'name str, bool)>) -> String {
        for (profile, is_warm) in profiles {
            let ready = if is_warm { 1.0 } else { 0.0 };
            gauge!("access_token_profile_ready", "profile" => profile.to_owned()).set(ready);
        }
        self.0.run_upkeep();
        self.0.render()
    }

    /// Drops what histograms no longer need. To be called every few seconds: nobody may ever ask for the page.
    pub(super) fn run_upkeep(&self) {
        self.0.run_upkeep();
    }
}
