use std::{
    fmt,
    sync::{Arc, atomic::Ordering::SeqCst},
    time::Duration,
};

use crate::{
    RecordedRequest, Script, Vendor,
    lock::lock,
    state::{ProviderState, Shared},
};

/// One vendor's servers in a sandbox: their counters and scripts. Clones are the same provider.
#[derive(Clone)]
pub struct Provider {
    shared: Arc<Shared>,
    vendor: Vendor,
}

impl Provider {
    pub(crate) fn new(shared: &Arc<Shared>, vendor: Vendor) -> Self {
        Self { shared: Arc::clone(shared), vendor }
    }

    /// The vendor.
    #[must_use]
    pub fn vendor(&self) -> Vendor {
        self.vendor
    }

    /// The issuer: `iss` of the tokens, and for [`Vendor::OAuth2`] where the metadata document is.
    #[must_use]
    pub fn issuer(&self) -> String {
        self.state().issuer.clone()
    }

    /// URL of the token endpoint.
    #[must_use]
    pub fn token_url(&self) -> String {
        format!("{}{}", self.shared.base_url, self.vendor.token_path())
    }

    /// URL of the protected resource.
    #[must_use]
    pub fn resource_url(&self) -> String {
        format!("{}{}", self.shared.base_url, self.vendor.resource_path())
    }

    /// Number of requests that reached the token endpoint, with any method and outcome.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.state().counters.requests.load(SeqCst)
    }

    /// Number of token requests for a scope, compared exactly as sent; `""` for requests without a scope.
    #[must_use]
    pub fn requests_for(&self, scope: &str) -> u64 {
        self.state().requests_for(scope)
    }

    /// Number of token requests that broke a rule or had wrong credentials, even if a script gave another response.
    #[must_use]
    pub fn refusals(&self) -> u64 {
        self.state().counters.refusals.load(SeqCst)
    }

    /// Number of responses with a token.
    #[must_use]
    pub fn issued(&self) -> u64 {
        self.state().counters.issued.load(SeqCst)
    }

    /// The largest number of token requests that were in progress at the same time.
    #[must_use]
    pub fn peak_concurrency(&self) -> u64 {
        self.state().counters.peak.load(SeqCst)
    }

    /// Number of requests that reached the protected resource, for any of its operations.
    #[must_use]
    pub fn resource_requests(&self) -> u64 {
        self.state().counters.resource_requests.load(SeqCst)
    }

    /// The requests to both endpoints in order, if [`Builder::record_requests`](crate::Builder::record_requests) was called;
    /// otherwise empty.
    #[must_use]
    pub fn recorded(&self) -> Vec<RecordedRequest> {
        lock(&self.state().recorded).clone()
    }

    /// The script of the token endpoint.
    #[must_use]
    pub fn script(&self) -> Script {
        self.state().script.clone()
    }

    /// The script of the protected resource and all its operations. There, [`Step::token`](crate::Step::token) means the normal
    /// response.
    #[must_use]
    pub fn resource_script(&self) -> Script {
        self.state().resource_script.clone()
    }

    /// Sets the lifetime of tokens issued from now on, in whole seconds.
    pub fn set_lifetime(&self, lifetime: Duration) {
        self.state().set_lifetime(lifetime.as_secs());
    }

    fn state(&self) -> &ProviderState {
        self.shared.provider(self.vendor)
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider")
            .field("vendor", &self.vendor)
            .field("requests", &self.requests())
            .field("issued", &self.issued())
            .finish_non_exhaustive()
    }
}
