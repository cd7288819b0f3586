//! The cost of returning a cached token: `cargo bench -p auth-core --bench hits`.

#![allow(clippy::unwrap_used, reason = "a failed step of a benchmark is a failed benchmark")]

#[allow(dead_code, reason = "each benchmark uses a part of it")]
mod support;

use std::cell::Cell;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use arc_swap::ArcSwapAny;
use auth_core::{AccessToken, Scope, TokenCache, TokenHandle};
use tokio::runtime::{Builder, Runtime};
use tokio::task::unconstrained;

use support::contestants::{Contestant, Kept, Locked, Moka, ours};
use support::customer;
use support::report::{Report, Target, ratio, spread};
use support::rounds::{Contender, Figures, Shared, millions_per_second, nanoseconds};
use support::server::Server;

const HEADER: [&str; 6] = ["", "ns, median of 5", "lowest – highest", "× floor", "target", ""];

fn main() {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let server = Arc::new(Server::new(Duration::ZERO, Duration::from_secs(3_600)));
    pinned(&runtime, &server);
    for scopes in [1_000, 1] {
        by_scope(&runtime, &server, scopes);
    }
    two_threads(&runtime, &server);
}

/// The minimum that an entry of the cache needs: the same token behind the same kind of pointer.
fn floor(token: &AccessToken) -> ArcSwapAny<triomphe::Arc<AccessToken>> {
    ArcSwapAny::new(triomphe::Arc::new(token.clone()))
}

fn warm_handle(runtime: &Runtime, server: &Arc<Server>) -> (TokenHandle, AccessToken) {
    let handle = ours(server).handle(&customer(0));
    let token = runtime.block_on(handle.access_token()).unwrap();
    (handle, token)
}

/// Requests a token repeatedly, in a task that is never made to yield.
fn asking<'run, C: Contestant>(runtime: &'run Runtime, contestant: &'run C, scope: &'run Scope) -> impl Fn(u32) + 'run {
    move |times| {
        runtime.block_on(unconstrained(async {
            for _ in 0..times {
                black_box(contestant.ask(black_box(scope)).await.unwrap_or_else(|()| panic!("no token")));
            }
        }));
    }
}

fn warm(runtime: &Runtime, scope: &Scope, ours: &TokenCache, moka: &Moka, locked: &Locked) {
    runtime.block_on(async {
        ours.ask(scope).await.unwrap();
        moka.ask(scope).await.unwrap();
        locked.ask(scope).await.unwrap();
    });
}

fn pinned(runtime: &Runtime, server: &Arc<Server>) {
    let (handle, token) = warm_handle(runtime, server);
    let swap = floor(&token);
    let lock = tokio::sync::RwLock::new(runtime.block_on(Kept::fetch(server)).unwrap());
    let mut contenders = vec![
        Contender::of("floor: ArcSwap load", || swap.load()),
        Contender::of("TokenHandle::cached", || handle.cached().unwrap()),
        Contender::repeating("TokenHandle::access_token, a counted clone", |times| {
            runtime.block_on(unconstrained(async {
                for _ in 0..times {
                    black_box(handle.access_token().await.unwrap());
                }
            }));
        }),
        Contender::of("floor of that: ArcSwap load_full", || swap.load_full()),
        Contender::repeating("tokio RwLock, expiry by Instant, Arc clone", |times| {
            runtime.block_on(unconstrained(async {
                for _ in 0..times {
                    let kept = lock.read().await;
                    black_box(kept.is_usable().then(|| kept.clone()).unwrap());
                }
            }));
        }),
        Contender::of("alone: Instant::now and SystemTime::now", || (Instant::now(), SystemTime::now())),
    ];
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        use rustix::time::{ClockId, clock_gettime};

        let both = || (clock_gettime(ClockId::MonotonicCoarse), clock_gettime(ClockId::RealtimeCoarse));
        contenders.push(Contender::of("alone: both coarse clocks", both));
    }
    let figures = nanoseconds(&mut contenders);
    print("Warm hit, pinned handle, one thread", &contenders, &figures, Some(Target::AtMost(4.0)));
}

fn by_scope(runtime: &Runtime, server: &Arc<Server>, count: usize) {
    let scopes: Vec<Scope> = (0..count).map(customer).collect();
    let (tokens, moka, locked) = (ours(server), Moka::new(server), Locked::new(server));
    let bare: papaya::HashSet<Scope> = papaya::HashSet::new();
    for scope in &scopes {
        warm(runtime, scope, &tokens, &moka, &locked);
        bare.pin().insert(scope.clone());
    }
    // All contenders iterate over the scopes in the same order, each from its own position.
    let walk = || {
        let (place, scopes) = (Cell::new(0), &scopes);
        move || {
            place.set(if place.get() + 1 < scopes.len() { place.get() + 1 } else { 0 });
            &scopes[place.get()]
        }
    };
    let texts: Vec<&str> = scopes.iter().map(Scope::as_str).collect();
    let walk_texts = || {
        let (place, texts) = (Cell::new(0), &texts);
        move || {
            place.set(if place.get() + 1 < texts.len() { place.get() + 1 } else { 0 });
            texts[place.get()]
        }
    };
    let (next_text, next_parsed) = (walk_texts(), walk_texts());
    let next = [walk(), walk(), walk(), walk(), walk(), walk(), walk()];
    let mut contenders = vec![
        Contender::of("floor: papaya HashSet get, same keys and hasher", || bare.pin().get(next[0]()).is_some()),
        Contender::of("TokenCache::cached", || tokens.cached(next[1]()).unwrap()),
        Contender::of("TokenCache::cached_str", || tokens.cached_str(next_text()).unwrap()),
        Contender::repeating("TokenCache::access_token, a counted clone", |times| {
            walking(runtime, &tokens, &next[2], times)
        }),
        Contender::of("parse, and TokenCache::cached", || {
            tokens.cached(&next_parsed().parse::<Scope>().unwrap()).unwrap()
        }),
        Contender::repeating("moka get, Arc clone", |times| {
            runtime.block_on(unconstrained(async {
                for _ in 0..times {
                    black_box(moka.cache.get(next[3]()).await.unwrap());
                }
            }));
        }),
        Contender::repeating("moka try_get_with_by_ref, Arc clone", |times| walking(runtime, &moka, &next[4], times)),
        Contender::repeating("tokio Mutex<HashMap>, Arc clone", |times| walking(runtime, &locked, &next[5], times)),
        Contender::of("alone: hash of the scope", || std::hash::BuildHasher::hash_one(&hasher(), next[6]())),
    ];
    let figures = nanoseconds(&mut contenders);
    let title = format!("Warm hit by scope, one thread, {count} scopes in turn");
    print(&title, &contenders, &figures, Some(Target::AtMost(1.5)));
}

fn walking<'run, C: Contestant>(runtime: &Runtime, contestant: &C, next: impl Fn() -> &'run Scope, times: u32) {
    runtime.block_on(unconstrained(async {
        for _ in 0..times {
            black_box(contestant.ask(next()).await.unwrap_or_else(|()| panic!("no token")));
        }
    }));
}

/// Has fixed keys, as the hasher of a map does.
fn hasher() -> std::hash::RandomState {
    thread_local!(static STATE: std::hash::RandomState = std::hash::RandomState::new());
    STATE.with(Clone::clone)
}

fn two_threads(runtime: &Runtime, server: &Arc<Server>) {
    let (handle, token) = warm_handle(runtime, server);
    let swap = floor(&token);
    let scope = customer(0);
    let (tokens, moka, locked) = (ours(server), Moka::new(server), Locked::new(server));
    warm(runtime, &scope, &tokens, &moka, &locked);
    let contenders = [
        Shared::of("floor: ArcSwap load", || swap.load()),
        Shared::of("TokenHandle::cached", || handle.cached().unwrap()),
        Shared::of("TokenCache::cached", || tokens.cached(&scope).unwrap()),
        Shared::repeating("TokenCache::access_token, a counted clone", asking(runtime, &tokens, &scope)),
        Shared::of("floor of that: ArcSwap load_full", || swap.load_full()),
        Shared::repeating("moka try_get_with_by_ref, Arc clone", asking(runtime, &moka, &scope)),
        Shared::repeating("tokio Mutex<HashMap>, Arc clone", asking(runtime, &locked, &scope)),
    ];
    let figures = millions_per_second(&contenders);
    let header = ["", "million per s, median of 5", "lowest – highest", "× floor", "target", ""];
    let mut report = Report::new("Warm hit, one scope, two threads together", &header);
    for (index, (contender, &row)) in contenders.iter().zip(&figures).enumerate() {
        let target = (index == 1).then_some(Target::AtLeast(0.4));
        add(&mut report, contender.name, row, &figures[0], target);
    }
}

/// The first contender is the floor, and the second has the target.
fn print(title: &str, contenders: &[Contender<'_>], figures: &[Figures], target: Option<Target>) {
    let mut report = Report::new(title, &HEADER);
    for (index, (contender, &row)) in contenders.iter().zip(figures).enumerate() {
        // In the table of scopes, the lookup by text has it too.
        let has_target = index == 1 || contender.name == "TokenCache::cached_str";
        add(&mut report, contender.name, row, &figures[0], target.filter(|_| has_target));
    }
}

fn add(report: &mut Report, name: &str, row: Figures, floor: &Figures, target: Option<Target>) {
    let times = ratio(&row, floor);
    let [middle, extremes] = spread(row, 1);
    let [target, mark] = Target::cells(target, times);
    report.row([name.to_owned(), middle, extremes, format!("{times:.2}"), target, mark]);
}
