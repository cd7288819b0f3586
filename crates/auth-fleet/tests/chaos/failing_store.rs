//! The store fails: it dies, loses everything, is blocked, is full, or the network before it is bad.

use std::time::Duration;

use crate::boot_clock;
use crate::fleet::Fleet;
use crate::outcome::{Outcome, print_head, since};
use crate::records::duplicates;
use crate::redis_proxy::Proxy;
use crate::redis_server::Server;
use crate::scale::Scale;
use crate::worker;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_store_is_dead_each_process_has_its_own_tokens() {
    if worker::is_done().await {
        return;
    }
    let Some(mut server) = Server::start() else { return };
    let test = "failing_store::while_the_store_is_dead_each_process_has_its_own_tokens";
    let mut fleet = behind_a_proxy(test, &server).await.1;
    for _ in 0..turns(&fleet) {
        server.kill();
        fleet.until_down().await;
        fleet.listen(fleet.scale.gap).await;
        server.restart();
        is_shared_again(&mut fleet, "the store was killed and is empty").await;
    }
    conclude(&mut fleet, "redis: killed, restarted empty").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_store_is_blocked_or_full_each_process_has_its_own_tokens() {
    if worker::is_done().await {
        return;
    }
    let Some(server) = Server::with(&["--enable-debug-command", "local"]) else { return };
    let test = "failing_store::while_the_store_is_blocked_or_full_each_process_has_its_own_tokens";
    let mut fleet = behind_a_proxy(test, &server).await.1;
    for _ in 0..turns(&fleet) {
        let blocked = fleet.scale.store_timeout * 3;
        std::thread::scope(|scope| {
            scope.spawn(|| server.command(&["DEBUG", "SLEEP", &blocked.as_secs_f64().to_string()]));
        });
        is_shared_again(&mut fleet, "the store was blocked").await;
        server.command(&["CONFIG", "SET", "maxmemory", "1"]);
        fleet.until_down().await;
        fleet.listen(fleet.scale.gap).await;
        server.command(&["CONFIG", "SET", "maxmemory", "0"]);
        is_shared_again(&mut fleet, "the store was full").await;
    }
    conclude(&mut fleet, "redis: blocked, full").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_network_that_cuts_and_delays_costs_at_most_a_token_for_each_process() {
    if worker::is_done().await {
        return;
    }
    let Some(server) = Server::start() else { return };
    let test = "failing_store::a_network_that_cuts_and_delays_costs_at_most_a_token_for_each_process";
    let (proxy, mut fleet) = behind_a_proxy(test, &server).await;
    for _ in 0..turns(&fleet) {
        proxy.delay(Duration::from_millis(200));
        for _ in 0..5 {
            fleet.listen(fleet.scale.gap * 2).await;
            proxy.cut();
        }
        proxy.delay(Duration::ZERO);
        is_shared_again(&mut fleet, "the network was bad").await;
    }
    conclude(&mut fleet, "redis: connections cut and delayed").await;
}

/// A fleet whose store is behind a proxy, after every process has had tokens.
async fn behind_a_proxy(test: &'static str, server: &Server) -> (Proxy, Fleet) {
    let proxy = Proxy::start(server.port).await;
    let mut fleet = Fleet::working(test, Scale::get(), Some(proxy.url())).await;
    fleet.listen(fleet.scale.gap * 3).await;
    (proxy, fleet)
}

/// How often each trouble comes.
fn turns(fleet: &Fleet) -> usize {
    if fleet.scale.is_large() { 3 } else { 1 }
}

/// Checks that all processes use the store again, and that a token costs one request again.
async fn is_shared_again(fleet: &mut Fleet, after: &str) {
    fleet.until_up().await;
    // Requests that were sent without the store have arrived.
    fleet.listen(fleet.scale.request_deadline).await;
    let calm = boot_clock::now();
    fleet.listen(fleet.scale.lifetime()).await;
    let mints = since(&fleet.issuer.mints(), calm);
    assert!(mints.len() >= fleet.scale.scopes / 2, "no token was renewed after {after}");
    assert_eq!(duplicates(&mints, fleet.scale.closest()), 0, "after {after}: {:?}", fleet.account.downs);
}

async fn conclude(fleet: &mut Fleet, what: &str) {
    fleet.end().await;
    print_head();
    let outcome = Outcome::of(what, fleet);
    outcome.check();
    assert!(!outcome.downs.is_empty(), "there was no trouble");
}
