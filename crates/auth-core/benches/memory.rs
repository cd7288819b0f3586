//! Allocations per hit and bytes per scope: `cargo bench -p auth-core --bench memory`.
//!
//! A separate benchmark, because counting makes allocations slower.

#![allow(clippy::unwrap_used, reason = "a failed step of a benchmark is a failed benchmark")]

#[allow(dead_code, reason = "each benchmark uses a part of it")]
mod support;

use std::alloc::System;
use std::sync::Arc;
use std::time::Duration;

use auth_core::Scope;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tokio::runtime::{Builder, Runtime};

use support::contestants::{Contestant, Locked, Moka, ours};
use support::customer;
use support::process::{answer, child, resident, run};
use support::report::{Report, Target, spread};
use support::rounds::{Figures, ROUNDS, median};
use support::server::Server;

/// Counts for all threads.
#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const HITS: usize = 10_000;

/// Size of a token in bytes.
const TOKEN: usize = 1_000;

fn main() {
    if let Some([contestant, way, scopes]) = child() {
        answer(&[RESIDENT[contestant].1(WAYS[way].1, scopes)]);
        return;
    }
    // One thread without workers, so that only the measured code is counted.
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let server = Arc::new(Server::new(Duration::ZERO, Duration::from_secs(3_600)));
    hits(&runtime, &server);
    // Smaller numbers are for quick runs.
    let scopes = std::env::var("SCOPES").map_or(1_000_000, |scopes| scopes.parse().unwrap());
    bytes_per_scope(&runtime, &server, scopes);
    resident_bytes_per_scope(scopes);
}

fn hits(runtime: &Runtime, server: &Arc<Server>) {
    let scope = customer(0);
    let (tokens, moka, locked) = (ours(server), Moka::new(server), Locked::new(server));
    runtime.block_on(async {
        tokens.ask(&scope).await.unwrap();
        moka.ask(&scope).await.unwrap();
        locked.ask(&scope).await.unwrap();
    });
    let handle = tokens.handle(&scope);
    let target = Some(Target::AtMost(0.0));
    let title = format!("Warm hit, {HITS} times");
    let mut report = Report::new(title, &["", "allocations per hit", "target", ""]);
    let mut row = |name: &str, target, allocations: usize| {
        #[allow(clippy::cast_precision_loss, reason = "small numbers")]
        let each = allocations as f64 / HITS as f64;
        let [target, mark] = Target::cells(target, each);
        report.row([name.to_owned(), format!("{each}"), target, mark]);
    };
    row("TokenHandle::cached", target, allocations(|| drop(handle.cached().unwrap())));
    row("TokenCache::cached", target, allocations(|| drop(tokens.cached(&scope).unwrap())));
    row("TokenHandle::access_token", target, of_tasks(runtime, async || drop(handle.access_token().await.unwrap())));
    row("TokenCache::access_token", target, of_tasks(runtime, async || drop(tokens.ask(&scope).await.unwrap())));
    let header = of_tasks(runtime, async || drop(tokens.access_token(&scope).await.unwrap().authorization()));
    row("TokenCache::access_token and AccessToken::authorization", None, header);
    row("moka get", None, of_tasks(runtime, async || drop(moka.cache.get(&scope).await.unwrap())));
    row("moka try_get_with_by_ref", None, of_tasks(runtime, async || drop(moka.ask(&scope).await.unwrap())));
    row("tokio Mutex<HashMap>", None, of_tasks(runtime, async || drop(locked.ask(&scope).await.unwrap())));
}

fn allocations(hit: impl Fn()) -> usize {
    // Excludes what a thread allocates at its first use.
    hit();
    let region = Region::new(ALLOCATOR);
    (0..HITS).for_each(|_| hit());
    let change = region.change();
    change.allocations + change.reallocations
}

fn of_tasks(runtime: &Runtime, hit: impl AsyncFn()) -> usize {
    runtime.block_on(async {
        hit().await;
        let region = Region::new(ALLOCATOR);
        for _ in 0..HITS {
            hit().await;
        }
        let change = region.change();
        change.allocations + change.reallocations
    })
}

fn bytes_per_scope(runtime: &Runtime, server: &Arc<Server>, scopes: usize) {
    let title = format!("{scopes} scopes of {} bytes, tokens of {TOKEN} bytes", customer(0).as_str().len());
    let mut report = Report::new(title, &["", "bytes per scope without the token", "target", ""]);
    let mut row = |name: &str, target, bytes: f64| {
        let [target, mark] = Target::cells(target, bytes);
        report.row([name.to_owned(), format!("{bytes:.1}"), target, mark]);
    };
    row("TokenCache", Some(Target::AtMost(200.0)), filled(runtime, scopes, || ours(server)));
    row("papaya HashMap<Scope, Arc<str>>, without expiry", None, papaya(runtime, server, scopes));
    row("tokio Mutex<HashMap>", None, filled(runtime, scopes, || Locked::new(server)));
    row("moka", None, filled(runtime, scopes, || Moka::new(server)));
}

/// How a cache is filled: by this many workers, or on one thread without workers; by this many concurrent callers.
#[derive(Clone, Copy)]
struct Way {
    workers: usize,
    suspends: bool,
    side_by_side: usize,
}

const WAYS: [(&str, Way); 2] = [
    ("one thread, an endpoint that answers immediately", Way { workers: 0, suspends: false, side_by_side: 1 }),
    ("two workers, 64 callers, an endpoint that suspends", Way { workers: 2, suspends: true, side_by_side: 64 }),
];

/// A cache to fill, and the bytes of memory for each entry.
type Resident = (&'static str, fn(Way, usize) -> f64);

const RESIDENT: [Resident; 3] = [
    ("TokenCache", |way, scopes| resident_of(way, scopes, ours)),
    ("tokio Mutex<HashMap>", |way, scopes| resident_of(way, scopes, Locked::new)),
    ("moka", |way, scopes| resident_of(way, scopes, Moka::new)),
];

/// The resident memory, each figure from a separate process.
fn resident_bytes_per_scope(scopes: usize) {
    for (way, (title, _)) in WAYS.iter().enumerate() {
        let title = format!("{scopes} scopes filled by requests: {title}");
        let header = ["", "resident bytes per scope without the token, median of 5", "lowest – highest", "target", ""];
        let mut report = Report::new(title, &header);
        for (contestant, (name, _)) in RESIDENT.iter().enumerate() {
            let mut figures: Figures = [0.0; ROUNDS];
            figures.fill_with(|| {
                let [bytes] = run([contestant, way, scopes]);
                bytes
            });
            let [middle, extremes] = spread(figures, 0);
            let target = (contestant == 0).then_some(Target::AtMost(300.0));
            let [target, mark] = Target::cells(target, median(&mut figures));
            report.row([(*name).to_owned(), middle, extremes, target, mark]);
        }
    }
}

#[allow(clippy::cast_precision_loss, reason = "below 2 to the 52nd")]
fn resident_of<C: Contestant>(way: Way, scopes: usize, cache: impl FnOnce(&Arc<Server>) -> C) -> f64 {
    let runtime = match way.workers {
        0 => Builder::new_current_thread().enable_all().build().unwrap(),
        workers => Builder::new_multi_thread().worker_threads(workers).enable_all().build().unwrap(),
    };
    let server = Server::new(Duration::ZERO, Duration::from_secs(3_600));
    let server = if way.suspends { server.suspending() } else { server };
    let cache = Arc::new(cache(&Arc::new(server)));
    let before = resident();
    runtime.block_on(async {
        let mut callers = tokio::task::JoinSet::new();
        for caller in 0..way.side_by_side {
            let cache = Arc::clone(&cache);
            callers.spawn(async move {
                for number in (caller..scopes).step_by(way.side_by_side) {
                    cache.ask(&customer(number)).await.unwrap_or_else(|()| panic!("no token"));
                }
            });
        }
        callers.join_all().await;
    });
    (resident() - before) / scopes as f64 - TOKEN as f64
}

/// Bytes allocated and not freed by the cache and its dependencies, without the bytes of the tokens.
fn filled<C: Contestant>(runtime: &Runtime, scopes: usize, cache: impl FnOnce() -> C) -> f64 {
    held(scopes, || {
        let cache = cache();
        runtime.block_on(async {
            for number in 0..scopes {
                // The scope is created for each call, so that its copy in the cache is counted.
                let scope: Scope = customer(number);
                cache.ask(&scope).await.unwrap_or_else(|()| panic!("no token"));
            }
            // Finished tasks are freed when the runtime next polls.
            tokio::task::yield_now().await;
        });
        cache
    })
}

/// The minimum for a concurrent map with these keys and values.
fn papaya(runtime: &Runtime, server: &Arc<Server>, scopes: usize) -> f64 {
    held(scopes, || {
        let map: papaya::HashMap<Scope, Arc<str>> = papaya::HashMap::new();
        for number in 0..scopes {
            let token = runtime.block_on(server.token()).unwrap();
            map.pin().insert(customer(number), token.into());
        }
        map
    })
}

#[allow(clippy::cast_precision_loss, reason = "below 2 to the 52nd")]
fn held<T>(scopes: usize, fill: impl FnOnce() -> T) -> f64 {
    let region = Region::new(ALLOCATOR);
    let filled = fill();
    let change = region.change();
    drop(filled);
    // For reallocations, the allocator counts the difference as allocated or deallocated.
    let bytes = change.bytes_allocated as f64 - change.bytes_deallocated as f64;
    bytes / scopes as f64 - TOKEN as f64
}
