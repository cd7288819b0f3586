//! Logs and metrics of shared tokens. One test, because the log is that of the process.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

#[path = "support/endpoint.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod endpoint;
#[path = "support/memory.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod memory;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use auth_core::{MetricsObserver, Scope, TokenEndpoint, TracingObserver};
use auth_fleet::{Shared, StoreErrorKind};
use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use tokio::time::sleep;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::util::SubscriberInitExt;

use crate::endpoint::TestEndpoint;
use crate::memory::{Faults, MemoryStore};

/// What was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Keeps counters and gauges by name and labels; a gauge as the bits of its value.
#[derive(Clone, Default)]
struct Metrics(Arc<Mutex<BTreeMap<String, Arc<AtomicU64>>>>);

impl Metrics {
    fn value(&self, key: &Key) -> Arc<AtomicU64> {
        let labels: Vec<_> = key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
        Arc::clone(self.0.lock().unwrap().entry(format!("{}{{{}}}", key.name(), labels.join(","))).or_default())
    }
}

impl Recorder for Metrics {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.value(key))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.value(key))
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        assert_eq!(key.name(), "auth_fleet_wait_seconds");
        Histogram::noop()
    }
}

#[tokio::test(start_paused = true)]
async fn logs_spans_and_metrics_say_what_happened_and_show_no_secret() {
    let (log, metrics) = (Log::default(), Metrics::default());
    let writer = log.clone();
    tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_ansi(false)
        .with_span_events(FmtSpan::CLOSE)
        .with_writer(move || writer.clone())
        .finish()
        .init();
    let _guard = metrics::set_default_local_recorder(&metrics);

    let (store, endpoint, scope) = (MemoryStore::new(), TestEndpoint::default(), Scope::empty());
    let shared = || {
        Shared::builder(endpoint.clone(), store.clone())
            .observer(TracingObserver::default())
            .observer(MetricsObserver::default())
            .issuer_name("uae")
            .build()
    };
    let (one, other) = (shared(), shared());
    let (led, waited) = tokio::join!(one.request_token(&scope), other.request_token(&scope));
    let token = led.unwrap().access_token;
    waited.unwrap();
    one.request_token(&scope).await.unwrap();
    store.tamper(|value| value[20] ^= 1);
    one.request_token(&scope).await.unwrap();
    let unreachable = Some(StoreErrorKind::Unreachable);
    store.set_faults(Faults { reads: unreachable, writes: unreachable, ..Faults::default() });
    one.request_token(&scope).await.unwrap();
    let is_down = |metrics: &Metrics| {
        let value = metrics.0.lock().unwrap()["auth_fleet_store_is_down{issuer=uae}"].load(Ordering::SeqCst);
        f64::from_bits(value) > 0.5
    };
    assert!(is_down(&metrics));
    store.set_faults(Faults::default());
    sleep(Duration::from_secs(2)).await;
    one.request_token(&scope).await.unwrap();
    assert!(!is_down(&metrics));

    let counts = metrics.0.lock().unwrap();
    let counts: Vec<_> = counts.iter().map(|(name, count)| (name.as_str(), count.load(Ordering::SeqCst))).collect();
    assert_eq!(
        counts,
        [
            ("auth_fleet_alone_total{issuer=uae}", 1),
            ("auth_fleet_hits_total{issuer=uae}", 2),
            ("auth_fleet_led_total{issuer=uae}", 2),
            ("auth_fleet_not_opened_total{issuer=uae}", 1),
            ("auth_fleet_store_down_total{issuer=uae,reason=unreachable}", 1),
            ("auth_fleet_store_is_down{issuer=uae}", 0),
            ("auth_fleet_store_up_total{issuer=uae}", 1),
            ("auth_fleet_waited_total{issuer=uae}", 1),
        ]
    );

    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for line in [
        "WARN shared_token{issuer=\"uae\" scope=}: auth_fleet::observe::tracing: store down, this process requests its own access \
         tokens",
        "INFO shared_token{issuer=\"uae\" scope=}: auth_fleet::observe::tracing: store up again",
        "WARN shared_token{issuer=\"uae\" scope=}: auth_fleet::observe::tracing: entry of the store not opened, check the keys",
        "access token requested for all processes",
        "waited for the request of another process",
        "access token of the store taken",
        "access token requested without the store",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    for outcome in ["hit", "led", "waited", "alone"] {
        let closed = text.lines().filter(|line| line.contains(&format!("outcome=\"{outcome}\"")));
        assert!(closed.clone().any(|line| line.contains("close")), "{outcome}: {text}");
    }
    for secret in [token.expose(), "s3cret", TestEndpoint::CLIENT_ID, "AAEC"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}
