//! The events and counters of a cache.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use auth_core::{MetricsObserver, Scope, TokenCache, TracingObserver};
use auth_sandbox::{Reply, Sandbox, Step, TokenReply};
use integration_tests::{Issuer, Logs, ManualClock, RecordingObserver, customer, ended};
use metrics::{Counter, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit};

/// With this lifetime, a token is due for renewal after 67.5 to 70 seconds.
const LIFE: Duration = Duration::from_secs(100);
const WHEN_DUE: Duration = Duration::from_secs(75);

/// Causes every event at least once, and returns the names of the events in order.
async fn everything(issuer: &Issuer, tokens: &TokenCache, clock: &ManualClock) -> Vec<&'static str> {
    let (script, scope) = (issuer.provider.script(), &issuer.scope);
    script.push(TokenReply::new().lifetime(LIFE));
    tokens.access_token(scope).await.unwrap();
    tokens.access_token(scope).await.unwrap();
    clock.pass(WHEN_DUE);
    tokens.access_token(scope).await.unwrap();
    ended(2, tokens).await;
    let token = tokens.access_token(scope).await.unwrap();
    tokens.reject(&token);
    tokens.reject(&token);
    script.push_times(3, Step::status(500));
    tokens.access_token(scope).await.unwrap_err();
    tokens.access_token(scope).await.unwrap_err();
    clock.pass(WHEN_DUE);
    script.push(Reply::oauth_error(401, "invalid_client"));
    tokens.access_token(scope).await.unwrap_err();
    tokens.access_token(scope).await.unwrap_err();
    vec![
        "Requested 1",
        "Issued",
        "ServedStale",
        "Requested 1",
        "Issued",
        "Rejected",
        "Requested 1",
        "Failed 1",
        "Requested 2",
        "Failed 2",
        "Requested 3",
        "Failed 3",
        "CooldownStarted",
        "Requested 1",
        "Failed 1",
        "CircuitBreakerOpened",
        "CooldownStarted",
    ]
}

#[tokio::test]
async fn all_observers_receive_every_event_once_and_in_order() {
    let sandbox = Sandbox::start().await.unwrap();
    for issuer in Issuer::both(&sandbox) {
        let (clock, observer, other) = (ManualClock::new(), RecordingObserver::new(), RecordingObserver::new());
        let builder = issuer.builder().clock(clock.clone()).observer(observer.clone()).observer(other.clone());
        let tokens = builder.build();
        let wanted = everything(&issuer, &tokens, &clock).await;
        assert_eq!(observer.names(), wanted);
        assert_eq!(other.names(), wanted);
        let stats = tokens.stats();
        assert_eq!((stats.scopes, stats.requests, stats.issued, stats.failed), (1, 6, 2, 4));
        assert_eq!((stats.served_stale, stats.rejected, stats.cooldowns, stats.circuit_breaker_opened), (1, 1, 2, 1));
        assert_eq!((stats.evicted, stats.requests), (0, issuer.provider.requests()));
    }
}

#[tokio::test]
async fn observers_receive_the_scope() {
    let sandbox = Sandbox::start().await.unwrap();
    let observer = RecordingObserver::new();
    let tokens = Issuer::lean(&sandbox).builder().observer(observer.clone()).max_scopes(2).build();
    for number in 1..=3 {
        tokens.access_token(&customer(number)).await.unwrap();
    }
    let all: Vec<Scope> = (1..=3).map(customer).collect();
    assert_eq!(observer.scopes("Requested 1"), all);
    assert_eq!(observer.scopes("Issued"), all);
    assert_eq!((observer.scopes("Evicted").len(), tokens.stats().scopes, tokens.stats().evicted), (1, 2, 1));
}

#[tokio::test]
async fn observers_receive_the_issuer() {
    let sandbox = Sandbox::start().await.unwrap();
    let host = sandbox.base_url().strip_prefix("http://").unwrap();
    for issuer in Issuer::both(&sandbox) {
        for (name, wanted) in [(None, host), (Some("uae"), "uae")] {
            let observer = RecordingObserver::new();
            let builder = name.map_or_else(|| issuer.builder(), |name| issuer.builder().issuer_name(name));
            let tokens = builder.observer(observer.clone()).build();
            tokens.access_token(&issuer.scope).await.unwrap();
            assert_eq!(observer.issuers(), [wanted, wanted]);
        }
    }
}

#[tokio::test]
async fn tracing_events_are_logged_without_tokens() {
    let logs = Logs::record();
    let sandbox = Sandbox::start().await.unwrap();
    let issuer = Issuer::lean(&sandbox);
    let clock = ManualClock::new();
    let builder = issuer.builder().clock(clock.clone()).observer(TracingObserver::default()).max_scopes(1);
    let tokens = builder.issuer_name("uae").build();
    everything(&issuer, &tokens, &clock).await;
    for number in 0..100 {
        tokens.access_token(&customer(number)).await.unwrap_err();
    }
    clock.pass(WHEN_DUE);
    issuer.provider.script().push(Reply::new(503).header("retry-after", "120"));
    tokens.access_token(&issuer.scope).await.unwrap_err();
    let text = logs.text();
    let of_cache: Vec<&str> = text.lines().filter(|line| line.contains("auth_core")).collect();
    for (level, message, count) in [
        ("TRACE", "access token requested", 7),
        ("TRACE", "access token issued", 2),
        ("DEBUG", "access token request failed", 5),
        ("TRACE", "access token due for renewal served", 1),
        ("DEBUG", "access token rejected by a resource server", 1),
        ("DEBUG", "no access token requests for this scope", 3),
        ("WARN", "credentials refused, no access token requests for any scope", 1),
        ("WARN", "suspension requested by the server, no access token requests for any scope", 1),
    ] {
        let lines = of_cache.iter().filter(|line| line.contains(level) && line.contains(message));
        let fields = |line: &&&str| line.contains("scope=api") && line.contains("issuer=\"uae\"");
        let lines: Vec<_> = lines.filter(fields).collect();
        assert_eq!(lines.len(), count, "{level} {message}: {of_cache:#?}");
    }
    let failed: Vec<_> = of_cache.iter().filter(|line| line.contains("access token request failed")).collect();
    assert_eq!(failed.iter().filter(|line| line.contains("reason=\"server_error\"")).count(), 4);
    assert_eq!(failed.iter().filter(|line| line.contains("reason=\"invalid_client\"")).count(), 1);
    for (fields, count) in [
        ("attempt=1}", 5 + 2),
        ("attempt=1 reason=\"server_error\"}", 2 + 1),
        ("attempt=3 reason=\"server_error\"}", 1),
        ("attempt=1 reason=\"invalid_client\"}", 2),
    ] {
        let span = format!("token_request{{issuer=\"uae\" scope=api {fields}");
        assert_eq!(of_cache.iter().filter(|line| line.contains(&span)).count(), count, "{fields}: {of_cache:#?}");
    }
    assert!(of_cache.iter().any(|line| line.contains("TRACE") && line.contains("scope evicted")));
    let evicted = tokens.handle(&customer(77));
    assert!(evicted.cached().is_none());
    assert!(!text.contains(&sandbox.lean_client_secret()) && !text.contains("eyJ"), "neither secret nor a JWT");
}

/// A metrics recorder that keeps counters and values by name and labels.
#[derive(Debug, Default)]
struct Metrics {
    counts: Mutex<BTreeMap<String, Arc<AtomicU64>>>,
    values: Arc<Values>,
}

#[derive(Debug, Default)]
struct Values(Mutex<Vec<f64>>);

impl HistogramFn for Values {
    fn record(&self, value: f64) {
        self.0.lock().unwrap().push(value);
    }
}

/// Name and labels of a metric in the format of Prometheus.
fn written(key: &Key) -> String {
    let labels: Vec<_> = key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
    format!("{}{{{}}}", key.name(), labels.join(","))
}

impl Recorder for Metrics {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(Arc::clone(self.counts.lock().unwrap().entry(written(key)).or_default()))
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        assert_eq!(written(key), "auth_core_token_request_seconds{issuer=uae}");
        Histogram::from_arc(Arc::clone(&self.values))
    }
}

#[tokio::test]
async fn metrics_have_counts_and_times_by_issuer_and_reason() {
    let metrics = Metrics::default();
    let _guard = metrics::set_default_local_recorder(&metrics);
    let sandbox = Sandbox::start().await.unwrap();
    let issuer = Issuer::lean(&sandbox);
    let clock = ManualClock::new();
    let builder = issuer.builder().clock(clock.clone()).observer(MetricsObserver::default()).max_scopes(1);
    let tokens = builder.issuer_name("uae").build();
    everything(&issuer, &tokens, &clock).await;
    // A scope in a cooldown is not evicted.
    clock.pass(2 * WHEN_DUE);
    drop(tokens.handle(&customer(1)));
    let counts = metrics.counts.lock().unwrap();
    let counts: Vec<_> = counts.iter().map(|(name, count)| (name.as_str(), count.load(Ordering::SeqCst))).collect();
    assert_eq!(
        counts,
        [
            ("auth_core_circuit_breaker_opened_total{issuer=uae,reason=invalid_client}", 1),
            ("auth_core_scope_cooldowns_total{issuer=uae}", 2),
            ("auth_core_scopes_evicted_total{issuer=uae}", 1),
            ("auth_core_token_failures_total{issuer=uae,reason=invalid_client}", 1),
            ("auth_core_token_failures_total{issuer=uae,reason=server_error}", 3),
            ("auth_core_token_requests_total{issuer=uae}", 6),
            ("auth_core_tokens_issued_total{issuer=uae}", 2),
            ("auth_core_tokens_rejected_total{issuer=uae}", 1),
            ("auth_core_tokens_served_stale_total{issuer=uae}", 1),
        ]
    );
    assert_eq!(metrics.values.0.lock().unwrap().len(), 2);
}
