//! A hit of a cache whose endpoint shares its tokens, compared with a hit of one whose endpoint does not.

use std::hint::black_box;
use std::time::Duration;

use auth_core::{Scope, TokenCache};
use auth_fleet::Shared;
use tokio::runtime::Runtime;
use tokio::task::unconstrained;

use crate::support::issuer::Issuer;
use crate::support::report::{Report, Target, ratio, spread};
use crate::support::rounds::{Contender, Figures, nanoseconds};
use crate::support::{customer, redis_store, server};

pub(crate) fn measure(runtime: &Runtime) {
    let (server, issuer) = (server(), Issuer::start(Duration::ZERO, 3_600));
    let store = runtime.block_on(redis_store(&server.url()));
    let alone = TokenCache::new(issuer.endpoint());
    let again = TokenCache::new(issuer.endpoint());
    let shared = TokenCache::new(Shared::new(issuer.endpoint(), store));
    let scope = customer(0);
    let names = ["over the endpoint", "the same again", "over `Shared`"];
    let caches = [&alone, &again, &shared];
    for cache in caches {
        runtime.block_on(cache.access_token(&scope)).unwrap();
    }

    let handles = caches.map(|cache| cache.handle(&scope));
    let mut contenders: Vec<_> = handles
        .iter()
        .zip(names)
        .map(|(handle, name)| Contender::of(name, || black_box(handle.cached()).unwrap()))
        .collect();
    print("TokenHandle::cached", &names, &nanoseconds(&mut contenders));

    let mut contenders: Vec<_> = caches
        .iter()
        .zip(names)
        .map(|(cache, name)| Contender::repeating(name, asking(runtime, cache, &scope)))
        .collect();
    print("TokenCache::access_token", &names, &nanoseconds(&mut contenders));
}

/// Asks for a token repeatedly, in a task that is never made to yield.
fn asking<'run>(runtime: &'run Runtime, cache: &'run TokenCache, scope: &'run Scope) -> impl Fn(u32) + 'run {
    move |times| {
        runtime.block_on(unconstrained(async {
            for _ in 0..times {
                black_box(cache.access_token(black_box(scope)).await.unwrap());
            }
        }));
    }
}

fn print(operation: &str, names: &[&str], figures: &[Figures]) {
    let header = ["", "ns, median of 5", "lowest – highest", "×", "target", ""];
    let mut report = Report::new(format!("Warm hit, {operation}, one thread"), &header);
    for (index, (name, &row)) in names.iter().zip(figures).enumerate() {
        let times = ratio(&row, &figures[0]);
        let [middle, extremes] = spread(row, 1);
        let [target, mark] = Target::cells((index == 2).then_some(Target::AtMost(1.02)), times);
        report.row([(*name).to_owned(), middle, extremes, format!("{times:.3}"), target, mark]);
    }
}
