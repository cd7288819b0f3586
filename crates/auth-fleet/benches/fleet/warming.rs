//! How long a new process takes to get the tokens of many scopes from the store, compared with requesting them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use auth_core::{TokenCache, TokenEndpoint};
use auth_fleet::{FleetStats, Shared, Store};
use redis::AsyncCommands as _;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::support::issuer::Issuer;
use crate::support::report::{Report, ratio, spread};
use crate::support::rounds::{Figures, ROUNDS};
use crate::support::{SCOPES, customer, file_store, folder, redis_store, server};

/// How many callers ask at the same time.
const CALLERS: [usize; 2] = [64, 1_000];

/// A way to the tokens, with its figures for each number of callers.
struct Row {
    name: &'static str,
    millis: [Figures; 2],
    /// Requests to the issuer in the round with the most.
    requests: [usize; 2],
}

pub(crate) fn measure(runtime: &Runtime) {
    let (server, folder) = (server(), folder());
    let folder = folder.path().join("store");
    let quick = Issuer::start(Duration::ZERO, 3_600);
    let slow = Issuer::start(Duration::from_millis(20), 3_600);
    runtime.block_on(async {
        // The process that was there before.
        from_store(&quick, redis_store(&server.url()).await, CALLERS[0]).await;
        from_store(&quick, file_store(&folder), CALLERS[0]).await;
    });
    let names = [
        "floor: GET of as many bytes, redis crate",
        "from the store, Redis",
        "from the store, files",
        "requested from an issuer on loopback",
        "requested from one that takes 20 ms",
    ];
    let mut rows = names.map(|name| Row { name, millis: [[0.0; ROUNDS]; 2], requests: [0; 2] });
    for round in 0..ROUNDS {
        for (index, callers) in CALLERS.into_iter().enumerate() {
            for (number, row) in rows.iter_mut().enumerate() {
                let before = [quick.requests(), slow.requests()];
                row.millis[index][round] = runtime.block_on(async {
                    match number {
                        0 => plain(&server.url(), callers).await,
                        1 => from_store(&quick, redis_store(&server.url()).await, callers).await,
                        2 => from_store(&quick, file_store(&folder), callers).await,
                        3 => requested(quick.endpoint(), callers).await,
                        _ => requested(slow.endpoint(), callers).await,
                    }
                });
                let requests = quick.requests() + slow.requests() - before.iter().sum::<usize>();
                row.requests[index] = row.requests[index].max(requests);
            }
        }
    }
    for (index, callers) in CALLERS.into_iter().enumerate() {
        let header = ["", "ms, median of 5", "lowest – highest", "× floor", "requests, at most"];
        let mut report = Report::new(format!("{SCOPES} scopes for a new process, {callers} callers"), &header);
        for row in &rows {
            let [middle, extremes] = spread(row.millis[index], 0);
            let times = format!("{:.2}", ratio(&row.millis[index], &rows[0].millis[index]));
            report.row([row.name.to_owned(), middle, extremes, times, row.requests[index].to_string()]);
        }
    }
}

/// Milliseconds for tokens of the store.
async fn from_store<S: Store>(issuer: &Issuer, store: S, callers: usize) -> f64 {
    let shared = Shared::new(issuer.endpoint(), store);
    let cache = TokenCache::builder(shared.clone()).max_scopes(usize::MAX).build();
    let millis = warm(&cache, callers).await;
    let FleetStats { alone, store_down, .. } = shared.stats();
    if alone + store_down > 0 {
        let kind = std::any::type_name::<S>();
        eprintln!("{kind}, {callers} callers: {alone} requests without the store, which was down {store_down} times");
    }
    millis
}

/// Milliseconds for tokens of the issuer.
async fn requested(endpoint: impl TokenEndpoint, callers: usize) -> f64 {
    warm(&TokenCache::builder(endpoint).max_scopes(usize::MAX).build(), callers).await
}

/// Milliseconds for a token of each scope.
async fn warm(cache: &TokenCache, callers: usize) -> f64 {
    let cache = cache.clone();
    each(callers, move |number| {
        let cache = cache.clone();
        async move { drop(cache.access_token(&customer(number)).await.unwrap()) }
    })
    .await
}

/// Milliseconds for as many values, with the crate that the store uses.
async fn plain(url: &str, callers: usize) -> f64 {
    let client = redis::Client::open(url).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let () = connection.set("floor", vec![b'x'; 1_100]).await.unwrap();
    each(callers, move |_| {
        let mut connection = connection.clone();
        async move { assert_eq!(connection.get::<_, Vec<u8>>("floor").await.unwrap().len(), 1_100) }
    })
    .await
}

/// Runs an operation for each scope, so many at a time.
async fn each<F: Future<Output = ()> + Send + 'static>(
    callers: usize,
    operation: impl Fn(usize) -> F + Send + Sync + 'static,
) -> f64 {
    let (next, operation) = (Arc::new(AtomicUsize::new(0)), Arc::new(operation));
    let began = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..callers {
        let (next, operation) = (Arc::clone(&next), Arc::clone(&operation));
        tasks.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= SCOPES {
                    return;
                }
                operation(number).await;
            }
        });
    }
    tasks.join_all().await;
    began.elapsed().as_secs_f64() * 1e3
}
