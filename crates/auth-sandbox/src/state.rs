//! The state of a running sandbox.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
};

use axum::response::Response;
use bytes::Bytes;
use http::request::Parts;

use crate::{
    Raw, RecordedRequest, Script, Vendor,
    control::Control,
    credentials::Credentials,
    customers::Customers,
    jwt::SigningKey,
    lock::lock,
    oauth2::{certificate::Secure, registration::State},
    observe::{Arrival, Observer},
    timeouts::Timeouts,
    tokens::{Issued, Tokens},
};

pub(crate) struct Shared {
    pub(crate) base_url: String,
    pub(crate) key: Arc<SigningKey>,
    pub(crate) connections: AtomicU64,
    pub(crate) records: bool,
    pub(crate) observer: Option<Observer>,
    pub(crate) timeouts: Timeouts,
    pub(crate) customers: Customers,
    pub(crate) known_customers_only: bool,
    /// Set if the sandbox can be controlled over HTTP.
    pub(crate) control: Option<Control>,
    initial_credentials: Credentials,
    credentials: RwLock<Credentials>,
    lean: ProviderState,
    leanix: ProviderState,
    generic: ProviderState,
    pub(crate) oauth2: State,
    /// The part with TLS, if there is one.
    pub(crate) secure: Option<Secure>,
}

impl Shared {
    pub(crate) fn new(
        base_url: String,
        credentials: Credentials,
        oauth2: State,
        key: Arc<SigningKey>,
        lifetime: u64,
    ) -> Self {
        Self {
            key,
            connections: AtomicU64::new(0),
            records: false,
            observer: None,
            timeouts: Timeouts::default(),
            customers: Customers::of(&credentials.lean_client_id),
            known_customers_only: false,
            control: None,
            initial_credentials: credentials.clone(),
            credentials: RwLock::new(credentials),
            lean: ProviderState::new(Vendor::Lean.issuer(&base_url), lifetime),
            leanix: ProviderState::new(Vendor::LeanIx.issuer(&base_url), lifetime),
            generic: ProviderState::new(Vendor::OAuth2.issuer(&base_url), lifetime),
            oauth2,
            secure: None,
            base_url,
        }
    }

    pub(crate) fn provider(&self, vendor: Vendor) -> &ProviderState {
        match vendor {
            Vendor::Lean => &self.lean,
            Vendor::LeanIx => &self.leanix,
            Vendor::OAuth2 => &self.generic,
        }
    }

    pub(crate) fn credentials(&self) -> RwLockReadGuard<'_, Credentials> {
        self.credentials.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn credentials_mut(&self) -> RwLockWriteGuard<'_, Credentials> {
        self.credentials.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn record(&self, vendor: Vendor, parts: &Parts, body: &Bytes) {
        if self.records {
            lock(&self.provider(vendor).recorded).push(RecordedRequest::new(parts, body));
        }
    }

    /// The existing customers, if only these get tokens.
    pub(crate) fn existing_customers(&self) -> Option<&Customers> {
        self.known_customers_only.then_some(&self.customers)
    }

    pub(crate) fn observe(
        &self,
        arrival: Arrival,
        response: &Response,
        error: Option<&'static str>,
        scope: Option<String>,
    ) {
        if self.observer.is_none() && self.control.is_none() {
            return;
        }
        let hijacked = response.extensions().get::<Raw>().is_some();
        let status = (!hijacked).then(|| response.status().as_u16());
        let (exchange, sent) = self.with_secrets(|secrets| {
            let sent = arrival.sent(secrets);
            (arrival.answered(secrets, status, error, scope), sent)
        });
        if let Some(control) = &self.control {
            control.log.add(&exchange, sent);
        }
        if let Some(observer) = &self.observer {
            observer(&exchange);
        }
    }

    /// Calls a function with the secrets that must not be shown.
    pub(crate) fn with_secrets<T>(&self, show: impl FnOnce(&[&str]) -> T) -> T {
        let (accepted, client) = (self.credentials(), self.oauth2.registration());
        show(&[&accepted.lean_client_secret, &accepted.leanix_api_token, &client.secret])
    }

    /// Restores credentials, customers, counts, scripts and lifetimes to those of the start, and revokes and forgets all tokens.
    pub(crate) fn reset(&self) {
        *self.credentials_mut() = self.initial_credentials.clone();
        self.customers.reset(&self.initial_credentials.lean_client_id);
        self.oauth2.reset();
        for vendor in Vendor::ALL {
            self.provider(vendor).reset();
        }
        if let Some(control) = &self.control {
            control.log.clear();
        }
    }
}

/// The state, counters and scripts of one provider.
pub(crate) struct ProviderState {
    pub(crate) issuer: String,
    pub(crate) script: Script,
    pub(crate) resource_script: Script,
    pub(crate) counters: Counters,
    pub(crate) recorded: Mutex<Vec<RecordedRequest>>,
    initial_lifetime: u64,
    lifetime: AtomicU64,
    by_scope: Mutex<HashMap<String, u64>>,
    tokens: Mutex<Tokens>,
}

#[derive(Default)]
pub(crate) struct Counters {
    pub(crate) requests: AtomicU64,
    pub(crate) refusals: AtomicU64,
    pub(crate) issued: AtomicU64,
    pub(crate) in_hand: AtomicU64,
    pub(crate) peak: AtomicU64,
    pub(crate) resource_requests: AtomicU64,
}

impl ProviderState {
    fn new(issuer: String, lifetime: u64) -> Self {
        Self {
            issuer,
            script: Script::default(),
            resource_script: Script::default(),
            counters: Counters::default(),
            recorded: Mutex::default(),
            initial_lifetime: lifetime,
            lifetime: AtomicU64::new(lifetime),
            by_scope: Mutex::default(),
            tokens: Mutex::default(),
        }
    }

    /// Counts a token request as in progress until the guard is dropped.
    pub(crate) fn arrival(&self) -> InHand<'_> {
        self.counters.requests.fetch_add(1, SeqCst);
        let in_hand = self.counters.in_hand.fetch_add(1, SeqCst) + 1;
        self.counters.peak.fetch_max(in_hand, SeqCst);
        InHand(&self.counters)
    }

    pub(crate) fn count_scope(&self, scope: &str) {
        *lock(&self.by_scope).entry(scope.to_owned()).or_default() += 1;
    }

    pub(crate) fn requests_for(&self, scope: &str) -> u64 {
        lock(&self.by_scope).get(scope).copied().unwrap_or_default()
    }

    pub(crate) fn count_refusal(&self) {
        self.counters.refusals.fetch_add(1, SeqCst);
    }

    pub(crate) fn count_issued(&self) {
        self.counters.issued.fetch_add(1, SeqCst);
    }

    pub(crate) fn count_resource_request(&self) {
        self.counters.resource_requests.fetch_add(1, SeqCst);
    }

    pub(crate) fn lifetime(&self) -> u64 {
        self.lifetime.load(SeqCst)
    }

    pub(crate) fn set_lifetime(&self, seconds: u64) {
        self.lifetime.store(seconds, SeqCst);
    }

    pub(crate) fn keep(&self, issued: Issued, token: &str) {
        lock(&self.tokens).keep(issued, token);
    }

    pub(crate) fn last_token(&self, scope: &str) -> Option<String> {
        lock(&self.tokens).last(scope)
    }

    pub(crate) fn is_live(&self, id: &str) -> bool {
        lock(&self.tokens).is_live(id)
    }

    pub(crate) fn is_known(&self, id: &str) -> bool {
        lock(&self.tokens).is_known(id)
    }

    pub(crate) fn revoke(&self, id: &str) -> bool {
        lock(&self.tokens).revoke(id)
    }

    pub(crate) fn revoke_all(&self) {
        lock(&self.tokens).revoke_all();
    }

    /// The last issued tokens, the oldest first; true if a token is not revoked.
    pub(crate) fn issued_tokens(&self) -> Vec<(Issued, bool)> {
        lock(&self.tokens).issued()
    }

    fn reset(&self) {
        self.script.reset();
        self.resource_script.reset();
        self.set_lifetime(self.initial_lifetime);
        self.counters.reset();
        lock(&self.recorded).clear();
        lock(&self.by_scope).clear();
        *lock(&self.tokens) = Tokens::default();
    }
}

impl Counters {
    /// Sets all to zero, except for the number of token requests in progress.
    fn reset(&self) {
        for counter in [&self.requests, &self.refusals, &self.issued, &self.resource_requests] {
            counter.store(0, SeqCst);
        }
        self.peak.store(self.in_hand.load(SeqCst), SeqCst);
    }
}

/// A token request in progress.
pub(crate) struct InHand<'a>(&'a Counters);

impl Drop for InHand<'_> {
    fn drop(&mut self) {
        self.0.in_hand.fetch_sub(1, SeqCst);
    }
}
